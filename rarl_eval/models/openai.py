"""Any OpenAI-compatible server: vLLM, SGLang, llama.cpp, hosted ones.

Concurrency and rate are bounded, Retry-After is obeyed, and each sample has its own seed. ``--model-arg`` adds fields
to each request (``top_p=0.95``, ``reasoning_effort=low``; ``seed=null`` sends none). A call that fails for good is a
completion with ``stop="error"``; the key is never stored or shown. Not here: what is sent (bodies.py), what a reply
says (replies.py, stream.py), what a server refuses to take (dialect.py), when it is asked no more (breaker.py).
"""

import asyncio
import math
import os
import queue
import random
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Options, Request
from rarl_eval.models.arguments import typed
from rarl_eval.models.bodies import PATHS, body
from rarl_eval.models.breaker import Breaker, spent
from rarl_eval.models.catalogue import served, settled
from rarl_eval.models.dialect import Dialect
from rarl_eval.models.pace import Pace, estimated, used
from rarl_eval.models.replies import completion
from rarl_eval.models.stream import TYPE, assembled

DEFAULT_URL = "https://api.openai.com/v1"
RETRY_STATUS = {408, 409, 425, 429, *range(500, 600)} - {501, 505}
LONGEST_WAIT_SECONDS = 60.0
"""Between tries; a server that names a time is left alone for up to the time a request may take."""

_OURS = {"model", "messages", "prompt", "n", "stream"}

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
        self._url, self._query = _address(options.base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL)
        self.path = PATHS[options.endpoint]
        """Of the endpoint, behind the server's address."""
        self.retries = options.retries
        self._more = typed(options.arguments)
        self._dialect = Dialect()
        self._breaker = Breaker(options.concurrency, options.notice)
        if taken := _OURS & self._more.keys():
            raise BadInput(f"--model-arg {min(taken)}=... is set by the run itself; leave it out")
        if self._more.get("seed") is not None:
            raise BadInput(
                "--model-arg seed=... is set by the run itself (--seed); only seed=null, to send none, is taken"
            )
        self._pace = Pace(options.requests_per_minute, options.tokens_per_minute)
        self._served: dict[str, Any] | None = None

    def describe(self) -> dict[str, Any]:
        """Return adapter, name, the server's address, what it says it has loaded, and what goes into each request.

        ``alias``: it does not say what it has loaded; its replies may.
        """
        if self._served is None:
            wait = self._options.timeout_seconds
            self._served = served(self._url, self._name, self._headers(), _proxy(self._url), wait)
        more: dict[str, Any] = {"arguments": self._options.arguments} if self._options.arguments else {}
        told = {"served": self._served} if self._served else {}
        alias = {} if settled(self._served) else {"alias": True}
        if self._options.endpoint != "chat":
            more["endpoint"] = self._options.endpoint
        return {"adapter": "openai", "name": self._name, "base_url": self._url, **told, **alias, **more}

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
        self._breaker.begin()
        connector = aiohttp.TCPConnector(limit=self._options.concurrency)
        wait = self._options.timeout_seconds
        whole = None if self._options.stream else wait  # a stream may last for as long as something comes
        timeout = aiohttp.ClientTimeout(total=whole, sock_connect=wait, sock_read=wait)
        # Not trust_env: it reads ~/.netrc again for every request, which costs more than the request.
        session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=self._headers(), proxy=_proxy(self._url)
        )
        async with session as client:

            async def work() -> None:
                while not (stopping.is_set() or self._breaker.open):
                    request = next(requests, None)  # the workers share one iterator
                    if request is None:
                        return
                    result = await self._one(client, request)
                    await asyncio.to_thread(done.put, result) if done.full() else done.put(result)

            await asyncio.gather(*(work() for _ in range(self._options.concurrency)))

    def spoken(self, request: Request) -> dict[str, Any]:
        """Return a request's body as the server takes it, for all that it has refused so far."""
        return self._dialect.spoken(body(self._name, request, self._options, self._more))

    async def call(self, method: str, path: str, **how: Any) -> tuple[int, bytes]:
        """Ask another endpoint of the server once; return status and content, 0 and why where it cannot be reached."""
        timeout = aiohttp.ClientTimeout(total=self._options.timeout_seconds)
        session = aiohttp.ClientSession(timeout=timeout, headers=self._headers(), proxy=_proxy(self._url))
        try:
            async with (
                session as client,
                client.request(method, f"{self._url}{path}{self._query}", **how) as response,
            ):
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return 0, f"{type(error).__name__}: {error}".encode()

    def shown(self, text: str) -> str:
        """Return the beginning of a server's words for the record; a key that it repeats is taken out first."""
        key = os.environ.get(self._options.api_key_variable)
        return (text.replace(key, "[key]") if key else text)[:200]

    def _headers(self) -> dict[str, str]:
        key = os.environ.get(self._options.api_key_variable)
        return ({"Authorization": f"Bearer {key}"} if key else {}) | self._options.headers

    async def _one(self, client: aiohttp.ClientSession, request: Request) -> Completion:
        began = time.monotonic()
        error, attempt = "no attempt was made", 0
        while True:
            result = await self._attempt(client, request, began)
            if isinstance(result, Completion):
                self._breaker.answered()
                return result
            error = result.why
            if result.learnt:
                continue  # at once, and no try: it is the first that this server could take
            self._breaker.told(f"{self._url}: {error}")
            if result.final or attempt >= self._options.retries or self._breaker.hopeless:
                break
            if result.wait is None:
                await asyncio.sleep(_backoff(attempt))
            else:
                self._pace.pause(min(result.wait, max(LONGEST_WAIT_SECONDS, self._options.timeout_seconds)))
            attempt += 1
        last = self._breaker.failed(error)
        return Completion(request=request, stop="error", error=error, seconds=time.monotonic() - began, last=last)

    async def _attempt(self, client: aiohttp.ClientSession, request: Request, began: float) -> "Completion | _Failure":
        """Ask once."""
        estimate = estimated(request)
        await self._pace.turn(estimate)
        sent = self.spoken(request)
        try:
            async with client.post(f"{self._url}{self.path}{self._query}", json=sent) as response:
                reply, content = await _taken(response)
            if reply is not None:
                done = completion(request, reply, time.monotonic() - began)
                counted = used(done)
                self._pace.settle(estimate, estimate if counted is None else counted)
                adapted = {"adapted": dict(self._dialect.adapted)} if self._dialect.adapted else {}
                return msgspec.structs.replace(done, meta=done.meta | adapted)
        except _FAULTS as failure:
            return _Failure(f"{type(failure).__name__}: {self.shown(str(failure))}")
        words = content[:4000].decode("utf-8", "replace")
        return _Failure(
            f"HTTP {response.status}: {self.shown(words)}",
            final=response.status not in RETRY_STATUS or spent(response.status, words),
            learnt=self._dialect.learn(response.status, words, sent),
            wait=_retry_after(response),
        )


