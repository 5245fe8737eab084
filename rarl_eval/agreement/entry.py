"""One entry of the agreement report: a reward on the traces of a model, a task and a run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from rarl_eval.agreement import bias, findings
from rarl_eval.agreement.credit import credit, first_failed
from rarl_eval.agreement.traces import Traces
from rarl_eval.agreement.trapped import Trapped, trapped, worst_key
from rarl_eval.agreement.verdicts import Label, Verifiers, verifiers
from rarl_eval.measures.agreement import ECE_BINS, Agreement, agree_reward, bounded, pass_line
from rarl_eval.measures.calibration import Bin, reliability
from rarl_eval.measures.columns import Signal
from rarl_eval.measures.selection import Curve, best_of_n, selection_gain
from rarl_eval.measures.steps import first_error, right_by_faulty_steps, step_scores
from rarl_eval.runs.added import Slot
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Codes, Floats

PARTS = ("clean", "flagged", "unscanned")


def entry_of(
    row: Traces,
    name: str,
    statuses: Mapping[str, str],
    others: Sequence[Traces],
    labels: Mapping[Slot, Label],
    *,
    seed: int,
    replicates: int,
) -> dict[str, Any]:
    """Measure reward ``name`` of a row; ``statuses`` splits its items, ``others`` are the task's other rows."""
    c, signal = row.columns, row.columns.signals[name]
    scores = signal.scores
    line = None if signal.meaning == "preference" else pass_line(scores, c.correct)
    every = _agreed(row, name, np.arange(c.item.size), seed, replicates)
    parts = {part: _agreed(row, name, _where(row, statuses, part), seed, replicates) for part in PARTS}
    pulls = {
        feature: bias.pull(scores, c.correct, values, c.item, row.units, seed=seed, replicates=replicates)
        for feature, values in (("length", row.characters), ("markdown", row.markdown))
    }
    passed = np.where(np.isnan(scores), np.nan, scores >= line) if line is not None else np.full(scores.size, np.nan)
    curve = best_of_n(scores, c.correct, c.item.tolist())
    preference = signal.meaning == "preference"
    traps = trapped(row.traps.get(name, []), _stored(row, scores), line, preference=preference)
    place = bias.position(row.entries.get(name, []), dict(zip(row.slots, c.correct.tolist(), strict=True)))
    liking = _liking(row, name, others)
    return {
        "reward": name,
        "judge": signal.judge,
        "grain": signal.grain,
        "meaning": signal.meaning,
        "all": every,
        **parts,
        "reliability": _diagram(scores, c.correct, every),
        "selection": curve,
        "selection_gain": _gain(scores, c, curve),
        "length": pulls["length"],
        "markdown": pulls["markdown"],
        "position": place,
        "own_model": liking[0] if liking else None,
        "self_preference": liking[1] if liking else None,
        "repeated": bias.repeated(row.texts, c.item, passed.astype(np.float64)),
        "probes": traps,
        "worst_key": _worst(traps),
        "verifier": _second(row, name, scores, line, every),
        "steps": _steps(row, name, line, labels, seed, replicates),
        "findings": [
            *findings.of_missing(name, every, row.entries.get(name, [])),
            *_said(name, signal, every, pulls, place, traps, liking),
        ],
    }


def _said(
    name: str,
    signal: Signal,
    every: Agreement,
    pulls: Mapping[str, bias.Pull],
    place: bias.Position | None,
    traps: list[Trapped],
    liking: tuple[str, Interval | None] | None,
) -> Iterator[str]:
    known = signal.scores[~np.isnan(signal.scores)]
    yield from findings.of_agreement(name, every, constant=bool(known.size) and bool((known == known[0]).all()))
    yield from findings.of_pull(name, "characters", pulls["length"])
    yield from findings.of_pull(name, "Markdown", pulls["markdown"])
    if place is not None:
        yield from findings.of_position(name, place)
    yield from findings.of_traps(name, traps, signal.grain, preference=signal.meaning == "preference")
    if liking is not None:
        yield from findings.of_preference(name, *liking)


def _agreed(row: Traces, name: str, chosen: Codes, seed: int, replicates: int) -> Agreement:
    signal = row.columns.signals[name]
    return agree_reward(
        signal.scores[chosen],
        row.columns.correct[chosen],
        row.columns.item[chosen],
        row.units[chosen],
        meaning=signal.meaning,
        whole=signal.scores,
        seed=seed,
        replicates=replicates,
    )


