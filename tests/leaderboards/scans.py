"""Scan directories for the site's tests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

EVIL = [
    "<script>window.ran = 1</script>",
    "</pre></figure><img src=x onerror=alert(1)>",
    "\u202eevil\u0000\u200b]]>",
    "{{ 7 * 7 }}{% raw %}",
    '" onmouseover="alert(1)',
]


def line(n: int, level: str | None, task: str = "gsm8k", **more: Any) -> dict[str, Any]:
    found = {
        "level": level, "part": "question", "score": 0.9, "document": f"train.jsonl:{n}", "offset": 4,
        "excerpt": f"A baker sells {n} copper loaves today.", "text": f"A baker sells {n} brass loaves.",
        "numbers_changed": 0, "answer_beside": n % 2 == 0,
    } if level else {}  # fmt: skip
    status = "flagged" if level in {"exact", "near"} else "clean"
    return {"key": f"{n:032x}", "id": str(n), "task": task, "status": status} | found | {"others": []} | more


def write(folder: Path, lines: Sequence[Mapping[str, Any]], judged: Mapping[int, str] | None = None) -> Path:
    """Write a scan directory of these lines; ``judged`` gives judgements by the number of the line."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = sorted({x["task"] for x in lines})
    report = {
        "schema": 1, "detector": "ngram", "documents": 20, "corpora": [], "not_scanned": [], "counts": {},
        "benchmarks": [{"task": t, "version": 1, "fingerprint": "", "items": len(lines)} for t in tasks],
    }  # fmt: skip
    (folder / "scan.json").write_text(json.dumps(report))
    (folder / "items.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    told = [{"task": lines[n]["task"], "key": lines[n]["key"], "judgement": j} for n, j in (judged or {}).items()]
    (folder / "verdicts.jsonl").write_text("".join(json.dumps(x) + "\n" for x in told))
    return folder
