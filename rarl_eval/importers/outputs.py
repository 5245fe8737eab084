"""What an importer reads: one Output per text a model wrote, and what its log says of the whole.

Also the small readings that all importers share: texts in nested lists, numbers that may be strings, a dotted path.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import large_json, lines, parse_json
from rarl_eval.types import Record, Tokens

Format = Literal["auto", "jsonl", "lm-eval", "inspect", "lighteval", "eee", "rarl-eval"]


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """Which field means what; None is found out. A dotted name reaches into objects and lists: ``choices.0.text``."""

    text: str | None = None
    id: str | None = None
    gold: str | None = None
    question: str | None = None
    reasoning: str | None = None
    tokens: str | None = None
    stop: str | None = None
    score: str | None = None
    """Field of the score that the rows' own harness gave."""
    rewards: dict[str, str] = {}
    """Reward name to the field of its recorded score."""
    filter: str | None = None
    """Which of a log's filters, or scores, is its headline; None is the log's own first."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded text, before it is matched to an item."""

    text: str
    where: str = ""
    """File and row, for messages."""
    position: int = 0
    """Row position in its file, from 0, demonstrations and blank lines included."""
    row: dict[str, Any] = {}
    item_id: str | None = None
    number: str | None = None
    """The row's number in its log's own data; it proposes an item only where the row holds no text of its question."""
    named: bool = False
    """Whether ``item_id`` was chosen by whoever asked, as a batch's are, and not counted by a program."""
    vouched: bool = False
    """Whether the user named the field of ``item_id`` (``--id-field``), and it is a name and no number."""
    gold: str | None = None
    question: str | None = None
    prompt: str | None = None
    """Everything the model was shown, where the question stands in it somewhere."""
    choices: tuple[str, ...] = ()
    """Options in the order in which the log shows them; its letters are read by it."""
    context: str | None = None
    inside: bool = False
    """Whether the prompt had already opened the reasoning: a text without a closing marker is all reasoning."""
    reasoning: str | None = None
    model: str | None = None
    tokens: Tokens = Tokens()
    stop: str | None = None
    seconds: float | None = None
    error: str | None = None
    """Why the call failed; such an output is kept and never judged."""
    rewards: dict[str, float | None] = {}
    scores: dict[str, float | None] = {}
    """What the other harness said of this text: score name to value, 1 for right and 0 for wrong."""
    answers: dict[str, str] = {}
    """What the other harness read as its final answer, by score name."""
    repeat: int = 0
    """Which of several texts of one row."""
    recorded: Record | None = None
    """The record itself, where the file is this program's own export."""


class Unreadable(msgspec.Struct, frozen=True):
    """A row that its reader's own code failed on."""

    where: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Log:
    """A file of outputs, and what it says of all of them."""

    harness: str
    """``lm-eval``, ``inspect``, ``lighteval``, ``eee``, ``rarl-eval`` or ``jsonl`` for rows of no known harness."""
    outputs: Iterator[Output]
    settings: dict[str, Any] = field(default_factory=dict)
    """Version, model arguments, sampling: what the harness wrote down."""
    reported: dict[str, float] = field(default_factory=dict)
    """The harness's own totals, by score name."""
    unread: list[Unreadable] = field(default_factory=list)
    """Rows that a user's reader failed on; filled while outputs are read."""


def read_object(path: Path) -> dict[str, Any] | None:
    """Return the one object that a JSON file is; None where it is rows, lines or a list."""
    if (found := large_json(path)) is not None:
        return found.whole
    with closing(lines(path)) as every:
        begun = list(islice(every, 2))
        if len(begun) > 1 and all(line.startswith(b"{") and line.endswith(b"}") for _, line in begun):
            return None  # rows, a line each
        content = b"\n".join(line for _, line in chain(begun, every))
    try:
        value = parse_json(path, "as a whole", content)
    except BadInput:
        return None
    return value if isinstance(value, dict) else None


