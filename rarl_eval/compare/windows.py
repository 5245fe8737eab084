"""Release dates: accuracy by month, and before against after a model's training cut-off."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np

from rarl_eval.compare.entrants import Entrant, clusters_of
from rarl_eval.errors import BadInput
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, accuracy
from rarl_eval.stats.unpaired import unpaired_means, unpaired_shares

LEAST_OTHERS = 1
"""Other models of the task needed to tell "later items are harder" from "this model knew the earlier ones"."""


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy over the items released in one month."""

    month: str
    n: int
    accuracy: Interval | None


class Cutoff(msgspec.Struct, frozen=True, kw_only=True):
    """Before (the day itself included) against after a training cut-off."""

    date: str
    n_before: int
    n_after: int
    before: Interval | None
    after: Interval | None
    drop: Interval | None
    """Accuracy before less after; None where a side has no items."""
    p_value: float | None
    drop_relative: Interval | None
    """The drop less the other models' mean drop on the same items, which harder items cannot explain."""
    p_relative: float | None
    others: int
    """How many other models that is."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One entrant over time."""

    task: str
    model: str
    n_undated: int
    months: list[Month]
    cutoff: Cutoff | None


def windows(found: Sequence[Entrant], cutoffs: Mapping[str, str]) -> list[Window]:
    """Split each entrant's items by release date; ``cutoffs`` maps models (or ``*``) to ISO dates."""
    return [_window(e, [o for o in found if o.task == e.task and o.label != e.label], cutoffs) for e in found]


def parse_cutoffs(options: Sequence[str], models: Sequence[str]) -> dict[str, str]:
    """Read ``--cutoff DATE`` (all models) and ``--cutoff MODEL=DATE``; raises BadInput for dates and unknown models."""
    found: dict[str, str] = {}
    for option in options:
        name, _, text = option.rpartition("=")
        if name and name not in models:
            raise BadInput(f"--cutoff {option!r} names no model that is compared; there are {', '.join(models)}")
        found[name or "*"] = iso_date("--cutoff", text)
    return found


def iso_date(option: str, text: str) -> str:
    """Check a date and return it as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInput(f"{option} {text!r} is no date; write it as 2024-08-01") from None


def _window(entrant: Entrant, others: Sequence[Entrant], cutoffs: Mapping[str, str]) -> Window:
    months = defaultdict(list)
    for key, released in entrant.released.items():
        months[released[:7]].append(key)
    cutoff = cutoffs.get(entrant.model, cutoffs.get("*"))
    return Window(
        task=entrant.task,
        model=entrant.label,
        n_undated=len(entrant.place) - len(entrant.released),
        months=[Month(month=m, n=len(keys), accuracy=_accuracy(entrant, keys)) for m, keys in sorted(months.items())],
        cutoff=None if cutoff is None else _cutoff(entrant, others, cutoff),
    )


def _cutoff(entrant: Entrant, others: Sequence[Entrant], cutoff: str) -> Cutoff:
    before = sorted(key for key, released in entrant.released.items() if released <= cutoff)
    after = sorted(key for key, released in entrant.released.items() if released > cutoff)
    found = unpaired_shares(_arrays(entrant, before), _arrays(entrant, after), _clusters(entrant, before, after))
    relative = _relative(entrant, others, before, after)
    return Cutoff(
        date=cutoff,
        n_before=len(before),
        n_after=len(after),
        before=_accuracy(entrant, before),
        after=_accuracy(entrant, after),
        drop=found.difference if found else None,
        p_value=found.p_value if found else None,
        drop_relative=relative[0],
        p_relative=relative[1],
        others=len(others),
    )


def _relative(
    entrant: Entrant, others: Sequence[Entrant], before: Sequence[str], after: Sequence[str]
) -> tuple[Interval | None, float | None]:
    """Drop of the entrant less the others' mean, on the items that all of them answered."""
    if len(others) < LEAST_OTHERS:
        return None, None
    everyone = set.intersection(*(set(o.place) for o in others))
    sides = [[key for key in keys if key in everyone] for keys in (before, after)]
    values = []
    for keys in sides:
        mean = np.mean([[o.shares[o.place[key]] for key in keys] for o in others], axis=0)
        values.append(np.array([entrant.shares[entrant.place[key]] for key in keys]) - mean)
    found = unpaired_means(values[0], values[1], _clusters(entrant, *sides))
    return (found.difference, found.p_value) if found else (None, None)


def _arrays(entrant: Entrant, keys: Sequence[str]) -> tuple[Any, Any]:
    at = np.array([entrant.place[key] for key in keys], dtype=np.intp)
    return entrant.shares[at], entrant.samples[at]


def _clusters(entrant: Entrant, before: Sequence[str], after: Sequence[str]) -> tuple[Codes | None, Codes | None]:
    return clusters_of(entrant, before), clusters_of(entrant, after)


def _accuracy(entrant: Entrant, keys: Sequence[str]) -> Interval | None:
    return accuracy(*_arrays(entrant, keys), clusters_of(entrant, keys))
