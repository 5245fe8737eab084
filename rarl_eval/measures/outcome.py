"""What a row says first: who answered what, how much of it was right, and how the answers ended."""

import msgspec
import numpy as np

from rarl_eval.data import styles
from rarl_eval.measures.columns import CHECKER, Columns
from rarl_eval.measures.splits import item_shares, part_accuracy
from rarl_eval.stats import Interval
from rarl_eval.stats.means import Floats, mean, proportion

SUPPORTED = "supported"
"""Name of the reward that looks for an answer's numbers in its context."""


class OwnScore(msgspec.Struct, frozen=True, kw_only=True):
    """A benchmark's own score of the answers, judged or not: lm-eval's metrics, the share of tests passed."""

    name: str
    """``METRIC,FILTER`` of lm-eval, or ``tests passed``."""
    n: int | None = None
    """Items."""
    mean: Interval | None = None


class OtherChecker(msgspec.Struct, frozen=True, kw_only=True):
    """What another checker of the benchmark's says, where it says otherwise (``--checker``)."""

    name: str
    """``published``: the benchmark's own."""
    accuracy: Interval | None = None
    """Mean over items of the share of samples that it calls right."""
    differ: int | None = None
    """Answers that the two checkers judge differently."""


class Unsupported(msgspec.Struct, frozen=True, kw_only=True):
    """Answers with numbers to a question with a context."""

    n: int | None = None
    share: Interval | None = None
    """Share that holds a number which neither the context nor a computation from it supports."""


class RowOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The first fields of a row: names, counts, accuracy."""

    model: str
    task: str
    run: str | None = None
    """Name of the run's folder, its whole path where two folders share a name; two runs are two rows."""
    domain: str
    task_version: int | None = None
    """Rows compare only where version and fingerprint are equal."""
    fingerprint: str | None = None
    """Hash of the task's items."""
    sandbox: str | None = None
    """Tier of the sandbox that ran model-written code (A, B, C, command); null where none was run."""
    prompt_style: str | None = None
    """How items were asked, ``cot v1``, ``few-shot v1 (8)``; null for recorded outputs, whose prompts nobody knows."""
    asked: int | None = None
    """Items that the run asked, or that the recorded outputs should have answered."""
    n: int | None = None
    """Items with at least one judged trace: the denominator of ``accuracy``."""
    traces: int | None = None
    """Judged traces (n x samples); a gold answer that cannot be parsed judges nothing."""
    errors: int | None = None
    """Failed calls, which are in no denominator."""
    failures: dict[str, int] | None = None
    """Why they failed, the commonest reasons first, and how many each is of."""
    unjudged: int | None = None
    """Answers in free text that no judge has read: neither right nor wrong, in no denominator."""
    scores: tuple[OwnScore, ...] = ()
    accuracy: Interval | None = None
    """Mean over items of the share of correct samples."""
    other_checker: OtherChecker | None = None
    """Null unless another checker of the benchmark's says otherwise of an answer."""
    no_answer: float | None = None
    """Share of judged traces in which no final answer could be read."""
    stops: dict[str, int | None] | None = None
    """How traces ended, counts by name; the verdict's names overlap with those of the end (docs/report.md)."""


def outcome(columns: Columns, label: str) -> RowOutcome:
    """Measure names, counts, accuracy and stops of a row; ``label`` names its run."""
    shares, samples = item_shares(columns)
    judged = int(columns.item.size)
    return RowOutcome(
        model=columns.model,
        task=columns.task,
        run=label,
        domain=columns.info.domain,
        task_version=columns.info.version,
        fingerprint=columns.info.fingerprint,
        sandbox=columns.info.sandbox,
        prompt_style=styles.label(columns.info.style),
        asked=len(columns.info.items),
        n=len(columns.keys),
        traces=judged,
        errors=columns.stops["error"],
        failures=columns.failures,
        unjudged=columns.stops["unjudged"],
        scores=tuple(_own(columns, name) for name in columns.own if not name.startswith(CHECKER)),
        accuracy=part_accuracy(columns, shares, samples, np.arange(len(columns.keys))),
        other_checker=_other_checker(columns, shares * samples),
        no_answer=columns.stops["no_answer"] / judged if judged else None,
        stops=dict(columns.stops),
    )


def _own(columns: Columns, name: str) -> OwnScore:
    """Mean over items, with Student's t interval."""
    scores = columns.own[name]
    found = mean([sum(values) / len(values) for values in scores.values()])
    return OwnScore(name=name, n=len(scores), mean=found)


def _other_checker(columns: Columns, right: Floats) -> OtherChecker | None:
    """Return the checker that says most otherwise than the verdicts; ``right`` counts right traces of each item."""
    found = [
        OtherChecker(name=name.removeprefix(CHECKER), accuracy=_by_checker(columns, scores), differ=differ)
        for name, scores in columns.own.items()
        if name.startswith(CHECKER) and (differ := _differing(columns, scores, right))
    ]
    return max(found, key=lambda checker: checker.differ or 0, default=None)


def _by_checker(columns: Columns, scores: dict[str, list[float]]) -> Interval | None:
    """Accuracy by a checker over the items that it judged, as the verdicts' is measured."""
    given = [scores.get(key, []) for key in columns.keys]
    samples = np.array([len(values) for values in given], dtype=np.float64)
    shares = np.array([sum(values) for values in given]) / np.maximum(samples, 1)
    return part_accuracy(columns, shares, samples, np.flatnonzero(samples))


def _differing(columns: Columns, scores: dict[str, list[float]], right: Floats) -> int:
    pairs = zip(columns.keys, right.tolist(), strict=True)
    return int(sum(abs(sum(scores[key]) - count) for key, count in pairs if key in scores) + 0.5)


def unsupported(columns: Columns) -> Unsupported | None:
    """Measure a row's ``unsupported``, from the reward of that name; None unless a rule gave it."""
    signal = columns.signals.get(SUPPORTED)
    if signal is None or signal.judge != "rule":
        return None
    known = ~np.isnan(signal.scores)
    units = np.unique(columns.unit_of_item[columns.item[known]], return_inverse=True)[1].astype(np.intp)
    missing = (signal.scores[known] < 1).astype(np.float64)
    return Unsupported(n=int(known.sum()), share=proportion(missing, clusters=units))
