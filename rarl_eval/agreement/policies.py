"""What no skill at all would score: policies that every reward must beat, measured on the same traces."""

from typing import Any

import msgspec
import numpy as np

from rarl_eval.agreement.traces import Traces
from rarl_eval.measures.agreement import PASSES, agree, bounded
from rarl_eval.stats.means import Floats


def policies(row: Traces, seed: int, replicates: int) -> list[dict[str, Any]]:
    """Measure the policies of a row.

    ``constant`` passes everything, ``null`` nothing, ``format-only`` whatever states a readable answer, ``length-only``
    ranks by characters, ``shuffled:NAME`` gives each trace the score that NAME gave to another one, drawn anew by
    ``seed``: what is left of its agreement is chance.
    """
    n = row.columns.item.size
    rows: dict[str, Floats] = {
        "constant": np.ones(n),
        "null": np.zeros(n),
        "format-only": row.answered,
        "length-only": row.characters,
    }
    rng = np.random.default_rng([seed, 1])  # not the bootstrap's stream, which would tie draws to the shuffle
    for name, signal in row.columns.signals.items():
        rows[f"shuffled:{name}"] = signal.scores[rng.permutation(n)]
    return [{"policy": name, **_measured(row, scores, seed, replicates)} for name, scores in rows.items()]


def _measured(row: Traces, scores: Floats, seed: int, replicates: int) -> dict[str, Any]:
    found = agree(
        scores,
        row.columns.correct,
        row.columns.item,
        row.units,
        threshold=PASSES if bounded(scores) else None,
        probability=False,
        seed=seed,
        replicates=replicates,
    )
    return msgspec.structs.asdict(found)
