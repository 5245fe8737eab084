"""The verifiers as rewards: the same values from threads, coroutines and forked workers, None where nothing can say."""

import asyncio
import multiprocessing
import os
import pickle
import re
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.answers import pool
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
    extra: dict[str, list[Any]] = {}
    metric, more = logged.__setitem__, extra.__setitem__
    found = reward(
        ["q"] * 4, SAID, log_metric=metric, log_extra=more, gold=GOLDS, trainer_state=None, completion_ids=[]
    )
    assert (found, reward.__name__) == (WANT, "rarl_eval_math")
    assert (logged, extra) == ({"rarl_eval_math/unjudged": 0.25}, {"gold": GOLDS})
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


def test_ten_thousand_calls_leave_nothing_behind() -> None:
    """64 threads, coroutines and a forked pool, a third of the calls each: values as alone, no thread, no process left."""
    alone = [one(place) for place in range(4)]
    want = [alone[place % 4] for place in range(3400)]
    threads_before = threading.active_count()
    with ThreadPoolExecutor(64) as threads:
        assert list(threads.map(one, range(3400))) == want

    async def together() -> list[float | None]:
        calls = (asyncio.to_thread(one, place) for place in range(3400))
        return list(await asyncio.gather(*calls))

    assert asyncio.run(together()) == want
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as forked:
        assert list(forked.map(one, range(3400), chunksize=100)) == want
    pool.close()
    assert threading.active_count() == threads_before
    assert multiprocessing.active_children() == []
    assert children() == set()


def test_a_pair_that_hangs_costs_its_limit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked again, from threads too, the remembered end is told without another worker's time."""
    asked: list[pool.Request] = []

    def hangs(_: object, request: pool.Request) -> str:
        asked.append(request)
        return "timeout"

    pool.compare("4", "x+1-x+3")  # a worker stands ready
    monkeypatch.setattr(pool._Worker, "ask", hangs)
    gold, said = "y+17x", r"\boxed{17x+y+0z}"
    assert scoring.score("math", "q", said, gold) is None
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda _: scoring.score("math", "q", said, gold), range(50))) == {None}
    assert len(asked) == 1
    pool._ends.clear()


def children() -> set[str]:
    """Processes of algebra that this one has started and that still run."""
    told = (Path("/proc/self/task") / str(os.getpid()) / "children").read_text().split()
    return {line for pid in told if "answers.worker" in (line := (Path("/proc") / pid / "cmdline").read_text())}


def test_a_pair_that_ran_out_of_time_is_not_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The algebra's limit says nothing of the answer: None."""
    monkeypatch.setattr("rarl_eval.answers.pool._asked", lambda request: "timeout")
    assert scoring.score("math", "q", r"\boxed{x^2+y}", "y+x^{2}") is None


def test_the_documentations_rewards_run() -> None:
    """The block of docs/training.md runs as it stands."""
    page = (Path(__file__).parents[2] / "docs" / "training.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(block, "training.md", "exec"), {})
