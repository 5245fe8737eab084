"""Models opened by name; an adapter of an installed package that fails does so for single requests, not for a run."""

import itertools
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from rarl_eval import registry
from rarl_eval.errors import BadInput, Fault, attempt
from rarl_eval.models import Completion, Model, Options, Request


def open_model(adapter: str, name: str, options: Options) -> Model:
    """Open ``ADAPTER:NAME``; raises UnknownName, NotInstalled, or BadInput where a plug-in does not open."""
    owner = registry.owner("models", adapter)
    opener = owner.resolve("model adapter")
    if owner.distribution is None:
        opened: Model = opener(name, options)
        return opened
    found = attempt(str(owner), opener, name, options)
    if isinstance(found, Fault):
        raise BadInput(f"the model {adapter}:{name} did not open: {found.reason}")
    return Held(found, str(owner))


class Held:
    """Somebody else's adapter: what it raises is the failed call of the request that it raises on."""

    def __init__(self, model: Model, owner: str) -> None:
        self._model, self._owner = model, owner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def describe(self) -> dict[str, Any]:
        """Return what the adapter says of the model."""
        return self._model.describe()

    def close(self) -> None:
        """Let the adapter go, whatever it says to that."""
        attempt(self._owner, self._model.close)

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield one completion for each request; where the adapter breaks off, what it owes is asked one by one."""
        stream = iter(requests)
        while True:
            owed: dict[Request, None] = {}
            fault = yield from self._until_it_breaks(_noted(stream, owed), owed)
            if fault is not None and not owed:  # it broke before it took a request
                owed = dict.fromkeys(itertools.islice(stream, 1))
            if not owed:
                return
            for request in owed:
                yield self._alone(request)
            if fault is None:
                return

    def _until_it_breaks(
        self, requests: Iterator[Request], owed: dict[Request, None]
    ) -> Generator[Completion, None, Fault | None]:
        answers = attempt(self._owner, lambda: iter(self._model.generate(requests)))
        if isinstance(answers, Fault):
            return answers
        while True:
            found = attempt(self._owner, next, answers, None)
            if found is None or isinstance(found, Fault):
                return found
            if not isinstance(found, Completion):
                return Fault(self._owner, f"returned {type(found).__name__}, not a Completion")
            owed.pop(found.request, None)
            yield found

    def _alone(self, request: Request) -> Completion:
        owed = {request: None}
        stream = self._until_it_breaks(iter([request]), owed)
        try:
            return next(stream)
        except StopIteration as end:
            why = end.value.reason if end.value else f"{self._owner} gave no completion"
            return Completion(request=request, stop="error", error=why)


def _noted(requests: Iterator[Request], owed: dict[Request, None]) -> Iterator[Request]:
    for request in requests:
        owed[request] = None
        yield request
