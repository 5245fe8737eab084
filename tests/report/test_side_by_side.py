"""Models side by side: the front of accuracy and length, equal accuracy, equal compute, published single numbers."""

from math import log
from pathlib import Path

import numpy as np
import pytest

from rarl_eval.agreement.equal import equal_compute
from rarl_eval.measures.front import equal_accuracy, fronts, on_front
from rarl_eval.measures.scaling import scaling
from rarl_eval.measures.scores import adherence, aes_of, oaa, ock_score
from rarl_eval.report.build import build_report
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.types import Item, Record, Reward, Tokens, Trace, Verdict


def run(model: str, rows: list[list[tuple[str, int]]], *, hidden: bool = False) -> Run:
    """A run whose items have a list of (status, tokens) for each sample; the reward is right on every trace."""
    items = {item.key: item for item in (Item(id=str(i), question=f"q{i}", gold="1") for i in range(len(rows)))}
    records = [
        Record(
            trace=Trace(
                key=key, task="t", item_id=item.id, model=model, sample=sample, text="x" * tokens,
                tokens=Tokens(reasoning=5) if hidden else Tokens(completion=tokens, counted_by="s"),
            ),
            verdict=Verdict(status="correct" if status == "1" else "incorrect", extracted=status),
            rewards=(Reward(name="rm", judge="discriminative", score=float(status == "1")),),
        )
        for (key, item), samples in zip(items.items(), rows, strict=True)
        for sample, (status, tokens) in enumerate(samples)
    ]  # fmt: skip
    info = TaskInfo(domain="math", version=1, fingerprint="f", items=items)
    return Run(path=Path(f"runs/{model}"), manifest={}, tasks={"t": info}, records=records)


def test_the_front_by_hand():
    """Of (3 right, 30), (3, 40), (4, 50), (2, 20) the second is beaten, by the first; equal twins beat nobody."""
    assert on_front(np.array([[3.0, 3, 4, 2]]), np.array([[30.0, 40, 50, 20]])).tolist() == [[True, False, True, True]]
    assert on_front(np.array([[3.0, 3]]), np.array([[30.0, 30]])).tolist() == [[True, True]]


def test_the_front_says_how_sure_it_is():
    """A model that is shorter on every item and as right is on the front for certain; the wordy one never is."""
    rng = np.random.default_rng(0)
    right = np.repeat((rng.random(200) < 0.7).astype(float)[None], 2, axis=0)
    found = fronts(right, np.stack([np.full(200, 10.0), np.full(200, 20.0)]), np.arange(200), replicates=100)
    assert [(f.on, f.chance, f.items, f.models) for f in found] == [(True, 1.0, 200, 2), (False, 0.0, 200, 2)]
    near = right.copy()
    near[:, 0] = (0, 1)  # one item tells for the wordy one: it is on the front wherever that item is drawn
    sides = fronts(near, np.stack([np.full(200, 10.0), np.full(200, 20.0)]), np.arange(200), replicates=200)
    assert sides[0].chance == 1.0
    assert 0.5 < sides[1].chance < 0.8
    assert fronts(right[:1], right[:1], np.arange(200)) == []


def test_equal_accuracy_by_hand():
    """Right at 10, 30 and 40 tokens of four: half of the traces are right within 30; three quarters within 40."""
    lengths, correct = np.array([40.0, 10, 20, 30]), np.array([1.0, 1, 0, 1])
    assert equal_accuracy(lengths, correct, np.arange(4), 0.5, replicates=50).value == 30.0
    assert equal_accuracy(lengths, correct, np.arange(4), 0.75, replicates=50).value == 40.0
    assert equal_accuracy(lengths, correct, np.arange(4), 0.8, replicates=50) is None


def test_the_report_places_rows_of_one_unit():
    """The short model is on the front, the long one is not; both say what the least accurate one's accuracy costs."""
    rows = {"short": [[("1", 10)], [("1", 20)], [("0", 30)]], "long": [[("1", 40)], [("0", 50)], [("0", 60)]]}
    report = build_report([run(name, made) for name, made in rows.items()], replicates=100)
    found = {row["model"]: row["length"] for row in report["rows"]}
    assert (found["short"]["pareto"]["on"], found["long"]["pareto"]["on"]) == (True, False)
    assert [found[name]["equal_accuracy"]["length"]["value"] for name in ("short", "long")] == [10.0, 40.0]
    assert found["short"]["ock_score"] == pytest.approx(200 / 3 - 10 * log(20 / 10_000 + 1))


def test_hidden_reasoning_is_not_compared():
    """Characters of a row whose reasoning is hidden have no place on the front, and none beside others."""
    seen = run("seen", [[("1", 10)], [("0", 20)]])
    report = build_report([seen, run("hidden", [[("1", 1)], [("1", 1)]], hidden=True)], replicates=100)
    found = next(row["length"] for row in report["rows"] if row["model"] == "hidden")
    assert (found["hidden"], found["pareto"], found["equal_accuracy"], found["ock_score"]) == (True, None, None, None)


def scaled(right: list[int], length: int) -> list:
    """Points of two items with as many samples each; a wrong sample is always the same wrong answer."""
    items = [i * 2 // len(right) for i in range(len(right))]
    correct = np.array(right, dtype=float)
    answers = [str(r) for r in right]
    return scaling(correct, items, answers, np.full(len(right), float(length)), {"rm": correct}).points


def test_equal_compute_gives_the_cheap_model_more_samples():
    """For one answer of 40 tokens the other model is asked 4 times of 10: pass@4, majority of 4, best of 4."""
    cheap, costly = [1, 0, 1, 1, 0, 0, 1, 0], [1, 1, 0, 0]
    entries = [
        {"task": "t", "unit": "tokens", "model": name, "run": name, "points": scaled(right, length)}
        for name, right, length in (("cheap", cheap, 10), ("costly", costly, 40))
    ]
    (found,) = equal_compute(entries)
    assert (found["task"], found["unit"], found["budget"]) == ("t", "tokens", 40.0)
    assert equal_compute(entries[:1]) == []
    rows = {row["model"]: row for row in found["rows"]}
    assert [(rows[n]["k"], rows[n]["spent"], rows[n]["affordable"]) for n in ("cheap", "costly")] == [
        (4, 40.0, 4.0),
        (1, 40.0, 1.0),
    ]
    assert [rows["cheap"][w].value for w in ("pass_at_k", "majority")] == [1.0, 0.5]
    assert rows["cheap"]["best_of"]["rm"].value == 1.0
    assert rows["costly"]["pass_at_k"].value == 0.5


def test_published_single_numbers():
    """Each formula on numbers worked out by hand."""
    assert ock_score(0.8, 10_000) == pytest.approx(80 - 10 * log(2))
    assert oaa(np.array([0.0, 50, 200, 50]), np.array([1.0, 1, 1, 0]), 100).tolist() == [1.0, 0.5, 0.0, 0.0]
    found = aes_of(np.array([0.9, 0.3, 0.3]), np.full(3, 50.0), np.array([0.6, 0.6, 0.0]), np.full(3, 100.0))
    assert found == pytest.approx(np.array([0.5 + 3 * 0.5, 0.5 - 5 * 0.5, np.nan]), nan_ok=True)
    assert adherence(np.array([50.0, 100, 150, 250]), 100) == (0.5, 2.0)
