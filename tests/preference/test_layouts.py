"""What benchmarks' own programs write, parts of one benchmark, and rows whose labels contradict them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rarl_eval.errors import BadInput
from rarl_eval.preference import Figure
from rarl_eval.preference.controlled import at_equal_length
from rarl_eval.preference.evaluate import recorded
from rarl_eval.preference.layouts import read_examples
from rarl_eval.preference.results import Result, read_once, results


def measured(*files: Path, threshold: str | None = None) -> list[Result]:
    return results({file: read_examples(file) for file in files}, "recorded", recorded, threshold)


def value(found: tuple[Figure, ...], metric: str, subset: str) -> float | None:
    figure = next(f for f in found if (f.metric, f.subset) == (metric, subset))
    return figure.value and figure.value.value


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


WON = (True, True, False)


def test_rewardbenchs_three_outputs_have_one_accuracy(tmp_path: Path) -> None:
    """A row each, an object of columns with settings beside them, and plural scores in the benchmark's own rows."""
    scores = [(2.0, 1.0) if won else (0.5, 1.0) for won in WON]
    rows = [
        {"id": n, "subset": "hep-js", "results": int(a > b), "scores_chosen": a, "scores_rejected": b}
        for n, (a, b) in enumerate(scores)
    ]
    texts = {"text_chosen": "good", "text_rejected": "bad"}
    own = lines(tmp_path / "own.jsonl", *({**row, **texts} for row in rows))
    plural = lines(tmp_path / "plural.jsonl", *({**row, "prompt": "p", "chosen": "a", "rejected": "b"} for row in rows))
    columns = {name: [{**row, **texts}[name] for row in rows] for name in [*rows[0], *texts]}
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps({**columns, "model": "org/rm", "model_type": "Seq. Classifier"}))
    for file in (own, plural, whole):
        assert value(measured(file)[0].figures, "accuracy", "hep-js") == pytest.approx(2 / 3)
    whole.write_text(json.dumps({**columns, "text_chosen": ["good"]}))
    with pytest.raises(BadInput, match="3 results and 1 of 'text_chosen'"):
        read_examples(whole)


def test_results_without_scores_count_as_their_program_counts_them(tmp_path: Path) -> None:
    """A generative judge's half is a half."""
    rows = [
        {"id": n, "subset": "hep-js", "results": r, "text_chosen": "a", "text_rejected": "b"}
        for n, r in enumerate((1, 0.5))
    ]
    assert value(measured(lines(tmp_path / "f.jsonl", *rows))[0].figures, "accuracy", "micro") == 0.75


def test_rewardbench_2_writes_columns_of_lists(tmp_path: Path) -> None:
    """The first num_correct responses are the right ones; a shared maximum is shared."""
    columns = {
        "text": [["a", "b", "c"]] * 3, "scores": [[3, 1, 2], [3, 3, 1], [1, 2, 3]], "num_correct": [1, 1, 2],
        "subset": ["Math"] * 3, "id": ["0", "1", "2"], "results": [1, 0.5, 0], "model": "org/rm",
    }  # fmt: skip
    path = tmp_path / "f.json"
    path.write_text(json.dumps(columns))
    (found,) = measured(path)
    assert (found.benchmark, value(found.figures, "accuracy", "Math")) == ("rewardbench2", 0.5)


def test_processbench_predictions_give_its_own_f1(tmp_path: Path) -> None:
    """A prediction that could not be read is no match, as its authors count it, and is told."""
    told = [(1, 1), (0, 2), (-1, -1), (-1, None)]
    rows = [
        {"id": f"math-{n}", "problem": "p", "steps": ["a", "b", "c"], "label": label, "prediction": said}
        for n, (label, said) in enumerate(told)
    ]
    (found,) = measured(lines(tmp_path / "f.jsonl", *rows))
    assert [value(found.figures, m, "math") for m in ("erroneous", "correct", "F1")] == [0.5, 0.5, 0.5]
    assert (found.unread, found.missing) == (1, 0)


def test_a_threshold_is_chosen_on_one_subset_and_used_on_all(tmp_path: Path) -> None:
    """Scores around 0.2 fail at 0.5 alike; between 0.1 and 0.3 they are told apart, on GSM8K and elsewhere."""
    rows = [
        {"id": f"{subset}-{n}", "problem": "p", "steps": ["a", "b"], "label": label, "step_scores": scores}
        for subset in ("gsm8k", "math")
        for n, (label, scores) in enumerate([(1, [0.3, 0.1]), (-1, [0.3, 0.3])])
    ]
    path = lines(tmp_path / "f.jsonl", *rows)
    assert value(measured(path)[0].figures, "F1", "macro") == 0.0
    (found,) = measured(path, threshold="gsm8k")
    assert (value(found.figures, "F1", "macro"), found.threshold) == (1.0, pytest.approx(0.2))
    assert measured(path, threshold="0.2")[0].figures == found.figures
    with pytest.raises(BadInput, match="no subset with step scores"):
        measured(path, threshold="aime")


def test_a_label_beyond_the_steps_is_ignored_or_its_row_left_out(tmp_path: Path) -> None:
    """One index too many is ignored with a note; a row of which none fits is left out, and the others are read."""
    rows = [
        {"idx": str(n), "question": "q", "modified_process": ["a", "b"], "error_steps": e}
        for n, e in enumerate(([2, 5], [9], []))
    ]
    examples = read_examples(lines(tmp_path / "f.jsonl", *rows))[1]
    assert [(e.id, e.faults) for e in examples] == [("0", (1,)), ("2", ())]
    assert "row 2 is left out: its error_steps [9] are not among 1 to 2" in examples[0].note
    assert "row 1: its error_steps name [5] of 2 steps, which is ignored" in examples[0].note


