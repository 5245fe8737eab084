"""Reward functions for verifiers' ``Rubric(funcs=[...])``: coroutines that do not block the loop.

Reference: https://verifiers.readthedocs.io/en/latest/components.html
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rarl_eval.training.scoring import score

UNJUDGED = 0.0
"""What a completion gets that cannot be judged: a rubric adds numbers. ``scoring.counts`` says how many there were."""


def rubric(verify: str = "math") -> Callable[..., Awaitable[float]]:
    """Return a reward function of a verifier, by the name ``rarl_eval_VERIFIER``."""

    async def verified(completion: Any, answer: Any, prompt: Any = None) -> float:
        found = await asyncio.to_thread(score, verify, prompt, completion, answer)
        return UNJUDGED if found is None else found

    verified.__name__ = f"rarl_eval_{verify.removesuffix('.py').rpartition('/')[2]}"
    return verified
