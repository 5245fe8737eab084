"""Benchmarks and corpora that the tests make themselves."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rarl_eval.contamination.scan import ScanSummary, scan
from rarl_eval.data.loading import fingerprint
from rarl_eval.evidence.scans import ScanResult, read_scan
from rarl_eval.types import Benchmark, Item, Source, Task, Verdict

ROOT = Path(__file__).parents[2]
NOUNS = [
    "lantern",
    "orchard",
    "ferry",
    "violin",
    "quarry",
    "beacon",
    "saddle",
    "harbour",
    "thimble",
    "meadow",
    "kettle",
    "compass",
    "ladder",
    "pigeon",
    "anvil",
]
VERBS = [
    "carried",
    "painted",
    "counted",
    "borrowed",
    "repaired",
    "traded",
    "measured",
    "polished",
    "stacked",
    "weighed",
]
PLACES = ["village", "market", "station", "workshop", "castle", "bakery", "library", "garden", "river", "mountain"]


def benchmark(items: Iterable[Item], name: str = "made", domain: str = "math") -> Benchmark:
    items = tuple(items)
    task = Task(
        name=name,
        domain=domain,  # type: ignore[arg-type]
        source=Source(path=name, split="test", licence="Apache-2.0", released="2026-01-01"),
        item=lambda _: None,
        verify=lambda *_: Verdict(status="no_answer"),
        prompt=lambda _: [],
        paper="https://example.org",
    )
    return Benchmark(task=task, items=items, origin="made", revision=None, fingerprint=fingerprint(items))


def problems(n: int, seed: int = 3) -> list[Item]:
    """Word problems of 30 to 50 words that share no sentence."""
    rng = random.Random(seed)
    return [Item(id=str(i), question=problem(rng), gold=str(rng.randint(2, 999))) for i in range(n)]


def problem(rng: random.Random) -> str:
    def sentence() -> str:
        a, b, c, d = rng.sample(NOUNS, 4)
        return (
            f"The {a} maker {rng.choice(VERBS)} {rng.randint(2, 99)} {b} parts near the {rng.choice(PLACES)} "
            f"before the {c} {rng.choice(VERBS)} another {d}"
        )

    x, y = rng.sample(NOUNS, 2)
    return f"{sentence()}. {sentence()}. How many {x} or {y} things did the {rng.choice(PLACES)} keep on day {rng.randint(2, 60)}?"


def prose(rng: random.Random, words: int = 120) -> str:
    """Text that shares words, but no phrase, with the problems."""
    vocabulary = [
        *NOUNS,
        *VERBS,
        *PLACES,
        *["and", "of", "with", "under", "slowly", "always", "while", "because", "every", "their", "some", "would"],
    ]
    return " ".join(rng.choice(vocabulary) for _ in range(words))


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(
    benchmarks: Sequence[Benchmark], corpora: Sequence[Path | str], out: Path, **options: Any
) -> tuple[ScanResult, ScanSummary, list[str]]:
    """Scan, and read back what was written: (result, summary, what was said)."""
    said: list[str] = []
    summary = scan(benchmarks, corpora, out, say=said.append, progress=lambda *_: None, **options)
    return read_scan(out), summary, [s for s in said if not s.startswith("compiling")]


def files_of(out: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(out.iterdir())}
