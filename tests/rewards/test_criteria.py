"""Answers that are scored by the criteria of their item: HealthBench with a judge on loopback."""

import json
from pathlib import Path
from typing import Any

import pytest
from server import Reply, ok, serving

from rarl_eval.report.build import build_report
from rarl_eval.rewards import criteria
from rarl_eval.runs import store
from rarl_eval.types import Item

Cli = Any
FIXTURE = Path(__file__).parents[1] / "tasks" / "fixtures" / "healthbench.jsonl"


def item(*points: float) -> Item:
    rubrics = [{"criterion": f"c{n}", "points": p} for n, p in enumerate(points)]
    return Item(id="1", question="q", gold="g", meta={"rubrics": rubrics})


@pytest.mark.parametrize(
    ("points", "verdicts", "score"),
    [
        ((5, 3, -4), ("met", "met", "not met"), 1.0),
        ((5, 3, -4), ("met", "not met", "met"), 0.125),
        ((5, 3, -9), ("not met", "not met", "met"), -1.125),
        ((5, 3, -4), ("met", None, "not met"), None),
        ((5, 3), ("met",), None),
        ((-1, -2), ("met", "met"), None),
    ],
)
def test_the_score_is_points_met_by_points_to_gain(
    points: tuple[float, ...], verdicts: tuple[str | None, ...], score: float | None
) -> None:
    """Faults take points away; a criterion that nobody judged leaves no score, nor do faults alone."""
    assert criteria.score(item(*points), verdicts) == score


def judge(body: dict[str, Any]) -> Reply:
    """Find every criterion but that of a diagnosis met; give no verdict on one that warns."""
    asked = body["messages"][-1]["content"]
    told = "I am not sure." if "Warns" in asked else "Verdict: " + ("not met" if "Claims" in asked else "met")
    content = {"model": "referee", "choices": [{"message": {"content": told}, "finish_reason": "stop"}]}
    return ok(body)[0], {"Content-Type": "application/json"}, json.dumps(content).encode()


def test_a_judge_scores_each_answer_by_its_criteria(cli: Cli, tmp_path: Path) -> None:
    """Each criterion is a question; the score stands in the report, nothing is right or wrong, the unjudged has none."""
    out = tmp_path / "run"
    run = ("run", "-t", "healthbench", "--source", f"healthbench={FIXTURE}", "-m", "echo:Rest it.", "-o", out)
    with serving(judge) as server:
        done = cli(*run, "--judge", "openai:referee", "--judge-base-url", server.url)
        assert len(server.bodies) == 4
        again = cli(*run, "--judge", "openai:referee", "--judge-base-url", server.url, "--resume")
    assert "0 right, 0 wrong, 1 scored by their criteria, 1 left unjudged (1 replies hold no verdict)" in done.stderr
    assert (done.returncode, again.returncode) == (1, 1)
    records = store.read_run(out).records
    assert [(r.verdict.status, r.verdict.judge) for r in records if r.verdict] == [
        ("unjudged", "reference:referee"), ("unjudged", None)]  # fmt: skip
    assert [w.score for r in records for w in r.rewards if w.name == "score:criteria"] == [1.0]
    assert cli("verify", out).returncode == 0
    (row,) = build_report([store.read_run(out)])["rows"]
    (own,) = row["scores"]
    assert (own["name"], own["mean"]["value"]) == ("criteria", 1.0)
    assert row["accuracy"] is None
