"""vLLM on the GPUs of a Ray cluster, through Ray Data's own batch inference: one engine to a group of GPUs.

Prompts are rendered and tokenized here, as ``vllm:`` does it in process, so that both engines read the same tokens.
Ray does not pass finish reasons on: a reply that ends in an end token ended, one as long as its budget was cut off.
"""

import importlib
from collections.abc import Iterable, Iterator
from typing import Any

from rarl_eval.answers import opens_reasoning
from rarl_eval.errors import BadInput, NotInstalled, first_line
from rarl_eval.models import Completion, Options, Request
from rarl_eval.models.arguments import files_hash, label, typed
from rarl_eval.models.templates import plain, render, revision, split_counts, tokenizer_hash
from rarl_eval.types import Stop

BATCH_ROWS = 64


def open_batches(name: str, options: Options, engines: int | None, bundle: dict[str, float] | None = None) -> "Batches":
    """Open ``vllm:name`` on the cluster.

    ``engines``: how many, default: GPUs of the cluster by ``tensor_parallel_size x pipeline_parallel_size``.
    ``bundle``: what one of an engine's workers takes of the cluster, default: a GPU.
    """
    try:
        ray: Any = importlib.import_module("ray")
        import transformers
        import vllm
        from ray.data.llm import build_processor, vLLMEngineProcessorConfig
    except ImportError as error:
        raise NotInstalled("vLLM with ray[llm]", "vllm,ray") from error
    if not name:
        raise BadInput("--model vllm: needs a model's name or folder, e.g. vllm:Qwen/Qwen3-8B")
    arguments = typed(options.arguments)
    group = int(arguments.get("tensor_parallel_size", 1)) * int(arguments.get("pipeline_parallel_size", 1))
    count = engines or max(1, int(ray.cluster_resources().get("GPU", 0)) // group)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        config = transformers.AutoConfig.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise BadInput(f"the model {name!r} cannot be opened: {first_line(error)}") from error
    placement = {"bundle_per_worker": bundle or {"CPU": 1, "GPU": 1}}
    processor = build_processor(
        vLLMEngineProcessorConfig(
            model_source=name,
            engine_kwargs=arguments,
            concurrency=count,
            batch_size=BATCH_ROWS,
            placement_group_config=placement,
            chat_template_stage=False,
            tokenize_stage=False,
            detokenize_stage=False,
            # The engine's own metrics would need Ray's metrics agent on every node.
            log_engine_metrics=False,
        ),
        postprocess=_kept,
    )
    identity = {
        "adapter": "vllm",
        "name": label(name),
        "files": files_hash(name),
        "revision": revision(config),
        "tokenizer": tokenizer_hash(tokenizer),
        "arguments": options.arguments,
        "vllm": vllm.__version__,
    }
    return Batches(identity, processor, tokenizer, _ends(tokenizer, config), ray)


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    names = ("place", "inside", "generated_text", "generated_tokens", "num_input_tokens")
    return {**{name: row[name] for name in names}, "logprobs": row.get("logprobs")}


def _ends(tokenizer: Any, config: Any) -> set[int]:
    """Tokens that end a reply: the tokenizer's, and those of the model's own configuration."""
    found = getattr(config, "eos_token_id", None)
    listed = found if isinstance(found, list) else [found]
    return {int(token) for token in [*listed, tokenizer.eos_token_id] if token is not None}


class Batches:
    """Engines on a cluster; a model as the others are."""

    def __init__(self, identity: dict[str, Any], processor: Any, tokenizer: Any, ends: set[int], ray: Any) -> None:
        self._identity = identity
        self._processor = processor
        self._tokenizer = tokenizer
        self._ends = ends
        self._ray = ray

    def describe(self) -> dict[str, Any]:
        """Return adapter, name, revision, engine arguments, vLLM's version, hashes of the tokenizer and local files."""
        return self._identity

    def close(self) -> None:
        """Ray Data ends its engines with each batch."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield completions as batches are done; the requests of a run are handed over together."""
        asked = list(requests)
        if not asked:
            return
        rows = self._ray.data.from_items([self._row(place, request) for place, request in enumerate(asked)])
        for row in self._processor(rows).iter_rows():
            yield self._completion(asked[int(row["place"])], row)

    def _row(self, place: int, request: Request) -> dict[str, Any]:
        text = render(self._tokenizer, request)
        prompt = plain(request) if text is None else text
        ids = self._tokenizer.encode(prompt, add_special_tokens=text is None)
        sampling = request.sampling
        chosen: dict[str, Any] = {"seed": request.seed, "max_tokens": sampling.max_tokens, "stop": list(sampling.stop)}
        if sampling.temperature is not None:
            chosen["temperature"] = sampling.temperature
        if sampling.logprobs:
            chosen["logprobs"] = 0
        row = {"place": place, "inside": opens_reasoning(text), "prompt": prompt, "tokenized_prompt": list(ids)}
        return row | {"sampling_params": chosen}

    def _completion(self, request: Request, row: dict[str, Any]) -> Completion:
        ids, text, inside = [int(t) for t in row["generated_tokens"]], str(row["generated_text"]), bool(row["inside"])
        budget = request.sampling.max_tokens
        ended = bool(ids) and ids[-1] in self._ends
        known = ended or budget is not None  # without a budget only the model's own length would have cut it
        stop: Stop | None = ("end" if ended or len(ids) < (budget or 0) else "length") if known else None
        found = row.get("logprobs")
        logprobs = None if found is None else [_drawn(step, token) for step, token in zip(found, ids, strict=True)]
        prompt = int(row["num_input_tokens"])
        return Completion(
            request=request,
            text=text,
            inside=inside,
            tokens=split_counts(text, ids, self._tokenizer.decode, inside=inside, prompt=prompt, by="vllm tokenizer"),
            stop=stop,
            meta={"logprobs": logprobs} if logprobs is not None and request.sampling.logprobs else {},
        )


def _drawn(step: dict[Any, Any], token: int) -> float:
    found: Any = step[token] if token in step else step[str(token)]
    return round(float(found["logprob"]), 6)
