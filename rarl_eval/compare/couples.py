"""The couples of ``compare``: every two entrants of a task on a part of its items, by name, with their accuracies."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np

from rarl_eval.compare.entrants import Entrant, shared_keys
from rarl_eval.measures.pairs import Counted, Needed, Pair, adjusted, needed, pairs_of
from rarl_eval.stats import Interval
from rarl_eval.stats.means import accuracy, codes


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A pair with its names; compare.json holds the pair's own fields beside these."""

    task: str
    part: str
    """``all``, ``clean``, ``flagged`` or ``after``."""
    a: str
    b: str
    pair: Pair
    only_answered_a: int
    only_answered_b: int
    """Items of the part that one of them alone has judged samples of; they are left out."""
    accuracy_a: Interval | None
    accuracy_b: Interval | None
    needed: Needed | None


def compare_part(found: Sequence[Entrant], chosen: Mapping[tuple[str, str], set[str]], part: str) -> list[Compared]:
    """Compare every two entrants of each task on a part of the items, ``chosen`` by (task, label).

    p is adjusted over all of them. Pairs without shared items, or whose tasks differ in version, are left out; see
    ``incomparable``.
    """
    tables = []
    for group in _by_task(found):
        keys = [chosen[e.task, e.label] for e in group]
        table = counted(group, keys)
        tables.append((group, keys, table, pairs_of(table)))
    held = iter(adjusted([pair for *_, pairs in tables for pair in pairs]))
    return [_compared(part, group, keys, table, next(held)) for group, keys, table, pairs in tables for _ in pairs]


def counted(group: Sequence[Entrant], chosen: Sequence[set[str]]) -> Counted:
    """Count for the entrants of one task on the items ``chosen`` of each, by sorted key."""
    keys = sorted(set().union(*chosen))
    column = {key: i for i, key in enumerate(keys)}
    right = np.zeros((len(group), len(keys)), dtype=np.int64)
    judged = np.zeros_like(right)
    groups: dict[str, str] = {}
    for line, (entrant, mine) in enumerate(zip(group, chosen, strict=True)):
        asked = sorted(mine)
        at, places = [column[key] for key in asked], [entrant.place[key] for key in asked]
        right[line, at], judged[line, at] = entrant.right[places], entrant.samples[places]
        groups |= entrant.columns.info.groups
    units, _ = codes([("group", groups[key]) if key in groups else ("item", key) for key in keys])
    return Counted(right, judged, units, [e.columns.info.version for e in group])


def incomparable(found: Sequence[Entrant]) -> list[str]:
    """Sentences about couples that cannot be compared."""
    notes = []
    for a, b in (couple for group in _by_task(found) for couple in combinations(group, 2)):
        versions = (a.columns.info.version, b.columns.info.version)
        if versions[0] != versions[1]:
            notes.append(
                f"{a.label} and {b.label} were judged by versions {versions[0]} and {versions[1]} of {a.task} and do "
                "not compare; run or score again."
            )
        elif not shared_keys([a, b]):
            notes.append(f"{a.label} and {b.label} answered no item of {a.task} in common.")
    return notes


def _by_task(found: Sequence[Entrant]) -> Iterator[list[Entrant]]:
    tasks = defaultdict(list)
    for entrant in found:
        tasks[entrant.task].append(entrant)
    yield from tasks.values()


def _compared(part: str, group: Sequence[Entrant], keys: Sequence[set[str]], table: Counted, pair: Pair) -> Compared:
    at = table.where(pair.a, pair.b)
    clusters = table.clusters(at)
    samples = [table.judged[i, at] for i in (pair.a, pair.b)]
    shares = [table.right[i, at] / table.judged[i, at] for i in (pair.a, pair.b)]
    a, b = keys[pair.a], keys[pair.b]
    return Compared(
        task=group[0].task,
        part=part,
        a=group[pair.a].label,
        b=group[pair.b].label,
        pair=pair,
        only_answered_a=len(a - b),
        only_answered_b=len(b - a),
        accuracy_a=accuracy(shares[0], samples[0], clusters),
        accuracy_b=accuracy(shares[1], samples[1], clusters),
        needed=needed(shares, samples, clusters),
    )
