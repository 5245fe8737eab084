"""Recorded outputs become a run: read, matched to items, judged, stored, with a count of what matched how.

Where the outputs carry their own harness's scores, these stay in ``Trace.meta["original"]``, and what our verdicts
make of them is written into the run as ``disagreements.json``. The run directory appears whole or not at all.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.data.calling import verdict_of
from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import whole_folder, write_atomically
from rarl_eval.files.plain import file_hash
from rarl_eval.importers import TOTALS, Fields, Log, Output, read_log
from rarl_eval.importers.disagreements import Comparison, ScoreTally, written
from rarl_eval.importers.match import Matched, match
from rarl_eval.importers.outputs import Unreadable
from rarl_eval.judge import in_parallel, judge, split
from rarl_eval.measures.answered import JudgedSoFar
from rarl_eval.runs import store
from rarl_eval.runs.provenance import describe_benchmark, describe_git, describe_host, is_synthetic, now
from rarl_eval.runs.writer import Writer
from rarl_eval.types import OPENED, Benchmark, Item, Record, Reward, Stop, Trace

_STOPS: dict[str, Stop] = {
    "stop": "end", "end": "end", "eos": "end", "end_turn": "end", "stop_sequence": "end",
    "length": "length", "max_tokens": "length", "error": "error",
}  # fmt: skip


MAX_SAMPLES = 2**31
"""A sample index beyond it was made up: an export that somebody edited."""


@dataclass(frozen=True, kw_only=True)
class ScoredOutputs:
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
    failed: int
    """Outputs that are failed calls: kept, and judged as nothing."""
    harnesses: tuple[str, ...]
    """What the files were recognised as, in order of name."""
    unread: tuple[Unreadable, ...]
    """Rows that a user's reader failed on: they are no outputs."""
    beyond: int
    """Outputs that the task's own code could not judge."""
    why: str
    """The first of them, and the reason."""
    comparisons: tuple[Comparison, ...]
    """The outputs' own scores against our verdicts; empty where they carry none."""
    answered: JudgedSoFar
    """What was judged, and what could not be read."""


def score(
    files: Sequence[Path],
    benchmark: Benchmark,
    out: Path,
    *,
    model: str | None = None,
    form: str = "auto",
    fields: Fields | None = None,
    progress: Callable[[Record, int], None] = lambda record, total: None,  # noqa: ARG005
) -> ScoredOutputs:
    """Judge the outputs in ``files`` and write them as a run directory at ``out``.

    Raises BadInput if ``out`` is a run already, if nothing matches, or if a file cannot be read.
    """
    if (out / "manifest.json").exists():
        raise BadInput(f"{out} already holds a run; choose another --out or remove it")
    opened = {file: read_log(file, form, fields) for file in files}
    logs = {file: log for file, log in opened.items() if log.harness != TOTALS}  # read beside their samples
    if not logs:
        raise BadInput(f"{', '.join(map(str, files))} holds totals and no outputs; give the samples beside it")
    matches = {file: match(list(log.outputs), benchmark) for file, log in logs.items()}
    pairs = [pair for m in matches.values() for pair in m.pairs]
    unmatched = tuple(o.where for m in matches.values() for o in m.unmatched)
    unread = tuple(u for log in logs.values() for u in log.unread)
    if not pairs:
        if unread and not unmatched:
            raise BadInput(f"no row is read: {unread[0].where}: {unread[0].reason}")
        raise BadInput(
            f"none of the {len(unmatched)} rows of {', '.join(map(str, files))} matches an item of "
            f"{benchmark.task.name} ({benchmark.origin}) by content, prompt, id or row; "
            "name the field with --id-field or --question-field"
        )
    name = model or _model(pairs, files)
    manifest = _manifest(logs, benchmark, name, matches)
    answered = JudgedSoFar()
    beyond: list[str] = []

    def told(record: Record, total: int) -> None:
        if record.verdict is not None and record.verdict.status == "cannot_judge":
            beyond.append(f"item {record.trace.item_id}: {record.verdict.reason}")
        progress(record, total)

    comparisons = _write(out, manifest, benchmark, pairs, logs, answered, told)
    return ScoredOutputs(
        model=name,
        rows=len(pairs) + len(unmatched),
        matched=len(pairs),
        how=_how(matches),
        unmatched=unmatched[:5],
        items=len(benchmark.items),
        items_answered=len({item.key for _, item in pairs}),
        gold_differs=_gold_differs(pairs, benchmark),
        failed=sum(_failed(output) for output, _ in pairs),
        harnesses=tuple(sorted({log.harness for log in logs.values()})),
        unread=unread,
        beyond=len(beyond),
        why=beyond[0] if beyond else "",
        comparisons=comparisons,
        answered=answered,
    )


def _model(pairs: Sequence[tuple[Output, Item]], files: Sequence[Path]) -> str:
    named = Counter(o.model for o, _ in pairs if o.model)
    if len(named) > 1:
        raise BadInput(f"the rows name several models ({', '.join(sorted(named))}); score them apart or give --model")
    return next(iter(named), None) or files[0].name.split(".json")[0]


