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

# Replies whose JSON is broken, which the authors read in part otherwise: 17 rows of Athene, 2 of Phi, and Yi.
BROKEN = {"Athene-70B": 2.6, "Phi-3.5-mini-instruct": 1.7, "Yi-1.5-9B-Chat": 0.4}


def test_mean_lengths_are_the_published_ones(shared: Path) -> None:
    """Of 19 models 16 have the published mean characters of reasoning to the digit, three within 1 %."""
    table = measured.published(shared)
    assert len(table) == 19
    for model, published, ours in table:
        assert ours == pytest.approx(published, abs=BROKEN.get(model, 0.0051)), model


def test_on_common_items_three_pairs_turn(shared: Path) -> None:
    """Of 210 pairs three change who is shorter once only items count that both got right; command-r is one of them."""
    turned = measured.flips(measured.lengths(shared))
    assert [pair[:2] for pair in turned] == [
        ("Meta-Llama-3.1-8B-Instruct", "reka-core-20240501"),
        ("Mistral-Nemo-Instruct-2407", "reka-core-20240501"),
        ("command-r", "gemini-1.5-pro-exp-0801"),
    ]
    assert turned[2][2:] == (299.0, 319.0, 298.5, 285.0)


def test_the_reasoning_field_is_read_by_the_authors_rule() -> None:
    """Line breaks are dropped, braces inside strings may unbalance it, and broken JSON falls back on a pattern."""
    assert measured.reasoning('{"reasoning": "a\nb", "answer": "1"}') == "ab"
    assert measured.reasoning('text {"reasoning": "a", "answer": oops}') == "a"
    assert measured.reasoning("no object") is None
