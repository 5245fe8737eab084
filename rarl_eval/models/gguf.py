"""Any GGUF model in process, on CPU or GPU, by llama.cpp: nothing to start, no torch.

Requests run on ``--concurrency`` slots, each with a context of its own; a model below 64 MB has one, which is faster
for it, and every bit of its texts is the same whatever else is asked. llama.cpp's own sampling cuts (top-k 40, top-p
0.95, min-p 0.05) are off unless asked for, so that samples are draws from the model. Stop strings count in the answer
only: a chain of thought that mentions one goes on.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rarl_eval.answers.thinking import MARKER_TOKENS, Watch, left_open
from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Options, Request, Scored, Text
from rarl_eval.models.arguments import typed
from rarl_eval.models.forced import forced_scores
from rarl_eval.models.gguf_file import contents_hash, read_head
from rarl_eval.models.llama import SMALL_BYTES, Llama, RefusedText, start
from rarl_eval.models.spread import spread
from rarl_eval.types import Message, Stop, Tokens

DEFAULT_CONTEXT = 4096
"""Tokens of prompt and reply together, unless the model was trained on fewer or ``context`` says otherwise."""

_SAMPLING: dict[str, Any] = {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0}
_NUMBERS = {"context": int, "threads": int, "gpu_layers": int, "top_k": int}
_ARGUMENTS = (*_NUMBERS, "flash_attn", "top_p", "min_p", "repeat_penalty", "template_arguments")
_CHANGES_NO_TEXT = {"context", "threads", "gpu_layers"}


def open_model(name: str, options: Options) -> "GgufModel":
    """Open ``gguf:PATH``.

    ``--model-arg``: ``context`` (tokens of a slot), ``threads``, ``gpu_layers``, ``flash_attn``, ``top_k``, ``top_p``,
    ``min_p``, ``repeat_penalty``, ``template_arguments={"effort": "low"}`` (for the chat template).
    """
    if not name:
        raise BadInput("--model gguf: needs the path of a model, e.g. gguf:models/qwen3-0.6b-q8_0.gguf")
    path = Path(name)
    arguments = _checked(typed(options.arguments))
    head = read_head(path)
    trained = head.get(f"{head.get('general.architecture')}.context_length")
    context = arguments.get("context") or min(DEFAULT_CONTEXT, trained or DEFAULT_CONTEXT)
    slots = 1 if path.stat().st_size < SMALL_BYTES else options.concurrency
    llama = start(path, slots=slots, context=context, options=arguments)
    identity = {
        "adapter": "gguf",
        "name": path.stem,
        "files": contents_hash(path),
        "arguments": {k: v for k, v in options.arguments.items() if k not in _CHANGES_NO_TEXT},
        "xllamacpp": llama.version,
    }
    return GgufModel(identity, llama, slots, arguments, templated="tokenizer.chat_template" in head)


class GgufModel:
    """A loaded model with its slots."""

    def __init__(
        self, identity: dict[str, Any], llama: Llama, slots: int, arguments: dict[str, Any], *, templated: bool
    ) -> None:
        self._identity = identity
        self._llama = llama
        self._slots = slots
        self._arguments = arguments
        self._templated = templated

    def describe(self) -> dict[str, Any]:
        """Return adapter, name, a hash of the file, the arguments that change texts, and xllamacpp's version."""
        return self._identity

    def close(self) -> None:
        """Let the model go."""
        self._llama.close()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield completions as slots finish them; each request has its own seed."""
        return spread(requests, self._one, self._slots)

    def score(self, texts: Sequence[Text], *, moments: bool = True) -> Iterator[Scored]:
        """Yield how likely each text is after its messages, in order."""
        pairs = [("" if t.messages is None else self.prompt(t.messages), t.text) for t in texts]
        return forced_scores(self._llama, pairs, self._slots, moments=moments)

    def prompt(self, messages: Iterable[Message], thinking: bool | None = None) -> str:
        """Render with the model's chat template; a base model without one gets the plain text."""
        turns = [{"role": m.role, "content": m.content} for m in messages]
        if not self._templated:
            return "\n\n".join(turn["content"] for turn in turns)
        switch = {} if thinking is None else {"enable_thinking": thinking}
        return self._llama.render(turns, {**(self._arguments.get("template_arguments") or {}), **switch})

    def _one(self, request: Request, stopping: threading.Event) -> Completion:
        began = time.monotonic()
        try:
            prompt = self.prompt(request.messages, request.sampling.thinking)
            reply = Reply(left_open(prompt), request.sampling.stop, stopping)
            self._complete(request, self._body(request, prompt), reply)
        except (RefusedText, OSError, ValueError, KeyError) as error:
            said = f"{type(error).__name__}: {error}" if not isinstance(error, RefusedText) else str(error)
            return Completion(request=request, stop="error", error=said, seconds=time.monotonic() - began)
        return reply.completion(request, time.monotonic() - began, keep_logprobs=request.sampling.logprobs)

    def _complete(self, request: Request, body: dict[str, Any], reply: "Reply") -> None:
        """Let the model write: token by token where a reply may have to end early or is long in coming."""
        if self._llama.small and not request.sampling.stop and not request.sampling.logprobs:
            for piece in self._llama.whole(body):
                reply.add(piece)
        else:
            self._llama.complete(body, reply.add)

    def _body(self, request: Request, prompt: str) -> dict[str, Any]:
        sampling = request.sampling
        body: dict[str, Any] = {
            "prompt": prompt,
            "seed": request.seed,
            "cache_prompt": False,
            "timings_per_token": True,  # counts the tokens of each piece
            "preserved_tokens": list(MARKER_TOKENS),
            **{name: self._arguments.get(name, value) for name, value in _SAMPLING.items()},
        }
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.max_tokens is not None:
            body["n_predict"] = sampling.max_tokens
        if sampling.logprobs:
            body["n_probs"] = 1
        return body


