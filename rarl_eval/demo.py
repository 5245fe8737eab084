"""The whole job on embedded data: three imagined models' recorded answers, a corpus with planted items, one report.

Everything in it is synthetic and says so; what runs is the same code as for real models and corpora.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarl_eval import data, registry, store
from rarl_eval.errors import BadInput
from rarl_eval.models import Options
from rarl_eval.report import build_report, write_report
from rarl_eval.run import Settings, run
from rarl_eval.scan import read_scan
from rarl_eval.site import build_site
from rarl_eval.types import Benchmark

TASKS = "demo_math,demo_code,demo_finance,demo_medicine"
MODELS = ("demo-careful", "demo-memoriser", "demo-rambler")
SAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the demo made."""

    report: dict[str, Any]
    index: Path
    items: int
    traces: int


def demo(out: Path, site: Path, say: Callable[[str], None]) -> Shown:
    """Run, scan and report under ``out`` and build ``site``; raises BadInput if ``out`` holds something already."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out} exists and is no empty folder; choose another --out or remove it")
    benchmarks = [data.load(task) for task in registry.tasks(TASKS)]
    runs = [_replay(name, benchmarks, out / "runs" / name, say) for name in MODELS]
    corpus = data.embedded("corpus.jsonl")
    say(f"scan   {sum(len(b.items) for b in benchmarks)} items against {corpus.name}")
    registry.load("detectors", "ngram")(
        benchmarks, [corpus], out / "scan", fields=["text"], say=say, progress=lambda *_: None
    )
    say("report joining runs and scan")
    report = build_report([store.read_run(path) for path in runs], [read_scan(out / "scan")])
    write_report(report, out / "report")
    index = build_site([out / "report"], site, runs=runs, scans=[out / "scan"], say=say)
    items = sum(len(b.items) for b in benchmarks)
    return Shown(report=report, index=index, items=items, traces=items * SAMPLES * len(MODELS))


def _replay(name: str, benchmarks: list[Benchmark], out: Path, say: Callable[[str], None]) -> Path:
    say(f"run    {name}: {SAMPLES} recorded answers to each item")
    model = registry.load("models", "replay")(str(data.embedded(f"outputs_{name}.jsonl")), Options())
    run(benchmarks, model, out, Settings(samples=SAMPLES))
    return out
