"""A large site: 44 models x 10 tasks x 1,319 items of made records, built, measured and opened.

Prints seconds, CPU seconds, peak memory and sizes of `rarl-eval site` with the runs, and what a browser needs to show
the leaderboard and an item (where chromium is installed). Then a history of 365 nights x 20 models x 10 tasks.

    python benchmarks/site_scale.py [--quick] [--folder DIR] [--prepare]
"""

import argparse
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.nightly import history
from rarl_eval.runs import store
from rarl_eval.stats.exact import wilson
from rarl_eval.types import Benchmark, Item, Record, Reward, Source, Task, Tokens, Trace, Verdict

OUT = Path(__file__).with_suffix(".md")
MODELS, TASKS, ITEMS = 44, 10, 1319
NIGHTS, NIGHT_MODELS = 365, 20
PAGES = ["index.html", "tasks/task0.html", "items/task0.html", "items/task0/q0007.html", "compare.html"]
WORDS = [
    "so", "we", "count", "each", "crate", "then", "add", "the", "rest", "and", "take", "away", "what", "was", "sold",
    "before", "noon", "which", "leaves", "a", "total", "of", "some", "apples", "per", "day", "for", "every", "worker",
    "on", "the", "farm",
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the items and nights; writes no .md")
    parser.add_argument("--folder", type=Path, help="keep the made runs here (2 GB), and take those of an earlier call")
    parser.add_argument("--prepare", action="store_true", help="only make the runs and nights")
    chosen = parser.parse_args()
    scale = 10 if chosen.quick else 1
    with tempfile.TemporaryDirectory() as scratch:
        made = prepared(chosen.folder or Path(scratch), ITEMS // scale, NIGHTS // scale)
        if chosen.prepare:
            return
        site = Path(scratch) / "site"
        lines = [f"Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores when it began.", ""]
        lines += [*large(made, site, ITEMS // scale), *nights(made, site, NIGHTS // scale)]
    text = "\n".join(["# A large site", "", "`python benchmarks/site_scale.py`", "", *lines]) + "\n"
    print(text)
    if not chosen.quick:
        OUT.write_text(text, encoding="utf-8")


def prepared(folder: Path, items_of_task: int, n_nights: int) -> Path:
    """Make runs, report and history in ``folder``, as far as they are not there."""
    tasks = {f"task{t}": items(t, items_of_task) for t in range(TASKS)}
    texts = [text_of(random.Random(i)) for i in range(2000)]
    rows = [row for m in range(MODELS) for row in write_run(folder / "runs" / f"model-{m:02d}", m, tasks, texts)]
    report = {"schema": 1, "created_by": "benchmark", "synthetic": True, "scans": [], "rows": rows}
    (folder / "report").mkdir(exist_ok=True)
    (folder / "report" / "report.json").write_text(json.dumps(report))
    if not (folder / "history").exists():
        for night in range(n_nights):
            append_night(folder / "history", night)
    return folder


def large(made: Path, site: Path, n: int) -> Iterator[str]:
    arguments: list[object] = ["-r", made / "report", "-o", site]
    for run in sorted((made / "runs").iterdir()):
        arguments += ["--run", run]
    yield f"{MODELS} models x {TASKS} tasks x {n:,} items: {MODELS * TASKS * n:,} answers of 850 characters on average,"
    yield "one reward each; the report holds accuracies alone. To be held: 60 s and 1 GB."
    yield ""
    yield from measured(arguments)
    yield from sizes(site)
    yield from opened(site, PAGES)
    yield ""


def nights(made: Path, site: Path, n: int) -> Iterator[str]:
    shutil.rmtree(site, ignore_errors=True)
    yield f"A history of {n} nights x {NIGHT_MODELS} models x {TASKS} tasks; to be held: 60 s."
    yield ""
    yield from measured(["-r", made / "report", "--history", made / "history", "-o", site])
    yield from sizes(site)
    yield from opened(site, ["history.html", "history/task0.html"])


def measured(arguments: list[object]) -> Iterator[str]:
    started = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.Popen(
        [sys.executable, "-m", "rarl_eval", "site", *map(str, arguments)], stdout=subprocess.DEVNULL
    )
    peak = 0
    while done.poll() is None:
        peak = max(peak, peak_of(done.pid))
        time.sleep(0.05)
    if done.returncode:
        raise SystemExit(f"rarl-eval site ended with {done.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = time.perf_counter() - started
    yield f"- built in {seconds:.1f} s ({cpu:.1f} s of CPU), at most {peak / 1e6:.2f} GB of memory"


def peak_of(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def sizes(site: Path) -> Iterator[str]:
    files = [path for path in site.rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files)
    index = (site / "index.html").stat().st_size
    yield f"- {len(files):,} files, {total / 1e6:,.0f} MB; index.html {index / 1e3:,.0f} kB"


def opened(site: Path, pages: list[str]) -> Iterator[str]:
    """Milliseconds until each page is loaded and its scripts have run, from file://, the best of three."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        yield "- not opened: no chromium here"
        return
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)) as chrome:
        for page in pages:
            best = min(milliseconds(chrome, site / page) for _ in range(3))
            yield f"- {page} ({(site / page).stat().st_size / 1e3:,.0f} kB) is loaded after {best:,.0f} ms"


def milliseconds(chrome: Any, path: Path) -> float:
    chrome.get("about:blank")
    chrome.get(path.as_uri())
    return chrome.execute_script("return performance.getEntriesByType('navigation')[0].loadEventEnd")


def items(task: int, n: int) -> list[Item]:
    rng = random.Random(task)
    return [
        Item(id=f"q{i:04d}", question=f"{text_of(rng)[:240]} How many is {i} and {task}?", gold=str(i + task))
        for i in range(n)
    ]


def text_of(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randrange(60, 300)))


def write_run(path: Path, model: int, tasks: dict[str, list[Item]], texts: list[str]) -> list[dict[str, Any]]:
    """Write a model's run in one transaction, where it is not there; return its rows of the report."""
    rng = random.Random(model)
    right = {name: [rng.random() < 0.9 - model / 100 for _ in asked] for name, asked in tasks.items()}
    if not (path / "manifest.json").exists():
        described = {name: {"domain": "math", "version": 1, "fingerprint": name, "origin": "made"} for name in tasks}
        benchmarks = [
            Benchmark(task=task_of(name), items=tuple(asked), origin="made", revision=None, fingerprint=name)
            for name, asked in tasks.items()
        ]
        store.create(path, {"kind": "score", "finished": "2026-01-01T00:00:00+00:00", "tasks": described}, benchmarks)
        with closing(sqlite3.connect(path / "records.sqlite")) as db, db:
            db.executemany(
                "INSERT INTO records VALUES (?, ?, 0, 0, ?)",
                (
                    (name, item.key, msgspec.json.encode(record(rng.choice(texts), path.name, name, item, right=hit)))
                    for name, asked in tasks.items()
                    for item, hit in zip(asked, right[name], strict=True)
                ),
            )
    return [row(path.name, name, sum(hits), len(hits)) for name, hits in right.items()]


def row(model: str, task: str, right: int, n: int) -> dict[str, Any]:
    found = wilson(right, n)
    value = None if found is None else {"value": found.value, "low": found.low, "high": found.high}
    return {"model": model, "task": task, "domain": "math", "run": model, "n": n, "traces": n, "accuracy": value}


def record(text: str, model: str, task: str, item: Item, *, right: bool) -> Record:
    said = item.gold if right else str(int(item.gold) + 1)
    text = f"{text} The answer is {said}."
    trace = Trace(
        key=item.key, task=task, item_id=item.id, model=model, text=text, answer=text, stop="end",
        tokens=Tokens(completion=len(text) // 4, counted_by="characters / 4"),
    )  # fmt: skip
    verdict = Verdict(status="correct" if right else "incorrect", extracted=said, reason="last number")
    return Record(trace=trace, verdict=verdict, rewards=(Reward(name="judge", judge="generative", score=float(right)),))


def task_of(name: str) -> Task:
    return Task(
        name=name, domain="math", item=lambda _: None, verify=lambda _, __: Verdict(status="correct"),
        prompt=lambda _: [], paper="https://example.org", source=Source(
            path="made", split="test", licence="CC0-1.0", released="2026-01-01"
        ),
    )  # fmt: skip


def append_night(folder: Path, night: int) -> None:
    rng = random.Random(night)
    day = (date(2025, 1, 1) + timedelta(days=night)).isoformat()
    results = []
    for model in range(NIGHT_MODELS):
        for task in range(TASKS):
            value = 0.9 - model / 50 + rng.gauss(0, 0.01)
            results.append(
                history.ResultRow(
                    night=day, started=f"{day}T02:00:00+00:00", model=f"model-{model:02d}",
                    task=f"task{task}", budget=None, task_version=1, fingerprint="f",
                    status="regression" if rng.random() < 0.002 else "ok", reason="", n=ITEMS, traces=ITEMS,
                    errors=0, accuracy=value, accuracy_low=value - 0.02, accuracy_high=value + 0.02, no_answer=0.01,
                    truncated=0.0,
                    mean_tokens=300.0, clean=value, flagged=None, gain=None, baseline_difference=0.0, baseline_p=1.0,
                    recent_difference=0.0, recent_p=1.0, rewards="{}",
                )
            )  # fmt: skip
    history.append(folder, results, [])


if __name__ == "__main__":
    main()