def _where(row: Traces, statuses: Mapping[str, str], part: str) -> Codes:
    wanted = np.array([statuses.get(key, "unscanned") == part for key in row.columns.keys], dtype=bool)
    return np.flatnonzero(wanted[row.columns.item]).astype(np.intp) if wanted.size else np.empty(0, dtype=np.intp)


def _diagram(scores: Floats, correct: Floats, every: Agreement) -> list[Bin] | None:
    known = ~np.isnan(scores)
    if every.ece_bins is None or not known.any():
        return None
    return reliability(scores[known], correct[known], min(ECE_BINS, every.ece_bins))


def _gain(scores: Floats, columns: Any, curve: Curve) -> dict[str, Any] | None:
    found = selection_gain(scores, columns.correct, columns.item, columns.unit_of_item, len(curve.points))
    return None if found is None else {"k": len(curve.points), **msgspec.structs.asdict(found)}


def _stored(row: Traces, scores: Floats) -> dict[Slot, float]:
    return {slot: float(s) for slot, s in zip(row.slots, scores, strict=True) if not np.isnan(s)}


def _worst(traps: Sequence[Trapped]) -> str | None:
    found = worst_key(traps)
    return found.trap if found else None


def _liking(row: Traces, name: str, others: Sequence[Traces]) -> tuple[str, Interval | None] | None:
    """Name of the judge's own model and how much it favours it; None where this row is not that model's."""
    identity = row.identities.get(name, {}).get("model")
    model = identity.get("name") if isinstance(identity, dict) else None
    if model is None or model != row.columns.model or not bounded(row.columns.signals[name].scores):
        return None
    rest = [r for r in others if name in r.columns.signals and r.columns.model != model]
    if not rest:
        return None
    theirs = (
        np.concatenate([r.columns.signals[name].scores for r in rest]),
        np.concatenate([r.columns.correct for r in rest]),
    )
    return model, bias.preference((row.columns.signals[name].scores, row.columns.correct), theirs)


def _second(row: Traces, name: str, scores: Floats, line: float | None, every: Agreement) -> Verifiers | None:
    """Hold a reward that claims to verify against the verdict; None for one that only ranks or shapes."""
    signal = row.columns.signals[name]
    if signal.meaning != "accuracy" or line is None or every.threshold is None:
        return None
    items = row.columns.info.items
    named = [
        (items[key].id, sample, said, items[key].gold)
        for (_, key, sample), said in zip(row.slots, row.extracted, strict=True)
    ]
    return verifiers(scores, row.columns.correct, row.columns.item, row.units, named, line)


def _steps(
    row: Traces, name: str, line: float | None, labels: Mapping[Slot, Label], seed: int, replicates: int
) -> dict[str, Any] | None:
    """Hold step scores against labelled first faults; None without step scores or labels."""
    found = row.steps.get(name, [])
    chosen = [
        (i, steps, labels[slot].first_error)
        for i, (slot, steps) in enumerate(zip(row.slots, found, strict=True))
        if steps and slot in labels and labels[slot].first_error is not None
    ]
    if not chosen:
        return None
    places = [i for i, _, _ in chosen]
    steps = [s for _, s, _ in chosen]
    faults = [None if f == -1 else f for _, _, f in chosen]
    units = row.units[places].tolist()
    in_bounds = all(0 <= v <= 1 for s in steps for v in s)
    threshold = line if in_bounds else None
    measured: dict[str, Any] = {
        "n": len(chosen),
        "right_by_faulty_steps": right_by_faulty_steps([bool(row.columns.correct[i]) for i in places], faults),
        "credit": credit(steps, faults, threshold),
        "first_error": None,
        "step_scores": None,
    }
    if threshold is not None:
        named = [first_failed(s, threshold) for s in steps]
        measured["first_error"] = first_error(faults, named, units, seed=seed, replicates=replicates)
        truth = [[f is None or i < f for i in range(len(s))] for s, f in zip(steps, faults, strict=True)]
        passed = [[v >= threshold for v in s] for s in steps]
        measured["step_scores"] = step_scores(truth, passed, units, seed=seed, replicates=replicates)
    return measured
