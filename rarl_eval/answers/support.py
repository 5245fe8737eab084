"""Numbers in an answer that neither the context, nor the question, nor a computation from them supports.

A number is supported if it stands in the context or the question, if it is the worked-out side of an equation whose
other side holds supported numbers only, or if one computation on two supported numbers gives it at the precision at
which it is written: a + b, a - b, a * b, a / b, the last as a percentage, the change from a to b in percent, the mean
of both. What was supported may be computed with in turn, so that steps shown one after another are followed.

The search is bounded, and blind in both directions. It misses computations that take three numbers in one unshown
step, powers, and constants such as days of a month. And the more numbers a context has, the more is reached by chance:
``chance`` says how often numbers nearby, which nobody computed, would have passed. Signs are not compared; whole
numbers up to 10, 100 and list marks are taken for granted. Not here: whether the answer is right.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from rarl_eval.answers.numbers import SCALES, Number, arithmetic, normalised, numbers
from rarl_eval.types import Item

MOST_KNOWN = 150
"""Numbers of question and context that are computed with, the first ones; more are only looked up."""

MOST_NUMBERS = 100
"""Numbers of an answer that are looked at, the last ones."""

LEAST_INTEGER = 10
"""Whole numbers up to this count things and steps; they are not looked for."""

_LIST_MARK = re.compile(r"(?m)^\s*(?:[*#>-]+\s*)?(?:(?:step|part|question)\s*)?\d{1,2}\s*[.):](?=\s)", re.IGNORECASE)
_EQUATION = re.compile(r"([\d.,()+\-*/×÷%$€£ ]{3,200}?)=\s*(?=[$€£]?\s?-?[\d.])")
_NEARBY = (1.0371, 0.9587, 1.1113)
"""Factors that turn a number into others of its size which nobody computed."""

Values = tuple[float, ...]
Floats = NDArray[np.float64]


class Support(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer's numbers rest on."""

    checked: int
    """Numbers looked for."""
    unsupported: tuple[str, ...]
    """Those that nothing supports, as written."""
    chance: float | None
    """Share of numbers nearby that the search would have passed; None where none was looked for."""


def support(item: Item, answer: str) -> Support | None:
    """Check the numbers of an answer against the item's question and context; None where it has no context."""
    if not item.context:
        return None
    known, reached = _reachable(item.question, item.context)
    text = normalised(_LIST_MARK.sub(" ", answer))
    worked = _worked_out(text)
    found = list(numbers(text))[-MOST_NUMBERS:]
    extra: Floats = np.empty(0)
    passed, missed, near = 0, [], 0
    for number in found:
        if _granted(number):
            continue
        tables = (known, reached, extra)
        near += sum(_stands(number, factor, tables) for factor in _NEARBY)
        if _stands(number, 1.0, tables) or _shown(number, worked, tables):
            passed += 1
            extra = np.sort(np.concatenate([extra, _steps(_forms(number), known)]))
        else:
            missed.append(number.text.lstrip("+ "))
    checked = passed + len(missed)
    chance = near / (len(_NEARBY) * checked) if checked else None
    return Support(checked=checked, unsupported=tuple(missed), chance=chance)


def _granted(number: Number) -> bool:
    plain = abs(_mantissa(number))
    return plain == int(plain) and (plain <= LEAST_INTEGER or plain == 100) and number.scale is None


def _mantissa(number: Number) -> float:
    return float(number.value / SCALES.get(number.scale or "", 1))


def _forms(number: Number) -> Values:
    """Sizes that a written number may stand for: as written, with its scale word, a percentage as a share."""
    plain = abs(_mantissa(number))
    forms = [plain, abs(float(number.value))]
    return tuple(dict.fromkeys([*forms, plain / 100] if number.percent else forms))


def _decimals(number: Number) -> int:
    digits = re.search(r"\.(\d+)", number.text)
    return len(digits[1]) if digits else 0


def _stands(number: Number, factor: float, tables: Sequence[Floats]) -> bool:
    """Whether a table holds the number, to half a unit of its last written digit."""
    decimals = _decimals(number)
    for form in _forms(number):
        value = round(form * factor, decimals + (2 if form < 1 and number.percent else 0))
        unit = 10.0**-decimals / (100 if number.percent and form != abs(_mantissa(number)) else 1)
        scale = SCALES.get(number.scale or "", 1) if form == abs(float(number.value)) else 1
        half = 0.5000001 * unit * scale
        for table in tables:
            at = int(np.searchsorted(table, value - half))
            if at < table.size and table[at] <= value + half:
                return True
    return False


def _shown(number: Number, worked: dict[int, tuple[float, list[Number]]], tables: Sequence[Floats]) -> bool:
    """Whether the number is what an equation before it works out, from numbers that are supported themselves."""
    if number.start not in worked:
        return False
    value, sides = worked[number.start]
    close = abs(abs(value) - abs(_mantissa(number))) <= 0.5000001 * 10.0 ** -_decimals(number)
    return close and all(_granted(side) or _stands(side, 1.0, tables) for side in sides)


def _worked_out(text: str) -> dict[int, tuple[float, list[Number]]]:
    """Where a number follows "=": the value of the side before it, and the numbers of that side."""
    found = {}
    places = {m.start() for m in re.finditer(r"\S", text)}
    for equation in _EQUATION.finditer(text):
        value = arithmetic(equation[1])
        at = equation.end()
        if value is not None and at in places:
            found[at] = (float(value), list(numbers(equation[1])))
            found[at - 1] = found[at]  # a number's match may begin with the space before it
    return found


@lru_cache(maxsize=64)
def _reachable(question: str, context: str) -> tuple[Floats, Floats]:
    """Sorted numbers of question and context, and all that one computation on two of the first ones gives."""
    known = list(dict.fromkeys(v for text in (question, context) for v in _values(text)))
    first = np.array(known[:MOST_KNOWN])
    scaled = [v * f for v in known for f in (1.0, 1e3, 1e6, 1e9)]
    return np.sort(np.array(scaled)), np.sort(_pairs(first, first))


def _values(text: str) -> Iterator[float]:
    for number in numbers(normalised(text)):
        yield from _forms(number)


def _steps(values: Values, known: Floats) -> Floats:
    """Return numbers that were supported, and what one computation on each and a known number gives."""
    own = np.array(values)
    base = known[:MOST_KNOWN]
    return np.concatenate([own, _pairs(own, base), _pairs(base, own)])


def _pairs(left: Floats, right: Floats) -> Floats:
    """All results of the computations on a of ``left`` (n,) and b of ``right`` (m,), without signs."""
    a, b = left[:, None], right[None, :]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = a / b
        found = np.stack([a + b, a - b, a * b, share, 100 * share, 100 * (share - 1), (a + b) / 2])
    flat = np.abs(found).ravel()
    kept: Floats = flat[np.isfinite(flat)]
    return kept
