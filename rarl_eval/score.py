"""Recorded outputs become a run: read, matched to items, judged, stored, with a count of what matched how.

Where the outputs carry their own harness's scores, these stay in ``Trace.meta["original"]``, and what our verdicts
make of them is written into the run as ``disagreements.json``. The run directory appears whole or not at all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import whole_folder, write_atomically
from rarl_eval.files.plain import file_hash
from rarl_eval.identity.decide import Decision
from rarl_eval.identity.joined import Joined, joined, left_out, model_named, nothing, others_in_folders, ways
from rarl_eval.identity.match import Identity, Matched, hold, identity_of, match
from rarl_eval.importers import TOTALS, Fields, Log, Output, chat, read_log
from rarl_eval.importers.disagreements import Comparison, ScoreTally, written
from rarl_eval.importers.folders import open_logs
from rarl_eval.importers.outputs import Unreadable
from rarl_eval.judge import in_parallel, judge, split
from rarl_eval.measures.answered import JudgedSoFar
from rarl_eval.runs import store
from rarl_eval.runs.provenance import describe_benchmark, describe_git, describe_host, is_synthetic, now
from rarl_eval.runs.writer import Writer
from rarl_eval.types import OPENED, ORDER, Benchmark, Item, Record, Reward, Trace

MAX_SAMPLES = 2**31
"""A sample index beyond it was made up: an export that somebody edited."""


@dataclass(frozen=True, kw_only=True)
class ScoredOutputs:
    """What was scored."""

    model: str
    rows: int
    matched: int
    how: dict[str, int]
    identity: Identity
    """How far it is proved that the rows answer the items they are joined to."""
    unmatched: tuple[str, ...]
    """Where the first rows stand that are left out."""
    items: int
    items_answered: int
    failed: int
    """Outputs that are failed calls: kept, and judged as nothing."""
    empty: int
    """Outputs without a text, of which nothing says that the call failed."""
    harnesses: tuple[str, ...]
    """What the files were recognised as, in order of name."""
    unread: tuple[Unreadable, ...]
    """Rows that a reader found no output in: they are no outputs."""
    left_out: tuple[Unreadable, ...]
    """Files of the folders given that are no logs."""
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
    trust_ids: bool = False,
    progress: Callable[[Record, int], None] = lambda record, total: None,  # noqa: ARG005
) -> ScoredOutputs:
    """Judge the outputs in ``files`` and write them as a run directory at ``out``.

    Files are read twice: once to find the item of each row, once to judge, so that no text is held in memory. With
    ``trust_ids`` rows are joined that an id or a row number alone names, or that contradict their item; the run says
    so. Raises BadInput if ``out`` is a run, nothing matches, too much contradicts, or a file cannot be read.
    """
    if (out / "manifest.json").exists():
        raise BadInput(f"{out} already holds a run; choose another --out or remove it")
    opened = open_logs(files, form, fields)
    logs = {file: log for file, log in opened.logs.items() if log.harness != TOTALS}  # read beside their samples
    if not logs:
        raise BadInput(f"{', '.join(map(str, files))} holds totals and no outputs; give the samples beside it")
    matches = {file: match(log.outputs, benchmark, trusted=trust_ids) for file, log in logs.items()}
    others = others_in_folders(matches, files)
    logs = {file: log for file, log in logs.items() if file not in others}
    matches = {file: m for file, m in matches.items() if file not in others}
    identity = identity_of(matches)
    unread = tuple(u for log in logs.values() for u in log.unread)
    if not trust_ids:
        hold(identity)
    total = sum(m.joined(d) for m in matches.values() for d in m.decisions)
    if not total:
        raise nothing(identity, unread, files, benchmark)
    name = model or model_named(matches, files)
    manifest = _manifest(logs, benchmark, name, matches, identity, trusted=trust_ids)
    told = _Told(progress, total)
    again = ((file, read_log(file, form, fields)) for file in logs)
    wanted = fields.filter if fields else None
    comparisons = _write(out, manifest, benchmark, joined(again, matches), logs, told, wanted)
    return ScoredOutputs(
        model=name,
        rows=identity.rows,
        matched=total,
        how=ways(matches),
        identity=identity,
        unmatched=left_out(matches)[:5],
        items=len(benchmark.items),
        items_answered=len({d.item.key for m in matches.values() for d in m.decisions if d.item and m.joined(d)}),
        failed=told.failed,
        empty=told.empty,
        harnesses=tuple(sorted({log.harness for log in logs.values()})),
        unread=unread,
        left_out=(*opened.left_out, *(Unreadable(str(file), "no row of it answers an item") for file in others)),
        beyond=len(told.beyond),
        why=told.beyond[0] if told.beyond else "",
        comparisons=comparisons,
        answered=told.answered,
    )


@dataclass
class _Told:
    """What is counted of the records as they are written."""

    progress: Callable[[Record, int], None]
    total: int
    answered: JudgedSoFar = field(default_factory=JudgedSoFar)
    failed: int = 0
    empty: int = 0
    beyond: list[str] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Count a record."""
        self.answered.add(record)
        self.failed += record.trace.stop == "error"
        self.empty += record.trace.stop != "error" and not (record.trace.text + (record.trace.reasoning or "")).strip()
        if record.verdict is not None and record.verdict.status == "cannot_judge":
            self.beyond.append(f"item {record.trace.item_id}: {record.verdict.reason}")
        self.progress(record, self.total)


