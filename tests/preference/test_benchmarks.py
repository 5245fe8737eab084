"""Benchmarks of rewards: rows as published, and each benchmark's own metric computed by hand."""

import json
import math
from pathlib import Path

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.preference import Answer, Example, Figure
from rarl_eval.preference.evaluate import evaluate, recorded
from rarl_eval.preference.layouts import read_examples
from rarl_eval.preference.metrics import figures
from rarl_eval.preference.ties import ties_score
from rarl_eval.rewards import Reach
from rarl_eval.rewards.open import open_source

ROWS = {
    "rewardbench": {"id": 1, "subset": "hep-cpp", "prompt": "p", "chosen": "good", "rejected": "b"},
    "rewardbench2": {
        "id": "1", "subset": "Math", "prompt": "p", "chosen": ["good"], "rejected": ["b", "c", "d"], "num_correct": 1,
    },
    "rm-bench": {"id": "1", "domain": "chat", "prompt": "p", "chosen": ["a", "aa", "aaa"], "rejected": ["b", "bb", "bbb"]},
    "judgebench": {
        "pair_id": "1", "source": "mmlu-pro-law", "question": "p", "response_A": "good", "response_B": "b", "label": "A>B",
    },
    "llmbar": {"input": "p", "output_1": "b", "output_2": "good", "label": 2},
    "ppe": {
        "question_id": "1", "prompt": "p", "model_name": "m", "response_1": "good", "response_2": "b",
        "scores": [True, False], "sampled_conflict_pairs": [[1, 0]],
    },
    "ppe-human": {"question_id": "1", "prompt": "p", "response_1": "b", "response_2": "good", "winner": "model_b"},
    "processbench": {"id": "gsm8k-3", "problem": "p", "steps": ["a", "b"], "label": 1, "final_answer_correct": False},
    "prmbench": {
        "idx": "1", "classification": "redundency", "modified_question": "p", "modified_process": ["a", "b", "c"],
        "error_steps": [2],
    },
    "mr-ben": {
        "Question_UUID": "1", "Subject": "law", "Question": "p", "Options": "A: 1", "Model_Solution_Steps": ["a", "b"],
        "Model_Solution_Correctness": "incorrect", "Model_Solution_First_Error_Step": "2",
    },
}  # fmt: skip


def written(path: Path, *rows: dict) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def value(found: list[Figure], metric: str, subset: str) -> float:
    figure = next(f for f in found if (f.metric, f.subset) == (metric, subset))
    return figure.value.value


@pytest.mark.parametrize("layout", ROWS)
def test_a_row_of_each_benchmark_is_known_by_its_fields(tmp_path: Path, layout: str) -> None:
    """The layout is found out, the right response or the faulty step is where the benchmark says."""
    found, examples = read_examples(written(tmp_path / "rows.jsonl", ROWS[layout]))
    assert found == layout
    example = examples[0]
    if example.faults is not None:
        assert example.faults == (1,)
        assert example.steps[:2] == ("a", "b")
    else:
        assert example.responses[example.good.index(True)] in {"good", "a"}
        for better, worse in example.pairs:
            assert (example.good[better], example.good[worse]) == (True, False)


@pytest.mark.parametrize("layout", ROWS)
def test_a_reward_runs_on_every_benchmark(tmp_path: Path, layout: str) -> None:
    """The commands' own path: a function that knows the good texts gets every figure right."""
    mine = tmp_path / "mine.py"
    mine.write_text(
        "def f(item, trace, verdict):\n"
        "    return [1.0, 0.0, 1.0][: trace.text.count(chr(10)) + 1] if chr(10) in trace.text else "
        "float(trace.text[0] in 'ga')\n"
    )
    _, examples = read_examples(written(tmp_path / "rows.jsonl", ROWS[layout]))
    answers = evaluate(examples, open_source(f"{mine}:f", Reach()))
    for figure in figures(layout, examples, answers):
        if figure.metric in {"accuracy", "easy", "normal", "hard", "score", "best of k", "PRMScore", "first error"}:
            assert figure.value.value == pytest.approx(1.0), figure


