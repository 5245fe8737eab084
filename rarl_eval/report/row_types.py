"""report.json as types: what is written, what the schema in docs/ is made of, and what a reader is held to.

Each figure's type stands beside the function that measures it, in measures/; here they become rows and a file. None is
unknown throughout. A reader takes files of older versions, which lack fields, and of newer ones, which have more.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from rarl_eval.belief import Belief
from rarl_eval.errors import BadInput
from rarl_eval.evidence.probes import Finding
from rarl_eval.measures.abstention import Abstention
from rarl_eval.measures.doubt import Doubt
from rarl_eval.measures.origin import Origin
from rarl_eval.measures.outcome import RowOutcome, Unsupported
from rarl_eval.measures.rewarded import Rewarded
from rarl_eval.measures.spent import Spent
from rarl_eval.measures.splits import Control, Split
from rarl_eval.measures.standing import Standing
from rarl_eval.stats import Interval


class ReportRow(RowOutcome, frozen=True, kw_only=True):
    """A model on a task in a run."""

    clean: Split | None = None
    """Items that the scans found nothing of."""
    flagged: Split | None = None
    """Items found in a scanned corpus, levels ``exact`` and ``near``."""
    unscanned: Split | None = None
    """Items that no given scan covered, or that are too short to tell."""
    levels: dict[str, Split] | None = None
    """By the strongest evidence that any scan found of the item, strongest first; items without evidence in none."""
    gain: Interval | None = None
    """Accuracy on all scanned items less that on the clean ones, by paired bootstrap over items; null unless both sides
    have items."""
    gain_relative: Interval | None = None
    """The gain less the other models' mean gain on the same items; null with fewer than two others of the task."""
    control: Control | None = None
    """Null with ``gain_relative``."""
    length: Spent | None = None
    origin: Origin | None = None
    """Null where neither the rows' identity nor the benchmark's number of items is known."""
    doubt: Doubt | None = None
    """Null where no answer was read twice."""
    abstention: Abstention | None = None
    unsupported: Unsupported | None = None
    """Null unless the run has the reward ``supported``."""
    agreement: tuple[Rewarded, ...] | None = None
    """One entry for each reward."""
    belief: Belief | None = None
    """Can this score be believed (docs/belief.md)?"""
    standing: Standing | None = None
    """Place among the rows of the task."""


class FreshSide(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two rows that are held against each other."""

    task: str
    run: str | None = None
    n: int | None = None


class FreshEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A model with rows of ``fresh:X@0`` and of another seed (docs/fresh.md)."""

    model: str
    public: FreshSide
    fresh: FreshSide
    difference: Interval


class AgainstScan(msgspec.Struct, frozen=True, kw_only=True):
    """Whether items that scans flag score higher than those they find clean."""

    flagged: int | None = None
    """Items with a score that the scans flag."""
    clean: int | None = None
    auroc: Interval | None = None
    """Chance that one of the former scores above one of the latter, ties half."""


class ProbeFinding(Finding, frozen=True, kw_only=True):
    """What one probe found of a model on a task, as in probe.json (docs/probe.md)."""

    against_scan: AgainstScan | None = None
    """Null without items of both kinds."""


class ProbeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One ``--probe`` directory: what was asked of a model instead of its corpus."""

    path: str | None = None
    model: str
    level: float | None = None
    findings: tuple[ProbeFinding, ...] = ()


class ScannedCorpus(msgspec.Struct, frozen=True, kw_only=True):
    """One scanned corpus."""

    name: str
    bytes: int | None = None
    documents: int | None = None
    sha256: str | None = None


class ScanEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One scan of tasks against corpora."""

    path: str = ""
    """The scan directory."""
    tasks: dict[str, dict[str, int | None]] = {}
    """Items of each task by what was found of them (n, exact, near, variant, partial, paraphrase, clean ...)."""
    corpora: tuple[ScannedCorpus, ...] = ()
    models: tuple[str, ...] = ()
    """Models that are said to have learnt from these corpora; empty: the scan accuses nobody."""
    not_scanned: tuple[str, ...] = ()
    """Files that could not be read; then no item is called clean."""


class ReportFile(msgspec.Struct, frozen=True, kw_only=True):
    """report.json."""

    schema: int = 2
    created_by: str = ""
    """Program and version."""
    synthetic: bool = False
    """Whether any run is of items or answers written for a demonstration."""
    settings: dict[str, Any] = {}
    """Seed, replicates and level of the bootstrap, and what was asked for (tokenizer, aes_base, oaa_cap, budget)."""
    scans: tuple[ScanEntry, ...] | None = None
    rows: tuple[ReportRow, ...]
    """By task, then falling accuracy, then model and run."""
    fresh: tuple[FreshEntry, ...] | None = None
    probes: tuple[ProbeEntry, ...] | None = None


def read_report(raw: Mapping[str, Any], where: str = "report.json") -> ReportFile:
    """Hold a parsed report.json to its types; raises BadInput naming the file, the place in it and what is wrong."""
    try:
        return msgspec.convert(raw, ReportFile)
    except msgspec.ValidationError as error:
        raise BadInput(
            f"{where}: report.json does not follow docs/report.md: {error}; write the report again"
        ) from error
