"""Beliefs from facts of the tests' own making: who is accused, who is cleared, and what there is to believe."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from rarl_eval.belief import LEVEL, AnswerSource, Belief, Facts, LengthPeer, Probed, Training, Twin, believe
from rarl_eval.measures.doubt import Doubt
from rarl_eval.measures.exposed import Exposed
from rarl_eval.measures.outcome import RowOutcome
from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.stats import Interval, newcombe, wilson

KNOWN = AnswerSource(revision="abc", released="2024-05-01")


def half(right: int, n: int) -> Interval:
    """Return the share of right answers with Wilson's interval."""
    found = wilson(right, n)
    assert found is not None
    return found


def row(right: int = 700, n: int = 1000, **more: Any) -> RowOutcome:
    said = {"model": "m", "task": "t", "domain": "math", "run": "r", "fingerprint": "f", "prompt_style": "cot v1"}
    counts = {"n": n, "asked": n, "traces": n, "errors": 0, "unjudged": 0, "no_answer": 0.0, "stops": {}}
    return RowOutcome(**(said | counts | {"accuracy": half(right, n)} | more))


def seen(found: int, p: float | None, high: float = 0.2, **more: Any) -> Exposed:
    gain = Interval(0.05, 0.02, high) if found else None
    said = {"n": 1000, "untold": 0, "clean": half(450, 750), "flagged": half(200, 250), "controls": 2}
    return Exposed(scans=("s",), found=found, p=p, gain=gain, **(said | more))


def facts(outcome: RowOutcome | None = None, **more: Any) -> Facts:
    return Facts(row=outcome or row(), **({"source": KNOWN} | more))


def one(*board: Facts) -> Belief:
    """Return the first row's belief."""
    return believe(board)[0]


def status(belief: Belief, name: str) -> str:
    return next(check.status for check in belief.checks if check.name == name)


CLEAN = Exposed(scans=("s",), n=1000, found=0, untold=0, clean=half(700, 1000))
TWIN = Twin(task="fresh:x@1", accuracy=half(600, 1000), difference=newcombe(half(700, 1000), half(600, 1000)))
SAME = Twin(task="fresh:x@1", accuracy=half(699, 1000), difference=newcombe(half(700, 1000), half(699, 1000)))


@pytest.mark.parametrize(
    ("given", "verdict", "source", "value"),
    [
        (facts(), "unchecked", "all items", 0.7),
        (facts(untied=("scans/web",)), "unchecked", "all items", 0.7),
        (facts(exposed=CLEAN), "holds", "all items", 0.7),
        (facts(exposed=seen(250, 1e-6)), "inflated", "clean items", 0.6),
        (facts(exposed=seen(250, 0.3)), "doubtful", "clean items", 0.6),
        (facts(exposed=seen(250, 0.3, high=0.04)), "holds", "clean items", 0.6),
        (facts(exposed=seen(250, 0.3, high=0.04, untold=300)), "doubtful", "clean items", 0.6),
        (facts(exposed=seen(1000, None, clean=None)), "doubtful", None, None),
        (facts(twins=(TWIN,)), "inflated", "the fresh twin", 0.6),
        (facts(twins=(SAME,)), "holds", "the fresh twin", 0.699),
        (facts(fresh=True), "holds", "all items", 0.7),
        (facts(cutoff="2023-12-31"), "holds", "all items", 0.7),
        (facts(cutoff="2024-05-01"), "unchecked", "all items", 0.7),
        (facts(probes=(Probed(name="completion", p=1e-5),)), "doubtful", "all items", 0.7),
        (facts(probes=(Probed(name="completion", p=0.5),)), "unchecked", "all items", 0.7),
        (facts(row(n=600, right=420, asked=1000), exposed=CLEAN), "doubtful", "all items", 0.7),
        (facts(row(errors=50), exposed=CLEAN), "doubtful", "all items", 0.7),
        (facts(row(right=7, n=10), exposed=CLEAN), "doubtful", "all items", 0.7),
        (facts(exposed=CLEAN, truncated=0.2), "doubtful", "all items", 0.7),
        (facts(exposed=CLEAN, truncated=0.05), "holds", "all items", 0.7),
        (facts(row(no_answer=0.1), exposed=CLEAN), "doubtful", "all items", 0.7),
        (facts(row(unjudged=3), exposed=CLEAN), "doubtful", "all items", 0.7),
        (facts(row(stops={"cannot_judge": 100}), exposed=CLEAN), "doubtful", "all items", 0.7),
        (facts(exposed=CLEAN, source=AnswerSource(served=("a", "b"))), "doubtful", "all items", 0.7),
        (facts(exposed=CLEAN, source=AnswerSource(recorded=True, harness_differs=0.1)), "doubtful", "all items", 0.7),
        (facts(exposed=CLEAN, source=AnswerSource(recorded=True)), "holds", "all items", 0.7),
    ],
)  # fmt: skip
def test_a_verdict_and_a_value_follow_from_the_facts(
    given: Facts, verdict: str, source: str | None, value: float | None
) -> None:
    """Only a test of the score calls it inflated, and only something that clears lets it hold."""
    found = one(given)
    assert (found.verdict, found.source) == (verdict, source)
    assert (found.value and found.value.value) == value


