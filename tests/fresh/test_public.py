"""Public less fresh accuracy in a report."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.report.fresh import public_minus_fresh
from rarl_eval.report.row_types import ReportRow
from rarl_eval.stats import Interval, newcombe

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def row(task: str, model: str, run: str, accuracy: Interval | None) -> ReportRow:
    return ReportRow(task=task, model=model, run=run, domain="math", accuracy=accuracy, n=10)


def test_a_model_with_both_sets_gets_the_difference() -> None:
    """Seed 0 less each other seed of the same family and model; other families, models and unknowns pair with none."""
    high, low = Interval(0.9, 0.8, 0.95), Interval(0.5, 0.4, 0.6)
    rows = [
        row("fresh:math@0", "m", "a", high),
        row("fresh:math@7:50", "m", "b", low),
        row("fresh:math@8", "m", "c", None),
        row("fresh:code@7", "m", "d", low),
        row("fresh:math@9", "other", "e", low),
        row("gsm8k", "m", "f", low),
    ]
    (entry,) = public_minus_fresh(rows)
    assert (entry.model, entry.public.task, entry.fresh.task) == ("m", "fresh:math@0", "fresh:math@7:50")
    assert entry.difference == newcombe(high, low)
    assert entry.difference.value == pytest.approx(0.4)


def test_the_report_of_a_model_that_knows_the_public_items(cli: Cli, tmp_path: Path) -> None:
    """A model that answers every public item and no fresh one shows a difference of 100 points, in file and tables."""
    for task, knows in (("fresh:algebra@0:30", True), ("fresh:algebra@7:30", False)):
        items = data.load(registry.tasks(task)[0]).items
        outputs = [{"key": i.key, "model": "m", "output": f"The answer is {i.gold if knows else 12345}"} for i in items]
        path = tmp_path / f"{knows}.jsonl"
        path.write_text("".join(json.dumps(output) + "\n" for output in outputs))
        assert cli("score", path, "--task", task, "--out", tmp_path / f"run{knows}").returncode == 0
    done = cli("report", "--run", tmp_path / "runTrue", "--run", tmp_path / "runFalse", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text())["fresh"]
    assert entry["difference"]["value"] == 1.0
    assert entry["difference"]["low"] > 0.8
    assert "## public less fresh accuracy" in (tmp_path / "out" / "report.md").read_text()
