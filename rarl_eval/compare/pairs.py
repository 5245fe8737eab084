"""Two entrants of one task on the items both answered: difference, test, and how much more would tell."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import ceil

import msgspec
import numpy as np

from rarl_eval.compare.entrants import Counts, Entrant, clusters_of, shared_keys
from rarl_eval.stats import Interval, holm, mcnemar
from rarl_eval.stats.compare import items_needed, paired
from rarl_eval.stats.means import Codes, Floats, accuracy, clustered_error
from rarl_eval.stats.randomise import randomisation

POWER = 0.8
"""Chance of finding a difference that ``minimum_detectable`` and ``needed`` speak of."""


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """What would resolve a true difference as large as the one seen, 4 times in 5; None where nothing does."""

    items: int | None
    """Items in all, with as many samples as now."""
    samples: int | None
    """Samples of each item for each model, on the items of now; None where they have one sample or none would do."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """``a`` against ``b`` on one task and part."""

    task: str
    part: str
    """``all``, ``clean``, ``flagged`` or ``after``."""
    a: str
    b: str
    n: int
    """Items that both answered."""
    only_answered_a: int
    only_answered_b: int
    """Items of the part that one of them alone has judged samples of; they are left out."""
    accuracy_a: Interval | None
    accuracy_b: Interval | None
    difference: Interval
    """a - b; clustered where items share a passage."""
    clustered: bool
    only_a: int | None
    only_b: int | None
    """Items that one of them alone got right; None where items have several samples."""
    test: str
    """``mcnemar`` (exact) for single samples without passages, else ``randomisation`` (exact, stats.randomise)."""
    p_value: float
    p_holm: float
    """Adjusted over all pairs and tasks of this part."""
    minimum_detectable: float | None
    needed: Needed | None


def compare_pairs(
    found: Sequence[Entrant], keys_of: Mapping[tuple[str, str], Mapping[str, set[str]]], part: str
) -> list[Pair]:
    """Compare every two entrants of each task on ``part``; ``keys_of`` holds (task, label)'s items by part.

    Pairs without shared items, or whose tasks differ in version, are left out; see ``incomparable``.
    """
    pairs = [
        pair
        for a, b in _couples(found)
        if a.columns.info.version == b.columns.info.version
        and (pair := _pair(a, b, keys_of[a.task, a.label][part], keys_of[b.task, b.label][part], part))
    ]
    adjusted = holm([pair.p_value for pair in pairs])
    return [msgspec.structs.replace(pair, p_holm=p) for pair, p in zip(pairs, adjusted, strict=True)]


def exact_p(a: Entrant, b: Entrant, keys: Sequence[str]) -> float:
    """Two-sided exact p of the difference on ``keys``: McNemar's for single samples without passages."""
    clusters = clusters_of(a, keys)
    places = [np.array([e.place[key] for key in keys]) for e in (a, b)]
    right, samples = (
        np.stack([getattr(e, name)[at] for e, at in zip((a, b), places, strict=True)], axis=1)
        for name in ("right", "samples")
    )
    if clusters is None and bool((samples == 1).all()):
        return mcnemar(int((right[:, 0] > right[:, 1]).sum()), int((right[:, 0] < right[:, 1]).sum()))
    return randomisation(right, samples, clusters).two_sided


def incomparable(found: Sequence[Entrant]) -> list[str]:
    """Sentences about couples that cannot be compared."""
    notes = []
    for a, b in _couples(found):
        versions = (a.columns.info.version, b.columns.info.version)
        if versions[0] != versions[1]:
            notes.append(
                f"{a.label} and {b.label} were judged by versions {versions[0]} and {versions[1]} of {a.task} and do "
                "not compare; run or score again."
            )
        elif not shared_keys([a, b]):
            notes.append(f"{a.label} and {b.label} answered no item of {a.task} in common.")
    return notes


def _couples(found: Iterable[Entrant]) -> Iterable[tuple[Entrant, Entrant]]:
    tasks = defaultdict(list)
    for entrant in found:
        tasks[entrant.task].append(entrant)
    return (couple for group in tasks.values() for couple in combinations(group, 2))


def _pair(a: Entrant, b: Entrant, in_a: set[str], in_b: set[str], part: str) -> Pair | None:
    keys = sorted(in_a & in_b)
    if not keys:
        return None
    clusters = clusters_of(a, keys)
    places = [np.array([e.place[key] for key in keys]) for e in (a, b)]
    shares = [e.shares[at] for e, at in zip((a, b), places, strict=True)]
    samples = [e.samples[at] for e, at in zip((a, b), places, strict=True)]
    found = paired(shares[0], shares[1], clusters)
    if found is None:
        return None
    p_value = exact_p(a, b, keys)
    return Pair(
        task=a.task,
        part=part,
        a=a.label,
        b=b.label,
        n=found.n,
        only_answered_a=len(in_a - in_b),
        only_answered_b=len(in_b - in_a),
        accuracy_a=accuracy(shares[0], samples[0], clusters),
        accuracy_b=accuracy(shares[1], samples[1], clusters),
        difference=found.difference,
        clustered=clusters is not None,
        only_a=found.only_a,
        only_b=found.only_b,
        test="mcnemar" if found.only_a is not None and clusters is None else "randomisation",
        p_value=p_value,
        p_holm=p_value,
        minimum_detectable=found.minimum_detectable,
        needed=_needed(shares, samples, clusters),
    )


def _needed(shares: Sequence[Floats], samples: Sequence[Counts], clusters: Codes | None) -> Needed | None:
    """Solve the sample-size formula for items and for samples (stats.compare.items_needed)."""
    differences = shares[0] - shares[1]
    value, n = abs(float(differences.mean())), differences.size
    units = np.arange(n) if clusters is None else clusters
    spread = clustered_error(differences, units) ** 2 * n
    if value == 0 or spread == 0 or n < 2:
        return None
    items = ceil(items_needed(value, spread, power=POWER))
    within = [_within(s, k) for s, k in zip(shares, samples, strict=True)]
    if within[0] is None or within[1] is None:
        return Needed(items=items, samples=None)
    drawn = sum(w / float(k.mean()) for w, k in zip(within, samples, strict=True) if w is not None)
    between = max(0.0, spread - drawn)
    # n items suffice for a spread of n / items x the present one; what samples cannot shrink must fit into it.
    room = spread * n / items - between
    return Needed(items=items, samples=ceil((within[0] + within[1]) / room) if room > 0 else None)


def _within(shares: Floats, samples: Counts) -> float | None:
    """Variance of one sample's score within an item, unbiased; None without items of several samples."""
    several = samples > 1
    if not several.any():
        return None
    p, k = shares[several], samples[several]
    return float((p * (1 - p) * k / (k - 1)).mean())
