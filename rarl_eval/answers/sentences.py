"""Sentences of an answer: where one ends, what it stresses, and which say nothing of the answer."""

import re

from rarl_eval.answers.markdown import Line

_STOP = re.compile(r"[.。!?](?=\s|\Z|\*|\")|(?<=[。！？])")
_ABBREVIATED = re.compile(
    r"(?:(?<![A-Za-z])[A-Z]|\b(?:Mr|Mrs|Ms|Dr|St|No|vs|approx|e\.g|i\.e|etc|Inc|Ltd|Co|Corp|U\.S|[ap]\.m|Fig|"
    r"Eq|Prof|Jr|Sr|Rs))\Z"
)


def sentence(line: str) -> str:
    """Return the first sentence of a line; "Mr." and initials end none."""
    for stop in _STOP.finditer(line):
        if stop.start() and not _ABBREVIATED.search(line[max(0, stop.start() - 8) : stop.start()]):
            return line[: stop.start()]
    return line


def tidy(text: str) -> str:
    """Take off Markdown emphasis, code ticks, quotes and the full stop around an answer."""
    text = text.strip().strip("`").strip()
    text = re.sub(r"^(\*\*|__|\*|_)+|(\*\*|__|\*|_)+$", "", text).strip()
    return re.sub(r"(?<=\S)[.。]$", "", text).strip()


_NOTE = re.compile(
    r"\W*(?:note\b|nb\b|p\.?s\.?\b|remark|caveat|disclaimer|confidence|certainty|sources?\b|references?\b|"
    r"tags?:|keywords?\b|"
    r"anmerkung|hinweis|remarque|nota\b|注[:：]|备注|注意)",
    re.IGNORECASE,
)
_PLEASANT = re.compile(
    r"\W*(?:let me know|i hope|hope (?:this|that|it)|feel free|please\b|thank|happy to|i['’]m happy|"
    r"is there anything|would you like|"
    r"if you (?:have|need|want|would|['’]d|like)|good luck|do you (?:want|need|have)|done\b|end of|"
    r"this (?:completes|concludes|answer|is "
    r"(?:the|our|your|my) (?:final|correct|answer|solution))|that['’]?s it|q\.?e\.?d|sure(?:ly)?\b|"
    r"lass (?:es )?mich wissen|n'hésite|"
    r"希望|如果你|如果您)",
    re.IGNORECASE,
)


def closes(line: Line) -> bool:
    """Whether a line says nothing of the answer: a note, a degree of confidence, a pleasantry, no letter or digit."""
    if _NOTE.match(line.text) or not re.search(r"[^\W_]", line.text):
        return True
    return _PLEASANT.match(line.text) is not None and not re.search(r"\d", line.text)


def one_stressed(text: str, spans: list[tuple[int, int]]) -> str | None:
    """Return the one value that a sentence stresses, with its unit; None where it stresses none, several, or hedges."""
    spans = [span for span in spans if re.search(r"\d|\\|^\W*[A-J]\W*$", text[slice(*span)])]
    if not spans or len({text[slice(*span)] for span in spans}) != 1 or _HEDGES.search(text):
        return None
    start, end = spans[-1]
    value = text[start:end]
    if re.search(r"\d\W{0,2}\Z", value):  # the unit may stand outside: **50** mcg
        value += re.match(r"(?:\s*[^\s\d]+){0,2}", text[end:])[0]  # type: ignore[index]  # it matches the empty text
    return value


_HEDGES = re.compile(r"\b(?:or|either|maybe|perhaps|possibly|alternatively)\b", re.IGNORECASE)
