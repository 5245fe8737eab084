"""What a night has spent, and a model that stops asking when a cap is reached."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rarl_eval.models import Completion, Model, Request
from rarl_eval.nightly.config import Caps
from rarl_eval.types import Tokens

CHARACTERS_PER_TOKEN = 4
"""Of a reply whose tokens nobody counted; near the truth for English."""


@dataclass(kw_only=True)
class Meter:
    """Time, tokens and money of a night."""

    caps: Caps
    clock: Callable[[], float] = time.monotonic
    tokens: int = 0
    cost: float = 0.0
    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = self.clock()

    def add(self, tokens: Tokens, text: str, price: tuple[float, float]) -> None:
        """Count one reply."""
        completion = tokens.completion if tokens.completion is not None else len(text) // CHARACTERS_PER_TOKEN
        self.tokens += completion
        self.cost += ((tokens.prompt or 0) * price[0] + completion * price[1]) / 1e6

    def reached(self) -> str:
        """Say which cap is reached; "" while none is."""
        caps = self.caps
        if caps.hours is not None and self.clock() - self.began >= 3600 * caps.hours:
            return f"the cap of {caps.hours:g} hours"
        if caps.tokens is not None and self.tokens >= caps.tokens:
            return f"the cap of {caps.tokens:,} tokens"
        if caps.cost is not None and self.cost >= caps.cost:
            return f"the cap of {caps.cost:g} in cost"
        return ""


class Capped:
    """A model that is asked nothing more once a cap is reached; what was not asked has no record."""

    def __init__(self, model: Model, meter: Meter, price: tuple[float, float]) -> None:
        self._model = model
        self._meter = meter
        self._price = price

    def describe(self) -> dict[str, Any]:
        """Return the model's own description."""
        return self._model.describe()

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Pass completions on and count them."""
        for completion in self._model.generate(self._affordable(requests)):
            self._meter.add(completion.tokens, completion.text, self._price)
            yield completion

    def _affordable(self, requests: Iterable[Request]) -> Iterator[Request]:
        for request in requests:
            if self._meter.reached():
                return
            yield request
