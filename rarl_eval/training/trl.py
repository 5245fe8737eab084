"""Rewards for TRL's ``GRPOTrainer(reward_funcs=...)``, texts and conversations.

Reference: https://huggingface.co/docs/trl/grpo_trainer#using-a-custom-reward-function
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rarl_eval.training.scoring import golds_in, scores


@dataclass(frozen=True)
class VerifiedReward:
    """A reward that can be pickled, so that workers of a spawned process may hold it."""

    verify: str = "math"
    gold: str | None = None

    @property
    def __name__(self) -> str:
        """What TRL calls its column."""
        return f"rarl_eval_{self.verify.removesuffix('.py').rpartition('/')[2]}"

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        log_metric: Callable[[str, float], None] | None = None,
        log_extra: Callable[[str, list[Any]], None] | None = None,
        **columns: Any,
    ) -> list[float | None]:
        """Score a batch; None, which TRL leaves out of a sum, where a completion cannot be judged.

        The golds are logged beside the completions (``log_extra``), so that the dump can be watched as it is.
        """
        golds = golds_in(columns, self.gold, len(completions))
        found = scores(self.verify, prompts, completions, golds)
        if log_extra is not None:
            log_extra("gold", [None if gold is None else str(gold) for gold in golds])
        if log_metric is not None and found:
            log_metric(f"{self.__name__}/unjudged", sum(value is None for value in found) / len(found))
        return found


def reward(verify: str = "math", gold: str | None = None) -> VerifiedReward:
    """Return the reward of a verifier: math, number, choice, code or ./file.py.

    ``gold`` is the data set's column; else the first that is usual (scoring.GOLDS).
    """
    return VerifiedReward(verify, gold)
