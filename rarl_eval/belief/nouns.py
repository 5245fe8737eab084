"""What a belief is made of, and what it is made from."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from rarl_eval.measures.doubt import Doubt
from rarl_eval.measures.exposed import Exposed
from rarl_eval.measures.outcome import RowOutcome
from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.stats import Interval

Verdict = Literal["holds", "inflated", "understated", "doubtful", "unchecked"]
Status = Literal["passed", "failed", "unsure", "not_done"]
Name = Literal["contamination", "reading", "judge", "completeness", "noise", "provenance", "reward", "length"]


class BeliefCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that could make a score unbelievable, and whether it does."""

    name: Name
    status: Status
    figure: Interval | None = None
    """What was measured, with its interval where it has one; a share, or a difference of shares."""
    measure: str = ""
    """What the figure is, in a few words."""
    told: str = ""
    """One plain sentence."""
    settle: str | None = None
    """The command that would settle it; null where it is settled."""


class Accusal(msgspec.Struct, frozen=True, kw_only=True):
    """One test that can accuse a score."""

    kind: str
    """``scan`` (items found in its training data against clean ones), ``fresh`` (public less fresh twin), or
    ``probe`` and its name."""
    difference: Interval | None = None
    p: float
    """One-sided."""
    p_holm: float | None = None
    """Holm's, over every such test of the report."""


class Belief(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a score can be believed, and what there is to believe instead."""

    verdict: Verdict
    """``holds``: looked into, and nothing stands against it. ``inflated``: higher than it would be on unseen items.
    ``understated``: right answers were not counted. ``doubtful``: something stands against it that is not settled.
    ``unchecked``: nobody looked whether the model has seen the items."""
    value: Interval | None = None
    """The accuracy a reader should believe; null where there is none to believe."""
    source: str | None = msgspec.field(default=None, name="from")
    """What the value is of: ``all items``, ``clean items``, ``the fresh twin``; ``, judge corrected`` and ``, both
    readings`` where its interval is made wider by these."""
    told: str = ""
    """The conclusion in a sentence or two."""
    checks: tuple[BeliefCheck, ...] = ()
    tests: tuple[Accusal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Twin:
    """The same model on a fresh twin of the row's public items."""

    task: str
    accuracy: Interval
    difference: Interval
    """Public less fresh."""


@dataclass(frozen=True, kw_only=True)
class Probed:
    """What one probe found of the row's model on its task."""

    name: str
    p: float


@dataclass(frozen=True, kw_only=True)
class AnswerSource:
    """Where a row's answers come from, as its run says."""

    recorded: bool = False
    """Recorded outputs, whose prompts and sampling nobody knows."""
    revision: str | None = None
    """Of the items; None where they came from a file or were made."""
    made: bool = False
    """Made by this program, from a seed that the task's name holds."""
    released: str | None = None
    """ISO date of the benchmark."""
    served: tuple[str, ...] = ()
    """Models that the server's replies name."""
    harness_differs: float | None = None
    """Share of imported verdicts that this program's own judgement contradicts."""


@dataclass(frozen=True, kw_only=True)
class LengthPeer:
    """The next less accurate row of the task whose lengths compare."""

    model: str
    lead: float
    """Accuracy of the row less the peer's."""
    lead_at_equal_length: float
    """Areas under accuracy against budget, likewise."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """What a watched training of the row's model says of the reward it was trained with."""

    path: str
    steps: int
    judged: int
    """Rollouts whose truth is known."""
    watched: bool
    """Whether it went on for longer than the first window: before that no onset can be told."""
    parted: str | None = None
    """The alarm of reward less truth, in a sentence."""
    others: tuple[str, ...] = ()
    """The alarms of the other watches, likewise."""
    pays: tuple[str, ...] = ()
    """What pays without being true, a sentence each, the strongest first."""
    rise: float | None = None
    """Reward less truth of the last steps less the first window's, each in 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that is known of a row and bears on whether its score can be believed; None and empty are unknown."""

    row: RowOutcome
    doubt: Doubt | None = None
    exposed: Exposed | None = None
    """Null where no scan of the model's own corpora covers the task."""
    untied: tuple[str, ...] = ()
    """Scans that cover the task and whose corpora are said to be nobody's: they accuse nobody."""
    twins: tuple[Twin, ...] = ()
    probes: tuple[Probed, ...] = ()
    fresh: bool = False
    """The row's own items were made anew, from a seed that is not the public one."""
    cutoff: str | None = None
    """ISO date after which the model learnt nothing."""
    source: AnswerSource = AnswerSource()
    judges: tuple[str, ...] = ()
    """Models that decided answers, where no rule did."""
    judge_measured: Rewarded | None = None
    """The same judge against a rule's verdicts, on other answers."""
    truncated: float | None = None
    """Share cut off at their cap."""
    peer: LengthPeer | None = None
    rewards: tuple[Rewarded, ...] = ()
    trained_by: tuple[str, ...] = ()
    """Rewards that are said to have trained the model, or chosen its answers."""
    trainings: tuple[Training, ...] = ()
    """Watched trainings that are said to be the model's."""
