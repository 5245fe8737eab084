"""What ``--resume`` finds: whether the run there is the same, and what it has already.

Records are asked for item by item: there may be hundreds of thousands.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.runs import store

_SAME = ("kind", "limit", "samples", "seed", "sampling", "model", "tasks")
"""Manifest fields that must not change between a run and its resumption."""

_MAY_CHANGE = {"base_url", "alias"}
"""Of a model: where its server is, and how much that tells."""


class Done(AbstractContextManager["Done"]):
    """The records of a run whose calls did not fail, as they were when the run was opened."""

    def __init__(self, path: Path) -> None:
        self._db = store.open_database(path)
        self.count: int = self._db.execute("SELECT count(*) FROM records WHERE NOT failed").fetchone()[0]

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def samples(self, task: str, key: str) -> AbstractSet[int]:
        """Return the samples of an item that need not be asked again."""
        if not self.count:
            return frozenset()
        query = "SELECT sample FROM records WHERE task = ? AND key = ? AND NOT failed"
        return {sample for (sample,) in self._db.execute(query, (task, key)).fetchall()}


def hold_to(out: Path, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise BadInput if the run in ``out``, whose manifest is ``before``, is another one than is wanted now."""
    wanted = msgspec.json.decode(msgspec.json.encode(wanted))  # as it would be read back
    for name in _SAME:
        old, new = before.get(name), wanted[name]
        if _identity(old, new) != _identity(new, old):
            raise BadInput(
                f"{out} holds a run with another {name} ({_brief(old)}, now {_brief(new)}); choose another --out"
            )


def _identity(value: Any, other: Any) -> Any:
    """Drop what may change between sessions, what a server said at one of both times alone, and what is not set."""
    if not isinstance(value, dict):
        return value
    told = isinstance(other, dict) and "served" in value and "served" in other
    dropped = _MAY_CHANGE if told else {*_MAY_CHANGE, "served"}
    return {k: v for k, v in value.items() if k not in dropped and v not in (None, [])}


def _brief(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) < 120 else text[:117] + "..."
