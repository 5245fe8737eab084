"""Comparisons of the site: the engine's statistics for all pairs at once, and the page that shows them."""

import json
from pathlib import Path

import numpy as np
import pytest

from rarl_eval.leaderboards.comparing import compared
from rarl_eval.leaderboards.report import SiteRow
from rarl_eval.leaderboards.tally import ItemLine, Tally
from rarl_eval.measures.pairs import Pair
from rarl_eval.stats.compare import paired
from rarl_eval.stats.exact import holm
from rarl_eval.stats.randomise import randomisation
from tests.leaderboards import runs
from tests.leaderboards.test_items import built, shard


def tally(right: np.ndarray, judged: np.ndarray, groups: list[str | None] | None = None) -> Tally:
    """A tally of given counts (entrants, items)."""
    rows = [SiteRow(model=f"m{i}", task="t", domain="math") for i in range(len(right))]
    lines = [ItemLine(key=str(i), slug=str(i), name=str(i), question="", status="clean", group=g)
             for i, g in enumerate(groups or [None] * right.shape[1])]  # fmt: skip
    return Tally("t", rows, [r.model for r in rows], lines, [], right.tolist(), judged.tolist())


def pairs(made: Tally) -> list[Pair]:
    """What the site's only task comes to."""
    return compared({"t": made})["t"][1]


@pytest.mark.parametrize("kind", ["single", "gaps", "samples", "passages"])
def test_pairs_equal_the_engines(kind: str):
    """Differences, intervals and p-values are those that stats gives for each two models alone."""
    rng = np.random.default_rng(3)
    judged = np.full((4, 60), 3 if kind == "samples" else 1)
    if kind == "gaps":
        judged = rng.integers(0, 2, (4, 60))
    right = rng.binomial(judged, [[0.3], [0.5], [0.6], [0.9]])
    groups = [f"g{i // 3}" for i in range(60)] if kind == "passages" else None
    found = pairs(tally(right, judged, groups))
    assert [(p.a, p.b) for p in found] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for p in found:
        at = (judged[p.a] > 0) & (judged[p.b] > 0)
        clusters = None if groups is None else np.arange(60)[at] // 3
        expected = paired(right[p.a, at] / judged[p.a, at], right[p.b, at] / judged[p.b, at], clusters)
        assert expected is not None
        assert p.n == expected.n
        assert (p.difference.value, p.difference.low, p.difference.high) == pytest.approx(
            (expected.difference.value, expected.difference.low, expected.difference.high)
        )
        assert (p.only_a, p.only_b) == (expected.only_a, expected.only_b)
        assert p.minimum_detectable == pytest.approx(expected.minimum_detectable)
        two = [np.stack([x[p.a, at], x[p.b, at]], axis=1) for x in (right, judged)]
        assert p.p_value == pytest.approx(randomisation(*two, clusters).two_sided)
    assert [p.p_holm for p in found] == pytest.approx(holm([p.p_value for p in found]))


def test_many_pairs_of_samples_have_nearly_the_exact_p():
    """Beyond a hundred pairs the normal distribution stands in: within 0.03 of the exact p on 300 items."""
    rng = np.random.default_rng(5)
    judged = np.full((16, 300), 4)
    right = rng.binomial(judged, np.linspace(0.5, 0.6, 16)[:, None])
    found = pairs(tally(right, judged))
    assert len(found) == 120
    for p in found[::10]:
        two = np.stack([right[p.a], right[p.b]], axis=1)
        assert p.p_value == pytest.approx(randomisation(two, np.full_like(two, 4)).two_sided, abs=0.03)


def test_holm_is_over_all_pairs_of_the_site():
    """A pair of two tasks with three models each is adjusted over six, as compare adjusts it of the same runs."""
    judged = np.ones((3, 100), dtype=int)
    right = np.zeros((3, 100), dtype=int)
    right[0, :90] = right[1, :50] = right[2, :49] = 1
    found = compared({name: tally(right, judged) for name in ("t", "u")})
    every = [pair for _, of_task in found.values() for pair in of_task]
    assert len(every) == 6
    assert [pair.p_holm for pair in every] == holm([pair.p_value for pair in every])
    smallest = min(every, key=lambda pair: pair.p_value)
    assert smallest.p_holm == 6 * smallest.p_value


def test_tasks_of_two_versions_are_not_compared():
    """Other rules, other scores: no pair."""
    made = tally(np.ones((2, 5), dtype=int), np.ones((2, 5), dtype=int))
    rows = [SiteRow(model=f"m{v}", task="t", domain="math", task_version=v) for v in (1, 2)]
    assert pairs(Tally("t", rows, [], made.lines, [], made.right, made.judged)) == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 30 items and two models, of which one is right on every third."""
    return built(tmp_path_factory.mktemp("compare"), n=30)


def test_the_page_reads_without_scripts(site: Path):
    """Neighbours in rank stand there with difference, interval and counts; the downloads hold every pair."""
    page = (site / "compare.html").read_text()
    assert ">+66.7<small>+43.6 to +81.4</small>" in page
    (record,) = json.loads((site / "data/compare/made.json").read_text())
    assert (record["model_a"], record["model_b"], record["n"]) == ("good", "poor", 30)
    assert (record["only_a"], record["only_b"]) == (20, 0)
    assert record["p_value"] == pytest.approx(2 / 2**20)


def test_the_script_has_what_the_page_has(site: Path):
    """One pair with its figures as shown."""
    told = shard(site / "data/compare/made.js")
    assert [m[0] for m in told["models"]] == ["m-good", "m-poor"]
    assert told["pairs"] == [[0, 1, 30, 66.67, 43.62, 81.38, 20, 0, "<0.001", "<0.001", 27.0]]


def test_the_board_says_which_ranks_are_open(site: Path):
    """Below the rank stand the ranks that cannot be ruled out."""
    assert "<td>1<small>1–1</small>" in (site / "index.html").read_text()
    assert '<a href="compare.html">Compare</a>' in (site / "index.html").read_text()


def test_a_single_model_has_no_comparisons(tmp_path: Path):
    """Without a second model there is no page and no link to it."""
    from rarl_eval.site import build_site

    made = runs.made(tmp_path)
    build_site(made["reports"], tmp_path / "site", runs=made["runs"][:1], say=lambda _: None)
    assert not (tmp_path / "site/compare.html").exists()
    assert "compare.html" not in (tmp_path / "site/index.html").read_text()
