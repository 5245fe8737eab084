"""Whether answers bear out ids that the asker chose: more are right than would be if the ids named other items.

Results of a batch hold neither question nor gold, only the ``custom_id`` that its user gave each request. If ids and
items had nothing to do with each other, an answer would be right as often as its item's gold is common.
"""

import math
from collections.abc import Collection

from rarl_eval.answers import split_reasoning
from rarl_eval.data.calling import verdict_of
from rarl_eval.importers.outputs import Output
from rarl_eval.types import Benchmark, Item


def right(benchmark: Benchmark, item: Item, output: Output) -> bool:
    """Whether the output's answer is right for the item; no program is run for it, and no judge asked."""
    task = benchmark.task
    if task.runs_code or task.judged or task.answers == "programs" or output.error:
        return False
    answer = output.text if output.reasoning is not None else split_reasoning(output.text)[1]
    return verdict_of(task, item, answer).correct is True


def log_chance(chances: Collection[float], of: int) -> float:
    """Natural logarithm of a bound on the chance that some ``len(chances)`` of ``of`` answers are right.

    ``chances`` are those of the answers that are right; the bound is the union over which of them they are.
    """
    many = len(chances)
    ways = math.lgamma(of + 1) - math.lgamma(many + 1) - math.lgamma(of - many + 1)
    return math.fsum([ways, *(math.log(chance) for chance in sorted(chances) if chance > 0)])
