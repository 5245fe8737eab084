"""What probes say of a model, beside what scans say of the corpus."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from rarl_eval.evidence.probes import Finding, ProbeResult
from rarl_eval.evidence.scans import ScanResult, statuses_of
from rarl_eval.report.row_types import AgainstScan, ProbeEntry, ProbeFinding
from rarl_eval.stats import Interval
from rarl_eval.stats.auroc import area


def probe_entries(probes: Sequence[ProbeResult], scans: Sequence[ScanResult]) -> list[ProbeEntry]:
    """Return ``probes`` of a report: each directory's findings, held against the scans of the same items.

    ``against_scan``: chance that an item which the scans flag scores above one they find clean, ties half; None
    without items of both kinds.
    """
    return [
        ProbeEntry(
            path=str(result.path),
            model=str(result.report.model.get("name")),
            level=result.report.level,
            findings=tuple(
                ProbeFinding(**msgspec.structs.asdict(finding), against_scan=_against(result, finding, scans))
                for finding in result.report.findings
            ),
        )
        for result in probes
    ]


def _against(result: ProbeResult, finding: Finding, scans: Sequence[ScanResult]) -> AgainstScan | None:
    scores = {item.key: item.scores[finding.probe] for item in result.items
              if item.task == finding.task and finding.probe in item.scores}  # fmt: skip
    found = statuses_of(scans, finding.task, sorted(scores))
    told = [key for key in sorted(scores) if found[key] != "unscanned"]
    flagged = sum(found[key] == "flagged" for key in told)
    interval = _auroc(scores, {key: found[key] for key in told})
    return None if interval is None else AgainstScan(flagged=flagged, clean=len(told) - flagged, auroc=interval)


def _auroc(scores: Mapping[str, float], status: Mapping[str, str]) -> Interval | None:
    values = np.array([scores[key] for key in status])
    flagged = np.array([float(state == "flagged") for state in status.values()])
    return area(values, flagged, np.arange(len(values)))
