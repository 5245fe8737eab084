"""A model asked how likely it finds given texts, for benchmarks that compare log-likelihoods and read no answers.

The completion of such a request is a JSON list of a log-probability and whether greedy decoding would have written the
text, for each of the request's continuations. Other requests go to the model as they are.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, runtime_checkable

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Model, Request, Scorer, Text
from rarl_eval.types import Message

Likelihood = tuple[float, bool]


@runtime_checkable
class Likelier(Protocol):
    """A back-end that tells for pairs of a context and a text how likely the text is there."""

    def likelihoods(self, pairs: list[tuple[str, str]]) -> list[Likelihood]:
        """Return the log-probability of each text, and whether it is the greedy one."""


class Likely:
    """A model, ``asked`` for texts, and ``scored`` for likelihoods; the same one, the former perhaps behind a cache."""

    def __init__(self, asked: Model, scored: Model, task: str) -> None:
        if not isinstance(scored, Scorer | Likelier):
            raise BadInput(
                f"{task} compares log-likelihoods of given texts, which {scored.describe()['adapter']} does not give; "
                "gguf: and lm-eval: do"
            )
        self._asked, self._scored = asked, scored

    def describe(self) -> dict[str, Any]:
        """Return what the model says of itself."""
        return self._asked.describe()

    def close(self) -> None:
        """Let the model go."""
        self._asked.close()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield the likelihoods of requests with continuations, and the completions of the others."""
        compared: list[Request] = []

        def others() -> Iterator[Request]:
            for request in requests:
                if not request.continuations:
                    yield request
                    continue
                compared.append(request)

        for completion in self._asked.generate(others()):
            yield completion
            yield from map(self._compared, compared)
            compared.clear()
        yield from map(self._compared, compared)

    def _compared(self, request: Request) -> Completion:
        found = self._likelihoods(list(request.continuations))
        if isinstance(found, str):
            return Completion(request=request, stop="error", error=found)
        return Completion(request=request, text=msgspec.json.encode(found).decode(), stop="end")

    def _likelihoods(self, pairs: list[tuple[str, str]]) -> list[Likelihood] | str:
        """Return them, or why a text could not be scored."""
        if isinstance(self._scored, Likelier):
            return self._scored.likelihoods(pairs)
        assert isinstance(self._scored, Scorer)
        texts = [Text(text=text, messages=(Message("user", context),)) for context, text in pairs]
        scored = list(self._scored.score(texts, moments=False))
        failed = next((one.error for one in scored if one.error), None)
        return failed or [(sum(one.logprobs), all(one.likeliest)) for one in scored]
