"""Rewards that need no judge: rules, self rewards, recorded columns, functions, ensembles, shaping; and adding them."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_runs import make_run

from rarl_eval.errors import BadInput, UnknownName
from rarl_eval.rewards import Case, Reach
from rarl_eval.rewards.add import add_rewards
from rarl_eval.rewards.combine import differences
from rarl_eval.rewards.consensus import by_verifier, shares
from rarl_eval.rewards.open import open_source, open_sources
from rarl_eval.rewards.steps import AGGREGATES, join_steps, split_steps
from rarl_eval.runs import store
from rarl_eval.types import Item, Record, Trace, Verdict

Cli = Callable[..., subprocess.CompletedProcess[str]]


def case(
    answer: str, gold: str = "18", extracted: str | None = None, status: str = "incorrect", **meta: object
) -> Case:
    item = Item(id="1", question="q", gold=gold, meta=dict(meta))
    trace = Trace(key=item.key, task="demo_math", item_id="1", model="m", text=answer, answer=answer, stop="end")
    return Case(item=item, record=Record(trace=trace, verdict=Verdict(status=status, extracted=extracted)))  # type: ignore[arg-type]


def score(text: str, given: Case, **reach: str) -> float | None:
    return next(open_source(text, Reach(**reach)).score([(given,)])).reward.score  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "given", "expected"),
    [
        ("verifier", case("18", status="correct"), 1.0),
        ("verifier", case("18", status="unparsable_gold"), None),
        ("exact", case("x", extracted=" 18. "), 1.0),
        ("exact", case("x", extracted="18.0"), 0.0),
        ("exact", case("x"), 0.0),
        ("last-number", case("It is 7, no, 1,018.50", gold="1018.5"), 1.0),
        ("last-number", case("18 and then 19"), 0.0),
        ("last-number", case("18", gold="yes"), None),
        ("format", case("x", extracted="3"), 1.0),
        ("brevity", case("four"), -4.0),
        ("length:4", case("four"), 1.0),
        ("length:3", case("four"), 0.0),
        ("citation", case("as shown (Smith et al., 2020)"), 1.0),
        ("citation", case("as shown [3, 4]"), 1.0),
        ("citation", case("see doi: 10.1000/x"), 1.0),
        ("citation", case("trust me (really)"), 0.0),
        ("unit", case("It costs 5 mg/kg."), 1.0),
        ("unit", case("It is 5."), 0.0),
        ("unit", case("5 kg", unit="mg"), 0.0),
        ("unit", case("5 mg", unit="mg"), 1.0),
    ],
)
def test_rules(rule: str, given: Case, expected: float | None) -> None:
    """Each rule's score on texts whose form is known."""
    assert score(rule, given) == expected


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("vrifier", UnknownName, "did you mean verifier"),
        ("exact:x", BadInput, "takes no argument"),
        ("length:-3", BadInput, "give a budget in characters"),
        ("recorded:scores.jsonl", BadInput, "recorded:FILE#COLUMN"),
        ("recorded:none.jsonl#rm", BadInput, "none.jsonl does not exist"),
        ("./none.py:f", BadInput, "none.py does not exist"),
        ("pointwise:gpt-4o", BadInput, "names no judge"),
        ("pointwise:opnai:x", UnknownName, "did you mean openai"),
        ("mean:a", BadInput, "needs two rewards"),
        ("shaping:v@2", BadInput, "not in (0, 1]"),
        ("orm:model", BadInput, "orm:hf:MODEL"),
        ("certainty", BadInput, "needs a model"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(text: str, error: type[Exception], said: str) -> None:
    """A wrong name, argument or file is named with what to do."""
    with pytest.raises(error, match=said.replace("(", r"\(").replace("]", r"\]")):
        open_source(text, Reach())


def test_names_are_the_users_and_differ() -> None:
    """NAME=SOURCE names a reward; two of one name are refused."""
    assert open_source("mine=exact", Reach()).kind.name == "mine"
    with pytest.raises(BadInput, match="two rewards are called 'exact'"):
        open_sources(["exact", "exact"], Reach())


def test_majority_counts_equal_answers() -> None:
    """Two of four say 3, one says 4, one nothing."""
    group = tuple(case(str(a), extracted=a) for a in ("3", "3", "4", None))
    found = [e.reward.score for e in open_source("majority", Reach()).score([group])]
    assert found == [0.5, 0.5, 0.25, 0.0]


def test_clusters_let_the_benchmark_say_what_is_equal() -> None:
    """18, 18.0 and 18.00 are one class by the task's verifier, 19 another."""
    group = tuple(case(f"\\boxed{{{a}}}", extracted=a) for a in ("18", "18.0", "19", "18.00"))
    assert by_verifier(group, {}) == [0, 0, 1, 0]
    assert shares([0, 0, 1, 0]) == [0.75, 0.75, 0.25, 0.75]


@pytest.mark.parametrize(
    ("by", "steps"),
    [
        ("newline", ["Step 1: a", "b", "Step 2: c"]),
        ("paragraph", ["Step 1: a\nb", "Step 2: c"]),
        (r"marker:Step \d+:", ["Step 1: a\nb", "Step 2: c"]),
        ("token:b", ["Step 1: a", "Step 2: c"]),
    ],
)
def test_steps_are_split_as_asked(by: str, steps: list[str]) -> None:
    """By line, by blank line, by marker, by the model's own token; empty steps are none."""
    assert split_steps("Step 1: a\nb\n\nStep 2: c\n", by) == steps


def test_unknown_ways_to_split_and_join_are_refused() -> None:
    """A typo in --steps or --aggregate is a sentence."""
    for by in ("line", "marker:", "marker:("):
        with pytest.raises(BadInput, match="--steps"):
            split_steps("x", by)
    with pytest.raises(BadInput, match="--aggregate"):
        join_steps([1.0], "max")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_aggregates_equal_their_names(steps: list[float]) -> None:
    """Product, minimum, last and mean, and nothing for no steps."""
    product = 1.0
    for s in steps:
        product *= s
    assert {how: join_steps(steps, how) for how in AGGREGATES} == {
        "min": min(steps), "product": pytest.approx(product), "last": steps[-1],
        "mean": pytest.approx(sum(steps) / len(steps)),
    }  # fmt: skip
    assert join_steps([], "min") is None


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.floats(0.1, 1))
def test_potential_based_shaping_telescopes(values: list[float], gamma: float) -> None:
    """The discounted sum of the terms is gamma^T v_T, whatever lies between (Ng et al. 1999)."""
    terms = differences(values, gamma)
    total = sum(gamma**t * term for t, term in enumerate(terms))
    assert total == pytest.approx(gamma ** len(values) * values[-1], abs=1e-9)


