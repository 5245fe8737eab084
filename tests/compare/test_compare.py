"""Comparisons of runs: differences, tests, power, ranks, flips, dates and costs, on made and on real answers."""

import json
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from rarl_eval.compare import build_comparison, render_comparison, write_comparison
from rarl_eval.errors import BadInput
from rarl_eval.runs import database, store
from rarl_eval.runs.writer import Writer
from rarl_eval.stats import mcnemar
from rarl_eval.stats.means import clustered_error
from rarl_eval.stats.randomise import against_mean, randomisation
from rarl_eval.stats.ranks import rank_intervals
from rarl_eval.stats.unpaired import unpaired_means, unpaired_shares
from rarl_eval.types import Item, Record, Tokens, Trace, Verdict

Cli = Callable[..., subprocess.CompletedProcess[str]]


def make_run(
    path: Path, model: str, right, *, task="t", tokens=None, groups=None, dates=None, version=1, released=None
):
    """Write a run of ``right``: item number to the list of its samples' verdicts."""
    items = {
        i: Item(
            id=str(i),
            question=f"Question {i}?",
            gold="1",
            group=groups[i] if groups else None,
            released=dates[i] if dates else None,
        )
        for i in right
    }
    manifest = {
        "kind": "score",
        "synthetic": True,
        "model": {"adapter": "recorded", "name": model},
        "tasks": {task: {"domain": "math", "version": version, "fingerprint": "f", "released": released}},
    }
    store.create(path, manifest, [])
    import msgspec

    with database.to_write(path / store.DATABASE) as db:
        rows = [(task, i, item.key, msgspec.json.encode(item)) for i, item in items.items()]
        db.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", rows)
    db.close()
    with Writer(path) as writer:
        for i, samples in right.items():
            for k, correct in enumerate(samples):
                count = tokens[i][k] if tokens else None
                trace = Trace(
                    key=items[i].key,
                    task=task,
                    item_id=str(i),
                    model=model,
                    sample=k,
                    text="x",
                    answer="x",
                    tokens=Tokens(completion=count, counted_by="server" if count is not None else None),
                )
                status = "correct" if correct else "incorrect"
                verdict = Verdict(status=status, extracted="1" if correct else "2")
                writer.add(Record(trace=trace, verdict=verdict))
    return store.read_run(path)


def test_randomisation_of_single_samples_is_mcnemar():
    """With two sessions of one sample the exact p is McNemar's."""
    rng = np.random.default_rng(0)
    for n in (5, 40, 700):
        right = (rng.random((n, 2)) < (0.6, 0.7)).astype(int)
        only_a, only_b = int(np.sum(right[:, 0] > right[:, 1])), int(np.sum(right[:, 0] < right[:, 1]))
        assert randomisation(right, np.ones_like(right)).two_sided == pytest.approx(mcnemar(only_a, only_b), rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6))
@settings(deadline=None)
def test_randomisation_equals_brute_force(rows):
    """Tails are the shares of all exchanges whose sum is as small, or as large, as the one seen."""
    right = np.array(rows)
    sums = [sum(choice) for choice in product(*rows)]
    seen = right[:, 0].sum()
    found = randomisation(right, np.full_like(right, 3))
    assert found.less == pytest.approx(np.mean([s <= seen for s in sums]))
    assert found.greater == pytest.approx(np.mean([s >= seen for s in sums]))


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=1, max_size=8))
@settings(deadline=None)
def test_sign_flips_equal_brute_force(rows):
    """Against the mean of several sessions, every difference keeps or changes its sign."""
    right = np.array(rows)
    differences = 3 * right[:, 0] - right[:, 1:].sum(axis=1)
    sums = [np.dot(signs, differences) for signs in product((1, -1), repeat=len(rows))]
    assert against_mean(right, np.full_like(right, 2)).less == pytest.approx(
        np.mean([s <= sum(differences) for s in sums])
    )


def test_passages_are_exchanged_whole():
    """Ten items of one passage that fall together are one fall, not ten."""
    right = np.array([[0, 1]] * 10 + [[1, 1]] * 20)
    alone = randomisation(right, np.ones_like(right))
    passage = randomisation(right, np.ones_like(right), np.array([0] * 10 + list(range(1, 21))))
    assert (alone.less, passage.less) == (pytest.approx(2**-10), pytest.approx(0.5))


