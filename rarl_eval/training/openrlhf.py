"""A reward for OpenRLHF: ``--remote_rm_url FILE``, where FILE imports ``reward_func`` from here.

Reference: https://openrlhf.readthedocs.io/en/latest/agent_training.html
"""

from collections.abc import Sequence
from typing import Any

from rarl_eval.training.scoring import scores

UNJUDGED = 0.0
"""What a completion gets that cannot be judged; the share of these is logged as ``unjudged``."""


def reward_func(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], verify: str = "math", **_: Any
) -> dict[str, Any]:
    """Score texts that begin with their prompts by their labels; tensors where torch is installed, else lists."""
    answers = [query.removeprefix(prompt) for query, prompt in zip(queries, prompts, strict=True)]
    found = scores(verify, prompts, answers, labels)
    values = _tensor([UNJUDGED if value is None else value for value in found])
    missing = _tensor([float(value is None) for value in found])
    return {"rewards": values, "scores": values, "extra_logs": {"unjudged": missing}}


def _tensor(values: list[float]) -> Any:
    try:
        import torch
    except ImportError:
        return values
    return torch.tensor(values)
