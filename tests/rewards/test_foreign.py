"""Rewards of users and of packages: what they raise on a trace is that trace's missing score."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from reward_runs import make_run

from rarl_eval.errors import BadInput
from rarl_eval.rewards import Group, Kind, Reach, RewardSource
from rarl_eval.rewards.add import Added, add_rewards
from rarl_eval.rewards.open import open_source
from rarl_eval.runs import store
from rarl_eval.runs.added import Entry

KIND = Kind(name="mine", judge="rule")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run", items=3, samples=2)


def scores(path: Path) -> list[float | None]:
    answered = [r for r in store.read_run(path).records if r.verdict is not None]
    records = sorted(answered, key=lambda r: (r.trace.item_id, r.trace.sample))
    return [next((r.score for r in record.rewards if r.name == "mine"), -1.0) for record in records]


def added(path: Path, source: RewardSource) -> Added:
    (done,) = add_rewards(path, [source])
    return done


@pytest.mark.parametrize(
    ("body", "score", "why"),
    [
        ("1 / 0", None, "raised ZeroDivisionError: division by zero (mine.py line 3)"),
        ("exit(1)", None, "raised SystemExit: 1"),
        ("return 'high'", None, "returned str, not a number, None or a list of numbers"),
        ("return True", 1.0, ""),
        ("return [0.5, 1]", 0.5, ""),
        ("import numpy; return numpy.float32(0.25)", 0.25, ""),
        ("from beside import HALF; return HALF", 0.5, ""),
    ],
)
def test_a_function_scores_or_says_why_not(run: Path, tmp_path: Path, body: str, score: float | None, why: str) -> None:
    """Of the second sample alone; the others are scored, and the command given again has nothing left to do."""
    text = f"def mine(item, trace, verdict):\n    if trace.sample:\n        {body}\n    return 0\n"
    (tmp_path / "mine.py").write_text(text)
    (tmp_path / "beside.py").write_text("HALF = 0.5")
    done = added(run, open_source(f"{tmp_path}/mine.py:mine", Reach()))
    assert scores(run) == [0.0, score] * 3
    assert (done.scored, done.missing, why in done.why, bool(done.why)) == (6, 3 if why else 0, True, bool(why))
    again = added(run, open_source(f"{tmp_path}/mine.py:mine", Reach()))
    assert (again.scored, again.kept) == (0, 6)


def one_by_one(groups: Iterable[Group]) -> Iterator[Entry]:
    for group in groups:
        for case in group:
            if case.record.trace.sample:
                raise RuntimeError("boom")
            yield KIND.entry(case, 1.0)


def at_once(groups: Iterable[Group]) -> Iterator[Entry]:
    cases = [case for group in groups for case in group]
    if len({case.item.id for case in cases}) > 1:
        raise RuntimeError("too many")
    return (KIND.entry(case, 0.5) for case in cases)


def lazy(groups: Iterable[Group]) -> Iterator[Any]:
    return iter([])


def odd(groups: Iterable[Group]) -> Iterator[Any]:
    return iter(["no entry"])


@pytest.mark.parametrize(
    ("score", "found", "why"),
    [
        (one_by_one, [1.0, None] * 3, "mine raised RuntimeError: boom"),
        (at_once, [0.5] * 6, ""),
        (lazy, [None] * 6, "the reward gave no entry"),
        (odd, [None] * 6, "mine returned str"),
    ],
)
def test_a_packages_reward_fails_on_single_traces(run: Path, score: Any, found: list[float | None], why: str) -> None:
    """Where it breaks off, what it owes is scored item by item, and only what fails then is missing."""
    done = added(run, RewardSource(kind=KIND, score=score, identity={}, foreign=True))
    assert scores(run) == found
    assert (done.scored, done.why.startswith(why)) == (6, True)


def test_our_own_rewards_are_held_to_their_promise(run: Path) -> None:
    """A shipped source that leaves traces out is a bug and says so."""
    with pytest.raises(BadInput, match="left out 6 traces"):
        added(run, RewardSource(kind=KIND, score=lazy, identity={}))


def test_a_reward_that_scores_nothing_is_told_and_exits_with_one(cli: Any, run: Path, tmp_path: Path) -> None:
    """Beside one that does: its scores stand."""
    (tmp_path / "mine.py").write_text("def bad(item, trace, verdict):\n    return 1 / 0\n")
    done = cli("reward", "-r", run, "-w", f"{tmp_path}/mine.py:bad", "exact")
    assert done.returncode == 1
    assert "bad: 6 traces scored, 6 without a score; " in done.stderr
    assert "raised ZeroDivisionError: division by zero (mine.py line 2)" in done.stderr
    assert {r.name for record in store.read_run(run).records for r in record.rewards} >= {"bad", "exact"}
