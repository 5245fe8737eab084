r"""Whether the value of an expression moves with its letters, seen from the text alone and without algebra.

A number is never such an expression: ``2k + 2`` is not 7. Said only where nothing can cancel, so that
``\sin^2 x + \cos^2 x`` and ``x - x`` are left to the algebra.
"""

import re
from collections import Counter

_COMMAND = re.compile(r"\\([a-zA-Z]+|.)")
_PLAIN = frozenset(
    [
        "frac",
        "dfrac",
        "tfrac",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "sec",
        "csc",
        "cot",
        "ln",
        "log",
        "pi",
        "cdot",
        "left",
        "right",
        ",",
        "!",
        ";",
    ]
)
_FORMULA = re.compile(r"[0-9a-zA-Z+*/^{}() =.-]*")
_POWER = r"[a-zA-Z](?:\^(?:[1-9]|\{[1-9][0-9]*\}))?"
_MONOMIAL = re.compile(rf"[1-9][0-9]*|(?:[1-9][0-9]*)?((?:{_POWER})+)")
_CONSTANTS = frozenset("ei")
_UNSURE = re.compile(r"[a-zA-Z]{3}|(?<![0-9.])(?:0(?![0-9.])|1\s*\^)")
"""A word, a factor that may be nothing, and a power of one."""


def varies(text: str) -> bool:
    """Whether a letter of the text changes its value for certain: it stands once, or in powers that all differ."""
    if any(name not in _PLAIN for name in _COMMAND.findall(text)):
        return False
    bare = _COMMAND.sub(" ", text)
    if not _FORMULA.fullmatch(bare) or _UNSURE.search(bare):
        return False
    seen = Counter(re.findall(r"[a-zA-Z]", bare))
    letters = {letter: times for letter, times in seen.items() if letter not in _CONSTANTS}
    return bool(letters) and (1 in letters.values() or _monomials_differ(text))


def _monomials_differ(text: str) -> bool:
    terms = [term for term in re.split(r"[+-]", "".join(text.split())) if term]
    found = [_MONOMIAL.fullmatch(term) for term in terms]
    powers = [tuple(sorted(re.findall(_POWER, match[1] or ""))) for match in found if match]
    named_once = all(len({power[0] for power in term}) == len(term) for term in powers)
    return named_once and len(powers) == len(terms) == len(set(powers))
