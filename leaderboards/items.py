"""Pages of items: a list for each task, and for each item what was asked, what is right, and every answer to it.

An item's page has all models' answers below one another; ``#m-MODEL`` in its address opens one of them. Texts too
long for the page stand whole in ``data/items/TASK/ITEM.js``, verdicts of all items in ``data/items/TASK.js``: classic
scripts that only assign data, since nothing else can be read from ``file://``.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup, escape

from rarl_eval.data.calling import prompt_of
from rarl_eval.errors import Fault
from rarl_eval.leaderboards import tables
from rarl_eval.leaderboards.columns import Cell, SiteColumn, plain
from rarl_eval.leaderboards.evidence import sights
from rarl_eval.leaderboards.frame import Files, Site, downloads, page, script
from rarl_eval.leaderboards.names import shortened, shown_block, slugs
from rarl_eval.leaderboards.report import SiteRow
from rarl_eval.leaderboards.samples import AnswerShown, answer, clipped, room, texts
from rarl_eval.leaderboards.sources import Answered, Sources
from rarl_eval.leaderboards.tally import CODES, NOT_ASKED, ItemLine, Tally
from rarl_eval.report import figures
from rarl_eval.types import Item, Task

LIST_ROWS = 500
"""Items on one page of a list."""

QUESTION_CHARACTERS = 110
"""Of a question in a list."""

ASKED_CHARACTERS = 40_000
"""Of a question, a passage or a prompt on an item's page."""


def item_pages(site: Site, sources: Sources, task: str, tally: Tally) -> Files:
    """Yield the page of each item of a task, and fill its tally on the way."""
    items = sources.asked(task)
    names = _names(items)
    slug_of = slugs(names.values())
    order = [slug_of[name] for name in names.values()]
    known = sources.task(task)
    for at, answered in enumerate(sources.answered(task, items)):
        name = names[answered.key]
        tally.add(
            ItemLine(
                key=answered.key,
                slug=order[at],
                name=name,
                question=shortened(" ".join(answered.item.question[:500].split()), QUESTION_CHARACTERS),
                status=answered.status,
                group=answered.item.group,
            ),
            answered.records,
        )
        place = _Place(name, at, order)
        yield from _item_page(site, task, answered, place, _prompt(known, answered.item), tally)


@dataclass(frozen=True)
class _Place:
    """An item among its neighbours."""

    name: str
    at: int
    order: Sequence[str]

    @property
    def slug(self) -> str:
        return self.order[self.at]

    def neighbour(self, step: int) -> str | None:
        at = self.at + step
        return f"{self.order[at]}.html" if 0 <= at < len(self.order) else None


def _names(items: Mapping[str, Item]) -> dict[str, str]:
    """Name each item by its id, and by its key's beginning too where several share the id."""
    ids = Counter(item.id for item in items.values())
    return {key: item.id if ids[item.id] == 1 else f"{item.id} {key[:8]}" for key, item in items.items()}


def _prompt(task: Task | None, item: Item) -> str:
    asked = prompt_of(task, item) if task else ()
    return "" if isinstance(asked, Fault) else "\n\n".join(f"[{m.role}] {m.content}" for m in asked)


def _item_page(site: Site, task: str, answered: Answered, place: _Place, prompt: str, tally: Tally) -> Files:
    item = answered.item
    shown, whole = _answers(answered, tally)
    slug = site.task_slugs[task]
    path = f"items/{slug}/{place.slug}.html"
    data = f"data/items/{slug}/{place.slug}.js"
    yield page(
        site,
        path,
        "item.html",
        root="../../",
        scripts=("items.js",),
        task=task,
        task_href=site.task_href(task, "../../"),
        list_href=site.items_href(task, "../../"),
        name=place.name,
        position=place.at + 1,
        items=len(place.order),
        before=place.neighbour(-1),
        after=place.neighbour(1),
        key=answered.key,
        status=answered.status,
        asked=_asked(item, prompt),
        choices=item.choices,
        gold=escape(shown_block(item.gold[:ASKED_CHARACTERS])),
        evidence=sights(item, answered.found),
        answers=Markup("".join(one.markup for one in shown)),  # noqa: S704  samples.py escapes each text
        n_answers=len(shown),
        counts=_counts(shown),
        whole=f"../../{data}" if whole else None,
        whole_name=f"items/{slug}/{place.slug}",
    )
    if whole:
        yield data, script(f"items/{slug}/{place.slug}", whole)


