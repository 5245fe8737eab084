"""Every two entrants of the site's tasks, as the engine compares them.

Holm's adjustment is over all pairs of all tasks that the site compares, as ``rarl-eval compare`` has it of the same
runs.
"""

from collections.abc import Mapping
from itertools import islice

import numpy as np

from rarl_eval.leaderboards.tally import Tally
from rarl_eval.measures.pairs import Counted, Pair, adjusted, pairs_of
from rarl_eval.measures.standing import MOST_EXACT

Compared = Mapping[str, tuple[Tally, list[Pair]]]
"""By task, what its pairs are of, and the pairs by the places of their entrants in the tally, the better one first."""


def compared(tallies: Mapping[str, Tally]) -> dict[str, tuple[Tally, list[Pair]]]:
    """Compare every two entrants whose tasks have one version and who share an item, for tasks with two or more."""
    found = {
        task: (tally, pairs_of(_counted(tally), MOST_EXACT)) for task, tally in tallies.items() if len(tally.rows) > 1
    }
    held = iter(adjusted([pair for _, pairs in found.values() for pair in pairs]))
    return {task: (tally, list(islice(held, len(pairs)))) for task, (tally, pairs) in found.items()}


def _counted(tally: Tally) -> Counted:
    right, judged = np.array(tally.right, dtype=np.int64), np.array(tally.judged, dtype=np.int64)
    return Counted(right, judged, tally.units(), [row.task_version for row in tally.rows])
