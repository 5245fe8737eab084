"""Lengths, budgets and loops against numpy, scipy, brute force and planted texts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from rarl_eval.files.rows import read_rows
from rarl_eval.measures.budgets import budget, budget_range
from rarl_eval.measures.lengths import common_median, measure_lengths, quantiles
from rarl_eval.measures.loops import loops
from rarl_eval.stats.resample import weights

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=30)


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def measure(lengths, correct, units=None, **options):
    units = np.arange(len(lengths)) if units is None else np.array(units)
    return measure_lengths(
        np.array(lengths, dtype=float), np.array(correct, dtype=float), units, **{"replicates": 50, **options}
    )


def test_lengths_by_hand():
    """Five answers, three right: medians, tokens per right answer and Cliff's delta."""
    found = measure([10, 20, 30, 40, 100], [1, 1, 1, 0, 0])
    assert (found.n, found.mean.value, found.median.value, found.p95.value) == (5, 40.0, 30.0, pytest.approx(88.0))
    assert (found.median_correct, found.median_wrong) == (20.0, 70.0)
    assert found.per_correct.value == pytest.approx(200 / 3)
    assert found.delta.value == 1.0


@given(LENGTHS, st.integers(0, 1000))
def test_quantiles_of_resamples_equal_numpy(lengths, seed):
    """The median and 95th percentile of every resample are numpy's of the resampled lengths."""
    values = np.array(lengths, dtype=np.float64)
    drawn = next(weights(values.size, 20, seed))
    found = quantiles(values, np.arange(values.size), {"median": 0.5, "p95": 0.95}).values(drawn)
    expected = [np.quantile(np.repeat(values, row.astype(int)), [0.5, 0.95]) for row in drawn]
    assert found == pytest.approx(np.array(expected), abs=1e-9)


@given(LENGTHS, LENGTHS)
def test_cliffs_delta_equals_scipy(wrong, right):
    """Delta is 2 U / (n m) - 1 with scipy's Mann-Whitney U, ties and all."""
    expected = 2 * mannwhitneyu(wrong, right).statistic / (len(wrong) * len(right)) - 1
    found = measure([*wrong, *right], [0] * len(wrong) + [1] * len(right))
    assert found.delta.value == pytest.approx(expected, abs=1e-12)


def test_what_the_data_do_not_have_is_unknown():
    """Without right answers there is no price of one; without traces there is nothing; one trace has no bounds."""
    wrong = measure([5, 6], [0, 0])
    assert (wrong.per_correct, wrong.median_correct, wrong.delta) == (None, None, None)
    nothing = measure([], [])
    assert (nothing.n, nothing.mean, nothing.median, nothing.median_wrong) == (0, None, None, None)
    one = measure([5], [1])
    assert (one.mean.value, one.mean.low, one.median.high) == (5.0, None, None)
    assert one.delta is None


def test_the_mean_is_never_below_0():
    """A skewed handful of lengths has an interval that stops at 0."""
    assert measure([1, 1, 1000], [1, 1, 0]).mean.low == 0.0


def test_samples_of_an_item_are_not_independent():
    """Four equal samples of each item leave the interval of the mean as wide as one sample does."""
    lengths = np.random.default_rng(0).lognormal(5, 1, 50)
    once = measure(lengths, np.ones(50))
    fourfold = measure(np.repeat(lengths, 4), np.ones(200), np.repeat(np.arange(50), 4))
    assert fourfold.mean.high == pytest.approx(once.mean.high)


def test_common_median_ignores_wrong_traces_and_other_items():
    """Only right traces of the common items count, and each item once however many samples it has."""
    lengths, correct = array(10, 30, 999, 50, 7), array(1, 1, 0, 1, 1)
    items = np.array([0, 0, 0, 1, 2])
    assert common_median(lengths, correct, items, np.array([0, 1])) == 35.0
    assert common_median(lengths, correct, items, np.array([], dtype=int)) is None


def test_common_correct_undoes_survivorship():
    """A model that fails on long problems looks shorter on its own right answers and is longer on common ones."""
    strong, weak = array(100, 100, 300, 300), array(120, 120, 500, 500)
    solved_by_weak = array(1, 1, 0, 0)
    assert np.median(weak[solved_by_weak == 1]) < np.median(strong)
    common, items = np.array([0, 1]), np.arange(4)
    assert common_median(weak, solved_by_weak, items, common) > common_median(strong, np.ones(4), items, common)


@pytest.mark.parametrize(
    ("lengths", "expected"), [([3, 100], (2, 128)), ([64, 64], (64, 128)), ([0, 5], (4, 8)), ([0], None), ([], None)]
)
def test_budget_range_is_powers_of_two_around_the_lengths(lengths, expected):
    """The axis runs from the power of two below the shortest to the one above the longest."""
    assert budget_range(array(*lengths)) == expected


