"""A cap on what judges may cost: past it nothing is asked, and what was not asked is missing, not wrong."""

from collections.abc import Iterable, Iterator
from typing import Any

from rarl_eval.models import Completion, Model, Request
from rarl_eval.rewards import Budget


class Capped:
    """A model that stops asking when a budget is spent; it is a model itself.

    Requests in flight when the cap is reached are still paid for, so that the cap can be passed by as much as the
    back-end has at work at once.
    """

    def __init__(self, model: Model, budget: Budget) -> None:
        self._model = model
        self._budget = budget
        self._calls = 0
        self._tokens = 0

    def describe(self) -> dict[str, Any]:
        """Return what the model says of itself."""
        return self._model.describe()

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield completions, and for every request past the budget one that says so."""
        refused: list[Request] = []
        for completion in self._model.generate(self._affordable(requests, refused)):
            self._tokens += _cost(completion)
            yield completion
        for request in refused:
            yield Completion(request=request, stop="error", error=f"not asked: {self._spent()}")

    def _affordable(self, requests: Iterable[Request], refused: list[Request]) -> Iterator[Request]:
        for request in requests:
            if self._spent():
                refused.append(request)
            else:
                self._calls += 1
                yield request

    def _spent(self) -> str:
        budget = self._budget
        if budget.calls is not None and self._calls >= budget.calls:
            return f"the budget of {budget.calls} calls is spent"
        if budget.tokens is not None and self._tokens >= budget.tokens:
            return f"the budget of {budget.tokens} tokens is spent"
        return ""


def _cost(completion: Completion) -> int:
    counted = completion.tokens
    if counted.prompt is not None or counted.completion is not None:
        return (counted.prompt or 0) + (counted.completion or 0)
    return len(completion.text.split()) + sum(len(m.content.split()) for m in completion.request.messages)
