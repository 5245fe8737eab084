"""Statistics against closed cases, reference implementations and simulation."""

import math
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from rarl_eval.stats import Interval, critical, holm, mcnemar, newcombe, pass_at_k, wilson
from rarl_eval.stats.auroc import auroc_interval, effective_sizes
from rarl_eval.stats.compare import bonett_price, items_needed, minimum_detectable, paired, power
from rarl_eval.stats.means import accuracy, clustered_error, codes, mean, proportion, student
from rarl_eval.stats.resample import Measure, bootstrap, ratios, weights

NORMAL_975 = 1.959963984540054


def test_importing_stats_loads_neither_numpy_nor_scipy():
    """The closed formulas cost the command line nothing."""
    code = "import sys, rarl_eval.stats; print(*[m for m in ('numpy', 'scipy', 'pandas') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


def test_critical_is_the_normal_quantile():
    """A 95 % interval reaches 1.96 standard errors to either side."""
    assert critical() == pytest.approx(NORMAL_975, abs=1e-12)


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_critical_refuses_levels_outside_0_to_1(level):
    """A level in percent is refused, not read as a fraction."""
    with pytest.raises(ValueError, match="not between 0 and 1"):
        critical(level)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(30, 30, 0.8865, 1.0), (0, 30, 0.0, 0.1135), (15, 30, 0.3315, 0.6685), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_published_values(successes, n, low, high):
    """30 of 30 is [.887, 1] and not [1, 1]; 81 of 263 is Newcombe's (1998) example."""
    found = wilson(successes, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 3000), st.data())
def test_wilson_equals_statsmodels(n, data):
    """Bounds are statsmodels' to twelve digits, and always hold the value within 0 to 1."""
    successes = data.draw(st.integers(0, n))
    found = wilson(successes, n)
    low, high = proportion_confint(successes, n, method="wilson")
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_wilson_of_nothing_is_unknown():
    """No trials, no interval."""
    assert wilson(0, 0) is None


def test_wilson_refuses_more_successes_than_trials():
    """Counts that cannot be are a fault of the caller."""
    with pytest.raises(ValueError, match="4 successes of 3"):
        wilson(4, 3)


def test_newcombe_published_example():
    """56/70 less 48/80 is 0.2 [0.0524, 0.3339] (Newcombe 1998, table II, method 10)."""
    found = newcombe(wilson(56, 70), wilson(48, 80))
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_newcombe_passes_on_unknown_bounds():
    """A side without bounds leaves the difference without bounds."""
    assert newcombe(Interval(0.5, None, None), Interval(0.25, 0.1, 0.4)) == Interval(0.25, None, None)


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemar_equals_statsmodels(only_a, only_b):
    """The exact p is statsmodels' for every pair of discordant counts."""
    expected = reference_mcnemar([[5, only_a], [only_b, 7]], exact=True).pvalue if only_a + only_b else 1.0
    assert mcnemar(only_a, only_b) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=15, deadline=None)  # the reference collects garbage on every call
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_equals_statsmodels(p_values):
    """Adjusted p-values are statsmodels', in the order given."""
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist(), abs=1e-12)


def test_holm_by_hand():
    """The smallest p is multiplied by the number of tests, the next by one less, and order is kept."""
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


@given(st.integers(1, 9), st.data())
def test_pass_at_k_equals_counting_subsets(n, data):
    """pass@k is the share of k-subsets that hold a right sample."""
    correct = data.draw(st.integers(0, n))
    k = data.draw(st.integers(1, n))
    subsets = list(combinations([True] * correct + [False] * (n - correct), k))
    assert pass_at_k(n, correct, k) == pytest.approx(sum(map(any, subsets)) / len(subsets), abs=1e-12)


@pytest.mark.parametrize(("n", "correct", "k"), [(4, 5, 1), (4, 2, 0), (4, 2, 5)])
def test_pass_at_k_refuses_what_is_not_defined(n, correct, k):
    """k samples cannot be drawn from fewer."""
    with pytest.raises(ValueError, match="not defined"):
        pass_at_k(n, correct, k)


