"""Are the rows that were loaded the whole of their benchmark? Held against what is known of a named revision.

A source with another number of items is refused: one of several files, another split, half a download. Rows that the
user says are a part (``--partial``) mark the run. A handful of rows, which nobody takes for a benchmark, is let pass:
the manifest says how many there are of how many, and so does the report. ``--limit`` asks fewer items of a whole
benchmark and is no contradiction.
"""

import re
from dataclasses import replace
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.types import Benchmark, Known

SHARE = 10
FEWEST = 5
"""Fewer items than these, and than one in SHARE of the benchmark's, are a sample by the look of it."""


def held(benchmark: Benchmark, *, partial: bool) -> Benchmark:
    """Return the benchmark, marked where it is a part; raises BadInput where it is one and nobody said so."""
    known = benchmark.task.source.known
    count = len(benchmark.items)
    if benchmark.cut:
        return benchmark
    _same(benchmark)
    if not known or any(k.items == count for k in known):
        return benchmark
    if _sample(count, known):
        return benchmark
    if not partial:
        numbers = " or ".join(f"{k.items:,} ({k.of})" for k in known)
        raise BadInput(
            f"{benchmark.task.name}: {benchmark.origin} gives {count:,} items, the benchmark has {numbers}; give all "
            "of its rows and no others, or say --partial, which marks the run"
        )
    return replace(benchmark, part=True)


def described(benchmark: Benchmark) -> dict[str, Any] | None:
    """Return what a manifest says: the known number, and whether these are the same items; None where none is known."""
    known = benchmark.task.source.known
    if not known or benchmark.cut:
        return None
    count = len(benchmark.items)
    nearest = min(known, key=lambda k: (abs(k.items - count), k.fingerprint != benchmark.fingerprint))
    equal = nearest.items == count and nearest.fingerprint is not None
    same = nearest.fingerprint == benchmark.fingerprint if equal else None
    return {"loaded": count, "items": nearest.items, "of": nearest.of, "part": benchmark.part, "same": same}


def _same(benchmark: Benchmark) -> None:
    """Raise BadInput where a revision that was counted gives other items now: its bytes cannot have changed."""
    found = len(benchmark.items), benchmark.fingerprint
    for k in benchmark.task.source.known:
        counted = re.search(r"(?:^|@)([0-9a-f]{7,40})$", k.of)
        here = counted and k.fingerprint and (benchmark.revision or "").startswith(counted[1])
        if here and found != (k.items, k.fingerprint):
            raise BadInput(
                f"{benchmark.task.name}: {benchmark.origin} gives {found[0]:,} items with fingerprint {found[1]}; at "
                f"this very revision they were {k.items:,} with {k.fingerprint}: was the file changed on its way?"
            )


def _sample(count: int, known: tuple[Known, ...]) -> bool:
    return count < max(FEWEST, min(k.items for k in known) / SHARE)
