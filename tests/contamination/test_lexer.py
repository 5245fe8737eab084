"""What counts as a word."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.contamination.matching.index import words_of


def hashes(text: str) -> list[int]:
    return words_of(text)[0].tolist()


def spelled(text: str) -> list[str]:
    _, _, spans, data = words_of(text)
    return [data[a:b].decode() for a, b in spans.tolist()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello, World", "hello   WORLD!"),
        ("don't", "don’t"),
        ("don't", "don&#39;t"),
        ("café naïve", unicodedata.normalize("NFD", "café naïve")),
        ("office fly", "oﬀice ﬂy"),
        ("abc 123", "ａｂｃ １２３"),
        ("15,000 men", "15000 men"),
        ("15,000 men", "１５,０００ men"),
        ("36 boxes", "36.0 boxes"),
        ("example", "exam-\nple"),
        ("example", "exam-\r\n   ple"),
        ("example", "exam\u00adple"),
        ("well-known fact", "well‐known fact"),
        ("year-old", "ｙｅａｒ-ｏｌｄ"),
        ("bold word", "<b>bold</b> <span class='x'>word</span>"),
        ("bold word", "**bold** _word_"),
        ("a b", "a&nbsp;b"),
        (r"\frac{1}{2} x", r"\dfrac{1}{2}\,x"),
        (r"\pi r^2", "π r²"),
        (r"\Delta x", "Δ x"),
        (r"\sin x", "sin x"),
        (r"\left( a \right) \cdot b", "(a) b"),
        ("x^{2} + y_{1}", "x^2+y_1"),
        ("한국어", unicodedata.normalize("NFD", "한국어")),
        ("20km", "20 km"),
        ("lighthouse keeper", "light\u200bhouse k\u2061eeper"),
        ("lighthouse keeper", "\u202alight\u200ehouse\u202c keep\ufeffer"),
        ("one pace", "\u043en\u0435 \u0440\u0430\u0441\u0435"),
        ("HAMPTON ROAD", "\u041d\u0410\u041c\u0420\u0422\u041eN RO\u0410D"),
    ],
)
def test_forms_of_one_text_have_the_same_words(one: str, other: str) -> None:
    """Case, Unicode form, markup, hyphenation and LaTeX spelling do not change the words of a text."""
    assert hashes(one) == hashes(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a <b and c> d", ["a", "b", "and", "c", "d"]),
        ("if a<b: x-y", ["if", "a", "b", "x", "y"]),
        ("1,2,3", ["1", "2", "3"]),
        ("3.5 2.0.1", ["3", "5", "2.0", "1"]),
        ("日本 go", ["日", "本", "go"]),
        ("a\u2028b\0c", ["a", "b", "c"]),
        ("self-\n\nmade", ["self", "made"]),
        ("", []),
        ("\\", []),
        ("&amp", ["amp"]),
    ],
)
def test_words_are_cut_where_they_should_be(text: str, words: list[str]) -> None:
    """Comparisons are no tags, lists no thousands, ideographs are words of their own."""
    assert spelled(text) == words


@pytest.mark.parametrize(
    ("one", "other"), [("12", "21"), ("ab", "ba"), ("1", "one"), ("abcdefghijklmn", "nbcdefghijklma")]
)
def test_different_words_differ(one: str, other: str) -> None:
    """Order and kind of characters count."""
    assert hashes(one) != hashes(other)


@given(st.text(max_size=200))
def test_escaped_json_has_the_words_of_the_text(text: str) -> None:
    """Reading the raw bytes of a JSON string gives the words of the string it stands for."""
    escaped = json.dumps(text).encode()
    plain = json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
    wanted = hashes(text.encode("utf-8", "replace").decode())
    assert words_of(plain, json=True)[0].tolist() == wanted
    assert words_of(escaped, json=True)[0].tolist() == wanted


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_can_be_read(data: bytes, json_mode: bool) -> None:
    """No sequence of bytes makes the lexer fail or leave its buffer."""
    _, _, spans, _ = words_of(data, json=json_mode)
    assert all(0 <= a < b <= len(data) + 12 for a, b in spans.tolist())
