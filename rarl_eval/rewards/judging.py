"""Put questions to a judge model and hand the answers back to whoever asked: one place for every generative judge.

Not here: what is asked and how a verdict is read (judges.py), how a model is reached (models/).
"""

import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from rarl_eval.answers import split_reasoning
from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Model, Request
from rarl_eval.models.budget import Capped, Meter
from rarl_eval.models.cache import Cached, default_path
from rarl_eval.models.plugged import open_model
from rarl_eval.rewards import Reach
from rarl_eval.runs.added import Judgement
from rarl_eval.types import Message

VERSION = 1
"""Of prompts and of how verdicts are read; part of the cache's address and of a reward's identity."""

Owner = TypeVar("Owner")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question of an owner."""

    part: str
    messages: tuple[Message, ...]
    against: int | None = None
    first: bool | None = None
    subject: int = 0
    """Which trace of the owner the question is about, or how many steps it has."""
    other: int | None = None
    """The owner's other trace of a pair."""


@dataclass
class _Open(Generic[Owner]):
    """An owner whose answers are still coming."""

    owner: Owner
    asks: list[Ask]
    answers: dict[int, Completion] = field(default_factory=dict)


class AnyVersion(Mapping[str, int | str]):
    """The judge's version under every task's name, as the cache asks for it."""

    def __getitem__(self, key: str) -> int:
        return VERSION

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def open_judge(argument: str, reach: Reach, registered: str) -> Model:
    """Open ``ADAPTER:NAME`` as a judge: capped by the budget, and behind the cache of completions."""
    adapter, colon, name = argument.partition(":")
    if not colon:
        raise BadInput(
            f"--reward {registered}:{argument} names no judge; give {registered}:ADAPTER:NAME, "
            f"e.g. {registered}:openai:gpt-4o"
        )
    model = Capped(open_model(adapter, name, reach.options), Meter(budget=reach.budget, prompts=True), refuse=True)
    return Cached(model, default_path(), AnyVersion()) if reach.cached and adapter not in {"echo", "replay"} else model


def put(
    model: Model, questions: Iterable[tuple[Owner, list[Ask]]], reach: Reach, read: Callable[[Ask, str], str | None]
) -> Iterator[tuple[Owner, list[tuple[Ask, Judgement]]]]:
    """Ask everything; yield each owner with its judgements, in the order of its asks, as soon as it has them all.

    ``read`` finds the verdict in a reply whose reasoning was split off. An owner without questions comes back at
    once, empty.
    """
    waiting: dict[Request, list[tuple[_Open[Owner], int]]] = defaultdict(list)
    silent: list[Owner] = []
    left = iter(questions)
    key = os.environ.get(reach.options.api_key_variable)

    def requests() -> Iterator[Request]:
        for owner, asks in left:
            if not asks:
                silent.append(owner)
                continue
            opened, new = _Open(owner, asks), []
            for i, ask in enumerate(asks):
                request = _request(ask, reach)
                waiting[request].append((opened, i))
                if len(waiting[request]) == 1:  # the same question of two owners is asked once
                    new.append(request)
            yield from new

    def answered() -> Iterator[Completion]:
        why = ""
        for completion in model.generate(requests()):
            why = completion.error or why
            yield completion
        # A judge that refuses or is gone is asked no more: what is left was not asked, which is a failed call too.
        deque(requests(), maxlen=0)
        for question in list(waiting):
            yield Completion(request=question, stop="error", error=f"not asked: {why or 'the judge gave no reply'}")

    for completion in answered():
        for opened, i in waiting.pop(completion.request, []):
            opened.answers[i] = completion
            if len(opened.answers) == len(opened.asks):
                judged = (_judgement(a, opened.answers[n], read, key) for n, a in enumerate(opened.asks))
                yield opened.owner, list(zip(opened.asks, judged, strict=True))
    yield from ((owner, []) for owner in silent)


def describe(model: Model) -> dict[str, Any]:
    """Return what identifies a judge; a server may move to another address."""
    return {k: v for k, v in model.describe().items() if k != "base_url"}


def _request(ask: Ask, reach: Reach) -> Request:
    return Request(
        task="judge", key="", item_id="", sample=0, messages=ask.messages, sampling=reach.sampling, seed=reach.seed
    )


def _judgement(ask: Ask, completion: Completion, read: Callable[[Ask, str], str | None], key: str | None) -> Judgement:
    failed = completion.stop == "error"
    reply = completion.text if completion.reasoning is not None else split_reasoning(completion.text)[1]
    return Judgement(
        part=ask.part,
        prompt=ask.messages,
        text=_redacted(completion.text, key),
        reasoning=completion.reasoning,
        # A reply that was cut off has no last line: what stands there is not its verdict.
        verdict=None if failed or completion.stop == "length" else read(ask, reply),
        against=ask.against,
        first=ask.first,
        error=_redacted(completion.error or "failed", key) if failed else None,
        tokens=completion.tokens,
        seconds=completion.seconds,
    )


def _redacted(text: str, key: str | None) -> str:
    """Take the key out of what a server sent back: some repeat it in their errors, and replies are stored."""
    return text.replace(key, "[key]") if key else text
