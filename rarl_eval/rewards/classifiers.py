"""Reward models loaded by transformers or by vLLM's pooling API; both give raw outputs for token ids.

Through transformers each text has a pass of its own: a score then depends on no neighbour, no padding and no padding
token, in whatever precision. vLLM is the one for large numbers of texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rarl_eval.errors import BadInput, NotInstalled, first_line
from rarl_eval.models.arguments import typed
from rarl_eval.rewards.heads import check_files, check_loaded


def load_hf(name: str, arguments: Mapping[str, str], *, process: bool) -> "Hf":
    """Load a sequence classifier, or a token classifier for ``process``; ``arguments`` go to ``from_pretrained``."""
    try:
        import torch
        import transformers
    except ImportError as error:
        raise NotInstalled("transformers", "rewards") from error
    form = "prm" if process else "orm"
    check_files(name, form)
    auto = transformers.AutoModelForTokenClassification if process else transformers.AutoModelForSequenceClassification
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        settings = {"dtype": torch.float32, **typed(arguments)}
        model, told = auto.from_pretrained(name, **settings, output_loading_info=True)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, ImportError) as error:
        raise BadInput(f"the reward model {name!r} cannot be loaded: {first_line(error)}") from error
    random = [*told["missing_keys"], *(str(one[0]) for one in told["mismatched_keys"])]
    check_loaded(name, form, random, told["unexpected_keys"], list(model.config.architectures or []))
    return Hf(model.eval().to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer)


def load_vllm(name: str, arguments: Mapping[str, str], *, process: bool) -> "Vllm":
    """Load a pooling model into an engine of vLLM; ``arguments`` go to ``vllm.LLM``."""
    try:
        import vllm
    except ImportError as error:
        raise NotInstalled("vLLM", "vllm") from error
    check_files(name, "prm" if process else "orm", own_class=True)
    engine = vllm.LLM(model=name, runner="pooling", **typed(arguments))
    return Vllm(engine, "token_classify" if process else "classify")


class Hf:
    """A classifier of transformers."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self.limit: int | None = getattr(model.config, "max_position_embeddings", None)

    def describe(self) -> dict[str, Any]:
        """Return back-end and version."""
        import transformers

        return {"adapter": "hf", "transformers": transformers.__version__}

    def tokenizer(self) -> Any:
        """Return the tokenizer."""
        return self._tokenizer

    def labels(self) -> dict[int, str]:
        """Return the head's labels by number."""
        return {int(number): str(name) for number, name in self._model.config.id2label.items()}

    def logits(self, texts: Sequence[Sequence[int]]) -> Iterator[Any]:
        """Yield (labels,) or (tokens, labels) for each text, in order."""
        import torch

        for text in texts:
            ids = torch.tensor([list(text)], device=self._model.device)
            with torch.inference_mode():
                yield self._model(input_ids=ids).logits[0].float().cpu()


class Vllm:
    """A pooling engine of vLLM."""

    def __init__(self, engine: Any, task: str) -> None:
        self._engine = engine
        self._task = task
        self._config = engine.llm_engine.model_config
        self.limit: int | None = self._config.max_model_len

    def describe(self) -> dict[str, Any]:
        """Return back-end and version."""
        import vllm

        return {"adapter": "vllm", "vllm": vllm.__version__}

    def tokenizer(self) -> Any:
        """Return the tokenizer."""
        return self._engine.get_tokenizer()

    def labels(self) -> dict[int, str]:
        """Return the head's labels by number."""
        return {int(number): str(name) for number, name in self._config.hf_config.id2label.items()}

    def logits(self, texts: Sequence[Sequence[int]]) -> Iterator[Any]:
        """Yield (labels,) or (tokens, labels) for each text, in order, without vLLM's own activation."""
        import vllm

        prompts = [{"prompt_token_ids": list(text)} for text in texts]
        raw = vllm.PoolingParams(use_activation=False)
        found = self._engine.encode(prompts, pooling_params=raw, pooling_task=self._task, use_tqdm=False)
        return (output.outputs.data.float() for output in found)
