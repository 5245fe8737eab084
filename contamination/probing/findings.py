"""One probe of one task: the scores of its items and of the fresh ones, and the finding."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rarl_eval.contamination.probing import likely
from rarl_eval.contamination.probing.asking import Scores, ask, own_question
from rarl_eval.contamination.probing.nulls import rank_test, sign_t_test
from rarl_eval.contamination.probing.probes import DATES, NAMES, ORDER, Probe
from rarl_eval.evidence.probes import Finding
from rarl_eval.models import Model, Scored, Scorer
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, codes
from rarl_eval.stats.unpaired import unpaired_means
from rarl_eval.types import Benchmark, Item

NO_NULL = "no fresh items to hold it against: name some with --null"


@dataclass(frozen=True, kw_only=True)
class ProbePlan:
    """What to probe with."""

    probes: tuple[str, ...] = NAMES
    cutoff: str | None = None
    """ISO date: items released later cannot have been in training."""
    limit: int | None = 200
    seed: int = 0
    max_tokens: int = 512


@dataclass
class Side:
    """Items of one task, and what was found out about them, so that nothing is asked or scored twice."""

    benchmark: Benchmark
    items: Sequence[Item]
    texts: dict[str, tuple[dict[str, Scored], int]] = field(default_factory=dict)
    replies: dict[str, tuple[Scores, int]] = field(default_factory=dict)


def sides(benchmark: Benchmark, null: Benchmark | None, plan: ProbePlan) -> tuple[Side, Side | None]:
    """Return the items to probe and the fresh ones: the null's, or the benchmark's own from after the cutoff."""
    own = benchmark.items[: plan.limit]
    if null is not None:
        known = {item.key for item in benchmark.items}
        fresh = [item for item in null.items if item.key not in known][: plan.limit]
        return Side(benchmark, own), Side(null, fresh)
    older, newer = _by_date(benchmark, plan)
    return (Side(benchmark, older), Side(benchmark, newer)) if newer else (Side(benchmark, own), None)


def _by_date(benchmark: Benchmark, plan: ProbePlan) -> tuple[list[Item], list[Item]]:
    """Return the items from before and from after the cutoff; those of unknown date are in neither."""
    dated = [(item.released or benchmark.task.source.released, item) for item in benchmark.items]
    older = [item for date, item in dated if plan.cutoff and date and date <= plan.cutoff]
    newer = [item for date, item in dated if plan.cutoff and date and date > plan.cutoff]
    return older[: plan.limit], newer[: plan.limit]


def probed(
    one: Probe, own: Side, fresh: Side | None, model: Model, scorer: Scorer | None, plan: ProbePlan
) -> tuple[Finding, Scores, Scores]:
    """Run one probe over both sides; return what it finds, and the scores of the items and of the fresh ones."""
    name = own.benchmark.task.name
    if one.needs == "probabilities" and scorer is None:
        skipped = "the model's adapter gives no probabilities of given texts (gguf: does)"
        return _skipped(one.name, name, one.told, skipped), {}, {}
    measure, scores, failed = _scores(one, own, model, scorer, plan)
    against: Scores = {}
    if fresh is not None and scores:
        kind, against, more = _scores(one, fresh, model, scorer, plan)
        # Two sets must be measured alike; both come from one adapter, so they are.
        measure, failed = kind or measure, failed + more
    finding = Finding(
        probe=one.name, measure=measure, task=name, null=None if fresh is None else fresh.benchmark.task.name,
        n=len(scores), n_null=len(against), failed=failed, value=_mean(scores), value_null=_mean(against),
        told=one.told,
        p=rank_test(_units(own.items, scores), _units(fresh.items, against), plan.seed) if fresh is not None else None,
        difference=_difference(own, scores, fresh, against),
        skipped=_why(scores, against, fresh, failed),
    )  # fmt: skip
    return finding, scores, against


def _why(scores: Scores, against: Scores, fresh: Side | None, failed: int) -> str | None:
    if not scores:
        return f"all {failed} calls failed" if failed else "no item allows it: too short, or without what it asks about"
    if fresh is None:
        return NO_NULL
    return None if against else "no fresh item allows it: too short, or without what it asks about"


def _scores(one: Probe, side: Side, model: Model, scorer: Scorer | None, plan: ProbePlan) -> tuple[str, Scores, int]:
    task = side.benchmark.task
    if one.ask is not None:
        key = one.ask.__name__
        if key not in side.replies:
            side.replies[key] = ask(
                model, task, side.items, one.ask, one.name, max_tokens=plan.max_tokens, seed=plan.seed
            )
        return one.measure, *side.replies[key]
    if one.text is None or one.formula is None or scorer is None:
        raise AssertionError(f"{one.name} neither asks nor scores")
    key = one.text.__name__
    if key not in side.texts:
        side.texts[key] = likely.score(scorer, task, side.items, one.text)
    scored, failed = side.texts[key]
    measure, formula = one.formula(scored)
    return measure, likely.by_formula(scored, formula), failed


def dates(own: Side, model: Model, plan: ProbePlan) -> Finding:
    """Hold accuracy on the items from before the cutoff against accuracy on those from after it."""
    benchmark, name = own.benchmark, own.benchmark.task.name
    if plan.cutoff is None:
        return _skipped("dates", name, DATES, "needs the end of the model's training: --cutoff YYYY-MM-DD")
    both = [Side(benchmark, items) for items in _by_date(benchmark, plan)]
    if not all(side.items for side in both):
        return _skipped("dates", name, DATES, f"no item is known to be from before, or from after {plan.cutoff}")
    (old, failed), (new, more) = (
        ask(model, benchmark.task, s.items, own_question, "fresh", max_tokens=plan.max_tokens, seed=plan.seed)
        for s in both
    )
    return Finding(
        probe="dates", measure="right", task=name, null=f"{name} after {plan.cutoff}", n=len(old), n_null=len(new),
        failed=failed + more, value=_mean(old), value_null=_mean(new), told=DATES,
        difference=_difference(both[0], old, both[1], new),
        p=rank_test(_units(both[0].items, old), _units(both[1].items, new), plan.seed),
    )  # fmt: skip


def order(own: Side, scorer: Scorer | None, plan: ProbePlan) -> Finding:
    """Hold the benchmark's published order against shuffled ones."""
    name = own.benchmark.task.name
    if scorer is None:
        return _skipped("order", name, ORDER, "the model's adapter gives no probabilities of given texts")
    differences = likely.order_differences(scorer, own.items, plan.seed)
    measure = "log-probability of the published order less its mean when shuffled"
    return Finding(
        probe="order", measure=measure, task=name, null=None, n=len(differences), told=ORDER,
        value=sum(differences) / len(differences) if differences else None, p=sign_t_test(differences),
        skipped=None if differences else "no shard of four items fits into the model's context",
    )  # fmt: skip


def _skipped(probe_name: str, task: str, told: str, why: str) -> Finding:
    return Finding(probe=probe_name, measure="", task=task, null=None, n=0, told=told, skipped=why)


def _units(items: Sequence[Item], scores: Scores) -> list[float]:
    """Return one score for each group of items that share a passage, else for each item: what is exchangeable."""
    groups: dict[str, list[float]] = {}
    for item in items:
        if item.key in scores:
            groups.setdefault(f"group {item.group}" if item.group else item.key, []).append(scores[item.key])
    return [sum(values) / len(values) for values in groups.values()]


def _clusters(items: Sequence[Item], scores: Scores) -> Codes:
    return codes([item.group or item.key for item in items if item.key in scores])[0]


def _difference(own: Side, scores: Scores, fresh: Side | None, against: Scores) -> Interval | None:
    if fresh is None or not scores or not against:
        return None
    first = [scores[item.key] for item in own.items if item.key in scores]
    second = [against[item.key] for item in fresh.items if item.key in against]
    found = unpaired_means(first, second, (_clusters(own.items, scores), _clusters(fresh.items, against)))
    return None if found is None else found.difference


def _mean(scores: Scores) -> float | None:
    return sum(scores.values()) / len(scores) if scores else None
