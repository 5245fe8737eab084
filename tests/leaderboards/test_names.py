"""How names are shown, and which files they get."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.leaderboards.names import MAX_SLUG, shortened, shown, slugs
from tests.leaderboards.reports import HOSTILE


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("gsm8k", "gsm8k"),
        ("Meta-Llama-3.1-8B-Instruct", "Meta-Llama-3.1-8B-Instruct"),
        ("gemma-2-9b-it@together", "gemma-2-9b-it@together"),
        ("Qwen/Qwen2-7B-Instruct", "Qwen--Qwen2-7B-Instruct"),
    ],
)
def test_plain_names_are_their_own_file_names(name: str, slug: str):
    """Ordinary model names keep their spelling in the address."""
    assert slugs([name]) == {name: slug}


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "/etc", "a//b", "a\\b", "nul", "CON.txt", "index", "x\x00y", "a" * 300, "ü", "a b"]
)
def test_dangerous_names_get_a_hash(name: str):
    """A name that is no safe file name gets one with a hash of the exact name."""
    assert re.fullmatch(r"[A-Za-z0-9-]{1,69}-[0-9a-f]{10}", slugs([name])[name])


def test_names_that_differ_in_case_alone_do_not_share_a_file():
    """Model, model and MODEL get three files that a case-blind file system tells apart."""
    found = slugs(["Model", "model", "MODEL"])
    assert len({slug.casefold() for slug in found.values()}) == 3


def test_a_name_that_looks_like_a_hashed_one_is_hashed_itself():
    """Nobody can take another model's file by spelling its hash."""
    other = slugs(["a b"])["a b"]
    assert slugs(["a b", other])[other] != other


def test_a_page_keeps_its_address_when_others_come_and_go():
    """A hashed file name depends on the name alone."""
    assert slugs(["a b"])["a b"] == slugs(["a b", "c", "a-b"])["a b"]


@given(st.sets(st.text(max_size=40) | st.sampled_from(HOSTILE), max_size=12))
def test_file_names_are_safe_and_never_collide(names: set[str]):
    """Whatever the names, each gets a different file of safe characters."""
    found = slugs(names)
    assert found.keys() == names
    assert len({slug.casefold() for slug in found.values()}) == len(names)
    for slug in found.values():
        assert re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]*[A-Za-z0-9])?", slug)
        assert ".." not in slug
        assert len(slug) <= MAX_SLUG


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("abc\u202egnp", "abc⟨U+202E⟩gnp"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("a\nb\tc", "a b c"),
        ("\x00", "⟨U+0000⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\u2028", "⟨U+2028⟩"),
        ("é", "é"),
        ("e" + "\u0301" * 9, "e" + "\u0301" * 3),
        ("模型", "模型"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, expected: str):
    """Controls, bidi marks and zero-width characters become their code points; towers of marks are cut."""
    assert shown(text) == expected


@given(st.text(), st.integers(10, 80))
def test_shortened_text_keeps_to_its_limit(text: str, limit: int):
    """No name is longer than the limit, and a short one is shown whole."""
    short = shortened(text, limit)
    assert len(short) <= limit
    assert short == shown(text) or ("…" in short and len(shown(text)) > limit)
