"""For adapters that render prompts and count tokens themselves: chat templates, and counts split at the markers."""

from collections.abc import Callable, Sequence
from typing import Any

from rarl_eval.answers import reasoning_end
from rarl_eval.files.plain import digest
from rarl_eval.models import Request
from rarl_eval.types import Tokens


def render(tokenizer: Any, request: Request) -> str | None:
    """Write a request with the tokenizer's chat template, thinking on or off; None where it has no template."""
    if not getattr(tokenizer, "chat_template", None):
        return None
    turns = [{"role": m.role, "content": m.content} for m in request.messages]
    thinking = request.sampling.thinking
    # A template that has no such switch does not look at it.
    switch = {} if thinking is None else {"enable_thinking": thinking}
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True, **switch))


def plain(request: Request) -> str:
    """Write a request for a base model, which has no turns."""
    return "\n\n".join(message.content for message in request.messages)


def split_counts(
    text: str, ids: Sequence[int], decode: Callable[[Sequence[int]], str], *, inside: bool, prompt: int | None, by: str
) -> Tokens:
    """Count the tokens of a reply before and after the point where its answer begins.

    The closing marker counts as reasoning. A reply without marked reasoning has no count for it; one that began
    ``inside`` and never closed it is all reasoning.
    """
    end = reasoning_end(text)
    if end == 0:
        reasoning = len(ids) if inside else None
    elif end == len(text):
        reasoning = len(ids)
    else:
        reasoning = _tokens_up_to(end, ids, decode)
    answer = None if reasoning is None else len(ids) - reasoning
    return Tokens(prompt=prompt, reasoning=reasoning, answer=answer, completion=len(ids), counted_by=by)


def _tokens_up_to(end: int, ids: Sequence[int], decode: Callable[[Sequence[int]], str]) -> int:
    """Find by bisection how few of the first tokens write ``end`` characters."""
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        if len(decode(ids[:middle])) >= end:
            high = middle
        else:
            low = middle + 1
    return low


def tokenizer_hash(tokenizer: Any) -> str | None:
    """Hash of a tokenizer's vocabulary, special tokens and chat template; None where it does not tell."""
    try:
        vocabulary = sorted(tokenizer.get_vocab().items())
    except (AttributeError, NotImplementedError, TypeError):
        return None
    special = {name: str(token) for name, token in getattr(tokenizer, "special_tokens_map", {}).items()}
    return digest([vocabulary, special, str(getattr(tokenizer, "chat_template", None))])


def revision(config: Any) -> str | None:
    """Commit of the hub repository that a model's configuration was loaded from; None for a local folder."""
    found = getattr(config, "_commit_hash", None)
    return found if isinstance(found, str) else None
