"""GSM8K's mark, ``#### 42``, told from a Markdown heading of level four."""

import re
from collections.abc import Iterator

from rarl_eval.answers.fields import Announcement, Final
from rarl_eval.answers.markdown import Page
from rarl_eval.answers.sentences import sentence, tidy

_VALUE = re.compile(
    r"\s*[-+−]?\s*(?:[$€£¥]\s?)?[-+−]?(?:\d[\d,. ]*(?:/\s*\d+)?|\.\d+|\\d?frac\s*\{[^{}]*\}\s*\{[^{}]*\}|"
    r"\$[^$]+\$|\\\(.+\\\))"
    r"\s*(?:\\?%|°|percent)?\s*(?:(?:[a-zA-Z]+\.?/?){1,2})?(?:\s+[a-zA-Z]+){0,2}\s*[.]?\s*"
)


def is_value(text: str) -> bool:
    """Whether a text is a number with its unit, a formula or a letter, and nothing else."""
    return (len(text) <= 80 and _VALUE.fullmatch(text) is not None) or len(text.strip("() ")) == 1


_SECTION = re.compile(
    r"\s*(?:step|part|case|question|problem|section|phase|day|year|\d+\s*[.):](?=\s))(?:\b|\s)", re.IGNORECASE
)
_INSIDE = re.compile(r"(?<=\S)[ \t]+####[ \t]*(?=\S)")
_YEAR = re.compile(r"\s*(?:19|20)\d\d\s*")


def hashes(page: Page) -> Iterator[Announcement]:
    """GSM8K's mark: four hashes with nothing but the answer behind them; a Markdown heading says more, or leads on."""
    level_four = [n for n, line in enumerate(page.lines) if line.kind == "heading" and line.level == 4]
    for number in level_four:
        line = page.lines[number]
        if not line.text:
            if number == len(page.lines) - 1:
                yield Announcement(line.start, Final(None, "####, cut off"), commits=True)
            continue
        after = [other for other in page.lines[number + 1 : number + 5] if other.level != 4]
        last = number == len(page.lines) - 1
        alone = is_value(line.text)
        if (last or alone) and not _SECTION.match(line.text) and not (_YEAR.fullmatch(line.text) and after):
            yield Announcement(line.start, Final(tidy(line.text), "####"), commits=True)
    for found in _INSIDE.finditer(page.text):
        rest = page.text[found.end() : found.end() + 2_000].split("\n", 1)[0]
        yield Announcement(found.start(), Final(tidy(sentence(rest)), "####"), commits=True)
