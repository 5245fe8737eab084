"""Whether two mathematical answers are the same: numbers exactly, then value by value, then by algebra.

The shape counts: a set is no tuple, an open interval is no closed one, and of ``A = B`` both sides must agree.
"""

import re

from rarl_eval.answers import latex, pool, regions, rounding, shapes, variables
from rarl_eval.answers.extract import shown
from rarl_eval.answers.numbers import parse_number


class Unclear(Exception):
    """The answer offers values that differ."""


class Undecided(Exception):
    """The comparison ended without an answer: a timeout, or a gold that cannot be read."""


_READABLE = re.compile(r"(?:\\(?:frac|sqrt|pi|cdot|infty|cup)(?![a-zA-Z])|[0-9a-zA-Z+*/^{}()\[\], .-])+")
_CONSTANTS = re.compile(r"\\[a-zA-Z]+|(?<![a-zA-Z])(?:e|i)(?![a-zA-Z])")


def settled(gold: str) -> bool:
    """Whether a gold is so plain that it is known to be read rightly; equal text then needs no algebra."""
    return _READABLE.fullmatch(gold) is not None and gold.count("{") == gold.count("}")


def difference(gold: str, answer: str) -> str | None:
    """Compare numbers exactly, then values one by one, then by algebra."""
    exact = rounding.numbers_differ(gold, answer)
    if exact is not None:
        return exact or None
    points = shapes.point(gold), shapes.point(answer)
    if points[0] != gold and points[1] != answer:
        return _compare_one(*points)
    listed = r"\ldots" in gold and "".join(gold.split()) == "".join(answer.split())
    whole = listed or same_region(gold, answer)
    if whole is None:
        return _by_values(gold, answer)
    return None if whole else f"is not {shown(gold)}"


def _by_values(gold: str, answer: str) -> str | None:
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


def same_region(gold: str, answer: str) -> bool | None:
    """Compare two parts of the real line; None where one is not read as such. Raises Undecided."""
    if (
        not (regions.marked(gold) or regions.marked(answer))
        or rounding.decimals.get() is not None
        or "=" in gold + answer
    ):
        return None
    if not (regions.says_region(gold) and regions.says_region(answer)):
        return None
    if gold == answer and settled(gold):
        return True
    status = pool.same_region(gold, answer)
    if status not in {"equal", "different", "unknown"}:
        raise Undecided(status)
    return None if status == "unknown" else status == "equal"


def _alike(gold: str, answer: str, gold_parts: list[str], parts: list[str]) -> tuple[list[str], list[str]]:
    """Read two answers of unlike length again: repeated values, commas of thousands, a point without brackets."""
    if latex.brackets(latex.unlabelled(gold)[1]) == "()" and not latex.brackets(answer):
        return [gold], [shapes.point(answer) if "=" in answer else f"({answer})"]
    if latex.brackets(latex.unlabelled(answer)[1]) == "()" and shapes.point(gold) != gold:
        return [shapes.point(gold)], [answer]
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
    if _equations(gold, answer, gold_value, gold_label, label) and _by_algebra(gold, answer) is None:
        return None
    if {gold_label, label} <= set("xyz") and gold_label != label:
        return f"{label} is not {gold_label}"  # x = 3 and y = 3 are two lines
    gold = gold_value if gold_label else gold
    return _compare_values(gold, _told(value, gold) if label else _chain_end(answer, gold))


def _compare_values(gold: str, value: str) -> str | None:
    exact = rounding.numbers_differ(gold, value)
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


_CURVE = re.compile(r"(?<![a-zA-Z\\])[a-zA-Z](?![a-zA-Z])")


def _equations(gold: str, answer: str, value: str, gold_label: str, label: str) -> bool:
    """Whether both are equations of a curve, and not a value with its name: ``y = 2x`` and ``2x - y = 0``."""
    if any(len(latex.split_top(t, "=")) != 2 or t.count("=") != 1 or r"\approx" in t for t in (gold, answer)):
        return False
    product = len(gold_label) > 1 and label in gold_label.partition("_")[0]  # xy = 1 and y = 1/x
    level = len(gold_label) == 1 and not label and gold_label in answer  # y = 3 and y - 3 = 0
    curve = product or level or bool(_CURVE.search(value if gold_label else gold))
    return (gold_label != label or not label) and curve


