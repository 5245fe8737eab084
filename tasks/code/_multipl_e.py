"""MultiPL-E: HumanEval's problems in other languages, translated with their tests (Cassano et al. 2022).

A prompt ends inside the function that it asks for; the tests close it and follow it in one file. Fifteen seconds a
sample, as in the benchmark's own evaluation; a build has a minute. There is no reference solution; the
gold are the tests.
"""

from functools import partial

from rarl_eval.sandbox import Program
from rarl_eval.sandbox.foreign import assembled
from rarl_eval.sandbox.grade import grade
from rarl_eval.types import Item, Message, Row, Source, Task, Verdict

SECONDS = 15.0
TITLES = {"cpp": "C++", "go": "Go", "java": "Java", "js": "JavaScript", "rs": "Rust"}


def task(language: str) -> Task:
    """Return the benchmark in a language, by its name in the data set."""
    return Task(
        name=f"multipl_e_{language}",
        domain="code",
        source=Source(
            path="nuprl/MultiPL-E",
            name=f"humaneval-{language}",
            split="test",
            licence="MIT",
            released="2022-08-17",
        ),
        item=item,
        verify=partial(verify, language),
        runs_code=True,
        prompt=partial(prompt, language),
        style="zero-shot",
        paper="https://arxiv.org/abs/2208.08227",
    )


def item(row: Row) -> Item:
    """Read one problem."""
    return Item(
        id=row["name"],
        question=row["prompt"],
        gold=row["tests"].strip(),
        tests=row["tests"],
        meta={"stops": list(row.get("stop_tokens") or ())},
    )


def program(language: str, item: Item, answer: str) -> tuple[Program | None, str]:
    """Return what is built and run, None where the answer holds no code, and the code."""
    found = assembled(language, item.question, item.tests or "", item.meta["stops"], answer)
    if found is None:
        return None, ""
    return Program(code=found.code, tests=found.tests, language=language, seconds=SECONDS), found.code


def verify(language: str, item: Item, answer: str) -> Verdict:
    """Build the function with its tests, and run them."""
    return grade(*program(language, item, answer))


def prompt(language: str, item: Item) -> list[Message]:
    """Ask for the whole function in one fenced block."""
    asked = f"Complete this {TITLES[language]} function. Reply with the whole function in one ```{language} block.\n\n"
    return [Message(role="user", content=f"{asked}```{language}\n{item.question}\n```")]
