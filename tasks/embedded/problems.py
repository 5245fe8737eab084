"""Generators of the embedded items: six templates in each of four domains, with worked steps.

Every number is computed here, so that the gold is right by construction.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rarl_eval.tasks.embedded import code, finance, math, medicine
from rarl_eval.tasks.embedded.draft import Draft, Template

PER_TEMPLATE = 5


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An item with its worked steps and a plausible wrong answer."""

    id: str
    domain: str
    row: dict[str, Any]
    steps: tuple[str, ...]
    right: str
    wrong: str


_TEMPLATES = {
    "math": math.TEMPLATES,
    "code": code.TEMPLATES,
    "finance": finance.TEMPLATES,
    "medicine": medicine.TEMPLATES,
}


def problems(seed: int) -> Iterator[Problem]:
    """Yield all embedded items in order; the same seed gives the same items."""
    for domain, templates in _TEMPLATES.items():
        rng = random.Random(f"{seed}/{domain}")
        seen: set[str] = set()
        number = 0
        for template in templates:
            for _ in range(PER_TEMPLATE):
                row, steps, right, wrong = _fresh(template, rng, seen)
                identifier = f"{domain}-{number:02d}"
                number += 1
                row = {"id": identifier, **row}
                yield Problem(id=identifier, domain=domain, row=row, steps=tuple(steps), right=right, wrong=wrong)


def _fresh(template: Template, rng: random.Random, seen: set[str]) -> Draft:
    """Draw until the item is new and its wrong answer is really wrong."""
    while True:
        draft = template(rng)
        text = str(draft[0])
        if text not in seen and draft[2] != draft[3]:
            seen.add(text)
            return draft
