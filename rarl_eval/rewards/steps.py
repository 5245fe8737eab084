"""What a step is, and how the scores of steps become the score of a solution."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod

from rarl_eval.errors import BadInput

AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "product": prod,
    "last": lambda scores: scores[-1],
    "mean": lambda scores: sum(scores) / len(scores),
}
"""Of step scores (k,), k > 0. Product, min: Lightman et al., arXiv 2305.20050; last: Zhang et al., arXiv 2501.07301."""


def split_steps(text: str, by: str = "newline") -> list[str]:
    r"""Split a solution into steps, without empty ones.

    ``newline``: every line; ``paragraph``: pieces between blank lines; ``token:TEXT``: the model's own step token;
    ``marker:REGEX``: a new step begins where the expression matches, e.g. ``marker:Step \d+[.:]``.
    """
    way, _, given = by.partition(":")
    if way == "newline":
        pieces = text.split("\n")
    elif way == "paragraph":
        pieces = re.split(r"\n\s*\n", text)
    elif way == "token" and given:
        pieces = text.split(given)
    elif way == "marker" and given:
        pieces = _at_markers(text, given)
    else:
        raise BadInput(f"--steps {by!r} is none of newline, paragraph, token:TEXT, marker:REGEX")
    return [piece.strip() for piece in pieces if piece.strip()]


def join_steps(scores: Sequence[float], how: str) -> float | None:
    """Join step scores by ``how``; None without steps. Raises BadInput for an unknown way."""
    if how not in AGGREGATES:
        raise BadInput(f"--aggregate {how!r} is none of {', '.join(AGGREGATES)}")
    return float(AGGREGATES[how](scores)) if scores else None


def _at_markers(text: str, expression: str) -> list[str]:
    try:
        starts = [m.start() for m in re.finditer(expression, text)]
    except re.error as error:
        raise BadInput(f"--steps marker:{expression} is no regular expression: {error}") from error
    edges = sorted({0, *starts, len(text)})
    return [text[a:b] for a, b in pairwise(edges)]
