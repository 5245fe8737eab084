"""Every benchmark file: what it says of itself, its items, and its verifier on its own golds.

The small fixtures hold rows of the hub's schema that were written for these tests; the whole benchmarks are read
where the folder of real data is.
"""

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.types import UNANSWERABLE, Benchmark, Item, Task

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
REFERENCES = {name: ref for name, ref in registry.task_names().items() if re.match(r"rarl_eval\.tasks\.\w+\.\w+:", ref)}
TASKS = [task for task in registry.tasks("all") if task.name in REFERENCES]
NAMES = [task.name for task in TASKS]
# Tasks whose answers are programs are run in the sandbox, and tested with it.
JUDGED = [task for task in TASKS if task.verify.__module__.startswith("rarl_eval.answers")]
RULED = [task for task in JUDGED if not task.judged]
LICENCE = re.compile(r"unknown|[A-Za-z0-9]+(?:[-.+][A-Za-z0-9]+)*")  # an SPDX identifier, or what is honest


@pytest.fixture(params=TASKS, ids=NAMES)
def task(request: pytest.FixtureRequest) -> Task:
    found: Task = request.param
    return found


@pytest.fixture(params=JUDGED, ids=[task.name for task in JUDGED])
def judged(request: pytest.FixtureRequest) -> Task:
    found: Task = request.param
    return found


@pytest.fixture
def small(judged: Task) -> Benchmark:
    return data.load(judged, {judged.name: str(FIXTURES / f"{judged.name}.jsonl")})


@pytest.fixture(params=RULED, ids=[task.name for task in RULED])
def ruled(request: pytest.FixtureRequest) -> Benchmark:
    """A small benchmark whose answers a rule judges."""
    task: Task = request.param
    return data.load(task, {task.name: str(FIXTURES / f"{task.name}.jsonl")})


def test_a_task_says_what_it_is(task: Task) -> None:
    """Name is the file's stem, domain its folder; licence, paper and a real release date (or none) are given; no revision is guessed."""
    assert REFERENCES[task.name] == f"rarl_eval.tasks.{task.domain}.{task.name}:TASK"
    assert LICENCE.fullmatch(task.source.licence)
    assert task.source.released is None or date.fromisoformat(task.source.released) <= datetime.now(UTC).date()
    assert task.paper.startswith("https://")
    assert task.source.revision is None or re.fullmatch(r"[0-9a-f]{40}", task.source.revision)
    assert re.fullmatch(r"(?:github:)?[\w.-]+/[\w.-]+", task.source.path)
    assert task.version >= 1


def test_a_task_file_is_short_and_documented(judged: Task) -> None:
    """A benchmark is one file of at most 80 lines whose docstring says what it is."""
    path = ROOT / "tasks" / judged.domain / f"{judged.name}.py"
    text = path.read_text(encoding="utf-8")
    assert text.startswith(('"""', 'r"""'))
    assert len(text.splitlines()) <= 80


def test_items_of_the_hubs_schema(small: Benchmark) -> None:
    """Rows as the hub stores them become items with unique keys and ids, a question and a gold."""
    items = small.items
    assert len(items) >= 2
    assert len({item.key for item in items}) == len(items)
    assert len({item.id for item in items}) == len(items)
    assert all(item.question and item.gold for item in items)
    assert all(item.gold in "ABCDEFGHIJ"[: len(item.choices)] for item in items if item.choices)


def test_the_gold_passes_and_a_perturbed_gold_fails(ruled: Benchmark) -> None:
    """Each item's gold passes its own verifier; the same gold, changed, does not, nor does another item's."""
    verify = ruled.task.verify
    for item in ruled.items:
        if ruled.task.name == "livecodebench":
            continue  # it has no reference solution; tests/tasks/test_code.py runs written ones
        assert verify(item, item.gold).status == "correct", item
        for wrong in perturbed(item):
            assert verify(item, wrong).status in {"incorrect", "no_answer", "ambiguous", "crash"}, (item, wrong)


def test_the_gold_passes_in_a_sentence(ruled: Benchmark) -> None:
    """A worked answer that ends in the gold passes, and one that is cut off before it does not."""
    verify = ruled.task.verify
    for item in ruled.items:
        if item.gold.startswith("[") or item.tests is not None:
            continue
        assert verify(item, f"Let me think about 7 things.\n\nThe answer is {item.gold}").status == "correct", item
        assert verify(item, f"I get \\boxed{{{item.gold}").status == "no_answer", item


@pytest.mark.parametrize("task", [task for task in JUDGED if task.judged], ids=lambda task: task.name)
def test_a_judged_task_is_never_wrong_without_a_judge(task: Task) -> None:
    """Free text is unjudged, neither right nor wrong; what answers nothing is no answer."""
    for item in data.load(task, {task.name: str(FIXTURES / f"{task.name}.jsonl")}).items:
        assert task.verify(item, item.gold).status in {"unjudged", "correct"}  # a rule may find it equal
        for answer in ("It is something else.", "Answer: gout"):
            verdict = task.verify(item, answer)
            assert (verdict.status, verdict.correct) == ("unjudged", None)
        assert {task.verify(item, empty).status for empty in ("", " : ", item.question)} == {"no_answer"}


def test_the_prompt_asks_the_question(small: Benchmark) -> None:
    """The prompt holds question, context and options, and never the gold of a free answer."""
    for item in small.items:
        asked = "\n".join(message.content for message in small.task.prompt(item))
        assert item.question in asked
        assert item.context in asked
        assert all(choice in asked for choice in item.choices)


