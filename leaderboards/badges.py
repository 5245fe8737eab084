"""What the scans say of a benchmark, in a few words beside its name."""

from dataclasses import dataclass

from rarl_eval.leaderboards.names import shortened
from rarl_eval.leaderboards.report import Counts, Report
from rarl_eval.report import figures


@dataclass(frozen=True)
class Badge:
    """Contamination of one benchmark by one corpus."""

    kind: str
    """CSS class: ``none``, ``some``, ``heavy``, ``unknown``."""
    text: str
    detail: str = ""


def badges(report: Report, task: str, heavy: float) -> list[Badge]:
    """One badge for each scan of the task; from the share ``heavy`` on it is a warning."""
    scans = report.scans_of(task)
    if not scans:
        return [Badge("unknown", "not scanned", "No scan of this benchmark was given")]
    return [_badge(shortened(scan.label, 60), counts, heavy) for scan, counts in scans]


def _badge(label: str, counts: Counts, heavy: float) -> Badge:
    share = counts.flagged_share
    if share is None:
        return Badge("unknown", f"{label}: unknown")
    exact, near, n = (figures.number(x, figures.count) for x in (counts.exact, counts.near, counts.n))
    detail = f"{exact} exact and {near} near of {n} items"
    if share == 0:
        return Badge("none", f"{label}: none found", detail)
    return Badge("heavy" if share >= heavy else "some", f"{label}: {figures.percent(share)} % found", detail)