@given(st.integers(0, 10_000), st.integers(2, 60))
def test_clustered_error_equals_statsmodels(seed, groups):
    """The clustered standard error is that of statsmodels OLS without correction, to 1e-12."""
    rng = np.random.default_rng(seed)
    clusters = rng.integers(0, groups, 80)
    values = rng.random(80) + rng.random(groups)[clusters]
    fit = sm.OLS(values, np.ones(80)).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}, use_t=False
    )
    assert clustered_error(values, clusters) == pytest.approx(float(fit.bse[0]), abs=1e-12)


def test_clustered_error_without_groups_is_the_plain_one():
    """Clusters of one give sqrt(s^2 / n) with the uncorrected s."""
    values = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    assert clustered_error(values, np.arange(5)) == pytest.approx(math.sqrt(0.24 / 5), abs=1e-15)


@given(st.integers(0, 10_000), st.integers(2, 40))
def test_mean_equals_scipy_for_independent_values(seed, n):
    """Without groups the interval of a mean is the ordinary t interval."""
    values = np.random.default_rng(seed).lognormal(size=n)
    low, high = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
    found = mean(values)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-10), pytest.approx(high, abs=1e-10))


def test_mean_of_one_value_or_cluster_has_no_bounds():
    """One cluster says nothing of how clusters vary."""
    assert mean([3.0]) == Interval(3.0, None, None)
    assert mean([3.0, 5.0], np.array([0, 0])) == Interval(4.0, None, None)
    assert mean([]) is None


def test_student_reaches_the_normal_quantile():
    """With unlimited degrees of freedom t is the normal distribution."""
    assert student(0.95, 1) == pytest.approx(12.7062047361747)
    assert student(0.95, 2_000_000) == pytest.approx(NORMAL_975)


def test_codes_number_labels_by_first_appearance():
    """Labels of any kind become numbers from 0."""
    numbers, count = codes(["b", "a", "b", ("a",)])
    assert (numbers.tolist(), count) == ([0, 1, 0, 2], 3)


@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_proportion_of_single_trials_is_wilson(hits):
    """One sample an item and no groups is a plain proportion."""
    assert proportion(np.array(hits, dtype=float)) == wilson(sum(hits), len(hits))
    assert accuracy(np.array(hits, dtype=float), np.ones(len(hits))) == wilson(sum(hits), len(hits))


@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 5), st.sampled_from([0.0, 0.02, 0.5, 0.98, 1.0]))
def test_proportion_never_leaves_0_to_1_nor_shrinks_to_a_point(seed, groups, samples, share):
    """Whatever the clusters, bounds lie in 0 to 1, hold the value and differ."""
    rng = np.random.default_rng(seed)
    n = groups * 2
    hits = rng.binomial(samples, share, n)
    found = proportion(hits, np.full(n, samples), np.arange(n) % groups)
    assert found.value == pytest.approx(hits.sum() / (n * samples))
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.01


def test_proportion_of_items_without_trials_counts_nothing():
    """An item without trials is no item, and no trials at all are unknown."""
    assert proportion(np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0])) == wilson(1, 2)
    assert proportion(np.zeros(3), np.zeros(3)) is None


def test_copies_of_an_item_add_no_certainty():
    """Ten identical samples of an item weigh as one: the interval stays about as wide."""
    shares = np.array([1.0] * 30 + [0.0] * 20)
    once, tenfold = accuracy(shares, np.ones(50)), accuracy(shares, np.full(50, 10.0))
    assert tenfold.high - tenfold.low == pytest.approx(once.high - once.low, rel=0.1)


def test_independent_samples_of_an_item_add_certainty():
    """Samples that vary within items as much as between them count in full."""
    rng = np.random.default_rng(5)
    shares = rng.binomial(8, 0.5, 400) / 8
    once, eightfold = wilson(200, 400), accuracy(shares, np.full(400, 8.0))
    assert (eightfold.high - eightfold.low) / (once.high - once.low) == pytest.approx(1 / math.sqrt(8), rel=0.12)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
