"""What a chat server's reply says, and whether its token counts can be true.

A reply that is none raises one of the errors that openai.py takes for a fault. A count that cannot be true is no count:
the trace says so in ``meta["doubts"]`` and keeps what was claimed in ``meta["claimed_tokens"]``.
"""

import math
from collections.abc import Iterator
from typing import Any

from rarl_eval.answers import split_reasoning
from rarl_eval.models import Completion, Request
from rarl_eval.types import Stop, Tokens

SLACK_TOKENS = 32
"""Tokens that leave no text: ends of turns, markers that a server takes out."""

BYTES_PER_TOKEN = 128
"""No common vocabulary has longer tokens, and no text consists of its longest ones."""

_STOPS: dict[str, Stop] = {"stop": "end", "eos": "end", "tool_calls": "end", "length": "length", "max_tokens": "length"}


def completion(request: Request, reply: dict[str, Any], seconds: float) -> Completion:
    """Read a chat completion; raises KeyError, IndexError, TypeError or ValueError where it is none."""
    if "choices" not in reply:
        raise ValueError(f"the reply has no choices: {str(reply)[:150]}")
    choice = reply["choices"][0]
    message = choice["message"]
    text = _text(message.get("content"))
    reasoning = _reasoning(message)
    finish = choice.get("finish_reason")
    stop = _STOPS.get(finish) if isinstance(finish, str) else None
    usage = reply.get("usage")
    claimed = _tokens(usage if isinstance(usage, dict) else {})
    tokens, doubts = _believed(claimed, request, text, reasoning)
    meta: dict[str, Any] = {}
    if isinstance(reply.get("model"), str):
        meta["served_by"] = reply["model"][:200]
    if isinstance(reply.get("system_fingerprint"), str) and reply["system_fingerprint"]:
        meta["system_fingerprint"] = reply["system_fingerprint"][:200]
    if isinstance(finish, str) and stop is None:
        meta["finish_reason"] = finish[:100]
    if doubts:
        meta["doubts"] = doubts
        meta["claimed_tokens"] = {"prompt": claimed.prompt, "completion": claimed.completion}
    if request.sampling.logprobs and (values := _logprobs(choice)) is not None:
        meta["logprobs"] = values
    # A server without a reasoning parser, whose template opens the reasoning: cut off, the reply has no marker at all.
    open_ended = request.sampling.thinking is True and stop == "length" and reasoning is None
    inside = open_ended and split_reasoning(text)[0] is None
    return Completion(
        request=request,
        text=text,
        reasoning=reasoning,
        inside=inside,
        tokens=tokens,
        stop=stop,
        seconds=seconds,
        meta=meta,
    )


def _text(content: Any) -> str:
    """Text of a message: a string, nothing, or a list of parts."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list) and all(isinstance(p, dict) and isinstance(p.get("text", ""), str) for p in content):
        return "".join(part.get("text", "") for part in content)
    raise TypeError(f"the content of the message is no text but {type(content).__name__}")


def _reasoning(message: dict[str, Any]) -> str | None:
    found = message.get("reasoning_content") or message.get("reasoning")
    return found if isinstance(found, str) and found else None


def _tokens(usage: dict[str, Any]) -> Tokens:
    details = usage.get("completion_tokens_details")
    completion_tokens = _count(usage.get("completion_tokens"))
    reasoning = _count(details.get("reasoning_tokens")) if isinstance(details, dict) else None
    answer = completion_tokens - reasoning if completion_tokens is not None and reasoning is not None else None
    return Tokens(
        prompt=_count(usage.get("prompt_tokens")),
        completion=completion_tokens,
        reasoning=reasoning,
        answer=answer if answer is None or answer >= 0 else None,
        counted_by="server" if completion_tokens is not None else None,
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _believed(claimed: Tokens, request: Request, text: str, reasoning: str | None) -> tuple[Tokens, list[str]]:
    """Drop counts that cannot be true; a surplus that hidden reasoning may explain is kept, and said."""
    answer, shown = _bytes(text), _bytes(text) + _bytes(reasoning or "")
    wrong = list(_impossible(claimed, request.sampling.max_tokens, answer, shown))
    if wrong:
        return Tokens(prompt=claimed.prompt), wrong
    if claimed.completion is not None and claimed.reasoning is None and claimed.completion > shown + SLACK_TOKENS:
        return claimed, [f"{claimed.completion} completion tokens for {shown} bytes: hidden reasoning, or miscounted"]
    return claimed, []


def _impossible(claimed: Tokens, cap: int | None, answer: int, shown: int) -> Iterator[str]:
    """Say why a count cannot be true, from the bytes of the answer and of all that was shown."""
    count, reasoning = claimed.completion, claimed.reasoning
    if count is None:
        return
    if cap is not None and count > cap + SLACK_TOKENS:
        yield f"{count} completion tokens where {cap} were allowed"
    if count * BYTES_PER_TOKEN < shown:
        yield f"{count} completion tokens for {shown} bytes"
    if reasoning is not None and reasoning > count:
        yield f"{reasoning} reasoning tokens of {count} completion tokens"
    elif reasoning is not None and count - reasoning > answer + SLACK_TOKENS:
        yield f"{count - reasoning} answer tokens for {answer} bytes"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _logprobs(choice: dict[str, Any]) -> list[float] | None:
    """Log-probability of each token, where the server gives them and they are numbers."""
    found = choice.get("logprobs")
    content = found.get("content") if isinstance(found, dict) else None
    if not isinstance(content, list):
        return None
    values = [entry.get("logprob") if isinstance(entry, dict) else None for entry in content]
    if not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
        return None
    return [round(float(v), 6) for v in values if v is not None]