def pair(n: int, winners: tuple[str | None, str | None]) -> dict[str, Any]:
    result = {f"swap = {swap}": {"winner": w} for swap, w in zip((False, True), winners, strict=True)}
    return {"input": f"q{n}", "output_1": "a", "output_2": "b", "label": 1, "results": [result]}


def test_llmbars_sets_are_named_by_their_folders_and_averaged(tmp_path: Path) -> None:
    """A table a set, and one over all of them: the mean of the adversarial sets and of all, each set weighing the same."""
    natural = lines(tmp_path / "Natural" / "result.jsonl", *(pair(n, ("1", "1")) for n in range(4)))
    manual = lines(tmp_path / "Adversarial" / "Manual" / "result.jsonl", pair(5, ("1", "2")), pair(6, ("2", "2")))
    gptout = lines(tmp_path / "Adversarial" / "GPTOut" / "result.jsonl", pair(7, ("1", "1")))
    *each, whole = measured(natural, manual, gptout)
    assert [len(r.files) for r in each] == [1, 1, 1]
    assert value(each[1].figures, "accuracy, average", "Manual") == 0.25
    assert value(whole.figures, "accuracy, average", "Adversarial") == pytest.approx((0.25 + 1) / 2)
    assert value(whole.figures, "accuracy, average", "macro") == pytest.approx((0.25 + 1 + 1) / 3)
    assert value(whole.figures, "agreement", "Manual") == 0.5


def test_files_that_share_an_example_are_never_pooled(tmp_path: Path) -> None:
    """Two judges of one set are two tables; one file named twice is refused."""
    one = lines(tmp_path / "one.jsonl", pair(1, ("1", "1")))
    other = lines(tmp_path / "other.jsonl", pair(1, ("2", "2")))
    assert [r.examples for r in measured(one, other)] == [1, 1]
    with pytest.raises(BadInput, match="is given twice"):
        read_once([one, tmp_path / "." / "one.jsonl"])


def test_rm_benchs_files_are_domains_by_their_names(tmp_path: Path) -> None:
    """The repository's files hold no domain; a table over all joins the two safety sets as the benchmark does."""
    row = {
        "id": "1",
        "prompt": "p",
        "chosen": ["a", "b", "c"],
        "rejected": ["d", "e", "f"],
        "score_rejected": [0, 0, 0],
    }
    files = [
        lines(tmp_path / f"{name}_filtered.json", {**row, "prompt": name, "score_chosen": [s] * 3})
        for name, s in (("chat", 1), ("safety-refuse", 1), ("safety-response", 0))
    ]
    *_, whole = measured(*files)
    assert value(whole.figures, "average", "macro") == pytest.approx((1 + 0.5) / 2)


def test_alpacaevals_length_controlled_rate_is_the_mean_of_its_own_predictions(tmp_path: Path) -> None:
    """Preferences from 1 to 2 and 0 for a tie; a missing one is in no figure."""
    told = [(2.0, 0.75), (1.25, 0.5), (0, 0.5), (None, 0.9)]
    rows = [
        {
            "instruction": f"i{n}",
            "output_1": "base",
            "output_2": "mine",
            "generator_2": "m",
            "preference": p,
            "glm_preference": g,
        }
        for n, (p, g) in enumerate(told)
    ]
    (found,) = measured(lines(tmp_path / "annotations.jsonl", *rows))
    assert value(found.figures, "win rate", "m") == pytest.approx((1 + 0.25 + 0.5) / 3)
    assert value(found.figures, "discrete win rate", "m") == pytest.approx((1 + 0 + 0.5) / 3)
    assert value(found.figures, "length-controlled win rate", "m") == pytest.approx((0.75 + 0.5 + 0.5) / 3)
    assert (found.missing, found.unread) == (1, 1)


def test_a_rate_by_lengths_alone_is_a_logistic_regressions_intercept() -> None:
    """Planted: a win is 1.5 tanh(length difference / its deviation) + 0.4 on the logit scale."""
    rng = np.random.default_rng(0)
    lengths = rng.normal(100, 400, 4000)
    chance = 1 / (1 + np.exp(-(1.5 * np.tanh(lengths / lengths.std(ddof=1)) + 0.4)))
    found = at_equal_length((rng.random(4000) < chance).astype(float), lengths)
    assert found.low < 1 / (1 + np.exp(-0.4)) < found.high
    assert found.high - found.low < 0.06
    assert at_equal_length(np.ones(40), lengths[:40]) is None
    assert at_equal_length(np.array([0.0, 1.0]), np.array([5.0, 5.0])) is None


def test_who_people_preferred_is_the_better_one(tmp_path: Path) -> None:
    """Of PPE's human votes each names its model's response; ties are no preference and give no example."""
    rows = [
        {"question_id": n, "language": "en", "prompt": "p", "response_1": "one", "response_2": "two", "winner": winner}
        for n, winner in enumerate(("model_a", "model_b", "tie", "model_b"))
    ]
    _, found = read_examples(lines(tmp_path / "votes.jsonl", *rows), "ppe-human")
    assert [(e.good, e.pairs) for e in found] == [
        ((True, False), ((0, 1),)),
        ((False, True), ((1, 0),)),
        ((False, True), ((1, 0),)),
    ]
