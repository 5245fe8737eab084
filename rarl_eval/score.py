"""Recorded outputs become a run: read, matched to items, judged, stored, with a count of what matched how.

The run directory appears whole or not at all.
"""

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rarl_eval import store
from rarl_eval.errors import BadInput
from rarl_eval.importers import Fields, Format, Output, read_outputs
from rarl_eval.importers.match import Matched, match
from rarl_eval.run import describe_benchmark, describe_host, in_parallel, is_synthetic, judge, now, split
from rarl_eval.types import Benchmark, Item, Record, Reward, Stop, Trace

_STOPS: dict[str, Stop] = {
    "stop": "end", "end": "end", "eos": "end", "end_turn": "end", "stop_sequence": "end",
    "length": "length", "max_tokens": "length", "error": "error",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What was scored."""

    model: str
    rows: int
    matched: int
    how: dict[str, int]
    unmatched: tuple[str, ...]
    """Where the first unmatched outputs stand."""
    items: int
    items_answered: int
    gold_differs: int
    """Matched rows whose own gold is not the item's; None of them is dropped."""


def score(
    files: Sequence[Path],
    benchmark: Benchmark,
    out: Path,
    *,
    model: str | None = None,
    form: Format = "auto",
    fields: Fields | None = None,
    progress: Callable[[Record, int], None] = lambda record, total: None,  # noqa: ARG005
) -> Scored:
    """Judge the outputs in ``files`` and write them as a run directory at ``out``.

    Raises BadInput if ``out`` is a run already, if nothing matches, or if a file cannot be read.
    """
    if (out / "manifest.json").exists():
        raise BadInput(f"{out} already holds a run; choose another --out or remove it")
    matches = {file: match(list(read_outputs(file, form, fields)), benchmark) for file in files}
    pairs = [pair for m in matches.values() for pair in m.pairs]
    unmatched = tuple(o.where for m in matches.values() for o in m.unmatched)
    if not pairs:
        raise BadInput(
            f"none of the {len(unmatched)} rows of {', '.join(map(str, files))} matches an item of "
            f"{benchmark.task.name} ({benchmark.origin}) by content, id or row; "
            "name the field with --id-field or --question-field"
        )
    name = model or _model(pairs, files)
    manifest = _manifest(files, benchmark, name, matches)
    _write(out, manifest, benchmark, partial(_records, pairs, benchmark, name), len(pairs), progress)
    return Scored(
        model=name,
        rows=len(pairs) + len(unmatched),
        matched=len(pairs),
        how=_how(matches),
        unmatched=unmatched[:5],
        items=len(benchmark.items),
        items_answered=len({item.key for _, item in pairs}),
        gold_differs=sum(_gold_differs(output, item, benchmark) for output, item in pairs),
    )


def _model(pairs: Sequence[tuple[Output, Item]], files: Sequence[Path]) -> str:
    named = Counter(o.model for o, _ in pairs if o.model)
    if len(named) > 1:
        raise BadInput(f"the rows name several models ({', '.join(sorted(named))}); score them apart or give --model")
    return next(iter(named), None) or files[0].name.split(".json")[0]


def _manifest(files: Sequence[Path], benchmark: Benchmark, model: str, matches: dict[Path, Matched]) -> dict[str, Any]:
    return {
        "kind": "score",
        "synthetic": is_synthetic(benchmark),
        "model": {"adapter": "recorded", "name": model},
        "tasks": {benchmark.task.name: describe_benchmark(benchmark, benchmark)},
        "inputs": [{"name": f.name, "sha256": _sha256(f), "matched_by": matches[f].how} for f in files],
        "host": describe_host(),
        "started": now(),
        "finished": now(),
    }


def _write(
    out: Path,
    manifest: dict[str, Any],
    benchmark: Benchmark,
    records: Callable[[], Iterator[Record]],
    total: int,
    progress: Callable[[Record, int], None],
) -> None:
    """Write beside ``out`` and rename, so that an interrupted command leaves nothing that looks like a run."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out} exists and is no empty folder; choose another --out")
    partial_run = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        store.create(partial_run, manifest, [benchmark])
        with store.Writer(partial_run) as writer:
            for record in records():
                writer.add(record)
                progress(record, total)
        partial_run.chmod(0o755)
        os.replace(partial_run, out)  # noqa: PTH105  replaces an empty folder, which Path.rename need not
    except BaseException:
        shutil.rmtree(partial_run, ignore_errors=True)
        raise


def _records(pairs: Sequence[tuple[Output, Item]], benchmark: Benchmark, model: str) -> Iterator[Record]:
    """Judge in parallel; the k-th output of an item is its sample k."""
    samples: Counter[str] = Counter()

    def jobs() -> Iterator[Callable[[], Record]]:
        for output, item in pairs:
            yield partial(_record, output, item, benchmark, model, samples[item.key])
            samples[item.key] += 1

    return in_parallel(jobs())


def _record(output: Output, item: Item, benchmark: Benchmark, model: str, sample: int) -> Record:
    reasoning, answer = split(output.text, output.reasoning)
    trace = Trace(
        key=item.key,
        task=benchmark.task.name,
        item_id=item.id,
        model=model,
        sample=sample,
        text=output.text,
        reasoning=reasoning,
        answer=answer,
        tokens=output.tokens,
        stop=_STOPS.get(output.stop.lower()) if output.stop else None,
    )
    recorded = [
        Reward(name=name, judge="discriminative", score=value) for name, value in sorted(output.rewards.items())
    ]
    return judge(benchmark.task, item, trace, recorded)


def _how(matches: dict[Path, Matched]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for found in matches.values():
        counts[found.how] += len(found.pairs)
    return dict(counts)


def _gold_differs(output: Output, item: Item, benchmark: Benchmark) -> bool:
    return output.gold is not None and benchmark.task.verify(item, output.gold).correct is False


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
