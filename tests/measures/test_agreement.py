"""Agreement of rewards and verdicts against scikit-learn, scipy, brute-force counts and planted truth."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, cohen_kappa_score, f1_score, matthews_corrcoef, roc_auc_score

from rarl_eval.files.rows import read_rows
from rarl_eval.measures.agreement import Agreement, agree
from rarl_eval.measures.binary import rogan_gladen
from rarl_eval.measures.calibration import reliability
from rarl_eval.measures.selection import best_of_n
from rarl_eval.measures.steps import first_error, right_by_faulty_steps, step_scores
from rarl_eval.stats import Interval, wilson

SCORES = st.sampled_from([0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0])
"""Few values, so that ties are common."""

TRACES = st.lists(st.tuples(SCORES, st.booleans(), st.integers(0, 6)), min_size=2, max_size=40)


def measured(rows, **options) -> Agreement:
    scores, correct, items = zip(*rows, strict=True)
    return agree(list(scores), list(correct), list(items), **{"replicates": 20, **options})


def value(interval: Interval | None) -> float | None:
    return None if interval is None else interval.value


def almost(expected: float | None) -> object:
    return None if expected is None else pytest.approx(expected, abs=1e-12)


@given(TRACES)
def test_auroc_and_brier_equal_scikit_learn(rows):
    """AUROC and Brier are scikit-learn's with ties, and AUROC is unknown with one class."""
    scores, correct, _ = (np.array(column) for column in zip(*rows, strict=True))
    found = measured(rows)
    assert value(found.auroc) == almost(roc_auc_score(correct, scores) if len(set(correct)) == 2 else None)
    assert value(found.brier) == almost(brier_score_loss(correct.astype(float), scores, pos_label=1.0))


@given(TRACES)
def test_chance_corrected_agreement_equals_scikit_learn(rows):
    """Kappa and MCC are scikit-learn's wherever they are defined."""
    scores, correct, _ = (np.array(column) for column in zip(*rows, strict=True))
    passed = scores >= 0.5
    found = measured(rows)
    if len(set(correct)) == len(set(passed)) == 2:
        assert value(found.mcc) == almost(matthews_corrcoef(correct, passed))
    else:
        assert found.mcc is None
    if len({*correct, *passed}) == 2:
        assert value(found.kappa) == almost(cohen_kappa_score(correct, passed))
    else:
        assert found.kappa is None


@given(TRACES)
def test_ranking_within_items_equals_counting_pairs(rows):
    """AUROC within items is the mean over items, pairwise accuracy the mean over pairs, ties half."""
    wins: dict[int, list[float]] = {}
    for (s, y, item), (t, z, other) in itertools.permutations(rows, 2):
        if y and not z and item == other:
            wins.setdefault(item, []).append(float(s > t) + (s == t) / 2)
    pairs = [w for of_item in wins.values() for w in of_item]
    found = measured(rows)
    assert value(found.pairwise) == almost(sum(pairs) / len(pairs) if pairs else None)
    means = [sum(w) / len(w) for w in wins.values()]
    assert value(found.auroc_within) == almost(sum(means) / len(means) if means else None)


@given(TRACES)
def test_gwet_and_krippendorff_equal_their_definitions(rows):
    """AC1 is Gwet's formula by hand; alpha is one less observed over expected disagreement, counted pair by pair."""
    passed = [s >= 0.5 for s, _, _ in rows]
    correct = [y for _, y, _ in rows]
    agreed = sum(p == y for p, y in zip(passed, correct, strict=True)) / len(rows)
    share = (sum(passed) + sum(correct)) / (2 * len(rows))
    found = measured(rows)
    assert value(found.ac1) == almost((agreed - 2 * share * (1 - share)) / (1 - 2 * share * (1 - share)))
    pooled = [*passed, *correct]
    expected = sum(a != b for a, b in itertools.permutations(pooled, 2)) / (len(pooled) - 1)
    assert value(found.alpha) == almost(1 - 2 * (len(rows) - agreed * len(rows)) / expected if expected else None)