def value_at(row: Mapping[str, Any], name: str) -> Any:
    """Value at a dotted path; a key that itself holds dots wins. None where there is none.

    Numbers count the elements of a list, from 0 or, below 0, from its end: ``messages.-1.content``.
    """
    if name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list | tuple) and _PLACE.fullmatch(part) and -len(value) <= int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def found(row: Mapping[str, Any], names: Iterable[str]) -> str | None:
    """Return the first of ``names`` whose field is there and not null."""
    return next((name for name in names if row.get(name) is not None), None)


def options_of(value: Any) -> tuple[str, ...]:
    """Texts of options: of a list, of an object by letter, of labels beside texts; () where they are letters alone."""
    held = mapping(value)
    if isinstance(held.get("text"), list):
        value = held["text"]
    elif held and all(isinstance(v, str) for v in held.values()):
        value = [held[name] for name in sorted(held)]
    listed = value if isinstance(value, list) else []
    texts = [text_of(mapping(v).get("text")) if isinstance(v, Mapping) else text_of(v) for v in listed]
    if len(texts) < 2 or None in texts:
        return ()
    known = [text for text in texts if text is not None]
    split = [_LETTERED.fullmatch(text) for text in known]
    if all(m is not None and m[1] == chr(65 + n) for n, m in enumerate(split)):
        known = [m[2] for m in split if m is not None]
    return () if all(len(text.strip()) <= 1 and text.strip().isalpha() for text in known) else tuple(known)


def flat(value: Any) -> list[str]:
    """Texts in a string or in nested lists of strings, in order."""
    if isinstance(value, str):
        return [clean(value)]
    return [text for part in value for text in flat(part)] if isinstance(value, list) else []


def element(value: Any, position: int) -> Any:
    """Return an element of a list, None beyond its end and of anything else."""
    return value[position] if isinstance(value, list) and 0 <= position < len(value) else None


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object as it is and anything else as an empty one: logs leave parts out."""
    return value if isinstance(value, Mapping) else {}


def text_of(value: Any) -> str | None:
    """Text of a string or number; None for anything else."""
    return clean(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def number(value: Any) -> float | None:
    """Finite number of a number or truth value; None for anything else, NaN included."""
    return float(value) if isinstance(value, int | float) and abs(value) < math.inf else None


def count(value: Any) -> int | None:
    """Count of an integer, of a whole float (a column with gaps) or of digits (a CSV cell); else None."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        return None
    return int(value) if value == int(value) else None


_PLACE = re.compile(r"-?[0-9]{1,9}")
_LETTERED = re.compile(r"\s*[(\[]?([A-Z])[)\].:]\s*(.*)", re.DOTALL)
_RIGHT = {"c": 1.0, "correct": 1.0, "true": 1.0, "yes": 1.0, "p": 0.5, "i": 0.0, "incorrect": 0.0, "false": 0.0}
_WRONG = {"n": 0.0, "no": 0.0, "wrong": 0.0}


def score_of(value: Any) -> float | None:
    """Score of a number, a truth value or one of the words and letters that harnesses use; None for anything else."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _RIGHT or word in _WRONG:
            return (_RIGHT | _WRONG)[word]
        try:
            return number(float(word))
        except ValueError:
            return None
    return number(value)


def clean(text: str) -> str:
    """Replace lone surrogates, which JSON can spell and UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def plain(value: Any, depth: int = 6) -> Any:
    """Return settings of a log as plain data that any store can hold: text cleaned, numbers finite, depth bounded."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping) and depth:
        return {clean(str(k)): plain(v, depth - 1) for k, v in value.items()}
    if isinstance(value, list | tuple) and depth:
        return [plain(v, depth - 1) for v in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    return number(value) if isinstance(value, int | float) else None


def names(row: Mapping[str, Any]) -> str:
    """Name the first fields of a row, for messages."""
    return "it has " + ", ".join(sorted(map(str, row))[:12])
