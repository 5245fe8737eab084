"""A night's cells filled: models asked, recorded outputs scored, corpora scanned; each failure stays in its cell."""

import glob
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from rarl_eval import data, registry
from rarl_eval.errors import BadInput, RarlEvalError
from rarl_eval.models import Model, Sampling
from rarl_eval.models.budget import Capped, Meter
from rarl_eval.models.plugged import open_model
from rarl_eval.nightly import history
from rarl_eval.nightly.config import Config, CorpusEntry, ModelEntry, RecordedEntry
from rarl_eval.nightly.history import Cell
from rarl_eval.run import Settings, run
from rarl_eval.runs.identity import once
from rarl_eval.types import Benchmark, Task

Say = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A cell with its run directory, or why it has none or not all."""

    cell: Cell
    run: Path | None
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a night knows about its place."""

    config: Config
    file: Path
    night: str
    out: Path
    say: Say

    @property
    def runs(self) -> Path:
        """Folder of tonight's run directories."""
        return self.out / "nights" / self.night / "runs"

    def path(self, text: str) -> str:
        """Resolve a path of the file against the file's folder."""
        return str(self.file.parent / text)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Benchmarks of the night, and why others could not be loaded."""

    found: Mapping[str, Benchmark]
    failed: Mapping[str, str]


def check_names(work: Work) -> dict[str, Task]:
    """Look all names up before anything is asked; raises BadInput naming file and key."""
    config = work.config
    tasks: dict[str, Task] = {}
    for key, names in _task_names(config):
        tasks |= _named(work, key, partial(_by_name, work, names))
    for i, model in enumerate(config.model):
        adapter = model.model.partition(":")[0]
        _named(work, f"model[{i}].model", partial(registry.load, "models", adapter))
    unknown = sorted(set(config.sources) - set(tasks) - {name.partition("@")[0] for name in tasks})
    if unknown:
        raise BadInput(f"{work.file}: sources.{unknown[0]}: no task of this file is called so")
    nights = set(history.nights(work.out / "history"))
    _named(work, "gate.baseline", partial(once, "night or run", map(work.file.parent.joinpath, config.gate.baseline)))
    for i, name in enumerate(config.gate.baseline):
        if name not in nights and not (work.file.parent / name / "manifest.json").is_file():
            raise BadInput(
                f"{work.file}: gate.baseline[{i}]: {name!r} is neither a night of the history nor a run directory"
            )
    return tasks


def load(work: Work, tasks: Mapping[str, Task]) -> Loaded:
    """Load the benchmarks; what cannot be loaded fails its cells and no others."""
    sources = {name: work.path(path) for name, path in work.config.sources.items()}
    lock = None if work.config.lock is None else data.read_lock(Path(work.path(work.config.lock)))
    found, failed = {}, {}
    for name, task in tasks.items():
        try:
            found[name] = data.load(task, sources, lock)
        except RarlEvalError as error:
            failed[name] = str(error)
    return Loaded(found=found, failed=failed)


def ask(work: Work, loaded: Loaded, meter: Meter) -> Iterator[Filled]:
    """Ask every model its tasks at its budgets, one model open at a time; a night that was killed goes on."""
    for entry in work.config.model:
        budgets: list[int | None] = [*entry.budgets] or [None]
        cells = [(entry.name, task.name, budget) for task in tasks_of(work, entry) for budget in budgets]
        try:
            model = Capped(_open(work, entry), meter, entry.charged)
        except Exception as error:  # noqa: BLE001  a back-end's own errors share no base class
            yield from (Filled(cell=cell, run=None, failure=said(error)) for cell in cells)
            continue
        try:
            for cell in cells:
                work.say(f"ask    {shown(cell)}")
                yield _ask_cell(work, entry, cell, model, loaded, meter)
        finally:
            model.close()


def score_recorded(work: Work, loaded: Loaded) -> Iterator[Filled]:
    """Score tonight's recorded outputs."""
    for entry in work.config.recorded:
        cell = (entry.label, entry.task, None)
        work.say(f"score  {shown(cell)}")
        yield _guarded(cell, loaded, partial(_score, work, entry, cell, loaded))


def scan_corpora(work: Work, loaded: Loaded) -> tuple[list[Path], list[str]]:
    """Scan each corpus, unless it and the benchmarks are as they were; return scan directories and failures."""
    scans, failures = [], []
    for corpus in work.config.corpus:
        try:
            scans.append(_scan(work, corpus, list(loaded.found.values())))
        except (RarlEvalError, OSError) as error:
            failures.append(f"corpus {corpus.name}: {error}")
    return scans, failures


def tasks_of(work: Work, entry: ModelEntry) -> list[Task]:
    """Tasks that a model is asked."""
    return _tasks(work, entry.tasks or work.config.tasks)


def _task_names(config: Config) -> Iterator[tuple[str, list[str]]]:
    if config.tasks:
        yield "tasks", config.tasks
    for i, model in enumerate(config.model):
        if model.tasks:
            yield f"model[{i}].tasks", model.tasks
    for i, recorded in enumerate(config.recorded):
        yield f"recorded[{i}].task", [recorded.task]


