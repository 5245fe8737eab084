"""Pages of watched trainings: reward and truth over steps, what pays without being true, and the rollouts of each step.

A page of its own for each training and for each step whose texts were kept; linked from its model. Not here: watching
(training) and drawing (lines).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from rarl_eval.leaderboards import tables
from rarl_eval.leaderboards.boards import Board
from rarl_eval.leaderboards.columns import Cell, SiteColumn, plain, with_interval
from rarl_eval.leaderboards.frame import Files, Site, downloads, methods_files, page
from rarl_eval.leaderboards.lines import Mark, StepLine, over_steps
from rarl_eval.leaderboards.names import slugs
from rarl_eval.leaderboards.report import Report
from rarl_eval.leaderboards.tables import SiteTable
from rarl_eval.leaderboards.templating import asset, environment
from rarl_eval.report.figures import amount, count, percent, points
from rarl_eval.training.figures import StepFigures
from rarl_eval.training.present import headline, sentences
from rarl_eval.training.reading import trainings_of
from rarl_eval.training.seen import Seen
from rarl_eval.training.store import kept, kept_steps
from rarl_eval.training.watch import FILE, Watching

MOST_STEPS = 240
"""Steps with a line in the table and a page of rollouts; of more, evenly chosen ones with the first and the last."""
STATIC = ("site.css", "site.js", "shared.js", "tips.js", "icon.svg")


@dataclass(frozen=True)
class Given:
    """A training with the model it is said to be of; its name is the folder's where nobody said."""

    model: str
    folder: Path
    found: Watching


def named(given: Sequence[Given]) -> dict[str, Given]:
    """Give each training a file name: its model's, or model's and number where it has several."""
    models = [one.model for one in given]
    names = [m if models.count(m) == 1 else f"{m} {models[: i + 1].count(m)}" for i, m in enumerate(models)]
    found = slugs(names)
    return {found[name]: one for name, one in zip(names, given, strict=True)}


def given_trainings(options: Sequence[str]) -> list[Given]:
    """Read the trainings that ``MODEL=DIR`` name."""
    return [Given(*one) for one in trainings_of(options)]


def render(trainings: Sequence[str]) -> Files:
    """Yield the files of a site of trainings alone, each ``MODEL=DIR``."""
    given = given_trainings(trainings)
    board = Board(title="Trainings watched", columns=())
    site = Site.of(Report(rows=(), scans=(), created_by=()), board, environment(None), None, home="Trainings")
    yield from training_pages(site, given)
    yield from methods_files(site)
    for name in STATIC:
        yield f"static/{name}", asset(name, None)
    yield page(site, "index.html", "trainings.html", trainings=listed(given))


def listed(given: Sequence[Given]) -> list[tuple[str, str, str, str]]:
    """Kind, address from the root, model and headline of each training, for lists of them."""
    return [
        ("inflated" if one.found.alarms else "holds", f"trainings/{slug}.html", one.model, headline(one.found))
        for slug, one in named(given).items()
    ]


def training_pages(site: Site, given: Sequence[Given]) -> Files:
    """Yield the page of each training and of each of its steps, with its figures as downloads."""
    for slug, one in named(given).items():
        steps = _chosen(one.found.steps)
        paged = _with_texts(one, steps)
        table = _table(slug, one.found, steps, {step.step for step in paged})
        yield page(
            site,
            f"trainings/{slug}.html",
            "training.html",
            root="../",
            name=one.model,
            model_href=site.model_href(one.model, "../") if one.model in site.model_slugs else "",
            found=one.found,
            said=[*sentences(one.found)],
            alarms=len(one.found.alarms),
            drawings=list(_drawings(one.found)),
            table=table,
            exploits=one.found.exploits,
        )
        yield from downloads(table)
        yield from _step_pages(site, slug, one, paged)


def _chosen(steps: Sequence[StepFigures]) -> list[StepFigures]:
    if len(steps) <= MOST_STEPS:
        return list(steps)
    return [steps[round(i * (len(steps) - 1) / (MOST_STEPS - 1))] for i in range(MOST_STEPS)]


def _store(one: Given) -> Path:
    return (one.folder if one.folder.is_dir() else one.folder.parent) / FILE


def _with_texts(one: Given, steps: Sequence[StepFigures]) -> list[StepFigures]:
    """Return the steps whose texts were kept; none where only training.json is there."""
    store = _store(one)
    held = set(kept_steps(store)) if store.exists() else set()
    return [step for step in steps if step.step in held]


def _step_pages(site: Site, slug: str, one: Given, steps: Sequence[StepFigures]) -> Files:
    files = [f"{_file(step.step)}.html" for step in steps]
    for at, step in enumerate(steps):
        rows = sorted(kept(_store(one), step.step), key=lambda row: (row.group, row.place))
        yield page(
            site,
            f"trainings/{slug}/{files[at]}",
            "training_step.html",
            root="../../",
            name=one.model,
            up=f"../{slug}.html",
            step=step.step,
            before=files[at - 1] if at else "",
            after=files[at + 1] if at + 1 < len(files) else "",
            figures=step,
            rows=[_shown(row) for row in rows],
        )


def _file(step: int | None) -> str:
    return "step-none" if step is None else f"step-{step}"


