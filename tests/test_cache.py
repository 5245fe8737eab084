"""The cache: found again by what was asked, never mistaken, shared by processes at once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from server import serving

from rarl_eval import cache, store
from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Request, Sampling
from rarl_eval.types import Message


def request(**change: Any) -> Request:
    asked = Request(
        task="t", key="k", item_id="1", sample=0, messages=(Message("user", "q"),), sampling=Sampling(), seed=3
    )
    return msgspec.structs.replace(asked, **change)


class Counting:
    """A model that counts how often it is asked."""

    def __init__(self, name: str = "m", fails: bool = False) -> None:
        self.name, self.fails, self.asked = name, fails, 0

    def describe(self) -> dict[str, Any]:
        return {"adapter": "test", "name": self.name}

    def close(self) -> None:
        pass

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for one in requests:
            self.asked += 1
            yield Completion(request=one, text=f"answer {self.asked}", stop="error" if self.fails else "end")


def ask(model: Counting, path: Path, *requests: Request, version: int = 1) -> list[Completion]:
    cached = cache.Cached(model, path, {"t": version, "u": version})
    done = list(cached.generate(requests))
    cached.close()
    return done


def test_the_same_request_is_asked_once(tmp_path: Path) -> None:
    """What was asked before comes back as it was, with the asker's own key."""
    model = Counting()
    (first,) = ask(model, tmp_path / "c", request())
    (again,) = ask(model, tmp_path / "c", request(key="other", item_id="9"))
    assert (model.asked, again.text, again.request.key) == (1, first.text, "other")


@pytest.mark.parametrize(
    "change",
    [
        {"sample": 1},
        {"seed": 4},
        {"messages": (Message("user", "q2"),)},
        {"messages": (Message("system", "q"),)},
        {"sampling": Sampling(temperature=1.0)},
        {"sampling": Sampling(max_tokens=5)},
        {"sampling": Sampling(stop=("x",))},
        {"task": "u"},
    ],
)
def test_whatever_could_change_the_answer_is_another_request(tmp_path: Path, change: dict[str, Any]) -> None:
    """Sample, seed, messages, sampling parameters and task are part of the address."""
    model = Counting()
    ask(model, tmp_path / "c", request(), request(**change))
    assert model.asked == 2


def test_another_model_or_task_version_is_another_request(tmp_path: Path) -> None:
    """Model identity and task version are part of the address."""
    model = Counting()
    ask(model, tmp_path / "c", request())
    ask(model, tmp_path / "c", request(), version=2)
    other = Counting("n")
    ask(other, tmp_path / "c", request())
    assert (model.asked, other.asked) == (2, 1)


def test_failed_calls_are_not_kept(tmp_path: Path) -> None:
    """A failure is asked again."""
    ask(Counting(fails=True), tmp_path / "c", request())
    model = Counting()
    ask(model, tmp_path / "c", request())
    assert model.asked == 1


def test_the_claim_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    """A process killed between asking and keeping does not block its successors."""
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    ask(Counting(), tmp_path / "c", request())
    with cache._connect(tmp_path / "c") as db:
        db.execute("UPDATE completions SET completion = NULL, owner = ?", (int(done.stdout),))
    model = Counting()
    ask(model, tmp_path / "c", request())
    assert model.asked == 1


def test_garbage_is_what_is_old_or_abandoned(tmp_path: Path) -> None:
    """Old completions and dead claims go; the rest stays and is listed."""
    ask(Counting(), tmp_path / "c", request(), request(seed=5), request(seed=6))
    with cache._connect(tmp_path / "c") as db:
        db.execute("UPDATE completions SET made = ? WHERE rowid = 1", (time.time() - 10 * 86400,))
        db.execute("UPDATE completions SET completion = NULL, owner = 99999999 WHERE rowid = 2")
    assert cache.collect_garbage(tmp_path / "c", 5) == 2
    (entry,) = cache.entries(tmp_path / "c")
    assert (entry.model, entry.task, entry.completions) == ("m", "t", 1)
    assert cache.collect_garbage(tmp_path / "none", 5) == 0


def test_a_cache_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    """A file that is no cache, or one of another schema, names the way out."""
    (tmp_path / "c").write_text("no database" * 200)
    with pytest.raises(BadInput, match="--no-cache"):
        ask(Counting(), tmp_path / "c", request())
    with cache._connect(tmp_path / "d") as db:
        db.execute("PRAGMA user_version = 9")
    with pytest.raises(BadInput, match="cache of schema 9"):
        ask(Counting(), tmp_path / "d", request())


def test_two_runs_at_once_ask_each_question_once(tmp_path: Path) -> None:
    """Two processes with one cache and the same questions share the work, and both have every record."""
    with serving(delay_seconds=0.01) as server:
        command = [
            sys.executable,
            "-m",
            "rarl_eval",
            "run",
            "-t",
            "demo_math",
            "-m",
            "openai:m",
            "--base-url",
            server.url,
            "-k",
            "4",
        ]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        runs = [
            subprocess.Popen([*command, "-o", tmp_path / n], env=environment, stderr=subprocess.DEVNULL) for n in "ab"
        ]
        assert [r.wait(60) for r in runs] == [0, 0]
        assert len(server.bodies) == 120
    records = [store.read_run(tmp_path / n).records for n in "ab"]
    assert len(records[0]) == 120
    assert [r.trace.text for r in records[0]] == [r.trace.text for r in records[1]]


def test_the_command_lists_and_cleans(cli: Any, tmp_path: Path) -> None:
    """`cache ls` and `cache gc` work on the file that RARL_EVAL_CACHE names."""
    path = tmp_path / "c"
    ask(Counting(), path, request())
    assert "m  t  1  " in cli("cache", "ls", env={"RARL_EVAL_CACHE": str(path)}).stdout
    assert "1 entries deleted" in cli("cache", "gc", "--days", "0", env={"RARL_EVAL_CACHE": str(path)}).stdout
    assert cli("cache", "ls", "--json", env={"RARL_EVAL_CACHE": str(path)}).stdout.strip() == "[]"
