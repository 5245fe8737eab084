"""Runs as pandas data frames, for notebooks and one-off questions.

    frame = frames.records("runs/mine")
    frame.groupby("task").correct.mean()

Not here: a report's rows, which ``report.frames`` gives.
"""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rarl_eval.runs.store import Run, read_run
from rarl_eval.types import Record

if TYPE_CHECKING:
    import pandas as pd


def records(run: Run | str | PathLike[str]) -> "pd.DataFrame":
    """One row for each record: who, what, verdict, lengths, and a column ``reward.NAME`` for each reward's score.

    The run is one that was read, or the path of its directory.
    ``correct`` is a nullable boolean: missing where the call failed or the gold cannot be judged against. Counts are
    nullable integers, so that an unknown count is missing and not zero.
    """
    import pandas as pd

    held = run if isinstance(run, Run) else read_run(Path(run))
    frame = pd.DataFrame([_flat(record) for record in held.records])
    kinds = {"correct": "boolean"} | dict.fromkeys(("tokens", "reasoning_tokens", "seed"), "Int64")
    return frame.astype({name: kind for name, kind in kinds.items() if name in frame})


def _flat(record: Record) -> dict[str, Any]:
    trace, verdict = record.trace, record.verdict
    return {
        "model": trace.model,
        "task": trace.task,
        "key": trace.key,
        "id": trace.item_id,
        "sample": trace.sample,
        "status": verdict.status if verdict else None,
        "correct": verdict.correct if verdict else None,
        "extracted": verdict.extracted if verdict else None,
        "stop": trace.stop,
        "tokens": trace.tokens.completion,
        "reasoning_tokens": trace.tokens.reasoning,
        "characters": len(trace.text),
        "seed": trace.seed,
        "seconds": trace.seconds,
        **{f"reward.{reward.name}": reward.score for reward in record.rewards},
    }