def _manifest(logs: dict[Path, Log], benchmark: Benchmark, model: str, matches: dict[Path, Matched]) -> dict[str, Any]:
    return {
        "kind": "score",
        "synthetic": is_synthetic(benchmark),
        "model": {"adapter": "recorded", "name": model},
        # What the recorded model was asked is not known.
        "tasks": {benchmark.task.name: {**describe_benchmark(benchmark, benchmark), "prompt_style": None}},
        "inputs": [
            {
                "name": file.name,
                "sha256": file_hash(file),
                "matched_by": matches[file].how,
                "harness": log.harness,
                "settings": log.settings,
                "reported": log.reported,
                "unread": len(log.unread) or None,
            }
            for file, log in logs.items()
        ],
        "host": describe_host(),
        "git": describe_git(),
        "started": now(),
        "finished": now(),
    }


def _write(
    out: Path,
    manifest: dict[str, Any],
    benchmark: Benchmark,
    pairs: Sequence[tuple[Output, Item]],
    logs: dict[Path, Log],
    answered: JudgedSoFar,
    progress: Callable[[Record, int], None],
) -> tuple[Comparison, ...]:
    """Judge and write; the run appears whole, so that an interrupted command leaves nothing that looks like one."""
    tally = ScoreTally()
    harness = {str(file): log.harness for file, log in logs.items()}
    with whole_folder(out) as folder:
        store.create(folder, manifest, [benchmark])
        with Writer(folder) as writer:
            judged = _records(pairs, benchmark, manifest["model"]["name"], harness)
            for (output, _), record in zip(pairs, judged, strict=True):
                writer.add(record)
                answered.add(record)
                tally.add(record, output.scores, output.answers, output.where)
                progress(record, len(pairs))
        comparisons = tally.comparisons(_reported(logs))
        if comparisons:
            write_atomically(folder / "disagreements.json", written(comparisons, tally.differences))
    return comparisons


def _reported(logs: dict[Path, Log]) -> dict[str, float]:
    """Totals of the one file that has any; several files' totals are of several things."""
    having = [log.reported for log in logs.values() if log.reported]
    return having[0] if len(having) == 1 else {}


def _records(
    pairs: Sequence[tuple[Output, Item]], benchmark: Benchmark, model: str, harness: dict[str, str]
) -> Iterator[Record]:
    """Judge in parallel; the k-th output of an item is its sample k, unless its record says which it was."""
    taken: dict[str, set[int]] = {}

    def jobs() -> Iterator[Callable[[], Record]]:
        for output, item in pairs:
            used = taken.setdefault(item.key, set())
            sample = output.recorded.trace.sample if output.recorded else len(used)
            if not 0 <= sample < MAX_SAMPLES:
                sample = len(used)
            while sample in used:
                sample += 1
            used.add(sample)
            yield partial(_record, output, item, benchmark, model, sample, harness)

    return in_parallel(jobs())


def _record(
    output: Output, item: Item, benchmark: Benchmark, model: str, sample: int, harness: dict[str, str]
) -> Record:
    reasoning, answer = _split(output)
    opened = _opened(output, benchmark)
    slot: dict[str, Any] = {
        "key": item.key,
        "task": benchmark.task.name,
        "item_id": item.id,
        "model": model,
        "sample": sample,
        "text": output.text,
        "reasoning": reasoning,
        "answer": opened + answer,
    }
    if output.recorded is not None:
        trace = msgspec.structs.replace(output.recorded.trace, **slot)
        return judge(benchmark.task, item, trace, [r for r in output.recorded.rewards if r.judge != "rule"])
    trace = Trace(
        **slot,
        tokens=output.tokens,
        stop="error" if output.error else _STOPS.get(output.stop.lower()) if output.stop else None,
        seconds=output.seconds,
        error=output.error,
        meta=_original(output, harness) | ({OPENED: opened} if opened else {}),
    )
    recorded = [
        Reward(name=name, judge="discriminative", score=value) for name, value in sorted(output.rewards.items())
    ]
    return judge(benchmark.task, item, trace, recorded)


def _split(output: Output) -> tuple[str | None, str]:
    """Reasoning and answer of a text: a prompt that had opened the reasoning leaves no answer until it is closed."""
    return split(output.text, output.reasoning, inside=output.inside)


def _opened(output: Output, benchmark: Benchmark) -> str:
    """Return the block of code that the prompt had begun and the text goes on from; "" where there is none."""
    if output.recorded is not None:
        return str(output.recorded.trace.meta.get(OPENED, ""))
    if output.prompt is None or not benchmark.task.runs_code:
        return ""
    from rarl_eval.sandbox.fences import left_open

    return left_open(output.prompt)


def _original(output: Output, harness: dict[str, str]) -> dict[str, Any]:
    if not output.scores:
        return {}
    name = next((h for file, h in harness.items() if output.where.startswith(f"{file} ")), "jsonl")
    return {"original": {"harness": name, "scores": output.scores, "answers": output.answers}}


def _failed(output: Output) -> bool:
    return output.recorded.trace.stop == "error" if output.recorded else output.error is not None


def _how(matches: dict[Path, Matched]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for found in matches.values():
        counts[found.how] += len(found.pairs)
    return dict(counts)


def _gold_differs(pairs: Sequence[tuple[Output, Item]], benchmark: Benchmark) -> int:
    """Count rows whose gold our rule calls wrong; each gold of an item is judged once, which may run code.

    Where answers are programs a gold is none, and none is judged.
    """
    if benchmark.task.answers == "programs":
        return 0
    stated = [(item.key, output.gold) for output, item in pairs if output.gold is not None]
    judged = {
        (key, gold): verdict_of(benchmark.task, benchmark.by_key[key], gold).correct is False
        for key, gold in dict.fromkeys(stated)
        if gold.strip() != benchmark.by_key[key].gold.strip()
    }
    return sum(judged.get(pair, False) for pair in stated)
