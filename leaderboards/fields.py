"""Fields of a report's row that hold several figures (docs/report.md); ``None`` is unknown throughout."""

import msgspec


class Interval(msgspec.Struct, frozen=True):
    """An estimate with its 95 % two-sided interval."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class Part(msgspec.Struct, frozen=True):
    """Accuracy over the clean, flagged or unscanned items."""

    n: int | None = None
    accuracy: Interval | None = None


class Budget(msgspec.Struct, frozen=True):
    """Area under the accuracy-budget curve, over a range of budgets that all rows of the task share."""

    area: float | None = None
    low: float | None = None
    high: float | None = None
    curve: tuple[tuple[float, float], ...] = ()
    """Budgets, and the accuracy if every longer answer counted as wrong."""


class Front(msgspec.Struct, frozen=True):
    """Place on the front of accuracy against length, among the task's rows of one unit."""

    on: bool | None = None
    chance: float | None = None
    """Share of resampled item sets in which no other is as accurate and as short."""


class Reference(msgspec.Struct, frozen=True):
    """Lengths by one tokenizer for all models."""

    tokenizer: str | None = None
    mean: Interval | None = None
    median: Interval | None = None
    per_correct: Interval | None = None


class Area(msgspec.Struct, frozen=True):
    """Area under accuracy within a budget, over budgets from 0 to a cap."""

    cap: float | None = None
    area: Interval | None = None


class Adherence(msgspec.Struct, frozen=True):
    """Share of answers within a budget."""

    budget: float | None = None
    within: Interval | None = None
    beyond: float | None = None


class Efficiency(msgspec.Struct, frozen=True):
    """Accuracy-efficiency score against a base model."""

    base: str | None = None
    score: Interval | None = None


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """How long the answers are."""

    unit: str | None = None
    counted_by: str | None = None
    n: int | None = None
    mean: Interval | None = None
    median: float | None = None
    p95: float | None = None
    median_correct: float | None = None
    median_wrong: float | None = None
    median_common_correct: float | None = None
    n_common_correct: int | None = None
    per_correct: float | None = None
    truncated: float | None = None
    delta: float | None = None
    budget: Budget | None = None
    order_flips: tuple[str, ...] | None = None
    """Models that own right answers and common ones put on different sides of this one."""
    pareto: Front | None = None
    ock_score: float | None = None
    reference: Reference | None = None
    auc_oaa: Area | None = None
    adherence: Adherence | None = None
    aes: Efficiency | None = None
    hidden: bool | None = None
    """Reasoning that nobody can see was counted or left out: the length does not compare."""
    intervals: dict[str, Interval | None] | None = None
    """Intervals of ``median``, ``p95``, ``per_correct`` and ``delta``."""

    def with_interval(self, name: str) -> Interval | None:
        """Return a figure with its interval, where the report gives one."""
        value: float | None = getattr(self, name)
        return (self.intervals or {}).get(name) or (None if value is None else Interval(value))


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How a reward agrees with the verdicts."""

    reward: str
    judge: str | None = None
    grain: str | None = None
    n: int | None = None
    base_rate: float | None = None
    constant: float | None = None
    accuracy: Interval | None = None
    auroc: Interval | None = None
    auroc_within: Interval | None = None
    pairwise: Interval | None = None
    kappa: Interval | None = None
    mcc: Interval | None = None
    ac1: Interval | None = None
    brier: Interval | None = None
    ece: Interval | None = None
    false_pass: Interval | None = None
    false_fail: Interval | None = None
    aurc: Interval | None = None
    aurc_best: float | None = None
    risk: tuple[tuple[float, float], ...] = ()
    """Coverage, and the share of wrong answers among the surest traces."""
    note: str | None = None


class Twins(msgspec.Struct, frozen=True):
    """The same questions with their premises."""

    ratio: Interval | None = None


class Lacking(msgspec.Struct, frozen=True):
    """Questions without a premise they need."""

    items: int | None = None
    answered: Interval | None = None
    length: Interval | None = None
    per_abstention: Interval | None = None
    twins: Twins | None = None


class Abstention(msgspec.Struct, frozen=True):
    """Who declines to answer."""

    n: int | None = None
    share: Interval | None = None
    accuracy_attempted: Interval | None = None
    missing_premise: Lacking | None = None


class AgainstScan(msgspec.Struct, frozen=True):
    """Whether items that scans flag score higher."""

    auroc: Interval | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one probe found of a model on a task."""

    task: str
    probe: str
    measure: str | None = None
    n: int | None = None
    value: float | None = None
    value_null: float | None = None
    """The same of fresh items, which the model cannot have seen."""
    p_adjusted: float | None = None
    suspicious: bool | None = None
    against_scan: AgainstScan | None = None


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of a model instead of its corpus."""

    model: str
    findings: tuple[Finding, ...] = ()
