"""vLLM in process: prompts are submitted together, and tokens, finish reasons and log-probabilities come back.

One engine may span several GPUs (``--model-arg tensor_parallel_size=2``, ``pipeline_parallel_size=2``); several
engines side by side, each with its share of the requests, are ``--engine ray``.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rarl_eval.answers import opens_reasoning
from rarl_eval.answers.thinking import MARKER_TOKENS
from rarl_eval.errors import BadInput, NotInstalled, first_line
from rarl_eval.models import Completion, Options, Request
from rarl_eval.models.arguments import files_hash, label, typed
from rarl_eval.models.templates import plain, render, revision, split_counts, tokenizer_hash
from rarl_eval.types import Stop

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
    try:
        engine = vllm.LLM(model=name, **typed(options.arguments))
    except (TypeError, ValueError, OSError, RuntimeError) as error:  # what wrong arguments and too little memory raise
        raise BadInput(f"vLLM cannot open {name} ({first_line(error)}); see the --model-arg values") from error
    tokenizer = engine.get_tokenizer()
    identity = {
        "adapter": "vllm",
        "name": label(name),
        "files": files_hash(name),
        "revision": revision(engine.llm_engine.model_config.hf_config),
        "tokenizer": tokenizer_hash(tokenizer),
        "arguments": options.arguments,
        "vllm": vllm.__version__,
    }
    return VllmModel(identity, engine, tokenizer, vllm)


class VllmModel:
    """An in-process engine."""

    def __init__(self, identity: dict[str, Any], engine: Any, tokenizer: Any, vllm: Any) -> None:
        self._identity = identity
        self._engine = engine
        self._tokenizer = tokenizer
        self._vllm = vllm
        # Markers that the tokenizer holds as special tokens would be left out of the text, and the reasoning graded.
        special = set(getattr(tokenizer, "all_special_tokens", ()))
        self._markers_are_special = bool(special & set(MARKER_TOKENS))
        self._unwanted = sorted(special - set(MARKER_TOKENS), key=len, reverse=True)

    def describe(self) -> dict[str, Any]:
        """Return adapter, name, revision, engine arguments, vLLM's version, hashes of the tokenizer and local files."""
        return self._identity

    def close(self) -> None:
        """Let the engine go."""
        del self._engine

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Generate batch after batch; each request keeps its own sampling parameters and seed."""
        waiting = iter(requests)
        while batch := list(itertools.islice(waiting, BATCH_REQUESTS)):
            texts = [render(self._tokenizer, request) for request in batch]
            prompts = [self._prompt(request, text) for request, text in zip(batch, texts, strict=True)]
            outputs = self._engine.generate(prompts, [self._parameters(r) for r in batch], use_tqdm=False)
            for request, text, output in zip(batch, texts, outputs, strict=True):
                yield self._completion(request, output, inside=opens_reasoning(text))

    def _prompt(self, request: Request, text: str | None) -> str | dict[str, list[int]]:
        if text is None:
            return plain(request)
        # The template writes the special tokens itself; tokenizing it again as text would add them twice.
        return {"prompt_token_ids": list(self._tokenizer.encode(text, add_special_tokens=False))}

    def _parameters(self, request: Request) -> Any:
        sampling = request.sampling
        # None leaves vLLM's own defaults, but its default of 16 tokens would cut every answer.
        chosen: dict[str, Any] = {"seed": request.seed, "max_tokens": sampling.max_tokens}
        if sampling.temperature is not None:
            chosen["temperature"] = sampling.temperature
        if sampling.stop:
            chosen["stop"] = list(sampling.stop)
        if self._markers_are_special:
            chosen["skip_special_tokens"] = False
        if sampling.logprobs:
            chosen["logprobs"] = 0  # of the token that was drawn, and of no other
        return self._vllm.SamplingParams(**chosen)

    def _completion(self, request: Request, output: Any, *, inside: bool) -> Completion:
        best = output.outputs[0]
        ids, text = list(best.token_ids), self._without_special(best.text)
        prompt = len(output.prompt_token_ids or ())
        return Completion(
            request=request,
            text=text,
            inside=inside,
            tokens=split_counts(text, ids, self._decode, inside=inside, prompt=prompt, by="vllm tokenizer"),
            stop=_STOPS.get(best.finish_reason or ""),
            meta={"logprobs": _logprobs(ids, best.logprobs)} if request.sampling.logprobs and best.logprobs else {},
        )

    def _decode(self, ids: Sequence[int]) -> str:
        text = str(self._tokenizer.decode(ids, skip_special_tokens=not self._markers_are_special))
        return self._without_special(text)

    def _without_special(self, text: str) -> str:
        for token in self._unwanted if self._markers_are_special else ():
            text = text.replace(token, "")
        return text


def _logprobs(ids: Sequence[int], found: Sequence[Any]) -> list[float]:
    return [round(float(step[token].logprob), 6) for token, step in zip(ids, found, strict=True)]
