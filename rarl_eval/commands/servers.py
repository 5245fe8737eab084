"""Options that say how a model is reached, and how options that belong together are declared."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, Literal

import click

from rarl_eval.commands import options
from rarl_eval.errors import BadInput
from rarl_eval.models import Options
from rarl_eval.models.arguments import parse_arguments, parse_headers

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def together(name: str, kind: type, *decorators: Decorator) -> Decorator:
    """Add options that reach the command as one argument ``name``: a ``kind``, whose fields are called as they are."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def command(**given: Any) -> Any:
            given[name] = kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            return function(**given)

        declared: Callable[..., Any] = command
        for decorator in reversed(decorators):
            declared = decorator(declared)
        return declared

    return add


@dataclass(frozen=True, kw_only=True)
class ServerReach:
    """How models are reached."""

    base_url: str | None
    concurrency: int
    timeout: float
    retries: int
    rpm: float | None
    tpm: float | None
    api_key_env: str
    model_args: tuple[str, ...]
    headers: tuple[str, ...]
    endpoint: Literal["chat", "completions"]
    stream: bool

    def options(self) -> Options:
        """Return what an adapter is opened with."""
        return Options(
            base_url=self.base_url,
            concurrency=self.concurrency,
            timeout_seconds=self.timeout,
            retries=self.retries,
            requests_per_minute=self.rpm,
            tokens_per_minute=self.tpm,
            api_key_variable=self.api_key_env,
            arguments=parse_arguments(self.model_args),
            headers=parse_headers(self.headers),
            endpoint=self.endpoint,
            stream=self.stream,
            notice=options.notice,
        )


def adapter_and_name(model: str) -> tuple[str, str]:
    """Split ``ADAPTER:NAME``."""
    adapter, colon, name = model.partition(":")
    if not colon:
        raise BadInput(f"--model {model!r} is not ADAPTER:NAME, e.g. openai:gpt-4o")
    return adapter, name


reach = together(
    "reach",
    ServerReach,
    click.option("--base-url", metavar="URL", help="Server for openai:, e.g. http://localhost:8000/v1"),
    click.option("--concurrency", type=click.IntRange(1), default=16, show_default=True, help="Requests at once."),
    click.option(
        "--timeout", type=click.FloatRange(0.1), default=600.0, show_default=True, help="Seconds per request."
    ),
    click.option(
        "--retries", type=click.IntRange(0), default=5, show_default=True, help="Tries after a failed request."
    ),
    click.option("--rpm", type=click.FloatRange(0, min_open=True), help="Requests a minute at most, for openai:."),
    click.option("--tpm", type=click.FloatRange(0, min_open=True), help="Tokens a minute at most, for openai:."),
    click.option("--api-key-env", default="OPENAI_API_KEY", show_default=True, help="Variable that holds the key."),
    click.option("--model-arg", "model_args", multiple=True, metavar="K=V ...", help="Passed to the back-end."),
    click.option("--header", "headers", multiple=True, metavar="NAME:VALUE ...", help="Sent with each request."),
    click.option(
        "--endpoint",
        type=click.Choice(["chat", "completions"]),
        default="chat",
        show_default=True,
        help="completions: of openai:, for base models, which continue a text.",
    ),
    click.option("--stream", is_flag=True, help="Have replies of openai: sent piece by piece."),
)
