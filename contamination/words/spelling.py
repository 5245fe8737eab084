r"""What one byte does not decide: escapes, entities, tags, LaTeX, numbers, words with apostrophes, hyphens, accents.

All that lexer.py does not read sixty-four bytes at a time comes here.
"""

import numpy as np

from rarl_eval.contamination.words import normalise as nm
from rarl_eval.contamination.words.characters import (
    CODES,
    LETTERS,
    NONE,
    Spelt,
    cell_of,
    fold,
    kind_of,
    nothing,
    point_at,
    push,
    push_wide,
    whole,
)
from rarl_eval.contamination.words.compiling import compiled

END, WORD, NUMBER, CHARACTER, DOCUMENT_END = range(5)
"""What a word is; END is none."""
SEED_NUMBER = np.uint64(0xC2B2AE3D27D4EB4F)
"""What a number is hashed onto, a word onto nothing."""

_DIGIT, _APOSTROPHE, _HYPHEN = nm.DIGIT, nm.APOSTROPHE, nm.HYPHEN
_BACKSLASH, _LESS, _AMPERSAND, _HIGH = nm.BACKSLASH, nm.LESS, nm.AMPERSAND, nm.HIGH
_LETTER, _FIGURE, _RAISED, _IDEOGRAM = nm.LETTER, nm.FIGURE, nm.RAISED, nm.IDEOGRAM
_MARK, _QUOTE, _DASH = nm.MARK, nm.QUOTE, nm.DASH
_NAMES, _VALUES = nm.latex_names()


@compiled
def _after_hyphen(buf: nm.Bytes, i: int, json: bool) -> int:
    """Where the word goes on after a hyphen that ends at ``i`` (line end and indent passed), or -1 if it does not."""
    j = i
    for char, escape in ((13, 114), (10, 110)):  # one line end: a word does not go on in the next paragraph
        if json and buf[j] == 92 and buf[j + 1] == escape:
            j += 2
        elif not json and buf[j] == char:
            j += 1
    if j > i:
        while buf[j] == 32 and j < i + 32:
            j += 1
    plain = CODES[buf[j]] < 32
    return j if (plain and CODES[buf[j + 1]] < 32) or (not plain and _starts_letter(buf, j, json)) else -1


@compiled
def letters(buf: nm.Bytes, start: int, json: bool, end: int) -> tuple[int, int]:
    """Read the word that starts at ``start``, past apostrophes, hyphens, accents and escapes: (end, hash)."""
    return _letters(buf, start, start, nothing(), json, end)


@compiled
def _letters(buf: nm.Bytes, start: int, i: int, spelt: Spelt, json: bool, end: int) -> tuple[int, int]:
    while i < end:
        v = CODES[buf[i]]
        if v < 32:
            spelt = push(spelt, np.int64(v) + 96)
            i += 1
            continue
        onward = -1
        if v == _APOSTROPHE:
            onward = i + 1 if CODES[buf[i + 1]] < 32 else -1
        elif v == _HYPHEN and i - start >= 2:
            onward = _after_hyphen(buf, i + 1, json)
        elif v == _AMPERSAND:
            past = _entity(buf, i)
            onward = -past if past < 0 and CODES[buf[-past]] < 32 else -1
        elif v == _HIGH or (v == _BACKSLASH and json and buf[i + 1] == 117):
            point, length = point_at(buf, i, json)
            kind = kind_of(point)
            if kind == _LETTER:
                spelt = fold(spelt, point)
            if kind in (_LETTER, _MARK):
                onward = i + length
            elif kind == _QUOTE:
                onward = i + length if _starts_letter(buf, i + length, json) else -1
            elif kind == _DASH:
                onward = _after_hyphen(buf, i + length, json)
        if onward < 0 or onward > end:
            break
        i = onward
    return i, whole(spelt)


@compiled
def _starts_letter(buf: nm.Bytes, i: int, json: bool) -> bool:
    v = CODES[buf[i]]
    if v == _HIGH or (v == _BACKSLASH and json):
        return kind_of(point_at(buf, i, json)[0]) == _LETTER
    return v < 32


