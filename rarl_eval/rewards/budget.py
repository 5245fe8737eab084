"""A cap on what judges may cost: past it nothing is asked, and what was not asked is missing, not wrong."""

from collections.abc import Iterable, Iterator
from typing import Any

from rarl_eval.models import Completion, Model, Request
from rarl_eval.rewards import Budget


class Capped:
    """A model that stops asking when a budget is spent; it is a model itself.

    What is in flight counts as if it cost as much as the dearest reply so far (before the first one: as the words of
    its prompt), so that many requests at once do not pass the cap together.
    """

    def __init__(self, model: Model, budget: Budget) -> None:
        self._model = model
        self._budget = budget
        self._calls = 0
        self._done = 0
        self._tokens = 0
        self._dearest = 0

    def describe(self) -> dict[str, Any]:
        """Return what the model says of itself."""
        return self._model.describe()

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield completions, and for every request past the budget one that says so."""
        refused: list[tuple[Request, str]] = []
        for completion in self._model.generate(self._affordable(requests, refused)):
            cost = _cost(completion)
            self._done, self._tokens, self._dearest = self._done + 1, self._tokens + cost, max(self._dearest, cost)
            yield completion
        for request, reason in refused:
            yield Completion(request=request, stop="error", error=f"not asked: {reason}")

    def _affordable(self, requests: Iterable[Request], refused: list[tuple[Request, str]]) -> Iterator[Request]:
        for request in requests:
            reason = self._spent()
            if reason:
                refused.append((request, reason))
            else:
                self._calls += 1
                if not self._done:
                    self._dearest = max(self._dearest, _words(request))
                yield request

    def _spent(self) -> str:
        budget = self._budget
        if budget.calls is not None and self._calls >= budget.calls:
            return f"the budget of {budget.calls} calls is spent"
        in_flight = (self._calls - self._done) * self._dearest
        if budget.tokens is not None and self._tokens + in_flight >= budget.tokens:
            return f"the budget of {budget.tokens} tokens is spent"
        return ""


def _cost(completion: Completion) -> int:
    counted = completion.tokens
    if counted.prompt is not None or counted.completion is not None:
        return (counted.prompt or 0) + (counted.completion or 0)
    return len(completion.text.split()) + _words(completion.request)


def _words(request: Request) -> int:
    return sum(len(m.content.split()) for m in request.messages)