def _told(value: str, gold: str) -> str:
    r"""Of ``x = 2 \cdot 3 = 6 \approx 6.0`` take the exact value that it ends in, whatever stood before.

    One value is told, the last; a slip before it, or in its rounding, offers no second one.
    """
    exact, *rounded = re.split(r"\\approx|≈|\\simeq", value)
    if re.search(r"[<>]|\\leq|\\geq|\\neq|\\in(?![a-z])", value) or "=" in gold or not all(map(parse_number, rounded)):
        return _chain_end(value, gold)
    sides = [side for side in latex.split_top(exact, "=") if side]
    return sides[-1] if sides else rounded[0].strip() if rounded else value


def _as_interval(gold: str, answer: str) -> tuple[str, str]:
    gold, answer = shapes.matrix(gold), shapes.matrix(answer)
    one, other = shapes.vector(gold), shapes.vector(answer)
    if one != gold and other != answer and (r"\begin" in gold) != (r"\begin" in answer):
        return one, other  # a column, and a sum of unit vectors
    if (one != gold) != (other != answer):  # a point, or a list in square brackets, is a column, too
        plain = answer if one != gold else gold
        if latex.brackets(plain) in {"()", "[]"}:
            inside = f"({plain[1:-1]})"
            return (one, inside) if one != gold else (inside, other)
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
    if number and any(r"\begin" in t and re.search(r"\\\\|&", t) for t in (gold, answer)):
        return "a matrix is no number"
    rest = answer if parse_number(gold) else ""
    if re.search(r"[a-zA-Z]", _CONSTANTS.sub(" ", latex.without_text(rest))) and "_" not in rest:
        return "an expression with a variable is no number"
    return "a number is no expression with a variable" if number and not rest and variables.varies(gold) else None


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
    if any(_differ(side, sides[-1]) for side in sides[:-1] if not _converts(side, sides[-1])):
        raise Unclear("the sides of the equation differ")
    last = sides[-1] if sides else ""
    for rounded in approximations:
        if last and not _rounds_to(last, rounded.strip()):
            raise Unclear("the approximation is of another value")
        last = last or rounded.strip()
    return last or answer


_UNIT_SIGN = re.compile(r"(?:\\[$%]|[€£¥°]|\\text\s*\{[^{}]*\}|\\circ\s*\}?)\s*\Z")


def _converts(side: str, last: str) -> bool:
    """Whether a side is in a unit and the last one is not, so that both may be the same amount; the last one counts."""
    return bool(_UNIT_SIGN.search(side)) and not _UNIT_SIGN.search(last)


def _differ(side: str, last: str) -> bool:
    """Whether a side of a chain is another value, or none that can be read."""
    try:
        return difference(side, last) is not None
    except Undecided as undecided:
        if str(undecided) == "unparsable_gold":
            return True
        raise


def _rounds_to(exact: str, rounded: str) -> bool:
    number, value = parse_number(rounded), parse_number(exact)
    if number is None:
        return False
    half = rounding.half_unit(rounded)
    if value is not None:
        return abs(value.value - number.value) <= half
    return pool.compare(exact, rounded, float(half)) == "equal"


def _by_algebra(gold: str, answer: str) -> str | None:
    status = pool.compare(gold, answer, decimals=rounding.decimals.get())
    if status == "different" and rounding.significant(gold) >= rounding.GOLD_DIGITS and parse_number(answer) is None:
        status = pool.compare(answer, gold, float(rounding.half_unit(gold)))
    if status == "different" and (half := rounding.coefficient(gold, answer)) is not None:
        status = pool.compare(gold, answer, float(half))
    if status not in {"equal", "different", "unparsable_answer"}:
        raise Undecided(status)
    if status == "equal":
        return None
    return "is not read as mathematics" if status == "unparsable_answer" else f"is not {shown(gold)}"