def _shown(row: Seen) -> tuple[str, str, str, str, str, str]:
    """Kind, truth, reward, length, place, and texts of a rollout."""
    kind, truth = ("none", row.status) if row.truth is None else ("good", "true") if row.truth else ("bad", "false")
    reward = "no reward" if row.reward is None else f"reward {row.reward:g}"
    ended = "" if row.stop is None else f", ended by {row.stop}"
    return kind, truth, f"{reward}, {row.length:,} characters{ended}", row.place, row.asked or "", row.shown or ""


def _drawings(found: Watching) -> Iterator[tuple[str, Markup, str]]:
    """Yield title, drawing and what it shows, of each figure that is known."""
    known = [step for step in found.steps if step.step is not None]
    steps = [step.step for step in known if step.step is not None]
    truth = [step.truth for step in known]
    low, high = [t.low if t else None for t in truth], [t.high if t else None for t in truth]
    paid = [None if s.reward is None else found.scale.share(s.reward) for s in known]
    values = [t.value if t else None for t in truth]
    ends = _ends(paid, "reward"), _ends(values, "truth")
    parted, longer, fell = (_marks(found, name) for name in ("reward less truth", "length without truth", "truth fell"))
    scaled = f"the mean reward on its scale of {found.scale.low:g} to {found.scale.high:g}"
    drawn = [
        ("Reward and truth", [StepLine("truth", values, low, high), StepLine("reward", paid)], [*parted, *fell], _whole,
         f"Per cent: {scaled}, and the share of true answers with its 95 % interval.", " ".join(ends)),
        ("Reward less truth", [StepLine("difference", [s.less_truth for s in known])], parted, _signed,
         "Points, over rollouts that have both; what the first watch bets on.", ""),
        ("Paid though false, and unpaid though true",
         [StepLine("false pass", [s.false_pass for s in known]), StepLine("false fail", [s.false_fail for s in known])],
         (), _whole, "Per cent of the false answers, and of the true ones.", ""),
        ("Length",
         [StepLine("length", [s.length for s in known]), StepLine("reasoning", [s.reasoning for s in known])], longer,
         _short, "Mean characters of an answer, and of its reasoning where it is marked.", ""),
        ("Groups that teach nothing", [StepLine("equal", [s.equal for s in known])], (), _whole,
         "Per cent of the groups whose rewards are all equal.", ""),
    ]  # fmt: skip
    for title, lines, marks, form, note, more in drawn:
        made = over_steps(f"{title} over {len(steps)} steps. {more}".strip(), steps, lines, list(marks), form)
        if made:
            yield title, made, note


def _ends(values: Sequence[float | None], name: str) -> str:
    some = [value for value in values if value is not None]
    return f"{name.capitalize()} from {percent(some[0])} % to {percent(some[-1])} %." if some else ""


def _whole(share: float) -> str:
    return f"{100 * share:.4g}"


def _signed(share: float) -> str:
    return f"{100 * share:+.4g}" if share else "0"


def _short(value: float) -> str:
    return f"{value:,.6g}"


def _marks(found: Watching, watch: str) -> list[Mark]:
    marks = []
    for onset in found.alarms:
        if onset.watch == watch and onset.alarm is not None:
            marks.append(Mark(onset.alarm, f"alarm {onset.alarm}", "alarm"))
            if onset.began is not None and onset.began != onset.alarm:
                marks.append(Mark(onset.began, f"began {onset.began}", "began"))
    return marks


def _table(slug: str, found: Watching, steps: Sequence[StepFigures], pages: set[int | None]) -> SiteTable:
    def head(one: StepFigures) -> Cell:
        text = "no step" if one.step is None else count(one.step)
        return Cell(text, kind="h", href=f"{slug}/{_file(one.step)}.html" if one.step in pages else "")

    columns: list[SiteColumn[StepFigures]] = [
        SiteColumn("step", "Step", head, lambda s: {"step": s.step}),
        plain("rollouts", "Rollouts", lambda s: s.rollouts, count),
        plain("reward", "Reward", lambda s: s.reward, lambda v: f"{v:.3g}"),
        with_interval("truth", "Truth,\u00a0%", lambda s: s.truth, percent),
        plain("less_truth", "Reward less truth,\u00a0pts", lambda s: s.less_truth, points),
        plain("false_pass", "False pass,\u00a0%", lambda s: s.false_pass, percent, "Reward"),
        plain("false_fail", "False fail,\u00a0%", lambda s: s.false_fail, percent, "Reward"),
        plain("length", "Characters", lambda s: s.length, amount, "Length"),
        plain("cut", "Cut off,\u00a0%", lambda s: s.cut, percent, "Length"),
        plain("loops", "Loops,\u00a0%", lambda s: s.loops, percent, "Length"),
        plain("no_answer", "No answer,\u00a0%", lambda s: s.no_answer, percent),
        plain("equal", "All equal,\u00a0%", lambda s: s.equal, percent, "Groups"),
        plain("answers", "Answers", lambda s: s.answers, lambda v: f"{v:.1f}", "Groups"),
        plain("texts", "Texts", lambda s: s.texts, lambda v: f"{v:.1f}", "Groups"),
    ]
    every = tables.table(f"steps-{slug}", "By step", columns, found.steps, f"data/trainings/{slug}")
    if len(steps) == len(found.steps):
        return every
    note = f"{len(steps)} of {len(found.steps):,} steps, evenly chosen; all of them stand in the downloads."
    shown = tables.table(every.id, every.caption, columns, steps, every.data)
    return SiteTable(
        shown.id, shown.caption, shown.columns, shown.groups, shown.rows, every.data, every.records, (note,)
    )
