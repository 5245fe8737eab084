"""Bytes to the shape of code, compiled: names and literals are blanked, keywords, builtins and signs stay as they are.

As in lexer.py, sixty-four bytes at a time are cut into tokens by bit masks; comments and strings are passed over a
character at a time. In JSON mode escapes are undone on the way.
"""

import keyword
from typing import Any

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination.words.bits import WIDTH, code_masks, eight_bytes, literal_masks, trailing_zeros
from rarl_eval.contamination.words.compiling import compiled, inlined
from rarl_eval.contamination.words.normalise import EIGHT

_OTHER_WORDS = (
    "function var let const new this null true false void int float double char bool string static public private "
    "switch case default do struct typedef long unsigned len range append max min sum abs sorted list dict set str "
    "enumerate zip map filter print isinstance join split push length"
)
_BITS = 16
_MIX = np.uint64(0x9E3779B97F4A7C15)
_EIGHT, _U32 = np.uint64(EIGHT), np.uint64(32)
_NAME, _NUMBER, _STRING = np.uint64(0xD1B54A32D192ED03), np.uint64(0x8CB92BA72F3D8DD7), np.uint64(0xABC98388FB8FAC03)
_ONE, _ALL, _NONE, _SIXTY_THREE = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0), np.uint64(63)
_WORD_SHIFT, _BIT_SHIFT = np.uint64(64 - _BITS + 6), np.uint64(64 - _BITS)
_BACKSLASH, _QUOTE, _NEWLINE, _HASH, _SLASH = 92, 34, 10, 35, 47


def _kept_words() -> npt.NDArray[np.uint64]:
    """Set of bits over the top bits of a name's hash: whether it is kept."""
    table = np.zeros(1 << _BITS - 6, np.uint64)
    for word in (*keyword.kwlist, *_OTHER_WORDS.split()):
        h, data = 0, word.encode()
        for at in range(0, len(data), 8):
            h = (h ^ int.from_bytes(data[at : at + 8], "little")) * EIGHT & (1 << 64) - 1
            h ^= h >> 32
        h = h * int(_MIX) & (1 << 64) - 1
        table[h >> 64 - _BITS + 6] |= np.uint64(1 << (h >> 64 - _BITS & 63))
    return table


_KEPT = _kept_words()
_NAMED = np.array([chr(c).isalnum() or c == 95 for c in range(128)] + [False] * 128)
"""Bytes that a name is made of."""


@inlined
def _name(buf: Any, start: int, size: int) -> int:
    """Token of a name: its own if it is kept."""
    h, left = _NONE, size
    while left > 8:
        h = (h ^ eight_bytes(buf, start + size - left)) * _EIGHT
        h ^= h >> _U32
        left -= 8
    h = (h ^ eight_bytes(buf, start + size - left) & _ALL >> np.uint64(WIDTH - 8 * left)) * _EIGHT
    h = (h ^ h >> _U32) * _MIX
    kept = _KEPT[h >> _WORD_SHIFT] >> (h >> _BIT_SHIFT & _SIXTY_THREE) & _ONE
    return h | _ONE if kept else _NAME


@inlined
def _masks(buf: Any, i: int, json: bool) -> tuple[int, int, int, int, int, int, int]:
    """Tell what tokenise goes by in the 64 bytes from ``i``.

    (Names; digits; digits and dots; starts of tokens; what begins a comment, a string or an escaped backslash; what a
    backslash stands before; bytes that these are right for.)
    """
    name, digit, dot, blank, begins, backslash, doubled, blanks = code_masks(buf, i)
    usable, escaped, dropped = WIDTH, _NONE, _NONE
    if json:
        escaped = backslash << _ONE
        name &= ~(blanks << _ONE)
        dropped = backslash | blanks << _ONE
        begins |= doubled
        usable = WIDTH - np.int64(backslash >> _SIXTY_THREE)
    starts = (name & ~(name << _ONE)) | (~(name | blank | dropped)) | begins
    return name, digit, digit | dot, starts & _ALL >> np.uint64(WIDTH - usable), begins, escaped, usable