@compiled
def _number(buf: nm.Bytes, i: int, json: bool, end: int) -> tuple[int, int]:
    """Read a run of digits; thousands commas and a fraction of zeros are part of it."""
    spelt, start = (SEED_NUMBER, NONE, NONE), i
    while i < end:
        v = CODES[buf[i]]
        if v == _DIGIT:
            spelt = push(spelt, np.int64(buf[i]))
            i += 1
        elif buf[i] == 44 and i > start and _three_digits(buf, i + 1):
            i += 1
        elif v == _HIGH or (v == _BACKSLASH and json and buf[i + 1] == 117):
            point, length = point_at(buf, i, json)
            if kind_of(point) != _FIGURE:
                break
            value = np.int64(LETTERS[cell_of(point) >> 3]) - 32 if point >= 0x80 else point - 48
            spelt = push(spelt, value + 48)
            i += length
        else:
            break
    if buf[i] == 46:
        j = i + 1
        while buf[j] == 48 and j < end:
            j += 1
        if j > i + 1 and CODES[buf[j]] != _DIGIT:
            i = j
    return i, whole(spelt)


@compiled
def _three_digits(buf: nm.Bytes, i: int) -> bool:
    if CODES[buf[i]] == _HIGH:  # full-width, three bytes each
        for j in range(i, i + 9, 3):
            if kind_of(point_at(buf, j, False)[0]) != _FIGURE:
                return False
        return kind_of(point_at(buf, i + 9, False)[0]) != _FIGURE
    for j in range(3):
        if CODES[buf[i + j]] != _DIGIT:
            return False
    return CODES[buf[i + 3]] != _DIGIT


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
    spelt, j = nothing(), i
    while CODES[buf[j]] < 32 and j < end:
        spelt = push(spelt, np.int64(CODES[buf[j]]) + 96)
        j += 1
    h = whole(spelt)
    at = np.searchsorted(_NAMES, h)
    if j - i <= 12 and at < _NAMES.size and _NAMES[at] == h:
        return j, h if _VALUES[at] == 0 else whole(push_wide(nothing(), _VALUES[at]))
    return j, NONE


@compiled
def event(buf: nm.Bytes, i: int, end: int, json: bool) -> tuple[int, int, int, int]:  # noqa: PLR0911 - one per kind
    """Read what begins at ``i`` and is no plain letter: (position after it, hash, kind, break).

    Kind END means that no word came of it. The hash is not mixed yet.
    """
    v = CODES[buf[i]]
    if v == _DIGIT:
        at, h = _number(buf, i, json, end)
        return at, h, NUMBER, 0
    if v == nm.NEWLINE:
        return i + 1, NONE, (DOCUMENT_END if json else END), 2
    if v == _LESS:
        return _tag(buf, i, end), NONE, END, 0
    if v == _AMPERSAND:
        past = _entity(buf, i)
        return (abs(past) if past != 0 else i + 1), NONE, END, 0
    if v == _BACKSLASH and not (json and buf[i + 1] == 117):
        return _backslash(buf, i, end, json)
    if v not in (_HIGH, _BACKSLASH):
        return i + 1, NONE, END, 0
    return _character(buf, i, end, json)


@compiled
def _backslash(buf: nm.Bytes, i: int, end: int, json: bool) -> tuple[int, int, int, int]:
    if json and buf[i + 1] != 92:
        return i + 2, NONE, END, 2 * np.int64(buf[i + 1] == 110)
    j = i + 2 if json else i + 1
    if CODES[buf[j]] >= 32:
        doubled = buf[j] == 92 and (not json or buf[j + 1] == 92)
        return (j + 2 if json and doubled else j + 1 if doubled else j), NONE, END, 0
    j, h = _command(buf, j, end)
    return j, h, (WORD if h != NONE else END), 0


@compiled
def _character(buf: nm.Bytes, i: int, end: int, json: bool) -> tuple[int, int, int, int]:
    """Read a character beyond ASCII, or one that is written as a JSON escape."""
    point, length = point_at(buf, i, json)
    kind = kind_of(point)
    if kind == _LETTER:
        at, h = _letters(buf, i, i + length, fold(nothing(), point), json, end)
        return at, h, WORD, 0
    if kind == _FIGURE:
        at, h = _number(buf, i, json, end)
        return at, h, NUMBER, 0
    if kind == _RAISED:
        spelt, first = (SEED_NUMBER, NONE, NONE), cell_of(point) >> 3
        for at in range(first, first + 8):
            if LETTERS[at] == 0:
                break
            spelt = push(spelt, np.int64(LETTERS[at]) + 16)
        return i + length, whole(spelt), NUMBER, 0
    if kind == _IDEOGRAM:
        return i + length, whole(fold(nothing(), point)), CHARACTER, 0
    return i + length, NONE, END, np.int64(point in (0x3002, 0xFF1F))
