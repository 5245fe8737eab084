"""Recorded replies and our verdicts on them, which several tests count."""

import importlib.util
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from rarl_eval.types import Verdict


@pytest.fixture(scope="session")
def recorded(once: Callable[..., Path]) -> ModuleType:
    """benchmarks/recorded.py; each model's replies are judged once, whoever asks."""
    spec = importlib.util.spec_from_file_location("recorded", Path(__file__).parents[2] / "benchmarks/recorded.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["recorded"] = module
    spec.loader.exec_module(module)
    judge = module.judged

    @cache
    def judged(data: Path, model: str) -> tuple[list[dict[str, Any]], list[Verdict]]:
        def fill(folder: Path) -> None:
            (folder / "verdicts").write_bytes(msgspec.json.encode(judge(data, model)[1]))

        told = (once(f"judged-{model}", fill) / "verdicts").read_bytes()
        return module.replies(data, model), msgspec.json.decode(told, type=list[Verdict])

    module.judged = judged  # type: ignore[attr-defined]
    return module
