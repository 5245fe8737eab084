"""Ids that a batch's user chose are believed where its answers bear them out, and else not."""

from pathlib import Path
from typing import Any

import pytest
from published import lines

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.identity.answers import log_chance
from rarl_eval.score import score
from rarl_eval.types import Benchmark

QUESTIONS = [f"Ann has {n} apples and buys as many again. How many has she?" for n in range(2, 22)]


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    rows = ({"question": q, "answer": f"So.\n#### {2 * n}"} for n, q in enumerate(QUESTIONS, start=2))
    file = lines(tmp_path_factory.mktemp("rows") / "gsm8k.jsonl", rows)
    return data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(file)}, partial=True)


def result(custom_id: int, text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"custom_id": str(custom_id), "error": None, "response": {"status_code": 200, "body": {
        "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}}}  # fmt: skip


def test_right_answers_bear_out_the_ids(benchmark: Benchmark, tmp_path: Path) -> None:
    """Four right of six, where one in twenty is by chance: the ids name the items, of the wrong answers too."""
    rows = [result(n, f"\\boxed{{{2 * (n + 2) if n < 4 else 0}}}") for n in range(6)]
    done = score([lines(tmp_path / "b.jsonl", rows)], benchmark, tmp_path / "run")
    assert (done.matched, done.identity.consistent, done.identity.alone, done.identity.on_trust) == (6, 6, 0, 0)


@pytest.mark.parametrize("shift", [1, 2, -1])
def test_ids_that_are_shifted_are_refused(shift: int, benchmark: Benchmark, tmp_path: Path) -> None:
    """Numbers that begin at 1, or of another split, make the answers wrong: nothing proves whose they are."""
    rows = [result((n + shift) % 20, f"\\boxed{{{2 * (n + 2)}}}") for n in range(20)]
    with pytest.raises(BadInput, match="20 of 20 rows hold no text of their question"):
        score([lines(tmp_path / "b.jsonl", rows)], benchmark, tmp_path / "run")


def test_an_id_of_any_other_row_is_not_borne_out_by_its_answer(benchmark: Benchmark, tmp_path: Path) -> None:
    """Ids in rows of no known program may be counted by it; right answers prove nothing there."""
    rows = [{"id": n, "output": f"\\boxed{{{2 * (n + 2)}}}"} for n in range(10)]
    with pytest.raises(BadInput, match="hold no text of their question"):
        score([lines(tmp_path / "b.jsonl", rows)], benchmark, tmp_path / "run")


@pytest.mark.parametrize(
    ("chances", "of", "value"),
    [([0.05, 0.05], 2, -5.99146), ([0.5], 2, 0.0), ([], 5, 0.0), ([0.25] * 3, 4, -2.77259)],
)
def test_the_bound_counts_the_ways(chances: list[float], of: int, value: float) -> None:
    """ln(C(n, k) * product of the chances)."""
    assert log_chance(chances, of) == pytest.approx(value, abs=1e-5)
