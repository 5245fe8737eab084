"""Runs compared on the items they share: who is better, by how much, and what the data could not have told.

``build_comparison`` returns the object that docs/compare.md describes; ``write_comparison`` writes it as compare.json
and compare.md; ``render_comparison`` shows it. Not here: formulas (stats) and what stands in one run alone (report).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from rarl_eval import __version__
from rarl_eval.compare.compute import compute
from rarl_eval.compare.couples import Compared, compare_part, counted, incomparable
from rarl_eval.compare.entrants import Entrant, entrants, parts, shared_keys
from rarl_eval.compare.flips import flips
from rarl_eval.compare.sentences import sentence
from rarl_eval.compare.show import render_comparison, write_comparison
from rarl_eval.compare.windows import iso_date, parse_cutoffs, windows
from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import ScanResult
from rarl_eval.measures.pairs import POWER, open_ranks, pairs_of
from rarl_eval.runs.identity import run_labels
from rarl_eval.runs.store import Run

__all__ = ["build_comparison", "render_comparison", "write_comparison"]

SCHEMA = 1
ALPHA = 0.05


def build_comparison(
    runs: Iterable[Run], scans: Sequence[ScanResult] = (), *, after: str | None = None, cutoffs: Sequence[str] = ()
) -> dict[str, Any]:
    """Compare runs on all their shared items, and on the clean, the flagged and the later ones, as plain data.

    ``after`` is an ISO date; ``cutoffs`` are dates or MODEL=DATE. Raises BadInput unless some task has two entrants.
    """
    read = list(runs)
    found = entrants(read, run_labels(read))
    after = None if after is None else iso_date("--after", after)
    dated = parse_cutoffs(cutoffs, sorted({e.model for e in found}))
    _check(found)
    of_entrant = {(e.task, e.label): parts(e, scans, after) for e in found}
    names = list(next(iter(of_entrant.values())))
    pairs = {name: compare_part(found, {who: split[name] for who, split in of_entrant.items()}, name) for name in names}
    comparison = {
        "schema": SCHEMA,
        "created_by": f"rarl-eval {__version__}",
        "settings": {"level": 0.95, "alpha": ALPHA, "power": POWER, "after": after, "cutoffs": dated},
        "holm_over": {name: len(group) for name, group in pairs.items()},
        "entrants": [{"label": e.label, "model": e.model, "run": e.run, "task": e.task} for e in found],
        "pairs": [_told(pair, len(group), after) for group in pairs.values() for pair in group],
        "ranks": _ranks(found),
        "flips": [flip for a, b in _first_against_rest(found) for flip in flips(a, b, shared_keys([a, b]))],
        "compute": [compute(a, b, shared_keys([a, b])) for a, b in _first_against_rest(found)],
        "windows": windows(found, dated),
        "notes": [*incomparable(found), *_undated(found, after)],
    }
    plain: dict[str, Any] = msgspec.to_builtins(comparison)
    return plain


def _check(found: Sequence[Entrant]) -> None:
    tasks = Counter(e.task for e in found)
    if not tasks or max(tasks.values()) < 2:
        raise BadInput(
            f"no task was answered by two models or runs (there are {', '.join(sorted(tasks)) or 'none'}); "
            "name runs of one task"
        )


def _told(found: Compared, comparisons: int, after: str | None) -> dict[str, Any]:
    told = {**msgspec.structs.asdict(found), **msgspec.structs.asdict(found.pair), "a": found.a, "b": found.b}
    del told["pair"]
    return {**told, "sentence": sentence(found, comparisons, ALPHA, after)}


def _ranks(found: Sequence[Entrant]) -> list[dict[str, Any]]:
    """Rank the entrants of each task and version on the items that all of them answered."""
    ranked: list[dict[str, Any]] = []
    for task, version in sorted({(e.task, e.columns.info.version) for e in found}):
        group = [e for e in found if (e.task, e.columns.info.version) == (task, version)]
        keys = shared_keys(group)
        if len(group) < 2 or not keys:
            continue
        table = counted(group, [set(keys)] * len(group))
        values = [float(line.mean()) for line in table.right / table.judged]
        rows: list[dict[str, Any]] = [
            {"label": e.label, "n": len(keys), "accuracy": value, **msgspec.structs.asdict(rank)}
            for e, value, rank in zip(group, values, open_ranks(table, pairs_of(table)), strict=True)
        ]
        ranked.append({"task": task, "rows": sorted(rows, key=lambda row: (row["rank"], row["label"]))})
    return ranked


def _first_against_rest(found: Sequence[Entrant]) -> Iterator[tuple[Entrant, Entrant]]:
    """Yield each task's first entrant with each later one: what was named first is what is asked about."""
    for task in sorted({e.task for e in found}):
        first, *rest = [e for e in found if e.task == task]
        yield from ((first, other) for other in rest)


def _undated(found: Sequence[Entrant], after: str | None) -> list[str]:
    if after is None:
        return []
    return [
        f"{len(e.place) - len(e.released):,} items of {e.task} have no release date; they are in no window ({e.label})."
        for e in found
        if len(e.released) < len(e.place)
    ]
