r"""Bytes to words, compiled: one pass over UTF-8 text or over raw JSON lines, without decoding either first.

``tokenise`` is the only definition of a word; the index, the corpus stream and the close look at a document all call
it, so they cannot disagree. Plain words are cut out of sixty-four bytes at a time by bit masks (bits.py); what more
than one byte decides is read a character at a time (spelling.py). In JSON mode escapes (``\n``, ``\u2019``, surrogate
pairs) are undone on the way and a line end ends the document. Skipped in both modes: HTML tags and entities, LaTeX
commands (Greek letters and functions stay), Markdown marks, line-end hyphenation. Buffers end with PADDING line ends,
so loops need no bounds check.
"""

from typing import Any

import numpy as np

from rarl_eval.contamination.words import normalise as nm
from rarl_eval.contamination.words.bits import WIDTH, eight_bytes, text_masks, trailing_zeros
from rarl_eval.contamination.words.characters import eight, mixed
from rarl_eval.contamination.words.compiling import compiled, inlined
from rarl_eval.contamination.words.spelling import (
    CHARACTER,
    DOCUMENT_END,
    END,
    NUMBER,
    SEED_NUMBER,
    WORD,
    event,
    letters,
)

__all__ = [
    "BEGUN", "BROKEN", "CHARACTER", "DOCUMENT_END", "END", "FRESH", "NUMBER", "PADDING", "SINGLE", "WIDTH", "WORD",
    "line_ends", "padded", "tokenise", "tokenise_each",
]  # fmt: skip

PADDING = 2 * WIDTH
BROKEN, BEGUN, SINGLE = 8, 16, 32
"""Flags on a kind that tokenise writes: a sentence began before this word; a line or string did; it is one letter."""
FRESH = BROKEN | BEGUN
_ONE, _ALL, _LOWER = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0x2020202020202020)
_LAST = np.uint64(WIDTH - 1)
_NONE = np.uint64(0)


def padded(text: bytes) -> nm.Bytes:
    """Return the text as an array that ends with PADDING line ends."""
    return np.frombuffer(text + b"\n" * PADDING, np.uint8)


@compiled
def line_ends(buf: nm.Bytes, begin: int, end: int) -> int:
    """Count the line ends of ``buf[begin:end]``."""
    count = 0
    for c in buf[begin:end]:
        count += np.int64(c == 10)
    return count


@inlined
def _plain(buf: nm.Bytes, start: int, size: int, seed: int) -> int:
    """Hash of ``size`` plain letters or digits; the bit that folds letters is set in all digits."""
    h, left = seed, size
    while left > 8:
        h = eight(h, eight_bytes(buf, start + size - left) | _LOWER)
        left -= 8
    last = _ALL >> np.uint64(WIDTH - 8 * left)
    return mixed(eight(h, (eight_bytes(buf, start + size - left) | _LOWER) & last))


@inlined
def _masks(buf: nm.Bytes, i: int, json: bool) -> tuple[int, int, int, int, int, int, int, int]:
    """Tell what tokenise goes by in the 64 bytes from ``i``.

    (Letters; digits; starts of both, and what is hard; breaks of any kind; breaks of lines and strings; what may go on
    a word; what may go on a number; bytes that these are right for.)
    """
    letter, digit, hard, backslash, doubled, ends_line, newline, quote, stop, joint, grouped = text_masks(buf, i)
    if json:
        plain = ~(backslash << _ONE)  # what a single backslash stands before is no letter, quote or anything else
        letter &= plain
        digit &= plain
        begun, stop = quote & plain | ends_line, stop & plain
        joint |= doubled
        hard = hard & plain | doubled | newline
        usable = WIDTH - np.int64(backslash >> _LAST)
    else:
        begun = quote | newline
        hard |= backslash
        usable = WIDTH
    events = ((letter & ~(letter << _ONE)) | (digit & ~(digit << _ONE)) | hard) & (_ALL >> np.uint64(WIDTH - usable))
    return letter, digit, events, begun | stop, begun, joint, grouped, usable


@compiled
def tokenise(
    buf: nm.Bytes, begin: int, end: int, json: bool, marks: bool, flags: int, hashes: Any, kinds: Any, spans: Any
) -> tuple[int, int, int]:
    """Write hash, kind and byte span of each word of ``buf[begin:end]``, while there is room for sixty-four more.

    Returns (how many, where to go on, flags of the next word), the last for the next call; a text begins with FRESH.
    BROKEN is added to the kind of a word that begins a sentence, BEGUN if it begins a line or string. In JSON mode line
    ends are written as DOCUMENT_END if there are to be ``marks``, else passed over, so that a cut piece of a document
    reads as one text.
    """
    i, n = begin, 0
    room = hashes.size - WIDTH - 1
    while i < end and n <= room:
        letter, digit, events, breaks, begun, joint, grouped, usable = _masks(buf, i, json)
        past, onward = 0, i + usable
        h, kind, start, after = _NONE, END, i, 0
        while events != _NONE:
            at = trailing_zeros(events)
            events &= events - _ONE
            gap = (_ONE << np.uint64(at)) - (_ONE << np.uint64(past))
            flags |= (BROKEN if breaks & gap else 0) | (BEGUN if begun & gap else 0)
            past, start = at, i + at
            number = digit >> np.uint64(at) & _ONE != _NONE
            rest = (digit if number else letter) >> np.uint64(at)
            size = trailing_zeros(~rest)
            to = at + size
            if to >= usable and at > 0:
                onward = start  # the word goes on beyond these bytes: read it with the next
                break
            if size == 0 or to >= usable or (grouped if number else joint) >> np.uint64(to) & _ONE:
                if start >= end:
                    onward = end
                elif size > 0 and not number:
                    onward, h = letters(buf, start, json, end)
                    kind, past = WORD, WIDTH
                else:
                    onward, h, kind, after = event(buf, start, end, json)
                    past = WIDTH
                break
            free = np.uint64(n)  # an index without a sign needs no test for one
            hashes[free] = _plain(buf, start, size, SEED_NUMBER if number else _NONE)
            kinds[free] = (NUMBER if number else WORD) | flags | (SINGLE if size == 1 else 0)
            spans[free, 0], spans[free, 1] = start, start + size
            n += 1
            flags, past = 0, to
        if past < WIDTH and onward == i + usable:
            gap = (_ALL >> np.uint64(WIDTH - usable)) & ~((_ONE << np.uint64(past)) - _ONE)
            flags |= (BROKEN if breaks & gap else 0) | (BEGUN if begun & gap else 0)
        i = onward
        if kind != END and (kind != DOCUMENT_END or marks):
            hashes[n] = mixed(h)
            kinds[n] = kind | flags | (SINGLE if onward - start == 1 and kind != DOCUMENT_END else 0)
            spans[n, 0], spans[n, 1] = start, onward
            n += 1
            flags = FRESH if kind == DOCUMENT_END else 0
        elif after != 0:
            flags |= FRESH if after == 2 else BROKEN
    return n, i, flags


@compiled
def tokenise_each(buf: nm.Bytes, ends: Any, hashes: Any, kinds: Any, counts: Any) -> None:
    """Tokenise texts that stand one after another in ``buf``, PADDING bytes after each, into one run of words."""
    begin, n = 0, 0
    spans = np.empty((hashes.size, 2), np.int64)
    for text in range(ends.size):
        counts[text] = tokenise(buf, begin, ends[text], False, False, FRESH, hashes[n:], kinds[n:], spans[n:])[0]
        n += counts[text]
        begin = ends[text] + PADDING
