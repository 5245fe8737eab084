"""Probe directories read back; the probes themselves are in contamination/."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.stats.exact import Interval

PROBE_SCHEMA = 1
LEVEL = 0.05
"""Chance that any probe of one task calls a model contaminated that is not: Holm's adjustment holds it."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one probe says of a model on one task."""

    probe: str
    measure: str
    """What the item score is; higher is more suspicious."""
    task: str
    null: str | None = None
    """Items the scores are held against; None where there are none, or the probe carries its own null."""
    n: int
    """Items with a score (of ``order``: shards)."""
    n_null: int = 0
    failed: int = 0
    """Calls that failed and texts that did not fit; they are in no n."""
    value: float | None = None
    """Mean item score."""
    value_null: float | None = None
    difference: Interval | None = None
    """Mean less mean of the null, Welch's t on errors clustered by group."""
    p: float | None = None
    """One-sided; None without a null."""
    p_adjusted: float | None = None
    """Holm's, over the probes of this task."""
    suspicious: bool | None = None
    """Whether ``p_adjusted`` is at most the level; None where it cannot be told."""
    told: str = ""
    """What it shows and cannot show, in sentences."""
    skipped: str | None = None
    """Why the probe has no scores."""


class ItemProbes(msgspec.Struct, frozen=True, kw_only=True):
    """One line of items.jsonl."""

    key: str
    id: str
    task: str
    scores: dict[str, float]
    """Probe to score; higher is more suspicious."""
    chances: dict[str, float] = {}
    """Probe to the share of fresh items that score as high, itself counted among them; small is suspicious."""


class ProbeReport(msgspec.Struct, frozen=True, kw_only=True):
    """probe.json."""

    schema: int
    created_by: str
    model: dict[str, Any]
    level: float
    seed: int
    max_tokens: int
    limit: int | None
    tasks: dict[str, dict[str, Any]]
    """Task to its items, version, fingerprint, null and cutoff."""
    findings: list[Finding]


@dataclass(frozen=True, kw_only=True)
class ProbeResult:
    """A probe directory."""

    path: Path
    report: ProbeReport
    items: tuple[ItemProbes, ...]


def read_probe(path: Path | str) -> ProbeResult:
    """Read a probe directory.

    Raises SchemaMismatch for one of another schema version and BadInput for what is no probe directory.
    """
    path = Path(path)
    try:
        content = (path / "probe.json").read_bytes()
        lines = (path / "items.jsonl").read_bytes().splitlines()
    except OSError as error:
        raise BadInput(
            f"{path} is no probe directory ({error}); write one with: rarl-eval probe --out {path}"
        ) from error
    try:
        found = msgspec.json.decode(content)
        schema = found.get("schema") if isinstance(found, dict) else None
        if schema != PROBE_SCHEMA:
            raise SchemaMismatch(f"{path} has probe schema {schema}, this version reads {PROBE_SCHEMA}; probe again")
        report = msgspec.convert(found, ProbeReport)
        items = tuple(msgspec.json.decode(line, type=ItemProbes) for line in lines)
    except msgspec.MsgspecError as error:
        raise BadInput(f"{path} is a damaged probe directory ({error}); probe again") from error
    return ProbeResult(path=path, report=report, items=items)
