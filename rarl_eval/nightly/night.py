"""A night: ask, score, scan, report, hold against the history, say so; killed at any moment, it goes on.

``nightly`` does it all for one TOML file (docs/nightly.md). Not here: what its keys mean (config), the statistics
(gate) and what is written (outputs).
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import read_scan
from rarl_eval.files.atomic import alone
from rarl_eval.files.webhook import notify
from rarl_eval.models.budget import Meter
from rarl_eval.nightly import cells, history, outputs, rewarded, watched
from rarl_eval.nightly.cells import Work
from rarl_eval.nightly.config import ModelEntry, read_config
from rarl_eval.nightly.outcome import NightOutcome, conclude
from rarl_eval.report.build import build_report
from rarl_eval.report.write import write_report
from rarl_eval.runs import store
from rarl_eval.site import build_site


def nightly(file: Path, night: str | None = None, *, say: Callable[[str], None]) -> NightOutcome:
    """Do the night that ``file`` describes; ``night`` names it, by default the date in UTC.

    Runs, report, site, summary.md and junit.xml lie in the file's ``out``; the history gets the night last, so that
    a night that was killed goes on when it is done again under its name. Raises BadInput for a file that cannot be
    used, for a night that is finished, and while another process is at work in ``out``.
    """
    config = read_config(file)
    out = file.parent / config.out
    with ExitStack() as held:
        try:
            held.enter_context(alone(out / "nightly.lock", f"another night is at work in {out}; wait for it to end"))
        except OSError as error:
            raise BadInput(f"{out} cannot be written to: {error}; choose another out") from error
        name = _night(night, out / "history")
        work = Work(config=config, file=file, night=name, out=out, say=say)
        tasks = cells.check_names(work)
        outcome = _do(work, cells.load(work, tasks))
        outputs.append_step_summary(outcome)
        if outcome.results:  # a night of trainings alone has no cell: what is known of those lies in trainings/
            history.append(out / "history", outcome.results, outcome.items)
    if config.webhook:
        notify(config.webhook, outputs.payload(outcome), say)
    return outcome


def check_file(file: Path) -> str:
    """Check a nightly file and the names in it without asking anything; return what it would do, in words."""
    config = read_config(file)
    work = Work(config=config, file=file, night="check", out=file.parent / config.out, say=lambda _: None)
    tasks = cells.check_names(work)
    asked = sum(1 for model in config.model for _ in _slots(work, model))
    count = asked + len(config.recorded)
    told = f"{count} cells, {len(tasks)} tasks, {len(config.corpus)} corpora, {len(config.reward)} rewards"
    return f"{told}, {len(config.training)} trainings" if config.training else told


def _do(work: Work, loaded: cells.Loaded) -> NightOutcome:
    started = datetime.now(UTC).isoformat(timespec="seconds")
    meter = Meter(budget=work.config.caps)
    _count_before(work, meter)
    filled = [*cells.ask(work, loaded, meter), *cells.score_recorded(work, loaded)]
    scans, failures = cells.scan_corpora(work, loaded)
    failures += rewarded.add_rewards(work, filled)
    alarms, unwatched = watched.watch_trainings(work)
    report = build_report(
        (store.open_run(cell.run) for cell in filled if cell.run), [read_scan(path) for path in scans]
    )
    outcome = conclude(
        work.night,
        started,
        filled,
        report,
        work.out / "history",
        work.config.gate,
        base=work.file.parent,
        failures=[*failures, *unwatched],
        alarms=alarms,
    )
    if report["rows"]:
        write_report(report, work.out / "report")
        if work.config.site:
            build_site(
                [work.out / "report"],
                work.out / "site",
                runs=[cell.run for cell in filled if cell.run],
                scans=scans,
                # The history gets this night last, once all else is done: the site shows the nights before it.
                history=work.out / "history" if history.nights(work.out / "history") else None,
                say=work.say,
            )
    outputs.write_outputs(outcome, {"night": work.out / "nights" / work.night, "latest": work.out})
    return outcome


def _count_before(work: Work, meter: Meter) -> None:
    """Count what an earlier session of this night has spent already."""
    prices = {cells.folder_of((m.name, t, b)): m.charged for m in work.config.model for t, b in _slots(work, m)}
    for folder, price in prices.items():
        if (work.runs / folder / "manifest.json").exists():
            for record in store.open_run(work.runs / folder).records:
                meter.calls += 1
                meter.add(record.trace, price)


def _slots(work: Work, model: ModelEntry) -> Iterator[tuple[str, int | None]]:
    budgets: list[int | None] = [*model.budgets] or [None]
    for task in cells.tasks_of(work, model):
        for budget in budgets:
            yield task.name, budget


def _night(given: str | None, folder: Path) -> str:
    """Check the name given, or take today's; a second night of one day gets a number."""
    finished = set(history.nights(folder))
    if given is not None:
        if not given or given[0] == "." or not all(c.isalnum() or c in "-_." for c in given):
            raise BadInput(f"--night {given!r} may hold letters, digits, - _ . only, and not begin with a point")
        if given in finished:
            raise BadInput(f"the night {given} is finished and in {folder}; give another --night")
        return given
    today = datetime.now(UTC).date().isoformat()
    names = [today, *(f"{today}.{i:02}" for i in range(2, 100))]
    return next(name for name in names if name not in finished)
