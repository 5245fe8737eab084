"""What a reward pays for besides being right, from recorded traces: length, form, place, repetition, kinship."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from rarl_eval.rewards.judges import vote
from rarl_eval.runs.added import Entry, Slot
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats, mean, proportion
from rarl_eval.stats.resample import Measure, bootstrap, columnar, divide, ratios


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """How a feature of the text moves the score when the verdict is held fixed; None where it cannot be told."""

    partial: Interval | None
    """Spearman's correlation of score and feature, the verdict partialled out."""
    wins: Interval | None
    """P(the trace with more of it scores higher), pairs of one item and one verdict, ties half; 1/2 is fair."""
    pairs: int
    units: int = 0
    """Items, or groups of them, with a score."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """What the order of a pair does to a pairwise judge."""

    n: int
    """Pairs whose two orders were both read."""
    consistent: Interval | None
    """Share of pairs with the same winner in both orders."""
    first: Interval | None
    """Share of decided replies that prefer the response shown first; 1/2 is fair."""
    consistent_apart: Interval | None = None
    """``consistent`` over pairs of a right and a wrong trace: of two that are alike, either may win."""


class Repeated(msgspec.Struct, frozen=True, kw_only=True):
    """Traces whose text stands under another item too."""

    n: int
    share: float | None
    passed: Interval | None
    """Share of them that pass."""


def pull(
    scores: Floats, correct: Floats, feature: Floats, items: Codes, units: Codes, *, seed: int, replicates: int
) -> Pull:
    """Measure the pull of a feature on scores over traces (n,); unscored ones (nan) are left out."""
    known = ~np.isnan(scores)
    s, y, x, item = scores[known], correct[known], feature[known], items[known]
    unit = np.unique(units[known], return_inverse=True)[1].astype(np.intp)
    n_units = int(unit.max(initial=-1)) + 1
    wins, pairs = _paired(s, y, x, item, unit, n_units)
    measures = [_partial(s, y, x, unit, n_units), ratios({"wins": (wins, pairs)})]
    found = bootstrap(measures, n_units, seed=seed, replicates=replicates)
    return Pull(partial=found["partial"], wins=found["wins"], pairs=int(pairs.sum()), units=n_units)


def position(entries: Iterable[Entry], correct: Mapping[Slot, float] | None = None) -> Position | None:
    """Measure a pairwise judge by its stored judgements, with the traces' verdicts; None without any."""
    pairs: dict[tuple[Slot, int], list[tuple[int, int]]] = {}
    for entry in entries:
        for judgement in entry.judgements:
            found = vote(judgement)
            if judgement.against is not None and found is not None:
                shown = found if judgement.first else -found
                pairs.setdefault((entry.slot, judgement.against), []).append((found, shown))
    if not pairs:
        return None
    read = {pair: votes for pair, votes in pairs.items() if len(votes) == 2}
    both = list(read.values())
    apart = [votes for pair, votes in read.items() if _apart(pair, correct or {})]
    decided = [shown > 0 for votes in both for _, shown in votes if shown]
    owner = [i for i, votes in enumerate(both) for _, shown in votes if shown]
    return Position(
        n=len(both),
        consistent=_consistent(both),
        consistent_apart=_consistent(apart),
        # Both orders of a pair are one draw: their errors are not independent.
        first=proportion(np.array(decided, dtype=np.float64), clusters=np.unique(owner, return_inverse=True)[1])
        if decided
        else None,
    )


def _consistent(both: Sequence[Sequence[tuple[int, int]]]) -> Interval | None:
    return proportion([float(a[0] == b[0]) for a, b in both]) if both else None


def _apart(pair: tuple[Slot, int], correct: Mapping[Slot, float]) -> bool:
    """Whether one trace of a pair is right and the other wrong."""
    (task, key, sample), other = pair
    return {correct.get((task, key, sample)), correct.get((task, key, other))} == {0.0, 1.0}


