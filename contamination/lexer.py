r"""Bytes to words, compiled: one pass over UTF-8 text or over raw JSON lines, without decoding either first.

``next_word`` is the only definition of a word; the index, the corpus stream and the close look at a document all call
it, so they cannot disagree. In JSON mode escapes (``\n``, ``\u2019``, surrogate pairs) are undone on the way and a
line end ends the document. Skipped in both modes: HTML tags and entities, LaTeX commands (Greek letters and functions
stay), Markdown marks, line-end hyphenation. Buffers end with PADDING line ends, so loops need no bounds check.
"""

from typing import Any

import numpy as np
from numba import njit

from rarl_eval.contamination import normalise as nm

PADDING = 64
END, WORD, NUMBER, CHARACTER, DOCUMENT_END = range(5)
"""Kinds that next_word returns."""
BROKEN, BEGUN, SINGLE = 8, 16, 32
"""Flags on a kind that tokenise writes: a sentence began before this word; a line or string did; it is one letter."""

_SEP, _BREAK, _DIGIT, _APOSTROPHE, _HYPHEN = nm.SEP, nm.BREAK, nm.DIGIT, nm.APOSTROPHE, nm.HYPHEN
_BACKSLASH, _LESS, _AMPERSAND, _HIGH, _NEWLINE, _STOP = (
    nm.BACKSLASH, nm.LESS, nm.AMPERSAND, nm.HIGH, nm.NEWLINE, nm.STOP,
)  # fmt: skip
_GAP, _LETTER, _FIGURE, _RAISED, _IDEOGRAM = nm.GAP, nm.LETTER, nm.FIGURE, nm.RAISED, nm.IDEOGRAM
_MARK, _QUOTE, _DASH = nm.MARK, nm.QUOTE, nm.DASH

U5, U27, U32, U59 = np.uint64(5), np.uint64(27), np.uint64(32), np.uint64(59)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX_NUMBER = np.uint64(0xC2B2AE3D27D4EB4F)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
_SEED_NUMBER = np.uint64(0x51)

# Compiled in as constants: passed as arguments, their reference counts would cost more than the work.
_CODES = nm.ascii_codes()
_PAGES, _CELLS, _LETTERS = nm.fold_tables()
_NAMES, _VALUES = nm.latex_names()

compiled = njit(cache=True, nogil=True, error_model="numpy")
inlined = njit(cache=True, nogil=True, error_model="numpy", inline="always")


def padded(text: bytes) -> nm.Bytes:
    """Return the text as an array that ends with PADDING line ends."""
    return np.frombuffer(text + b"\n" * PADDING, np.uint8)


@compiled
def _point(buf: nm.Bytes, i: int, json: bool) -> tuple[int, int]:
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
def _kind(point: int) -> int:
    if point < 0:
        return _GAP
    if point < 0x80:  # an ASCII character written as an escape
        code = _CODES[point]
        return _LETTER if code < 32 else _FIGURE if code == _DIGIT else _QUOTE if code == _APOSTROPHE else _GAP
    if point < 0x20000:
        return _cell(point) & 7
    return _IDEOGRAM if point < 0x40000 else _GAP


@compiled
def _fold(h: int, point: int) -> int:
    """Hash the folded letters of a code point onto ``h``."""
    if point < 0x80:
        code = np.uint64(_CODES[point]) if _CODES[point] < 32 else np.uint64(point - 48 + 32)
        return (h << U5 | h >> U59) ^ code
    if nm.HANGUL <= point < nm.HANGUL_END:
        return _fold_syllable(h, point - nm.HANGUL)
    at = _cell(point) >> 3 if point < 0x20000 else 0
    if at == 0:
        return (h << U5 | h >> U59) ^ (np.uint64(point) * _SPREAD)
    while _LETTERS[at] != 0:
        value = np.uint64(_LETTERS[at])
        h = (h << U5 | h >> U59) ^ (value if value < U27 else value * _SPREAD)
        at += 1
    return h


