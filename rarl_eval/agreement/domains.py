"""Agreement by domain, and what is lost when a reward that was chosen on one domain judges another."""

from collections.abc import Mapping, Sequence
from itertools import permutations

import msgspec
import numpy as np

from rarl_eval.agreement.traces import Traces
from rarl_eval.measures.agreement import Agreement, agree_reward
from rarl_eval.stats import Interval, newcombe

METRICS = ("auroc", "auroc_within", "accuracy", "false_pass", "false_fail")


class DomainAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """A reward over all traces of a domain, whichever model wrote them."""

    reward: str
    domain: str
    tasks: list[str]
    agreement: Agreement


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A metric in one domain less the same in another; the items differ, so the intervals are independent."""

    reward: str
    metric: str
    to: str
    base: str
    difference: Interval


def by_domain(rows: Sequence[Traces], *, seed: int, replicates: int) -> list[DomainAgreement]:
    """Pool the traces of each reward by domain; an item that several models answered is resampled with all of them."""
    names = sorted({name for row in rows for name in row.columns.signals})
    domains = sorted({row.columns.info.domain for row in rows})
    found = []
    for name in names:
        for domain in domains:
            chosen = [r for r in rows if r.columns.info.domain == domain and name in r.columns.signals]
            if chosen:
                agreement = _pooled(chosen, name, seed, replicates)
                tasks = sorted({r.columns.task for r in chosen})
                found.append(DomainAgreement(reward=name, domain=domain, tasks=tasks, agreement=agreement))
    return found


def shifts(found: Sequence[DomainAgreement]) -> list[Shift]:
    """Differences between each two domains, in both directions, of the metrics that both define (Newcombe, MOVER)."""
    rows: Mapping[str, list[DomainAgreement]] = _by_reward(found)
    out = []
    for name, of_reward in rows.items():
        for base, to in permutations(of_reward, 2):
            for metric in METRICS:
                one: Interval | None = getattr(base.agreement, metric)
                other: Interval | None = getattr(to.agreement, metric)
                if one is not None and other is not None:
                    out.append(
                        Shift(
                            reward=name, metric=metric, to=to.domain, base=base.domain, difference=newcombe(other, one)
                        )
                    )
    return out


def _by_reward(found: Sequence[DomainAgreement]) -> dict[str, list[DomainAgreement]]:
    rows: dict[str, list[DomainAgreement]] = {}
    for one in found:
        rows.setdefault(one.reward, []).append(one)
    return rows


def _pooled(rows: Sequence[Traces], name: str, seed: int, replicates: int) -> Agreement:
    scores = np.concatenate([r.columns.signals[name].scores for r in rows])
    correct = np.concatenate([r.columns.correct for r in rows])
    items = [(r.columns.task, r.columns.keys[i]) for r in rows for i in r.columns.item]
    units = [unit for r in rows for unit in _units(r)]
    meanings = {r.columns.signals[name].meaning for r in rows}
    meaning = next((m for m in ("shaping", "preference") if m in meanings), "accuracy")
    return agree_reward(scores, correct, items, units, meaning=meaning, seed=seed, replicates=replicates)


def _units(row: Traces) -> list[tuple[str, str, str]]:
    """Name for each trace what is resampled as a whole: the item's group, else the item."""
    task, groups = row.columns.task, row.columns.info.groups
    by_item = [(task, "group", groups[key]) if key in groups else (task, "item", key) for key in row.columns.keys]
    return [by_item[i] for i in row.columns.item]
