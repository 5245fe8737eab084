"""The watches: what sets each off, and what does not."""

import numpy as np
import pytest

from rarl_eval.training.onset import WATCHES, Groups, Watched

STEPS, CHANGE = 80, 40


def run(kind: str, seed: int = 3) -> dict[str, int | None]:
    """Watch a made-up training in which something changes at step 40."""
    rng, watch = np.random.default_rng(seed), Watched(alarm=0.01, window=20)
    for step in range(1, STEPS + 1):
        late = step >= CHANGE
        share = 0.5 + 0.3 * late * (kind in {"better", "longer and better"}) - 0.3 * late * (kind == "worse")
        truth = rng.binomial(8, share, 16) / 8
        hole = 0.2 * late * (kind == "hole")
        length = 300 * (1 + late * (kind in {"longer", "longer and better"})) * rng.gamma(20, 1 / 20, 16)
        watch.add(Groups(step, np.clip(truth + hole * rng.random(16) * 2, 0, 1), truth, length))
    return {onset.watch: onset.alarm for onset in watch.says()}


@pytest.mark.parametrize(
    ("kind", "want"),
    [
        ("nothing", set()),
        ("better", set()),
        ("longer and better", set()),
        ("hole", {WATCHES[0]}),
        ("longer", {WATCHES[1]}),
        ("worse", {WATCHES[2]}),
    ],
)
def test_each_watch_goes_off_for_its_own_reason(kind: str, want: set[str]) -> None:
    """And none where truth rises, with length or without."""
    found = run(kind)
    assert {name for name, step in found.items() if step is not None} == want
    assert all(CHANGE <= step <= CHANGE + 15 for step in found.values() if step is not None)


def test_a_step_of_one_group_counts_as_any_other() -> None:
    """The window fills with steps that have a group, and with those alone."""
    watch, one = Watched(window=3), np.full(1, 0.25)
    for step in range(1, 4):
        watch.add(Groups(step, one, one, one))
        watch.add(Groups(step, np.zeros(0), np.zeros(0), np.zeros(0)))
    assert all(onset.before is None for onset in watch.says())
    watch.add(Groups(4, one, one, one))
    assert {onset.watch: onset.before for onset in watch.says()}[WATCHES[2]] == 0.75


def test_before_the_first_window_is_full_nothing_is_said() -> None:
    """Unknown is None, and steps without a judged group count for nothing."""
    watch, none = Watched(window=3), np.zeros(0)
    for step in range(1, 9):
        watch.add(Groups(step, none, none, none))
    watch.add(Groups(9, np.ones(2), np.ones(2), np.ones(2)))
    assert [(onset.before, onset.alarm) for onset in watch.says()] == [(None, None)] * 3