def _answers(answered: Answered, tally: Tally) -> tuple[list[AnswerShown], dict[str, list[str]]]:
    """Write all answers to an item; and return the whole texts of those that are cut, by their place."""
    limit = room([record for records in answered.records.values() for record in records])
    shown: list[AnswerShown] = []
    whole: dict[str, list[str]] = {}
    for row, anchor in zip(tally.rows, tally.anchors, strict=True):
        records = answered.records.get(row.entrant, [])
        for record in records:
            made = answer(record, anchor, row.entrant, several=len(records) > 1, limit=limit)
            shown.append(made)
            if made.cut:
                whole[made.anchor] = texts(record)
    return shown, whole


def _asked(item: Item, prompt: str) -> list[tuple[str, Markup, str]]:
    """Name, text and kind of each thing that was asked: open ones stand there, folded ones open on a click."""
    parts = [
        ("Context", item.context, "open"),
        ("Question", item.question, "open"),
        ("Worked solution", item.solution or "", "folded"),
        ("Tests", item.tests or "", "folded"),
        ("Prompt as it was put", prompt, "folded"),
    ]
    return [(name, Markup(clipped(text, ASKED_CHARACTERS)), kind) for name, text, kind in parts if text]  # noqa: S704


def _counts(answers: Sequence[AnswerShown]) -> str:
    found = Counter(one.verdict for one in answers)
    return ", ".join(f"{n:,} {name}" for name, n in sorted(found.items(), key=lambda x: (-x[1], x[0])))


def list_pages(site: Site, task: str, tally: Tally) -> Files:
    """Yield the list of a task's items, page by page, with its downloads and its verdicts as a script."""
    slug = site.task_slugs[task]
    columns = _list_columns(slug, tally)
    numbers = range(len(tally.lines))
    whole = tables.table(f"items-{slug}", f"Items of {shortened(task)}", columns, list(numbers), f"data/items/{slug}")
    chunks = range(0, len(whole.rows), LIST_ROWS)
    paths = [f"items/{slug}.html" if not n else f"items/{slug}~{n + 1}.html" for n in range(len(chunks))]
    for number, (path, start) in enumerate(zip(paths, chunks, strict=True)):
        yield page(
            site,
            path,
            "items.html",
            root="../",
            scripts=("items.js",),
            name=task,
            task_href=site.task_href(task, "../"),
            table=replace(whole, rows=whole.rows[start : start + LIST_ROWS]),
            pages=[other.removeprefix("items/") for other in paths],
            number=number + 1,
            items=len(whole.rows),
            shard=f"items/{slug}",
        )
    yield from downloads(whole)
    yield f"data/items/{slug}.js", script(f"items/{slug}", verdicts(tally))


def _list_columns(slug: str, tally: Tally) -> list[SiteColumn[int]]:
    lines = tally.lines
    right = [sum(letters[i] in "RMP" for letters in tally.letters) for i in range(len(lines))]
    asked = [sum(letters[i] != NOT_ASKED for letters in tally.letters) for i in range(len(lines))]

    def text(key: str, label: str, get: Callable[[ItemLine], str], *, head: bool = False) -> SiteColumn[int]:
        def cell(i: int) -> Cell:
            href = f"{slug}/{lines[i].slug}.html" if head else ""
            return Cell(shortened(get(lines[i]), 120), kind="h" if head else "t", href=href)

        return SiteColumn(key, label, cell, lambda i: {key: get(lines[i])}, text=True)

    return [
        text("item", "Item", lambda x: x.name, head=True),
        text("question", "Question", lambda x: x.question),
        text("contamination", "Scans say", lambda x: x.status),
        plain("right", "Models right", lambda i: right[i], figures.count),
        plain("asked", "of", lambda i: asked[i], figures.count),
    ]


def verdicts(tally: Tally) -> dict[str, Any]:
    """Return what a list and a comparison choose from: items, and a letter for each entrant and item."""
    names = [{"name": shortened(row.model), "run": shortened(row.shown_run, 40)} for row in tally.rows]
    return {
        "codes": CODES,
        "items": [[x.slug, shortened(x.name), x.question, x.status] for x in tally.lines],
        "models": [
            {**name, "anchor": anchor, "codes": "".join(letters)}
            for name, anchor, letters in zip(names, tally.anchors, tally.letters, strict=True)
        ],
    }


def anchors(site: Site, rows: Sequence[SiteRow]) -> list[str]:
    """Name the place of each row's answers on a page; ``~`` is in no file name, so that no two are alike."""
    runs = slugs(row.shown_run for row in rows)
    return [f"m-{site.model_slugs[row.model]}" + (f"~{runs[row.shown_run]}" if row.shown_run else "") for row in rows]
