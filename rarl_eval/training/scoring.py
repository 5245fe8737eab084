"""The verifiers as rewards: a completion and a gold to 1, 0, or None where nothing can say.

Nothing here sets a signal or an alarm, which only a main thread may: algebra runs in processes whose own kernel timers
end it (answers/pool.py), programs in the sandbox. So a call may come from any thread, from a coroutine's executor, from
a forked or spawned worker. A pair that ran into its limit is remembered and costs it once.
"""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.judge import in_parallel
from rarl_eval.training.rollouts import Rollout, first, said
from rarl_eval.training.truth import Truth, Truths, truths

GOLDS = ("gold", "answer", "ground_truth", "label", "solution", "gts", "expected_answer", "target")
"""Columns of a data set in which a gold is looked for."""
_UNKNOWN = {"timeout", "cannot_judge", "failed", "no gold", "unparsable_gold", "unjudged"}

counts: Counter[str] = Counter()
"""How many completions this process has judged, by verdict."""
_counting = threading.Lock()


def score(verify: str, prompt: Any, completion: Any, gold: Any) -> float | None:
    """Return 1 for a right completion, 0 for one that is not, None where that cannot be judged (no gold, out of time).

    ``completion`` and ``prompt`` are texts or messages; ``verify`` as ``rarl-eval training --verify`` takes it.
    """
    rule = _truths(verify)
    text, reasoning = said(completion)
    judged = rule.judged(Rollout(text=text, reasoning=reasoning, prompt=prompt, gold=gold))
    with _counting:
        counts[judged.status] += 1
    return _value(judged, rule)


def scores(verify: str, prompts: Sequence[Any], completions: Sequence[Any], golds: Sequence[Any]) -> list[float | None]:
    """Return the scores of a batch in its order, several at work at a time; the same as one after the other."""
    rows = zip(prompts, completions, golds, strict=True)
    if len(completions) < 2:
        return [score(verify, *row) for row in rows]
    return list(in_parallel(partial(score, verify, *row) for row in rows))


def golds_in(columns: Mapping[str, Any], name: str | None, size: int) -> list[Any]:
    """Return the golds among a data set's columns, the named one or the first that is usual; None for each without."""
    found = columns.get(name) if name else first(columns, GOLDS)
    if name and found is None:
        raise BadInput(f"the data set has no column {name!r}; it has {', '.join(sorted(columns)) or 'none'}")
    if isinstance(found, list | tuple):
        if len(found) != size:
            raise BadInput(f"{len(found)} golds for {size} completions")
        return list(found)
    return [found] * size


@lru_cache(maxsize=64)
def _truths(verify: str) -> Truths:
    return truths(verify, None)


def _value(judged: Truth, rule: Truths) -> float | None:
    if judged.truth is None or (judged.status in _UNKNOWN and not (rule.task.runs_code and judged.status == "timeout")):
        return None
    return float(judged.truth)
