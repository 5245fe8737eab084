"""A comparison in sentences that a person can quote."""

from rarl_eval.compare.couples import Compared
from rarl_eval.measures.pairs import Needed, Pair
from rarl_eval.stats import Interval

PARTS = {
    "all": "",
    "clean": " not found in the scanned corpora",
    "flagged": " found in the scanned corpora",
}


def sentence(found: Compared, comparisons: int, alpha: float, after: str | None = None) -> str:
    """Say who is better by how much, or what the comparison could have seen."""
    pair = found.pair
    part = f" released after {after}" if found.part == "after" else PARTS[found.part]
    where = f"On {pair.n:,} {found.task} item{'' if pair.n == 1 else 's'}{part}"
    numbers = f"{_accuracies(found)}; {_difference(pair.difference)}; {_p(pair, comparisons)}"
    if pair.p_holm <= alpha and pair.difference.value:
        better, worse = (found.a, found.b) if pair.difference.value > 0 else (found.b, found.a)
        size = 100 * abs(pair.difference.value)
        return f"{where}, {better} is {size:.1f} points more accurate than {worse} ({numbers})."
    return f"{where}, no difference between {found.a} and {found.b} was found ({numbers}).{_missed(found)}"


def _accuracies(found: Compared) -> str:
    if found.accuracy_a is None or found.accuracy_b is None:
        return "accuracies unknown"
    return f"{100 * found.accuracy_a.value:.1f} % against {100 * found.accuracy_b.value:.1f} %"


def _difference(found: Interval) -> str:
    text = f"difference {100 * found.value:+.1f}"
    if found.low is None or found.high is None:
        return text
    return f"{text}, 95 % interval {100 * found.low:+.1f} to {100 * found.high:+.1f}"


def _p(pair: Pair, comparisons: int) -> str:
    name = "McNemar" if pair.test == "mcnemar" else "randomisation"
    adjusted = "" if comparisons == 1 else f" after Holm over {comparisons} comparisons"
    value = "p < 0.0001" if pair.p_holm < 1e-4 else f"p = {pair.p_holm:.2g}"
    return f"exact {name} {value}{adjusted}"


def _missed(found: Compared) -> str:
    parts = []
    if found.pair.minimum_detectable is not None:
        parts.append(
            f" This comparison alone finds a true difference of {100 * found.pair.minimum_detectable:.1f} points "
            "4 times in 5, and smaller ones less often."
        )
    if found.needed is not None:
        parts.append(_more(found.needed, found.pair))
    return "".join(parts)


def _more(needed: Needed, pair: Pair) -> str:
    ways = []
    if needed.items is not None and needed.items > pair.n:
        ways.append(f"{needed.items - pair.n:,} more items")
    if needed.samples is not None:
        ways.append(f"{needed.samples:,} samples of each item")
    return f" To resolve a difference as large as this one takes {' or '.join(ways)}." if ways else ""