@compiled
def tokenise(buf: Any, begin: int, end: int, json: bool, first: int, tokens: Any, places: Any) -> tuple[int, int]:
    """Write each token of ``buf[begin:end]`` and where it ends, from ``first`` on, while there is room for 64 more.

    Returns (how many there are, where to go on).
    """
    i, n = begin, first
    room = tokens.size - WIDTH - 1
    while i < end and n <= room:
        name, digit, numeral, starts, begins, escaped, usable = _masks(buf, i, json)
        onward = i + usable
        while starts != _NONE:
            at = trailing_zeros(starts)
            bit = _ONE << np.uint64(at)
            start = i + at
            if begins & bit or start >= end:
                if start >= end:
                    onward = end
                    break
                onward, token = _literal(buf, start, end, json, json and escaped & bit == _NONE)
                if token != _NONE:
                    tokens[n], places[n] = token, onward
                    n += 1
                break
            named, number = name & bit != _NONE, digit & bit != _NONE
            run = (numeral if number else name) >> np.uint64(at)
            size = trailing_zeros(~run) if named else 1
            to = at + size
            if to >= usable and named:
                if at > 0:
                    onward = start  # it goes on beyond these bytes: read it with the next
                    break
                while _NAMED[buf[i + to]] and not number:
                    to += 1
                size = to
                onward = i + to
            token = _name(buf, start, size) if named else np.uint64(buf[start] + 1) * _MIX
            tokens[n], places[n] = _NUMBER if number else token, start + size
            n += 1
            if to >= usable or (number and name >> np.uint64(to) & _ONE):
                onward = i + to  # a name that begins with the digits of a number: 2x
                break
            starts &= _ALL << np.uint64(to)
        i = onward
    return n, i


@compiled
def _literal(buf: Any, i: int, end: int, json: bool, bare: bool) -> tuple[int, int]:
    """Pass a comment, a string literal or an escaped backslash: (position after it, token or nothing)."""
    c = buf[i]
    if c == _BACKSLASH:
        return i + 2, np.uint64(_BACKSLASH + 1) * _MIX
    if c in (_HASH, _SLASH):  # to the end of the line
        i = _stop(buf, i, end)
        while i < end and buf[i] != _NEWLINE and not (json and buf[i] == _BACKSLASH and buf[i + 1] == 110):
            i = _stop(buf, i + 1, end)
        return i, _NONE
    return _past_string(buf, i, end, json, c, bare), _STRING


@compiled
def _stop(buf: Any, i: int, limit: int) -> int:
    """Next place from ``i`` that may end a comment or a string, ``limit`` if there is none before."""
    while i < limit:
        found = literal_masks(buf, i)
        if found != _NONE:
            return min(limit, i + trailing_zeros(found))
        i += WIDTH
    return limit


@compiled
def _past_string(buf: Any, i: int, end: int, json: bool, quote: int, bare: bool) -> int:
    """Position after a string literal whose quote is at ``i``; a bare quote in JSON is the row's own, no literal."""
    if bare and quote == 34:
        return i + 1
    step = 2 if json and quote == 34 else 1
    triple = buf[i + step] == quote and buf[i + 2 * step] == quote
    j = i + (2 * step + 1 if triple else 1)
    limit = min(end, j + (20_000 if triple else 2000))
    j = _stop(buf, j, limit)
    while j < limit:
        if buf[j] == quote and (not triple or (buf[j + step] == quote and buf[j + 2 * step] == quote)):
            return j + (2 * step + 1 if triple else 1)
        if buf[j] == 10 or (json and buf[j] == 92 and buf[j + 1] == 110):
            if not triple:
                return j  # the line ended: an apostrophe in a comment
            if _code_follows(buf, j + (1 if buf[j] == 10 else 2)):
                return i + 2 * step + 1  # a text cut inside a literal: this quote closed one
        if json and quote == 39 and buf[j] == 34 and buf[j - 1] != 92:
            return j  # the JSON string ended
        j = _stop(buf, j + (2 if buf[j] == 92 and buf[j + 1] == 92 and json else 1), limit)
    return i + 1


@compiled
def _code_follows(buf: Any, j: int) -> Any:
    """Whether a line begins with ``def`` or ``return``, as none in a docstring does."""
    limit = j + 40
    while buf[j] == 32 and j < limit:
        j += 1
    defines = buf[j] == 100 and buf[j + 1] == 101 and buf[j + 2] == 102 and buf[j + 3] == 32
    returns = buf[j] == 114 and buf[j + 1] == 101 and buf[j + 2] == 116 and buf[j + 3] == 117 and buf[j + 4] == 114
    return defines or (returns and buf[j + 5] == 110 and buf[j + 6] == 32)