def _manifest(
    logs: dict[Path, Log],
    benchmark: Benchmark,
    model: str,
    matches: dict[Path, Matched],
    identity: Identity,
    *,
    trusted: bool,
) -> dict[str, Any]:
    return {
        "kind": "score",
        "synthetic": is_synthetic(benchmark),
        "model": {"adapter": "recorded", "name": model},
        # What the recorded model was asked is not known.
        "tasks": {
            benchmark.task.name: {
                **describe_benchmark(benchmark, benchmark),
                "prompt_style": None,
                "identity": {"trusted": trusted, **msgspec.to_builtins(identity)},
            }
        },
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
    pairs: Iterable[Joined],
    logs: dict[Path, Log],
    told: _Told,
    wanted: str | None,
) -> tuple[Comparison, ...]:
    """Judge and write; the run appears whole, so that an interrupted command leaves nothing that looks like one."""
    tally = ScoreTally()
    harness = {str(file): log.harness for file, log in logs.items()}
    with whole_folder(out) as folder:
        store.create(folder, manifest, [benchmark])
        with Writer(folder) as writer:
            for output, record in _records(pairs, benchmark, manifest["model"]["name"], harness):
                writer.add(record)
                tally.add(record, output.scores, output.answers, output.where)
                told.add(record)
        comparisons = tally.comparisons(_reported(logs), wanted)
        if comparisons:
            write_atomically(folder / "disagreements.json", written(comparisons, tally.differences))
    return comparisons


def _reported(logs: dict[Path, Log]) -> dict[str, float]:
    """Totals of the one file that has any; several files' totals are of several things."""
    having = [log.reported for log in logs.values() if log.reported]
    return having[0] if len(having) == 1 else {}


def _records(
    pairs: Iterable[Joined], benchmark: Benchmark, model: str, harness: dict[str, str]
) -> Iterator[tuple[Output, Record]]:
    """Judge in parallel; the k-th output of an item is its sample k, unless its record says which it was."""
    taken: dict[str, set[int]] = {}

    def jobs() -> Iterator[Callable[[], tuple[Output, Record]]]:
        for output, item, decision in pairs:
            used = taken.setdefault(item.key, set())
            sample = output.recorded.trace.sample if output.recorded else len(used)
            if not 0 <= sample < MAX_SAMPLES:
                sample = len(used)
            while sample in used:
                sample += 1
            used.add(sample)
            yield partial(_record, output, item, decision, benchmark, model, sample, harness)

    return in_parallel(jobs())


def _record(
    output: Output,
    item: Item,
    decision: Decision,
    benchmark: Benchmark,
    model: str,
    sample: int,
    harness: dict[str, str],
) -> tuple[Output, Record]:
    # A prompt that had opened the reasoning leaves no answer until it is closed.
    reasoning, answer = split(output.text, output.reasoning, inside=output.inside)
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
        return output, judge(benchmark.task, item, trace, [r for r in output.recorded.rewards if r.judge != "rule"])
    trace = Trace(
        **slot,
        tokens=output.tokens,
        stop="error" if output.error else chat.stop(output.stop),
        seconds=output.seconds,
        error=output.error,
        meta=_original(output, harness)
        | ({OPENED: opened} if opened else {})
        | ({ORDER: list(decision.order)} if decision.order else {}),
    )
    recorded = [
        Reward(name=name, judge="discriminative", score=value) for name, value in sorted(output.rewards.items())
    ]
    return output, judge(benchmark.task, item, trace, recorded)


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
