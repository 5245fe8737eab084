"""BigCodeBench: functions that call libraries, completed from a head and judged by unit tests (Zhuo et al. 2024).

Its tests lean on mocks, files and some seventy packages: what the sandbox does not have or let through is
``cannot_judge``, in no figure; ``--sandbox docker:IMAGE`` brings the packages. 240 s a sample in the authors' runner;
sixty seconds of processor time here.
"""

from rarl_eval.sandbox import Program
from rarl_eval.sandbox.grade import grade, passed
from rarl_eval.sandbox.replies import completed
from rarl_eval.types import Item, Message, Row, Source, Task, Verdict

SECONDS = 60.0
PACKAGES = (
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "matplotlib",
    "seaborn",
    "sympy",
    "requests",
    "bs4",
    "nltk",
    "dateutil",
)
"""Those that most of its problems use, where they are installed."""
_RUN = (
    "\nfrom unittest import TestResult, defaultTestLoader\n_found = TestResult()\n"
    "defaultTestLoader.loadTestsFromTestCase(TestCases).run(_found)\n"
    "assert _found.wasSuccessful(), str([*_found.failures, *_found.errors][0][1])[-300:]\n"
)


def item(row: Row) -> Item:
    """Read one problem in its completing form."""
    return Item(
        id=row["task_id"],
        question=row["complete_prompt"],
        gold=row["complete_prompt"] + row["canonical_solution"],
        tests=row["test"] + _RUN,
        meta={"entry": row["entry_point"], "head": row["code_prompt"]},
    )


def program(item: Item, answer: str) -> tuple[Program | None, str]:
    """Return what is run, None where the answer holds no code, and what is shown of it."""
    entry = item.meta["entry"]
    whole, shown = completed(item.question, answer, entry)
    if whole is None:
        return None, shown
    return Program(code=whole, tests=item.tests or "", names=(entry,), seconds=SECONDS), shown


def verify(item: Item, answer: str) -> Verdict:
    """Run the unit tests on the completed function."""
    return grade(*program(item, answer))


def score(item: Item, answer: str) -> dict[str, float | None]:
    """Return the share of the unit tests that pass."""
    return passed(program(item, answer)[0])


def prompt(item: Item) -> list[Message]:
    """Ask for the whole function in one fenced block."""
    asked = "Complete this Python function. Reply with the whole program in one ```python block.\n\n"
    return [Message(role="user", content=f"{asked}```python\n{item.question}\n```")]


TASK = Task(
    name="bigcodebench",
    domain="code",
    source=Source(path="bigcode/bigcodebench", split="v0.1.4", licence="Apache-2.0", released=None),
    item=item,
    verify=verify,
    score=score,
    runs_code=True,
    packages=PACKAGES,
    prompt=prompt,
    style="zero-shot",
    paper="https://arxiv.org/abs/2406.15877",
)
