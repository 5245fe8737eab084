"""A rollout: what a policy wrote for a prompt at a step, and what the trainer's reward paid for it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.importers import chat
from rarl_eval.importers.outputs import element, mapping, number, text_of
from rarl_eval.types import Stop

STEP = re.compile(r"(?:^|[_.\-/])(?:global_step|training_step|step|iteration|iter|version)s?[_\-]?(\d+)", re.IGNORECASE)
_MOST_STEPS = 2.0**53
_DIGITS = re.compile(r"(\d+)$")
_STOPS: dict[str, Stop] = {
    "truncated": "length", "is_truncated": "length", "max_response_length_exceeded": "length",
    "max_tokens_reached": "length", "agent_completed": "end", "env_done": "end", "completed": "end", "done": "end",
    "aborted": "error", "failed": "error",
}  # fmt: skip


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """One sample of a training, as its dump has it. What the dump does not say is None."""

    text: str
    prompt: Any = None
    """What the model was shown: a text, with a chat template's marks or not, or messages."""
    where: str = ""
    """File and row, for messages."""
    step: int | None = None
    group: str | None = None
    """The trainer's own name of the samples that share a prompt; where it has none, equal prompts are a group."""
    sample: str | None = None
    """The trainer's own name of this sample in its group; the same one read twice is one."""
    gold: Any = None
    reward: float | None = None
    """What was paid in all."""
    rewards: dict[str, float | None] = {}
    """Its components by name."""
    reasoning: str | None = None
    stop: Stop | None = None
    held_out: bool = False
    """Whether it was sampled to evaluate, and trained nothing."""
    choices: tuple[str, ...] = ()
    extras: str = ""
    """Logged columns beside the sample, as one text: equal ones beside other prompts were left over."""


def paid(value: Any) -> float | None:
    """Return a reward that may be a number, one a token (their sum), or an object with a score in it."""
    if isinstance(value, list):
        parts = [number(part) for part in value]
        known = [part for part in parts if part is not None]
        return sum(known) if known and len(known) == len(parts) else None
    if isinstance(value, Mapping):
        return next((paid(value[name]) for name in ("score", "reward", "total", "acc") if name in value), None)
    if isinstance(value, str):
        try:
            return number(float(value))
        except ValueError:
            return None
    return number(value)


def stop_of(reason: Any) -> Stop | None:
    """Return how a sample ended, by a finish reason or by what a trainer calls it; None where it does not say."""
    word = reason.lower() if isinstance(reason, str) else ""
    return chat.stop(word) or _STOPS.get(word)


def step_in(path: Path, row: Mapping[str, Any] | None = None) -> int | None:
    """Return the step that a row says, or else the name of its file or of a folder above it."""
    said = next((row[n] for n in ("step", "global_step", "training_step") if row and row.get(n) is not None), None)
    told = paid(said)
    if told is not None and abs(told) < _MOST_STEPS:
        return int(told)
    stem = path.name.partition(".")[0]
    for name in (stem, *(part.name for part in path.parents)):
        if found := STEP.search(name):
            return int(found[1])
    bare = _DIGITS.search(stem)
    return int(bare[1]) if bare and len(bare[1]) < 10 else None


def said(value: Any) -> tuple[str, str | None]:
    """Return text and reasoning of a completion: a text, or messages of which the assistant's last one counts."""
    shown = chat.turns(value)
    if shown:
        _, answer = chat.answered([turn for turn in shown if turn.role in {"system", "user", "assistant"}])
        return (chat.closed(answer.text), answer.reasoning) if answer else ("", None)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return chat.closed(text_of(value) or ""), None


def first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Return the first field of ``names`` that holds something."""
    return next((row[name] for name in names if row.get(name) not in (None, "", [], {})), None)


def held(value: Any) -> Any:
    """Return what a list of length one holds, and anything else as it is."""
    return element(value, 0) if isinstance(value, list) and len(value) == 1 else value


def numbers_in(value: Any) -> dict[str, float | None]:
    """Return the numbers of an object by name; those of objects with a score in them, too."""
    found = {str(name): paid(part) for name, part in mapping(value).items() if not isinstance(part, str | list)}
    return {name: part for name, part in found.items() if part is not None}
