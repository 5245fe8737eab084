"""vLLM in process: every prompt is submitted at once, and tokens and finish reasons come back with the text."""

from collections.abc import Iterable, Iterator
from typing import Any

from rarl_eval.errors import BadInput, NotInstalled
from rarl_eval.models import Completion, Options, Request
from rarl_eval.models.arguments import files_hash, label, typed
from rarl_eval.types import Stop, Tokens

BATCH_REQUESTS = 1000
"""Requests handed to the engine at a time: enough to keep it full, few enough that a kill loses little."""

_STOPS: dict[str, Stop] = {"stop": "end", "length": "length"}


def open_model(name: str, options: Options) -> "VllmModel":
    """Open ``vllm:NAME``; ``--model-arg`` goes to ``vllm.LLM`` (``dtype=float32``, ``tensor_parallel_size=2`` ...)."""
    if not name:
        raise BadInput("--model vllm: needs a model's name or folder, e.g. vllm:Qwen/Qwen3-8B")
    try:
        import vllm
    except ImportError as error:
        raise NotInstalled("vLLM", "vllm") from error
    identity = {
        "adapter": "vllm",
        "name": label(name),
        "files": files_hash(name),
        "arguments": options.arguments,
        "vllm": vllm.__version__,
    }
    return VllmModel(identity, vllm.LLM(model=name, **typed(options.arguments)), vllm)


class VllmModel:
    """An in-process engine."""

    def __init__(self, identity: dict[str, Any], engine: Any, vllm: Any) -> None:
        self._identity = identity
        self._engine = engine
        self._vllm = vllm

    def describe(self) -> dict[str, Any]:
        """Return adapter, name, engine arguments, vLLM's version, and a hash of a local folder's files."""
        return self._identity

    def close(self) -> None:
        """Let the engine go."""
        del self._engine

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Generate batch after batch; each request keeps its own sampling parameters and seed."""
        batch: list[Request] = []
        for request in requests:
            batch.append(request)
            if len(batch) == BATCH_REQUESTS:
                yield from self._batch(batch)
                batch = []
        if batch:
            yield from self._batch(batch)

    def _batch(self, batch: list[Request]) -> Iterator[Completion]:
        prompts = [self._prompt(request) for request in batch]
        outputs = self._engine.generate(prompts, [self._parameters(r) for r in batch], use_tqdm=False)
        for request, output in zip(batch, outputs, strict=True):
            yield _completion(request, output)

    def _prompt(self, request: Request) -> str | dict[str, list[int]]:
        """Render with the model's chat template; a base model without one gets the plain text."""
        tokenizer = self._engine.get_tokenizer()
        if not getattr(tokenizer, "chat_template", None):
            return "\n\n".join(m.content for m in request.messages)
        messages = [{"role": m.role, "content": m.content} for m in request.messages]
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        # The template writes the special tokens itself; tokenizing it again as text would add them twice.
        return {"prompt_token_ids": list(tokenizer.encode(text, add_special_tokens=False))}

    def _parameters(self, request: Request) -> Any:
        sampling = request.sampling
        # None leaves vLLM's own defaults, but its default of 16 tokens would cut every answer.
        chosen: dict[str, Any] = {"seed": request.seed, "max_tokens": sampling.max_tokens}
        if sampling.temperature is not None:
            chosen["temperature"] = sampling.temperature
        if sampling.stop:
            chosen["stop"] = list(sampling.stop)
        return self._vllm.SamplingParams(**chosen)


def _completion(request: Request, output: Any) -> Completion:
    best = output.outputs[0]
    return Completion(
        request=request,
        text=best.text,
        tokens=Tokens(
            prompt=len(output.prompt_token_ids or ()), completion=len(best.token_ids), counted_by="vllm tokenizer"
        ),
        stop=_STOPS.get(best.finish_reason or ""),
    )
