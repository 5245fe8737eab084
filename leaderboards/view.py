"""What the columns of one table need to know beside the row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rarl_eval.leaderboards.report import SiteRow

Ranks = Mapping[tuple[str, tuple[str, str]], int]
"""Rank by task and entrant."""

Ranges = Mapping[tuple[str, tuple[str, str]], tuple[int, int]]
"""Ranks that cannot be ruled out, by task and entrant, where they are known."""


@dataclass(frozen=True)
class View:
    """What the columns of one table need to know beside the row."""

    rows: tuple[SiteRow, ...]
    ranks: Ranks
    rewards: int | None = None
    """Most rewards shown; None is all."""
    ordered: bool = True
    """Whether the rows come by falling accuracy."""
    ranges: Ranges = field(default_factory=dict)
