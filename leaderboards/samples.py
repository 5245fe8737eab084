"""One answer as markup: verdict, reason, rewards, cost, and texts cut to what the page has room for.

A site may hold a million answers, so they are not printed by a template: every text goes through ``_safe`` here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rarl_eval.leaderboards.names import shortened, shown_block
from rarl_eval.types import Record, Reward, Tokens

PAGE_CHARACTERS = 120_000
"""Of all texts on a page together; the rest of longer ones stands in a script beside the page."""

LEAST_CHARACTERS, MOST_CHARACTERS = 400, 8000
"""Of one text on the page, however many there are."""

STORED_CHARACTERS = 200_000
"""Of one text in the script beside the page; of a longer one the middle is left out there too."""

VERDICTS = {
    "correct": ("right", "good"),
    "incorrect": ("wrong", "bad"),
    "no_answer": ("no answer", "none"),
    "ambiguous": ("two answers", "bad"),
    "abstained": ("declined", "none"),
    "unjudged": ("not judged", "none"),
    "cannot_judge": ("cannot be judged", "none"),
    "unparsable_gold": ("gold unreadable", "none"),
    "timeout": ("timed out", "bad"),
    "memory": ("out of memory", "bad"),
    "crash": ("crashed", "bad"),
    "forbidden": ("forbidden call", "bad"),
}
"""What a verdict is called on a page, and its CSS class."""


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One answer of one model, as markup."""

    anchor: str
    verdict: str
    markup: str
    cut: bool
    """Whether a text of it is not whole on the page."""


def room(records: Sequence[Record]) -> int:
    """Characters that a page has for each text of its records."""
    texts = sum(2 if r.trace.reasoning else 1 for r in records)
    return max(LEAST_CHARACTERS, min(MOST_CHARACTERS, PAGE_CHARACTERS // max(1, texts)))


def answer(record: Record, anchor: str, who: tuple[str, str], *, several: bool, limit: int) -> AnswerShown:
    """Write a record with at most ``limit`` characters of reasoning and of answer each; ``who`` is model and run."""
    trace, verdict = record.trace, record.verdict
    place = f"{anchor}~{trace.sample}" if several else anchor
    name, kind = ("failed call", "none") if verdict is None else VERDICTS[verdict.status]
    reason = (verdict.reason if verdict else trace.error) or "no reason was recorded"
    said = _answer(record)
    cut = _too_long(trace.reasoning or "", limit) or _too_long(said, limit)
    run = f" <small>{_safe(shortened(who[1], 40))}</small>" if who[1] else ""
    number = f" <small>sample {trace.sample}</small>" if several else ""
    markup = (
        f'<details class="answer" id="{_safe(place)}"{" data-cut" if cut else ""}>\n'
        f'<summary><span class="who"><bdi>{_safe(shortened(who[0]))}</bdi>{run}{number}</span> '
        f'<span class="verdict {kind}">{name}</span> '
        f'<span class="said"><bdi>{_safe(shortened((verdict and verdict.extracted) or "", 80))}</bdi></span> '
        f'<span class="cost">{_cost(trace.tokens)}</span></summary>\n'
        f'<p class="why"><b>Verdict:</b> <bdi>{_safe(shortened(reason, 300))}</bdi></p>\n'
        f"{_rewards(record.rewards)}{_facts(record)}{_reasoning(trace.reasoning, limit)}"
        f'<pre>{clipped(said, limit)}</pre>\n<p class="link"><a href="#{_safe(place)}">Link to this answer</a></p>\n'
        "</details>\n"
    )
    return AnswerShown(place, name, markup, cut)


def _safe(text: str) -> str:
    """Escape a text that is visible already (names.shown)."""
    return escape(text)


def _reasoning(text: str | None, limit: int) -> str:
    if not text:
        return ""
    return (
        f'<details class="fold"><summary>Reasoning, {len(text):,} characters</summary>'
        f'<pre tabindex="0">{clipped(text, limit)}</pre></details>\n'
    )


def _rewards(rewards: Sequence[Reward]) -> str:
    if not rewards:
        return ""
    entries = "".join(f"<li><bdi>{_safe(_reward(reward))}</bdi></li>" for reward in rewards)
    return f'<ul class="rewards" aria-label="Rewards">{entries}</ul>\n'


def texts(record: Record) -> list[str]:
    """Return reasoning and answer for the script beside the page, visible and bounded."""
    return [_bounded(record.trace.reasoning or ""), _bounded(_answer(record))]


def clipped(text: str, limit: int) -> str:
    """Markup of a text, of a long one the first two thirds of ``limit`` characters and the last third."""
    if not _too_long(text, limit):
        return _safe(shown_block(text))
    tail = limit // 3
    head = limit - tail
    gap = f'<span class="gap">{len(text) - head - tail:,} characters are left out here</span>'
    return f"{_safe(shown_block(text[:head]))}{gap}{_safe(shown_block(text[-tail:]))}"


def _too_long(text: str, limit: int) -> bool:
    return len(text) > limit + limit // 5  # a gap of a few words would hide less than it says


def _answer(record: Record) -> str:
    trace = record.trace
    return trace.answer or (trace.text if trace.reasoning is None else "")


def _bounded(text: str) -> str:
    if len(text) > STORED_CHARACTERS:
        third = STORED_CHARACTERS // 3
        gone = len(text) - 3 * third
        text = f"{text[: 2 * third]}\n[{gone:,} characters are left out here]\n{text[-third:]}"
    return shown_block(text)


def _cost(tokens: Tokens) -> str:
    count = tokens.completion
    if count is None and tokens.reasoning is not None and tokens.answer is not None:
        count = tokens.reasoning + tokens.answer
    return "" if count is None else f"{count:,} tokens"


def _reward(reward: Reward) -> str:
    score = "no score" if reward.score is None else f"{reward.score:g}"
    steps = f"; steps {', '.join(f'{s:g}' for s in reward.steps[:12])}" if reward.steps else ""
    more = " …" if reward.steps and len(reward.steps) > 12 else ""
    return f"{shortened(reward.name, 40)} {score} ({reward.judge}, {reward.grain}{steps}{more})"


def _facts(record: Record) -> str:
    """Say how the trace ended and what it cost, as far as anyone recorded it; markup."""
    trace, tokens = record.trace, record.trace.tokens
    ended = {"end": "ended by itself", "length": "cut off at its cap", "error": "the call failed"}
    counts = [("prompt", tokens.prompt), ("reasoning", tokens.reasoning), ("answer", tokens.answer)]
    told = [
        ended.get(trace.stop or "", ""),
        *(f"{count:,} {name} tokens" for name, count in counts if count is not None),
        f"counted by {shortened(tokens.counted_by, 40)}" if tokens.counted_by else "",
        f"{trace.seconds:.1f} s" if trace.seconds is not None else "",
        f"seed {trace.seed}" if trace.seed is not None else "",
    ]
    line = " · ".join(filter(None, told))
    return f'<p class="facts">{_safe(line)}</p>\n' if line else ""
