"""Self rewards of a model's own probabilities: how likely, certain and concentrated it was while it wrote.

``logprob:MODEL`` (mean log-probability of the tokens), ``certainty:MODEL`` (self-certainty, mean KL from the uniform
distribution to the model's: Kang et al., arXiv 2502.18581, equation 8) and ``entropy:MODEL`` (minus the mean entropy,
nats; the reward of arXiv 2505.22617 and kin). The text is scored again by one forward pass through transformers, so
that any stored trace has them; without ``MODEL``, ``logprob`` is read from the trace where its adapter recorded it.
"""

from typing import Any, Literal

from rarl_eval.errors import BadInput, NotInstalled, first_line
from rarl_eval.models.arguments import files_hash, label, typed
from rarl_eval.rewards import Case, Kind, Reach, RewardSource, case_source
from rarl_eval.rewards.questions import question_text

Measure = Literal["logprob", "certainty", "entropy"]


def open_likelihood(argument: str, reach: Reach, registered: Measure) -> RewardSource:
    """Open ``logprob[:MODEL]``, ``certainty:MODEL`` or ``entropy:MODEL``; higher is surer for each."""
    if not argument:
        return _recorded(reach, registered)
    model, tokenizer = _load(argument, reach)
    kind = Kind(name=reach.name or f"{registered}:{label(argument)}", judge="self", meaning="value")
    identity = {"self": registered, "model": label(argument), "files": files_hash(argument)}
    return case_source(kind, lambda case: kind.entry(case, _scored(case, model, tokenizer, registered)), identity)


def _recorded(reach: Reach, registered: Measure) -> RewardSource:
    """Mean of the log-probabilities that a trace holds in ``meta["logprobs"]``; None where it holds none."""
    if registered != "logprob":
        raise BadInput(f"--reward {registered} needs a model that scores the text: {registered}:MODEL_OR_FOLDER")
    kind = Kind(name=reach.name or "logprob", judge="self", meaning="value")
    identity = {"self": "logprob", "from": "trace.meta.logprobs"}
    return case_source(kind, lambda case: kind.entry(case, _mean(case.record.trace.meta.get("logprobs"))), identity)


def _mean(values: Any) -> float | None:
    if not isinstance(values, list) or not values or not all(isinstance(v, int | float) for v in values):
        return None
    return float(sum(values) / len(values))


def _load(name: str, reach: Reach) -> tuple[Any, Any]:
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise NotInstalled("transformers", "rewards") from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model = AutoModelForCausalLM.from_pretrained(name, **typed(reach.options.arguments))
    except (OSError, ValueError) as error:
        raise BadInput(f"the model {name!r} cannot be loaded: {first_line(error)}") from error
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer


def _scored(case: Case, model: Any, tokenizer: Any, measure: Measure) -> float | None:
    """Score the text after its question; None for an empty text or one that does not fit the model."""
    import torch

    tokens = fitting(case, tokenizer, getattr(model.config, "max_position_embeddings", None))
    if tokens is None:
        return None
    before, text = tokens
    ids = torch.tensor([before + text], device=model.device)
    with torch.inference_mode():
        logits = model(ids).logits[0, len(before) - 1 : -1].float()
    logs = torch.log_softmax(logits, dim=-1)
    if measure == "logprob":
        value = logs.gather(1, ids[0, len(before) :, None]).mean()
    elif measure == "entropy":
        value = (logs.exp() * logs).sum(dim=-1).mean()
    else:  # KL(uniform || p) = -log V - mean_j log p_j
        value = (-logs.mean(dim=-1) - torch.log(torch.tensor(float(logs.shape[-1])))).mean()
    return float(value)


def fitting(case: Case, tokenizer: Any, limit: int | None) -> tuple[list[int], list[int]] | None:
    """Return the tokens of a question and of the text behind it; None where one is empty, or both exceed ``limit``."""
    before = _prompt_tokens(case, tokenizer)
    text = list(tokenizer.encode(case.record.trace.text, add_special_tokens=False))
    if not before or not text or (limit is not None and len(before) + len(text) > limit):
        return None
    return before, text


def _prompt_tokens(case: Case, tokenizer: Any) -> list[int]:
    question = question_text(case.shown)
    if getattr(tokenizer, "chat_template", None):
        turns = [{"role": "user", "content": question}]
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return list(tokenizer.encode(text, add_special_tokens=False))
    return list(tokenizer.encode(f"{question}\n\n"))
