"""Process rewards against labelled steps: finding the first fault, and right answers wrongly reached."""

from collections.abc import Hashable, Sequence

import msgspec
import numpy as np

from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats, codes, proportion
from rarl_eval.stats.resample import Measure, bootstrap, columnar, divide


class FirstError(msgspec.Struct, frozen=True, kw_only=True):
    """How well the first faulty step is found."""

    n: int
    faulty: Interval | None
    """Accuracy on solutions with a fault: the very step was named."""
    fault_free: Interval | None
    """Accuracy on solutions without one: none was named."""
    f1: Interval | None
    """Harmonic mean 2ab / (a + b) of the two; None unless both kinds of solution are there."""


class StepScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well single steps are told right from wrong."""

    n: int
    f1: Interval | None
    """F1 with right steps as the positive class."""
    f1_negative: Interval | None
    """F1 with faulty steps as the positive class."""
    prm_score: Interval | None
    """Half of each: PRMBench's PRMScore (arXiv 2501.03124)."""


def first_error(
    labels: Sequence[int | None],
    predictions: Sequence[int | None],
    items: Sequence[Hashable] | None = None,
    *,
    seed: int = 0,
    replicates: int = 1000,
) -> FirstError:
    """ProcessBench's F1 (arXiv 2412.06559): index of the first faulty step, None for none, for each solution (n,)."""
    if len(labels) != len(predictions):
        raise ValueError(f"{len(labels)} labels against {len(predictions)} predictions")
    unit, n_units = _units(items, len(labels))
    fault = np.array([label is not None for label in labels], dtype=np.float64)
    hit = np.array([a == b for a, b in zip(labels, predictions, strict=True)], dtype=np.float64)
    columns = [
        np.bincount(unit, weights=w, minlength=n_units) for w in (hit * fault, fault, hit * (1 - fault), 1 - fault)
    ]
    table = columnar(columns)

    def f1(drawn: Floats) -> Floats:
        sums = drawn @ table
        a, b = divide(sums[:, 0], sums[:, 1]), divide(sums[:, 2], sums[:, 3])
        # Both 0: nothing is found, which is 0 and not undefined.
        return np.where(a + b == 0, 0.0, divide(2 * a * b, a + b))[:, None]

    found = bootstrap([Measure(("f1",), f1)], n_units, seed=seed, replicates=replicates)
    return FirstError(
        n=len(labels),
        faulty=proportion(columns[0], columns[1], np.arange(n_units)),
        fault_free=proportion(columns[2], columns[3], np.arange(n_units)),
        f1=found["f1"],
    )


def step_scores(
    labels: Sequence[Sequence[bool]],
    passed: Sequence[Sequence[bool]],
    items: Sequence[Hashable] | None = None,
    *,
    seed: int = 0,
    replicates: int = 1000,
) -> StepScore:
    """Step F1 over all steps of all solutions (n,): ``labels`` True for a right step, ``passed`` for one let pass."""
    for i, (truth, said) in enumerate(zip(labels, passed, strict=True)):
        if len(truth) != len(said):
            raise ValueError(f"solution {i} has {len(truth)} labelled steps and {len(said)} judged ones")
    unit, n_units = _units(items, len(labels))
    cells = np.zeros((n_units, 4))
    for where, truth, said in zip(unit, labels, passed, strict=True):
        for good, ok in zip(truth, said, strict=True):
            cells[where, 2 * (not good) + (not ok)] += 1
    table = columnar(cells.T)

    def scores(drawn: Floats) -> Floats:
        passed_right, failed_right, passed_wrong, failed_wrong = (drawn @ table).T
        mistakes = failed_right + passed_wrong
        f1 = divide(2 * passed_right, 2 * passed_right + mistakes)
        negative = divide(2 * failed_wrong, 2 * failed_wrong + mistakes)
        return np.stack([f1, negative, (f1 + negative) / 2], axis=1)

    names = ("f1", "f1_negative", "prm_score")
    found = bootstrap([Measure(names, scores)], n_units, seed=seed, replicates=replicates)
    return StepScore(n=int(cells.sum()), **{name: found[name] for name in names})


def right_by_faulty_steps(correct: Sequence[bool], first_faults: Sequence[int | None]) -> Interval | None:
    """Share of right final answers that were reached through a faulty step; None without right answers."""
    right = [fault is not None for ok, fault in zip(correct, first_faults, strict=True) if ok]
    return proportion(np.array(right, dtype=np.float64))


def _units(items: Sequence[Hashable] | None, n: int) -> tuple[Codes, int]:
    return (np.arange(n), n) if items is None else codes(list(items))
