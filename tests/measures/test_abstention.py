"""Declining in the report, stated confidence, and risk against coverage."""

import json
import shutil
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.measures.agreement import agree
from rarl_eval.measures.coverage import aurc, best_aurc, curve_area, risk_curve
from rarl_eval.report.build import build_report
from rarl_eval.report.tables import tables
from rarl_eval.report.terminal import render_terminal
from rarl_eval.report.write import write_report
from rarl_eval.rewards.stated import stated_confidence
from rarl_eval.runs import store
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.stats import wilson
from rarl_eval.types import UNANSWERABLE, Item, Record, Tokens, Trace, Verdict

EXAMPLE = Path(__file__).parents[2] / "examples/missing_premise.py"


def pair(i: int) -> tuple[Item, Item]:
    whole = Item(id=f"w{i}", question=f"whole {i}", gold="1")
    return whole, Item(id=f"l{i}", question=f"lacking {i}", gold=UNANSWERABLE, twin=whole.key)


def record(item: Item, status: str, tokens: int, model: str = "m", task: str = "t") -> Record:
    trace = Trace(
        key=item.key,
        task=task,
        item_id=item.id,
        model=model,
        text="x",
        tokens=Tokens(completion=tokens, counted_by="s"),
    )
    return Record(trace=trace, verdict=Verdict(status=status))


def run(records: list[Record], items: list[Item], path: str = "runs/a", task: str = "t") -> Run:
    info = TaskInfo(domain="math", version=1, fingerprint="f", items={item.key: item for item in items})
    return Run(path=Path(path), manifest={}, tasks={task: info}, records=records)


def test_abstentions_are_neither_right_nor_wrong_answers():
    """Of four replies one declines: a quarter declined, two of the other three are right, accuracy counts all four."""
    items = [pair(i)[0] for i in range(4)]
    statuses = ["correct", "abstained", "incorrect", "correct"]
    (row,) = build_report([run([record(i, s, 5) for i, s in zip(items, statuses, strict=True)], items)])["rows"]
    found = row["abstention"]
    assert (found["n"], found["attempted"], found["missing_premise"]) == (1, 3, None)
    assert found["share"]["value"] == 0.25
    assert found["accuracy_attempted"]["low"] == pytest.approx(wilson(2, 3).low, rel=1e-9)
    assert (row["accuracy"]["value"], row["no_answer"], row["stops"]["abstained"]) == (0.5, 0.0, 1)


@pytest.mark.parametrize("apart", [False, True])
def test_a_lacking_question_is_held_against_its_twin(apart):
    """Two of three are answered all the same, at 2 times the twins' tokens, 90 tokens a decline; twins may lie in another run."""
    pairs = [pair(i) for i in range(3)]
    whole = [
        record(w, s, 10, task="n" if apart else "t")
        for (w, _), s in zip(pairs, ("correct", "incorrect", "abstained"), strict=True)
    ]
    lacking = [
        record(p[1], s, n) for p, s, n in zip(pairs, ("incorrect", "correct", "incorrect"), (30, 10, 20), strict=True)
    ]
    wholes, lackings = [p[0] for p in pairs], [p[1] for p in pairs]
    runs = (
        [run(whole, wholes, "runs/n", "n"), run(lacking, lackings)]
        if apart
        else [run([*whole, *lacking], [*wholes, *lackings])]
    )
    row = next(r for r in build_report(runs)["rows"] if r["task"] == "t")
    found = row["abstention"]["missing_premise"]
    assert (found["items"], found["traces"], found["length"]["value"]) == (3, 3, 20.0)
    assert found["answered"]["value"] == pytest.approx(2 / 3)
    assert found["abstained"]["value"] == pytest.approx(1 / 3)
    assert found["per_abstention"]["value"] == 60.0
    twins = found["twins"]
    assert (twins["pairs"], twins["ratio"]["value"], twins["length"]["value"]) == (3, 2.0, 10.0)
    assert [twins[name]["value"] for name in ("accuracy", "abstained")] == [pytest.approx(1 / 3)] * 2
    assert row["abstention"]["n"] == (0 if apart else 1)


