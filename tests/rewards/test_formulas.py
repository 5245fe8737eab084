"""Formulas of the agreement report against brute-force counts and scipy on random data with ties and gaps."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from rarl_eval.agreement.bias import position, preference, pull, repeated
from rarl_eval.agreement.credit import credit, first_failed
from rarl_eval.agreement.trapped import trapped, worst_key
from rarl_eval.agreement.verdicts import Label, corrected, verifiers
from rarl_eval.measures.scaling import labels_of, majority, scaling, weighted
from rarl_eval.measures.selection import selection_gain
from rarl_eval.runs.added import Entry, Judgement
from rarl_eval.types import Reward

SCORES = st.sampled_from([0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0])
VOTES = st.lists(st.sampled_from([True, "a", "b", "c", None]), min_size=1, max_size=7)
TRACES = st.lists(
    st.tuples(SCORES, st.booleans(), st.sampled_from([1.0, 2.0, 2.5, 7.0]), st.integers(0, 5)), min_size=1, max_size=30
)


def all_subsets(votes: list, weights: list[float], k: int) -> float:
    total = 0.0
    subsets = list(itertools.combinations(range(len(votes)), k))
    for chosen in subsets:
        sums: dict = {}
        for i in chosen:
            if votes[i] is not None:
                sums[votes[i]] = sums.get(votes[i], 0.0) + weights[i]
        top = max(sums.values(), default=0.0)
        winners = [v for v, s in sums.items() if s >= top - 1e-12]
        total += winners.count(True) / len(winners) if winners else 0.0
    return total / len(subsets)


@given(VOTES)
def test_majority_equals_all_subsets(votes: list) -> None:
    """Blank answers do not vote, ties are shared, for every k."""
    wrong = [votes.count(v) for v in ("a", "b", "c") if v in votes]
    found = majority(votes.count(True), wrong, votes.count(None))
    expected = [all_subsets(votes, [1.0] * len(votes), k) for k in range(1, len(votes) + 1)]
    assert found == pytest.approx(expected, abs=1e-12)


def test_majority_of_many_traces_is_exact() -> None:
    """64 traces: with two answers and odd k it is the hypergeometric tail."""
    from scipy.stats import hypergeom

    found = majority(40, [24], 0)
    for k in (1, 3, 31, 63):
        assert found[k - 1] == pytest.approx(hypergeom(64, 40, k).sf(k // 2), abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([True, "a", "b", None]), SCORES), min_size=1, max_size=6))
def test_weighted_votes_equal_all_subsets(rows: list) -> None:
    """The answer with the largest sum of scores, ties shared, zero scores included."""
    votes, weights = [v for v, _ in rows], [w for _, w in rows]
    sizes = range(1, len(rows) + 1)
    labels = np.array([labels_of([v is True for v in votes], [None if v is True else v for v in votes])])
    found = [column[0] for column in weighted(np.array([weights]), labels, sizes)]
    assert found == pytest.approx([all_subsets(votes, weights, k) for k in sizes], abs=1e-9)


def test_a_vote_over_too_many_subsets_is_left_out() -> None:
    """C(40, 20) subsets are not counted; the ends are."""
    first, middle, last = weighted(np.full((2, 40), 0.5), np.zeros((2, 40), dtype=int), [1, 20, 40])
    assert (first.tolist(), middle, last.tolist()) == ([1.0, 1.0], None, [1.0, 1.0])


def test_scaling_keeps_items_of_one_size_and_counts_the_rest() -> None:
    """Items with fewer traces or an unscored one are dropped from every curve; tokens are k times the mean."""
    items = [0, 0, 1, 1, 2, 3, 3]
    correct = np.array([1.0, 0, 0, 0, 1, 1, 1])
    scores = np.array([0.9, 0.1, 0.3, 0.2, 0.5, np.nan, 0.5])
    found = scaling(correct, items, list("abcdabc"), np.array([10.0, 20, 30, 40, 5, 5, 5]), {"r": scores})
    assert (found.items, found.dropped, [p.k for p in found.points]) == (2, 2, [1, 2])
    assert [p.lengths for p in found.points] == [25.0, 50.0]
    assert [p.best_of["r"].value for p in found.points] == [0.25, 0.5]
    assert scaling(np.empty(0), [], [], None, {}).points == []


@settings(deadline=None)
@given(TRACES)
def test_pull_equals_counting_pairs_and_scipy(rows: list) -> None:
    """P(more of it wins) is a count over pairs of one item and verdict; with one class the partial is Spearman's."""
    s, y, x, item = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    items = np.unique(item, return_inverse=True)[1]
    found = pull(s, y, x, items, items, seed=0, replicates=10)
    wins = [
        (np.sign((s[i] - s[j]) * (x[i] - x[j])) + 1) / 2
        for i, j in itertools.combinations(range(len(rows)), 2)
        if item[i] == item[j] and y[i] == y[j] and x[i] != x[j]
    ]
    assert found.pairs == len(wins)
    assert (found.wins is None) == (not wins)
    if wins:
        assert found.wins.value == pytest.approx(np.mean(wins))
    if len(set(y)) == 1 and len(set(s)) > 1 and len(set(x)) > 1:
        assert found.partial.value == pytest.approx(spearmanr(s, x)[0])
    if len(set(s)) == 1 or len(set(x)) == 1:
        assert found.partial is None


