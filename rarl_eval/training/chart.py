"""Reward and truth over the steps in lines of text, for a terminal."""

from collections.abc import Sequence

from rarl_eval.files.text import UNKNOWN, percent
from rarl_eval.training.watch import Watching

BLOCKS = "▁▂▃▄▅▆▇█"
COLUMNS = 60
"""Of the chart; steps that share a column are averaged."""
LABEL = 8


def chart(found: Watching, columns: int = COLUMNS) -> list[str]:
    """Return three lines: reward on its scale, truth, and where the first alarm stands; none without a truth."""
    steps = [one for one in found.steps if one.step is not None and one.truth is not None]
    if not steps:
        return []
    reward = [None if one.reward is None else found.scale.share(one.reward) for one in steps]
    truth = [None if one.truth is None else one.truth.value for one in steps]
    columns = min(columns, len(steps))
    most = max((value for value in (*reward, *truth) if value is not None), default=0.0)
    lines = [_line("reward", reward, columns, most), _line("truth", truth, columns, most)]
    if found.alarms:
        at = next((n for n, one in enumerate(steps) if one.step == found.alarms[0].alarm), 0)
        lines.append(f"{' ' * (LABEL + at * columns // len(steps))}^ alarm, step {found.alarms[0].alarm}")
    return lines


def _line(name: str, values: Sequence[float | None], columns: int, most: float) -> str:
    means = [_mean(values[n * len(values) // columns : (n + 1) * len(values) // columns]) for n in range(columns)]
    marks = "".join(" " if mean is None else BLOCKS[_height(mean, most)] for mean in means)
    first, last = (UNKNOWN if mean is None else percent(mean) for mean in (means[0], means[-1]))
    return f"{name:<{LABEL}}{marks}  {first} to {last} %"


def _height(value: float, most: float) -> int:
    return min(len(BLOCKS) - 1, int(value / most * len(BLOCKS))) if most else 0


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