def test_functions_ensembles_and_shaping_in_one_command(cli: Cli, tmp_path: Path) -> None:
    """A later reward reads what an earlier one of the same command added; scores are as computed by hand."""
    run = make_run(tmp_path / "run", items=1, samples=2)
    mine = tmp_path / "mine.py"
    mine.write_text("def steps(item, trace, verdict):\n    return [0.2, 0.6, 0.4 + 0.1 * trace.sample]\n")
    rewards = [
        f"{mine}:steps",
        "exact",
        "mean:steps+exact",
        "least:steps+exact",
        "disagreement:steps+exact",
        "shaping:steps@0.5",
    ]
    done = cli("reward", "-r", run, *(part for r in rewards for part in ("-w", r)), "--aggregate", "last")
    assert done.returncode == 0, done.stderr
    found = {r.name: r for r in store.read_run(run).records[0].rewards}
    assert found["steps"].steps == (0.2, 0.6, 0.4)
    assert found["steps"].score == 0.4
    assert found["mean(steps+exact)"].score == pytest.approx(0.7)
    assert found["least(steps+exact)"].score == 0.4
    assert found["disagreement(steps+exact)"].score == pytest.approx(-0.3)
    assert found["shaping(steps@0.5)"].steps == pytest.approx((0.1, 0.1, -0.4))
    assert found["shaping(steps@0.5)"].score == pytest.approx(0.125 * 0.4)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("f = 3", "defines no function f"),
        ("import nothing_like_this", "fails when imported"),
    ],
)
def test_a_broken_function_is_one_sentence(cli: Cli, tmp_path: Path, code: str, said: str) -> None:
    """What is wrong with the user's file is told; the run is as it was."""
    run = make_run(tmp_path / "run", items=1, samples=1)
    (tmp_path / "bad.py").write_text(code + "\n")
    done = cli("reward", "-r", run, "-w", f"{tmp_path}/bad.py:f")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert said in done.stderr
    assert {r.name for r in store.read_run(run).records[0].rewards} == {"format", "brevity"}


