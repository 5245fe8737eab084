"""The formulas of the probes: pure functions of texts and of log-probabilities, each with its source."""

from collections.abc import Sequence

from rarl_eval.models import Scored

LOWEST = 0.2
"""Share of tokens that Min-K% averages; the papers' examples take 20 %."""
GRAM, STARTS = 5, 5
"""Length of the n-grams that are predicted, and from how many places (Xu et al., arXiv 2404.18824)."""
LEAST_DEVIATION = 1e-6
"""A distribution narrower than this is a certainty: what is written there counts as exactly as likely as expected."""


def halves(text: str, least: int = 8) -> tuple[str, str] | None:
    """Cut a text in the middle of its words; None where a half would have fewer than ``least`` words."""
    words = text.split(" ")
    middle = len(words) // 2
    return (" ".join(words[:middle]), " ".join(words[middle:])) if middle >= least else None


def rouge_l(candidate: str, reference: str) -> float:
    """ROUGE-L F1 over lower-cased words: the longest common subsequence (Lin 2004), 0 to 1."""
    one, two = candidate.lower().split(), reference.lower().split()
    common = _subsequence(one, two)
    return 2 * common / (len(one) + len(two)) if one and two else 0.0


def continuation(reply: str, given: str, wanted: int) -> str:
    """Take what a reply goes on with: a repetition of what was given is cut off, then ``wanted`` words are kept."""
    at = " ".join(reply.lower().split()).find(" ".join(given.lower().split()[-5:]))
    words = reply.split()
    if at >= 0:
        words = words[len(" ".join(reply.split())[:at].split()) + min(5, len(given.split())) :]
    return " ".join(words[:wanted])


def ngram_accuracy(scored: Scored, n: int = GRAM, starts: int = STARTS) -> float | None:
    """Share of ``starts`` evenly spread places from which greedy decoding writes the next ``n`` tokens of the text.

    Given the text before them, greedy decoding writes exactly these tokens if and only if each is the likeliest after
    its own prefix, so that one pass over the text answers for all places. None for a text too short for them.
    """
    room = len(scored.likeliest) - n
    if room + 1 < starts:
        return None
    places = [round(i * room / (starts - 1)) for i in range(starts)]
    return sum(all(scored.likeliest[p : p + n]) for p in places) / starts


def min_k(scored: Scored, share: float = LOWEST) -> float | None:
    """Min-K% (Shi et al., arXiv 2310.16789): mean log-probability of the ``share`` least likely tokens."""
    return _mean_lowest(scored.logprobs, share)


def min_k_plus(scored: Scored, share: float = LOWEST) -> float | None:
    """Min-K%++ (Zhang et al., arXiv 2404.02936): as Min-K%, of (log p(x_t | x_<t) - mu_t) / sigma_t.

    mu_t and sigma_t are mean and standard deviation of log p(. | x_<t) over the vocabulary, weighed by p(. | x_<t).
    """
    if scored.means is None or scored.deviations is None:
        return None
    moments = zip(scored.logprobs, scored.means, scored.deviations, strict=True)
    return _mean_lowest([(lp - mean) / sd if sd > LEAST_DEVIATION else 0.0 for lp, mean, sd in moments], share)


def _mean_lowest(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    kept = sorted(values)[: max(1, int(len(values) * share))]
    return sum(kept) / len(kept)


def _subsequence(one: Sequence[str], two: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(two) + 1)
    for a in one:
        before = 0
        for j, b in enumerate(two, start=1):
            above = row[j]
            row[j] = before + 1 if a == b else max(above, row[j - 1])
            before = above
    return row[-1]
