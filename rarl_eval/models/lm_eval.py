"""Any other back-end of lm-eval (``hf``, ``gguf`` ...) through its registry.

lm-eval returns text alone: tokens are counted with the back-end's own tokenizer where it has one, and a reply as long
as its budget is taken as cut off. It gives no log-probabilities of what it generated.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from rarl_eval.answers import opens_reasoning
from rarl_eval.errors import BadInput, NotInstalled, first_line
from rarl_eval.models import Completion, Options, Request
from rarl_eval.models.arguments import files_hash, label, typed
from rarl_eval.models.templates import plain, render, revision, split_counts, tokenizer_hash
from rarl_eval.types import Stop

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
    try:
        engine = backend(**arguments)
    except (TypeError, ValueError, OSError, RuntimeError) as error:  # what wrong arguments and too little memory raise
        raise BadInput(
            f"lm-eval cannot open {name or 'hf'} ({first_line(error)}); see the --model-arg values"
        ) from error
    identity = {
        "adapter": f"lm-eval:{name or 'hf'}",
        "name": label(given),
        "files": files_hash(given),
        "revision": revision(getattr(engine, "config", None)),
        "tokenizer": tokenizer_hash(getattr(engine, "tokenizer", None)),
        "arguments": options.arguments,
        "lm_eval": lm_eval.__version__,
    }
    return LmEvalModel(identity, engine)


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

        Most back-ends take no seed: it is passed by seeding torch before each batch. One that draws one sequence at
        a time is seeded for each request, so that a resumed run draws what an undisturbed one does.
        """
        waiting = iter(requests)
        single = getattr(self._engine, "batch_size", None) == 1
        while first := next(waiting, None):
            more = 0 if single and first.sampling.temperature else BATCH_REQUESTS - 1
            batch = [first, *itertools.islice(waiting, more)]
            if first.sampling.logprobs:
                raise BadInput("lm-eval gives no log-probabilities of what it generates; leave --logprobs out")
            _seed(first.seed)
            texts = self._engine.generate_until([self._instance(i, r) for i, r in enumerate(batch)], disable_tqdm=True)
            for request, text in zip(batch, texts, strict=True):
                yield self._completion(request, text, inside=opens_reasoning(self._prompt(request)))

    def likelihoods(self, pairs: list[tuple[str, str]]) -> list[tuple[float, bool]]:
        """Return the log-probability of each text after its context, and whether it is the greedy one."""
        from lm_eval.api.instance import Instance

        asked = [Instance(request_type="loglikelihood", doc={}, arguments=p, idx=n) for n, p in enumerate(pairs)]
        return [(float(value), bool(greedy)) for value, greedy in self._engine.loglikelihood(asked, disable_tqdm=True)]

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
        arguments = (self._prompt(request), options)
        return Instance(request_type="generate_until", doc={}, arguments=arguments, idx=index)

    def _completion(self, request: Request, text: str, *, inside: bool) -> Completion:
        if not hasattr(self._tokenizer, "encode"):
            return Completion(request=request, text=text, inside=inside)
        ids = self._tokenizer.encode(text, add_special_tokens=False)
        budget = request.sampling.max_tokens or DEFAULT_MAX_TOKENS
        stop: Stop = "length" if len(ids) >= budget else "end"
        by = f"{self._identity['name']} tokenizer"
        encode = getattr(self._engine, "tok_encode", self._tokenizer.encode)
        prompt = len(encode(self._prompt(request)))
        tokens = split_counts(text, ids, self._tokenizer.decode, inside=inside, prompt=prompt, by=by)
        return Completion(request=request, text=text, inside=inside, tokens=tokens, stop=stop)

    def _prompt(self, request: Request) -> str:
        rendered = render(self._tokenizer, request)
        return plain(request) if rendered is None else rendered


def _seed(seed: int) -> None:
    try:
        import torch
    except ImportError:
        return
    torch.manual_seed(seed)
