"""Lengths of recorded reasoning: as published, and who is shorter on what both got right."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lengths", Path(__file__).parents[2] / "benchmarks/lengths.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["lengths"] = module
    spec.loader.exec_module(module)
    return module


measured = _loaded()


def test_mean_lengths_are_the_published_ones(shared: Path) -> None:
    """All 19 models have the published mean characters of reasoning and no-answer rate, to the last digit."""
    table = measured.published(shared)
    assert len(table) == 19
    for model, *values in table:
        theirs, ours, none, ours_none = (f"{value:.2f}" for value in values)
        assert (theirs, none) == (ours, ours_none), model


@pytest.mark.usefixtures("recorded")
def test_on_common_items_three_pairs_turn(shared: Path) -> None:
    """Of 210 pairs three change who is shorter once only items count that both got right; command-r is one of them."""
    turned = measured.flips(measured.lengths(shared))
    assert [pair[:2] for pair in turned] == [
        ("Meta-Llama-3.1-8B-Instruct", "reka-core-20240501"),
        ("Mistral-Nemo-Instruct-2407", "reka-core-20240501"),
        ("command-r", "gemini-1.5-pro-exp-0801"),
    ]
    assert turned[2][2:] == (299.0, 319.0, 298.5, 285.0)


@pytest.mark.parametrize(
    ("reply", "reasoning"),
    [
        ('{"reasoning": "a\nb", "answer": "1"}', "ab"),
        ('{"answer": "1"}', ""),
        ('text {"reasoning": "a", "answer": oops}', "a"),
        ('{"reasoning": many words, "answer": 1', "many"),
        ("reasoning: none at all\nanswer: 4", "none"),
        ('{"reasoning": "a"}', None),
        ('{"reasoning": "a", "answer": null}', None),
        ("no object", None),
    ],
)
def test_the_reasoning_field_is_read_by_the_authors_rule(reply: str, reasoning: str | None) -> None:
    """Line breaks are dropped, broken JSON falls back on patterns, and a reply without an answer does not count."""
    assert measured.reasoning(reply) == reasoning
