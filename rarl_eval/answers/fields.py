r"""Answers in a form that marks both their ends: a JSON field, ``<answer>`` tags, ``\boxed{}``.

What was begun and not closed holds no answer: the text of its Final is None.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rarl_eval.answers.thinking import last_match


@dataclass(frozen=True)
class Final:
    """A final answer as written, and what marked it; ``text`` is None where the answer was announced and cut off."""

    text: str | None
    mark: str


@dataclass(frozen=True)
class Announcement:
    """An answer that a page announces."""

    start: int
    final: Final
    commits: bool
    """Whether a value follows at once, so that it stands against what was announced before."""


def last_field(text: str) -> tuple[Final, int] | None:
    """Read the last ``answer`` field of JSON or the last ``<answer>`` tags, and say where it ends."""
    found = [field for field in (_json_answer(text), _tagged(text)) if field is not None]
    return max(found, key=lambda field: field[1]) if found else None


_FIELD = re.compile(r"""["'“”](?:final[_ ]?)?answer["'“”]\s*:\s*""", re.IGNORECASE)
_BARE_FIELD = re.compile(r"^\s*answer\s*:\s*", re.MULTILINE)
_STRING = re.compile(r'["“”]((?:[^"“”\\]|\\.)*)(["“”]|\Z)', re.DOTALL)
_BARE = re.compile(r"""[^\n]*?(?=\s*,?\s*(?:["'“”]\w+["'“”]\s*:|\}|```|\n|\Z))""")
_REASONING_FIELD = re.compile(r"""\{\s*["'“”](?:reasoning|thought|explanation)["'“”]\s*:""", re.IGNORECASE)


def _json_answer(text: str) -> tuple[Final, int] | None:
    """Read the ``answer`` field, also of JSON that no parser reads: raw line breaks, unescaped quotes, no braces."""
    if ":" not in text:
        return None
    field = last_match(_FIELD, text)
    if field is None and _REASONING_FIELD.search(text):
        field = last_match(_BARE_FIELD, text)
    if field is None:
        # JSON that was begun and cut off before its answer holds none, whatever numbers its reasoning holds.
        return (Final(None, "JSON without answer"), len(text)) if _REASONING_FIELD.search(text) else None
    rest = text[field.end() :]
    final, length = _value(rest)
    end = field.end() + length
    if _NEXT_KEY.match(text, end):  # the reasoning that follows inside of the object is no later answer
        end = max(end, text.rfind("}") + 1) if "}" in text[end:] else len(text)
    return final, end


_NEXT_KEY = re.compile(r"""\s*,\s*["'“”]\w+["'“”]\s*:""")


def _value(rest: str) -> tuple[Final, int]:
    if not rest.strip():
        return Final(None, "JSON cut off"), len(rest)
    string = _STRING.match(rest)
    if string is not None:
        final = Final(_unescaped(string[1]).strip(), "JSON") if string[2] else Final(None, "JSON cut off")
        return final, string.end()
    if rest[0] in "{[":
        return _nested(rest)
    bare = _BARE.match(rest)
    value = bare[0].strip() if bare else ""
    return Final(None if value in {"", "null", "None"} else value, "JSON"), bare.end() if bare else 0


def _unescaped(text: str) -> str:
    r"""Undo JSON escapes; LaTeX that a model forgot to escape (``\frac``) stays as it is."""
    if re.search(r"\\(?![\"\\/nu])", text):
        return text.replace(r"\"", '"')
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _nested(rest: str) -> tuple[Final, int]:
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(rest)
    except (ValueError, RecursionError):
        return Final(None, "JSON cut off"), len(rest)
    return Final(json.dumps(value, ensure_ascii=False), "JSON"), end


_TAG = re.compile(r"<(?:final[_-]?)?answer>|\[ANSWER\]", re.IGNORECASE)
_TAG_END = re.compile(r"</(?:final[_-]?)?answer>|\[/ANSWER\]", re.IGNORECASE)


def _tagged(text: str) -> tuple[Final, int] | None:
    opened = last_match(_TAG, text)
    if opened is None:
        return None
    closed = _TAG_END.search(text, opened.end())
    if closed is None:
        return Final(None, "answer tag"), len(text)
    return Final(text[opened.end() : closed.start()].strip(), "answer tag"), closed.end()


_BOX = re.compile(r"\\(?:boxed|fbox)\s*(\{|(?=\s*\S))")
_BETWEEN_BOXES = re.compile(
    r"(?:[\s$,;()\[\].]|\\(?:quad|qquad|text|mbox|textrm|,|;|!|\(|\)|\[|\]| )|[{}]|\band\b|\bor\b|和|[a-z]\w{0,3}\s*=)*"
)
_MINUS = re.compile(r"(?:^|[=:\n(\[$]|\b(?:is|be|are|to|at|of))[\s$(\[\\]*[-\u2212]\s*(?:\\?[$(\[]\s*)*\Z")
_AFTER_BOX = re.compile(
    r"[\s\\]*(?:\$+|\\[)\]])?\s*(?:\\[ ,;!])*\s*"
    r"((?:\\?%|percent(?:age points?)?\b|per cent\b|(?:thousand|million|billion|trillion)s?\b)|"
    r"\\(?:text|mathrm|textbf|mbox)\s*\{[^{}\n]{1,40}\}(?:\s*\^\s*\{?-?\d\}?)?)"
)


def last_box(text: str) -> tuple[Final, int, int] | None:
    r"""Read the last ``\boxed{}`` and say where it begins and ends.

    Boxes with only a comma or "and" between them are one answer; a sign before and a unit behind belong to it.
    """
    boxes = list(boxed_spans(text))
    if not boxes:
        return None
    first, end, content = boxes[-1]
    if content is None:
        return Final(None, "unterminated box"), first, end
    parts = [content]
    for (start, stop, earlier), (following, _, _) in zip(boxes[-2::-1], boxes[:0:-1], strict=False):
        between = text[stop:following]
        if earlier is None or not _BETWEEN_BOXES.fullmatch(between) or not _joins(between):
            break
        parts.append(earlier + (" or " if re.search(r"\bor\b", between) else ", "))
        first = start
    sign, unit = ("", "") if len(parts) > 1 else _around(text, first, end)
    return Final((sign + "".join(reversed(parts)) + unit).strip(), "boxed"), first, end


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    unit = _AFTER_BOX.match(text, end)
    minus = _MINUS.search(text[max(0, start - 12) : start]) or (
        start <= 12 and re.fullmatch(r"[\s$(\[\\]*[-\u2212]\s*", text[:start])
    )
    return "-" if minus else "", f" {unit[1]}" if unit else ""


def _joins(between: str) -> bool:
    return not between or bool(re.search(r",|\band\b|\bor\b|和", between))


def boxed_spans(text: str) -> Iterator[tuple[int, int, str | None]]:
    r"""Yield (start, end, content) of each outermost ``\boxed{}``; the content of an unterminated one is None."""
    position = 0
    while (found := _BOX.search(text, position)) is not None:
        if not found[1]:
            word = re.compile(r"\s*(\S+?)(?=[\s$.,;]|\Z)").match(text, found.end())
            end = word.end() if word else found.end()
            yield found.start(), end, word[1] if word else None
            position = max(end, found.end())
            continue
        stop = closing_brace(text, found.end())
        if stop is None:
            yield found.start(), len(text), None
            return
        yield found.start(), stop + 1, text[found.end() : stop]
        position = stop + 1


_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


def closing_brace(text: str, start: int) -> int | None:
    r"""Position of the brace that closes the one opened before ``start``; escaped ``\{`` do not count."""
    depth = 1
    for found in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    return None
