"""Data frames hold what the records hold, and unknown stays unknown."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import rarl_eval_demo

from rarl_eval import data
from rarl_eval.report.frames import rows
from rarl_eval.runs import frames, store


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> store.Run:
    from rarl_eval import registry
    from rarl_eval.models import Options
    from rarl_eval.run import Settings, run

    out = tmp_path_factory.mktemp("frames") / "run"
    model = registry.load("models", "replay")(str(rarl_eval_demo.path("outputs_demo-rambler.jsonl")), Options())
    run([data.load(t) for t in registry.tasks("demo_math,demo_code")], model, out, Settings(samples=3))
    return store.read_run(out)


def test_each_record_is_a_row(run: store.Run) -> None:
    """Verdicts, counts and rewards stand in columns; means over them are the records' own."""
    frame = frames.records(run)
    assert len(frame) == len(run.records) == 180
    right = [r.verdict.correct for r in run.records if r.verdict and r.trace.task == "demo_math"]
    assert frame[frame.task == "demo_math"].correct.mean() == pytest.approx(sum(map(bool, right)) / len(right))
    scores = [w.score for r in run.records for w in r.rewards if w.name == "demo-scorer"]
    assert frame["reward.demo-scorer"].dropna().tolist() == scores


def test_unknown_is_missing_and_not_zero_or_false(run: store.Run) -> None:
    """A failed call has no verdict and no tokens, and counts in no mean."""
    frame = frames.records(run)
    failed = frame[frame.stop == "error"]
    assert len(failed) > 0
    assert failed.correct.isna().all()
    assert failed.tokens.isna().all()
    assert frame.tokens.dtype == pd.Int64Dtype()


def test_report_rows_have_dotted_columns(cli: Callable[..., Any], run: store.Run, tmp_path: Path) -> None:
    """report.json becomes a table with the interval's ends as columns."""
    assert cli("report", "-r", run.path, "-o", tmp_path).returncode == 0
    report = json.loads((tmp_path / "report.json").read_text())
    frame = rows(report)
    assert frame["accuracy.value"].tolist() == [r["accuracy"]["value"] for r in report["rows"]]
    assert {"accuracy.low", "clean.n", "stops.error", "length.median"} <= set(frame.columns)