class Reply:
    """One reply as it is written: its text, where its answer begins, its tokens, and why it ended."""

    def __init__(self, opening: str, stops: tuple[str, ...], stopping: threading.Event) -> None:
        self._watch = Watch(opening)
        self._stops = stops
        self._stopping = stopping
        self._cut: int | None = None
        self._count = 0
        self._reasoning: int | None = None
        self._prompt: int | None = None
        self._finish: str | None = None
        self._logprobs: list[float] = []

    def add(self, piece: dict[str, Any]) -> bool:
        """Take the next piece; return whether that is enough."""
        if self._cut is not None:
            return True
        choice = piece["choices"][0] if piece.get("choices") else {}
        timings = piece.get("timings") or {}
        self._count = int(timings.get("predicted_n", self._count))
        if "prompt_n" in timings:
            self._prompt = int(timings["prompt_n"]) + int(timings.get("cache_n", 0))
        self._finish = choice.get("finish_reason") or self._finish
        self._logprobs += [float(t["logprob"]) for t in (choice.get("logprobs") or {}).get("content") or ()]
        text = choice.get("text") or ""
        if self._watch.add(text):
            self._reasoning = self._count
        self._cut = self._watch.first(self._stops, len(text))
        return self._cut is not None or self._stopping.is_set()

    def completion(self, request: Request, seconds: float, *, keep_logprobs: bool) -> Completion:
        """Return what was written."""
        stop: Stop = "length" if self._finish == "length" and self._cut is None else "end"
        if self._stopping.is_set() and self._finish is None and self._cut is None:
            return Completion(request=request, stop="error", error="stopped before the end", seconds=seconds)
        return Completion(
            request=request,
            text=self._watch.text[: self._cut],
            tokens=self._tokens(),
            stop=stop,
            seconds=seconds,
            meta={"logprobs": self._logprobs} if keep_logprobs else {},
        )

    def _tokens(self) -> Tokens:
        reasoning = self._count if self._watch.answer is None else self._reasoning
        return Tokens(
            prompt=self._prompt,
            reasoning=reasoning,
            answer=None if reasoning is None else self._count - reasoning,
            completion=self._count,
            counted_by="llama.cpp",
        )


def _checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """Refuse arguments that the adapter does not know, or of the wrong kind."""
    for name, value in arguments.items():
        if name not in _ARGUMENTS:
            raise BadInput(f"--model-arg {name} is none of gguf:'s: {', '.join(_ARGUMENTS)}")
        if name in _NUMBERS and not (isinstance(value, int) and not isinstance(value, bool)):
            raise BadInput(f"--model-arg {name}={value} is no whole number")
        if name == "context" and value < 1:
            raise BadInput(f"--model-arg context={value} must be 1 or more tokens")
        if name in {"top_p", "min_p", "repeat_penalty"} and not isinstance(value, int | float):
            raise BadInput(f"--model-arg {name}={value} is no number")
        if name == "flash_attn" and not isinstance(value, bool):
            raise BadInput(f"--model-arg {name}={value} is neither true nor false")
        if name == "template_arguments" and not isinstance(value, dict):
            raise BadInput('--model-arg template_arguments needs a JSON object, e.g. {"effort": "low"}')
    return arguments
