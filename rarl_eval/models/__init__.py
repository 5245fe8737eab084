"""What a model is to the harness: requests go in, completions come out, in any order, and nothing is lost.

An adapter is a function ``open_model(name, options) -> Model``. The registry knows ``openai``, ``gguf``, ``vllm``,
``lm-eval``, ``litellm`` and the doubles ``replay`` and ``echo``; entry points of the group
``rarl_eval.models`` add more.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from rarl_eval.types import Message, Reward, Stop, Tokens


class Sampling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How to draw from the model; None leaves the model's own default.

    What is left at its default is not written down, so that a run or cache made before there was a field goes on.
    """

    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    thinking: bool | None = None
    """Whether the chat template lets the model reason first, where it has such a switch (``enable_thinking``)."""
    logprobs: bool = False
    """Keep the log-probability of each generated token in ``meta["logprobs"]``."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One sample wanted of one item."""

    task: str
    key: str
    item_id: str
    sample: int
    messages: tuple[Message, ...]
    sampling: Sampling
    seed: int
    """Differs from sample to sample, so that repeats are draws and not copies."""
    continuations: tuple[tuple[str, str], ...] = ()
    """Pairs of a context and a text whose log-probabilities are asked for in place of a reply (models/likely.py)."""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """What came back for a request, or why nothing did (``stop="error"``)."""

    request: Request
    text: str = ""
    reasoning: str | None = None
    """Reasoning where the model gives it apart from the text; else the harness splits it off at its markers."""
    inside: bool = False
    """Its prompt had opened the reasoning: without a closing marker all of the text is reasoning."""
    tokens: Tokens = Tokens()
    stop: Stop | None = None
    seconds: float | None = None
    error: str | None = None
    last: bool = False
    """The call failed as those before it, and the model is asked no more."""
    rewards: tuple[Reward, ...] = ()
    """Scores recorded with a replayed trace."""
    meta: dict[str, Any] = {}


def _unheard(words: str) -> None:
    """Tell nobody."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line knows about reaching a model."""

    base_url: str | None = None
    concurrency: int = 16
    timeout_seconds: float = 600.0
    retries: int = 5
    api_key_variable: str = "OPENAI_API_KEY"
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    arguments: dict[str, str] = {}
    """``--model-arg K=V``, passed to the back-end as they are."""
    endpoint: Literal["chat", "completions"] = "chat"
    """``completions``: the model continues a text, as a base model does."""
    stream: bool = False
    """Have replies sent piece by piece, so that no proxy takes a long thought for a dead connection."""
    headers: dict[str, str] = {}
    """Further headers of each request to a server; never stored or shown."""
    notice: Callable[[str], None] = _unheard
    """Told at once what goes wrong on the way to the model."""


class Model(Protocol):
    """A model, opened."""

    def describe(self) -> dict[str, Any]:
        """Return what the manifest says of it: adapter, name, and versions where known."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield one completion for each request, in any order; a failed call is a completion with an error."""

    def close(self) -> None:
        """Let go of connections and memory."""


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text whose probability is wanted, given what stands before it."""

    text: str
    messages: tuple[Message, ...] | None = None
    """What was asked, rendered as a prompt; None where the text stands alone."""


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """How likely a model finds the tokens of a text, one value a token; none for a first one that nothing precedes."""

    logprobs: tuple[float, ...] = ()
    likeliest: tuple[bool, ...] = ()
    """Whether the token is the one that greedy decoding would have written."""
    means: tuple[float, ...] | None = None
    """Mean of the log-probability over the whole vocabulary, weighed by the model's probabilities."""
    deviations: tuple[float, ...] | None = None
    """Its standard deviation, weighed alike; both None where the back-end gives no whole distributions."""
    error: str | None = None
    """Why the text could not be scored, e.g. that it is longer than the model's context."""


@runtime_checkable
class Scorer(Protocol):
    """A model that can say how likely a given text is; ``gguf:`` can."""

    def score(self, texts: Sequence[Text], *, moments: bool = True) -> Iterator[Scored]:
        """Yield one score for each text, in order; means and deviations only with ``moments``, which may cost more."""