def test_the_normal_approximation_is_near_the_exact_distribution(monkeypatch):
    """Where the exact distribution would take too long, p is within 2 % of it at 0.01."""
    rng = np.random.default_rng(2)
    right = rng.binomial(4, [[0.70, 0.715]] * 1500)
    exact = randomisation(right, np.full_like(right, 4))
    monkeypatch.setattr("rarl_eval.stats.randomise.MOST_CELLS", 0)
    normal = randomisation(right, np.full_like(right, 4))
    assert (exact.exact, normal.exact) == (True, False)
    assert 1e-4 < exact.less < 0.2
    assert normal.less == pytest.approx(exact.less, rel=0.02)


@pytest.mark.parametrize(
    ("right", "samples"), [([[1, 1]], [[1, 0]]), ([[2, 0]], [[1, 1]]), ([[1, 0]], [[1]]), ([1, 0], [1, 1])]
)
def test_impossible_counts_are_refused(right, samples):
    """More right than samples, no samples, or tables that differ are errors, not numbers."""
    with pytest.raises(ValueError, match="samples"):
        randomisation(right, samples)


def test_sessions_of_different_samples_compare_by_share():
    """2 of 2 against 4 of 4 is no difference; 1 of 2 against 4 of 4 is."""
    assert randomisation([[2, 4]], [[2, 4]]).less == 1.0
    assert randomisation([[1, 4]] * 6, [[2, 4]] * 6).less == pytest.approx(2**-6)


def test_ranks_hold_what_the_tests_leave_open():
    """Only models that a test tells apart bound a rank; equal values share the better place."""
    values = [0.9, 0.8, 0.8, 0.5]
    p = [[1, 0.2, 0.2, 0.001], [0.2, 1, 1, 0.001], [0.2, 1, 1, 0.001], [0.001, 0.001, 0.001, 1]]
    found = rank_intervals(values, p)
    assert [(r.rank, r.low, r.high) for r in found] == [(1, 1, 3), (2, 1, 3), (2, 1, 3), (4, 4, 4)]
    with pytest.raises(ValueError, match="4 x 4"):
        rank_intervals(values, [[1]])


def test_rank_intervals_cover_the_true_rank():
    """Over 200 simulated boards of five models the true rank of each lies in its interval in 95 % at least."""
    rng = np.random.default_rng(4)
    truth = np.array([0.7, 0.72, 0.74, 0.8, 0.9])
    held = np.zeros(5)
    for _ in range(200):
        right = (rng.random((300, 5)) < truth).astype(int)
        p = [[mcnemar(int(np.sum(a > b)), int(np.sum(a < b))) for b in right.T] for a in right.T]
        for j, rank in enumerate(rank_intervals(list(right.mean(axis=0)), p)):
            held[j] += rank.low <= 5 - j <= rank.high
    assert (held >= 190).all()


def test_before_and_after_equal_their_references():
    """Single samples: Fisher's exact p; values: Welch's t, both scipy's."""
    rng = np.random.default_rng(5)
    a, b = (rng.random(80) < 0.8).astype(float), (rng.random(60) < 0.6).astype(float)
    found = unpaired_shares((a, np.ones(80)), (b, np.ones(60)))
    table = [[a.sum(), 80 - a.sum()], [b.sum(), 60 - b.sum()]]
    assert found.p_value == pytest.approx(scipy_stats.fisher_exact(np.array(table, dtype=int))[1])
    x, y = rng.normal(0, 1, 30), rng.normal(0.5, 3, 50)
    assert unpaired_means(x, y).p_value == pytest.approx(scipy_stats.ttest_ind(x, y, equal_var=False).pvalue, rel=1e-9)
    assert unpaired_means(x, []) is None
    assert unpaired_means(x, [1.0]).p_value is None


def test_a_flipped_item_shows_a_right_and_a_wrong_answer(tmp_path):
    """Where half of a model's samples are right, the answer shown is one of its wrong ones, never the right one twice."""
    a = make_run(tmp_path / "a", "alpha", {0: [True, True, True, False]})
    b = make_run(tmp_path / "b", "beta", {0: [True, True, False, False]})
    (flip,) = build_comparison([a, b])["flips"]
    assert (flip["right"], flip["answer_a"], flip["answer_b"]) == ("alpha", "1", "2")
    (flip,) = build_comparison([b, a])["flips"]
    assert (flip["right"], flip["answer_a"], flip["answer_b"]) == ("alpha", "2", "1")


