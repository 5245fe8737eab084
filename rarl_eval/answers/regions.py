r"""Parts of the real line however they are said: ``(-3,3)``, ``|x|<3``, ``x<-1 or x>3``, ``\mathbb{R}\setminus\{2\}``.

``says_region`` and ``marked`` look at the text alone and are cheap; ``region`` and ``same`` are the worker's, which
hands in how it parses. Not here: regions of a plane, and inequalities in several names.
"""

import re
from collections.abc import Callable
from functools import reduce
from typing import Any

from rarl_eval.answers import equality

_RELATION = re.compile(r"(<|>|\\leq(?![a-zA-Z])|\\geq(?![a-zA-Z])|\\neq(?![a-zA-Z])|=)")
_MARK = re.compile(r"[<>]|\\(?:leq|geq|neq|cup|cap|setminus)(?![a-zA-Z])|\\mathbb\{R\}|\\emptyset")
_JOIN = r"\\(?:text|mbox|mathrm|textrm)\s*\{{\s*,?\s*{0}\s*,?\s*\}}|(?<![a-zA-Z\\])(?:{0})(?![a-zA-Z])|{1}"
_OR = re.compile(_JOIN.format("or", r"\\cup(?![a-zA-Z])|\\(?:lor|vee)(?![a-zA-Z])|∪"))
_AND = re.compile(_JOIN.format("and", r"\\cap(?![a-zA-Z])|\\(?:land|wedge)(?![a-zA-Z])"))
_BUILDER = re.compile(r"\\\{\s*([a-zA-Z])\s*(?:\\in\s*\\mathbb\{R\}\s*)?(?:\\mid|\||:)\s*(.*?)\s*\\\}", re.DOTALL)
_INTERVAL = re.compile(r"\s*([(\[])(.*)([)\]])\s*", re.DOTALL)

Parse = Callable[[str], Any]


def marked(text: str) -> bool:
    """Whether a text has a sign that only conditions and unions have."""
    return _MARK.search(text) is not None


def says_region(text: str) -> bool:
    """Whether a text may be a part of the real line: it is marked, or it is one pair in brackets."""
    return marked(text) or bool(re.fullmatch(r"(?:[a-zA-Z]\s*\\in\s*)?[(\[][^,]*,[^,]*[)\]]", text.strip()))


def region(text: str, parse: Parse) -> Any:
    """Return the set of reals that a text says, None where it says none or cannot be read."""
    try:
        names: set[Any] = set()
        found = _union(_stripped(text), parse, names)
    except (TypeError, ValueError, NotImplementedError, AttributeError):
        return None
    return found if len(names) <= 1 else None


def _stripped(text: str) -> str:
    built = _BUILDER.fullmatch(text.strip())
    text = built[2] if built else text
    text = re.sub(r"^\s*[a-zA-Z]\s*(?:\\in(?![a-zA-Z])|=)\s*(?=[(\[{\\])", "", text)
    text = re.sub(r"\s*,?\s*[a-zA-Z]\s*\\in\s*\\mathbb\{R\}\s*$", "", text)
    if r"\neq" in text:  # x \neq \pm 1
        text = re.sub(r"\\pm\s*(\w+|\\[a-z]+\{[^{}]*\}(?:\{[^{}]*\})?)", r"\1, -\1", text)
    return re.sub(r"^\s*[a-zA-Z]\s*\\in\s*\\mathbb\{R\}\s*,\s*", "", text)


def _union(text: str, parse: Parse, names: set[Any]) -> Any:
    from sympy import Union

    return reduce(Union, [_intersection(part, parse, names) for part in _OR.split(text)])


def _intersection(text: str, parse: Parse, names: set[Any]) -> Any:
    from sympy import Intersection

    parts = [part for piece in _AND.split(text) for part in _conditions(piece)]
    return reduce(Intersection, [_atom(part.strip(), parse, names) for part in parts])


