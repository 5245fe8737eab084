"""A reply that arrives piece by piece (server-sent events), put together into the one that it would have been at once.

For servers behind a proxy that cuts a connection on which nothing is said for long. Not here: what a reply says.
"""

from collections.abc import AsyncIterator
from typing import Any, Protocol

import msgspec

TYPE = "text/event-stream"
"""What a server calls such a reply, asked for or not."""

_TEXTS = ("content", "reasoning_content", "reasoning", "thinking", "refusal", "text")
_DECODE = msgspec.json.Decoder(dict[str, Any]).decode


class Pieces(Protocol):
    """Bytes as they come."""

    def iter_any(self) -> AsyncIterator[bytes]:
        """Yield what has arrived."""


async def assembled(stream: Pieces) -> dict[str, Any]:
    """Read a stream to its end; raises ValueError where it breaks off, says an error, or holds no JSON."""
    texts: dict[str, list[str]] = {}
    tools: dict[int, dict[str, Any]] = {}
    whole: dict[str, Any] = {"choices": [{"finish_reason": None}]}
    ended = False
    async for event in _events(stream):
        if event == b"[DONE]":
            ended = True
            break
        chunk = _DECODE(event)
        if chunk.get("error"):
            raise ValueError(f"the stream ended by an error: {str(chunk['error'])[:150]}")
        _take(whole, chunk, texts, tools)
    choice = whole["choices"][0]
    if not ended and choice["finish_reason"] is None:
        raise ValueError("the stream broke off before its end")
    message: dict[str, Any] = {name: "".join(parts) for name, parts in texts.items()}
    if "text" in message:
        message["content"] = message.pop("text")
    if tools:
        message["tool_calls"] = [{"function": tools[place]} for place in sorted(tools)]
    choice["message"] = message
    return whole


def _take(
    whole: dict[str, Any], chunk: dict[str, Any], texts: dict[str, list[str]], tools: dict[int, dict[str, Any]]
) -> None:
    """Add a chunk to what came before it."""
    whole |= {name: chunk[name] for name in ("model", "usage", "system_fingerprint") if chunk.get(name)}
    for part in chunk.get("choices") or ():
        choice = whole["choices"][0]
        choice["finish_reason"] = part.get("finish_reason") or choice["finish_reason"]
        delta = part.get("delta") or part.get("message") or {}
        for name in _TEXTS:
            said = delta.get(name) if name != "text" else part.get("text")
            if isinstance(said, str) and said:
                texts.setdefault(name, []).append(said)
        _call(delta.get("tool_calls"), tools)
        _chances(part.get("logprobs"), choice)


def _call(calls: Any, tools: dict[int, dict[str, Any]]) -> None:
    for call in calls if isinstance(calls, list) else ():
        known = tools.setdefault(int(call.get("index") or 0), {"name": "", "arguments": ""})
        function = call.get("function") or {}
        for name in known:
            known[name] += str(function.get(name) or "")


def _chances(found: Any, choice: dict[str, Any]) -> None:
    for name in ("content", "token_logprobs"):
        if isinstance(found, dict) and isinstance(found.get(name), list):
            choice.setdefault("logprobs", {}).setdefault(name, []).extend(found[name])


async def _events(stream: Pieces) -> AsyncIterator[bytes]:
    """Yield what stands behind each ``data:``; comments that keep the connection awake are passed over."""
    rest = bytearray()
    async for piece in stream.iter_any():
        rest += piece
        *lines, last = rest.split(b"\n") if b"\n" in piece else [rest]
        rest = bytearray(last)
        for line in lines:
            if line.startswith(b"data:"):
                yield bytes(line[5:].strip())
    if rest.startswith(b"data:"):
        yield bytes(rest[5:].strip())
