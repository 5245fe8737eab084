"""Any OpenAI-compatible chat server: vLLM, SGLang, llama.cpp, hosted ones.

Concurrency is bounded, Retry-After is obeyed, and each sample has its own seed. ``reasoning_content`` and
``reasoning`` are read, as are usage with reasoning tokens and the finish reason. A call that fails for good is a
completion with ``stop="error"``; the key is never stored or shown.
"""

import asyncio
import os
import queue
import random
import threading
import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Options, Request
from rarl_eval.types import Stop, Tokens

DEFAULT_URL = "https://api.openai.com/v1"
RETRY_STATUS = {408, 409, 425, 429, 500, 502, 503, 504}
LONGEST_WAIT_SECONDS = 60.0

_DECODE = msgspec.json.Decoder(dict[str, Any]).decode
_FAULTS = (
    aiohttp.ClientError,
    TimeoutError,
    OSError,
    ValueError,  # malformed JSON and broken UTF-8 among them
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    RecursionError,
)
"""What a network and a server's reply can do wrong; each makes a failed call, and never an answer."""

_STOPS: dict[str, Stop] = {"stop": "end", "eos": "end", "tool_calls": "end", "length": "length", "max_tokens": "length"}


def open_model(name: str, options: Options) -> "OpenAIModel":
    """Open ``openai:NAME`` at ``options.base_url``."""
    if not name:
        raise BadInput("--model openai: needs the model's name, e.g. openai:Qwen/Qwen3-8B")
    return OpenAIModel(name, options)


class OpenAIModel:
    """A chat server; requests run in an event loop on a thread of its own."""

    def __init__(self, name: str, options: Options) -> None:
        self._name = name
        self._options = options
        self._url = (options.base_url or DEFAULT_URL).rstrip("/")

    def describe(self) -> dict[str, Any]:
        """Return adapter, name and the server's address."""
        return {"adapter": "openai", "name": self._name, "base_url": self._url}

    def close(self) -> None:
        """Nothing is held between calls of generate."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield completions as they arrive."""
        done: queue.Queue[Completion | BaseException | None] = queue.Queue(1000)
        stopping = threading.Event()
        thread = threading.Thread(target=self._loop, args=(iter(requests), done, stopping), daemon=True)
        thread.start()
        try:
            while (result := done.get()) is not None:
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            stopping.set()
            while thread.is_alive():  # a full queue must not keep the loop from seeing the stop
                try:
                    done.get(timeout=0.05)
                except queue.Empty:
                    continue

    def _loop(
        self,
        requests: Iterator[Request],
        done: "queue.Queue[Completion | BaseException | None]",
        stopping: threading.Event,
    ) -> None:
        try:
            asyncio.run(self._all(requests, done, stopping))
        except BaseException as error:  # noqa: BLE001  the consumer's thread raises it
            done.put(error)
        done.put(None)

    async def _all(
        self,
        requests: Iterator[Request],
        done: "queue.Queue[Completion | BaseException | None]",
        stopping: threading.Event,
    ) -> None:
        connector = aiohttp.TCPConnector(limit=self._options.concurrency)
        timeout = aiohttp.ClientTimeout(total=self._options.timeout_seconds)
        # Not trust_env: it reads ~/.netrc again for every request, which costs more than the request.
        session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=self._headers(), proxy=_proxy(self._url)
        )
        async with session as client:

            async def work() -> None:
                for request in requests:  # the workers share one iterator
                    if stopping.is_set():
                        return
                    completion = await self._one(client, request)
                    await asyncio.to_thread(done.put, completion) if done.full() else done.put(completion)

            await asyncio.gather(*(work() for _ in range(self._options.concurrency)))

    def _shown(self, text: str) -> str:
        """Return the beginning of a server's words for the record; a key that it repeats is taken out first."""
        key = os.environ.get(self._options.api_key_variable)
        return (text.replace(key, "[key]") if key else text)[:200]

    def _headers(self) -> dict[str, str]:
        key = os.environ.get(self._options.api_key_variable)
        return {"Authorization": f"Bearer {key}"} if key else {}

    async def _one(self, client: aiohttp.ClientSession, request: Request) -> Completion:
        began = time.monotonic()
        error = "no attempt was made"
        for attempt in range(self._options.retries + 1):
            try:
                async with client.post(f"{self._url}/chat/completions", json=self._body(request)) as response:
                    content = await response.read()
                if response.status == HTTPStatus.OK:
                    return _completion(request, _DECODE(content), time.monotonic() - began)
                error = f"HTTP {response.status}: {self._shown(content[:4000].decode('utf-8', 'replace'))}"
                if response.status not in RETRY_STATUS:
                    break
                wait = _retry_after(response)
            except _FAULTS as failure:
                error, wait = f"{type(failure).__name__}: {self._shown(str(failure))}", None
            if attempt < self._options.retries:
                await asyncio.sleep(_backoff(attempt) if wait is None else min(wait, LONGEST_WAIT_SECONDS))
        return Completion(request=request, stop="error", error=error, seconds=time.monotonic() - began)

    def _body(self, request: Request) -> dict[str, Any]:
        sampling = request.sampling
        body: dict[str, Any] = {
            "model": self._name,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "seed": request.seed,
        }
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.max_tokens is not None:
            body["max_tokens"] = sampling.max_tokens
        if sampling.stop:
            body["stop"] = list(sampling.stop)
        return body


def _proxy(url: str) -> str | None:
    """Proxy that the environment names for a server (HTTPS_PROXY, NO_PROXY ...)."""
    parts = urlsplit(url)
    bypassed = parts.hostname is not None and proxy_bypass(parts.hostname)
    return None if bypassed else getproxies().get(parts.scheme)


def _completion(request: Request, reply: dict[str, Any], seconds: float) -> Completion:
    choice = reply["choices"][0]
    message = choice["message"]
    reasoning = message.get("reasoning_content") or message.get("reasoning") or None
    finish = choice.get("finish_reason")
    return Completion(
        request=request,
        text=message.get("content") or "",
        reasoning=reasoning if isinstance(reasoning, str) else None,
        tokens=_tokens(reply.get("usage") or {}),
        stop=_STOPS.get(finish) if isinstance(finish, str) else None,
        seconds=seconds,
        meta={"served_by": reply["model"]} if isinstance(reply.get("model"), str) else {},
    )


def _tokens(usage: dict[str, Any]) -> Tokens:
    completion = _count(usage.get("completion_tokens"))
    reasoning = _count((usage.get("completion_tokens_details") or {}).get("reasoning_tokens"))
    answer = completion - reasoning if completion is not None and reasoning is not None else None
    return Tokens(
        prompt=_count(usage.get("prompt_tokens")),
        completion=completion,
        reasoning=reasoning,
        answer=answer if answer is None or answer >= 0 else None,
        counted_by="server" if completion is not None else None,
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _backoff(attempt: int) -> float:
    return min(LONGEST_WAIT_SECONDS, 0.5 * 2.0**attempt) * random.uniform(0.5, 1.5)  # noqa: S311  jitter, not a secret