def _conditions(text: str) -> list[str]:
    """Split conditions at commas that stand between two of them: x > 2, x < 5."""
    if not _RELATION.search(text):
        return [text]
    parts = re.split(r",(?![^()\[\]{}]*[)\]}])", text)
    label = re.match(r"\s*([a-zA-Z])\s*\\neq", text)
    if label:  # x \neq 2, 3
        parts = [part if _RELATION.search(part) else f"{label[1]} \\neq {part}" for part in parts]
    return parts


def _atom(text: str, parse: Parse, names: set[Any]) -> Any:
    from sympy import EmptySet, FiniteSet, Interval, Reals

    whole, _, without = re.sub(r"^\s*[a-zA-Z]\s*\\in\s*", "", text).partition(r"\setminus")
    if without:
        return _atom(whole.strip(), parse, names) - _atom(without.strip(), parse, names)
    if re.fullmatch(r"\\mathbb\{R\}", whole):
        return Reals
    if re.fullmatch(r"\\emptyset", whole):
        return EmptySet
    if _RELATION.search(whole):
        return _chain(whole, parse, names)
    listed = re.fullmatch(r"\\\{(.*)\\\}", whole)
    if listed:
        return FiniteSet(*(_number(part, parse) for part in listed[1].split(",")))
    pair = _INTERVAL.fullmatch(whole)
    if pair is None or pair[2].count(",") != 1:
        raise ValueError("no region")
    low, high = (_number(end, parse) for end in pair[2].split(","))
    return Interval(low, high, pair[1] == "(", pair[3] == ")")


def _number(text: str, parse: Parse) -> Any:
    found = parse(text.strip())
    if found is None or getattr(found, "free_symbols", True):
        raise ValueError("no number")
    return found.doit()


def _chain(text: str, parse: Parse, names: set[Any]) -> Any:
    """Read ``a < x < b``, ``|x| < 3`` or ``2x > 6``: each relation between neighbours holds."""
    from sympy import Eq, Ge, Gt, Intersection, Le, Lt, Ne

    relations = {"<": Lt, ">": Gt, r"\leq": Le, r"\geq": Ge, r"\neq": Ne, "=": Eq}
    pieces = _RELATION.split(text)
    sides = [parse(side.strip()) for side in pieces[::2]]
    if any(side is None for side in sides):
        raise ValueError("a side is not read")
    names |= {name for side in sides for name in side.free_symbols}
    if len(names) != 1:
        raise ValueError("no single name")
    held = [relations[sign](sides[i], sides[i + 1]) for i, sign in enumerate(pieces[1::2])]
    return reduce(Intersection, [condition.as_set() for condition in held])


def same(one: Any, other: Any) -> bool | None:
    """Compare two sets piece by piece, ends by their values; None where a piece is no interval and no point."""
    pieces = [_pieces(found) for found in (one, other)]
    if pieces[0] is None or pieces[1] is None:
        return True if one == other else None
    if len(pieces[0]) != len(pieces[1]):
        return False
    return all(_alike(a, b) for a, b in zip(*pieces, strict=True))


Piece = tuple[Any, Any, bool, bool]


def _pieces(found: Any) -> list[Piece] | None:
    """Return intervals and points of a set as (low, high, open, open), in order."""
    from sympy import FiniteSet, Interval, Union

    pieces: list[Piece] = []
    for part in found.args if isinstance(found, Union) else [found]:
        if isinstance(part, Interval):
            pieces.append((part.start, part.end, bool(part.left_open), bool(part.right_open)))
        elif isinstance(part, FiniteSet):
            pieces += [(point, point, False, False) for point in part]
        elif part.is_empty is not True:
            return None
    return sorted(pieces, key=lambda piece: (float(piece[0]), float(piece[1])))


def _alike(one: Piece, other: Piece) -> bool:
    return one[2:] == other[2:] and all(
        a == b or equality.same(a, b) is True for a, b in zip(one[:2], other[:2], strict=True)
    )