def test_unknown_scores_are_missing_and_not_zero(tmp_path: Path) -> None:
    """None, nan and infinity of a function are no scores."""
    run = make_run(tmp_path / "run", items=1, samples=3)
    (tmp_path / "odd.py").write_text(
        "def f(item, trace, verdict):\n    return [None, float('nan'), float('inf')][trace.sample]\n"
    )
    added = add_rewards(run, [open_source(f"{tmp_path}/odd.py:f", Reach())])
    assert (added[0].scored, added[0].missing, added[0].failed) == (3, 3, 0)
    assert [r.score for rec in store.read_run(run).records for r in rec.rewards if r.name == "f"] == [None] * 3


def test_another_reward_of_the_same_name_is_refused(tmp_path: Path) -> None:
    """An edited function, or a recorded reward's name, does not silently take the place of the old scores."""
    run = make_run(tmp_path / "run", items=1, samples=1)
    path = tmp_path / "mine.py"
    path.write_text("def f(item, trace, verdict):\n    return 1\n")
    add_rewards(run, [open_source(f"{path}:f", Reach())])
    path.write_text("def f(item, trace, verdict):\n    return 2\n")
    with pytest.raises(BadInput, match=r"holds another reward 'f'.*NEW_NAME="):
        add_rewards(run, [open_source(f"{path}:f", Reach())])


def test_recorded_columns_join_by_item_and_sample(tmp_path: Path) -> None:
    """One row a sample, or one a item with a list; what the file does not hold is missing; bad rows are named."""
    run = make_run(tmp_path / "run", items=2, samples=2)
    ids = [r.trace.item_id for r in store.read_run(run).records if r.verdict]
    flat, listed = tmp_path / "flat.jsonl", tmp_path / "listed.jsonl"
    flat.write_text(json.dumps({"id": ids[0], "sample": 1, "rm": 0.5}) + "\n")
    listed.write_text(json.dumps({"id": ids[2], "rm": [0.1, None]}) + "\n")
    add_rewards(run, [open_source(f"a=recorded:{flat}#rm", Reach()), open_source(f"b=recorded:{listed}#rm", Reach())])
    scores = [{r.name: r.score for r in rec.rewards} for rec in store.read_run(run).records if rec.verdict]
    assert [s["a"] for s in scores] == [None, 0.5, None, None]
    assert [s["b"] for s in scores] == [None, None, 0.1, None]
    flat.write_text('{"id": "1", "rm": "high"}\n')
    with pytest.raises(BadInput, match="row 1 has the score 'high'"):
        open_source(f"recorded:{flat}#rm", Reach())


def test_failed_calls_get_no_reward(tmp_path: Path) -> None:
    """A trace whose call failed has nothing to score."""
    run = make_run(tmp_path / "run", items=1, samples=1)
    add_rewards(run, [open_source("exact", Reach())])
    by_stop = {r.trace.stop: r.rewards for r in store.read_run(run).records}
    assert by_stop["error"] == ()
    assert len(by_stop["end"]) == 3
