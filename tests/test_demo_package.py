"""The demo package of the tests: its report finds what was planted."""

import json
from pathlib import Path
from typing import Any

import pytest
import rarl_eval_demo
from rarl_eval_demo import MODELS, SAMPLES, TASKS

from rarl_eval import data, registry
from rarl_eval.contamination.scan import scan
from rarl_eval.evidence.scans import read_scan
from rarl_eval.models import Options
from rarl_eval.report.build import build_report
from rarl_eval.report.write import write_report
from rarl_eval.run import Settings, run
from rarl_eval.runs import store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Replay the three imagined models, scan the corpus, and report."""
    folder = tmp_path_factory.mktemp("demo")
    benchmarks = [data.load(task) for task in registry.tasks(TASKS)]
    for name in MODELS:
        model = registry.load("models", "replay")(str(rarl_eval_demo.path(f"outputs_{name}.jsonl")), Options())
        run(benchmarks, model, folder / name, Settings(samples=SAMPLES))
    corpus = [rarl_eval_demo.path("corpus.jsonl")]
    scan(benchmarks, corpus, folder / "scan", fields=["text"], say=lambda _: None, progress=lambda *_: None)
    runs = [store.read_run(folder / name) for name in MODELS]
    write_report(build_report(runs, [read_scan(folder / "scan")]), folder / "report")
    return folder


def test_the_scan_flags_exactly_what_was_planted(made: Path) -> None:
    """Every planted item is flagged at its level, and nothing else is; other numbers make a variant."""
    planted = {row["planted"]: row["how"] for row in rarl_eval_demo.rows("corpus.jsonl") if row["planted"]}
    found = {item.id: item for item in read_scan(made / "scan").items.values()}
    copied = {name: how for name, how in planted.items() if how in {"exact", "near"}}
    assert {name for name, item in found.items() if item.status == "flagged"} == copied.keys()
    assert len(copied) == 40
    assert {n: found[n].level for n in planted if not n.startswith("code")} == {
        n: how for n, how in planted.items() if not n.startswith("code")
    }


def rows(made: Path) -> dict[tuple[str, str], dict[str, Any]]:
    report = json.loads((made / "report" / "report.json").read_text())
    return {(r["model"], r["task"]): r for r in report["rows"]}


def test_the_report_tells_the_memoriser_from_the_careful(made: Path) -> None:
    """Every column has something in it, and the leak shows as gain for the model that used it alone."""
    found = rows(made)
    assert len(found) == 12
    for (model, _), row in found.items():
        assert {"n", "accuracy", "clean", "flagged", "unscanned", "gain", "length", "agreement", "stops"} <= row.keys()
        assert (row["n"], row["clean"]["n"], row["flagged"]["n"], row["unscanned"]["n"]) == (30, 20, 10, 0)
        assert {a["reward"] for a in row["agreement"]} == {"format", "brevity", "demo-scorer", "demo-judge"}
        assert row["length"]["unit"] == "tokens"
        assert (row["gain"]["low"] > 0) == (model == "demo-memoriser"), row
    assert found["demo-rambler", "demo_math"]["stops"]["length"] > 0
    assert sum(r["errors"] for r in found.values()) > 0
