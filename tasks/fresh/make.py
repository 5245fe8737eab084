"""How fresh instances are made: a template draws numbers and asks; its solver says each step and ends in the gold.

A solver computes through ``say``, which writes a step down and hands its value back. Handing back a changed value at
one step gives a solution with one planted error whose consequences are all worked out: the label is exact.
"""

import hashlib
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Literal, Protocol, TypeVar

from rarl_eval.errors import BadInput
from rarl_eval.types import Domain

Kind = Literal["number", "quantity", "percent", "literal", "program"]
"""How an answer is judged: exactly, to two decimals, as a percentage to two decimals, as a literal, by running it."""

V = TypeVar("V")
TRIES = 20_000
"""Draws in a row that may be refused or known before a family is said to be used up."""
PARTS, OWN_PARTS = 16, 10
"""Draws are dealt out into 16 parts by their numbers: seeds 0 to 9 have a part each, the other seeds share the rest.
Only of a ``vast`` draft may each seed draw any: there are so many that no two seeds meet."""
NEAR_TIE = 2e-7
"""A value this near to the middle of two roundings is drawn again, so that every way of computing rounds alike."""
SIGNIFICANT_DIGITS = 10


class Say(Protocol):
    """Writes a step down: what is worked out, its value, and a unit; returns the value to go on with."""

    def __call__(self, value: V, lead: str, unit: str = "") -> V:
        """Add one step and return its value."""


class Redraw(Exception):
    """The numbers drawn make no good question."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A question as a template drew it."""

    question: str
    given: dict[str, Any]
    """What was drawn, as plain data, names of persons left out: no two questions of a family have the same."""
    solve: Callable[[Say], Any]
    """Work the answer out through ``say``; the last step's value is what is returned."""
    kind: Kind
    vast: bool = False
    """Drawn out of more than 10^15."""
    rewordings: tuple[str, ...] = ()
    """The same question in other words, with the same numbers; one of all the wordings is asked."""
    context: str = ""
    source: str = ""
    """Where the formula is defined; "" for plain arithmetic."""
    program: str = ""
    """Of kind ``program``: the reference program, which is the gold."""
    tests: Callable[[], str] | None = None
    """Makes the hidden tests of a program."""


Template = Callable[[random.Random], Draft]


@dataclass(frozen=True, kw_only=True)
class Family:
    """Templates of one subject."""

    name: str
    domain: Domain
    templates: tuple[Template, ...]
    difficulty: int | None = None
    """1 to 5, as we state it (docs/fresh.md); None of the laboratory's, whose items stay as they were recorded."""


