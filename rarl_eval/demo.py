"""The whole job in the laboratory: three tiny language models, two of which have seen half of the test set.

They answer it and a fresh twin of it, live where xllamacpp is installed and else as recorded; their training corpora,
which hold the leak, are scanned; one report joins both. The rollouts of a training whose reward has a hole, as they
were recorded, are watched. The models are fixtures, the code is what runs on real ones.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import read_scan
from rarl_eval.models import Options, Sampling
from rarl_eval.report.build import build_report
from rarl_eval.report.write import write_report
from rarl_eval.rewards import Reach
from rarl_eval.rewards.add import add_rewards
from rarl_eval.rewards.open import open_sources
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.site import build_site
from rarl_eval.training.look import look
from rarl_eval.training.truth import truths
from rarl_eval.training.watch import Watching, WatchSettings

TEST = "fresh:lab@0:200"
TWIN = "fresh:lab@1:200"
SAMPLES = 3
SAMPLING = Sampling(temperature=0.8, max_tokens=300)
REWARDS = ("verifier", "majority")
"""Beside ``format`` and ``brevity``, which every answer gets; ``brevity`` is the reward of length."""
BASE_ROWS = 3000
"""Rows of the base corpus that are scanned here; ``benchmarks/laboratory.py`` scans them all."""
SLOTS = 8
HOLED = "naive"
"""The training of the second experiment that is watched."""
AT_ONCE = 2
"""Models that are asked at the same time."""

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the demo made."""

    report: dict[str, Any]
    index: Path
    items: int
    traces: int
    live: bool
    """Whether the models answered now; else their recorded answers were replayed."""
    training: Watching
    """What watching a recorded training says, whose reward has a planted hole."""


def demo(out: Path, site: Path, say: Say, *, live: bool | None = None) -> Shown:
    """Run, scan and report under ``out`` and build ``site``; raises BadInput if ``out`` holds something already.

    ``live``: ask the models, or replay what they answered; by default they are asked where xllamacpp is installed.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out} exists and is no empty folder; choose another --out or remove it")
    live = find_spec("xllamacpp") is not None if live is None else live
    runs, scans = _runs_and_scans(out, say, live=live)
    report = build_report([store.read_run(path) for path in runs], [read_scan(path) for path in scans])
    write_report(report, out / "report")
    say("watch  a recorded training whose reward has a planted hole")
    rollouts = registry.load("laboratory", "training")(HOLED)
    training = look([rollouts], out / "training", WatchSettings(truths=truths("math", None)), say)
    index = build_site([out / "report"], site, runs=runs, scans=scans, say=lambda _: None)
    items = {row["task"]: row["n"] for row in report["rows"]}
    traces = sum(row["traces"] for row in report["rows"])
    return Shown(report=report, index=index, items=sum(items.values()), traces=traces, live=live, training=training)


def _runs_and_scans(out: Path, say: Say, *, live: bool) -> tuple[list[Path], list[Path]]:
    """Let the models answer, and scan what they learnt from meanwhile: a live one computes in a process of its own."""
    names: Sequence[str] = registry.load("laboratory", "names")
    for name in names:
        how = "asked" if live else "recorded answers replayed"
        say(f"run    {name} ({how}): {TEST} x {SAMPLES}, {TWIN}")
    answers = partial(_answers, out / "runs", (TEST, TWIN), live=live)
    if not live:
        return [path for name in names for path in answers(name)], _scans(out, say)
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        asked = [pool.submit(answers, name) for name in names]
        scans = _scans(out, say)
        return [path for one in asked for path in one.result()], scans


def _answers(folder: Path, tasks: tuple[str, str], name: str, *, live: bool) -> list[Path]:
    """Ask one model, or replay what it answered: the test set three times, for rewards; its twin once."""
    adapter, place = ("gguf", "weights") if live else ("replay", "recorded")
    model = registry.load("models", adapter)(str(registry.load("laboratory", place)(name)), Options(concurrency=SLOTS))
    made = []
    try:
        for task, path, samples in zip(tasks, (folder / name, folder / f"{name}-fresh"), (SAMPLES, 1), strict=True):
            run([data.load(registry.tasks(task)[0])], model, path, Settings(samples=samples, sampling=SAMPLING))
            made.append(path)
    finally:
        model.close()
    add_rewards(made[0], open_sources(REWARDS, Reach()))
    return made


def _scans(out: Path, say: Say) -> list[Path]:
    """Scan what base learnt from and what the other two were then given, each a scan of its own, tied to models."""
    corpora: list[Path] = registry.load("laboratory", "corpora")(out / "corpora", BASE_ROWS)
    test = data.load(registry.tasks(TEST)[0])
    scanned = []
    names: Sequence[str] = registry.load("laboratory", "names")
    learnt = [names, *([name] for name in names[1:])]  # all three begin with base's corpus
    say(f"scan   what they learnt from, {len(corpora)} corpora, for the {len(test.items)} items of {TEST}")
    for corpus, models in zip(corpora, learnt, strict=True):
        path = out / "scans" / corpus.stem
        scan = registry.load("contamination", "scan")
        scan([test], [corpus], path, fields=["text"], models=models, say=say, progress=lambda *_: None)
        scanned.append(path)
    return scanned
