"""The program's verbs for Python: what the commands of the same names do, with values in and values out.

    from rarl_eval import api

Files are written where the commands write them, so that either may go on where the other stopped. Bad input raises
``rarl_eval.errors.BadInput``, whose message is the sentence that the command line prints. docs/api.md has an example
of each; a test runs them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval import data, registry
from rarl_eval import score as scoring
from rarl_eval.belief import Belief
from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import read_scan, tied
from rarl_eval.importers import Fields
from rarl_eval.report.build import build_report
from rarl_eval.report.write import write_report
from rarl_eval.runs import store
from rarl_eval.score import ScoredOutputs
from rarl_eval.types import Benchmark, Item, Verdict
from rarl_eval.verify import RunCheck, verify_run

__all__ = ["belief", "load", "report", "scan", "score", "verdict", "verify"]

Place = str | PathLike[str]


def load(tasks: str | Sequence[str], sources: Mapping[str, Place] | None = None) -> list[Benchmark]:
    """Load benchmarks by the names of ``rarl-eval tasks``, groups included.

    ``sources`` maps a task to a local file of its rows; else RARL_EVAL_DATA is searched, then the hub is asked.
    """
    given = {name: str(path) for name, path in (sources or {}).items()}
    return [data.load(task, given) for task in registry.tasks(tasks)]


def verdict(task: str, gold: str, answer: str, *, question: str = "", options: Sequence[str] = ()) -> Verdict:
    """Judge one answer in free text by a task's own rule; nothing is loaded.

    ``gold`` is as the task's items have it (``rarl-eval show RUN ITEM``): an option's letter where there are options.
    The status tells right and wrong from what cannot be judged.
    """
    (found,) = registry.tasks(task)
    return found.verify(Item(id="", question=question, gold=gold, choices=tuple(options)), answer)


def score(
    files: Sequence[Place] | Place,
    task: str,
    out: Place,
    *,
    source: Place | None = None,
    model: str | None = None,
    fields: Fields | None = None,
    trust_ids: bool = False,
) -> ScoredOutputs:
    """Judge outputs that another harness recorded, and write them as the run directory ``out``."""
    (benchmark,) = load(task, {task: source} if source else None)
    return scoring.score(_paths(files), benchmark, Path(out), model=model, fields=fields, trust_ids=trust_ids)


def scan(
    tasks: str | Sequence[str],
    corpora: Sequence[Place] | Place,
    out: Place,
    *,
    sources: Mapping[str, Place] | None = None,
    models: Sequence[str] = (),
    fields: Sequence[str] = (),
    jobs: int = 1,
) -> dict[str, Any]:
    """Look for benchmarks' items in training corpora, and write the scan directory ``out``.

    ``models`` names those that learnt from the corpora: a scan that is tied to nobody accuses nobody. Returned is the
    summary that ``scan --json`` prints; ``failed`` lists shards that could not be read, and then nothing is clean.
    """
    found = registry.load("contamination", "scan")(
        load(tasks, sources), _paths(corpora), Path(out), fields=fields, jobs=jobs, models=models,
        say=lambda line: None, progress=lambda done, total: None,  # noqa: ARG005
    )  # fmt: skip
    return asdict(found) | {"out": str(out)}


def report(
    runs: Sequence[Place] | Place,
    scans: Sequence[Place] | Place = (),
    *,
    corpus_of: Iterable[str] = (),
    out: Place | None = None,
) -> dict[str, Any]:
    """Join runs and scans into the object of docs/report.schema.json; with ``out``, write it there, too.

    ``corpus_of`` holds ``MODEL=SCAN``, as the command's option does.
    """
    evidence = tied([read_scan(path) for path in _paths(scans)], list(corpus_of))
    found = build_report((store.open_run(path) for path in _paths(runs)), evidence)
    if out is not None:
        write_report(found, Path(out))
    return found


def belief(found: Mapping[str, Any]) -> dict[tuple[str, str], Belief]:
    """Return whether each score of a report can be believed, by model and task (docs/belief.md).

    Raises BadInput where a model has a task twice; read the report's rows then.
    """
    beliefs: dict[tuple[str, str], Belief] = {}
    for row in found["rows"]:
        key = row["model"], row["task"]
        if key in beliefs:
            raise BadInput(f"{key[0]} has {key[1]} in several runs; read report['rows'], which names them")
        beliefs[key] = msgspec.convert(row["belief"], Belief)
    return beliefs


def verify(run: Place, sources: Mapping[str, Place] | None = None) -> list[RunCheck]:
    """Make again what follows from something else in a run directory; an outcome ``differs`` is what does not match."""
    return verify_run(Path(run), {name: str(path) for name, path in (sources or {}).items()})


def _paths(given: Sequence[Place] | Place) -> list[Path]:
    return [Path(given)] if isinstance(given, str | PathLike) else [Path(path) for path in given]
