r"""Answers that are neither a number nor an expression: words that say a set, bases, vectors, ratios, residues, pieces.

Each is read from text. ``said`` writes words such as "no solution" as the mathematics that they say; ``decided``
compares two answers of one of these shapes and says None where neither has one. Not here: algebra.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from math import gcd

from rarl_eval.answers import latex
from rarl_eval.answers.notation import spelled

Same = Callable[[str, str], bool]
"""Whether two values are the same; the comparison that called."""

LONGEST = 120
"""A longer text is no answer in a few words."""
_LEAD = (
    r"(?:(?!if |when |for )[a-z' ]{1,60}, )?(?:(?:so|thus|hence|therefore|and|then),? )?"
    r"(?:(?:it|(?:the|this)(?: given)? (?:equation|system|inequality|problem)(?: of [a-z]+)?) (?:has|have) )?"
)
_NOTHING = (
    _LEAD + r"(?:there (?:is|are|exists?) )?no (?:real |integer |such |valid |possible )*"
    r"(?:solutions?|roots?|values?|numbers?|answers?)(?: for [a-z])?(?: exists?)?(?: in the reals?)?"
    r"|(?:the )?(?:solution set is )?(?:the )?empty set|none exist|no such [a-z]+ exists?"
)
_SAID = {
    _NOTHING: r"\emptyset",
    r"(?:the set of )?(?:all|any|every) real(?:s| numbers?)?(?: [a-z])?|[a-z] is any real number": r"\mathbb{R}",
    r"does not exist|doesn't exist|d\.?n\.?e\.?|(?:is )?(?:undefined|not defined)": r"\text{undefined}",
    _LEAD + r"(?:there are )?infinite(?:ly many)?(?: (?:real )?(?:solutions?|values?))?": r"\text{infinitely many}",
    r"(?:positive )?infinity": r"\infty",
    r"(?:negative|minus) infinity": r"-\infty",
}
_PHRASES = tuple((re.compile(phrase), meaning) for phrase, meaning in _SAID.items())


def said(text: str) -> str:
    r"""Write an answer in words as the mathematics it says: ``\emptyset`` for "no solution", 7 for "seven"."""
    if len(text) > LONGEST or not re.search(r"[A-Za-z]{3}", text):
        return text
    letters = re.fullmatch(r"\\text\s*\{\s*([A-Z](?:\s*(?:,|and)\s*[A-Z])+)\s*\}", text)
    if letters:
        return letters[1]
    bare = " ".join(latex.without_text(text).replace("\\ ", " ").lower().split()).strip(" .$")
    if not re.fullmatch(r"[a-z' .,-]+", bare):
        return text
    meaning = next((meaning for phrase, meaning in _PHRASES if phrase.fullmatch(bare)), None)
    if meaning is not None:
        return meaning
    number = spelled(bare)
    return text if number is None else str(number)


_ALL_WHOLE = re.compile(
    r"\s*[,;]?\s*(?:\\(?:text|mbox|mathrm)\s*\{\s*,?\s*(?:where|for|with|and)\s*(?:any integer)?\s*\}|where|for|with)?"
    r"\s*\(?([a-z])\s*"
    r"(?:\\in\s*\\mathbb\{Z\}|(?:\\text\s*\{\s*)?is an(?:y)? integer\s*\}?)\)?\s*\Z"
)


def counted(gold: str, answer: str) -> tuple[str, str]:
    r"""Take "for all integers n" off both, and name the integer alike: ``n\pi, n \in \mathbb{Z}`` is ``k\pi``."""
    found = [_counted(text) for text in (gold, answer)]
    return (found[0], found[1]) if r"\pi" in found[0] and r"\pi" in found[1] else (gold, answer)


def _counted(text: str) -> str:
    found = _ALL_WHOLE.search(text)
    head = text[: found.start()] if found else text
    names = set(re.findall(r"(?<![a-zA-Z\\])[a-z](?![a-zA-Z])", head)) - {"x", "e", "i"}
    name = found[1] if found else next(iter(names), "")
    if not head.strip() or (not found and (r"\pi" not in head or len(names) != 1 or name not in "kmnl")):
        return text
    return re.sub(rf"(?<![a-zA-Z\\]){name}(?![a-zA-Z])", "k", head)


def decided(gold: str, answer: str, question: str, same: Same) -> bool | None:
    """Compare by the first shape that either answer has; None where neither has one."""
    for compare in (_bases, _residues, _clocks, _ratios, _pieces, _options):
        told = compare(gold, answer, question, same)
        if told is not None:
            return told
    return None


_BASES = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "sixteen": 16, "hex": 16, "bin": 2, "oct": 8,
}  # fmt: skip
_IN_BASE = re.compile(
    r"\(?\s*(-?[0-9A-F][0-9A-Fa-f ,]*)\s*\)?\s*"
    r"(?:_\s*\{?\s*\(?\s*(?:\\text\s*\{\s*)?(?:base\s*)?(\w+)(?:\s*\})?\s*\)?\s*\}?|"
    r"\s+\(?(?:in\s+)?base[\s-]+(\w+)\)?)"
)


_PREFIXED = re.compile(r"0([xbo])([0-9a-f]+)", re.IGNORECASE)
_PREFIXES = {"x": 16, "b": 2, "o": 8}


def in_base(text: str) -> tuple[str, int] | None:
    r"""Read digits with their base, ``1101_2`` or "1101 base two"; None where a digit does not exist in the base."""
    prefixed = _PREFIXED.fullmatch(text.strip())
    if prefixed:
        text = f"{prefixed[2].upper()}_{_PREFIXES[prefixed[1].lower()]}"
    found = _IN_BASE.fullmatch(latex.without_text(text).strip())
    if found is None:
        return None
    word = found[2] or found[3]
    base = int(word) if word.isdecimal() and len(word) < 3 else _BASES.get(word.lower(), 0)
    digits = re.sub(r"[ ,]", "", found[1]).lower()
    if not 2 <= base <= 16 or any(int(digit, 16) >= base for digit in digits.lstrip("-")):
        return None
    return digits.lstrip("0") or "0", base


def _bases(gold: str, answer: str, question: str, _: Same) -> bool | None:
    """Compare digit by digit: the base may be left out where the gold or the question says it, and never differ."""
    wanted, told = in_base(gold), in_base(answer)
    if wanted and told:
        return wanted == told
    if wanted:
        return _digits(answer) == wanted[0] if _digits(answer) else None
    if told:
        asked = re.search(
            r"base[\s-]+\$?(\w+)", question.rpartition(" in base")[1] + question.rpartition(" in base")[2]
        )
        base = _BASES.get(asked[1], asked[1]) if asked else told[1]
        return _digits(gold) == told[0] and str(base) == str(told[1]) if _digits(gold) else None
    return None


def _digits(text: str) -> str:
    found = re.fullmatch(r"\(?([0-9A-Fa-f ,]+)\)?", text.strip())
    return re.sub(r"[ ,]", "", found[1]).lower().lstrip("0") if found else ""


_RESIDUE = re.compile(
    r"(?:[a-zA-Z]\s*(?:\\equiv|=)\s*)?(-?\d+)\s*(?:,|\(|\\left\()?\s*(?:\\pmod|\\bmod|\\mod|\\operatorname\{mod\}|(?<![a-z])mod)\s*"
    r"\{?\s*(\d+)\s*\}?\s*\)?"
)


def _residues(gold: str, answer: str, _: str, same: Same) -> bool | None:
    """Compare residues of one modulus; a modulus that the gold leaves out is the question's."""
    wanted, told = (_RESIDUE.fullmatch(latex.without_text(text).strip()) for text in (gold, answer))
    if wanted and told:
        return wanted[2] == told[2] and (int(wanted[1]) - int(told[1])) % max(1, int(told[2])) == 0
    if told:
        return same(gold, told[1])
    return None


