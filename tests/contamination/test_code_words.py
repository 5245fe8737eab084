"""What counts as a word of a program, and how many are read at a time."""

import numpy as np
import pytest

from rarl_eval.contamination.words.bits import WIDTH
from rarl_eval.contamination.words.code import tokenise
from rarl_eval.contamination.words.lexer import padded

PROGRAM = b"def area(width, height):\n    # both in metres\n    return width * height + 2 * 0x1f\n" * 5


def read(room: int) -> list[int]:
    """Tokens of the program, read again and again with room for so many at a time."""
    buf, at, found = padded(PROGRAM), 0, list[int]()
    tokens, places = np.zeros(room, np.uint64), np.zeros(room, np.int64)
    while at < len(PROGRAM):
        count, onward = tokenise(buf, at, len(PROGRAM), False, 0, tokens, places)
        assert onward > at
        found += tokens[:count].tolist()
        at = onward
    return found


@pytest.mark.parametrize("room", [WIDTH + 1, WIDTH + 2, WIDTH + 30])
def test_a_program_reads_the_same_in_pieces(room: int) -> None:
    """Room for one more window than none is enough to go on; the pieces are the whole."""
    assert read(room) == read(len(PROGRAM) + WIDTH + 2)
