"""Any provider that LiteLLM reaches, ``litellm:PROVIDER/MODEL``: Anthropic, Gemini, Bedrock, Vertex and others.

Replies come in OpenAI's form and are read as those of ``openai:`` are. Fields that LiteLLM says a model does not take
are not sent, and that is told with each completion. Keys are read from the variables that LiteLLM documents for each
provider. Not here: what a reply says (replies.py), when a model is asked no more (breaker.py).
"""

import itertools
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from rarl_eval.errors import BadInput, Fault, NotInstalled, attempt
from rarl_eval.models import Completion, Options, Request
from rarl_eval.models.arguments import typed
from rarl_eval.models.breaker import Breaker
from rarl_eval.models.dialect import DROPPED
from rarl_eval.models.replies import completion

_CHOOSABLE = ("temperature", "seed", "max_tokens", "stop", "logprobs")
_FINAL = {"AuthenticationError", "NotFoundError", "PermissionDeniedError", "BadRequestError", "BudgetExceededError"}
"""LiteLLM's errors after which asking the same again is of no use."""


def open_model(name: str, options: Options) -> "LiteLLM":
    """Open ``litellm:PROVIDER/MODEL``; ``--base-url`` and ``--model-arg`` go to LiteLLM."""
    try:
        import litellm
    except ImportError as error:
        raise NotInstalled("LiteLLM", "litellm") from error
    if not name:
        raise BadInput("--model litellm: needs provider and model, e.g. litellm:anthropic/claude-sonnet-4-5")
    return LiteLLM(litellm, name, options)


class LiteLLM:
    """A model behind LiteLLM; calls run on threads."""

    def __init__(self, package: Any, name: str, options: Options) -> None:
        self._package, self._name, self._options = package, name, options
        self._more = typed(options.arguments)
        self._breaker = Breaker(options.concurrency, options.notice)
        known = attempt("LiteLLM", lambda: package.get_supported_openai_params(model=name))
        self._taken = set(known) if isinstance(known, list | tuple) and known else set(_CHOOSABLE)

    def describe(self) -> dict[str, Any]:
        """Return adapter, name, LiteLLM's version, and what goes into each request; its replies name the model."""
        more = {"arguments": self._options.arguments} if self._options.arguments else {}
        return {"adapter": "litellm", "name": self._name, "litellm": _version(), "alias": True, **more}

    def close(self) -> None:
        """Nothing is held."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield completions as they arrive."""
        self._breaker.begin()
        waiting = iter(requests)
        under_way: set[Future[Completion]] = set()
        with ThreadPoolExecutor(self._options.concurrency) as pool:
            while True:
                room = 0 if self._breaker.open else self._options.concurrency - len(under_way)
                under_way |= {pool.submit(self._one, request) for request in itertools.islice(waiting, room)}
                if not under_way:
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)

    def _one(self, request: Request) -> Completion:
        began = time.monotonic()
        sent = self._sent(request)
        for tried in itertools.count():
            reply = attempt("LiteLLM", self._reply, request, sent, began)
            if isinstance(reply, Completion):
                self._breaker.answered()
                dropped = {name: DROPPED for name in self._wanted(request) if name not in sent}
                return msgspec.structs.replace(reply, meta=reply.meta | ({"adapted": dropped} if dropped else {}))
            why = self._shown(reply.error if isinstance(reply, Fault) else str(reply))
            self._breaker.told(f"litellm:{self._name}: {why}")
            final = why.partition(":")[0] in _FINAL
            if final or tried >= self._options.retries or self._breaker.hopeless:
                last = self._breaker.failed(why)
                return Completion(request=request, stop="error", error=why, seconds=time.monotonic() - began, last=last)
            time.sleep(min(60.0, 0.5 * 2.0**tried))
        raise AssertionError("unreachable")

    def _reply(self, request: Request, sent: dict[str, Any], began: float) -> Completion:
        found = self._package.completion(**sent)
        reply = found.model_dump() if hasattr(found, "model_dump") else dict(found)
        return completion(request, reply, time.monotonic() - began)

    def _wanted(self, request: Request) -> dict[str, Any]:
        sampling = request.sampling
        wanted = {
            "seed": request.seed,
            "temperature": sampling.temperature,
            "max_tokens": sampling.max_tokens,
            "stop": list(sampling.stop) or None,
            "logprobs": True if sampling.logprobs else None,
        }
        return {name: value for name, value in (wanted | self._more).items() if value is not None}

    def _sent(self, request: Request) -> dict[str, Any]:
        wanted = self._wanted(request)
        taken = {n: v for n, v in wanted.items() if n in self._taken or n in self._more or n in {"max_tokens", "stop"}}
        return {
            "model": self._name,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "timeout": self._options.timeout_seconds,
            "num_retries": 0,
            **({"api_base": self._options.base_url} if self._options.base_url else {}),
            **({"extra_headers": self._options.headers} if self._options.headers else {}),
            **taken,
        }

    def _shown(self, text: str) -> str:
        """Return the beginning of what went wrong; keys of the environment that it repeats are taken out."""
        for name, value in os.environ.items():
            if name.endswith(("_KEY", "_TOKEN", "_SECRET")) and len(value) >= 8:
                text = text.replace(value, "[key]")
        return text[:200]


def _version() -> str | None:
    try:
        return version("litellm")
    except PackageNotFoundError:
        return None
