r"""What decides a question beside its words: values of numbers, signs, formulas, and words that turn it round.

Words are compared as hashes (align.py), for which ``3`` and ``3.5`` begin alike, ``12`` and ``twelve`` differ, and
signs are nothing. Here the text of an item and of the place that copies it are read once more, as values: 1,000 is
1000; \frac{3}{4}, ¾ and 3/4 are one number, and so are 10^5, 10⁵ and 100000, twelve and 12, twice and 2.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from rarl_eval.contamination.words.normalise import as_shown

LONGEST = 20_000
"""Characters of a text that are read."""
LEAST = 3
"""Signs, variables and functions that must differ for another formula; tokens that may for a negation to decide."""
LONGEST_TURN = 4
"""Tokens of a run in which a word stands for its counterpart; of a longer one, all was rewritten."""
MOST_DIGITS = 30
"""A longer number is compared as it is spelled."""
FORMULA = 0.25
"""Share of an item's formula that a copy may have otherwise, missing and surplus together."""
_SMALL_NAMES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {name: n for n, name in enumerate(_SMALL_NAMES.split())} | {
    name: 10 * n for n, name in enumerate(_TENS.split(), 2)
}
_LARGE = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12}
_OTHER = {"half": Fraction(1, 2), "twice": Fraction(2), "double": Fraction(2), "triple": Fraction(3)}
_FAMILIES = (
    ("less", "greater", "more", "fewer", "smaller", "larger", "equal"), ("least", "most"), ("fewest", "most"),
    ("minimum", "maximum", "minimal", "maximal"), ("smallest", "largest", "greatest", "least"),
    ("lowest", "highest"), ("first", "last"), ("even", "odd"), ("before", "after"), ("positive", "negative"),
    ("increase", "decrease", "increases", "decreases", "increased", "decreased"), ("with", "without"),
    ("above", "below"), ("inside", "outside"), ("true", "false"), ("and", "or"), ("left", "right"),
    ("sum", "difference", "product", "quotient"), ("area", "perimeter", "circumference", "volume"),
    ("sine", "cosine", "tangent"), ("horizontal", "vertical"), ("earlier", "later"), ("arithmetic", "geometric"),
    ("longest", "shortest"), ("longer", "shorter"), ("oldest", "youngest"), ("older", "younger"),
    ("inscribed", "circumscribed"), ("mean", "median", "mode", "range"), ("multiple", "divisor", "factor"),
    ("maximize", "minimize"), ("maximise", "minimise"), ("max", "min"), ("ascending", "descending"),
    ("increasing", "decreasing"), ("clockwise", "counterclockwise"), ("north", "south", "east", "west"),
    ("radius", "diameter"), ("rows", "columns"), ("row", "column"),
    ("acute", "obtuse"), ("prime", "composite"), ("union", "intersection"), ("prefix", "suffix"), ("bought", "sold"),
    ("vowels", "consonants"), ("uppercase", "lowercase"), ("upper", "lower"), ("width", "height", "length", "depth"),
    ("seconds", "minutes", "hours", "days", "weeks", "months", "years"), ("higher", "lower"), ("gain", "loss"),
    ("second", "minute", "hour", "day", "week", "month", "year"), ("same", "different"), ("rational", "irrational"),
    ("millimeters", "centimeters", "meters", "kilometers", "inches", "feet", "yards", "miles"), ("add", "subtract"),
    ("grams", "kilograms", "ounces", "pounds"), ("cents", "dollars"), ("faster", "slower"), ("fastest", "slowest"),
)  # fmt: skip
"""Words of which another makes another question."""
_NOT = frozenset({"not", "no", "never", "none", "neither", "cannot", "nor", "except", "without"})
DECIDING = frozenset({*_SMALL, *_LARGE, *_OTHER, *_NOT, *(word for family in _FAMILIES for word in family)})
"""Words that are never another one misspelt."""
_FUNCTION_NAMES = (
    "sin cos tan cot sec csc arcsin arccos arctan log ln exp sqrt lim max min gcd lcm mod lfloor rfloor lceil rceil"
)
_FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_SIGNS = {
    "−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "∕": "/", "≤": "<=", "≥": ">=", "≠": "!=",
    "√": " sqrt ", "⌊": " lfloor ", "⌋": " rfloor ", "⌈": " lceil ", "⌉": " rceil ", "π": " pi ", "∞": " infty ",
}  # fmt: skip
_LATEX = {
    "cdot": "*", "times": "*", "div": "/", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "ne": "!=", "neq": "!=",
    "lt": "<", "gt": ">", "pm": "±", "left": " ", "right": " ", "dfrac": "\\frac", "tfrac": "\\frac", "cfrac": "\\frac",
}  # fmt: skip
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_LOOSE = re.compile(r"\\frac\s+(?=[{\d])")
_FRACTION = re.compile(r"\\+frac\s*(?:\{\s*(-?\d{1,9})\s*\}|(\d))\s*(?:\{\s*(\d{1,9})\s*\}|(\d))")
_POWER = re.compile(r"(?<![\w.^])(\d{1,6})\s*(?:\^|\*\*)\s*(?:\{\s*(\d{1,2})\s*\}|(\d{1,2}))(?!\d)")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:(?:,|\{,\}|\\,|\\!,|\u202f|\u00a0)\d{3})+(?!\d)")
_STRING = re.compile(r"(?<![\w\"'])[\"']([^\"'\n]{2,60})[\"'](?![\w\"'])")
_TOKEN = re.compile(
    r"(?P<mixed>\d+\s+\d+/\d+(?![\d/]))|(?P<ratio>\d+/\d+(?![\d/]))|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<name>[^\W\d_]+)"
    r"|(?P<sign><=|>=|!=|[-+*/^=<>±])"
)


