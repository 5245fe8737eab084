"""Answers that hold the gold, or nothing at all, and must not pass: alternatives, wrong chains, keys, listed options."""

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

from rarl_eval import data, registry
from rarl_eval.types import Task

ROOT = Path(__file__).parents[2]
ABSENT = {"finqa"} | {task.name for task in registry.tasks("all") if not task.source.local}
SHIPPED = {name for name, owner in registry.task_names().items() if owner.startswith("rarl_eval.tasks.")}
TASKS = [
    task
    for task in registry.tasks("all")
    if task.name in SHIPPED and task.verify.__module__.startswith("rarl_eval.answers") and not task.judged
]
NAMES = [task.name for task in TASKS]
SLOW = {"hendrycks_math": 25, "math500": 25, "minerva": 25, "olympiadbench": 25}


@pytest.fixture(scope="module")
def attacks() -> ModuleType:
    """The attacks of the benchmark that measures verifiers."""
    spec = importlib.util.spec_from_file_location("attacks", ROOT / "benchmarks" / "attacks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("task", TASKS, ids=NAMES)
def test_no_attack_passes_on_written_items(task: Task, attacks: ModuleType) -> None:
    """On the fixtures' golds, nothing that offers two answers, or none, is right."""
    items = data.load(task, {task.name: str(ROOT / f"tests/tasks/fixtures/{task.name}.jsonl")}).items
    tried, passed = attacks.false_passes(task, list(items))
    assert tried >= 20 * len(items)
    assert passed == []


@pytest.mark.parametrize("task", TASKS, ids=NAMES)
def test_no_attack_passes_on_real_golds(
    task: Task, attacks: ModuleType, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On golds of the whole benchmark, drawn at random, no attack passes."""
    monkeypatch.setenv("RARL_EVAL_DATA", str(shared))
    if task.name in ABSENT:
        pytest.skip(f"{task.name} is not in the folder of real data")
    items = list(data.load(task).items)
    chosen = random.Random(1).sample(items, min(SLOW.get(task.name, 250), len(items)))
    assert attacks.false_passes(task, chosen)[1] == []


def test_attacks_would_be_seen(attacks: ModuleType) -> None:
    """A verifier that looks for the gold anywhere in the text falls for most of them."""
    from dataclasses import replace

    from rarl_eval.types import Verdict

    task = registry.tasks("gsm8k")[0]
    items = list(data.load(task, {"gsm8k": str(ROOT / "tests/tasks/fixtures/gsm8k.jsonl")}).items)
    naive = replace(task, verify=lambda item, answer: Verdict(status="correct" if item.gold in answer else "incorrect"))
    assert len(attacks.false_passes(naive, items)[1]) > 10 * len(items)