def perturbed(item: Item) -> list[str]:
    """Change a gold: another letter, another number, another word, another shape."""
    if item.tests is not None:
        return ["", "Solution", "xylophone", "```python\ndef nothing(): pass\n```"]
    if item.gold == UNANSWERABLE:
        return ["12345", "The answer is 12.", "\\boxed{0}", "", ":"]
    if item.choices:
        return [letter for letter in "ABCDEFGHIJ"[: len(item.choices)] if letter != item.gold]
    changed = [re.sub(r"\d+", lambda m: str(int(m[0]) + 1), item.gold, count=1)] if re.search(r"\d", item.gold) else []
    return [*changed, f"{item.gold} or 12345", "", ":", "Solution", "xylophone"]


def test_tasks_import_nothing_heavy() -> None:
    """Importing every task loads no pandas, datasets, numba, torch or sympy."""
    script = (
        "import sys; from rarl_eval import registry; registry.tasks('all')\n"
        "print([m for m in ('pandas', 'datasets', 'numba', 'torch', 'sympy', 'math_verify', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_every_task_has_a_fixture() -> None:
    """No benchmark goes without rows of its schema, and no fixture without a benchmark."""
    fixtures = {path.stem for path in FIXTURES.glob("*.jsonl")}
    assert {task.name for task in JUDGED} <= fixtures <= set(NAMES)


ROWS = {
    "gsm8k": 1319,
    "svamp": 1000,
    "math500": 500,
    "aime24": 30,
    "aqua": 254,
    "hendrycks_math": 5000,
    "amc23": 40,
    "olympiadbench": 675,
    "minerva": 272,
    "medmcqa": 4183,
    "mmlu_medical": 1089,
    "cruxeval_output": 800,
    "cruxeval_input": 800,
    "humaneval": 164,
    "mbpp": 500,
    "tatqa": 1663,
    "medqa": 1273,
    "pubmedqa": 500,
    "convfinqa": 421,
}
# Golds that no rule reads: "f(x)=ax+b, where b is an arbitrary integer, and ..." is a sentence.
UNREADABLE = {"olympiadbench": 1}


def test_the_whole_benchmark(judged: Task, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from local files: the row count is exact, and at most 0.5 % of the golds fail their own verifier."""
    monkeypatch.setenv("RARL_EVAL_DATA", str(shared))
    if judged.name not in ROWS:
        pytest.skip(f"{judged.name} is not in the folder of real data")
    benchmark = data.load(judged)
    assert len(benchmark.items) == ROWS[judged.name]
    failing = [item.id for item in benchmark.items if judged.verify(item, item.gold).status != "correct"]
    assert len(failing) <= UNREADABLE.get(judged.name, 0)
    assert len(failing) <= 0.005 * len(benchmark.items)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("svamp", "math/qwen_math_eval/svamp.test.jsonl"),
        ("gsm8k", "math/qwen_math_eval/gsm8k.test.jsonl"),
    ],
)
def test_two_files_of_one_benchmark_have_the_same_keys(name: str, other: str, shared: Path) -> None:
    """Keys are of the content: another repository's copy of a benchmark joins with the first, in any order."""
    task = registry.tasks(name)[0]
    path = next(p for p in (shared / other, shared / f"{other}.gz") if p.is_file())
    local = next(p for n in task.source.local for p in (shared / n, shared / f"{n}.gz") if p.is_file())
    one, two = (data.load(task, {name: str(p)}) for p in (path, local))
    assert {item.key for item in one.items} == {item.key for item in two.items}


def test_hub_and_local_layouts_give_one_item() -> None:
    """The two layouts of MedQA and of PubMedQA that a task reads are one item when they say the same."""
    medqa, pubmedqa = registry.tasks("medqa,pubmedqa")
    options = {"A": "Gout", "B": "Croup", "C": "Asthma", "D": "Flu"}
    hub = {"id": "x", "sent1": "Which?", "label": 1, **{f"ending{i}": text for i, text in enumerate(options.values())}}
    local = {"realidx": 0, "question": "Which?", "options": options, "answer_idx": "B", "answer": "Croup"}
    assert one(medqa, hub).key == one(medqa, local).key
    nested = {"id": "1", "data": {"Question": "Does it?", "Context": ["One.", "Two."], "Correct Answer": "no"}}
    flat = {"realidx": "1", "question": "One.\nTwo.\nDoes it?", "answer": "no", "answer_rationale": "It does not."}
    assert one(pubmedqa, nested).key == one(pubmedqa, flat).key


def test_tatqa_reads_the_flat_layout_too() -> None:
    """A row that holds one question with its table as text is a question of TAT-QA."""
    task = registry.tasks("tatqa")[0]
    flat = {
        "question_id": "q", "question": "How much?", "answer": ["5.0"], "answer_type": "span", "scale": "million",
        "derivation": "", "text": "In millions.", "table": "Total | 5.0\n",
    }  # fmt: skip
    assert task.rows is not None
    assert task.rows(flat) == [flat]
    assert one(task, flat).gold == "5.0 million"


def one(task: Task, row: dict[str, object]) -> Item:
    item = task.item(row)
    assert item is not None
    return item


@pytest.mark.parametrize("column", ["question", "problem"])
def test_amc23_is_read_by_the_column_of_either_repository(column: str) -> None:
    """The hub's rows call the problem ``question``, the other repository's ``problem``."""
    (task,) = registry.tasks("amc23")
    item = task.item({"id": 0, column: "What is 3 and 5 in all?", "answer": "8.0", "url": "https://example.org"})
    assert item is not None
    assert (item.question, item.gold) == ("What is 3 and 5 in all?", "8")
