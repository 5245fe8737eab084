"""Judge an answer that is a Python literal, as in output prediction, without running anything.

Types are exact: ``1`` is not ``True`` or ``1.0``, and a list is not a tuple. Size and depth are bounded.
"""

import ast
import re
import threading
import warnings
from itertools import groupby
from typing import Any

from rarl_eval.answers.extract import Final, final_answer, shown, tidy
from rarl_eval.answers.markdown import read
from rarl_eval.types import Item, Status, Verdict

MAX_CHARACTERS = 20_000
MAX_DEPTH = 60
MOST_TAILS = 4
"""Ends of a sentence that are tried as its answer."""

_ASSERT = re.compile(r"^\s*(?:assert\s+)?f\s*\(.*$", re.MULTILINE)
_quiet = threading.Lock()


class _NotLiteral(Exception):
    """A text that is not one bounded literal."""


def verify_literal(item: Item, answer: str) -> Verdict:
    """Judge by equality of value and of every type inside; ``item.gold`` is a Python literal."""
    try:
        gold = read_literal(item.gold)
    except ValueError as error:
        return Verdict(status="unparsable_gold", reason=f"gold {shown(item.gold)!r}: {error}")
    final = _final(answer)
    if final.text is None:
        return Verdict(status="no_answer", reason=final.mark)
    told, value = _first_literal([final.text, *_tails(answer, final)])
    if told is None:
        return Verdict(status="no_answer", extracted=shown(final.text), reason=f"{final.mark}: {value}")
    status: Status = "correct" if same_literal(value, gold) else "incorrect"
    return Verdict(status=status, extracted=shown(told), reason=f"{final.mark}: {status}")


def _first_literal(texts: list[str]) -> tuple[str | None, Any]:
    """Return the first text that is a literal, and its value; where none is, None and why not."""
    reasons = []
    for text in texts:
        try:
            return text, read_literal(text)
        except ValueError as error:
            reasons.append(str(error))
    return None, reasons[0]


def _final(answer: str) -> Final:
    final = final_answer(answer)
    if final is not None:
        return final
    blocks = [block for block in code_blocks(answer) if block.strip()]
    text = blocks[-1] if blocks else answer
    lines = [line for line in _ASSERT.findall(text) if "==" in line]
    if lines:
        return Final(lines[-1].strip(), "assertion")
    return Final(text.strip() or None, "code block" if blocks else "whole answer")


def code_blocks(answer: str) -> list[str]:
    """Return the fenced blocks of an answer, whatever their fence is."""
    lines = read(answer).lines
    return [
        "\n".join(line.text for line in block)
        for fenced, block in groupby(lines, key=lambda line: (line.kind in {"code", "verbatim"}, line.block))
        if fenced[0]
    ]


_SAYS = re.compile(
    r"(?i:\b(?:returns?|is|be|equals|outputs?|prints?|yields?|gives?)\b:?|\b(?:output|result|value)\s*:|->|→)\s*"
)


def _tails(answer: str, final: Final) -> list[str]:
    """Return what an answering sentence ends in: the one passage it stresses, what follows "returns" or "is"."""
    line = read(answer).lines[-1:] if final.mark == "whole answer" else ()
    text = line[0].text if line else (final.text or "")
    if len(text) > MAX_CHARACTERS:
        return []
    stressed = {text[start:end] for one in line for start, end in one.strong}
    says = list(_SAYS.finditer(text))[-MOST_TAILS:]
    seen = (read(answer).text,) if line else ()
    return [
        *seen,
        *(stressed if len(stressed) == 1 else ()),
        *(tidy(text[found.end() :]) for found in says if found.end() < len(text)),
    ]


def read_literal(text: str) -> Any:
    """Read one literal; of ``assert f(x) == y`` or ``f(x) == y``, the right-hand side. Raises ValueError."""
    for form in dict.fromkeys((text.strip(), tidy(text).strip("`"))):
        try:
            return _parse(form)
        except _NotLiteral as error:
            reason = str(error)
    raise ValueError(reason)


def _parse(text: str) -> Any:
    if len(text) > MAX_CHARACTERS:
        raise _NotLiteral(f"longer than {MAX_CHARACTERS} characters")
    if _depth(text) > MAX_DEPTH:
        raise _NotLiteral(f"nested deeper than {MAX_DEPTH}")
    try:
        with _quiet, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in model text is no concern of the user's
            return ast.literal_eval(_right_hand_side(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise _NotLiteral("not a Python literal") from error


def _right_hand_side(text: str) -> ast.expr:
    body = ast.parse(text).body
    if len(body) != 1 or not isinstance(body[0], ast.Assert | ast.Expr):
        raise _NotLiteral("not one expression")
    node = body[0].test if isinstance(body[0], ast.Assert) else body[0].value
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
        return node.comparators[0]
    return node


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def same_literal(one: Any, other: Any) -> bool:
    """Equality in which types count at every depth; the order of dictionaries and sets does not."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same_literal, one, other))
    if isinstance(one, dict):
        return _typed(one) == _typed(other) and all(same_literal(one[key], other[key]) for key in one)
    if isinstance(one, set | frozenset):
        return _typed(one) == _typed(other)
    return bool(one == other)


def _typed(keys: Any) -> set[tuple[str, str]]:
    """Keys or members by value and type; 1, 1.0 and True are one key to Python, not here."""
    return {(type(key).__name__, repr(key)) for key in keys}