def repeated(texts: Sequence[int], items: Codes, passed: Floats) -> Repeated:
    """Measure traces (n,) whose text stands under another item: an answer to any question answers none."""
    owners: dict[int, set[int]] = {}
    for text, item in zip(texts, items.tolist(), strict=True):
        owners.setdefault(text, set()).add(item)
    several = np.array([len(owners[text]) > 1 for text in texts], dtype=bool)
    scored = several & ~np.isnan(passed)
    return Repeated(
        n=int(several.sum()),
        share=float(several.mean()) if several.size else None,
        passed=proportion(passed[scored]) if scored.any() else None,
    )


def preference(own: tuple[Floats, Floats], others: tuple[Floats, Floats]) -> Interval | None:
    """Mean of score - verdict over a judge's own traces less that over other models': above 0 it favours its own.

    Each side is (scores, verdicts) over traces (n,), scores in 0 to 1; Welch's interval from two t intervals (MOVER).
    """
    from rarl_eval.stats import newcombe

    sides = []
    for scores, correct in (own, others):
        known = ~np.isnan(scores)
        sides.append(mean((scores - correct)[known]))
    return None if sides[0] is None or sides[1] is None else newcombe(sides[0], sides[1])


def _partial(scores: Floats, correct: Floats, feature: Floats, units: Codes, n_units: int) -> Measure:
    """Partial Spearman correlation; ranks are those of the whole data and stay put in resamples."""
    from scipy.stats import rankdata

    x, y, z = (_standard(rankdata(v)) if v.size else v for v in (scores, feature, correct))
    products = (np.ones_like(x), x, y, z, x * x, y * y, z * z, x * y, x * z, y * z)
    table = columnar([np.bincount(units, weights=p, minlength=n_units) for p in products])

    def values(drawn: Floats) -> Floats:
        n, sx, sy, sz, xx, yy, zz, xy, xz, yz = (drawn @ table).T

        def covariance(both: Floats, a: Floats, b: Floats) -> Floats:
            return divide(both, n) - divide(a, n) * divide(b, n)

        vx, vy, vz = covariance(xx, sx, sx), covariance(yy, sy, sy), covariance(zz, sz, sz)
        cxy, cxz, cyz = covariance(xy, sx, sy), covariance(xz, sx, sz), covariance(yz, sy, sz)
        fixed = vz > 1e-12  # with one class there is no verdict to hold fixed
        safe = np.where(fixed, vz, 1.0)
        top = np.where(fixed, cxy - cxz * cyz / safe, cxy)
        left = np.where(fixed, vx - cxz * cxz / safe, vx)
        right = np.where(fixed, vy - cyz * cyz / safe, vy)
        spread = np.sqrt(np.maximum(left, 0) * np.maximum(right, 0))
        return divide(top, np.where(spread > 1e-12, spread, 0.0))[:, None]

    return Measure(("partial",), values)


def _standard(ranks: Floats) -> Floats:
    """Centre and scale ranks, so that sums of squares of a million of them keep their digits."""
    centred: Floats = (ranks - ranks.mean()) / max(float(ranks.std()), 1.0)
    return centred


def _paired(
    scores: Floats, correct: Floats, feature: Floats, items: Codes, units: Codes, n_units: int
) -> tuple[Floats, Floats]:
    """By unit: pairs of one item and one verdict with unequal features in which the larger scores higher, and all."""
    wins, pairs = np.zeros(n_units), np.zeros(n_units)
    order = np.lexsort((correct, items))
    cell = np.stack([items[order].astype(np.float64), correct[order]])
    starts = np.flatnonzero(np.any(np.diff(cell, axis=1, prepend=-1.0) != 0, axis=0)) if order.size else np.empty(0)
    for places in np.split(order, starts[1:].astype(np.intp)) if order.size else []:
        if places.size < 2:
            continue
        i, j = np.triu_indices(places.size, 1)
        ahead = np.sign(feature[places][i] - feature[places][j])
        more = np.sign(scores[places][i] - scores[places][j]) * ahead
        wins[units[places[0]]] += float(((more + 1) / 2)[ahead != 0].sum())
        pairs[units[places[0]]] += float((ahead != 0).sum())
    return wins, pairs
