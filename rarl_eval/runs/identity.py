"""Which run is which: the names that reports give to runs, and the same run given twice, however it is spelt."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from rarl_eval.errors import BadInput


class Named(Protocol):
    """A run, held or open."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def manifest(self) -> dict[str, Any]:
        """What is said of it."""


def run_labels(runs: Iterable[Named]) -> dict[Path, str]:
    """Name runs by their folder, or by their whole path where two folders share a name.

    Raises BadInput where two of them are one run: by another spelling of its path, through a link, or as a copy.
    """
    given = [(run.path, run.manifest) for run in runs]
    once("run", (path for path, _ in given))
    first: dict[str, Path] = {}
    for path, manifest in given:
        made = str(manifest.get("id", path))
        if made in first:
            raise BadInput(f"{path} is a copy of the run {first[made]}; name each run once")
        first[made] = path
    names = Counter(path.name for path, _ in given)
    return {path: path.name if path.name and names[path.name] == 1 else str(path) for path, _ in given}


def once(what: str, paths: Iterable[Path]) -> None:
    """Raise BadInput where two paths lead to one folder; ``what`` says of what."""
    first: dict[Path, Path] = {}
    for path in paths:
        place = path.resolve()
        if place in first:
            other = "" if first[place] == path else f", as {first[place]} too"
            raise BadInput(f"the {what} {path} is given twice{other}; name each {what} once")
        first[place] = path