def test_a_difference_is_told_with_test_and_interval(tmp_path):
    """12 items that one of two models alone solves are 12 points of 100, and McNemar's p is 2^-11."""
    a = make_run(tmp_path / "a", "alpha", {i: [i < 80] for i in range(100)})
    b = make_run(tmp_path / "b", "beta", {i: [i < 68] for i in range(100)})
    found = build_comparison([a, b])
    (pair,) = found["pairs"]
    assert (pair["n"], pair["only_a"], pair["only_b"]) == (100, 12, 0)
    assert pair["difference"]["value"] == pytest.approx(0.12)
    assert (pair["test"], pair["p_value"], pair["p_holm"]) == ("mcnemar", 2**-11, 2**-11)
    assert pair["sentence"].startswith(
        "On 100 t items, alpha is 12.0 points more accurate than beta (80.0 % against 68.0 %; difference +12.0, 95 % interval +"
    )
    assert [flip["id"] for flip in found["flips"]] == [str(i) for i in range(68, 80)]
    assert {(f["right"], f["answer_a"], f["answer_b"]) for f in found["flips"]} == {("alpha", "1", "2")}
    assert [(r["label"], r["rank"], r["low"], r["high"]) for r in found["ranks"][0]["rows"]] == [
        ("alpha", 1, 1, 1),
        ("beta", 2, 2, 2),
    ]


def test_no_difference_says_what_it_could_have_missed(tmp_path):
    """Beside no difference stands the detectable one, and how many more items would resolve one as large as seen."""
    a = make_run(tmp_path / "a", "alpha", {i: [i % 10 != 0] for i in range(100)})
    b = make_run(tmp_path / "b", "beta", {i: [i % 9 != 0] for i in range(100)})
    (pair,) = build_comparison([a, b])["pairs"]
    assert "no difference between alpha and beta was found" in pair["sentence"]
    assert f"{100 * pair['minimum_detectable']:.1f} points 4 times in 5" in pair["sentence"]
    differences = np.array([(i % 10 != 0) - float(i % 9 != 0) for i in range(100)])
    spread = clustered_error(differences, np.arange(100)) ** 2 * 100
    wanted = (1.959964 + 0.841621) ** 2 * spread / differences.mean() ** 2
    assert pair["needed"] == {"items": pytest.approx(wanted, abs=1), "samples": None}
    assert f"{pair['needed']['items'] - 100:,} more items" in pair["sentence"]


def test_needed_samples_give_the_power_they_promise():
    """Planned for the number of samples told, a simulated comparison finds the difference in about 4 of 5 trials."""
    from rarl_eval.measures.pairs import needed as solved
    from rarl_eval.stats.compare import paired

    rng = np.random.default_rng(7)
    chances = rng.beta(2, 2, 300)
    better = np.clip(chances + 0.04, 0, 1)
    many = [rng.binomial(400, p) / 400 for p in (better, chances)]
    needed = solved(many, [np.full(300, 400)] * 2, None)
    found = 0
    for _ in range(300):
        drawn = [rng.binomial(needed.samples, p) / needed.samples for p in (better, chances)]
        interval = paired(*drawn).difference
        found += interval.low > 0
    assert 0.72 <= found / 300 <= 0.88


def test_several_samples_and_passages_use_the_clustered_test(tmp_path):
    """Items of one passage count once in interval and test."""
    right_a = {i: [True, i % 4 > 0] for i in range(40)}
    right_b = {i: [i % 8 < 4, i % 4 > 0] for i in range(40)}
    groups = {i: f"passage {i // 4}" for i in range(40)}
    runs = [make_run(tmp_path / n, n, r, groups=groups) for n, r in (("a", right_a), ("b", right_b))]
    (pair,) = build_comparison(runs)["pairs"]
    assert (pair["clustered"], pair["test"], pair["only_a"]) == (True, "randomisation", None)
    # Five of ten passages differ, each by all of its second half of items: 2^-5, twice.
    assert pair["p_value"] == pytest.approx(2 * 2**-5)


def test_holm_is_over_all_pairs_and_tasks(tmp_path):
    """Four comparisons: the smallest p is multiplied by four."""
    runs = [
        make_run(tmp_path / f"{name}{task}", name, {i: [i < most] for i in range(100)}, task=task)
        for name, most in (("a", 90), ("b", 70))
        for task in ("t1", "t2")
    ]
    runs.append(make_run(tmp_path / "c", "c", {i: [i < 70] for i in range(100)}, task="t1"))
    pairs = build_comparison(runs)["pairs"]
    assert len(pairs) == 4
    assert max(p["p_holm"] / p["p_value"] for p in pairs) == 4
    assert all("after Holm over 4 comparisons" in p["sentence"] for p in pairs)


