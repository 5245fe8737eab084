"""The seam of the formats that are read here: what a row looks like, what it becomes, what lies around its file.

One file a format; the registry's table lists them. A row that holds no output is unread, counted and named, and the
others are read. Nothing of a row is kept but what its format says of it: a text is stored once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import Numbered
from rarl_eval.importers.outputs import (
    Fields,
    Log,
    Output,
    Unreadable,
    clean,
    count,
    names,
    number,
    score_of,
    text_of,
    value_at,
)

Row = Mapping[str, Any]


def _as_it_is(output: Output) -> Output:
    return output


@dataclass(frozen=True, kw_only=True)
class Around:
    """What the files and folders around a log say of it."""

    settings: dict[str, Any] = field(default_factory=dict)
    reported: dict[str, float] = field(default_factory=dict)
    complete: Callable[[Output], Output] = _as_it_is
    """Adds to an output what they know of it: a prompt, scores, the model's name."""


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """A format: how its rows are recognised, and what each becomes."""

    name: str
    what: str
    """What a file is not, when this format was asked for: ``NAME: its rows have no FIELDS``."""
    recognises: Callable[[Row], bool]
    """Whether a file is of this format, by its first row."""
    output: Callable[[Row], Iterable[Output]]
    """The outputs of a row, one for each text; raises BadInput saying what a row lacks."""
    parts: Callable[[Row], Iterable[Row]] | None = None
    """Rows that a row holds, where a whole log is one object."""
    around: Callable[[Path, Row], Around] | None = None
    """What lies around a file, given its first row."""
    main: Callable[[Path], Path | None] | None = None
    """The file (absolute) whose outputs a file of this format holds once more, where there is one."""


def read(form: Shipped, path: Path, rows: Iterator[Numbered], fields: Fields) -> Log:
    """Open a file of the format; raises BadInput for one that has no rows, or whose first is no row of it."""
    first = next(rows, None)
    if first is None:
        raise BadInput(f"{path} holds no rows")
    if not form.recognises(first[1]):
        raise BadInput(f"{path} is no {form.what} ({names(first[1])})")
    around = form.around(path, first[1]) if form.around else Around()
    unread: list[Unreadable] = []
    return Log(
        harness=form.name,
        outputs=_outputs(form, path, _unfolded(form, first, rows), fields, around, unread),
        settings=around.settings,
        reported=around.reported,
        unread=unread,
    )


def _unfolded(form: Shipped, first: Numbered, rest: Iterator[Numbered]) -> Iterator[tuple[str, Row]]:
    """Yield each row with what it is called."""
    for line, row in _again(first, rest):
        if form.parts is None:
            yield f"row {line}", row
        else:
            yield from ((f"row {line} part {place}", part) for place, part in enumerate(form.parts(row), start=1))


def _again(first: Numbered, rest: Iterator[Numbered]) -> Iterator[Numbered]:
    yield first
    yield from rest


def _outputs(
    form: Shipped,
    path: Path,
    rows: Iterable[tuple[str, Row]],
    fields: Fields,
    around: Around,
    unread: list[Unreadable],
) -> Iterator[Output]:
    for position, (called, row) in enumerate(rows):
        where = f"{path} {called}"
        try:
            made = list(form.output(row))
        except BadInput as error:
            unread.append(Unreadable(where, str(error)))
            continue
        place = partial(msgspec.structs.replace, where=where, position=position)
        for repeat, output in enumerate(made):
            whole = around.complete(overlaid(output, row, fields))
            yield place(whole, repeat=repeat, answers=_read_out(whole))


def _read_out(output: Output) -> dict[str, str]:
    """Return the answers that were read out of the text; the whole text is none, and is stored once."""
    return {name: read for name, read in output.answers.items() if read != output.text}


def overlaid(output: Output, row: Row, fields: Fields) -> Output:
    """Return the output with what the user's own options name in its row."""
    texts = {"item_id": fields.id, "gold": fields.gold, "question": fields.question, "reasoning": fields.reasoning,
             "stop": fields.stop}  # fmt: skip
    found: dict[str, Any] = {name: text_of(value_at(row, where)) for name, where in texts.items() if where}
    if fields.tokens:
        generated = count(value_at(row, fields.tokens))
        counted = None if generated is None else "recorded"
        found["tokens"] = msgspec.structs.replace(output.tokens, completion=generated, counted_by=counted)
    if fields.score:
        found["scores"] = {clean(fields.score): score_of(value_at(row, fields.score))}
    if fields.rewards:
        found["rewards"] = {clean(name): number(value_at(row, where)) for name, where in fields.rewards.items()}
    return msgspec.structs.replace(output, **found) if found else output


def beside_tree(path: Path, mine: str, theirs: str) -> Path | None:
    """Return the file of the same name in the other half of a tree, where there is one.

    ``predictions/m/gsm8k.json`` and ``results/m/gsm8k.json``.
    """
    whole = path.absolute()
    root = next((parent for parent in whole.parents if parent.name == mine), None)
    file = root.parent / theirs / whole.relative_to(root) if root else None
    return file if file is not None and file.is_file() else None
