"""Figures inside sentences: percent with one decimal, and plural words."""

from rarl_eval.stats import Interval


def share(found: Interval | float | None) -> str:
    """Write a share as percent: ``50.3 %``."""
    value = found.value if isinstance(found, Interval) else found
    return "unknown" if value is None else f"{100 * value:.1f} %"


def span(found: Interval) -> str:
    """Write a share with its interval: ``50.3 % [41.6, 59.1]``."""
    if found.low is None or found.high is None:
        return share(found)
    return f"{share(found)} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def counted(n: int, noun: str) -> str:
    """Write a number with its noun: ``1 scan``, ``1,319 items``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(parts: list[str]) -> str:
    """Join some phrases: ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