def test_versions_and_strangers_do_not_compare(tmp_path):
    """Another version of a task, or no shared item, is a sentence and not a number."""
    a = make_run(tmp_path / "a", "a", {0: [1], 1: [0]})
    b = make_run(tmp_path / "b", "b", {0: [1], 1: [0]}, version=2)
    c = make_run(tmp_path / "c", "c", {7: [1]})
    found = build_comparison([a, b, c])
    assert found["pairs"] == []
    assert sorted(found["notes"]) == [
        "a and b were judged by versions 1 and 2 of t and do not compare; run or score again.",
        "a and c answered no item of t in common.",
        "b and c were judged by versions 2 and 1 of t and do not compare; run or score again.",
    ]
    with pytest.raises(BadInput, match="answered by two models"):
        build_comparison([a])
    with pytest.raises(BadInput, match="given twice"):
        build_comparison([a, a])


def test_items_answered_by_one_are_counted_and_left_out(tmp_path):
    """The comparison is over shared items only."""
    a = make_run(tmp_path / "a", "m", {i: [1] for i in range(10)})
    b = make_run(tmp_path / "b", "m", {i: [1] for i in range(5, 12)})
    (pair,) = build_comparison([a, b])["pairs"]
    assert (pair["n"], pair["only_answered_a"], pair["only_answered_b"]) == (5, 5, 2)
    assert (pair["a"], pair["b"]) == ("m (a)", "m (b)")


def test_ranks_are_of_the_items_that_all_answered(tmp_path):
    """A run of half the items shrinks everybody's ranking to them, tests included, and says so by its n."""
    a = make_run(tmp_path / "a", "a", {i: [i >= 20] for i in range(40)})
    b = make_run(tmp_path / "b", "b", {i: [i < 20] for i in range(40)})
    c = make_run(tmp_path / "c", "c", {i: [False] for i in range(20)})
    found = build_comparison([a, b, c])
    assert [(r["label"], r["n"], r["low"], r["high"]) for r in found["ranks"][0]["rows"]] == [
        ("b", 20, 1, 1),
        ("a", 20, 2, 3),
        ("c", 20, 2, 3),
    ]
    assert {(p["a"], p["b"]): p["n"] for p in found["pairs"]} == {("a", "b"): 40, ("a", "c"): 20, ("b", "c"): 20}


