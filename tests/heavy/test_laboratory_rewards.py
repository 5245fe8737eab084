"""Rewards of every kind on the answers of a real, imperfect model: rules, trained judges of both grains, a vote."""

import json
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.agreement.build import Asked, build_agreement
from rarl_eval.models import Options
from rarl_eval.rewards import Reach
from rarl_eval.rewards.add import add_rewards
from rarl_eval.rewards.open import open_sources
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.tasks.laboratory import fixtures, judged

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def agreement(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Base's eight answers to 100 items that no judge was trained on, their rewards, and their known first faults."""
    pytest.importorskip("transformers", reason="transformers is not installed; make test-heavy installs it")
    out = tmp_path_factory.mktemp("laboratory") / "run"
    benchmark = data.load(registry.tasks(fixtures.SELECTION)[0])
    model = registry.load("models", "replay")(str(fixtures.recorded("lab-base")), Options())
    run([benchmark], model, out, Settings(samples=fixtures.SELECTED))
    trained = [f"{name[4:]}={name[4:]}:hf:{fixtures.reward_model(name)}" for name in fixtures.REWARD_MODELS]
    add_rewards(out, open_sources(["verifier", "majority", "length:300", *trained], Reach(cached=False)))
    labels = _labels(out, {item.key: item for item in benchmark.items})
    return build_agreement([store.read_run(out)], Asked(labels=labels))


def _labels(out: Path, items: dict[str, Any]) -> Path:
    path, rows = out.parent / "labels.jsonl", []
    for record in store.read_run(out).records:
        truth = judged.solution(items[record.trace.key], record)
        slot = {"key": record.trace.key, "sample": record.trace.sample}
        rows.append(json.dumps({**slot, "correct": truth.correct, "first_error": truth.first_error}) + "\n")
    path.write_text("".join(rows))
    return path


def entry(agreement: dict[str, Any], reward: str) -> dict[str, Any]:
    (found,) = [row for row in agreement["rewards"] if row["reward"] == reward]
    return found


@pytest.mark.parametrize("reward", ["orm", "prm", "majority"])
def test_a_trained_judge_and_a_vote_tell_right_from_wrong(agreement: dict[str, Any], reward: str) -> None:
    """All 800 answers have a score, and the interval of AUROC lies above one half."""
    found = entry(agreement, reward)["all"]
    assert found["n"] == 100 * fixtures.SELECTED
    assert found["auroc"]["low"] > 0.5


def test_the_process_model_finds_first_faults(agreement: dict[str, Any]) -> None:
    """F1 of ProcessBench on answers of which every fault is known."""
    found = entry(agreement, "prm")["steps"]["first_error"]
    assert found["f1"]["low"] > 0.3


def test_the_curve_shows_what_an_auroc_over_all_answers_hides(agreement: dict[str, Any]) -> None:
    """The judges know which items base fails, not which answer is right: choosing by them is worse than by a vote."""
    (scaled,) = agreement["scaling"]
    one, most = scaled["points"][0], scaled["points"][-1]
    assert (one["k"], most["k"]) == (1, fixtures.SELECTED)
    for reward in ("orm", "prm"):
        assert most["best_of"][reward]["value"] < one["pass_at_k"]["value"] < most["majority"]["value"]
