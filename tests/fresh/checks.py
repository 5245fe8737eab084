"""Whether answers to fresh items hold: the question's text is read again and worked out in another way.

The other ways are in ``recomputed``, a function for each template, of its name.
"""

import importlib.util
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

Row = dict[str, Any]
_PACKAGE = "fresh_recomputed"
_PARTS = ("math", "math_harder", "code", "finance", "finance_markets", "medicine", "scores")


def _ways() -> dict[str, Callable[..., Any]]:
    """Import the package beside this file, wherever this file was loaded from."""
    folder = Path(__file__).with_name("recomputed")
    if _PACKAGE not in sys.modules:
        spec = importlib.util.spec_from_file_location(_PACKAGE, folder / "__init__.py")
        if spec is None or spec.loader is None:
            raise ImportError(str(folder))
        sys.modules[_PACKAGE] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    found: dict[str, Callable[..., Any]] = {}
    for part in _PARTS:
        found.update(vars(import_module(f"{_PACKAGE}.{part}")))
    return found


WAYS = _ways()


def answer(row: Row) -> Any:
    """Answer a row of any template from its question alone; of a program, by what its words say."""
    template = row["meta"]["template"]
    if row["meta"]["kind"] == "program":
        return WAYS["program"](row["question"], row["gold"], row["tests"])
    return WAYS[template](row["question"])


def agrees(row: Row) -> bool:
    """Whether the other way gives what the steps end in: exactly, or to the rounding that the question asks for."""
    found, told = answer(row), row["meta"]["answer"]
    if found is None:
        return False
    if row["meta"]["kind"] in {"literal", "program"}:
        return repr(found) == told
    if isinstance(found, float):
        places = len(told.partition(".")[2])
        return abs(found - float(told)) <= 0.5 * 10**-places + 1e-9 * abs(found)
    return Fraction(found) == Fraction(told)
