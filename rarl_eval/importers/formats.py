"""The shipped formats in the order in which a file's first row is shown to them: the particular before the general."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rarl_eval.files.rows import Numbered, Torn, read_rows
from rarl_eval.importers import simple_evals
from rarl_eval.importers.shipped import Shipped
from rarl_eval.registry.claims import resolve
from rarl_eval.registry.shipped import SHIPPED

FORMATS: dict[str, Shipped] = {
    name: form for name, place in SHIPPED["importers"].items() if isinstance(form := resolve(place), Shipped)
}
"""In the order of the registry's table."""


def recognised(row: Mapping[str, Any]) -> Shipped | None:
    """Return the first format whose row it is."""
    return next((form for form in FORMATS.values() if form.recognises(row)), None)


def rows_of(path: Path, torn: Torn | None = None) -> Iterator[Numbered]:
    """Yield a file's rows: those of a page, which begins like one whatever its name is, or of any other file."""
    return simple_evals.read_pages(path) if _is_page(path) else read_rows(path, torn)


def _is_page(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(64).lstrip().lower().startswith((b"<!doctype html", b"<html"))
