"""What counts as a word: the tables that fold characters before the kernel hashes them.

Case, accents and Unicode form (NFC, NFD, NFKC, full-width, ligatures, smart quotes) fold away, so that one text has
one sequence of words however it was stored. Letters and digits are separate words (``20km`` is two), a run of digits
is a number, one CJK or Thai character is one word, and marks and soft hyphens vanish. Markup, escapes and
hyphenation are the lexer's part (spelling.py), because they span several characters.
"""

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

# Codes of ASCII bytes: 1-26 are letters, the rest say what the kernel has to look at.
SEP, BREAK, DIGIT, APOSTROPHE, HYPHEN, BACKSLASH, LESS, AMPERSAND, HIGH, NEWLINE, STOP = range(32, 43)

# Kinds of code points beyond ASCII.
GAP, LETTER, FIGURE, RAISED, IDEOGRAM, MARK, QUOTE, DASH = range(8)

_JOINED = {0x2019: QUOTE, 0x2018: QUOTE, 0x02BC: QUOTE, 0x02B9: QUOTE, 0xFF07: QUOTE, 0x2032: QUOTE, 0x00B4: QUOTE}
_DASHES = {
    0x2010: DASH,
    0x2011: DASH,
    0x00AD: MARK,
    0x200B: MARK,
    0x200C: MARK,
    0x200D: MARK,
    0xFEFF: MARK,
    0x2060: MARK,
}
HANGUL, HANGUL_END = 0xAC00, 0xD7A4
"""Syllables, which the lexer takes apart by arithmetic."""
_FOLDED = ((0x80, 0x33FF), (0xA000, 0xABFF), (0xF900, 0xFFFD), (0x10280, 0x104FF), (0x1D400, 0x1D7FF))
_UNCHANGED = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))
_IDEOGRAPHIC = ((0x0E00, 0x0EFF), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))

WORDS_OF_LATEX = [
    "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "ln", "exp",
    "max", "min", "lim", "gcd", "lcm", "det", "mod", "sup", "inf", "dim", "ker", "deg", "arg", "pr",
]  # fmt: skip
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω",
}  # fmt: skip
"""LaTeX names that stand for a letter; upper case (``\\Delta``) folds to the same."""


_DRAWN_ALIKE = (
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455"
    "\u04bb\u0501\u051b\u051d\u0475\u0578\u057d\u0585\u0261\u0251"
)
LOOKALIKES = dict(zip(_DRAWN_ALIKE, "abekmhopctyxijshdqwvnuoga", strict=True))
"""Cyrillic, Armenian and phonetic letters that are drawn as Latin ones, in lower case or upper, to the Latin ones.

Words of Russian are folded on both sides alike. Greek letters are not among them: they stand in formulas as themselves.
"""
EIGHT = 0xFF51AFD7ED558CCD
"""Factor by which eight letters are hashed onto those before them."""


@cache
def as_shown() -> dict[int, str | None]:
    """Give what stands for characters that show as others, or as nothing, for ``str.translate``."""
    unseen = {point: None for point in (*range(0x80, 0x2070), 0xFEFF) if unicodedata.category(chr(point)) == "Cf"}
    upper = {ord(own.upper()): latin.upper() for own, latin in LOOKALIKES.items() if len(own.upper()) == 1}
    return unseen | upper | {ord(own): latin for own, latin in LOOKALIKES.items()}


def ascii_codes() -> Bytes:
    """Code of each byte value: 1-26 for letters of either case, else what the kernel must look at."""
    codes = np.full(256, SEP, np.uint8)
    for i in range(26):
        codes[ord("a") + i] = codes[ord("A") + i] = i + 1
    codes[ord("0") : ord("9") + 1] = DIGIT
    for char, code in {
        '"': BREAK, "?": BREAK, "!": BREAK, ":": BREAK, "'": APOSTROPHE, "-": HYPHEN, "\\": BACKSLASH, "<": LESS,
        "&": AMPERSAND, "\n": NEWLINE, ".": STOP,
    }.items():  # fmt: skip
        codes[ord(char)] = code
    codes[0x80:] = HIGH
    return codes


@cache
def fold_tables() -> tuple[Bytes, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Page of each 256 code points below 0x20000, its cells, and letters.

    A cell is ``start << 3 | kind``; its folded letters stand at ``start``, zero-ended (0: the code point itself).
    """
    kinds = np.full(0x20000, GAP, np.int32)
    letters = [0]
    for low, high in _FOLDED:
        kinds[low : high + 1] = [_cell(point, letters) for point in range(low, high + 1)]
    kinds[HANGUL:HANGUL_END] = LETTER
    for low, high in _UNCHANGED:
        kinds[low : high + 1] = IDEOGRAM
    known: dict[bytes, int] = {}
    rows = kinds.reshape(-1, 256)
    pages = [known.setdefault(row.tobytes(), len(known)) for row in rows]
    cells = np.frombuffer(b"".join(known), np.int32)
    return np.array(pages, np.uint8), cells, np.array(letters, np.int32)


def _cell(point: int, letters: list[int]) -> int:
    kind, folded = _fold(point)
    if not folded:
        return kind
    letters += [*folded, 0]
    return (len(letters) - len(folded) - 1) << 3 | kind


def _fold(point: int) -> tuple[int, list[int]]:
    """Kind of a code point and what is hashed for it: 1-26 for a-z, digits 0-9 plus 32, else the code point."""
    joined = _JOINED.get(point, _DASHES.get(point))
    if joined is not None:
        return joined, []
    char = chr(point)
    category = unicodedata.category(char)
    if category[0] in "PZC":  # joiners and marks of direction show nothing
        return (MARK if category == "Cf" else GAP), []
    if category in {"Lo", "Lm"} and any(low <= point <= high for low, high in _IDEOGRAPHIC):
        return IDEOGRAM, [_hashed(c) for c in unicodedata.normalize("NFKD", char)[:1]]
    folded = unicodedata.normalize("NFKD", char).casefold()
    plain = [LOOKALIKES.get(c, c) for c in folded if not unicodedata.combining(c)]
    kept = [c for c in plain if unicodedata.category(c)[0] in "LN"][:6]
    if not kept:
        return (MARK if category[0] == "M" else GAP), []
    if all(unicodedata.category(c)[0] == "N" for c in kept):
        return (FIGURE if category == "Nd" else RAISED), [_hashed(c) for c in kept]
    return LETTER, [_hashed(c) for c in kept]


def _hashed(char: str) -> int:
    if "a" <= char <= "z":
        return ord(char) - 96
    figure = unicodedata.digit(char, None)
    return 32 + figure if figure is not None else ord(char)


def latex_names() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Packed names of LaTeX commands that are words, sorted, and the letter each stands for (0: the name itself)."""
    table = {_packed(name): 0 for name in WORDS_OF_LATEX}
    table |= {_packed(name): ord(letter) for name, letter in GREEK.items()}
    names = sorted(table)
    return np.array(names, np.uint64), np.array([table[n] for n in names], np.int64)


def _packed(name: str) -> int:
    """Hash of a plain word, as spelling.py comes to it."""
    value, data = 0, name.lower().encode()
    for at in range(0, len(data), 8):
        value = (value ^ int.from_bytes(data[at : at + 8], "little")) * EIGHT & (1 << 64) - 1
        value ^= value >> 32
    return value
