"""The probes by name: what each needs, how it scores items, and what it can and cannot show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rarl_eval.contamination.probing import asking, likely
from rarl_eval.models import Scored, Text
from rarl_eval.types import Item, Task

Needs = Literal["replies", "probabilities"]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One way to look for what a model has seen."""

    name: str
    needs: Needs
    told: str
    """What a high value shows, and what it cannot show."""
    ask: asking.Asker | None = None
    measure: str = ""
    text: Callable[[Task, Item], Text | None] | None = None
    formula: Callable[[dict[str, Scored]], tuple[str, likely.Formula]] | None = None


_QUESTION = (
    "A model that goes on with the question's own words has most likely read it; one that does not may have read it "
    "all the same, or may not follow the instruction."
)
_ANSWER = (
    "A model that goes on with the reference's own words has most likely read it; a model that merely solves such "
    "questions writes its own words, unless the first half leaves only one way to go on."
)
_LIKELY = (
    "Texts that were trained on are likelier than fresh ones of the same kind; a difference of kind (topic, length, "
    "date, style) looks the same, so that the null must be of the same making."
)

PROBES = (
    Probe(
        name="question", needs="replies", measure="ROUGE-L of the second half", ask=asking.question_half, told=_QUESTION
    ),
    Probe(name="answer", needs="replies", measure="ROUGE-L of the second half", ask=asking.answer_half, told=_ANSWER),
    Probe(
        name="options",
        needs="replies",
        measure="right without the question",
        ask=asking.options_alone,
        told="Naming the right option without the question can be memory, or options that give themselves away; only "
        "the difference from fresh questions by the same makers speaks of memory.",
    ),
    Probe(
        name="question-ngrams", needs="probabilities", text=likely.question_text, formula=likely.ngrams_of, told=_LIKELY
    ),
    Probe(name="answer-ngrams", needs="probabilities", text=likely.answer_text, formula=likely.ngrams_of, told=_LIKELY),
    Probe(
        name="question-mink", needs="probabilities", text=likely.question_text, formula=likely.min_k_of, told=_LIKELY
    ),
    Probe(name="answer-mink", needs="probabilities", text=likely.answer_text, formula=likely.min_k_of, told=_LIKELY),
    Probe(
        name="fresh",
        needs="replies",
        measure="right",
        ask=asking.own_question,
        told="A model that learnt the items, and not how to solve such items, is better on them than on fresh ones; "
        "fresh items that are harder by their making look the same.",
    ),
)
"""In the order in which they are reported; ``dates`` and ``order`` follow, which have nulls of their own."""

DATES = (
    "A model that learnt the old items is better on them than on items made after its training; newer items that are "
    "harder look the same."
)
ORDER = (
    "A model that never saw the benchmark as a file finds every order of its items as likely; a preference for the "
    "published order proves that it saw it. Items seen singly or shuffled leave no trace here."
)
NAMES = (*(probe.name for probe in PROBES), "dates", "order")


def chosen(names: Sequence[str]) -> list[Probe]:
    """Return the probes of some names, in their own order."""
    return [probe for probe in PROBES if probe.name in names]
