"""What asking may cost, and a model that stops asking there: one maker for runs, judges and nights."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rarl_eval.models import Completion, Model, Request
from rarl_eval.types import Trace

CHARACTERS_PER_TOKEN = 4
"""Of a text whose tokens nobody counted; near the truth for English."""


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What may be spent; None is no limit. What the cache holds costs nothing, and what is under way still arrives."""

    calls: int | None = None
    tokens: int | None = None
    hours: float | None = None
    """Of one session: what was stopped and goes on has them anew."""
    cost: float | None = None
    """In the currency of the ``Price``."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """What tokens cost."""

    prompt_per_million: float = 0.0
    completion_per_million: float = 0.0

    def of(self, reply: Completion | Trace) -> float:
        """Cost of a reply."""
        prompt, completion = spent(reply)
        return (prompt * self.prompt_per_million + completion * self.completion_per_million) / 1e6


@dataclass(kw_only=True)
class Meter:
    """What was spent of a budget."""

    budget: Budget = field(default_factory=Budget)
    clock: Callable[[], float] = time.monotonic
    prompts: bool = False
    """Whether the tokens of prompts count against the budget's tokens, as they do for judges."""
    calls: int = 0
    tokens: int = 0
    cost: float = 0.0
    dearest: int = 0
    """Tokens of the dearest reply so far."""
    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = self.clock()

    def add(self, reply: Completion | Trace, price: Price) -> None:
        """Count one reply."""
        prompt, tokens = spent(reply)
        if self.prompts:
            if reply.tokens.prompt is None and isinstance(reply, Completion):
                prompt = _asked(reply.request)
            tokens += prompt
        self.tokens, self.dearest = self.tokens + tokens, max(self.dearest, tokens)
        self.cost += price.of(reply)

    def reached(self, waiting: int = 0) -> str:
        """Say which limit is reached; "" while none is. ``waiting`` replies are taken to be as dear as the dearest."""
        budget = self.budget
        if budget.calls is not None and self.calls >= budget.calls:
            return f"the cap of {budget.calls:,} calls"
        if budget.hours is not None and self.clock() - self.began >= 3600 * budget.hours:
            return f"the cap of {budget.hours:g} hours"
        if budget.tokens is not None and self.tokens + waiting * self.dearest >= budget.tokens:
            return f"the cap of {budget.tokens:,} tokens"
        if budget.cost is not None and self.cost >= budget.cost:
            return f"the cap of {budget.cost:g} in cost"
        return ""


def spent(reply: Completion | Trace) -> tuple[int, int]:
    """Tokens of prompt and of everything generated that a reply is charged for: none for one from the cache.

    A count that is not believed is still what a server charges. A reply that nobody counted is measured, its prompt is
    not: it is no longer known here.
    """
    if reply.meta.get("cached"):
        return 0, 0
    claimed = reply.meta.get("claimed_tokens", {})
    prompt, completion = (
        given if given is not None else claimed.get(name)
        for name, given in (("prompt", reply.tokens.prompt), ("completion", reply.tokens.completion))
    )
    return prompt or 0, len(reply.text) // CHARACTERS_PER_TOKEN if completion is None else completion


class Capped:
    """A model that is asked nothing more once a budget is spent; it is a model itself.

    What is not asked has no completion, or with ``refuse`` one that says so: then requests under way count as if each
    cost as much as the dearest reply so far (before the first: as its prompt), lest many pass the limit together.
    """

    def __init__(self, model: Model, meter: Meter, price: Price | None = None, *, refuse: bool = False) -> None:
        self._model = model
        self._meter = meter
        self._price = price or Price()
        self._refuse = refuse

    def describe(self) -> dict[str, Any]:
        """Return what the model says of itself."""
        return self._model.describe()

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield completions as they come."""
        asked, done = 0, 0
        refused: list[Completion] = []

        def affordable() -> Iterator[Request]:
            nonlocal asked
            for request in requests:
                if self._refuse and not done:
                    self._meter.dearest = max(self._meter.dearest, _asked(request))
                if reason := self._meter.reached(asked - done if self._refuse else 0):
                    if not self._refuse:
                        return
                    refused.append(Completion(request=request, stop="error", error=f"not asked: {reason} is reached"))
                    continue
                asked += 1
                self._meter.calls += 1
                yield request

        for completion in self._model.generate(affordable()):
            done += 1
            self._meter.add(completion, self._price)
            yield completion
        yield from refused


def _asked(request: Request) -> int:
    return sum(len(message.content) for message in request.messages) // CHARACTERS_PER_TOKEN