def _by_name(work: Work, names: Iterable[str]) -> dict[str, Task]:
    return {task.name: task for task in _tasks(work, names)}


def _named(work: Work, key: str, look: Callable[[], T]) -> T:
    try:
        return look()
    except RarlEvalError as error:
        raise BadInput(f"{work.file}: {key}: {error}") from None


def _tasks(work: Work, names: Iterable[str]) -> list[Task]:
    """Tasks by name, group or path of a Python file."""
    return registry.tasks(",".join(work.path(name) if name.endswith(".py") else name for name in names))


def _open(work: Work, entry: ModelEntry) -> Model:
    adapter, _, name = entry.model.partition(":")
    if adapter == "replay":
        name = work.path(name.replace("{night}", work.night))
    return open_model(adapter, name, entry.options)


def _guarded(cell: Cell, loaded: Loaded, fill: Callable[[], Filled]) -> Filled:
    """Turn whatever goes wrong in a cell into that cell's failure."""
    if cell[1] in loaded.failed:
        return Filled(cell=cell, run=None, failure=loaded.failed[cell[1]])
    try:
        return fill()
    except Exception as error:  # noqa: BLE001  a back-end's own errors share no base class
        return Filled(cell=cell, run=None, failure=said(error))


def _ask_cell(work: Work, entry: ModelEntry, cell: Cell, model: Model, loaded: Loaded, meter: Meter) -> Filled:
    def fill() -> Filled:
        settings = Settings(
            samples=entry.samples,
            seed=work.config.seed,
            limit=work.config.limit,
            sampling=Sampling(temperature=entry.temperature, max_tokens=cell[2]),
        )
        out = work.runs / folder_of(cell)
        done = run([loaded.found[cell[1]]], model, out, settings, resume=True)
        failure = f"{meter.reached()} left {done.left:,} samples unasked" if done.left else ""
        return Filled(cell=cell, run=out, failure=failure)

    return _guarded(cell, loaded, fill)


def _score(work: Work, entry: RecordedEntry, cell: Cell, loaded: Loaded) -> Filled:
    from rarl_eval.importers import Fields
    from rarl_eval.score import score

    out = work.runs / folder_of(cell)
    if not (out / "manifest.json").exists():
        fields = Fields(
            text=entry.text_field,
            id=entry.id_field,
            question=entry.question_field,
            reasoning=entry.reasoning_field,
            tokens=entry.tokens_field,
            stop=entry.stop_field,
            rewards=dict(entry.rewards),
        )
        files, found = _files(work, entry), loaded.found[entry.task]
        score(files, found, out, model=entry.label, form=entry.format, fields=fields, trust_ids=entry.trust_ids)
    return Filled(cell=cell, run=out)


def _files(work: Work, entry: RecordedEntry) -> list[Path]:
    found = []
    for text in entry.files:
        pattern = work.path(text.replace("{night}", work.night))
        matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  the pattern may be absolute
        if not matches:
            raise BadInput(f"{pattern} matches no file tonight")
        found += [Path(match) for match in matches]
    return found


def _scan(work: Work, corpus: CorpusEntry, benchmarks: list[Benchmark]) -> Path:
    """Scan into a folder named after what the result depends on, so that an unchanged corpus is not scanned again."""
    paths = [work.path(path) for path in corpus.paths]
    files = [Path(f) for path in paths for f in sorted(glob.glob(path, recursive=True))]  # noqa: PTH207
    if not files:
        raise BadInput(f"{', '.join(paths)} match no file")
    stats = [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    told = repr((stats, corpus.fields, [(b.task.name, b.fingerprint) for b in benchmarks]))
    out = work.out / "scans" / f"{corpus.name}-{hashlib.blake2b(told.encode(), digest_size=6).hexdigest()}"
    if not (out / "scan.json").exists():
        work.say(f"scan   {corpus.name}")
        summary = registry.load("contamination", "scan")(
            benchmarks, paths, out, fields=corpus.fields, resume=True, say=work.say, progress=lambda *_: None
        )
        if summary.failed:
            raise BadInput(f"{summary.failed[0][0]} could not be scanned: {summary.failed[0][1]}")
    return out


def folder_of(cell: Cell) -> str:
    """Name of a cell's run folder: readable, and different for different cells."""
    label, task, budget = cell
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in label).strip(".-")[:60] or "model"
    text = f"{plain}.{task}" + ("" if budget is None else f".{budget}")
    return text if plain == label else f"{text}.{hashlib.blake2b(label.encode(), digest_size=3).hexdigest()}"


def said(error: Exception) -> str:
    """First line of an error, with its kind where it is none of ours."""
    text = (str(error).splitlines() or [""])[0][:300]
    return text if isinstance(error, RarlEvalError) else f"{type(error).__name__}: {text}"


def shown(cell: Cell) -> str:
    """Name a cell for people."""
    return f"{cell[0]} on {cell[1]}" + ("" if cell[2] is None else f" at {cell[2]:,} tokens")
