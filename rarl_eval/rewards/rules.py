"""Rule rewards: cheap signals of the kind that train models, to hold against the verdict.

``format`` pays for any readable final answer and ``brevity`` for fewer characters; every record gets these two, and
their agreement with the truth is a baseline that a real reward must beat. The others are added by ``rarl-eval reward``:
``verifier`` is the verdict itself, ``exact`` and ``last-number`` are other verifiers of the same answer (how far do
two of them agree?), ``length``, ``citation`` and ``unit`` look at the form alone.
"""

import re
from collections.abc import Callable

from rarl_eval.errors import BadInput
from rarl_eval.judge import characters
from rarl_eval.rewards import Kind, Reach, RewardSource, case_source, no_argument
from rarl_eval.types import Item, Meaning, Record

Rule = Callable[[Item, Record], float | None]


def open_rule(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open a rule by its registered name; only ``length`` takes an argument, its budget in characters."""
    if registered == "length":
        return _source(registered, reach, _within(argument), "shaping", {"budget": argument})
    no_argument(argument, registered)
    rule, meaning = _RULES[registered]
    return _source(registered, reach, rule, meaning, {})


def _source(name: str, reach: Reach, rule: Rule, meaning: Meaning, more: dict[str, str]) -> RewardSource:
    kind = Kind(name=reach.name or name, judge="rule", meaning=meaning)
    return case_source(kind, lambda case: kind.entry(case, rule(case.item, case.record)), {"rule": name, **more})


def _verifier(item: Item, record: Record) -> float | None:  # noqa: ARG001  every rule is called alike
    correct = record.verdict.correct if record.verdict else None
    return None if correct is None else float(correct)


def _exact(item: Item, record: Record) -> float | None:
    """Compare the extracted answer with the gold as strings, case and spacing aside: what simple graders do."""
    extracted = record.verdict.extracted if record.verdict else None
    return 0.0 if extracted is None else float(_plain(extracted) == _plain(item.gold))


def _last_number(item: Item, record: Record) -> float | None:
    """Compare the last number of the answer with the gold's, whatever stands around it; None if the gold has none."""
    wanted, found = _NUMBER.findall(item.gold), _NUMBER.findall(record.trace.answer)
    if not wanted:
        return None
    return float(bool(found) and _value(found[-1]) == _value(wanted[-1]))


def _format(item: Item, record: Record) -> float | None:  # noqa: ARG001
    return float(record.verdict is not None and record.verdict.extracted is not None)


def _brevity(item: Item, record: Record) -> float | None:  # noqa: ARG001
    return -float(characters(record.trace))


def _citation(item: Item, record: Record) -> float | None:  # noqa: ARG001
    return float(_CITATION.search(record.trace.answer) is not None)


def _unit(item: Item, record: Record) -> float | None:
    """Look for the item's own unit where its benchmark names one, else for any word or sign right after a number."""
    unit = item.meta.get("unit")
    if isinstance(unit, str) and unit:
        return float(re.search(rf"(?<!\w){re.escape(unit)}(?!\w)", record.trace.answer) is not None)
    return float(_UNIT.search(record.trace.answer) is not None)


def _within(argument: str) -> Rule:
    if not argument.isdigit() or argument == "0":
        raise BadInput(f"--reward length:{argument}: give a budget in characters, e.g. length:2000")
    budget = int(argument)
    return lambda _, record: float(characters(record.trace) <= budget)


_RULES: dict[str, tuple[Rule, Meaning]] = {
    "verifier": (_verifier, "accuracy"),
    "exact": (_exact, "accuracy"),
    "last-number": (_last_number, "accuracy"),
    "format": (_format, "shaping"),
    "brevity": (_brevity, "shaping"),
    "citation": (_citation, "shaping"),
    "unit": (_unit, "shaping"),
}

_NUMBER = re.compile(r"-?\d[\d,]{0,30}(?:\.\d{1,30})?")
_CITATION = re.compile(
    r"https?://\S|\bdoi:\s?10\.|\b10\.\d{4,9}/\S|\[\d{1,3}(?:[,;–-]\s?\d{1,3}){0,9}\]|\([A-Z][^\s()]{1,40}[^()]{0,40}\b(?:19|20)\d\d[a-z]?\)"
)
_UNIT = re.compile(r"\d\s?(?:[%°$€£¥]|[a-zA-Zµ]{1,12}(?:/[a-zA-Z]{1,12})?\b)|[$€£¥]\s?\d")


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" $.\n").split())


def _value(number: str) -> float:
    return float(number.replace(",", ""))
