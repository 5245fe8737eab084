r"""One character at a time, compiled: code points of UTF-8 and of JSON escapes, folded and hashed onto a word.

A word is hashed letter by letter onto a ``Spelt`` (hash so far, letters not hashed yet, how many those are), eight
letters at a time, so that a word that lexer.py reads from plain bytes at once comes to the same.
"""

import numpy as np

from rarl_eval.contamination.words import normalise as nm
from rarl_eval.contamination.words.compiling import compiled, inlined

_DIGIT = nm.DIGIT
_GAP, _LETTER, _FIGURE, _IDEOGRAM, _QUOTE = nm.GAP, nm.LETTER, nm.FIGURE, nm.IDEOGRAM, nm.QUOTE
U1, U3, U7, U27, U32 = (np.uint64(n) for n in (1, 3, 7, 27, 32))
NONE = np.uint64(0)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_EIGHT = np.uint64(nm.EIGHT)

# Compiled in as constants: passed as arguments, their reference counts would cost more than the work.
CODES = nm.ascii_codes()
_PAGES, _CELLS, LETTERS = nm.fold_tables()

Spelt = tuple[int, int, int]


@inlined
def eight(h: int, letters: int) -> int:
    """Hash up to eight letters, one a byte, onto ``h``."""
    h = (h ^ letters) * _EIGHT
    return h ^ h >> U32


@inlined
def mixed(h: int) -> int:
    """Hash of a whole word or number, its bits well spread."""
    h = (h ^ h >> U27) * _MIX
    return h ^ h >> U32


@compiled
def push(spelt: Spelt, letter: int) -> Spelt:
    """Push one letter, as a byte."""
    h, letters, n = spelt
    letters |= np.uint64(letter) << (n << U3)
    if n == U7:
        return eight(h, letters), NONE, NONE
    return h, letters, n + U1


@compiled
def push_wide(spelt: Spelt, value: int) -> Spelt:
    """Push what is no letter a-z: three bytes that no such letter has."""
    wide = np.uint64(value)
    for shift in (np.uint64(14), U7, NONE):
        spelt = push(spelt, wide >> shift & np.uint64(127) | np.uint64(128))
    return spelt


@compiled
def whole(spelt: Spelt) -> int:
    """Hash what was pushed."""
    h, letters, n = spelt
    return eight(h, letters) if n > NONE else h


@compiled
def nothing() -> Spelt:
    """Begin a word."""
    return NONE, NONE, NONE


@compiled
def point_at(buf: nm.Bytes, i: int, json: bool) -> tuple[int, int]:
    """Code point at ``i`` and its length in bytes, of UTF-8 or of a JSON escape; -1 for what is none."""
    c = np.int64(buf[i])
    if c == 92:
        return _escaped(buf, i) if json else (-1, 1)
    if 0xC2 <= c < 0xE0 and buf[i + 1] & 0xC0 == 0x80:
        return (c & 31) << 6 | (buf[i + 1] & 63), 2
    if 0xE0 <= c < 0xF0 and buf[i + 1] & 0xC0 == 0x80 and buf[i + 2] & 0xC0 == 0x80:
        return (c & 15) << 12 | np.int64(buf[i + 1] & 63) << 6 | (buf[i + 2] & 63), 3
    if 0xF0 <= c < 0xF5 and buf[i + 1] & 0xC0 == 0x80 and buf[i + 2] & 0xC0 == 0x80 and buf[i + 3] & 0xC0 == 0x80:
        high = (c & 7) << 18 | np.int64(buf[i + 1] & 63) << 12
        return high | np.int64(buf[i + 2] & 63) << 6 | (buf[i + 3] & 63), 4
    return -1, 1


@compiled
def _escaped(buf: nm.Bytes, i: int) -> tuple[int, int]:
    first = _hex4(buf, i + 2) if buf[i + 1] == 117 else -1
    if first < 0:
        return -1, 1
    if 0xD800 <= first < 0xDC00 and buf[i + 6] == 92 and buf[i + 7] == 117:
        second = _hex4(buf, i + 8)
        if 0xDC00 <= second < 0xE000:
            return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12
    return first, 6


@compiled
def _hex4(buf: nm.Bytes, i: int) -> int:
    value = 0
    for j in range(i, i + 4):
        c = np.int64(buf[j])
        if 48 <= c <= 57:
            value = value << 4 | (c - 48)
        elif 97 <= (c | 32) <= 102:
            value = value << 4 | ((c | 32) - 87)
        else:
            return -1
    return value


@compiled
def kind_of(point: int) -> int:
    """Tell what a code point is to words."""
    if point < 0:
        return _GAP
    if point < 0x80:  # an ASCII character written as an escape
        code = CODES[point]
        return _LETTER if code < 32 else _FIGURE if code == _DIGIT else _QUOTE if code == nm.APOSTROPHE else _GAP
    if point < 0x20000:
        return cell_of(point) & 7
    return _IDEOGRAM if point < 0x40000 else _GAP


@compiled
def fold(spelt: Spelt, point: int) -> Spelt:
    """Push the folded letters of a code point."""
    if point < 0x80:
        return _push_folded(spelt, np.int64(CODES[point]) if CODES[point] < 32 else point - 48 + 32)
    if nm.HANGUL <= point < nm.HANGUL_END:
        return _fold_syllable(spelt, point - nm.HANGUL)
    at = cell_of(point) >> 3 if point < 0x20000 else 0
    if at == 0:
        return push_wide(spelt, point)
    while LETTERS[at] != 0:
        spelt = _push_folded(spelt, np.int64(LETTERS[at]))
        at += 1
    return spelt


@compiled
def _push_folded(spelt: Spelt, value: int) -> Spelt:
    """Push 1-26 as the letter it stands for, anything else as itself."""
    return push(spelt, value + 96) if value < 27 else push_wide(spelt, value)


@compiled
def _fold_syllable(spelt: Spelt, syllable: int) -> Spelt:
    """Push a Hangul syllable as its two or three jamo (the Unicode Standard, 3.12)."""
    spelt = push_wide(spelt, 0x1100 + syllable // 588)
    spelt = push_wide(spelt, 0x1161 + syllable % 588 // 28)
    return spelt if syllable % 28 == 0 else push_wide(spelt, 0x11A7 + syllable % 28)


@compiled
def cell_of(point: int) -> int:
    """Look a code point up in the tables of normalise.py."""
    return np.int64(_CELLS[np.int64(_PAGES[point >> 8]) << 8 | point & 255])
