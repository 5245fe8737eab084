"""What a recorded row says of the item it answers: question, prompt, gold, options, context.

Its reader names what it knows; of a row without a known layout the usual fields are read, in it and in its ``doc``.
A field that names another version of the question (``original_problem``, ``source_question``) says nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from rarl_eval.identity.turns import last_turn
from rarl_eval.importers.outputs import Output, mapping, options_of, text_of, value_at

QUESTIONS = (
    "question", "problem", "Question", "Problem", "query", "question_text", "problem_text", "problem_statement",
    "question_content", "sent1",
)  # fmt: skip
PROMPTS = (
    "prompt", "input", "full_prompt", "prompt_text", "formatted_prompt", "final_prompt", "model_input", "inputs",
    "user_prompt", "instruction", "messages", "conversation", "conversations",
)  # fmt: skip
GOLDS = (
    "gold", "target", "ground_truth", "gts", "gt", "gold_answer", "gold_label", "reference_answer", "correct_answer",
    "expected_answer", "expected", "answer_key", "answerKey", "reward_model.ground_truth", "extra_info.answer",
)  # fmt: skip
CHOICES = ("choices", "options", "answer_choices")
CONTEXTS = (
    "context", "contexts", "passage", "text", "table", "pre_text", "post_text", "paragraphs", "document", "documents",
    "article", "abstract", "evidence", "background", "case_prompt", "patient_note", "Patient Note", "note", "code",
)  # fmt: skip
_ANSWERS = ("answer", "answer_idx", "answer_index")
"""In a ``doc`` the gold; in the row itself perhaps the model's answer, which proves where it fits, else nothing."""

_FEW = 8
"""Texts in a list of a row that are looked at: turns of a talk, not samples."""
_ANOTHER = re.compile(
    r"(?:^|[_.\-\s])(?:orig|ori|original|source|src|seed|base|parent|old|previous|initial|un(?:perturbed|modified)|"
    r"few_?shots?|examples?|demonstrations?)(?:$|[_.\-\s])",
    re.IGNORECASE,
)


class Said(NamedTuple):
    """What a row says; what it does not say is empty or None."""

    question: str | None = None
    prompt: str | None = None
    """The last turn of the user where turns are marked, else everything the model was shown."""
    gold: Any = None
    """A text, or an integer that counts options from 0; a tuple where any of several counts."""
    hint: Any = None
    """A gold that may be the model's own answer."""
    choices: tuple[str, ...] = ()
    context: str | None = None
    others: tuple[str, ...] = ()
    """Further texts of the row, one of which may be the question where nothing is called so."""

    @property
    def silent(self) -> bool:
        """Whether the row holds no text that could state a question."""
        return self.question is None and self.prompt is None and self.context is None and not self.others


class OfRow(NamedTuple):
    """What the usual fields of a row hold: the same for all texts that stand in it."""

    row: Mapping[str, Any]
    question: str | None
    turn: str | None
    gold: Any
    hint: Any
    choices: tuple[str, ...]
    passages: tuple[str, ...]
    strings: tuple[str, ...]


def said_by(output: Output, known: OfRow | None = None) -> Said:
    """Gather what an output's reader found and what its row's usual fields hold, but for its own text.

    ``known`` is what another output's row holds, which serves where it is the same.
    """
    row = known if known is not None and known.row is output.row else of_row(output.row)
    turn = row.turn if output.prompt is None else last_turn(output.prompt)
    gold = output.gold if output.gold is not None else row.gold
    passages = "\n".join(found for found in row.passages if found != output.text) or None
    return Said(
        question=(output.question if output.question is not None else row.question) or None,
        prompt=None if turn is None or turn == output.text or "{question}" in turn or not turn.strip() else turn,
        gold=gold,
        hint=None if gold is not None else row.hint,
        choices=output.choices or row.choices,
        context=output.context if output.context is not None else passages,
        others=tuple(s for s in row.strings if s != output.text) if output.question is None else (),
    )


def of_row(whole: Mapping[str, Any]) -> OfRow:
    """Read the usual fields of a row and of its ``doc``."""
    row = {name: value for name, value in whole.items() if not names_another(name)}
    doc = {n: v for n, v in mapping(row.get("doc")).items() if not names_another(str(n))}
    return OfRow(
        row=whole,
        question=_text(_first((doc, row), QUESTIONS)),
        turn=last_turn(_first((row, doc), PROMPTS)),
        gold=_gold(row, doc),
        hint=_scalar(_first((row,), _ANSWERS)),
        choices=options_of(_first((doc, row), CHOICES)) or _columns(doc) or _columns(row),
        passages=tuple(_passages((row, doc))),
        strings=tuple(_strings(row)),
    )


@lru_cache(4096)
def names_another(name: str) -> bool:
    """Whether a field's name says that it holds another version of what the row is about."""
    return _ANOTHER.search(name) is not None


_COLUMN = re.compile(r"(?:((?:choice|option|opt|ending)s?[_ ]?|op)([A-Ja-j]|\d)|()([A-J]))", re.IGNORECASE)
_FEWEST = 3
"""Columns of options; A and B alone are more often two answers that are compared."""


def _columns(part: Mapping[str, Any]) -> tuple[str, ...]:
    """Return options that stand in fields of their own: ``A`` to ``D``, ``opa``, ``choice1``, ``option_a``."""
    found: dict[str, dict[str, str]] = {}
    for name, value in part.items():
        column = _COLUMN.fullmatch(str(name))
        if column and isinstance(value, str) and (column[1] or str(name).isupper()):
            found.setdefault((column[1] or "").lower(), {})[(column[2] or column[4]).lower()] = value
    for marks in found.values():
        for begin in ("abcdefghij", "123456789", "0123456789"):
            if len(marks) >= _FEWEST and sorted(marks) == sorted(begin[: len(marks)]):
                return tuple(marks[mark] for mark in sorted(marks))
    return ()


def _gold(row: Mapping[str, Any], doc: Mapping[str, Any]) -> Any:
    stated = _scalar(_first((row, doc), GOLDS))
    return _scalar(_first((doc,), _ANSWERS)) if stated is None else stated


def _passages(parts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what stands in the fields of contexts, tables and lists of paragraphs included."""
    for part in parts:
        for name in CONTEXTS:
            if part.get(name):
                yield from _deep(part[name])


def _deep(value: Any, depth: int = 5) -> Iterator[str]:
    if isinstance(value, str | int | float):
        yield str(value)
    elif isinstance(value, list | Mapping) and depth:
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _deep(part, depth - 1)


def _scalar(value: Any) -> Any:
    if isinstance(value, list | tuple):
        several = tuple(v for v in map(_scalar, value) if v is not None)
        return several[0] if len(several) == 1 else several or None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return value if isinstance(value, int) else (text_of(value) or None)


def _first(parts: Iterable[Mapping[str, Any]], fields: tuple[str, ...]) -> Any:
    for part in parts:
        for name in fields:
            value = value_at(part, name) if "." in name else part.get(name)
            if value is not None and value not in ("", [], {}):
                return value
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _strings(row: Mapping[str, Any], depth: int = 2) -> Iterator[str]:
    """Strings of a row and of the objects in it."""
    for name, value in row.items():
        if names_another(str(name)):
            continue
        if isinstance(value, str):
            if len(value) > 1:
                yield value
        elif isinstance(value, Mapping) and depth > 1:
            yield from _strings(value, depth - 1)
        elif isinstance(value, list) and len(value) <= _FEW:
            yield from (part for part in value if isinstance(part, str))
