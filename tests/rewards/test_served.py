"""Reward models behind a server: what is asked, which reply is a score, and what is missing where none came."""

import json
from pathlib import Path
from typing import Any

import pytest
from reward_runs import make_run
from server import Reply, serving

from rarl_eval.errors import BadInput
from rarl_eval.models import Options
from rarl_eval.rewards import Reach
from rarl_eval.rewards.add import Added, add_rewards
from rarl_eval.rewards.open import open_source
from rarl_eval.rewards.served import score_of
from rarl_eval.runs import store


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ({"data": [{"index": 0, "label": "LABEL_0", "probs": [-1.25], "num_classes": 1}]}, -1.25),
        ({"data": [{"probs": [0.25, 0.75]}]}, 0.75),
        ({"data": [{"data": [[0.1], [0.5]]}]}, 0.5),
        ([{"embedding": [2.5], "meta_info": {}}], 2.5),
        ({"embedding": [3]}, 3.0),
        ({"data": []}, None),
        ({"error": "no"}, None),
        ({"data": [{"probs": []}]}, None),
    ],
)
def test_scores_are_read_from_replies_of_either_server(reply: Any, score: float | None) -> None:
    """vLLM's classify and pooling, SGLang's list or object; anything else is no score."""
    assert score_of(reply) == score


def added(run: Path, url: str) -> Added:
    reach = Reach(options=Options(base_url=url, retries=0))
    return add_rewards(run, [open_source("orm:server:org/rm", reach)])[0]


def test_a_served_model_scores_a_run_and_failed_calls_are_asked_again(tmp_path: Path) -> None:
    """The conversation is sent as it is, without activation; what failed is missing and comes the second time."""
    broken = [True]

    def reply(body: dict[str, Any]) -> Reply:
        text = body["messages"][1]["content"]
        if broken[0] and "try 1" in text:
            return 400, {}, b"too long"
        return 200, {}, json.dumps({"data": [{"probs": [float("-7" not in text)]}]}).encode()

    run = make_run(tmp_path / "run", items=2, samples=2)
    with serving(reply) as server:
        first = added(run, server.url)
        assert (first.scored, first.failed, first.why) == (4, 2, "HTTP 400: too long")
        assert server.bodies[0]["use_activation"] is False
        assert [turn["role"] for turn in server.bodies[0]["messages"]] == ["user", "assistant"]
        broken[0] = False
        second = added(run, server.url)
        assert (second.scored, second.failed, second.kept) == (2, 0, 2)
    found = {e.slot[2]: e.reward.score for e in store.read_entries(run, traps=False)}
    assert found == {0: 1.0, 1: 0.0}


def test_a_served_model_needs_an_address() -> None:
    """Without --base-url, or with another interface, the sentence says what to give."""
    for options in (Options(), Options(base_url="http://x", arguments={"api": "tgi"})):
        with pytest.raises(BadInput, match="needs --base-url"):
            open_source("orm:server:m", Reach(options=options))