@given(st.lists(st.tuples(SCORES, SCORES, st.booleans()), min_size=6, max_size=40))
def test_partial_correlation_equals_its_formula(rows: list) -> None:
    """(r_sx - r_sy r_xy) / sqrt((1 - r_sy^2)(1 - r_xy^2)) of scipy's Spearman correlations."""
    s, x, y = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    if min(len(set(s)), len(set(x)), len(set(y))) < 2:
        return
    sx, sy, xy = (spearmanr(a, b)[0] for a, b in ((s, x), (s, y), (x, y)))
    below = (1 - sy**2) * (1 - xy**2)
    n = np.arange(len(rows))
    found = pull(s, y, x, n, n, seed=0, replicates=5).partial
    if below > 1e-6:
        assert found.value == pytest.approx((sx - sy * xy) / np.sqrt(below), abs=1e-7)


def test_repeated_texts_are_those_under_several_items() -> None:
    """The same text twice under one item is a repeat of nothing."""
    found = repeated([1, 1, 2, 3, 2], np.array([0, 0, 1, 1, 2]), np.array([1.0, 1, 1, 0, np.nan]))
    assert (found.n, found.share, found.passed.value) == (2, 0.4, 1.0)


def test_preference_is_the_difference_of_mean_excess() -> None:
    """Own traces scored .2 above their verdicts and others' at them: .2, with an interval of both sides."""
    rng = np.random.default_rng(0)
    y = (rng.random(400) < 0.5).astype(float)
    found = preference((np.clip(y * 0.6 + 0.4, 0, 1), y), (y * 0.8 + 0.1, y))
    assert found.value == pytest.approx(float((0.4 - 0.4 * y).mean() - (0.1 - 0.2 * y).mean()))
    assert found.low < found.value < found.high


def test_credit_by_hand() -> None:
    """Four faulty solutions: found, one early, one late, missed; the sound one does not count."""
    steps = [[1, 1, 0, 0], [0, 1, 1], [1, 1, 1, 0], [1, 1], [1, 1]]
    found = credit(steps, [2, 1, 2, 0, None], 0.5)
    assert found.n == 4
    assert [found.exact.value, found.early.value, found.late.value, found.missed.value] == [0.25] * 4
    assert found.distance.value == pytest.approx(0.0)
    assert found.drop.value == 0.5  # the first, and the tie at the start of the last
    unbounded = credit([[3, 9, -4]], [2], None)
    assert (unbounded.exact, unbounded.drop.value) == (None, 1.0)
    assert credit([], [], 0.5).exact is None
    assert first_failed([0.5, 0.49], 0.5) == 1


def test_two_verifiers_are_compared_trace_by_trace() -> None:
    """Counts, list and the accuracy that holds whichever of them errs."""
    scores, correct = np.array([1.0, 0, 1, 0, np.nan]), np.array([1.0, 1, 0, 0, 1])
    n = np.arange(5)
    named = [(f"i{i}", 0, "x", "y") for i in range(5)]
    found = verifiers(scores, correct, n, n, named, 0.5)
    assert (found.n, found.agreed.value, found.passed_alone, found.failed_alone) == (4, 0.5, 1, 1)
    assert [(d.item, d.verdict, d.passed) for d in found.disagreements] == [("i1", True, False), ("i2", False, True)]
    assert found.accuracy[0] < 0.25 < 0.75 < found.accuracy[1]


