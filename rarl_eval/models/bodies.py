"""What a request is on the wire: for chat, and for base models, which continue a text and have no turns.

Not here: what a server refuses to take (dialect.py).
"""

from collections.abc import Mapping
from typing import Any

from rarl_eval.models import Options, Request
from rarl_eval.models.templates import plain

CONTINUED_TOKENS = 2048
"""Asked of a base model where no budget is given: the endpoint's own default is 16."""

PATHS = {"chat": "/chat/completions", "completions": "/completions"}


def body(name: str, request: Request, options: Options, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request's body; what is None is not sent, and ``more`` wins over what is set here."""
    sampling = request.sampling
    made: dict[str, Any] = {"model": name, "seed": request.seed, **_asked(request, options)}
    made["temperature"] = sampling.temperature
    made["stop"] = list(sampling.stop) or None
    if options.stream:
        made |= {"stream": True, "stream_options": {"include_usage": True}}
    return {field: value for field, value in (made | dict(more)).items() if value is not None}


def _asked(request: Request, options: Options) -> dict[str, Any]:
    sampling = request.sampling
    if options.endpoint == "completions":
        budget = sampling.max_tokens or CONTINUED_TOKENS
        return {"prompt": plain(request), "max_tokens": budget, "logprobs": 1 if sampling.logprobs else None}
    return {
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "max_tokens": sampling.max_tokens,
        "chat_template_kwargs": None if sampling.thinking is None else {"enable_thinking": sampling.thinking},
        "logprobs": True if sampling.logprobs else None,
    }
