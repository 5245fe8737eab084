"""Whether two mathematical answers are the same: numbers exactly, then value by value, then by algebra.

The shape counts: a set is no tuple, an open interval is no closed one, and of ``A = B`` both sides must agree.
"""

import re
from contextvars import ContextVar
from fractions import Fraction

from rarl_eval.answers import latex, pool
from rarl_eval.answers.extract import shown
from rarl_eval.answers.numbers import parse_number

SAME_DIGITS = 6
"""A decimal with this many significant digits may stand for the exact value that it rounds or truncates."""
GOLD_DIGITS = 4
"""A gold decimal with this many significant digits is met by an exact expression that rounds to it."""


decimals: ContextVar[int | None] = ContextVar("decimals", default=None)
"""To how many decimals the question asks to round, where its benchmark says so; numbers then compare as rounded."""


class Unclear(Exception):
    """The answer offers values that differ."""


class Undecided(Exception):
    """The comparison ended without an answer: a timeout, or a gold that cannot be read."""


_READABLE = re.compile(r"(?:\\(?:frac|sqrt|pi|cdot|infty)(?![a-zA-Z])|[0-9a-zA-Z+*/^{}()\[\], .-])+")
_CONSTANTS = re.compile(r"\\[a-zA-Z]+|(?<![a-zA-Z])(?:e|i)(?![a-zA-Z])")


def settled(gold: str) -> bool:
    """Whether a gold is so plain that it is known to be read rightly; equal text then needs no algebra."""
    return _READABLE.fullmatch(gold) is not None and gold.count("{") == gold.count("}")


def difference(gold: str, answer: str) -> str | None:
    """Compare numbers exactly, then values one by one, then by algebra."""
    exact = _numbers_differ(gold, answer)
    if exact is not None:
        return exact or None
    if r"\cup" in gold and r"\cup" in answer:
        return _match(_united(gold), _united(answer)) and _by_algebra(gold, answer)
    gold_parts, parts = members(gold), members(answer)
    if len(gold_parts) != len(parts):
        gold_parts, parts = _alike(gold, answer, gold_parts, parts)
    if len(gold_parts) != len(parts):
        return f"{len(parts)} values, gold has {len(gold_parts)}"
    if len(gold_parts) == 1:
        return _compare_one(gold_parts[0], parts[0])
    return _match(gold_parts, parts)


def _alike(gold: str, answer: str, gold_parts: list[str], parts: list[str]) -> tuple[list[str], list[str]]:
    """Read two answers of unlike length again: repeated values, commas of thousands, a point without brackets."""
    if latex.brackets(gold) == "()" and not latex.brackets(answer):
        return [gold], [f"({answer})"]
    gold_parts, parts = ([*{p.replace(" ", ""): p for p in every}.values()] for every in (gold_parts, parts))
    if len(gold_parts) == len(parts):
        return gold_parts, parts
    return members(latex.without_thousands(gold)), members(latex.without_thousands(answer))


def members(text: str) -> list[str]:
    """Values of a bare list or of a set; one value otherwise."""
    if latex.brackets(text) == "{}":
        inside = text[2:-2].strip()
        if re.search(r"\||\\mid|:|\\in", inside):
            return [text]
        return [part for value in latex.values(inside) for part in _plus_minus(value)] or [text]
    groups = [latex.values(group) for group in latex.split_top(latex.joints(text, ";"), ";")]
    if len(groups) > 1 and all(len(group) > 1 and all(latex.unlabelled(v)[0] for v in group) for group in groups):
        return ["(" + ", ".join(latex.unlabelled(value)[1] for value in group) + ")" for group in groups]
    label, bare = latex.unlabelled(text)
    if label and latex.brackets(bare) == "{}":
        return members(bare)
    found = latex.values(text)
    return [part for value in found for part in _plus_minus(value)] if found else [text]