def test_every_test_of_the_board_is_counted_in_holms_adjustment() -> None:
    """A p of 0.03 accuses a model that is alone, and nobody where eleven others were tested, too."""
    suspect = facts(exposed=seen(250, 0.03))
    other = facts(row(model="o"), exposed=seen(250, 0.5), probes=(Probed(name="completion", p=0.6),))
    assert one(suspect).verdict == "inflated"
    found = believe([suspect, *[other] * 5])
    assert [b.verdict for b in found] == ["doubtful"] * 6
    assert found[0].tests[0].p_holm == pytest.approx(0.33)
    assert LEVEL == 0.05


def test_a_reading_that_misses_right_answers_understates() -> None:
    """What a second reading alone calls right lies in the interval; where it takes as much away it is doubtful."""
    missing = Doubt(n=1000, share=Interval(0.2, 0.18, 0.22), low=0.7, high=0.9, marked=True)
    found = one(facts(row(no_answer=0.2), doubt=missing, exposed=CLEAN))
    assert (found.verdict, found.source) == ("understated", "all items, both readings")
    accuracy = half(700, 1000)
    assert found.value is not None
    assert (found.value.low, found.value.high) == (accuracy.low, pytest.approx((accuracy.high or 0) + 0.2))
    assert found.told.endswith("Right are 70.0 % to 90.0 %.")
    both = msgspec.structs.replace(missing, low=0.6, high=0.8)
    assert one(facts(doubt=both, exposed=CLEAN)).verdict == "doubtful"


def test_a_judges_errors_correct_the_value() -> None:
    """A judge that passes a tenth of the wrong answers and fails none makes 70 % of 66.7 %: Rogan and Gladen's."""
    measured = Rewarded(reward="judge", n=2000, base_rate=0.5, false_pass=half(100, 1000), false_fail=half(0, 1000))
    found = one(facts(exposed=CLEAN, judges=("judge",), judge_measured=measured))
    assert found.source == "all items, judge corrected"
    assert found.value is not None
    assert found.value.value == pytest.approx((0.7 - 0.1) / 0.9, abs=1e-3)
    assert (found.value.low or 0) < 0.635  # wider than without the judge's own error
    unmeasured = one(facts(exposed=CLEAN, judges=("judge",)))
    assert (unmeasured.verdict, unmeasured.source, status(unmeasured, "judge")) == ("holds", "all items", "unsure")


def test_each_check_says_what_would_settle_it() -> None:
    """A check that neither passed nor failed for good names the command to run; every check has a sentence."""
    found = one(facts(untied=("scans/web",)))
    assert [check.name for check in found.checks] == [
        "contamination", "reading", "judge", "completeness", "noise", "provenance", "reward", "length",
    ]  # fmt: skip
    assert all(check.told.endswith(".") for check in found.checks)
    assert found.checks[0].status == "not_done"
    assert found.checks[0].settle == "rarl-eval report --corpus-of m=scans/web, if it is this model's"
    assert one(facts()).checks[0].settle == "rarl-eval scan -t t -c CORPUS --model m -o scans/m"


