"""What the columns of one table need to know beside the row."""

from dataclasses import dataclass

from rarl_eval.leaderboards.report import SiteRow


@dataclass(frozen=True)
class View:
    """What the columns of one table need to know beside the row."""

    rows: tuple[SiteRow, ...]
    rewards: int | None = None
    """Most rewards shown; None is all."""
    ordered: bool = True
    """Whether the rows come by rank."""