def _united(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\\cup(?![a-z])", latex.unlabelled(text)[1])]


def _plus_minus(value: str) -> list[str]:
    if value.count(r"\pm") != 1:
        return [value]
    return [value.replace(r"\pm", "+").lstrip("+ "), value.replace(r"\pm", "-")]


def _match(gold_parts: list[str], parts: list[str]) -> str | None:
    """Pair the values up in any order; every gold value must be met by one of its own."""
    left = list(parts)
    for wanted in gold_parts:
        met = next((part for part in sorted(left, key=lambda p: p != wanted) if _same(wanted, part)), None)
        if met is None:
            return f"no value equals {shown(wanted)}"
        left.remove(met)
    return None


def _same(gold: str, answer: str) -> bool:
    try:
        return _compare_one(gold, answer) is None
    except Unclear:
        return False


def _compare_one(gold: str, answer: str) -> str | None:
    if gold == answer and settled(gold):
        return None
    gold_label, gold_value = latex.unlabelled(gold)
    label, value = latex.unlabelled(answer)
    value = _chain_end(value if label else answer, gold_value if gold_label else gold)
    gold = gold_value if gold_label else gold
    exact = _numbers_differ(gold, value)
    if exact is not None:
        return exact or None
    gold, value = _as_interval(gold, value)
    unlike = _unlike(gold, value)
    if unlike:
        return unlike
    pair, other = latex.brackets(gold), latex.brackets(value)
    if pair and other and pair != "{}":
        return _compare_tuples(gold, value, pair, other)
    return _by_algebra(gold, value)


_COLUMN = re.compile(r"\\begin\{([bpv]?matrix)\}([^&]*)\\end\{\1\}")


def _as_interval(gold: str, answer: str) -> tuple[str, str]:
    column = _COLUMN.fullmatch(answer.strip())
    if column and latex.brackets(gold) == "[]":  # a list in square brackets is a column, too
        return gold, "[" + ", ".join(entry.strip() for entry in re.split(r"\\\\", column[2])) + "]"
    if latex.brackets(gold) and not latex.brackets(answer):
        return gold, latex.interval(answer)
    if latex.brackets(answer) and not latex.brackets(gold):
        return latex.interval(gold), answer
    return gold, answer


def _unlike(gold: str, answer: str) -> str | None:
    """Say what sets two answers apart before any algebra: other brackets, a point for a number, a free variable."""
    pair, other = latex.brackets(gold), latex.brackets(answer)
    if pair and other and pair != other:
        return f"{other} is not {pair}"
    number = parse_number(gold) or parse_number(answer)
    if (
        number
        and (pair or other)
        and any(len(latex.split_top(t[1:-1])) > 1 for t in (gold, answer) if latex.brackets(t))
    ):
        return f"{other or 'one value'} is not {pair or 'one value'}"
    rest = answer if parse_number(gold) else gold if parse_number(answer) else ""
    if re.search(r"[a-zA-Z]", _CONSTANTS.sub(" ", latex.without_text(rest))) and "_" not in rest:
        return "an expression with a variable is no number"
    return None


def _compare_tuples(gold: str, answer: str, pair: str, other: str) -> str | None:
    """Compare tuples, points and intervals place by place."""
    gold_parts, parts = latex.split_top(gold[1:-1]), latex.split_top(answer[1:-1])
    if len(gold_parts) != len(parts):
        return f"{len(parts)} places, gold has {len(gold_parts)}"
    if len(gold_parts) == 1:
        return _compare_one(gold_parts[0], parts[0]) if pair == "()" == other else _by_algebra(gold, answer)
    differing = next((w for w, p in zip(gold_parts, parts, strict=True) if _compare_one(w, p) is not None), None)
    return None if differing is None else f"differs at {shown(differing)}"


def _chain_end(answer: str, gold: str) -> str:
    r"""Of ``2 \cdot 3 = 6`` or ``\sqrt2 \approx 1.414`` take the value, if its sides agree. Raises Unclear if not."""
    if re.search(r"[<>]|\\leq|\\geq|\\neq|\\in(?![a-z])", answer):
        return answer
    exact, *approximations = re.split(r"\\approx|≈|\\simeq", answer)
    sides = [side for side in ([exact.strip()] if "=" in gold else latex.split_top(exact, "=")) if side]
    if any(_differ(side, sides[-1]) for side in sides[:-1]):
        raise Unclear("the sides of the equation differ")
    last = sides[-1] if sides else ""
    for rounded in approximations:
        if last and not _rounds_to(last, rounded.strip()):
            raise Unclear("the approximation is of another value")
        last = last or rounded.strip()
    return last or answer


def _differ(side: str, last: str) -> bool:
    """Whether a side of a chain is another value, or none that can be read."""
    try:
        return difference(side, last) is not None
    except Undecided as undecided:
        if str(undecided) == "timeout":
            raise
        return True


def _rounds_to(exact: str, rounded: str) -> bool:
    number, value = parse_number(rounded), parse_number(exact)
    if number is None:
        return False
    half = _half_unit(rounded)
    if value is not None:
        return abs(value.value - number.value) <= half
    return pool.compare(exact, rounded, float(half)) == "equal"


def _half_unit(decimal: str) -> Fraction:
    """Half a unit in a decimal's last place, and a tenth more, since halves are rounded either way."""
    digits = re.search(r"\.(\d+)", decimal)
    return Fraction(55, 10 ** (2 + (len(digits[1]) if digits else 0)))


def _numbers_differ(gold: str, answer: str) -> str | None:
    """Compare two plain numbers: "" if equal, the difference if not, None if one is no plain number."""
    one, other = parse_number(gold), parse_number(answer)
    if one is None or other is None:
        decimal_comma = re.fullmatch(r"-?\d+, ?\d+", gold if one is None else answer) and (one or other)
        return "" if decimal_comma and re.sub(", ?", ".", answer) == re.sub(", ?", ".", gold) else None
    asked = decimals.get()
    if asked is not None and abs(one.value - other.value) <= Fraction(1, 2 * 10**asked):
        return ""
    if one.value == other.value or _rounded(gold, one.value, other.value) or _rounded(answer, other.value, one.value):
        return ""
    return f"is not {shown(gold)}"


def _rounded(text: str, decimal: Fraction, exact: Fraction) -> bool:
    """Whether a decimal of enough digits rounds or truncates an exact value."""
    found = re.match(r"\s*-?(\d*)\.(\d+)", text)
    if not found or not decimal or len((found[1] + found[2]).lstrip("0")) < SAME_DIGITS:
        return False
    written = Fraction(f"{found[1] or 0}.{found[2]}")
    return abs(decimal - exact) < Fraction(1, 10 ** len(found[2])) * abs(decimal / written)


def _by_algebra(gold: str, answer: str) -> str | None:
    status = pool.compare(gold, answer, decimals=decimals.get())
    if status == "different" and _significant(gold) >= GOLD_DIGITS and parse_number(answer) is None:
        status = pool.compare(answer, gold, float(_half_unit(gold)))
    if status == "different" and (half := _coefficient(gold, answer)) is not None:
        status = pool.compare(gold, answer, float(half))
    if status in {"timeout", "unparsable_gold"}:
        raise Undecided(status)
    if status == "equal":
        return None
    return "is not read as mathematics" if status == "unparsable_answer" else f"is not {shown(gold)}"


def _significant(text: str) -> int:
    """Significant digits of a decimal; 0 for anything else."""
    return len(re.sub(r"\D", "", text).lstrip("0")) if re.fullmatch(r"-?\d*\.\d+", text) else 0


def _coefficient(gold: str, answer: str) -> Fraction | None:
    """Half a unit of the one rounded coefficient of a gold, where the answer is an exact expression; else None."""
    found = re.findall(r"\d*\.\d+", gold)
    if (
        len(found) != 1
        or "." in answer
        or parse_number(gold) is not None
        or re.search(r"[<>=,]|\\[lg]eq?", gold + answer)
    ):
        return None
    return _half_unit(found[0]) if _significant(found[0]) >= GOLD_DIGITS else None