@compiled
def _fold_syllable(h: int, syllable: int) -> int:
    """Hash a Hangul syllable as its two or three jamo (the Unicode Standard, 3.12)."""
    h = (h << U5 | h >> U59) ^ (np.uint64(0x1100 + syllable // 588) * _SPREAD)
    h = (h << U5 | h >> U59) ^ (np.uint64(0x1161 + syllable % 588 // 28) * _SPREAD)
    if syllable % 28 == 0:
        return h
    return (h << U5 | h >> U59) ^ (np.uint64(0x11A7 + syllable % 28) * _SPREAD)


@compiled
def _cell(point: int) -> int:
    return np.int64(_CELLS[np.int64(_PAGES[point >> 8]) << 8 | point & 255])


@compiled
def _after_hyphen(buf: nm.Bytes, i: int, json: bool) -> int:
    """Where the word goes on after a hyphen that ends at ``i`` (line end and indent passed), or -1 if it does not."""
    j = i
    for _ in range(2):
        if json and buf[j] == 92 and (buf[j + 1] == 110 or buf[j + 1] == 114):
            j += 2
        elif not json and (buf[j] == 10 or buf[j] == 13):
            j += 1
    if j > i:
        while buf[j] == 32 and j < i + 32:
            j += 1
    plain = _CODES[buf[j]] < 32
    return j if (plain and _CODES[buf[j + 1]] < 32) or (not plain and _starts_letter(buf, j, json)) else -1


@compiled
def _letters(buf: nm.Bytes, start: int, i: int, h: int, json: bool, end: int) -> tuple[int, int]:
    """Finish a word whose fast loop stopped at something that may go on: apostrophe, hyphen, accent, escape."""
    while i < end:
        v = _CODES[buf[i]]
        if v < 32:
            h = (h << U5 | h >> U59) ^ np.uint64(v)
            i += 1
            continue
        onward = -1
        if v == _APOSTROPHE:
            onward = i + 1 if _CODES[buf[i + 1]] < 32 else -1
        elif v == _HYPHEN and i - start >= 2:
            onward = _after_hyphen(buf, i + 1, json)
        elif v == _AMPERSAND:
            past = _entity(buf, i)
            onward = -past if past < 0 and _CODES[buf[-past]] < 32 else -1
        elif v == _HIGH or (v == _BACKSLASH and json and buf[i + 1] == 117):
            point, length = _point(buf, i, json)
            kind = _kind(point)
            if kind == _LETTER:
                h = _fold(h, point)
            if kind in (_LETTER, _MARK):
                onward = i + length
            elif kind == _QUOTE:
                onward = i + length if _starts_letter(buf, i + length, json) else -1
            elif kind == _DASH:
                onward = _after_hyphen(buf, i + length, json)
        if onward < 0 or onward > end:
            break
        i = onward
    return i, h


@compiled
def _starts_letter(buf: nm.Bytes, i: int, json: bool) -> bool:
    v = _CODES[buf[i]]
    if v == _HIGH or (v == _BACKSLASH and json):
        return _kind(_point(buf, i, json)[0]) == _LETTER
    return v < 32


@compiled
def _number(buf: nm.Bytes, i: int, json: bool, end: int) -> tuple[int, int]:
    """Read a run of digits; thousands commas and a fraction of zeros are part of it."""
    h, start = _SEED_NUMBER, i
    while i < end:
        v = _CODES[buf[i]]
        if v == _DIGIT:
            h = h * np.uint64(31) + np.uint64(buf[i] - 48 + 1)
            i += 1
        elif buf[i] == 44 and i > start and _three_digits(buf, i + 1):
            i += 1
        elif v == _HIGH or (v == _BACKSLASH and json and buf[i + 1] == 117):
            point, length = _point(buf, i, json)
            if _kind(point) != _FIGURE:
                break
            value = _LETTERS[_cell(point) >> 3] - 32 if point >= 0x80 else point - 48
            h = h * np.uint64(31) + np.uint64(value + 1)
            i += length
        else:
            break
    if buf[i] == 46:
        j = i + 1
        while buf[j] == 48 and j < end:
            j += 1
        if j > i + 1 and _CODES[buf[j]] != _DIGIT:
            i = j
    return i, h


@compiled
def _three_digits(buf: nm.Bytes, i: int) -> bool:
    if _CODES[buf[i]] == _HIGH:  # full-width, three bytes each
        for j in range(i, i + 9, 3):
            if _kind(_point(buf, j, False)[0]) != _FIGURE:
                return False
        return _kind(_point(buf, i + 9, False)[0]) != _FIGURE
    for j in range(3):
        if _CODES[buf[i + j]] != _DIGIT:
            return False
    return _CODES[buf[i + 3]] != _DIGIT


@compiled
def _entity(buf: nm.Bytes, i: int) -> int:
    """Position after an HTML entity at ``i``, negative if it is an apostrophe; 0 if there is none."""
    j = i + 1
    while j < i + 10 and (buf[j] == 35 or 48 <= buf[j] <= 57 or 97 <= (buf[j] | 32) <= 122):
        j += 1
    if j == i + 1 or buf[j] != 59:
        return 0
    apostrophe = (
        (buf[i + 1] == 35 and buf[i + 2] == 51 and buf[i + 3] == 57 and j == i + 4)  # &#39;
        or (buf[i + 1] == 97 and buf[i + 2] == 112 and buf[i + 3] == 111)  # &apos;
        or (buf[i + 1] == 114 and buf[i + 2] == 115 and buf[i + 3] == 113)  # &rsquo;
    )
    return -(j + 1) if apostrophe else j + 1


@compiled
def _tag(buf: nm.Bytes, i: int, end: int) -> int:
    """Position after an HTML tag at ``i``, else i + 1. ``a <b and c> d`` is no tag: attributes have ``=``."""
    j = i + 2 if buf[i + 1] == 47 else i + 1
    name = j
    while j < name + 12 and (97 <= (buf[j] | 32) <= 122 or (j > name and 48 <= buf[j] <= 57)):
        j += 1
    if j == name or j == name + 12:
        return i + 1
    equals = buf[j] != 32
    if equals and buf[j] != 62 and buf[j] != 47:
        return i + 1
    limit = min(end, j + 300)
    while j < limit and buf[j] != 62 and buf[j] != 60:
        equals = equals or buf[j] == 61
        j += 1
    closed = buf[j] == 62 and (equals or buf[j - 1] == 47)
    return j + 1 if j < limit and closed else i + 1


@compiled
def _command(buf: nm.Bytes, i: int, end: int) -> tuple[int, int]:
    """Position after a LaTeX command whose letters begin at ``i``, and the word it stands for (0: none)."""
    h, j = np.uint64(0), i
    while _CODES[buf[j]] < 32 and j < end:
        h = (h << U5 | h >> U59) ^ np.uint64(_CODES[buf[j]])
        j += 1
    at = np.searchsorted(_NAMES, h)
    if j - i <= 12 and at < _NAMES.size and _NAMES[at] == h:
        return j, h if _VALUES[at] == 0 else np.uint64(_VALUES[at]) * _SPREAD
    return j, np.uint64(0)


@compiled
def special(  # noqa: PLR0911 - one way out per kind of character
    buf: nm.Bytes, i: int, end: int, json: bool
) -> tuple[int, int, int, int]:
    """Pass what is neither plain letter, digit nor blank: (position, hash, kind, break).

    Kind END means that no word came of it.
    """
    v, none = _CODES[buf[i]], np.uint64(0)
    if v == _LESS:
        return _tag(buf, i, end), none, END, 0
    if v == _AMPERSAND:
        past = _entity(buf, i)
        return (abs(past) if past != 0 else i + 1), none, END, 0
    if v == _BACKSLASH:
        c = buf[i + 1]
        if not json or c != 117:
            j = i + 2 if json else i + 1
            if _CODES[buf[j]] >= 32:
                doubled = buf[j] == 92 and (not json or buf[j + 1] == 92)
                return (j + 2 if json and doubled else j + 1 if doubled else j), none, END, 0
            j, h = _command(buf, j, end)
            return j, h, (WORD if h != none else END), 0
    elif v != _HIGH:
        return i + 1, none, END, 0
    point, length = _point(buf, i, json)
    kind = _kind(point)
    if kind == _LETTER:
        at, h = _letters(buf, i, i + length, _fold(none, point), json, end)
        return at, h, WORD, 0
    if kind == _FIGURE:
        at, h = _number(buf, i, json, end)
        return at, h, NUMBER, 0
    if kind == _RAISED:
        h = _SEED_NUMBER
        first = _cell(point) >> 3
        for at in range(first, first + 8):
            if _LETTERS[at] == 0:
                break
            h = h * np.uint64(31) + np.uint64(_LETTERS[at] - 31)
        return i + length, h, NUMBER, 0
    if kind == _IDEOGRAM:
        return i + length, _fold(none, point), CHARACTER, 0
    return i + length, none, END, np.int64(point in (0x3002, 0xFF1F))


@inlined
def next_word(  # noqa: PLR0912 - the loop over bytes: calls would cost more than the work
    buf: nm.Bytes, i: int, end: int, json: bool
) -> tuple[int, int, int, int, int]:
    """Next word from ``i``: (position after it, where it starts, hash, kind, break before it).

    A break is 2 where a line or a quoted string begins, 1 where a sentence does, else 0.
    """
    h, kind, broke, start = np.uint64(0), END, 0, i
    while i < end:
        v = _CODES[buf[i]]
        if v < 32:
            start = i
            while v < 32:
                h = (h << U5 | h >> U59) ^ np.uint64(v)
                i += 1
                v = _CODES[buf[i]]
            if v > _DIGIT and v < _NEWLINE and v != _LESS and (v != _BACKSLASH or buf[i + 1] == 117):
                i, h = _letters(buf, start, i, h, json, end)
            kind = WORD
            break
        if v == _SEP:
            i += 1
        elif v == _BREAK:
            broke |= 2 if buf[i] == 34 else 1
            i += 1
        elif v == _DIGIT:
            start = i
            i, h = _number(buf, i, json, end)
            kind = NUMBER
            break
        elif v == _STOP:
            i += 1
            broke |= np.int64(buf[i] == 32 or buf[i] == 10 or buf[i] == 92)
        elif v == _BACKSLASH and json and buf[i + 1] != 117 and buf[i + 1] != 92:
            broke |= 2 * np.int64(buf[i + 1] == 110)
            i += 2
        elif v == _NEWLINE:
            i += 1
            broke |= 2
            if json:
                kind = DOCUMENT_END
                break
        else:
            start = i
            i, h, kind, stop = special(buf, i, end, json)
            broke |= stop
            if kind != END:
                break
    h = (h ^ h >> U32) * _MIX_NUMBER if kind == NUMBER else (h ^ h >> U27) * _MIX
    h ^= h >> U32
    return i, start, h, kind, broke


@compiled
def tokenise(buf: nm.Bytes, begin: int, end: int, json: bool, hashes: Any, kinds: Any, spans: Any) -> int:
    """Write hash, kind and byte span of each word of ``buf[begin:end]``; returns how many, at most ``hashes.size``.

    BROKEN is added to the kind of a word that begins a sentence, BEGUN if it begins a line or string. In JSON mode line
    ends are passed over, so that a cut piece of a document reads as one text.
    """
    i, n, broken = begin, 0, 2
    while n < hashes.size:
        i, start, h, kind, broke = next_word(buf, i, end, json)
        broken |= broke
        if kind == END:
            break
        if kind != DOCUMENT_END:
            flags = (BROKEN if broken else 0) | (BEGUN if broken & 2 else 0) | (SINGLE if i - start == 1 else 0)
            hashes[n], kinds[n] = h, kind | flags
            spans[n, 0], spans[n, 1] = start, i
            n, broken = n + 1, 0
    return n


@compiled
def tokenise_each(buf: nm.Bytes, ends: Any, hashes: Any, kinds: Any, counts: Any) -> None:
    """Tokenise texts that stand one after another in ``buf``, PADDING bytes after each, into one run of words."""
    begin, n = 0, 0
    spans = np.empty((hashes.size, 2), np.int64)
    for text in range(ends.size):
        counts[text] = tokenise(buf, begin, ends[text], False, hashes[n:], kinds[n:], spans[n:])
        n += counts[text]
        begin = ends[text] + PADDING
