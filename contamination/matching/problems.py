"""What a problem of mathematics is made of, and what only one of two has: figures by value, signs, letters, words.

LaTeX, Unicode and plain text give the same figures, signs and letters; words are without their endings, and those that
only ask, or only mark up, are left out. Not here: what a difference is worth (symmetric.py).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from rarl_eval.contamination.matching.values import DECIDING, LONGEST, deciding, number_words

DRAWN = 0.1
"""Share of a drawing's words and numbers that may differ, missing and surplus over those of both."""
_LIGHT_WORDS = (
    "a an the of to in is are was were be been on at by for from as that this these those it its into then there "
    "they he she his her him them their we you your our us if so such each which who whom whose when where what how "
    "find compute determine evaluate calculate give given gives let suppose assume answer value number many much "
    "does do did have has had will would can could following below above here shown figure graph please also just"
)
_LIGHT = frozenset(_LIGHT_WORDS.split())
"""Words of which none makes another problem; ``many`` and ``number of`` ask alike."""
_MARKUP_WORDS = (
    "displaystyle textstyle text textbf textit mathrm mathbf mathbb mathcal boldsymbol operatorname overline "
    "underline widehat hat vec bar begin end align aligned array pmatrix bmatrix vmatrix cases quad qquad ldots "
    "cdots dots left right cal big bigg hspace vspace mbox rm bf dollar ast limits stackrel"
)
_MARKUP = frozenset(_MARKUP_WORDS.split())
_DEGREES = re.compile(r"\^?\s*\{?\s*(?:\\circ\b|°|∘)\s*\}?")
LATEX = re.compile(r"\\[a-zA-Z]|\$\s*[a-zA-Z]\s*\$|[_^{}]|\$[^$\n]{1,30}=[^$\n]{1,60}\$|\$[a-zA-Z]\(")
_LABEL = re.compile(r"label\(\"([^\"]*)\"|return([^;]*);")
_SPACING = re.compile(r"\s+|\$|\\[()]")
_FIGURE = re.compile(r"\[asy\].*?(?:\[/asy\]|\Z)", re.DOTALL)
_TAG = re.compile(
    r"</?(?:p|[abiu]|em|strong|span|div|[bh]r|li|[uo]l|su[bp]|t[drh]|table|code|pre|h\d)\b[^<>\n]{0,200}>"
)
_WORKING = re.compile(r"<<[^<>\n]{0,80}>>")
_SHORT = re.compile(r"['’](?:s|t|re|ve|ll|d|m)\b")
_BREAK = re.compile(
    r"(?<=[.?!])[\"')\]$]*\s+|(?<=[.?!])\$+(?=\s*[A-Z])|\n\s*\n|\\\]|\\end\{(?:align|equation|gather)\*?\}"
)
_ASKS = re.compile(
    r"\b(?:what|how|find|compute|determine|evaluate|calculate|simplify|prove|which)\b|\bin how\b|\bfor how\b",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"\W*(?:express|enter|write|give|round|simplify|leave) (?:your|the|all|each)? ?(?:final )?answers?\b.*",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?")
_ALONE = re.compile(r"(?:\$|\\\()\s*([aiAI])\s*[.,;?]?\s*(?:\$|\\\))")
_ARTICLES = frozenset("ai")
"""Letters that are words, too: variables only beside a sign, or alone between dollars."""
_NAMES_WORDS = (
    "frac sin cos tan cot sec csc arcsin arccos arctan log ln exp sqrt lim max min gcd lcm mod lfloor rfloor lceil "
    "rceil alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi "
    "varphi chi psi omega pi infty"
)
_NAMES = frozenset(_NAMES_WORDS.split())
"""Functions and letters that are written out."""
_SELDOM = "and or with none true false of length width"
"""Words that texts of any kind add and lose."""
_TURNING = DECIDING - number_words() - set(_SELDOM.split())
_NEGATING = ("in", "un", "non", "dis", "ir", "im", "il", "a")


@dataclass(frozen=True)
class Problem:
    """What a problem, or a part of one, is made of."""

    formula: Counter[str]
    """Figures by value, variables, functions and signs."""
    words: Counter[str]
    """Other words, without their endings."""

    @property
    def size(self) -> int:
        """Give how many there are of both."""
        return self.formula.total() + self.words.total()


@dataclass(frozen=True)
class Differing:
    """What only one of two has."""

    formula: int
    words: int
    swapped: int
    """Words of each that stand in place of one of the other's."""
    values: tuple[int, int]
    """Numbers that are missing, and that are surplus."""
    turned: tuple[int, int]
    """How many of the words decide, missing and surplus."""
    of: tuple[int, int]
    """Formula tokens and words of both together."""

    @property
    def total(self) -> int:
        """Give how much differs."""
        return self.formula + self.words

    def share(self) -> float:
        """Give the share of the words, between 0 and 1."""
        return self.words / max(1, self.of[1])

    def of_all(self) -> float:
        """Give the share of words and formula tokens together."""
        return self.total / max(1, sum(self.of))


def other_figure(item: str, copy: str) -> bool:
    """Whether both have a drawing, and not the same one."""
    mine, theirs = (" ".join(_FIGURE.findall(text)) for text in (item, copy))
    if not mine or not theirs:
        return False
    own, other = (Counter(_LABEL.findall(_SPACING.sub("", text))) for text in (mine, theirs))
    if own != other:
        return True
    own, other = (Counter(_SPLIT.findall(text)) for text in (mine, theirs))
    return ((own - other).total() + (other - own).total()) > DRAWN * (own.total() + other.total())


def bare(text: str) -> str:
    """Text without drawings, working, and how the answer is to be written."""
    text = _WORKING.sub(" ", _FIGURE.sub(" ", _TAG.sub(" ", text[:LONGEST])))
    return _SHORT.sub("", _DEGREES.sub(" degrees ", text))


@lru_cache(maxsize=4096)
def parted(text: str) -> tuple[str, str]:
    """Part a problem into its givens and what it asks: from the first word that asks in its last such sentence on."""
    sentences = [s for s in sentences_of(bare(text)) if not _FORM.match(s)]
    for number in range(len(sentences) - 1, -1, -1):
        found = _ASKS.search(sentences[number])
        if found:
            before = " . ".join([*sentences[:number], sentences[number][: found.start()]])
            return before, " . ".join([sentences[number][found.start() :], *sentences[number + 1 :]])
    return " . ".join(sentences[:-1]), sentences[-1] if sentences else ""


def sentences_of(text: str) -> list[str]:
    """Sentences of a text; a displayed formula ends one."""
    return [s for s in _BREAK.split(text) if s.strip()]


@lru_cache(maxsize=8192)
def read(text: str) -> Problem:
    """Read what a problem, or a part of one, is made of; how the answer is to be written is left out."""
    told = deciding(" . ".join(s for s in sentences_of(bare(text)) if not _FORM.match(s)))
    formula = Counter(t for t in told.formula if t != "*" and not t.isalpha())
    formula.update("/" if t == "frac" else t for t in told.tokens if _is_symbol(t))
    formula.update(t for t in told.formula if t in _ARTICLES)
    formula.update(found[1].lower() for found in _ALONE.finditer(text))
    formula.update(str(value) for value in told.values)
    words = Counter(_stem(t) for t in told.tokens if len(t) > 1 and t.isalpha() and t not in _LIGHT | _MARKUP)
    for token in _NAMES:
        words.pop(token, None)
    return Problem(formula, words)


def _is_symbol(token: str) -> bool:
    return token in _NAMES or (len(token) == 1 and token.isalpha() and token not in _ARTICLES)


def _stem(word: str) -> str:
    if word in DECIDING or len(word) < 4:
        return word
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word.removesuffix("e") if len(word) > 4 else word


def differing(item: str, copy: str) -> Differing:
    """Say what only one of two texts has; a word otherwise spelled is in both."""
    own, other = read(item), read(copy)
    lost, new = own.words - other.words, other.words - own.words
    for mine, theirs in _misspelt(lost, new):
        lost[mine] -= 1
        new[theirs] -= 1
    less, more = own.formula - other.formula, other.formula - own.formula
    if not ("$" in item and "$" in copy):  # where letters are not marked, articles look like them
        less, more = (Counter({t: n for t, n in c.items() if t not in _ARTICLES}) for c in (less, more))
    formula = less.total() + more.total()
    values = tuple(sum(n for t, n in c.items() if t[0].isdigit()) for c in (less, more))
    turned = tuple(sum(n for word, n in c.items() if n > 0 and word in _TURNING) for c in (lost, new))
    of = own.formula.total() + other.formula.total(), own.words.total() + other.words.total()
    gone, come = (+lost).total(), (+new).total()
    return Differing(formula, gone + come, min(gone, come), (values[0], values[1]), (turned[0], turned[1]), of)


def _misspelt(lost: Counter[str], new: Counter[str]) -> Iterator[tuple[str, str]]:
    """Pairs of words that are one word otherwise spelled; a word and its opposite are not."""
    left = [w for w in new if len(w) > 4 and w not in DECIDING]
    for mine in sorted(lost):
        if len(mine) <= 4 or mine in DECIDING or len(left) > 64:
            continue
        near = [w for w in left if OSA.distance(mine, w, score_cutoff=2) <= (1 if len(mine) < 8 else 2)]
        alike = next((w for w in near if not _opposite(mine, w)), None)
        if alike:
            left.remove(alike)
            yield mine, alike


@lru_cache(maxsize=4096)
def opposites(text: str) -> tuple[str, ...]:
    """Words of a text of which it has the opposite, too, in their order: which is which decides."""
    told = deciding(bare(text)).tokens
    words = {t for t in told if len(t) > 5}
    both = {w for w in words if any(before + w in words for before in _NEGATING)}
    both |= {before + w for w in both for before in _NEGATING if before + w in words}
    return tuple(t for t in told if t in both)


def _opposite(one: str, other: str) -> bool:
    long, short = sorted((one, other), key=len, reverse=True)
    return any(long == before + short for before in _NEGATING)