BAD = {
    "no layout": ({"a": 1}, "which|as none of"),
    "wrong label": ({**ROWS["judgebench"], "label": "C"}, "its label is 'C'"),
    "label out of range": ({**ROWS["processbench"], "label": 7}, "its label 7 is no step of 2"),
    "error step out of range": ({**ROWS["prmbench"], "error_steps": [9]}, "are not among 1 to 3"),
    "two responses": ({**ROWS["rm-bench"], "chosen": ["a"]}, "1 chosen and 3 rejected"),
    "not a text": ({**ROWS["rewardbench"], "chosen": 3}, "int where a text should be"),
}


@pytest.mark.parametrize(("row", "said"), BAD.values(), ids=BAD)
def test_bad_rows_are_named(tmp_path: Path, row: dict, said: str) -> None:
    """File, row and what is wrong with it."""
    with pytest.raises(BadInput, match=said):
        read_examples(written(tmp_path / "rows.jsonl", row))


def example(subset: str, scores: list[float | None], good: list[bool], name: str = "1") -> tuple[Example, Answer]:
    responses = tuple(f"r{i}" for i in range(len(scores)))
    pairs = ((good.index(True), good.index(False)),)
    one = Example(id=name, subset=subset, prompt="p", responses=responses, good=tuple(good), pairs=pairs)
    return one, Answer(scores=tuple(scores))


def of(layout: str, pairs: list[tuple[Example, Answer]]) -> list[Figure]:
    return figures(layout, [e for e, _ in pairs], [a for _, a in pairs])  # type: ignore[arg-type]


def test_rewardbench_sections_weigh_subsets_and_math_as_code() -> None:
    """math-prm (0 of 1) weighs 984 against 2 code pairs of which both are right; ties count as wrong."""
    rows = [example("math-prm", [0.1, 0.2], [True, False])]
    rows += [example("hep-cpp", [0.9, 0.2], [True, False])] * 2
    rows += [example("alpacaeval-easy", [0.5, 0.5], [True, False])]
    found = of("rewardbench", rows)
    assert value(found, "accuracy", "Reasoning") == pytest.approx(2 / 986)
    assert value(found, "accuracy", "Chat") == 0.0
    assert value(found, "accuracy", "score") == pytest.approx(1 / 986)
    assert value(found, "accuracy", "micro") == 0.5


def test_rewardbench2_shares_the_top_among_ties() -> None:
    """The chosen response alone on top is 1, with one other 1/2, below 0; a missing score is none."""
    good = [True, False, False, False]
    rows = [example("Math", s, good) for s in ([9, 1, 1, 1], [9, 9, 1, 1], [1, 9, 1, 1], [9, None, 1, 1])]
    assert value(of("rewardbench2", rows), "accuracy", "Math") == pytest.approx(1.5 / 3)


def test_rewardbench2_ties_formula_by_hand() -> None:
    """One ref and one tied prompt: .3 + .3 + .2 (margin 4 > spread 1) + .2 (3 > 1) + .01 tanh(3 / 1 - 1)."""
    ref = example("Ties", [5.0, 2.0], [True, False], "ref:1")
    tied = example("Ties", [8.0, 7.0, 3.0], [True, True, False], "tied:1")
    score = value(ties_score([ref, tied]), "ties score", "Ties")
    assert score == pytest.approx(1.0 + 0.01 * math.tanh(2))
    flat = example("Ties", [3.0, 3.0, 3.0], [True, True, False], "tied:1")
    assert value(ties_score([ref, flat]), "ties score", "Ties") == pytest.approx(0.3)


