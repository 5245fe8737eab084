"""Prompts that several benchmarks share. Each ends in a request for one final line that a verifier can read.

``worked``, ``choice`` and ``reasoned`` ask for reasoning first (the style ``cot``); ``boxed``, ``letter`` and
``plain`` ask the same question without it (``zero-shot``). Not here: which style a run asks in (data/styles.py).
"""

import string
from collections.abc import Callable

from rarl_eval.types import Item, Message


def worked(item: Item, form: str = r"\boxed{}") -> list[Message]:
    """Zero-shot chain of thought that ends in a boxed answer."""
    return _user(item, f"Please reason step by step, and put your final answer within {form}.")


def boxed(item: Item) -> list[Message]:
    """Ask for the boxed answer alone."""
    return _user(item, r"Reply with the final answer within \boxed{}, and nothing else.")


def choice(item: Item) -> list[Message]:
    """Zero-shot chain of thought over lettered options."""
    return _user(
        item,
        f"{_options(item)}\n\nThink step by step, then finish with a line of the form "
        f'"Answer: X", where X is one of the letters {_letters(item)}.',
    )


def letter(item: Item) -> list[Message]:
    """Ask for an option's letter alone."""
    return _user(
        item,
        f'{_options(item)}\n\nReply with one line of the form "Answer: X", where X is one of the letters '
        f"{_letters(item)}, and nothing else.",
    )


def reasoned(form: str) -> Callable[[Item], list[Message]]:
    """Make a prompt that asks for reasoning and then for ``form``, a noun phrase: 'a line of the form "Answer: X"'."""
    return lambda item: _user(item, f"Reason step by step, then finish with {form}.")


def plain(form: str) -> Callable[[Item], list[Message]]:
    """Make a prompt that asks for ``form`` alone."""
    return lambda item: _user(item, f"Reply without an explanation, with {form}.")


def fitting(form: str) -> Callable[[Item], list[Message]]:
    """Make a prompt that asks for reasoning and then for an option's letter where there are options, else ``form``."""
    worded = reasoned(form)
    return lambda item: choice(item) if item.choices else worded(item)


def fitting_plain(form: str) -> Callable[[Item], list[Message]]:
    """Make a prompt that asks for an option's letter alone where there are options, else for ``form`` alone."""
    worded = plain(form)
    return lambda item: letter(item) if item.choices else worded(item)


def _user(item: Item, ending: str) -> list[Message]:
    context = f"{item.context}\n\n" if item.context else ""
    return [Message(role="user", content=f"{context}{item.question}\n\n{ending}")]


def _options(item: Item) -> str:
    return "\n".join(f"{name}. {text}" for name, text in zip(string.ascii_uppercase, item.choices, strict=False))


def _letters(item: Item) -> str:
    return ", ".join(string.ascii_uppercase[: len(item.choices)])
