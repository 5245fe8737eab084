"""Who a name belongs to: what ships here, and what installed packages bring by entry points."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import Any

from rarl_eval.errors import BadInput, DuplicateName, Fault, attempt


@dataclass(frozen=True)
class Owner:
    """Who a name belongs to."""

    name: str
    reference: str
    """``module:attribute``, or the path of a user's file."""
    distribution: str | None = None
    """Name and version of the package that brought it; None for what ships here."""

    def __str__(self) -> str:
        return f"{self.reference} ({self.distribution})" if self.distribution else self.reference

    def resolve(self, kind: str) -> Any:
        """Import it; raises BadInput naming the package that brought it."""
        if self.distribution is None:
            return resolve(self.reference)
        point = EntryPoint(self.name, self.reference, "")
        found = attempt(self.reference, point.load)
        if isinstance(found, Fault):
            raise BadInput(
                f"the {kind} {self.name!r} of {self.distribution} ({self.reference}) cannot be loaded: {found.error}"
            )
        return found


def only(kind: str, claims: list[Owner]) -> Owner:
    """Return the one owner of a name; raises DuplicateName where there are two."""
    if len(claims) > 1:
        raise DuplicateName(kind, claims[0].name, str(claims[0]), str(claims[1]))
    return claims[0]


def with_entry_points(group: str, names: dict[str, list[Owner]]) -> dict[str, list[Owner]]:
    """Return the names with those that installed packages bring to a group."""
    for owner in sorted(plugged(f"rarl_eval.{group}"), key=lambda o: (o.name, o.reference)):
        claim(names, owner)
    return names


def plugged(group: str) -> Iterator[Owner]:
    """Yield what installed packages bring to a group of entry points; of two copies of a package the first counts."""
    seen: set[str] = set()
    for found in distributions():
        points = attempt("entry points", _points, found, group)
        if isinstance(points, Fault) or not points:
            continue
        name = str(found.metadata["Name"]).lower()
        if name not in seen:
            seen.add(name)
            told = f"{found.metadata['Name']} {found.version}"
            yield from (Owner(point.name, point.value, told) for point in points)


def _points(found: Distribution, group: str) -> list[EntryPoint]:
    """Entry points of one package; most have none of ours, which their text tells at once."""
    text = found.read_text("entry_points.txt")
    return [point for point in found.entry_points if point.group == group] if text and group in text else []


def claim(names: dict[str, list[Owner]], owner: Owner) -> None:
    """Note who claims a name, once."""
    claims = names.setdefault(owner.name, [])
    if owner.reference not in {claim.reference for claim in claims}:
        claims.append(owner)


def resolve(ref: str) -> Any:
    """Import ``module:attribute``."""
    module, _, attribute = ref.partition(":")
    return getattr(importlib.import_module(module), attribute)
