"""Packages that programs may import, loaded once for all of them."""

import importlib
import os
import sys
from importlib.machinery import PathFinder
from typing import Any


def load(site: list[str], names: list[str], allowed: list[str]) -> None:
    """Import packages, and the parts of them that programs use and they load late.

    What lies beside them and no program may see is not there for them either, with and without a root of our own.
    """
    sys.path += site
    sys.meta_path.insert(0, _Others({os.path.basename(path).partition(".")[0] for path in allowed}, site))
    for name in names:
        importlib.import_module(name)
        for part in _LATE.get(name, ()):
            importlib.import_module(f"{name}.{part}")
    del sys.path[len(sys.path) - len(site) :]
    del sys.meta_path[0]


class _Others:
    """Finds nothing, and says so of modules of a folder that are none of those allowed."""

    def __init__(self, allowed: set[str], site: list[str]) -> None:
        self._allowed = allowed
        self._site = site

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002
        if path is None and name not in self._allowed and PathFinder.find_spec(name, self._site) is not None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


_LATE = {"numpy": ("random",), "scipy": ("linalg", "optimize", "special", "stats", "spatial")}
