"""A part of a benchmark that grows: one of its releases, several, or the items of a span of dates; another edition.

What stands behind the ``@`` of a task's name: ``v6`` is what the sixth release added, ``v4_v6`` what three added,
``release_v6`` all up to it, as LiveCodeBench's version tags have it; ``2025-01:2025-05`` are the items from the first
of January to the end of May. Either end may be a day, or be left out.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from rarl_eval.errors import BadInput
from rarl_eval.types import Item, Row, Source, Task

_RELEASE = re.compile(r"(?P<all>release_)?v(?P<first>[0-9]{1,3})(?:_v(?P<last>[0-9]{1,3}))?")
_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>[0-9]{2}))?")


def part_of(whole: Task, name: str) -> Task:
    """Return the task that ``NAME@WINDOW`` means; BadInput where the benchmark has no parts."""
    if whole.window is None:
        raise BadInput(f"--task {name!r}: {whole.name} has no parts to choose; leave out what follows the @")
    return whole.window(name.partition("@")[2])


def variant(whole: Task, others: Mapping[str, Source], text: str) -> Task:
    """Return the task of another edition of a benchmark, by its name: ``hmmt_feb@2025``.

    Raises BadInput where there is none of that name.
    """
    if text not in others:
        raise BadInput(f"{whole.name}@{text}: there is no such edition; known: {', '.join(sorted(others))}")
    return replace(whole, name=f"{whole.name}@{text}", source=others[text], shots=None, window=None)


def window(whole: Task, text: str) -> Task:
    """Return the task of a part of ``whole``, whose releases are the files of its source and whose items have dates.

    Raises BadInput for what names no part.
    """
    name = f"{whole.name}@{text}"
    if release := _RELEASE.fullmatch(text):
        return _released(whole, name, release)
    start, colon, end = text.partition(":")
    if not colon or not (start or end):
        raise BadInput(f"{name}: {text!r} is no release (v6, v4_v6, release_v6) and no span of dates (2025-01:2025-05)")
    days = _day(name, start, last=False) or "0000", _day(name, end, last=True) or "9999"
    if days[0] > days[1]:
        raise BadInput(f"{name} begins on {days[0]}, after its end on {days[1]}")
    local = (*whole.source.local, f"{whole.domain}/{whole.name}.jsonl", f"{whole.name}.jsonl")
    source = replace(whole.source, local=local, known=())
    return replace(whole, name=name, source=source, item=partial(_within, whole, *days), window=None)


def _released(whole: Task, name: str, release: re.Match[str]) -> Task:
    last = int(release["last"] or release["first"])
    first = 1 if release["all"] else int(release["first"])
    files = whole.source.files
    if not 1 <= first <= last <= len(files) or (release["all"] and release["last"]):
        raise BadInput(f"{name}: there are releases 1 to {len(files)}: v{len(files)}, v1_v2, release_v{len(files)}")
    chosen = files[first - 1 : last]
    local = (f"{whole.domain}/{whole.name}/{chosen[0]}",) if len(chosen) == 1 else ()
    return replace(whole, name=name, source=replace(whole.source, files=chosen, local=local, known=()), window=None)


def _day(name: str, text: str, *, last: bool) -> str:
    """Return a day as text; of a month the first or the last, and nothing for nothing."""
    if not text:
        return ""
    found = _DATE.fullmatch(text)
    if found is None or found["year"] == "0000":
        raise BadInput(f"{name}: {text!r} is no date such as 2025-01 or 2025-01-31")
    length = monthrange(int(found["year"]), int(found["month"]))[1]
    if found["day"] and not 1 <= int(found["day"]) <= length:
        raise BadInput(f"{name}: {text!r} is no day of that month, which has {length}")
    return text if found["day"] else f"{text}-{length if last else 1:02}"


def _within(whole: Task, first: str, last: str, row: Row) -> Item | None:
    """Read an item that became public between two days, both included; None for another."""
    item = whole.item(row)
    return item if item is not None and item.released is not None and first <= item.released <= last else None