@dataclass(frozen=True)
class _Failure:
    """A try that gave no completion."""

    why: str
    final: bool = False
    """Asking the same again is of no use."""
    learnt: bool = False
    """The server refused a field, and will be asked without it."""
    wait: float | None = None
    """Seconds that the server asks to be left alone."""


async def _taken(response: aiohttp.ClientResponse) -> tuple[dict[str, Any] | None, bytes]:
    """Return a reply with status 200, whole or put together; of another its words."""
    if response.status == HTTPStatus.OK and response.content_type == TYPE:
        return await assembled(response.content), b""
    content = await response.read()
    return (_DECODE(content), content) if response.status == HTTPStatus.OK else (None, content)


def _address(url: str) -> tuple[str, str]:
    """Split a server's address into what stands before the endpoint and the query behind it; raises BadInput."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise BadInput(f"the base URL {url!r} does not begin with http:// or https:// and a host")
    query = f"?{parts.query}" if parts.query else ""
    path = parts.path.rstrip("/").removesuffix(PATHS["chat"]).removesuffix(PATHS["completions"])
    return f"{parts.scheme}://{parts.netloc}{path}", query


def _proxy(url: str) -> str | None:
    """Proxy that the environment names for a server (HTTPS_PROXY, NO_PROXY ...)."""
    parts = urlsplit(url)
    bypassed = parts.hostname is not None and proxy_bypass(parts.hostname)
    return None if bypassed else getproxies().get(parts.scheme)


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Seconds that a server asks to be left alone: a number, or a date."""
    asked = response.headers.get("Retry-After", "")
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(asked).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _backoff(attempt: int) -> float:
    return min(LONGEST_WAIT_SECONDS, 0.5 * 2.0**attempt) * random.uniform(0.5, 1.5)  # noqa: S311  jitter, not a secret
