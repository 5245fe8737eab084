"""Which texts of an item are looked for, each a part of its own: question, statement, passage, options, answers."""

import re
from collections.abc import Iterator

from rarl_eval.contamination.matching.sections import statement
from rarl_eval.types import Item, Part

_WORD = re.compile(r"\w+")


def parts_of(item: Item, *, code: bool) -> Iterator[tuple[Part, str]]:
    """Name what of an item is looked for; code to be completed or read is the question itself, not its background."""
    question = asked(item, code=code)
    yield "question", question
    if code and (told := statement(question)):
        yield "statement", told
    if not code and item.context:
        yield "context", item.context
    if item.choices:
        yield "choices", "\n".join(item.choices)
    passage: frozenset[str] = frozenset() if code else frozenset(_WORD.findall(item.context.casefold()))
    for answer in (item.solution, item.tests, item.gold):
        text = answer or ""
        if code:  # a program that begins with what is asked
            text = text.removeprefix(item.question)
        read_off = bool(passage and text) and passage.issuperset(_WORD.findall(text.casefold()))
        if text and not read_off:  # what is read off the passage stands wherever it does
            yield "answer", text


def asked(item: Item, *, code: bool) -> str:
    """Give the text of a question; code to be completed or read belongs to it."""
    joined = code and item.context and item.question != item.context
    return f"{item.question}\n{item.context}" if joined else item.question
