"""The kernel reads sixty-four bytes and four thousand words at a time; where those end must not matter."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from rarl_eval.contamination.matching import kernel, shapes
from rarl_eval.contamination.matching.index import build, words_of
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.words import compiling, lexer
from rarl_eval.types import Item
from tests.contamination.made import benchmark, problems

TEXT = (
    "The well-known café's don't 15,000 men; 36.0 kg, 3.5% of <b>bold</b> x^2 and &amp; \\frac{1}{2} \\alpha beta? "
    'She said "yes": 日本 exam-\nple fine. ' + "pneumono" * 12 + " 1234567890" * 9 + " 2x a1b2 \\\\ end."
)
CODE = """def running(values, start):
    # the sum so far
    total = start
    out = []
    for value in values:
        if value > 0 and total >= 2.5:
            total += value * 2
            out.append(total)
        else:
            out.append("none")
    return sorted(out)
"""


@pytest.mark.parametrize("json_mode", [False, True])
@pytest.mark.parametrize("before", range(67))
def test_words_do_not_depend_on_where_the_bytes_stand(before: int, json_mode: bool) -> None:
    """A text has the same words after any number of blanks."""
    text = json.dumps(TEXT, ensure_ascii=False)[1:-1] if json_mode else TEXT
    hashes, kinds, spans, _ = words_of(text, json=json_mode)
    moved = words_of(" " * before + text, json=json_mode)
    assert moved[0].tolist() == hashes.tolist()
    assert moved[1].tolist() == kinds.tolist()
    assert (moved[2] - before).tolist() == spans.tolist()


def test_a_word_of_any_length_is_one_word() -> None:
    """Words and numbers longer than what is read at once are not cut, and differ where one letter differs."""
    for size in (7, 8, 9, 16, 63, 64, 65, 200):
        for char, other in (("a", "b"), ("1", "2")):
            one, two = words_of(char * size)[0], words_of(char * (size - 1) + other)[0]
            assert (one.size, two.size) == (1, 1)
            assert one[0] != two[0]


@pytest.mark.parametrize("size", [7, 8, 9, 20])
def test_plain_and_escaped_letters_hash_alike(size: int) -> None:
    """A word read eight bytes at a time is the word that is read a character at a time."""
    word = "abcdefghijklmnopqrstuvwxyz"[:size]
    escaped = "".join(f"\\u{ord(c):04x}" for c in word)
    assert words_of(word)[0].tolist() == words_of(escaped, json=True)[0].tolist()
    assert words_of("1234567890" * 2)[0].tolist() == words_of("１２３４５６７８９０" * 2)[0].tolist()


@pytest.mark.parametrize("boundary", [kernel.CHUNK, 2 * kernel.CHUNK])
def test_an_item_across_two_chunks_is_seen(boundary: int) -> None:
    """Wherever a chunk of words ends in a copy, all its grams are found."""
    item = problems(1)[0]
    index = build([benchmark([item])], Thresholds())
    wanted = len(set(index.parts[0].grams.tolist()))
    for shift in range(-60, 8, 4):
        filler = " ".join(f"w{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}" for n in range(boundary + shift))
        line = json.dumps({"text": f"{filler} {item.question} tail"}).encode() + b"\n"
        found, sighted = np.empty((2, 2), np.int64), np.empty(len(line) + 1, np.int32)
        memory, buffer = index.memory(), lexer.padded(line)
        told = kernel.stream(buffer, 0, len(line), True, index.tables, memory, kernel.chunk(), found, sighted)
        assert told == (1, 1, wanted)


@pytest.mark.parametrize("json_mode", [False, True])
def test_code_does_not_depend_on_where_the_bytes_stand(json_mode: bool) -> None:
    """The shape of code is found whole after any number of blanks, in text and in JSON."""
    index = shapes.build([(0, Item(id="0", question="q", gold="", solution=CODE))])
    assert index is not None
    renamed = CODE.replace("values", "numbers").replace("total", "t").replace("value", "nn").replace("none", "no")
    text = json.dumps(renamed)[1:-1] if json_mode else renamed
    for before in range(67):
        data = (" " * before + text).encode()
        shares = [s.share for s in shapes.find(index, shapes.memory(index), data, json=json_mode)]
        assert shares == [1.0]


def test_every_source_that_is_compiled_counts_for_the_cache() -> None:
    """A change to any file with compiled code makes all of it be compiled anew."""
    folder = Path(compiling.__file__).parents[1]
    files = {p.relative_to(folder).with_suffix("").as_posix(): p.read_text() for p in folder.rglob("*.py")}
    using = {name for name, text in files.items() if "@compiled" in text or "@inlined" in text}
    assert using | {"matching/tables", "words/bits", "words/compiling", "words/normalise"} == set(compiling.SOURCES)
    assert kernel.stream._cache._cache_file._source_stamp == compiling.stamp()


def test_what_an_older_version_compiled_is_no_hindrance(tmp_path: Path) -> None:
    """A cache that names a module or class that is no more counts as empty, and the function is compiled anew."""
    file = kernel.stream._cache._cache_file
    index, path = file._load_index, file._index_path
    try:
        file._index_path = str(tmp_path / "old.nbi")
        (tmp_path / "old.nbi").write_bytes(pickle.dumps(file._version) + b"crarl_eval.contamination.gone\nTables\n.")
        assert index() == {}
    finally:
        file._index_path = path
