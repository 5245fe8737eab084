"""Any other back-end of lm-eval (``hf``, ``gguf`` ...) through its registry.

lm-eval returns text alone: tokens are counted with the back-end's own tokenizer where it has one, and a reply as long
as its budget is taken as cut off.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from rarl_eval.errors import BadInput, NotInstalled
from rarl_eval.models import Completion, Options, Request
from rarl_eval.models.arguments import files_hash, label, typed
from rarl_eval.types import Message, Stop, Tokens

BATCH_REQUESTS = 256
DEFAULT_MAX_TOKENS = 2048


def open_model(name: str, options: Options) -> "LmEvalModel":
    """Open ``lm-eval:BACKEND``; ``--model-arg`` goes to the back-end (``pretrained=...``, ``device=cpu`` ...)."""
    try:
        import lm_eval
        from lm_eval.api.registry import get_model
    except ImportError as error:
        raise NotInstalled("lm-eval", "lm-eval") from error
    try:
        backend = get_model(name or "hf")
    except (KeyError, ValueError) as error:
        raise BadInput(f"lm-eval has no back-end {name!r}: {error}") from error
    arguments = typed(options.arguments)
    given = str(arguments.get("pretrained") or arguments.get("model") or name)
    identity = {
        "adapter": f"lm-eval:{name or 'hf'}",
        "name": label(given),
        "files": files_hash(given),
        "arguments": options.arguments,
        "lm_eval": lm_eval.__version__,
    }
    return LmEvalModel(identity, backend(**arguments))


class LmEvalModel:
    """A back-end of lm-eval."""

    def __init__(self, identity: dict[str, Any], engine: Any) -> None:
        self._identity = identity
        self._engine = engine
        self._tokenizer: Any = getattr(engine, "tokenizer", None)

    def describe(self) -> dict[str, Any]:
        """Return adapter, model, its arguments, lm-eval's version, and a hash of a local folder's files."""
        return self._identity

    def close(self) -> None:
        """Let the back-end go."""
        del self._engine

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Generate batch after batch.

        Most back-ends take no seed: sampled repeats differ by the back-end's own random state. The seed is passed
        to it by seeding torch before each batch.
        """
        batches = iter(requests)
        while batch := list(itertools.islice(batches, BATCH_REQUESTS)):
            _seed(batch[0].seed)
            texts = self._engine.generate_until([self._instance(i, r) for i, r in enumerate(batch)], disable_tqdm=True)
            yield from (self._completion(r, text) for r, text in zip(batch, texts, strict=True))

    def _instance(self, index: int, request: Request) -> Any:
        from lm_eval.api.instance import Instance

        sampling = request.sampling
        options: dict[str, Any] = {
            "until": list(sampling.stop),
            "max_gen_toks": sampling.max_tokens or DEFAULT_MAX_TOKENS,
            "do_sample": bool(sampling.temperature),
        }
        if sampling.temperature:
            options["temperature"] = sampling.temperature
        arguments = (self._prompt(request.messages), options)
        return Instance(request_type="generate_until", doc={}, arguments=arguments, idx=index)

    def _prompt(self, messages: Iterable[Message]) -> str:
        turns = [{"role": m.role, "content": m.content} for m in messages]
        if getattr(self._tokenizer, "chat_template", None):
            return str(self._engine.apply_chat_template(turns))
        return "\n\n".join(turn["content"] for turn in turns)

    def _completion(self, request: Request, text: str) -> Completion:
        count = self._count(text)
        budget = request.sampling.max_tokens or DEFAULT_MAX_TOKENS
        stop: Stop | None = None if count is None else ("length" if count >= budget else "end")
        tokens = Tokens(completion=count, counted_by=None if count is None else f"{self._identity['name']} tokenizer")
        return Completion(request=request, text=text, tokens=tokens, stop=stop)

    def _count(self, text: str) -> int | None:
        if not hasattr(self._tokenizer, "encode"):
            return None
        return len(self._tokenizer.encode(text, add_special_tokens=False))


def _seed(seed: int) -> None:
    try:
        import torch
    except ImportError:
        return
    torch.manual_seed(seed)