def test_rm_bench_triangles() -> None:
    """A reward that pays for style alone is right on easy pairs (1), half never (0) on same style, and wrong on hard."""
    rows = [example("math", [1, 2, 3, 1, 2, 3], [True] * 3 + [False] * 3)]
    found = of("rm-bench", rows)
    assert [value(found, m, "math") for m in ("easy", "normal", "hard", "average")] == [
        1.0,
        0.0,
        0.0,
        pytest.approx(1 / 3),
    ]
    both = [*rows, example("safety-refuse", [9] * 3 + [0] * 3, [True] * 3 + [False] * 3)]
    assert value(of("rm-bench", both), "average", "macro") == pytest.approx((1 / 3 + 1) / 2)


def test_judgebench_sums_two_orders() -> None:
    """Right twice, right and tie: correct. Right and wrong, tie twice: not. With an order missing it is neither."""
    one = Example(id="", subset="math", prompt="p", responses=("a", "b"), good=(True, False), pairs=((0, 1),))
    votes = [(1, 1), (1, 0), (1, -1), (0, 0), (None, None), (1, None), (-1, -1)]
    answers = [Answer(scores=(None, None), votes=v) for v in votes]
    found = figures("judgebench", [one] * len(votes), answers)
    assert value(found, "accuracy", "micro") == pytest.approx(2 / 5)
    assert value(found, "both right", "micro") == pytest.approx(1 / 5)
    assert value(found, "accuracy, as given", "micro") == pytest.approx(4 / 6)
    assert value(found, "first slot", "micro") == pytest.approx(6 / 8)  # of eight that name one


def test_processbench_f1_is_the_harmonic_mean_by_subset() -> None:
    """One of two faults found, the sound one passed: 2 (.5)(1) / 1.5; a solution without scores is neither."""

    def solution(faults: tuple[int, ...], steps: list[float] | None) -> tuple[Example, Answer]:
        one = Example(id="", subset="gsm8k", prompt="p", responses=("a\nb",), steps=("a", "b"), faults=faults)
        return one, Answer(scores=(None,), steps=None if steps is None else tuple(steps))

    rows = [solution((1,), [0.9, 0.2]), solution((0,), [0.9, 0.2]), solution((), [0.9, 0.8])]
    assert value(of("processbench", rows), "F1", "gsm8k") == pytest.approx(2 / 3)
    assert value(of("processbench", [*rows, solution((), None)]), "correct", "gsm8k") == 1.0


def test_mr_ben_scores_without_reasons() -> None:
    """Verdicts all right give MCC 1; one of two first errors found gives 0.2 + 0.15."""

    def solution(fault: int | None, steps: list[float]) -> tuple[Example, Answer]:
        one = Example(
            id="", subset="law", prompt="p", responses=("a\nb",), steps=("a", "b"), faults=() if fault is None else (fault,),
            correct=fault is None,
        )  # fmt: skip
        return one, Answer(scores=(None,), steps=tuple(steps))

    rows = [solution(0, [0.1, 1]), solution(1, [0.1, 1]), solution(None, [1, 1])]
    found = of("mr-ben", rows)
    assert value(found, "MCC", "micro") == 1.0
    assert value(found, "first error", "micro") == 0.5
    assert value(found, "MR-Score without reasons", "micro") == pytest.approx(0.35)


def test_recorded_scores_and_decisions_are_used_where_rows_hold_them(tmp_path: Path) -> None:
    """RewardBench's score columns and JudgeBench's judgments; without either the command says what to do."""
    row = {**ROWS["rewardbench"], "score_chosen": 1.5, "score_rejected": [0.5]}
    _, examples = read_examples(written(tmp_path / "a.jsonl", row))
    assert recorded(examples)[0].scores == (1.5, 0.5)
    row = {**ROWS["judgebench"], "judgments": [{"decision": "A>B"}, {"decision": "A>B"}]}
    _, examples = read_examples(written(tmp_path / "b.jsonl", row))
    assert recorded(examples)[0].votes == (1, -1)
    _, examples = read_examples(written(tmp_path / "c.jsonl", ROWS["rewardbench"]))
    with pytest.raises(BadInput, match="--reward"):
        recorded(examples)