@given(TRACES)
def test_rates_equal_counting(rows):
    """Accuracy, false pass and false fail are shares of traces, base rate and constant beside them."""
    found = measured(rows)
    right = [s >= 0.5 for s, y, _ in rows if y]
    wrong = [s >= 0.5 for s, y, _ in rows if not y]
    assert value(found.false_pass) == almost(sum(wrong) / len(wrong) if wrong else None)
    assert value(found.false_fail) == almost(1 - sum(right) / len(right) if right else None)
    assert value(found.accuracy) == almost((sum(right) + len(wrong) - sum(wrong)) / len(rows))
    assert found.base_rate == almost(len(right) / len(rows))
    assert found.constant == almost(max(len(right), len(wrong)) / len(rows))


@pytest.mark.parametrize("bins", [5, 15])
def test_calibration_equals_scikit_learn(bins):
    """ECE is the weighted gap of scikit-learn's quantile bins, ties sharing a bin."""
    rng = np.random.default_rng(3)
    scores = np.round(rng.random(bins * 10), 2)
    correct = rng.random(scores.size) < 0.5
    right, score = calibration_curve(correct, scores, n_bins=bins, strategy="quantile")
    found = reliability(scores, correct.astype(float), bins)
    assert [b.correct for b in found] == pytest.approx(right.tolist())
    assert [b.score for b in found] == pytest.approx(score.tolist())
    measured_ = agree(scores, correct, np.arange(scores.size), replicates=20)
    assert measured_.ece_bins == bins
    gaps = sum(b.n * abs(b.score - b.correct) for b in found) / scores.size
    assert value(measured_.ece) == almost(gaps)


def test_calibration_bins_are_fewer_where_traces_are_few():
    """Each bin holds about ten traces, and fewer than two bins of them cannot tell."""
    rng = np.random.default_rng(0)
    assert agree(rng.random(59), rng.random(59) < 0.5, np.arange(59), replicates=10).ece_bins == 5
    few = agree(rng.random(19), rng.random(19) < 0.5, np.arange(19), replicates=10)
    assert (few.ece_bins, few.ece) == (None, None)
    assert few.brier is not None


def test_calibration_is_unknown_for_scores_that_are_no_probabilities():
    """A score of 7 has a rank but no calibration; ranking does not depend on the scale."""
    rows = [(7.0, True, 0), (-2.0, False, 1), (3.0, True, 2), (3.0, False, 3)]
    found = measured(rows, threshold=None)
    assert (found.brier, found.ece, found.ece_bins, found.kappa, found.false_pass) == (None,) * 5
    assert found.auroc.value == 0.875


@pytest.mark.parametrize("rows", [[(0.3, True, 0)] * 5, [(0.3, False, i) for i in range(5)]])
def test_one_class_leaves_ranking_unknown(rows):
    """With only right or only wrong traces there is no pair to rank."""
    found = measured(rows)
    assert (found.auroc, found.auroc_within, found.pairwise, found.mcc) == (None,) * 4
    assert found.constant == 1.0


def test_missing_scores_are_counted_and_left_out():
    """None is neither 0 nor a fail."""
    found = agree([0.9, None, 0.1, None], [True, False, False, True], ["a", "a", "b", "b"], replicates=20)
    assert (found.n, found.missing, found.items, found.base_rate) == (2, 2, 2, 0.5)
    assert found.auroc.value == 1.0


@pytest.mark.parametrize("scores", [[], [None, None]])
def test_nothing_to_compare_is_unknown_throughout(scores):
    """Without a scored trace every figure is None and nothing fails."""
    found = agree(scores, [True] * len(scores), list(range(len(scores))))
    assert (found.n, found.missing, found.base_rate, found.auroc, found.brier, found.kappa) == (
        *(0, len(scores)),
        *(None,) * 4,
    )


