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

WORDS_PER_TOKEN = 2
"""Words have a token each, but in vocabularies that join the commonest."""

_STOPS: dict[str, Stop] = {
    "stop": "end", "eos": "end", "tool_calls": "end", "length": "length", "max_tokens": "length",
    "model_context_window_exceeded": "length", "model_length": "length",
}  # fmt: skip
_BROKEN = {"error", "network_error", "insufficient_system_resource", "abort"}
"""Reasons to end of a reply that is none, though its status is 200: DeepSeek's, Zhipu's, OpenRouter's, SGLang's."""


def completion(request: Request, reply: dict[str, Any], seconds: float) -> Completion:
    """Read a chat completion; raises KeyError, IndexError, TypeError or ValueError where it is none."""
    if "choices" not in reply:
        raise ValueError(f"the reply has no choices: {str(reply)[:150]}")
    choice = reply["choices"][0]
    continued = "text" in choice and "message" not in choice  # of a base model
    message = {"content": choice["text"]} if continued else choice["message"]
    finish = choice.get("finish_reason")
    if finish in _BROKEN or choice.get("error"):
        raise ValueError(f"the reply ended by {finish}: {str(choice.get('error') or 'no more is said')[:150]}")
    text = _text(message.get("content")) or _text(message.get("refusal"))
    reasoning = _reasoning(message)
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
    if called := _called(message):
        meta["tool_calls"] = called
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
    """Text of a message: a string, nothing, or a list of parts, of which some may be the reasoning."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list) and all(_is_part(part) for part in content):
        return "".join(p if isinstance(p, str) else p.get("text") or "" for p in content if not _is_thought(p))
    raise TypeError(f"the content of the message is no text but {type(content).__name__}")


_THOUGHTS = ("thinking", "reasoning")


def _is_part(part: Any) -> bool:
    return isinstance(part, str) or (isinstance(part, dict) and isinstance(part.get("text") or "", str))


def _is_thought(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in {"thinking", "reasoning"}


def _reasoning(message: dict[str, Any]) -> str | None:
    """Reasoning under the names that servers have for it, or in parts: Mistral's ``thinking``, OpenRouter's details."""
    for name in ("reasoning_content", "reasoning", "thinking"):
        if isinstance(found := message.get(name), str) and found:
            return found
    parts = message.get("reasoning_details") or message.get("content")
    thought = (
        [p for p in parts if isinstance(p, dict) and str(p.get("type", "")).startswith(_THOUGHTS)]
        if (isinstance(parts, list))
        else []
    )
    return "".join(map(_told, thought)) or None


def _told(part: dict[str, Any]) -> str:
    found = next((part[name] for name in ("thinking", "text", "summary") if part.get(name)), "")
    return found if isinstance(found, str) else _text(found)


def _called(message: dict[str, Any]) -> list[dict[str, str]]:
    """Names and arguments of the tools that a reply calls, bounded."""
    calls = message.get("tool_calls")
    functions = [c.get("function") for c in calls if isinstance(c, dict)] if isinstance(calls, list) else []
    return [
        {"name": str(f.get("name"))[:200], "arguments": str(f.get("arguments"))[:4000]}
        for f in functions[:8]
        if isinstance(f, dict)
    ]


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
    cut = _cut(claimed.prompt, request)
    wrong = list(_impossible(claimed, request.sampling.max_tokens, answer, shown))
    if wrong:
        return Tokens(prompt=claimed.prompt), [*cut, *wrong]
    if claimed.completion is not None and claimed.reasoning is None and claimed.completion > shown + SLACK_TOKENS:
        hidden = f"{claimed.completion} completion tokens for {shown} bytes: hidden reasoning, or miscounted"
        return claimed, [*cut, hidden]
    return claimed, cut


def _cut(prompt: int | None, request: Request) -> list[str]:
    """Doubt a prompt of fewer tokens than half its words: the server may have cut it and said nothing."""
    words = sum(any(map(str.isalnum, word)) for message in request.messages for word in message.content.split())
    if prompt is None or prompt * WORDS_PER_TOKEN >= words:
        return []
    return [f"{prompt} prompt tokens for {words} words: the server may have cut the prompt"]


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
    values = found.get("token_logprobs") if isinstance(found, dict) else None  # of a text that is continued
    if isinstance(content, list):
        values = [entry.get("logprob") if isinstance(entry, dict) else None for entry in content]
    if not isinstance(values, list):
        return None
    if not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
        return None
    return [round(float(v), 6) for v in values if v is not None]
