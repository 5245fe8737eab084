"""What is stored of a rollout: what its dump says and what was found of it, texts as numbers."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import msgspec

from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.truth import Truth

SHOWN = 1500
"""Characters kept of a sampled text's beginning and of its end."""


class Seen(NamedTuple):
    """One stored rollout, its texts as numbers; the order is the table's."""

    path: str
    step: int | None
    group: int
    sample: str | None
    held_out: int
    reward: float | None
    parts: str
    truth: int | None
    status: str
    answer: int | None
    text: int
    prompt: int
    gold: int | None
    extras: int | None
    length: int
    reasoning: int | None
    stop: str | None
    loop: int
    place: str
    shown: str | None
    asked: str | None
    known: int | None = None
    """Whether the prompt stands in a benchmark; None where no scan says so."""
    row: int | None = None
    """The store's own name of it."""


class Step(NamedTuple):
    """What is known of a step without its rollouts."""

    step: int | None
    version: int
    """Another one than before: rows of it have changed."""
    prompts: int
    """The set of its prompts, as a number."""
    summary: bytes | None
    """What was made of it at an earlier look."""


class Assessed(NamedTuple):
    """What is known of a rollout besides what its dump says."""

    truth: Truth
    answer: int | None
    """Its answer as a number."""
    asked: str
    """The question, without a template's marks."""
    loop: bool
    known: bool | None
    """Whether the question stands in a benchmark; None where no scan says so."""


def seen_of(path: Path, rollout: Rollout, judged: Assessed, *, kept: bool) -> Seen:
    """Make what is stored; ``kept``: its text, too, for the search of what pays and as an example."""
    prompt, truth = number_of(judged.asked), judged.truth.truth
    return Seen(
        path=str(path),
        step=rollout.step,
        group=number_of(f"{rollout.step}/{rollout.group or prompt}"),
        sample=rollout.sample,
        held_out=int(rollout.held_out),
        reward=rollout.reward,
        parts=msgspec.json.encode(rollout.rewards).decode(),
        truth=None if truth is None else int(truth),
        status=judged.truth.status,
        answer=judged.answer,
        text=number_of(rollout.text),
        prompt=prompt,
        gold=None if rollout.gold is None else number_of(repr(rollout.gold)),
        extras=number_of(rollout.extras) if rollout.extras else None,
        length=len(rollout.text) + len(rollout.reasoning or ""),
        reasoning=judged.truth.reasoning,
        stop=rollout.stop,
        loop=int(judged.loop),
        place=rollout.where,
        shown=bounded(rollout.text) if kept else None,
        asked=judged.asked[-SHOWN:] if kept else None,
        known=None if judged.known is None else int(judged.known),
    )


def number_of(text: str) -> int:
    """Return a text as a number of 63 bits; two texts share one by chance alone."""
    digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def bounded(text: str) -> str:
    """Return beginning and end of a text."""
    return text if len(text) <= 2 * SHOWN else f"{text[:SHOWN]} … {text[-SHOWN:]}"
