"""A reward for verl: ``custom_reward_function.path`` names a file that imports ``compute_score`` from here.

Reference: https://verl.readthedocs.io/en/latest/preparation/reward_function.html
"""

from collections.abc import Mapping
from typing import Any

from rarl_eval.training.scoring import score

UNJUDGED = 0.0
"""What a completion gets that cannot be judged: verl takes no None. ``scoring.counts`` says how many there were."""


def compute_score(
    data_source: str,  # noqa: ARG001  verl's signature
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    verify: str = "math",
    **_: Any,
) -> float:
    """Return 1 for a right solution and 0 for one that is not.

    ``verify`` comes from ``custom_reward_function.reward_kwargs``; ``extra_info["question"]``, where it is there, tells
    a repeated question from an answer.
    """
    found = score(verify, (extra_info or {}).get("question"), solution_str, ground_truth)
    return UNJUDGED if found is None else found
