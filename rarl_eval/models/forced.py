"""How likely llama.cpp's model finds a given text: a grammar lets it write nothing but the text's own tokens.

llama.cpp reports the log-probabilities of generated tokens as they were before any constraint, so that forcing the
tokens gives those of the text: one request a text, one step a token. (Its server has no log-probabilities of prompts.)
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from rarl_eval.models import Scored
from rarl_eval.models.llama import Llama, RefusedText

WHOLE_VOCABULARY = 4096
"""Vocabularies up to this size come back whole with each token; larger ones would be megabytes a token."""


class _Candidate(msgspec.Struct):
    logprob: float


class _Step(msgspec.Struct):
    id: int
    logprob: float
    top_logprobs: list[_Candidate]


class _Reply(msgspec.Struct):
    completion_probabilities: list[_Step] = []
    error: dict[str, Any] | None = None


_DECODE = msgspec.json.Decoder(_Reply).decode


def forced_scores(
    llama: Llama, pairs: Sequence[tuple[str, str]], slots: int, *, moments: bool = True
) -> Iterator[Scored]:
    """Yield the scores of each (before, text), in order, ``slots`` at a time; ``moments`` for small vocabularies."""
    size = llama.vocabulary() if moments else 1
    shown = size if size <= WHOLE_VOCABULARY else 1
    with ThreadPoolExecutor(slots) as pool:
        yield from pool.map(lambda pair: _forced(llama, pair[0], pair[1], shown), pairs)


def _forced(llama: Llama, before: str, text: str, shown: int) -> Scored:
    try:
        known = llama.tokens(before, special=True) if before else []
        wanted = llama.tokens(text, special=not before)
        if not known:  # the first token can only be conditioned on
            known, wanted = wanted[:1], wanted[1:]
        if not wanted:
            return Scored(error="the text has no token to score")
        reply = _DECODE(llama.forced(_body(known, wanted, shown)))
    except (RefusedText, OSError, ValueError, KeyError) as error:
        return Scored(error=str(error)[:200])
    steps = reply.completion_probabilities
    if reply.error is not None:
        return Scored(error=str(reply.error.get("message", reply.error))[:200])
    if [step.id for step in steps] != wanted:
        return Scored(error=f"the text is longer than a slot's context: {len(steps)} of {len(wanted)} tokens fit")
    return _scored(steps, whole=shown > 1)


def _body(known: list[int], wanted: list[int], shown: int) -> dict[str, Any]:
    return {
        "prompt": known,
        "n_predict": len(wanted),
        "grammar": "root ::= " + " ".join(f"<[{token}]>" for token in wanted),
        "n_probs": shown,
        "temperature": 0.0,
        "cache_prompt": False,
    }


def _scored(steps: Sequence[_Step], *, whole: bool) -> Scored:
    moments = [_moments([t.logprob for t in step.top_logprobs]) for step in steps] if whole else None
    return Scored(
        logprobs=tuple(step.logprob for step in steps),
        likeliest=tuple(step.logprob >= step.top_logprobs[0].logprob for step in steps),
        means=None if moments is None else tuple(mean for mean, _ in moments),
        deviations=None if moments is None else tuple(deviation for _, deviation in moments),
    )


def _moments(logprobs: list[float]) -> tuple[float, float]:
    """Mean and standard deviation of a token's log-probability, weighed by its probability."""
    weights = [math.exp(value) for value in logprobs]
    mean = math.fsum(w * v for w, v in zip(weights, logprobs, strict=True))
    square = math.fsum(w * (v - mean) ** 2 for w, v in zip(weights, logprobs, strict=True))
    return mean, math.sqrt(square)