def test_budget_by_hand():
    """A right answer of 4 counts from 4 on, a wrong one never; the area is its share of the log axis."""
    found = budget(array(4, 8), array(1, 0), np.array([0, 1]), 2, 16)
    assert found.curve == [(2, 0.0), (4, 0.5), (8, 0.5), (16, 0.5)]
    assert found.area == pytest.approx(0.5 * 2 / 3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.booleans(), st.integers(0, 4)), min_size=1, max_size=30))
def test_budget_area_is_the_integral_of_its_curve(rows):
    """The area equals a fine sum over log t, the curve equals counting, and both weigh items equally."""
    lengths, correct, items = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    items = np.unique(items, return_inverse=True)[1]
    found = budget(lengths, correct, items, 1, 512)

    def share(t: float) -> float:
        inside = correct * (lengths <= t)
        return float(np.mean([inside[items == item].mean() for item in np.unique(items)]))

    assert [a for _, a in found.curve] == pytest.approx([share(t) for t, _ in found.curve])
    grid = 512 ** ((np.arange(500) + 0.5) / 500)
    assert found.area == pytest.approx(np.mean([share(t) for t in grid]), abs=0.01)


WORDS = " ".join(f"word{i}" for i in range(200))
PIECE = " ".join(f"step{i}" for i in range(23))


@pytest.mark.parametrize(
    ("text", "loop"),
    [
        pytest.param("", False, id="empty"),
        pytest.param(WORDS, False, id="prose"),
        pytest.param(f"{WORDS} {' '.join([PIECE] * 10)}", True, id="a piece of 23 words ten times"),
        pytest.param(f"{' '.join([PIECE] * 9)} {WORDS} {WORDS[::-1]}", False, id="nine times"),
        pytest.param("no " * 29, True, id="one word 29 times: ten overlapping 20-grams"),
        pytest.param("no " * 28, False, id="one word 28 times"),
        pytest.param("0" * 5000, True, id="one character without end"),
        pytest.param("答案是" * 2000, True, id="no spaces"),
        pytest.param(f"{'0' * 1999}", False, id="too short to compress"),
        pytest.param(" ".join(["the answer is 7"] * 6), False, id="a short refrain"),
        pytest.param(
            f"{'no ' * 40}{'x ' * 5}{' '.join(map(str, range(300_000)))}", False, id="only the last million characters"
        ),
        pytest.param("\ud800" * 3000, True, id="lone surrogates"),
    ],
)
def test_loops(text, loop):
    """The same 20-gram ten times, or an end that compresses far, is a loop; prose and refrains are not."""
    assert loops([text]) == [loop]


def test_loops_do_not_add_up_over_texts():
    """Nine occurrences in each of two texts make no loop, wherever the texts stand in the batch."""
    nine = " ".join([PIECE] * 9)
    assert loops([nine, nine, f"{nine} {PIECE}", nine]) == [False, False, True, False]
    assert loops([]) == []


@given(st.lists(st.integers(0, 2), min_size=0, max_size=80))
def test_loops_equal_counting_grams(words):
    """Over any words the answer is that of counting every 20-gram."""
    text = [f"w{w}" for w in words]
    grams = [tuple(text[i : i + 20]) for i in range(len(text) - 19)]
    expected = any(grams.count(gram) >= 10 for gram in grams)
    assert loops([" ".join(text)]) == [expected]


def test_loops_batch_like_single_texts(monkeypatch):
    """How much text is searched at once changes nothing."""
    from rarl_eval.measures import loops as repetition

    texts = [WORDS, "no " * 40, PIECE * 3, "yes " * 10, "no " * 29]
    whole = loops(texts)
    monkeypatch.setattr(repetition, "_BATCH_BYTES", 100)
    assert loops(texts) == whole == [False, True, False, False, True]


def test_real_answers_loop_where_they_were_cut_off(shared):
    """Of 1,319 answers of Llama-3.1-8B exactly the five that run in circles are loops, of GPT-4o's none."""
    folder = shared / "reward" / "zeroeval_gsm"
    counts = {}
    for name in ("Meta-Llama-3.1-8B-Instruct", "gpt-4o-2024-05-13"):
        rows = [row for _, row in read_rows(folder / f"{name}.jsonl.gz")]
        counts[name] = sum(loops([row["output"][0] for row in rows]))
    assert counts == {"Meta-Llama-3.1-8B-Instruct": 5, "gpt-4o-2024-05-13": 0}
