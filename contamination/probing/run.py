"""Probe a model for the items of benchmarks: ask or score them and fresh ones, test, and write a probe directory."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from rarl_eval import __version__
from rarl_eval.contamination.probing.asking import Scores
from rarl_eval.contamination.probing.findings import ProbePlan, Side, dates, order, probed, sides
from rarl_eval.contamination.probing.nulls import chances
from rarl_eval.contamination.probing.probes import NAMES, chosen
from rarl_eval.errors import BadInput
from rarl_eval.evidence.probes import LEVEL, PROBE_SCHEMA, Finding, ItemProbes, ProbeReport
from rarl_eval.files.atomic import whole_folder
from rarl_eval.models import Model, Scorer
from rarl_eval.stats import holm
from rarl_eval.types import Benchmark


def probe(
    benchmarks: Sequence[Benchmark],
    model: Model,
    out: Path,
    plan: ProbePlan,
    *,
    nulls: Sequence[Benchmark | None],
    scorer: Scorer | None,
    say: Callable[[str], None] = lambda _: None,
) -> ProbeReport:
    """Probe ``model`` and write ``probe.json`` and ``items.jsonl`` into ``out``.

    ``nulls`` has the fresh items that each benchmark is held against, or None. ``scorer`` is the model where it can say
    how likely a given text is. Raises BadInput if ``out`` holds something or a probe's name is unknown.
    """
    unknown = [name for name in plan.probes if name not in NAMES]
    if unknown:
        raise BadInput(f"no probe is called {unknown[0]!r}; there are {', '.join(NAMES)}")
    with whole_folder(out) as folder:
        findings: list[Finding] = []
        items: list[ItemProbes] = []
        for benchmark, null in zip(benchmarks, nulls, strict=True):
            found, scored = _benchmark(benchmark, null, model, scorer, plan, say)
            findings += found
            items += scored
        report = _report(benchmarks, nulls, model, plan, findings)
        (folder / "items.jsonl").write_bytes(b"".join(msgspec.json.encode(item) + b"\n" for item in items))
        (folder / "probe.json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    return report


def _benchmark(
    benchmark: Benchmark,
    null: Benchmark | None,
    model: Model,
    scorer: Scorer | None,
    plan: ProbePlan,
    say: Callable[[str], None],
) -> tuple[list[Finding], list[ItemProbes]]:
    own, fresh = sides(benchmark, null, plan)
    findings: list[Finding] = []
    scores: dict[str, Scores] = {}
    against: dict[str, Scores] = {}
    for one in chosen(plan.probes):
        finding, scores[one.name], against[one.name] = probed(one, own, fresh, model, scorer, plan)
        findings.append(finding)
        say(f"{benchmark.task.name}: {one.name} done")
    if "dates" in plan.probes:
        findings.append(dates(own, model, plan))
    if "order" in plan.probes:
        findings.append(order(own, scorer, plan))
    return _adjusted(findings), _items(own, scores, against)


def _adjusted(findings: Sequence[Finding]) -> list[Finding]:
    """Adjust the p-values of one task for the number of its probes."""
    tested = [f for f in findings if f.p is not None]
    adjusted = dict(zip([f.probe for f in tested], holm([f.p for f in tested if f.p is not None]), strict=True))
    return [
        msgspec.structs.replace(f, p_adjusted=adjusted[f.probe], suspicious=adjusted[f.probe] <= LEVEL)
        if f.probe in adjusted
        else f
        for f in findings
    ]


def _items(own: Side, scores: dict[str, Scores], against: dict[str, Scores]) -> list[ItemProbes]:
    small = {
        name: dict(zip(found, chances(list(found.values()), list(against[name].values())), strict=True))
        for name, found in scores.items()
        if against[name]
    }
    return [
        ItemProbes(
            key=item.key,
            id=item.id,
            task=own.benchmark.task.name,
            scores={name: found[item.key] for name, found in scores.items() if item.key in found},
            chances={name: found[item.key] for name, found in small.items() if item.key in found},
        )
        for item in own.items
    ]


def _report(
    benchmarks: Sequence[Benchmark],
    nulls: Sequence[Benchmark | None],
    model: Model,
    plan: ProbePlan,
    findings: list[Finding],
) -> ProbeReport:
    tasks = {
        b.task.name: {
            "version": b.task.version,
            "fingerprint": b.fingerprint,
            "items": len(b.items[: plan.limit]),
            "null": None if n is None else {"task": n.task.name, "fingerprint": n.fingerprint},
            "cutoff": plan.cutoff,
        }
        for b, n in zip(benchmarks, nulls, strict=True)
    }
    return ProbeReport(
        schema=PROBE_SCHEMA, created_by=f"rarl-eval {__version__}", model=model.describe(), level=LEVEL, seed=plan.seed,
        max_tokens=plan.max_tokens, limit=plan.limit, tasks=tasks, findings=findings,
    )  # fmt: skip