@pytest.mark.parametrize(
    ("lead", "at_equal", "expected"), [(0.1, 0.05, "passed"), (0.1, -0.05, "unsure"), (0.1, 0.0, "unsure")]
)
def test_a_lead_that_is_bought_with_length_is_told(lead: float, at_equal: float, expected: str) -> None:
    """Where both get the same length and the lead is gone, a reader should know, and the score may hold."""
    found = one(facts(exposed=CLEAN, peer=LengthPeer(model="b", lead=lead, lead_at_equal_length=at_equal)))
    assert (status(found, "length"), found.verdict) == (expected, "holds")


@pytest.mark.parametrize(
    ("auroc", "expected"),
    [
        (Interval(0.9, 0.8, 0.95), "passed"),
        (Interval(0.4, 0.3, 0.45), "failed"),
        (Interval(0.5, 0.4, 0.6), "unsure"),
        (None, "not_done"),
    ],
)
def test_a_reward_that_trained_the_model_is_held_against_the_verdicts(auroc: Interval | None, expected: str) -> None:
    """One that ranks wrong answers above right ones makes the score doubtful."""
    found = one(facts(exposed=CLEAN, trained_by=("r",), rewards=(Rewarded(reward="r", auroc=auroc),)))
    assert status(found, "reward") == expected
    assert (found.verdict == "doubtful") == (expected == "failed")


WELL = Training(path="w", steps=60, judged=600, watched=True, rise=0.01)
PARTED = "Reward less truth rose above the first window's: alarm at step 40, most likely from step 31."
PAYS = ("False answers with several boxes are paid 90% of the time, others 5% (80 seen).",)


@pytest.mark.parametrize(
    ("given", "expected", "told"),
    [
        ((WELL,), "passed", "Reward and truth did not part in the 60 steps of its training."),
        ((replace(WELL, watched=False, steps=7),), "unsure", "Its training of 7 steps is too short"),
        ((replace(WELL, judged=0),), "not_done", "No rollout of its training w could be judged."),
        ((replace(WELL, parted=PARTED, pays=PAYS),), "failed", f"In training: {PARTED} {PAYS[0]}"),
        ((replace(WELL, pays=PAYS),), "unsure", f"In training: {PAYS[0]}"),
        ((replace(WELL, others=("Truth fell.",)),), "unsure", "In training: Truth fell."),
        ((WELL, replace(WELL, parted=PARTED)), "failed", f"In training: {PARTED}"),
        ((WELL, replace(WELL, judged=0)), "passed", "Reward and truth did not part"),
    ],
)
def test_a_training_tells_whether_its_reward_paid_for_truth(
    given: tuple[Training, ...], expected: str, told: str
) -> None:
    """An alarm of reward less truth alone makes the score doubtful; of several trainings the gravest counts."""
    found = one(facts(exposed=CLEAN, trainings=given))
    assert (status(found, "reward"), found.verdict) == (expected, "doubtful" if expected == "failed" else "holds")
    assert next(check for check in found.checks if check.name == "reward").told.startswith(told)


@pytest.mark.parametrize(
    ("rewards", "expected", "told"),
    [
        ((), "not_done", "No reward is said"),
        (
            ((0.9, 0.8, 0.95, "accuracy"),),
            "passed",
            "The reward r0 puts a right answer above a wrong one 90.0 % of the time. No",
        ),
        (
            ((0.4, 0.3, 0.45, "accuracy"),),
            "unsure",
            "The reward r0 puts a right answer above a wrong one 40.0 % of the time. No",
        ),
        (((0.2, 0.1, 0.3, "shaping"),), "not_done", "No reward is said"),
        (((0.9, 0.8, 0.95, None), (0.5, 0.4, 0.6, None)), "unsure", "The reward r1 puts"),
    ],
)
def test_rewards_that_merely_scored_the_answers_make_no_score_doubtful(
    rewards: tuple[tuple[float, float, float, str | None], ...], expected: str, told: str
) -> None:
    """Of those that are meant to rank truth the worst is told; that one is shaped by length accuses nobody."""
    entries = tuple(
        Rewarded(reward=f"r{i}", auroc=Interval(value, low, high), meaning=meaning)
        for i, (value, low, high, meaning) in enumerate(rewards)
    )
    found = one(facts(exposed=CLEAN, rewards=entries))
    assert (status(found, "reward"), found.verdict) == (expected, "holds")
    assert next(check for check in found.checks if check.name == "reward").told.startswith(told)
