"""Reward models loaded by transformers or by vLLM's pooling API; both give raw outputs for token ids."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rarl_eval.errors import BadInput, NotInstalled
from rarl_eval.models.arguments import typed

BATCH = 8
"""Texts in one forward pass of transformers, the shortest first so that little is padded."""


def load_hf(name: str, arguments: Mapping[str, str], *, process: bool) -> "Hf":
    """Load a sequence classifier, or a token classifier for ``process``; ``arguments`` go to ``from_pretrained``."""
    try:
        import torch
        import transformers
    except ImportError as error:
        raise NotInstalled("transformers", "lm-eval") from error
    auto = transformers.AutoModelForTokenClassification if process else transformers.AutoModelForSequenceClassification
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        model = auto.from_pretrained(name, **typed(arguments))
    except (OSError, ValueError) as error:
        raise BadInput(f"the reward model {name!r} cannot be loaded: {str(error).splitlines()[0][:200]}") from error
    return Hf(model.eval().to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer)


def load_vllm(name: str, arguments: Mapping[str, str], *, process: bool) -> "Vllm":
    """Load a pooling model into an engine of vLLM; ``arguments`` go to ``vllm.LLM``."""
    try:
        import vllm
    except ImportError as error:
        raise NotInstalled("vLLM", "vllm") from error
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
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        outputs: dict[int, Any] = {}
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            for i, output in zip(places, self._forward([texts[i] for i in places]), strict=True):
                outputs[i] = output[: len(texts[i])] if output.dim() == 2 else output
        return (outputs[i] for i in range(len(texts)))

    def _forward(self, texts: Sequence[Sequence[int]]) -> Any:
        """Run one padded batch; sequence heads find the last token themselves, by the padding id on its right."""
        import torch

        longest = max(map(len, texts))
        pad = self._model.config.pad_token_id or 0
        ids = torch.tensor([[*text, *[pad] * (longest - len(text))] for text in texts], device=self._model.device)
        mask = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in texts], device=self._model.device)
        with torch.inference_mode():
            return self._model(input_ids=ids, attention_mask=mask).logits.float().cpu()


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
