"""Installed packages that programs may import: where they are, and what they need."""

import importlib.metadata
import importlib.util
import platform
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

from rarl_eval.sandbox.zygote import Package

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def found(names: Iterable[str]) -> tuple[Package, ...]:
    """Where packages are, with all that they require; one that is not installed is left out, as programs will see."""
    return tuple(package for name in dict.fromkeys(names) if (package := _package(name)) is not None)


def versions(packages: Iterable[Package]) -> str:
    """Return what the verdict on a program may depend on besides the program: interpreter, machine, packages."""
    known = [platform.python_version(), platform.machine()]
    for package in packages:
        distribution = _distribution(package.name)
        known.append(f"{package.name} {distribution.version if distribution else 'of no version'}")
    return ", ".join(known)


@cache
def _package(name: str) -> Package | None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    folder = origin.parent if spec.submodule_search_locations else origin
    paths = dict.fromkeys([str(folder), *(path for needed in _needed(name) for path in _parts(needed))])
    return Package(name=name, site=str(folder.parent), paths=tuple(path for path in paths if Path(path).exists()))


def _needed(name: str) -> list[Distribution]:
    """Return the distribution of a package and those that it requires, installed ones, without extras."""
    first = _distribution(name)
    pending, known = ([first] if first else []), dict[str, Distribution]()
    while pending:
        one = pending.pop()
        if one.name in known:
            continue
        known[one.name] = one
        for line in one.requires or ():
            wanted = _NAME.match(line)
            if wanted and "extra ==" not in line and (other := _installed(wanted[0])) is not None:
                pending.append(other)
    return list(known.values())


def _parts(distribution: Distribution) -> list[str]:
    """Return the folders and files at the top that a distribution is made of."""
    tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in {"..", "__pycache__"}}
    return [str(distribution.locate_file(top)) for top in sorted(tops) if not top.endswith((".dist-info", ".pth"))]


@cache
def _distribution(name: str) -> Distribution | None:
    known = _installed(name)
    if known is None:
        known = _installed(next(iter(importlib.metadata.packages_distributions().get(name, [])), ""))
    return known


def _installed(name: str) -> Distribution | None:
    try:
        return importlib.metadata.distribution(name) if name else None
    except PackageNotFoundError:
        return None