@dataclass(frozen=True)
class Deciding:
    """What decides a text."""

    values: tuple[Fraction | str, ...]
    """Its numbers in order, in figures or words."""
    formula: tuple[str, ...]
    """Variables, functions and signs of its formulas in order."""
    tokens: tuple[str, ...]
    """All of it in order: words, numbers and signs."""


def number_words() -> frozenset[str]:
    """Words that are numbers."""
    return frozenset({*_SMALL, *_LARGE, *_OTHER})


def compared(item: str, copy: str, *, whole: bool, in_place: bool, code: bool = False) -> tuple[int, bool]:
    """How many numbers a copy has changed, and whether it asks something else.

    ``whole``: its words are the item's, so that only signs can differ. ``in_place``: numbers that changed places count.
    ``code``: texts between quotes are values of a program.
    """
    own, other = deciding(item), deciding(copy)
    if code and not whole and other_strings(item, copy):
        return changed_values(own, other, in_place=in_place), True
    if whole:
        return 0, turned_sign(own, other)
    return changed_values(own, other, in_place=in_place), asks_otherwise(own, other)


@lru_cache(maxsize=4096)
def deciding(text: str) -> Deciding:
    """Read a text for what decides it."""
    values: list[Fraction | str] = []
    formula: list[str] = []
    tokens = list(_tokens(_plain(text[:LONGEST])))
    at = 0
    while at < len(tokens):
        kind, token = tokens[at]
        spelled, used = _spelled(tokens, at) if kind == "name" else (None, 1)
        if kind == "number":
            values.append(_number(token))
        elif spelled is not None:
            values.append(spelled)
        elif _is_of_formula(tokens, at):
            formula.append(token)
        at += used
    return Deciding(tuple(values), tuple(formula), tuple(text for _, text in tokens))


def _plain(text: str) -> str:
    """Text with markup, LaTeX and Unicode brought to plain signs, and fractions and powers to numbers."""
    text = html.unescape(text) if "&" in text else text
    text = text if text.isascii() else text.translate(as_shown())
    text = "".join(_vulgar(c) if not c.isascii() else c for c in text)
    text = _COMMAND.sub(lambda m: f" {_LATEX[m[1]]} " if m[1] in _LATEX else m[0], text)
    text = text.replace("\\ frac", "\\frac")
    text = _LOOSE.sub(r"\\frac", text)
    text = _GROUPED.sub(lambda m: re.sub(r"\D", "", m[0]), text)
    text = _FRACTION.sub(lambda m: f" {m[1] or m[2]}/{m[3] or m[4]} ", text)
    text = _POWER.sub(lambda m: str(int(m[1]) ** int(m[2] or m[3])), text)
    return _COMMAND.sub(r" \1 ", text)


def _vulgar(char: str) -> str:
    """Give a character of a fraction, a power or a sign in ASCII."""
    if char in _SIGNS:
        return _SIGNS[char]
    told = unicodedata.normalize("NFKC", char)
    if "\u2044" in told:
        return f" {told.replace(chr(0x2044), '/')} "
    if told != char and told.isdigit() and unicodedata.decomposition(char).startswith("<super>"):
        return f"^{told}"
    return told


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        yield ("number" if kind in {"mixed", "ratio"} else kind), found[0].lower()


def _number(token: str) -> Fraction | str:
    if len(token) > MOST_DIGITS:
        return token
    whole, _, ratio = token.rpartition(" ")
    try:
        return Fraction(ratio.strip()) + (Fraction(whole.strip()) if whole.strip() else 0)
    except (ValueError, ZeroDivisionError):
        return token