def test_without_the_twin_there_is_no_ratio(tmp_path):
    """Another model's answers to the whole questions are no twins."""
    whole, lacking = pair(0)
    report = build_report(
        [run([record(whole, "correct", 5, "a"), record(lacking, "correct", 5, "b")], [whole, lacking])]
    )
    (row,) = (r for r in report["rows"] if r["model"] == "b")
    assert row["abstention"]["missing_premise"]["twins"] is None
    assert "declining to answer" in [table.title for table in tables(report)]
    write_report(report, tmp_path)
    assert "lacking_answered" in (tmp_path / "report.csv").read_text().split("\n", 1)[0]
    assert render_terminal(report, 100)


def test_the_example_of_missing_premises_runs(tmp_path, cli):
    """The example task makes two items of a row; recorded replies are judged, and the report pairs them."""
    row = {"question": "Ann has 3 apples and buys 2. How many has she?", "insufficient_question": "Ann has 3 apples and buys some. How many has she?", "answer": "5"}  # fmt: skip
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    replies = [
        {"question": row["question"], "output": "3 + 2 = 5. The answer is 5."},
        {
            "question": row["insufficient_question"],
            "output": "How many she buys is not given, so it cannot be determined.",
        },
    ]
    (tmp_path / "out.jsonl").write_text("\n".join(map(json.dumps, replies)))
    done = cli(
        "score", tmp_path / "out.jsonl", "--task", EXAMPLE, "--source", f"missing_premise={tmp_path / 'rows.jsonl'}",
        "--question-field", "question", "--model", "m", "--out", tmp_path / "run",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (found,) = build_report([store.read_run(tmp_path / "run")])["rows"]
    assert found["accuracy"]["value"] == 1.0
    assert found["abstention"]["missing_premise"]["twins"]["pairs"] == 1


STATED = [
    ("The answer is 4.\nConfidence: 85%", 0.85),
    ("Confidence: 0.9", 0.9),
    ("confidence = 1", 1.0),
    ("**Confidence:** 70 percent", 0.7),
    ('{"answer": "4", "confidence": 0.25}', 0.25),
    ("Confidence level: 8/10", 0.8),
    ("Confidence score: 40 out of 100", 0.4),
    ("I am about 60% sure.", 0.6),
    ("I am 95 percent confident that it is 4.", 0.95),
    ("Confidence: 20%. On reflection, confidence: 90%", 0.9),
    ("My confidence is 55", 0.55),
    ("Probability of being correct: 75%", 0.75),
    ("Confidence: 150%", None),
    ("I am confident.", None),
    ("A 95% confidence interval is [1, 3].", None),
    ("The probability is 0.3.", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "share"), STATED)
def test_stated_confidence(text, share):
    """The last confidence that a reply states of itself, as a share; a confidence interval is none."""
    assert stated_confidence(text) == (None if share is None else pytest.approx(share))


def test_stated_confidence_becomes_a_reward(tmp_path, cli):
    """`reward -w stated` adds it to a run, and the report holds it against the verdict."""
    rows = [{"question": f"What is {i} + 1?", "insufficient_question": "", "answer": str(i + 1)} for i in range(4)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    replies = [{"question": r["question"], "output": f"The answer is {i + i % 2}.\nConfidence: {90 if i % 2 else 20}%"} for i, r in enumerate(rows)]  # fmt: skip
    (tmp_path / "out.jsonl").write_text("\n".join(map(json.dumps, replies)))
    task = ("--task", EXAMPLE, "--source", f"missing_premise={tmp_path / 'rows.jsonl'}")
    cli(
        "score",
        tmp_path / "out.jsonl",
        *task,
        "--question-field",
        "question",
        "--model",
        "m",
        "--out",
        tmp_path / "run",
    )
    done = cli("reward", "-r", tmp_path / "run", "-w", "stated")
    assert done.returncode == 0, done.stderr
    (row,) = build_report([store.read_run(tmp_path / "run")])["rows"]
    entry = next(e for e in row["agreement"] if e["reward"] == "stated")
    assert (entry["n"], entry["auroc"]["value"], entry["aurc"]["value"]) == (4, 1.0, pytest.approx((1 / 3 + 1 / 2) / 4))
    assert entry["brier"]["value"] == pytest.approx((2 * 0.1**2 + 2 * 0.2**2) / 4)
    shutil.rmtree(tmp_path / "run")


def area(scores, correct, weights=None):
    scores, correct = np.array(scores, dtype=float), np.array(correct, dtype=float)
    drawn = np.ones((1, scores.size)) if weights is None else np.array([weights], dtype=float)
    return aurc(scores, correct, np.arange(scores.size)).values(drawn)[0, 0]


def by_orders(scores, correct):
    """Mean over every order of ties, by brute force."""
    found = []
    for order in permutations(range(len(scores))):
        ranked = [scores[i] for i in order]
        if all(a >= b for a, b in pairwise(ranked)):
            found.append(curve_area(np.array([correct[i] for i in order], dtype=float)))
    return np.mean(found)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
def test_area_equals_all_orders_of_ties(rows):
    """The closed form is the mean over all orders in which tied traces could come."""
    scores, correct = zip(*rows, strict=True)
    assert area(scores, correct) == pytest.approx(by_orders(scores, correct))


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 3)), min_size=1, max_size=12))
def test_weights_are_copies(rows):
    """A trace drawn three times counts as three tied traces, which is what a resample is."""
    if not any(w for *_, w in rows):
        return
    scores, correct, weights = zip(*rows, strict=True)
    copies = [(s, c) for s, c, w in rows for _ in range(w)]
    assert area(scores, correct, weights) == pytest.approx(area(*zip(*copies, strict=True)))


