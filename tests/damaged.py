"""Logs with parts replaced or taken out, for tests that read whatever comes."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from rarl_eval import data, registry
from rarl_eval.types import Benchmark

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
    | st.sampled_from(
        ["\ud800", "attachment://x", "<think>", "\x00\x1b[31m", "=1", "[" * 50, "[[1]", "['a'", "10" * 50, "<p>Score: "]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@cache
def benchmark() -> Benchmark:
    """No fixture: hypothesis would print it with every failing example."""
    return data.load(registry.tasks("demo_math")[0])


@contextmanager
def folder() -> Iterator[Path]:
    """A folder in memory: hundreds of runs are written, each synced to disk."""
    memory = Path("/dev/shm")
    name = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    try:
        yield name
    finally:
        shutil.rmtree(name)


def _places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from _places(part, (*here, name))


def mutated(draw: st.DataObject, value: Any) -> Any:
    """The value with one to three of its parts replaced by something else or taken out."""
    value = deepcopy(value)
    for _ in range(draw.draw(st.integers(1, 3))):
        where = draw.draw(st.sampled_from(list(_places(value))))
        if not where:
            continue
        holder = value
        for step in where[:-1]:
            holder = holder[step]
        if draw.draw(st.booleans()) and isinstance(holder, dict):
            del holder[where[-1]]
        else:
            holder[where[-1]] = draw.draw(VALUES)
    return value
