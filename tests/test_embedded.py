"""The embedded data, which the tests use: it is what its generator writes, and its report finds what was planted."""

import json
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.evidence.scans import read_scan
from rarl_eval.models import Options
from rarl_eval.report import build_report, write_report
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.tasks.embedded import make
from rarl_eval.tasks.embedded.problems import problems

TASKS = "demo_math,demo_code,demo_finance,demo_medicine"


def test_the_embedded_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    """Regenerating gives the shipped bytes."""
    make.write(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == data.embedded(path.name).read_bytes(), path.name
    assert len(list(tmp_path.iterdir())) == 8


def test_the_items_are_thirty_a_domain_and_all_different() -> None:
    """120 items, no two alike, with a wrong answer that differs from the right one."""
    items = list(problems(make.SEED))
    assert len({str(p.row) for p in items}) == len(items) == 120
    assert all(p.right != p.wrong for p in items)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Replay the three imagined models, scan the corpus, and report."""
    folder = tmp_path_factory.mktemp("embedded")
    benchmarks = [data.load(task) for task in registry.tasks(TASKS)]
    for persona in make.PERSONAS:
        model = registry.load("models", "replay")(str(data.embedded(f"outputs_{persona.name}.jsonl")), Options())
        run(benchmarks, model, folder / persona.name, Settings(samples=make.SAMPLES))
    scan = registry.load("contamination", "scan")
    quiet = {"say": lambda _: None, "progress": lambda *_: None}
    scan(benchmarks, [data.embedded("corpus.jsonl")], folder / "scan", fields=["text"], **quiet)
    runs = [store.read_run(folder / persona.name) for persona in make.PERSONAS]
    write_report(build_report(runs, [read_scan(folder / "scan")]), folder / "report")
    return folder


def test_the_scan_flags_exactly_what_was_planted(made: Path) -> None:
    """Every planted item is flagged, texts with other numbers are variants, and nothing else is found."""
    levels = {(i.task, i.id): i for i in read_scan(made / "scan").items.values()}
    for problem in problems(make.SEED):
        found, planted = levels[f"demo_{problem.domain}", problem.id], make.planted(problem)
        assert (found.status == "flagged") is (planted in {"exact", "near"}), problem.id
        if problem.domain != "code":
            assert found.level == planted, problem.id


def rows(made: Path) -> dict[tuple[str, str], dict[str, Any]]:
    report = json.loads((made / "report" / "report.json").read_text())
    assert (report["schema"], report["synthetic"]) == (1, True)
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