def test_lengths_must_match():
    """A verdict too few is a fault of the caller."""
    with pytest.raises(ValueError, match="2 scores, 1 verdicts and 2 items"):
        agree([0.1, 0.2], [True], [0, 1])


def test_infinite_scores_rank_as_any_other():
    """A log-probability of minus infinity is the lowest score, not an error."""
    found = agree([-math.inf, -1.0, -0.5], [False, False, True], [0, 0, 0], threshold=None, replicates=20)
    assert found.auroc.value == 1.0


def test_a_perfect_reward_on_few_items_is_not_certain():
    """Ten right and ten wrong items without one misordered pair leave room for some."""
    found = agree([0.9] * 10 + [0.1] * 10, [True] * 10 + [False] * 10, list(range(20)))
    assert (found.auroc.value, found.auroc.high) == (1.0, 1.0)
    assert 0.7 < found.auroc.low < 0.8
    assert 0.6 < found.kappa.low < found.kappa.value == 1.0
    assert 0.5 < agree([0.9] * 18 + [0.1] * 2, [True] * 18 + [False] * 2, list(range(20))).auroc.low < 0.7


def test_duplicated_traces_do_not_narrow_the_interval():
    """Items are resampled, not traces: ten copies of every trace give the same bounds."""
    rng = np.random.default_rng(1)
    correct = rng.random(80) < 0.5
    scores = np.clip(0.5 + 0.2 * (correct - 0.5) + 0.2 * rng.standard_normal(80), 0, 1)
    once = agree(scores, correct, np.arange(80))
    tenfold = agree(np.repeat(scores, 10), np.repeat(correct, 10), np.repeat(np.arange(80), 10))
    assert [tenfold.auroc.low, tenfold.auroc.high] == pytest.approx([once.auroc.low, once.auroc.high], abs=0.002)
    assert [tenfold.kappa.low, tenfold.kappa.high] == pytest.approx([once.kappa.low, once.kappa.high], abs=0.03)
    assert tenfold.brier.low == pytest.approx(once.brier.low)


