"""Numbers of an answer and what they rest on: the context, the question, a computation, or nothing."""

from pathlib import Path

import pytest

from rarl_eval.answers.support import support
from rarl_eval.report.build import build_report
from rarl_eval.runs import store
from rarl_eval.types import Item

CONTEXT = "Revenue (in millions) | 2019 | 2018\nFixed | $1,452.4 | $1,146.2\nOther | 44.1 | 56.7\nStaff | 312 | 289"
QUESTION = "By how much did fixed revenue change in 2019?"

SUPPORTED = [
    "It was $1,452.4 million.",
    "The change is 306.2.",  # 1,452.4 - 1,146.2
    "An increase of 26.71%.",  # as a change in percent
    "Fixed and other came to 1,496.5.",
    "The ratio is 1.27.",
    "The mean is 1299.3.",
    "44.1 + 56.7 + 312 = 412.8",  # three numbers, but shown
    "First 1,452.4 - 1,146.2 = 306.2, and per head that is 0.98.",  # 306.2 / 312: computed with what was computed
    "1. The fixed part.\n2. The other part.\nThe answer is 306.2.",
    "There are 3 rows.",
    "-306.2",
    "1,452,400,000",
    "No number at all.",
]
UNSUPPORTED = [
    ("It was 1,777.7.", ("1,777.7",)),
    ("It rose by 26.9%.", ("26.9%",)),
    ("The total is 412.8.", ("412.8",)),  # three numbers, not shown
    ("1,452.4 - 1,146.2 = 316.2", ("316.2",)),  # shown, and wrong
    ("77.3 + 91.9 = 169.2, so 169.2", ("77.3", "91.9", "169.2", "169.2")),  # worked out of nothing
]


@pytest.mark.parametrize("answer", SUPPORTED)
def test_what_the_context_gives_is_supported(answer: str) -> None:
    """A number of the context, or one computation away from it, is missing in no list."""
    found = support(Item(id="1", question=QUESTION, context=CONTEXT, gold="306.2"), answer)
    assert found is not None
    assert found.unsupported == ()


@pytest.mark.parametrize(("answer", "missing"), UNSUPPORTED)
def test_what_nothing_gives_is_named(answer: str, missing: tuple[str, ...]) -> None:
    """A number that no computation reaches is shown as written, each time it stands there."""
    found = support(Item(id="1", question=QUESTION, context=CONTEXT, gold="306.2"), answer)
    assert found is not None
    assert found.unsupported == missing


def test_without_a_context_nothing_is_asked() -> None:
    """A word problem's numbers may come from anywhere."""
    assert support(Item(id="1", question="What is 2 + 3?", gold="5"), "777.7") is None


def test_chance_grows_with_the_context() -> None:
    """The more numbers a context holds, the more of those nearby are reached, and the answer says how many."""
    few = support(Item(id="1", question="q", context="12.5 and 80.25", gold="1"), "12.5")
    many = support(Item(id="1", question="q", context=" ".join(str(i * 7.3) for i in range(150)), gold="1"), "73.0")
    assert few is not None
    assert many is not None
    assert (few.chance, few.checked) == (0.0, 1)
    assert many.chance is not None
    assert many.chance > 0.5


def test_hostile_numbers_end() -> None:
    """Zeros, huge digits and a wall of numbers are bounded work and no error."""
    item = Item(id="1", question="q", context="0 0.0 " + "9" * 300 + " 1e308 " + "3.7 " * 5000, gold="1")
    found = support(item, "0 / 0 = 0, " + "8.25 " * 5000 + "7" * 500)
    assert found is not None
    assert found.checked <= 100


def test_it_becomes_a_reward_and_a_row(tmp_path: Path, cli) -> None:
    """`reward -w supported` scores a run, keeps the missing numbers, and the report counts the answers."""
    import json

    (tmp_path / "mine.py").write_text(
        "from rarl_eval import prompts\nfrom rarl_eval.answers import verify_number\nfrom rarl_eval.types import Item, Source, Task\n\n\n"
        "def item(row):\n    return Item(id=row['id'], question=row['q'], context=row['c'], gold=row['g'])\n\n\n"
        "TASK = Task(name='mine', domain='finance', source=Source(path='you/mine', split='test', licence='CC0-1.0', released='2026-01-01'),\n"
        "            item=item, verify=verify_number, prompt=prompts.worked, paper='https://example.org')\n"
    )
    rows = [{"id": str(i), "q": f"{QUESTION} {i}", "c": CONTEXT, "g": "306.2"} for i in range(4)]
    replies = ["The answer is 306.2", "The answer is 777.7", "The answer is unclear", "1,452.4 - 1,146.2 = 306.2"]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "out.jsonl").write_text(
        "\n".join(json.dumps({"id": str(i), "output": r}) for i, r in enumerate(replies))
    )
    task = ("--task", tmp_path / "mine.py", "--source", f"mine={tmp_path / 'rows.jsonl'}")
    assert (
        cli("score", tmp_path / "out.jsonl", *task, "--trust-ids", "--model", "m", "--out", tmp_path / "run").returncode
        == 0
    )
    done = cli("reward", "-r", tmp_path / "run", "-w", "supported")
    assert done.returncode in {0, 1}, done.stderr
    (row,) = build_report([store.read_run(tmp_path / "run")])["rows"]
    assert (row["unsupported"]["n"], row["unsupported"]["share"]["value"]) == (3, pytest.approx(1 / 3))
    kept = {e.slot[1]: e.detail for e in store.read_entries(tmp_path / "run", traps=False)}
    assert [d["unsupported"] for d in kept.values() if d.get("unsupported")] == [["777.7"]]


def test_on_computed_golds_of_tatqa(shared: Path) -> None:
    """Of 705 golds given without their working 650 are supported, the others taking three numbers or a constant."""
    import importlib.util
    import sys

    path = Path(__file__).parents[2] / "benchmarks/support.py"
    spec = importlib.util.spec_from_file_location("support_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["support_benchmark"] = module
    spec.loader.exec_module(module)
    n, held, chance = module.golds(shared / module.FOLDER)
    assert (n, held) == (705, 650)
    assert 0.2 < chance < 0.4