def test_area_by_hand():
    """Right, wrong, right, wrong in falling order: (0 + 1/2 + 1/3 + 1/2) / 4; at best (0 + 0 + 1/3 + 1/2) / 4."""
    scores, correct = np.array([4.0, 3, 2, 1]), np.array([1.0, 0, 1, 0])
    assert area(scores, correct) == pytest.approx((1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert best_aurc(correct) == pytest.approx((1 / 3 + 1 / 2) / 4)
    assert risk_curve(scores, correct) == [(0.25, 0.0), (0.5, 0.5), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]
    assert area([1, 1, 1, 1], correct) == pytest.approx(0.5)


def test_a_shaping_reward_promises_no_coverage():
    """Where the signal says nothing about being right there is no area, and no curve."""
    found = agree([0.1, 0.9], [False, True], ["a", "b"], selective=False, replicates=10)
    assert (found.aurc, found.aurc_best, found.risk) == (None, None, ())
    assert agree([0.1, 0.9], [False, True], ["a", "b"], replicates=10).aurc.value == 0.25


def test_many_traces_are_resampled_in_steps():
    """With 20,000 traces the value is exact, and the bounds are those of an exact resample to three decimals."""
    rng = np.random.default_rng(0)
    correct = (rng.random(20_000) < 0.7).astype(float)
    scores, unit = rng.random(20_000) + 0.2 * correct, np.repeat(np.arange(5_000), 4)
    measure = aurc(scores, correct, unit)
    assert measure.values(np.ones((1, 5_000)))[0, 0] == pytest.approx(curve_area(correct[np.argsort(-scores)]))
    drawn = rng.integers(0, 3, size=(3, 5_000)).astype(float)
    exact = np.array([measure.values(row[None, :])[0, 0] for row in drawn])
    assert measure.values(drawn)[:, 0] == pytest.approx(exact, abs=2e-4)
