"""The verifiers as rewards: the same values from threads, coroutines and forked workers, None where nothing can say."""

import asyncio
import multiprocessing
import pickle
import re
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.training import openrlhf, rubrics, scoring, trl, verl

GOLDS = ["4", r"\frac{1}{2}", "7", None]
SAID = ["It is 4.", r"\boxed{0.5}", r"\boxed{8}", "It is 4."]
WANT = [1.0, 1.0, 0.0, None]


def one(place: int) -> float | None:
    """Score one of the four, for workers."""
    return scoring.score("math", "q", SAID[place % 4], GOLDS[place % 4])


def test_trls_reward_scores_texts_and_conversations() -> None:
    """Columns come as lists; None where there is no gold; the share of these is logged; it can be pickled."""
    reward = pickle.loads(pickle.dumps(trl.reward("math")))
    logged: dict[str, float] = {}
    found = reward(["q"] * 4, SAID, log_metric=logged.__setitem__, gold=GOLDS, trainer_state=None, completion_ids=[])
    assert (found, reward.__name__) == (WANT, "rarl_eval_math")
    assert logged == {"rarl_eval_math/unjudged": 0.25}
    chats: list[Any] = [[{"role": "assistant", "content": text}] for text in SAID]
    asked = [[{"role": "user", "content": "q"}]] * 4
    assert trl.reward("math", gold="target")(asked, chats, target=GOLDS) == WANT
    with pytest.raises(BadInput, match="no column 'target'"):
        trl.reward("math", gold="target")(asked, chats, other=GOLDS)


def test_other_frameworks_get_numbers() -> None:
    """Where no None is taken, what cannot be judged is 0 and counted."""
    before = scoring.counts["no gold"]
    assert [verl.compute_score("d", text, gold) for text, gold in zip(SAID, GOLDS, strict=True)] == [1.0, 1.0, 0.0, 0.0]
    assert scoring.counts["no gold"] == before + 1
    found = openrlhf.reward_func([f"q{text}" for text in SAID], ["q"] * 4, GOLDS)
    assert [float(value) for value in found["rewards"]] == [1.0, 1.0, 0.0, 0.0]
    assert [float(value) for value in found["extra_logs"]["unjudged"]] == [0.0, 0.0, 0.0, 1.0]


def test_threads_coroutines_and_forked_workers_agree() -> None:
    """64 threads, an event loop and a forked pool give what one after the other gives."""
    places = list(range(128))
    alone = [one(place) for place in places]
    assert alone == WANT * 32
    with ThreadPoolExecutor(64) as threads:
        assert list(threads.map(one, places)) == alone

    async def together() -> list[float]:
        verified = rubrics.rubric("math")
        return await asyncio.gather(*(verified(SAID[p % 4], GOLDS[p % 4]) for p in places))

    assert asyncio.run(together()) == [value or 0.0 for value in alone]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as forked:
        assert list(forked.map(one, places, chunksize=16)) == alone


def test_a_pair_that_ran_out_of_time_is_not_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The algebra's limit says nothing of the answer: None."""
    monkeypatch.setattr("rarl_eval.answers.pool._asked", lambda request: "timeout")
    assert scoring.score("math", "q", r"\boxed{x^2+y}", "y+x^{2}") is None


def test_the_documentations_rewards_run() -> None:
    """The block of docs/training.md runs as it stands."""
    page = (Path(__file__).parents[2] / "docs" / "training.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(block, "training.md", "exec"), {})
