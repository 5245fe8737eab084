"""The sentence that a training comes to."""

from typing import Any

import msgspec
import pytest

from rarl_eval.stats import Interval
from rarl_eval.training.figures import StepFigures
from rarl_eval.training.noticed import Rewards
from rarl_eval.training.onset import Onset
from rarl_eval.training.present import headline
from rarl_eval.training.watch import Watching


def step(number: int, truth: float | None, reward: float = 0.5) -> StepFigures:
    unknown: dict[str, Any] = dict.fromkeys(field.name for field in msgspec.structs.fields(StepFigures))
    given = {"step": number, "rollouts": 8, "judged": 8, "reward": reward, "rewards": {}, "groups": 1}
    return StepFigures(**unknown | given | {"truth": None if truth is None else Interval(truth)})


def training(*steps: StepFigures, onsets: tuple[Onset, ...] = ()) -> Watching:
    return Watching(
        verifier="gsm8k", alarm=0.01, window=20, scale=Rewards(0, 1), files=1, layouts=[], rollouts=8 * len(steps),
        judged=8 * len(steps), unjudged={}, unread=0, unread_first=[], notes=[], steps=list(steps), onsets=list(onsets),
        exploits=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((step(1, 0.2, 0.3), step(2, 0.9), step(3, 0.6, 0.7)), "Truth went from 20.0 % to 60.0 %, reward from"),
        ((step(1, None), step(2, 0.2), step(3, 0.6), step(4, None)), "Truth went from 20.0 % to 60.0 %"),
        ((step(1, 0.2),), "truth 20.0 %, 8 rollouts judged."),
    ],
)
def test_a_quiet_training_is_told_from_its_first_to_its_last_known_step(
    steps: tuple[StepFigures, ...], said: str
) -> None:
    """Steps without a truth are neither; one step went nowhere."""
    assert said in headline(training(*steps))


def test_an_alarm_is_told_before_all_else() -> None:
    """How many of the watches went off, and whether reward and truth parted."""
    onsets = (Onset(watch="reward less truth", needed=2.0, alarm=2), Onset(watch="truth", needed=2.0))
    told = headline(training(step(1, 0.2), step(2, 0.6), onsets=onsets))
    assert told == "The reward stopped paying for what is true: 1 of 2 watches went off."