@dataclass(frozen=True, kw_only=True)
class Faulty:
    """A solution with one planted error."""

    steps: tuple[str, ...]
    first_error: int
    """Index of the first faulty step; those after it follow from it rightly."""
    answer: str


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One generated question with its worked solution, and a faulty one."""

    id: str
    template: str
    difficulty: int | None
    draft: Draft = field(repr=False)
    wording: int
    """Which wording is asked, counted from 0."""
    gold: str
    answer: str
    """What the steps end in: the gold, or of a program its value on the example."""
    steps: tuple[str, ...]
    faulty: Faulty


def instances(family: Family, seed: int) -> Iterator[Instance]:
    """Yield new instances of a family without end, no question twice; the same seed gives the same instances.

    No numbers drawn for one of the seeds 0 to 9 are drawn for any other seed. Raises BadInput when the templates have
    no question left.
    """
    rng = random.Random(f"{seed}/{family.name}")
    seen: set[str] = set()
    number = 0
    while True:
        template = family.templates[number % len(family.templates)]
        drawn, steps, answer = _new(family, template, rng, seed, seen)
        draft, wording = _worded(drawn, rng)
        gold = draft.program or (f"{answer}%" if draft.kind == "percent" else answer)
        yield Instance(
            id=f"{family.name}-{number}",
            template=template.__name__,
            difficulty=family.difficulty,
            draft=draft,
            wording=wording,
            gold=gold,
            answer=answer,
            steps=steps,
            faulty=_planted(draft, steps, answer, rng),
        )
        number += 1


def _new(
    family: Family, template: Template, rng: random.Random, seed: int, seen: set[str]
) -> tuple[Draft, tuple[str, ...], str]:
    for _ in range(TRIES):
        try:
            draft = template(rng)
            name = _identity(family, template, draft)
            if name in seen or not (family.difficulty is None or draft.vast or of_seed(name, seed)):
                continue
            steps, answer = worked(draft)
        except Redraw:
            continue
        seen.add(name)
        return draft, steps, answer
    raise BadInput(f"{family.name} has no new question after {len(seen)}; ask for fewer, or take another seed")


def _identity(family: Family, template: Template, draft: Draft) -> str:
    """Say what makes a question another one: its numbers, whatever the wording and the names of persons."""
    return f"{draft.context}\n{draft.question}" if family.difficulty is None else f"{template.__name__} {draft.given!r}"


def of_seed(name: str, seed: int) -> bool:
    """Whether a seed may draw what is known by this name."""
    part = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big") % PARTS
    return part == seed if 0 <= seed < OWN_PARTS else part >= OWN_PARTS


def _worded(draft: Draft, rng: random.Random) -> tuple[Draft, int]:
    """Choose one of the wordings."""
    if not draft.rewordings:
        return draft, 0
    wordings = (draft.question, *draft.rewordings)
    wording = rng.randrange(len(wordings))
    return replace(draft, question=wordings[wording], rewordings=()), wording


def worked(draft: Draft, fault: int | None = None, rng: random.Random | None = None) -> tuple[tuple[str, ...], str]:
    """Solve a draft; at step ``fault`` the value is changed by ``rng``."""
    steps: list[str] = []

    def say(value: V, lead: str, unit: str = "") -> V:
        told = changed(value, rng) if rng is not None and len(steps) == fault else value
        steps.append(f"{lead} {shown(told)}{f' {unit}' if unit else ''}.")
        return told

    answer = shown(draft.solve(say))
    return tuple(steps), answer


def _planted(draft: Draft, steps: Sequence[str], answer: str, rng: random.Random) -> Faulty:
    """Plant an error that changes the answer, at a step drawn; the last one always can."""
    order = rng.sample(range(len(steps)), len(steps))
    for fault in [*order, len(steps) - 1, len(steps) - 1]:
        try:
            wrong, other = worked(draft, fault, rng)
        except (ArithmeticError, ValueError, LookupError, Redraw):
            continue  # the changed value has no solution, e.g. a root of a negative number
        if other != answer and wrong[fault] != steps[fault]:
            return Faulty(steps=wrong, first_error=fault, answer=other)
    raise BadInput(f"no error can be planted in: {draft.question}")


def changed(value: V, rng: random.Random) -> V:
    """Return another value of the same type: a slip of arithmetic, or of order in a list."""
    other: V = _SLIPS[type(value)](value, rng)
    return other


def _other_decimal(value: Decimal, rng: random.Random) -> Decimal:
    last_place = Decimal(1).scaleb(int(value.as_tuple().exponent))
    return value + rng.choice((-18, -10, -1, 1, 10, 18)) * last_place


def _other_list(value: list[Any], rng: random.Random) -> list[Any]:
    if len(set(map(repr, value))) > 1 and rng.random() < 0.5:
        one = rng.randrange(len(value) - 1)
        if value[one] != value[one + 1]:
            value[one], value[one + 1] = value[one + 1], value[one]
            return value
    return value[:-1] if value else [0]


_SLIPS: dict[type, Callable[[Any, random.Random], Any]] = {
    bool: lambda value, _: not value,
    int: lambda value, rng: value + rng.choice([d for d in (-10, -2, -1, 1, 2, 10) if value < 0 or value + d >= 0]),
    Fraction: lambda value, rng: value + Fraction(rng.choice((1, 2)), value.denominator),
    Decimal: _other_decimal,
    float: lambda value, rng: value * rng.choice((0.9, 0.98, 1.02, 1.1)) if value else 1.0,
    str: lambda value, _: value[::-1] if value != value[::-1] else f"{value}a",
    dict: lambda value, _: dict(list(value.items())[:-1]),
    list: lambda value, rng: _other_list(list(value), rng),
}


def shown(value: Any) -> str:
    """Write a value: fractions in lowest terms, floats with ten significant digits, the rest as Python does."""
    if isinstance(value, float):
        return f"{value:.{SIGNIFICANT_DIGITS}g}" if abs(value) < 10**SIGNIFICANT_DIGITS else f"{value:.2f}"
    return str(value) if isinstance(value, Fraction | Decimal) else repr(value)


def plain(value: float) -> str:
    """Write a number of a question without an idle ``.0``."""
    return f"{value:.10g}"


def rounded(value: float, places: int = 2) -> Decimal:
    """Round half up to ``places`` decimals.

    Raises Redraw near a tie, where two right computations may differ, and for what rounds to 0, which has no sign.
    """
    if not math.isfinite(value) or abs(abs(value) * 10**places % 1 - 0.5) < NEAR_TIE * max(1.0, abs(value)):
        raise Redraw
    found = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if not found:
        raise Redraw
    return found