def _spelled(tokens: Sequence[tuple[str, str]], at: int) -> tuple[Fraction | None, int]:
    """Value of a number in words that begins here, and how many tokens it takes; "one" alone is no number."""
    total, part, used = 0, 0, 0
    while at + used < len(tokens):
        kind, word = tokens[at + used]
        if (
            kind == "sign"
            and word == "-"
            and used
            and at + used + 1 < len(tokens)
            and tokens[at + used + 1][1] in _SMALL
        ):
            used += 1
            continue
        if kind != "name" or word not in _SMALL | _LARGE.keys():
            break
        if word in _SMALL:
            if part % 100 and not (part % 100 >= 20 and _SMALL[word] < 10):
                break
            part += _SMALL[word]
        elif _LARGE[word] in {100, 12}:
            part = max(1, part) * _LARGE[word]
        else:
            total, part = total + max(1, part) * _LARGE[word], 0
        used += 1
    word = tokens[at][1]
    if not used:
        return (_OTHER[word], 1) if word in _OTHER else (None, 1)
    return (None, 1) if used == 1 and word == "one" else (Fraction(total + part), used)


def _is_atom(token: tuple[str, str]) -> bool:
    kind, text = token
    return kind == "number" or (kind == "name" and (len(text) == 1 or text in _FUNCTIONS))


def _is_of_formula(tokens: Sequence[tuple[str, str]], at: int) -> bool:
    kind, token = tokens[at]
    if kind == "sign":
        return _stands_in_formula(tokens, at)
    return token in _FUNCTIONS or (len(token) == 1 and _beside_formula(tokens, at))


def _stands_in_formula(tokens: Sequence[tuple[str, str]], at: int) -> bool:
    """Whether a sign stands between, or before, what a formula is made of."""
    after = at + 1 < len(tokens) and (_is_atom(tokens[at + 1]) or tokens[at + 1][0] == "sign")
    before = at > 0 and (_is_atom(tokens[at - 1]) or tokens[at - 1][0] == "sign")
    return after and before


def _beside_formula(tokens: Sequence[tuple[str, str]], at: int) -> bool:
    """Whether a single letter is a variable: a sign or a function stands beside it, or the number it multiplies."""
    around = [tokens[n] for n in (at - 1, at + 1) if 0 <= n < len(tokens)]
    known = any(kind == "sign" or text in _FUNCTIONS for kind, text in around)
    return known or (at > 0 and tokens[at - 1][0] == "number" and tokens[at][1] not in {"a", "i"})


def changed_values(item: Deciding, other: Deciding, *, in_place: bool) -> int:
    """Numbers of an item that are other numbers in a copy; ``in_place``: those that changed places, too."""
    own, theirs = Counter(item.values), Counter(other.values)
    changed = min((own - theirs).total(), (theirs - own).total())
    if in_place and len(item.values) == len(other.values):
        changed = max(changed, sum(a != b for a, b in zip(item.values, other.values, strict=True)))
    return changed


def asks_otherwise(item: Deciding, other: Deciding) -> bool:
    """Whether a copy has another formula, or a word that turns the question round.

    What is only missing was left out, and what is only there was added; another is what takes the place of something.
    A negation that came or went counts where hardly anything else did.
    """
    lost, new = Counter(item.formula) - Counter(other.formula), Counter(other.formula) - Counter(item.formula)
    differ = lost.total() + new.total()
    if lost and new and differ >= LEAST and differ > FORMULA * len(item.formula):
        return True
    operations = _differences(item.tokens, other.tokens)
    if any(_turned(src, dest) for src, dest in operations if max(len(src), len(dest)) <= LONGEST_TURN):
        return True
    few = sum(max(len(src), len(dest)) for src, dest in operations) <= LEAST
    return few and any((_NOT & set(src)) != (_NOT & set(dest)) for src, dest in operations)


def other_strings(item: str, copy: str) -> bool:
    """Whether a program is given other strings, some of its own missing and others in their place."""
    own, theirs = (Counter(found[1] for found in _STRING.finditer(text[:LONGEST])) for text in (item, copy))
    return bool(own - theirs and theirs - own)


def _differences(item: Sequence[str], other: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Give the runs of tokens that differ, by least edits."""
    names = {token: n for n, token in enumerate(dict.fromkeys((*item, *other)))}
    found = Levenshtein.opcodes([names[t] for t in item], [names[t] for t in other])
    return [(item[op.src_start : op.src_end], other[op.dest_start : op.dest_end]) for op in found if op.tag != "equal"]


def _turned(src: Sequence[str], dest: Sequence[str]) -> bool:
    """Whether a run has a word of a family and what stands in its place has another, and none of the run's."""
    mine, theirs = set(src), set(dest)
    return any(mine & family and theirs & family and not mine & theirs & family for family in map(set, _FAMILIES))


def turned_sign(item: Deciding, other: Deciding) -> bool:
    """Whether a text of the same words has another sign somewhere: plus for minus, less for greater."""
    if len(item.formula) != len(other.formula):
        return False
    pairs = [{a, b} for a, b in zip(item.formula, other.formula, strict=True) if a != b]
    return any(pair in ({"+", "-"}, {"*", "/"}) or pair <= {"<", ">", "<=", ">=", "=", "!="} for pair in pairs)