@pytest.mark.parametrize(
    ("items", "size", "likeness", "samples"),
    [(30, 1, 0.0, 1), (30, 3, 0.3, 1), (100, 5, 0.7, 1), (30, 1, 0.5, 4), (100, 3, 0.5, 4), (1000, 5, 0.3, 1)],
)
def test_accuracy_intervals_cover_the_truth(items, size, likeness, samples, share):
    """Nominal 95 % holds the true accuracy in at least 92 % of 400 simulated benchmarks, single and clustered."""
    rng = np.random.default_rng(11)
    groups = items // size
    spread = (1 - likeness) / likeness if likeness else 1e9
    clusters = np.repeat(np.arange(groups), size) if size > 1 else None
    inside = 0
    for _ in range(400):
        chance = np.repeat(rng.beta(share * spread, (1 - share) * spread, groups), size)
        shares = rng.binomial(samples, chance) / samples
        found = accuracy(shares, np.full(shares.size, samples), clusters)
        inside += found.low <= share <= found.high
    assert inside / 400 >= 0.92


def test_bootstrap_repeats_with_its_seed_alone():
    """The same seed gives the same bounds, another seed others."""
    measure = [ratios({"mean": (np.arange(40.0), np.ones(40))})]
    first, again, other = (bootstrap(measure, 40, seed=s)["mean"] for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_bootstrap_does_not_depend_on_its_blocks(monkeypatch):
    """How many resamples are held at once changes no bound."""
    from rarl_eval.stats import resample

    measure = [ratios({"mean": (np.arange(40.0), np.ones(40))})]
    whole = bootstrap(measure, 40)
    monkeypatch.setattr(resample, "BLOCK_CELLS", 100)
    monkeypatch.setattr(resample, "KEPT_CELLS", 0)
    assert bootstrap(measure, 40) == whole


def test_weights_draw_as_many_as_there_are():
    """Every resample draws each unit a whole number of times, as many draws as units."""
    blocks = list(weights(7, 50, seed=3))
    drawn = np.concatenate(blocks)
    assert drawn.shape == (50, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert (drawn == drawn.round()).all()


def test_bootstrap_error_is_the_standard_error():
    """The bounds of a mean lie where its standard error says."""
    values = np.random.default_rng(0).normal(size=500)
    found = bootstrap([ratios({"mean": (values, np.ones(500))})], 500, replicates=4000)["mean"]
    assert (found.high - found.low) / (2 * NORMAL_975) == pytest.approx(
        clustered_error(values, np.arange(500)), rel=0.05
    )


def test_bootstrap_leaves_the_undefined_unknown():
    """0 / 0 is None; a value that few resamples have is given without bounds; one unit has no bounds."""
    rare = np.array([1.0] + [0.0] * 9)
    never = bootstrap([ratios({"never": (rare, np.zeros(10))})], 10)
    seldom = bootstrap([Measure(("seldom",), lambda w: np.where(w[:, :1] == 1, 5.0, np.nan))], 10)
    assert never["never"] is None
    assert seldom["seldom"] == Interval(5.0, None, None)
    assert bootstrap([ratios({"one": ([2.0], [1.0])})], 1)["one"] == Interval(2.0, None, None)
    assert bootstrap([ratios({"none": ([], [])})], 0) == {"none": None}


def test_paired_difference_by_hand():
    """Three items for A alone, one for B alone, of ten."""
    a = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    b = [1, 1, 0, 0, 0, 1, 0, 0, 0, 0]
    found = paired(a, b)
    assert (found.n, found.only_a, found.only_b, found.p_value) == (10, 3, 1, 0.625)
    assert found.difference.value == pytest.approx(0.2)
    assert found.difference == bonett_price(3, 1, 10)


def test_paired_of_equal_models_is_no_point():
    """Two models that never differ are not proven equal."""
    single = paired(np.ones(20), np.ones(20))
    clustered = paired(np.ones(20), np.ones(20), np.arange(20) // 4)
    for found in (single, clustered):
        assert found.difference.value == 0
        assert found.difference.low < -0.05
        assert found.difference.high > 0.05
    assert clustered.difference.high > single.difference.high


def test_paired_shares_use_the_clustered_error():
    """With several samples the interval is t on the clustered error of the differences, and no McNemar is given."""
    rng = np.random.default_rng(2)
    a, b, clusters = rng.integers(0, 5, 60) / 4, rng.integers(0, 5, 60) / 4, np.arange(60) // 3
    found = paired(a, b, clusters)
    assert found.difference == mean(a - b, clusters)
    assert (found.p_value, found.only_a, found.only_b) == (None, None, None)


def test_paired_needs_the_same_items():
    """Lists of different length are refused, no items give None."""
    with pytest.raises(ValueError, match="the items differ"):
        paired([1, 0], [1])
    assert paired([], []) is None


@pytest.mark.parametrize(("share", "gap"), [(0.1, 0.0), (0.3, 0.1), (0.05, 0.04)])
def test_paired_intervals_cover_the_truth(share, gap):
    """Bonett and Price's interval holds the true difference in at least 93 % of 500 simulated comparisons of 50."""
    rng = np.random.default_rng(4)
    chances = [(share + gap) / 2, (share - gap) / 2, 1 - share]
    found = [bonett_price(*rng.multinomial(50, chances)[:2], 50) for _ in range(500)]
    assert np.mean([f.low <= gap <= f.high for f in found]) >= 0.93


def test_items_needed_and_power_agree():
    """With the items that a difference needs, the power is the one asked for."""
    n = items_needed(0.03, 0.1, 0.05, 0.08, samples_a=4, samples_b=2, power=0.8)
    error = math.sqrt((0.1 + 0.05 / 4 + 0.08 / 2) / n)
    assert power(0.03, error) == pytest.approx(0.8, abs=1e-4)
    assert minimum_detectable(error) == pytest.approx(0.03)


def test_power_by_simulation():
    """The formula's power is that of simulated tests."""
    rng = np.random.default_rng(8)
    found = np.abs(rng.normal(0.25, 0.1, 20_000) / 0.1) > NORMAL_975
    assert power(0.25, 0.1) == pytest.approx(found.mean(), abs=0.01)


def test_items_needed_for_no_difference_is_refused():
    """A difference of 0 is never resolved."""
    with pytest.raises(ValueError, match="difference of 0"):
        items_needed(0.0, 0.1)


def test_an_area_has_newcombes_bounds() -> None:
    """Each bound lies a quantile of its own standard errors from the value (method 5), and moves as the sizes do."""
    for value, right, wrong in ((0.8, 30, 20), (1.0, 58, 6), (0.5, 7, 7), (0.97, 485, 15)):
        found = auroc_interval(value, right, wrong)
        for bound in (found.low, found.high):
            half = (right + wrong) / 2 - 1
            error = bound * (1 - bound) * (1 + half * ((1 - bound) / (2 - bound) + bound / (1 + bound))) / right / wrong
            assert bound == 1.0 == value or abs(value - bound) == pytest.approx(critical() * math.sqrt(error), abs=1e-6)
        assert found.low < value <= found.high
    assert auroc_interval(0.8, 300, 200).low > auroc_interval(0.8, 30, 20).low


def test_an_area_over_copies_is_as_wide_as_over_their_originals() -> None:
    """Traces that stand or fall with their item weigh as one: the sizes shrink to what is independent."""
    rng = np.random.default_rng(2)
    correct = np.repeat((rng.random(50) < 0.7).astype(float), 4)
    scores = np.repeat(rng.random(50), 4) + correct / 4
    right, wrong = effective_sizes(scores, correct, np.repeat(np.arange(50), 4))
    assert (right, wrong) == pytest.approx((correct.sum() / 4, 50 - correct.sum() / 4))
    assert effective_sizes(scores, correct, np.arange(200)) == (correct.sum(), 200 - correct.sum())