def test_groups_are_resampled_whole():
    """Items of one passage that stand or fall together give a wider interval than independent ones."""
    rng = np.random.default_rng(6)
    correct = np.repeat(rng.random(40) < 0.5, 5)
    scores = np.repeat(rng.random(40), 5)
    alone = agree(scores, correct, np.arange(200))
    grouped = agree(scores, correct, np.arange(200), np.arange(200) // 5)
    assert grouped.auroc.high - grouped.auroc.low > 1.5 * (alone.auroc.high - alone.auroc.low)


def test_auroc_interval_covers_the_truth():
    """The bootstrap interval holds the true AUROC in at least 91 % of 150 simulated rewards on 100 items."""
    rng = np.random.default_rng(9)
    truth = 0.5 * (1 + math.erf(1 / 2))  # two normals one deviation apart: Phi(1 / sqrt 2)
    inside = 0
    for _ in range(150):
        correct = np.arange(100) % 2
        found = agree(correct + rng.standard_normal(100), correct, np.arange(100), threshold=None, replicates=300)
        inside += found.auroc.low <= truth <= found.auroc.high
    assert inside / 150 >= 0.91


def test_results_repeat_with_the_seed():
    """The same input and seed give the same figures, another seed other bounds."""
    rows = [(s / 10, s % 3 == 0, s) for s in range(11)]
    assert measured(rows, seed=4) == measured(rows, seed=4)
    assert measured(rows, seed=4).kappa != measured(rows, seed=5).kappa


def test_rogan_gladen_recovers_the_truth():
    """60 % right seen through a judge of sensitivity .9 and specificity .8 look like 62 %, and come back."""
    found = rogan_gladen(620, 1000, 90, 100, 80, 100)
    assert found.value == pytest.approx(0.6)
    assert (found.low, found.high) == (pytest.approx(0.519934324), pytest.approx(0.684537037))


@pytest.mark.parametrize("labelled", [(50, 100, 50, 100), (0, 0, 5, 5), (5, 5, 0, 0)])
def test_rogan_gladen_of_a_useless_judge_is_unknown(labelled):
    """A coin corrects nothing, nor does a judge that was never tried."""
    assert rogan_gladen(40, 100, *labelled) is None


def test_rogan_gladen_interval_covers_the_truth():
    """Lang and Reiczigel's interval holds the true accuracy in at least 93 % of 1,000 simulations."""
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(1000):
        labelled = (rng.binomial(80, 0.9), 80, rng.binomial(60, 0.8), 60)
        found = rogan_gladen(rng.binomial(200, 0.7 * 0.9 + 0.3 * 0.2), 200, *labelled)
        inside += found is not None and found.low <= 0.7 <= found.high
    assert inside / 1000 >= 0.93


IRRCAC = [0.31034, 0.00059, -0.00917, 0.22489, 0.33472]
"""AC1 of irrCAC 0.4.4, which rounds, on the data drawn below."""


def test_ac1_equals_the_reference_package():
    """Forty traces and two skewed judges; five draws."""
    rng = np.random.default_rng(0)
    for gwet in IRRCAC:
        _ = rng.integers(0, 4, size=150), rng.random(240)  # what stood between these data where they were measured
        two = (rng.random((40, 2)) < 0.7).astype(int)
        found = agree(two[:, 0].astype(float), two[:, 1].astype(bool), np.arange(40), replicates=5)
        assert found.ac1.value == pytest.approx(gwet, abs=1e-5)


BEST = st.lists(st.tuples(SCORES, st.booleans()), min_size=1, max_size=7)


@settings(deadline=None)
@given(st.lists(BEST, min_size=1, max_size=3))
def test_best_of_n_equals_all_subsets(items):
    """Truth, proxy and ceiling of best of n are the means over all subsets of n traces of the items that have n."""
    most = sorted(map(len, items))[-2:][0]
    rows = [(s, y, i) for i, traces in enumerate(items) for s, y in traces]
    curve = best_of_n(*(list(column) for column in zip(*rows, strict=True)))
    for n, point in enumerate(curve.points, start=1):
        having = [traces for traces in items if len(traces) >= n]
        means = np.mean([_all_subsets(traces, n) for traces in having], axis=0)
        assert point.items == len(having)
        assert [point.truth.value, point.proxy, point.ceiling.value] == pytest.approx(means.tolist(), abs=1e-9)
        assert point.regret == pytest.approx(means[2] - means[0], abs=1e-9)
    assert len(curve.points) == most
    whole = [traces for traces in items if len(traces) >= most]
    same = [np.mean([_all_subsets(traces, n)[0] for traces in whole]) for n in range(1, most + 1)]
    assert (curve.items, curve.dropped) == (len(whole), len(items) - len(whole))
    assert same[curve.peak - 1] == pytest.approx(max(same))


def _all_subsets(traces, n):
    found = []
    for chosen in itertools.combinations(traces, n):
        top = max(s for s, _ in chosen)
        tied = [y for s, y in chosen if s == top]
        found.append((sum(tied) / len(tied), top, float(any(y for _, y in chosen))))
    return np.mean(found, axis=0)


def test_best_of_n_states_its_bound_and_what_it_drops():
    """KL is ln n - (n - 1)/n; items with fewer traces than asked for are in the smaller n alone."""
    curve = best_of_n([0.1, 0.9, 0.5, 0.3, None], [False, True, True, False, True], ["a", "a", "a", "b", "b"], most=3)
    assert (curve.items, curve.dropped, [p.items for p in curve.points]) == (1, 1, [2, 1, 1])
    assert curve.points[1].kl_bound == pytest.approx(math.log(2) - 0.5)
    assert curve.points[2].truth.value == 1.0


def test_best_of_n_shows_over_optimisation():
    """A reward that is right below its top and fooled by one trick peaks early and then falls."""
    scores, correct, items = [], [], []
    for item in range(20):
        scores += [*range(15), 99]
        correct += [i > 7 for i in range(15)] + [False]
        items += [item] * 16
    curve = best_of_n(scores, correct, items)
    assert 1 < curve.peak < 16
    assert curve.points[15].truth.value == 0.0
    assert curve.points[15].proxy == 99
    assert curve.points[15].regret == 1.0


def test_best_of_n_of_nothing_is_empty():
    """No scored trace, no curve."""
    assert best_of_n([None], [True], ["a"]).points == []
    assert best_of_n([0.5], [True], ["a"], most=2).dropped == 1


def test_first_error_f1_by_hand():
    """Two of four faults found, two of three sound solutions passed: F1 = 2 x .5 x .667 / 1.167."""
    labels = [0, 2, 1, 3, None, None, None]
    predictions = [0, 2, 2, None, None, None, 1]
    found = first_error(labels, predictions, replicates=50)
    assert (found.faulty, found.fault_free) == (wilson(2, 4), wilson(2, 3))
    assert found.f1.value == pytest.approx(4 / 7)


@pytest.mark.parametrize(
    ("labels", "predictions", "expected"),
    [([None, None], [None, 1], None), ([1], [1], None), ([1, None], [2, 0], 0.0), ([], [], None)],
)
def test_first_error_f1_needs_both_kinds(labels, predictions, expected):
    """F1 is unknown without faulty or without sound solutions, and 0 where none of either is right."""
    assert value(first_error(labels, predictions, replicates=20).f1) == expected


@given(st.lists(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6), min_size=1, max_size=8))
def test_step_f1_equals_scikit_learn(solutions):
    """Both F1 over all steps are scikit-learn's, PRMScore their mean."""
    labels = [[truth for truth, _ in steps] for steps in solutions]
    passed = [[said for _, said in steps] for steps in solutions]
    found = step_scores(labels, passed, replicates=20)
    flat, said = (list(itertools.chain.from_iterable(side)) for side in (labels, passed))
    positive = f1_score(flat, said, zero_division=np.nan) if any(flat) or any(said) else None
    negative = f1_score(flat, said, pos_label=False, zero_division=np.nan) if not (all(flat) and all(said)) else None
    assert (value(found.f1), value(found.f1_negative)) == (almost(positive), almost(negative))
    if positive is not None and negative is not None:
        assert found.prm_score.value == pytest.approx((positive + negative) / 2)


