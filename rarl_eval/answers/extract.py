r"""Where the final answer stands in what a model wrote.

An unfinished chain of thought, an unterminated ``\boxed{`` or an unterminated answer field holds no answer: what was
cut off is never replaced by an earlier candidate. Among answers of one kind the last one counts. Not here: what the
answer means (numbers, letters, algebra) and whether it is right.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rarl_eval.answers.thinking import last_match

MAX_SHOWN = 200
"""An extracted answer is shown up to this many characters."""


@dataclass(frozen=True)
class Final:
    """A final answer as written, and what marked it; ``text`` is None where the answer was announced and cut off."""

    text: str | None
    mark: str


def final_answer(text: str) -> Final | None:
    r"""Find the announced final answer of a reply whose reasoning was split off.

    In this order: an ``answer`` field of JSON, ``<answer>`` tags, ``\boxed{}``, ``#### x``, a phrase such as "the
    answer is x" or "A: x". None where nothing announces an answer. What follows a turn of the user that the model
    wrote itself, after its answer, answers another question.
    """
    turn = _TURN.search(text)
    if turn is not None:
        own = _announced(text[: turn.start()])
        if own is not None and re.search(r"[^\W_]", own.text or ""):
            return own
    return _announced(text)


# No numbers after the words: "Question 2:" is a step of a model that asks itself. Only the first turn is looked at:
# where it comes before any answer, the model restates the question.
_TURN = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*)?(?:(?:new|next|another)[ \t]+)?(?:question|instructions?|problem|user|human|q)"
    r"[ \t]*(?:\*\*)?[ \t]*[:：]|"
    r"^[ \t]*#{1,6}[ \t]*(?:(?:new|next|another)[ \t]+)?(?:question|instructions?|problem|user|human)[ \t]*$|"
    r"<\|(?:im_start|start_header_id)\|>\s*user\b|<\|user\|>|<start_of_turn>user\b|\[INST\]",
    re.IGNORECASE | re.MULTILINE,
)


def _announced(text: str) -> Final | None:
    for find in (_json_answer, _tagged, _boxed, _hashes, _phrase):
        found = find(text)
        if found is not None:
            return _after_box(text) or found if find is _boxed else _inner(found)
    return None


_CONCLUDES = re.compile(r"\bfinal answer\b[*_\s]*(?:[:：]|is\b)[^\n]*\d", re.IGNORECASE)


def _after_box(text: str) -> Final | None:
    """Read a "final answer" that is told after the last box without one of its own."""
    end = max((stop for _, stop, _ in boxed_spans(text)), default=0)
    return _phrase(text[end:]) if _CONCLUDES.search(text, end) else None


def _inner(found: Final) -> Final:
    r"""Read ``\boxed{}`` inside another mark, such as a JSON field or "the answer is"."""
    if found.mark != "boxed" and found.text is not None:
        boxed = _boxed(found.text)
        if boxed is not None:
            return Final(boxed.text, f"{found.mark}, boxed")
    return found


_FIELD = re.compile(r"""["'“”]answer["'“”]\s*:\s*""", re.IGNORECASE)
_BARE_FIELD = re.compile(r"^\s*answer\s*:\s*", re.MULTILINE)
_STRING = re.compile(r'["“”]((?:[^"“”\\]|\\.)*)(["“”]|\Z)', re.DOTALL)
_BARE = re.compile(r"""[^\n]*?(?=\s*,?\s*(?:["'“”]\w+["'“”]\s*:|\}|```|\n|\Z))""")
_REASONING_FIELD = re.compile(r"""\{\s*["'“”](?:reasoning|thought|explanation)["'“”]\s*:""", re.IGNORECASE)


def _json_answer(text: str) -> Final | None:
    """Read the ``answer`` field, also of JSON that no parser reads: raw line breaks, unescaped quotes, no braces."""
    field = last_match(_FIELD, text)
    if field is None and _REASONING_FIELD.search(text):
        field = last_match(_BARE_FIELD, text)
    if field is None:
        # JSON that was begun and cut off before its answer holds none, whatever numbers its reasoning holds.
        return Final(None, "JSON without answer") if _REASONING_FIELD.search(text) else None
    rest = text[field.end() :]
    if not rest.strip():
        return Final(None, "JSON cut off")
    string = _STRING.match(rest)
    if string is not None:
        return Final(_unescaped(string[1]).strip(), "JSON") if string[2] else Final(None, "JSON cut off")
    if rest[0] in "{[":
        return _nested(rest)
    bare = _BARE.match(rest)
    value = bare[0].strip() if bare else ""
    return Final(None if value in {"", "null", "None"} else value, "JSON")


def _unescaped(text: str) -> str:
    r"""Undo JSON escapes; LaTeX that a model forgot to escape (``\frac``) stays as it is."""
    if re.search(r"\\(?![\"\\/nu])", text):
        return text.replace(r"\"", '"')
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _nested(rest: str) -> Final:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(rest)
    except (ValueError, RecursionError):
        return Final(None, "JSON cut off")
    return Final(json.dumps(value, ensure_ascii=False), "JSON")


_TAG = re.compile(r"<answer>|\[ANSWER\]", re.IGNORECASE)
_TAG_END = re.compile(r"</answer>|\[/ANSWER\]", re.IGNORECASE)


def _tagged(text: str) -> Final | None:
    opened = last_match(_TAG, text)
    if opened is None:
        return None
    closed = _TAG_END.search(text, opened.end())
    return Final(text[opened.end() : closed.start()].strip() if closed else None, "answer tag")


_BOX = re.compile(r"\\(?:boxed|fbox)\s*(\{|(?=\s*\S))")
_BETWEEN_BOXES = re.compile(
    r"(?:[\s$,;()\[\].]|\\(?:quad|qquad|text|mbox|textrm|,|;|!|\(|\)|\[|\]| )|[{}]|\band\b|\bor\b|和|[a-z]\w{0,3}\s*=)*"
)


def _boxed(text: str) -> Final | None:
    r"""Read the last ``\boxed{}``; boxes with only a comma or "and" between them are one answer."""
    boxes = list(boxed_spans(text))
    if not boxes:
        return None
    if boxes[-1][2] is None:
        return Final(None, "unterminated box")
    parts = [boxes[-1][2]]
    for (_, end, content), (start, _, _) in zip(boxes[-2::-1], boxes[:0:-1], strict=False):
        between = text[end:start]
        if content is None or not _BETWEEN_BOXES.fullmatch(between) or not _joins(between):
            break
        joint = " or " if re.search(r"\bor\b", between) else ", "
        parts.append(content + joint)
    return Final("".join(reversed(parts)).strip(), "boxed")


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


_HASHES = re.compile(r"^\s*####[ \t]*(.*)$", re.MULTILINE)


def _hashes(text: str) -> Final | None:
    found = last_match(_HASHES, text)
    # "#### Step 3" is a Markdown heading; an answer after hashes has a digit or stands at the end.
    if found is None or (text[found.end() :].strip() and not re.search(r"\d", found[1])):
        return None
    return Final(tidy(found[1]), "####") if found[1].strip() else Final(None, "####, cut off")


_PHRASE = re.compile(
    r"\b(?:final|correct|right|best|right|my)?\s*(?:answer|option|choice)\b(?:\s+choice)?"
    r"(?:\s+(?:to|for)\s+(?:this|the)\s+(?:question|problem))?"
    r"(?:\s+(?:is|would be|must be|should be|will be)\b|\s*=)\s*:?|"
    r"(?:^|(?<=[\n.!?*]))[ \t>#*_]*(?:(?:the\s+)?(?:final|correct)\s+)?(?:answer|solution)[*_\s]*[:：][*_ \t]*|"
    r"^[ \t]*[*_]*(?:final answer|answer)[*_]*[ \t]*$|"
    r"^[ \t]*A[ \t]*:[ \t]*|"
    r"答案(?:是|为|[:：])",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE_END = re.compile(r"(?<![A-Z])[.。!?](?=\s|\Z|\*|\")")


def _phrase(text: str) -> Final | None:
    found = last_match(_PHRASE, text)
    if found is None:
        return None
    rest = text[found.end() :].lstrip(" \t:*_\n")
    if not rest.strip():
        return Final(None, "answer cut off")
    line = rest.split("\n", 1)[0]
    if re.match(r"\s*(?:\\\[|\$\$|```)\s*\Z", line):  # displayed on the lines that follow
        line = rest
    return Final(tidy(_sentence(line)), "phrase")


def _sentence(line: str) -> str:
    end = _SENTENCE_END.search(line)
    return line[: end.start()] if end and end.start() else line


def tidy(text: str) -> str:
    """Take off Markdown emphasis, code ticks, quotes and the full stop around an answer."""
    text = text.strip().strip("`").strip()
    text = re.sub(r"^(\*\*|__|\*|_)+|(\*\*|__|\*|_)+$", "", text).strip()
    return re.sub(r"(?<=\S)[.。]$", "", text).strip()


def shown(text: str | None) -> str | None:
    """Bound an extracted answer's length."""
    return text if text is None or len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