def test_the_verdicts_own_error_widens_accuracy() -> None:
    """60 of 100 judged right by a verdict that passes 10 % of the wrong: 55.6 %, wider than Wilson's interval."""
    correct = np.array([1.0] * 60 + [0.0] * 40)
    slots = [("t", str(i), 0) for i in range(100)]
    labels = {slots[i]: Label(correct=i < 20) for i in [*range(20), *range(60, 78)]}
    labels |= {slots[i]: Label(correct=False) for i in (20, 21)}
    found = corrected(correct, slots, labels)
    assert found.value == pytest.approx((0.6 - 0.1) / 0.9)
    assert found.high - found.low > 0.19
    assert corrected(correct, slots, {}) is None


def test_selection_gain_is_best_less_mean() -> None:
    """Two items, best of two right once: .5 over a mean of .25 + .25; no choice, no gain."""
    scores, correct = np.array([0.9, 0.1, 0.2, 0.8]), np.array([1.0, 0, 1, 0])
    items, units = np.array([0, 0, 1, 1]), np.array([0, 1])
    found = selection_gain(scores, correct, items, units, 2)
    assert (found.n, found.difference.value) == (2, 0.0)
    assert selection_gain(scores, correct, items, units, 1) is None


def test_probes_are_counted_by_name_and_compared_with_their_trace() -> None:
    """Shares of passes, the change against the stored score, missing scores apart, and the worst key."""

    def probe(name: str, key: str, score: float | None) -> Entry:
        return Entry(
            slot=("t", key, 0),
            trap=name,
            reward=Reward(name="r", judge="rule", score=score),
            detail={"expected": "fail"},
        )

    entries = [probe("key-a/wrong", str(n), 1.0 if n else None) for n in range(17)]
    entries += [probe("key-b/wrong", str(n), 0.2) for n in range(16)]
    entries += [probe("key-c/question", str(n), 1.0) for n in range(16)] + [probe("key-d/wrong", "1", 1.0)]
    found = trapped(entries, {("t", str(n), 0): 0.5 for n in range(20)}, 0.5)
    values = [(p.trap, p.n, p.missing, p.passed and p.passed.value, p.change and p.change.value) for p in found]
    assert values == [
        ("key-a/wrong", 17, 1, 1.0, 0.5),
        ("key-b/wrong", 16, 0, 0.0, pytest.approx(-0.3)),
        ("key-c/question", 16, 0, 1.0, None),  # made of no trace, it has no score to be held against
        ("key-d/wrong", 1, 0, None, None),  # of one try nothing is said
    ]
    assert worst_key(found).trap == "key-c/question"


def test_a_preference_falls_for_a_trap_only_where_it_wins() -> None:
    """Beside a stored trace a tie, or two orders that contradict each other, passes nothing and changes nothing."""
    scores = {"won": 1.0, "tied": 0.5, "lost": 0.0}
    entries = [
        Entry(
            slot=("t", str(n), 0), trap=f"padding-{how}/right", reward=Reward(name="r", judge="generative", score=score)
        )
        for how, score in scores.items()
        for n in range(16)
    ]
    found = {p.trap: (p.passed.value, p.change.value) for p in trapped(entries, {}, None, preference=True)}
    assert found == {
        "padding-won/right": (1.0, 0.5),
        "padding-tied/right": (0.0, 0.0),
        "padding-lost/right": (0.0, -0.5),
    }


def test_an_order_that_decides_between_equals_is_no_fault() -> None:
    """Consistency is told of all pairs, and apart of those of a right and a wrong trace, where one should win."""

    def entry(key: str, first: str, second: str) -> Entry:
        votes = [
            Judgement(part="pairwise", prompt=(), verdict=v, against=1, first=shown)
            for v, shown in ((first, True), (second, False))
        ]
        return Entry(slot=("t", key, 0), reward=Reward(name="r", judge="generative"), judgements=tuple(votes))

    entries = [entry("equal", "A", "A"), entry("unequal", "A", "B")]
    right = {("t", "equal", 0): 1.0, ("t", "equal", 1): 1.0, ("t", "unequal", 0): 1.0, ("t", "unequal", 1): 0.0}
    found = position(entries, right)
    assert (found.consistent.value, found.consistent_apart.value) == (0.5, 1.0)
    assert worst_key([]) is None
    assert position([]) is None