def test_steps_must_match():
    """A step too many is named with its solution."""
    with pytest.raises(ValueError, match="solution 1 has 1 labelled steps and 2"):
        step_scores([[True], [True]], [[True], [True, False]])
    with pytest.raises(ValueError, match="1 labels against 0"):
        first_error([None], [])


def test_right_by_faulty_steps_counts_right_answers_only():
    """Of three right answers one came through a faulty step; wrong answers do not count."""
    assert right_by_faulty_steps([True, True, True, False], [None, 2, None, 0]) == wilson(1, 3)
    assert right_by_faulty_steps([False], [0]) is None


def test_recorded_reward_model_selection(shared):
    """Best of 8 by the recorded scores of 100 MATH items is the published rm@8 of 94.0, pass@1 91.0, pass@8 96.0."""
    rows = [row for _, row in read_rows(shared / "math" / "qwen_math_cot_100" / "math_cot_100.jsonl.gz")]
    scores = [steps[-1] for row in rows for steps in row["pred_score"]]
    correct = [y for row in rows for y in row["score"]]
    curve = best_of_n(scores, correct, [row["idx"] for row in rows for _ in row["score"]])
    assert curve.points[0].truth.value == pytest.approx(0.910)
    assert curve.points[7].truth.value == pytest.approx(0.940)
    assert curve.points[7].ceiling.value == pytest.approx(0.960)
