"""Capital won by betting keeps its promise: under the null it is rarely large, and a rise makes it grow."""

import numpy as np

from rarl_eval.stats.betting import Rise, bound_above


def test_a_bound_lies_above_the_mean_nearly_always() -> None:
    """Of 400 samples of 60 values at most the stated tenth have a bound below the true mean; it narrows with n."""
    rng = np.random.default_rng(0)
    missed = sum(bound_above(rng.beta(2, 6, 60), 0.1) < 0.25 for _ in range(400))
    assert missed <= 40
    wide, narrow = (bound_above(np.tile([0.2, 0.3], n), 0.01) for n in (20, 2000))
    assert 0.25 < narrow < wide < 1
    assert narrow < 0.26


def test_a_bound_of_nothing_is_one() -> None:
    """Without values, and with too few to say anything, the mean may be all there is."""
    assert bound_above([], 0.01) == 1.0
    assert bound_above([0.5], 1e-9) == 1.0


def test_capital_is_rarely_large_under_the_null() -> None:
    """Looked at after each of 100 steps, at most a tenth of 300 null runs ever reach 10."""
    rng = np.random.default_rng(1)
    reached = 0
    for _ in range(300):
        rise = Rise(0.3)
        for _ in range(100):
            rise.add(rng.random(4) < 0.3)
        reached += rise.peak >= np.log(10)
    assert reached <= 30


def test_a_late_rise_is_found_and_dated() -> None:
    """After 50 still steps a rise sets off within 10, and betting would have begun within 5 of it."""
    rng = np.random.default_rng(2)
    rise = Rise(0.3)
    found = None
    for step in range(1, 101):
        now = rise.add(rng.random(16) < (0.25 if step <= 50 else 0.6))
        if found is None and now >= np.log(300):
            found = step
    assert found is not None
    assert 50 < found <= 60
    assert abs(rise.began() - 51) <= 5


def test_capital_of_one_step_is_the_mean_of_the_bets() -> None:
    """By hand: half of the capital begins at step 1, the other half waits; a value of m wins nothing."""
    assert np.isclose(Rise(0.5).add([0.5]), 0.0)
    bets = 0.9 * 0.5 ** np.arange(8) / 0.5
    assert np.isclose(np.exp(Rise(0.5).add([1.0])), 0.5 * np.mean(1 + bets * 0.5) + 0.5)
