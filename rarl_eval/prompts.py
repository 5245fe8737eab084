"""Prompts that several benchmarks share. Each asks for reasoning first and for one final line a verifier can read."""

import string

from rarl_eval.types import Item, Message


def worked(item: Item, form: str = r"\boxed{}") -> list[Message]:
    """Zero-shot chain of thought that ends in a boxed answer."""
    asked = f"{_context(item)}{item.question}\n\nPlease reason step by step, and put your final answer within {form}."
    return [Message(role="user", content=asked)]


def choice(item: Item) -> list[Message]:
    """Zero-shot chain of thought over lettered options."""
    options = "\n".join(f"{letter}. {text}" for letter, text in zip(string.ascii_uppercase, item.choices, strict=False))
    letters = ", ".join(string.ascii_uppercase[: len(item.choices)])
    asked = (
        f"{_context(item)}{item.question}\n\n{options}\n\nThink step by step, then finish with a line of the form "
        f'"Answer: X", where X is one of the letters {letters}.'
    )
    return [Message(role="user", content=asked)]


def _context(item: Item) -> str:
    return f"{item.context}\n\n" if item.context else ""