def write_scan(path: Path, run, flagged):
    path.mkdir()
    keys = list(run.tasks["t"].items)
    (path / "scan.json").write_text(json.dumps({"schema": 1, "corpora": [], "counts": {}}))
    lines = [
        {"key": key, "id": str(i), "task": "t", "status": "flagged" if i in flagged else "clean"}
        for i, key in enumerate(keys)
    ]
    (path / "items.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_clean_flagged_and_later_items_are_compared_apart(tmp_path, cli: Cli):
    """A model that only knows the leaked and the early items is no better on the others."""
    dates = {i: "2024-01-05" if i < 50 else "2024-09-01" for i in range(100)}
    a = make_run(tmp_path / "a", "leaky", {i: [i < 50] for i in range(100)}, dates=dates)
    make_run(tmp_path / "b", "honest", {i: [i % 2 == 0] for i in range(100)}, dates=dates)
    scan = write_scan(tmp_path / "scan", a, set(range(50)))
    done = cli("compare", tmp_path / "a", tmp_path / "b", "-s", scan, "--after", "2024-08-01", "--json")
    assert done.returncode == 0, done.stderr
    parts = {p["part"]: (p["n"], round(p["difference"]["value"], 3)) for p in json.loads(done.stdout)["pairs"]}
    assert parts == {"all": (100, 0.0), "clean": (50, -0.5), "flagged": (50, 0.5), "after": (50, -0.5)}


def test_a_cutoff_shows_the_drop_and_the_drop_beyond_the_others(tmp_path):
    """Accuracy before less after the cut-off is tested; harder later items alone give no relative drop."""
    dates = {i: f"2024-{1 + i % 12:02}-15" for i in range(240)}
    later = {i for i in range(240) if i % 12 >= 6}
    rng = np.random.default_rng(3)
    knows = {i: [bool(rng.random() < (0.4 if i in later else 0.9))] for i in range(240)}
    steady = {i: [bool(rng.random() < 0.6)] for i in range(240)}
    runs = [make_run(tmp_path / n, n, r, dates=dates) for n, r in (("knows", knows), ("steady", steady))]
    found = build_comparison(runs, cutoffs=["knows=2024-06-30"])
    first, second = found["windows"]
    assert [m["month"] for m in first["months"]] == [f"2024-{m:02}" for m in range(1, 13)]
    assert sum(m["n"] for m in first["months"]) == 240
    cutoff = first["cutoff"]
    assert (cutoff["n_before"], cutoff["n_after"], second["cutoff"]) == (120, 120, None)
    assert cutoff["drop"]["low"] > 0.3
    assert cutoff["p_value"] < 1e-6
    assert cutoff["drop_relative"]["low"] > 0.2
    table = [
        [sum(knows[i][0] == w for i in range(240) if (i in later) == late) for w in (True, False)]
        for late in (False, True)
    ]
    assert cutoff["p_value"] == pytest.approx(scipy_stats.fisher_exact(table)[1])


def test_a_benchmark_date_stands_for_its_items_and_unknown_dates_are_counted(tmp_path):
    """Items without a date of their own have their benchmark's; without either they are in no window."""
    dated = make_run(tmp_path / "a", "a", {0: [1], 1: [0]}, dates={0: "2025-01-01", 1: None}, released="2021-10-27")
    bare = make_run(tmp_path / "b", "b", {0: [1], 1: [0]})
    found = build_comparison([dated, bare], after="2024-01-01")
    assert [m["month"] for m in found["windows"][0]["months"]] == ["2021-10", "2025-01"]
    assert found["windows"][1]["n_undated"] == 2
    assert found["notes"] == ["2 items of t have no release date; they are in no window (b)."]


@pytest.mark.parametrize(
    ("cutoffs", "after", "said"),
    [
        (["gpt=2024-01-01"], None, "names no model that is compared; there are a, b"),
        (["2024-13-01"], None, "--cutoff '2024-13-01' is no date"),
        ([], "soon", "--after 'soon' is no date; write it as 2024-08-01"),
    ],
)
def test_bad_dates_are_named(tmp_path, cutoffs, after, said):
    """A date or model that cannot be used is one sentence."""
    runs = [make_run(tmp_path / n, n, {0: [1]}) for n in "ab"]
    with pytest.raises(BadInput, match=said):
        build_comparison(runs, cutoffs=cutoffs, after=after)


def test_costs_compare_at_equal_accuracy_and_equal_compute(tmp_path):
    """Half the tokens a sample buys two samples for one; the budget for equal accuracy is read off the curve."""
    long = make_run(
        tmp_path / "a", "long", {i: [i < 6, i < 6] for i in range(10)}, tokens={i: [200, 200] for i in range(10)}
    )
    short = make_run(
        tmp_path / "b",
        "short",
        {i: [i < 6, i < 8] for i in range(10)},
        tokens={i: [10 * (i + 1), 190 - 10 * i] for i in range(10)},
    )
    (found,) = build_comparison([long, short])["compute"]
    assert (found["mean_a"], found["mean_b"]) == (pytest.approx(200), pytest.approx(100))
    assert found["equal_accuracy"]["accuracy"] == pytest.approx(0.6)
    assert found["equal_accuracy"]["tokens_a"] == 200
    assert found["equal_accuracy"]["tokens_b"] == 170
    assert found["equal_compute"] == [
        {
            "tokens": pytest.approx(200),
            "samples_a": 1,
            "samples_b": 2,
            "pass_a": pytest.approx(0.6),
            "pass_b": pytest.approx(0.8),
        }
    ]


def test_tokens_of_different_counters_do_not_compare(tmp_path):
    """Runs without counts have no cost comparison, and the reason is told."""
    runs = [make_run(tmp_path / n, n, {0: [1]}, tokens={0: [5]} if n == "a" else None) for n in "ab"]
    (found,) = build_comparison(runs)["compute"]
    assert (found["equal_accuracy"], found["note"]) == (None, "b has samples without a count of tokens")


def test_hostile_answers_are_inert_in_every_form(tmp_path, cli: Cli):
    """Markup, control characters and column breaks in names do not reach terminal or Markdown."""
    runs = [
        make_run(tmp_path / n, name, {0: [n == "a"], 1: [1]}) for n, name in (("a", "x|<b>\x1b[31m"), ("b", "y\u202e"))
    ]
    comparison = build_comparison(runs)
    write_comparison(comparison, tmp_path / "out")
    text = (tmp_path / "out" / "compare.md").read_text()
    assert "<b>" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x1b[31m" not in "\n".join(render_comparison(comparison, 120, full=True))
    assert json.loads((tmp_path / "out" / "compare.json").read_text()) == comparison


def test_the_command_prints_sentence_ranks_and_flips(tmp_path, cli: Cli):
    """What a person reads holds the sentence, the ranks and the flipped items."""
    make_run(tmp_path / "a", "alpha", {i: [i < 80] for i in range(100)})
    make_run(tmp_path / "b", "beta", {i: [i < 68] for i in range(100)})
    done = cli("compare", tmp_path / "a", tmp_path / "b", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("On 100 t items, alpha is 12.0 points more accurate than beta")
    assert "t: ranks" in done.stdout
    assert "--full prints 1 more table" in done.stderr
    full = cli("compare", tmp_path / "a", tmp_path / "b", "--full").stdout
    for said in ("t: ranks", "12 items flipped", "Question 68?"):
        assert said in full
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"compare.json", "compare.md"}
    done = cli("compare", tmp_path / "a", tmp_path)
    assert (done.returncode, "is no run directory" in done.stderr) == (2, True)


@pytest.fixture(scope="module")
def zeroeval(shared, tmp_path_factory):
    """Three recorded models on GSM8K, scored."""
    from rarl_eval import data, registry
    from rarl_eval.score import score

    folder = tmp_path_factory.mktemp("zeroeval")
    (task,) = registry.tasks("gsm8k")
    benchmark = data.load(task, {"gsm8k": str(shared / "math/gsm8k/test.jsonl.gz")})
    names = ("gpt-4o-2024-05-13", "Meta-Llama-3.1-8B-Instruct", "yi-large-preview")
    for name in names:
        score([shared / "reward/zeroeval_gsm" / f"{name}.jsonl.gz"], benchmark, folder / name)
    return [store.read_run(folder / name) for name in names]


def test_real_models_compare_as_statsmodels_says(zeroeval):
    """On three real models: McNemar and clustered error are statsmodels', ranks follow the published accuracies."""
    import statsmodels.api as sm
    from statsmodels.stats.contingency_tables import mcnemar as reference

    found = build_comparison(zeroeval)
    assert len(found["pairs"]) == 3
    shares = {}
    for run in zeroeval:
        shares[run.manifest["model"]["name"]] = {
            r.trace.key: float(bool(r.verdict.correct)) for r in run.records if r.verdict.correct is not None
        }
    for pair in found["pairs"]:
        a, b = shares[pair["a"]], shares[pair["b"]]
        keys = sorted(a.keys() & b.keys())
        x, y = np.array([a[k] for k in keys]), np.array([b[k] for k in keys])
        table = [[np.sum((x == i) & (y == j)) for j in (1, 0)] for i in (1, 0)]
        assert pair["p_value"] == pytest.approx(reference(table, exact=True).pvalue, rel=1e-9)
        fit = sm.OLS(x - y, np.ones(len(keys))).fit(
            cov_type="cluster", cov_kwds={"groups": np.arange(len(keys)), "use_correction": False}
        )
        assert clustered_error(x - y, np.arange(len(keys))) == pytest.approx(fit.bse[0], abs=1e-12)
    labels = [r["label"].split("/")[-1] for r in found["ranks"][0]["rows"]]
    assert labels == ["gpt-4o-2024-05-13", "yi-large-preview", "Meta-Llama-3.1-8B-Instruct"]
    assert [(r["low"], r["high"]) for r in found["ranks"][0]["rows"]] == [(1, 1), (2, 2), (3, 3)]


def test_livecodebench_by_contest_date_has_the_published_means(shared, tmp_path):
    """880 dated problems of two models: mean pass@1 68.41 and 55.57, months from 2023-05 to 2025-01."""
    import gzip

    runs = []
    for name in ("O1-Mini", "O1-Preview"):
        rows = json.loads(gzip.decompress((shared / f"code/livecodebench_o1/{name}-2024-09-12.json.gz").read_bytes()))
        right = {i: [row["graded_list"][0]] for i, row in enumerate(rows)}
        dates = {i: row["contest_date"][:10] for i, row in enumerate(rows)}
        runs.append(make_run(tmp_path / name, name, right, dates=dates))
    found = build_comparison(runs, cutoffs=["2023-10-31"])
    assert [round(100 * r["accuracy"], 2) for r in found["ranks"][0]["rows"]] == [68.41, 55.57]
    for window in found["windows"]:
        assert sum(m["n"] for m in window["months"]) == 880
        assert (window["months"][0]["month"], window["months"][-1]["month"]) == ("2023-05", "2025-01")