_RATIO = re.compile(r"\d+(?:\.\d+)?(?:\s*:\s*\d+(?:\.\d+)?)+")


_CLOCK = re.compile(r"\btime\b|o'clock|\b[ap]\.?m\b|\bwhen\b", re.IGNORECASE)


def _ratios(gold: str, answer: str, question: str, _: Same) -> bool | None:
    """Compare ratios of two or more parts in lowest terms: 2:4 is 1:2, "3 to 4" is 3:4; a time of day is none."""
    parts = [_parts(text) for text in (gold, answer)]
    if parts[0] and parts[1] and (0 in parts[0] + parts[1] or _CLOCK.search(question)):
        return gold.replace(" ", "") == answer.replace(" ", "")
    if parts[0] and parts[1]:
        return parts[0] == parts[1]
    return None


def _parts(text: str) -> tuple[int, ...]:
    text = re.sub(r"(?<=\d)\s+to\s+(?=\d)", ":", latex.without_text(text).strip())
    if not _RATIO.fullmatch(text):
        return ()
    values = [Fraction(part.strip()) for part in text.split(":")]
    scale = 1
    for value in values:
        scale = scale * value.denominator // gcd(scale, value.denominator)
    whole = [int(value * scale) for value in values]
    return tuple(value // (gcd(*whole) or 1) for value in whole)


_TIME = re.compile(r"(\d{1,2}:\d\d)\s*(?:([ap])\.?\s?m\.?)?", re.IGNORECASE)


def _clocks(gold: str, answer: str, _: str, _same: Same) -> bool | None:
    """Compare times of day; a.m. or p.m. may be left out, and not differ."""
    wanted, told = (_TIME.fullmatch(" ".join(latex.without_text(text).split())) for text in (gold, answer))
    if wanted is None or told is None or not (wanted[2] or told[2]):
        return None
    return wanted[1] == told[1] and (not told[2] or not wanted[2] or wanted[2].lower() == told[2].lower())


_OPTION = re.compile(r"\\(?:text|textbf|mathrm)\s*\{\s*\(([A-J])\)\s*\}\s*(.*\S)")


def _options(gold: str, answer: str, _: str, same: Same) -> bool | None:
    """Where the gold is an option's letter with its value, take either, or both."""
    wanted = _OPTION.fullmatch(gold.strip())
    if wanted is None:
        return None
    told = _OPTION.fullmatch(answer.strip())
    if told:
        return told[1] == wanted[1] and same(wanted[2], told[2])
    letter = latex.without_text(answer).strip(" ().")
    return letter == wanted[1] or (not re.fullmatch("[A-J]", letter) and same(wanted[2], answer))


_CASES = re.compile(
    r"(.*?)\\begin\{(?:cases|aligned|array)\}(?:\{[^{}]*\})?(.*)\\end\{(?:cases|aligned|array)\}\s*", re.DOTALL
)


def rows(text: str) -> list[str]:
    """Return the rows of ``cases``, value and condition joined by a comma; none where a text is something else."""
    found = _CASES.fullmatch(text.strip())
    if found is None or ("cases" not in text and "\\{" not in found[1]):
        return []
    listed = [
        re.sub(r",?\s*&\s*(?:\\text\s*\{\s*(?:if|for|when)\s*\}|if|for|when)?", " ; ", row, count=1)
        for row in found[2].split(r"\\")
    ]
    return [row.strip(" ,;") for row in listed if row.strip(" ,;")]


def system(text: str) -> str:
    r"""Write a system that only names values, ``\begin{cases} x = 1 \\ y = 2``, as a list of them."""
    found = rows(text)
    named = all(len(row.split("=")) == 2 and latex.unlabelled(row)[0] and ";" not in row for row in found)
    return ", ".join(found) if found and named else text


def _pieces(gold: str, answer: str, _: str, same: Same) -> bool | None:
    """Compare the rows of a case distinction, or of a system, in any order."""
    wanted, told = rows(gold), rows(answer)
    if not wanted or not told:
        return None
    if len(wanted) != len(told):
        return False
    left = list(told)
    for row in wanted:
        met = next((other for other in left if _same_row(row, other, same)), None)
        if met is None:
            return False
        left.remove(met)
    return True


def _same_row(one: str, other: str, same: Same) -> bool:
    parts = [[part.strip(" ,&") for part in row.split(";")] for row in (one, other)]
    return len(parts[0]) == len(parts[1]) and all(a == b or same(a, b) for a, b in zip(*parts, strict=True))


_MATRIX = re.compile(r"\\begin\{([bpvB]?matrix|array)\}(?:\{[^{}]*\})?(.*?)\\end\{\1\}", re.DOTALL)


_TRANSPOSED = re.compile(r"(?<=[)\]}])\s*\^\s*\{?\s*\\?(?:T|top|intercal|mathsf\{T\}|mathrm\{T\}|text\{T\})\s*\}?\s*\Z")


def opened(text: str) -> str:
    """Write intervals with brackets turned outwards, ``]-2,2[``, as open ones; other texts stay as they are."""
    outwards = re.search(r"\][^\[\]]+,[^\[\]]+[\[\]]|[\[\]][^\[\]]+,[^\[\]]+\[", text)
    if outwards is None or text.count("[") + text.count("]") > 8:
        return text
    return re.sub(
        r"([\[\]])([^\[\],]+,[^\[\],]+)([\[\]])",
        lambda m: ("(" if m[1] == "]" else "[") + m[2] + (")" if m[3] == "[" else "]"),
        text,
    )


def vector(text: str) -> str:
    r"""Write a column, a row or a sum of unit vectors as a tuple, ``(1, 2)``; other texts stay as they are."""
    text = _TRANSPOSED.sub("", text)
    bare = re.sub(r"^[(\[]\s*(?=\\begin\{)|(?<=matrix\}|.array\})\s*[)\]]\Z", "", text.strip())
    found = _MATRIX.fullmatch(bare)
    if found:
        lines = [line for line in re.split(r"\\\\(?:\[[^\]]*\])?", found[2]) if line.strip()]
        entries = [line.split("&") for line in lines]
        if len(entries) == 1 and len(entries[0]) > 1:
            return "(" + ", ".join(entry.strip() for entry in entries[0]) + ")"
        if len(entries) > 1 and all(len(row) == 1 for row in entries):
            return "(" + ", ".join(row[0].strip() for row in entries) + ")"
        return text
    return _of_unit_vectors(text)


_UNIT_VECTOR = re.compile(
    r"\s*([+-]?)\s*([^+\-]*?)\s*\\(?:mathbf|hat|vec|boldsymbol|bm|widehat)\s*\{?\s*(?:\\(?:mathbf|hat|i|j)?math\s*)?\\?\{?([ijk])(?:math)?\}?\}?"
)


def _of_unit_vectors(text: str) -> str:
    if not re.search(r"\\(?:mathbf|hat|vec|boldsymbol|bm|widehat)\s*\{?\s*\\?[ijk](?:math)?", text):
        return text
    parts: dict[str, str] = {}
    position = 0
    while (found := _UNIT_VECTOR.match(text, position)) is not None:
        if found[3] in parts:
            return text
        parts[found[3]] = found[1] + (found[2].strip() or "1")
        position = found.end()
    if text[position:].strip() or not parts:
        return text
    names = "ijk" if "k" in parts else "ij"
    return "(" + ", ".join(parts.get(name, "0").lstrip("+") for name in names) + ")"


def matrix(text: str) -> str:
    r"""Write rows in square brackets, ``[[1,2],[3,4]]``, as a matrix of LaTeX; other texts stay as they are."""
    found = re.fullmatch(r"\[\s*(\[[^\[\]]*\](?:\s*,\s*\[[^\[\]]*\])*)\s*\]", text.strip())
    if found is None:
        return text
    lines = [" & ".join(entry.strip() for entry in row.split(",")) for row in re.findall(r"\[([^\[\]]*)\]", found[1])]
    return r"\begin{pmatrix}" + r" \\ ".join(lines) + r"\end{pmatrix}"


def point(text: str) -> str:
    """Write ``y = 2, x = 1`` as the point that it is, ``(1, 2)``; other texts stay as they are."""
    parts = [latex.unlabelled(part) for part in latex.values(text)]
    names = [name.strip() for name, _ in parts]
    if len(parts) > 1 and all(re.fullmatch(r"[a-zA-Z]", name) for name in names) and len(set(names)) == len(names):
        return "(" + ", ".join(value for _, value in sorted(zip(names, (v for _, v in parts), strict=True))) + ")"
    return text
