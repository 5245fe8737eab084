"""The cache: found again by what was asked, never mistaken, shared by processes at once."""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from server import serving

from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Request, Sampling, cache, processes
from rarl_eval.runs import store
from rarl_eval.types import Message

ROOT = Path(__file__).parents[2]


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
    say = "from rarl_eval.models import processes; print(processes.me())"
    done = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True, cwd=ROOT)
    ask(Counting(), tmp_path / "c", request())
    with cache._connect(tmp_path / "c") as db:
        db.execute("UPDATE completions SET completion = NULL, owner = ?", (done.stdout.strip(),))
    model = Counting()
    ask(model, tmp_path / "c", request())
    assert model.asked == 1


def test_a_process_is_known_by_more_than_its_number() -> None:
    """A number that was given again is another process; one of another machine is believed for an hour."""
    me = processes.me()
    place, number, began = me.rsplit(":", 2)
    assert processes.alive(me, time.time())
    assert not processes.alive(f"{place}:{number}:{int(began) - 1}", time.time())
    assert not processes.alive(f"{place}:99999999:{began}", time.time())
    assert processes.alive(f"elsewhere:{number}:1", time.time() - 3500)
    assert not processes.alive(f"elsewhere:{number}:1", time.time() - 3700)


def test_what_is_kept_costs_nothing_and_the_cap_holds_behind_the_cache(cli: Any, tmp_path: Path) -> None:
    """A cap stops asking with the cache in use, and completions from it are marked and not paid for again."""
    with serving() as server:
        ask_ = ("run", "-t", "demo_math", "-m", "openai:m", "--base-url", server.url, "--price", "1000,0")
        ask_ += ("--concurrency", "1", "--max-cost", "0.1", "-o")
        assert cli(*ask_, tmp_path / "a").returncode == 1
        asked = len(server.bodies)
        assert 10 <= asked < 30
        done = cli(*ask_, tmp_path / "b")
        assert (done.returncode, f"{asked} traces came from the cache" in done.stderr) == (1, True)
        assert 10 <= len(server.bodies) - asked < 30 - asked + 1
    traces = [r.trace for r in store.read_run(tmp_path / "b").records]
    assert sum(t.meta.get("cached", False) for t in traces) == asked
    assert store.read_manifest(tmp_path / "b")["cost"] == pytest.approx((len(traces) - asked) * 0.011)


MODELS = [
    pytest.param({"root": "org/old"}, {"root": "org/new"}, 60, id="vLLM names what it loaded"),
    pytest.param({"meta": {"size": 1, "n_ctx": 2}}, {"meta": {"size": 3, "n_ctx": 2}}, 60, id="llama.cpp, its size"),
    pytest.param({"root": "org/old"}, {"root": "org/old"}, 30, id="the same"),
    pytest.param({"root": "x", "created": 5}, {"root": "x", "created": 6}, 30, id="a start is no other model"),
    pytest.param({"created": 5}, {"created": 6}, 60, id="a hosted list, with a date"),
]


@pytest.mark.parametrize(("before", "after", "asked"), MODELS)
def test_a_swapped_model_does_not_get_the_old_answers(
    cli: Any, tmp_path: Path, before: dict[str, Any], after: dict[str, Any], asked: int
) -> None:
    """What the server's list says of the name is part of the address, but for what changes when it starts again."""
    with serving() as server:
        ask_ = ("run", "-t", "demo_math", "-m", "openai:m", "--base-url", server.url, "-q", "-o")
        server.models = [{"id": "m", **before}, {"id": "other", "root": "y"}]
        assert cli(*ask_, tmp_path / "a").returncode == 0
        server.models = [{"id": "m", **after}]
        assert cli(*ask_, tmp_path / "b").returncode == 0
        again = int("created" in before and "root" not in before and asked == 30)
        assert len(server.bodies) == asked + again
    described = store.read_manifest(tmp_path / "a")["model"]
    assert described["served"]["id"] == "m"
    assert store.read_manifest(tmp_path / "a")["served_by"] == ["served-model"]
    assert described.get("alias", False) == ("root" not in before and "meta" not in before)


def test_a_run_is_not_resumed_with_a_swapped_model(cli: Any, tmp_path: Path) -> None:
    """Another model behind the name is another run; a server that says nothing now is taken at its word."""
    with serving() as server:
        ask_ = ("run", "-t", "demo_math", "-m", "openai:m", "--base-url", server.url, "-q", "-o", tmp_path / "a")
        assert cli(*ask_).returncode == 0
        server.models = []
        assert cli(*ask_, "--resume").returncode == 0
        server.models = [{"id": "m", "root": "org/new"}]
        done = cli(*ask_, "--resume")
    assert done.returncode == 2
    assert "holds a run with another model" in done.stderr


class Alias(Counting):
    """A hosted name whose replies say what stands behind it."""

    def __init__(self, served: str | None, fails: bool = False) -> None:
        super().__init__(fails=fails)
        self.served = served

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "alias": True}

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for one in super().generate(requests):
            yield msgspec.structs.replace(one, meta={"served_by": self.served} if self.served else {})


@pytest.mark.parametrize(
    ("second", "asked"), [("gpt-2024-05", 1), ("gpt-2024-08", 3), (None, 3)], ids=["the same", "swapped", "unnamed"]
)
def test_where_only_replies_name_the_model_the_first_question_is_asked_again(
    tmp_path: Path, second: str | None, asked: int
) -> None:
    """The name in the first reply decides whose answers are taken from the cache for the rest."""
    wanted = [request(seed=n) for n in range(3)]
    assert len(ask(Alias("gpt-2024-05"), tmp_path / "c", *wanted)) == 3
    model = Alias(second)
    assert [c.request.seed for c in ask(model, tmp_path / "c", *wanted)] == [0, 1, 2]
    assert model.asked == asked


def test_a_model_swapped_in_mid_run_keeps_its_answers_apart(tmp_path: Path) -> None:
    """A reply is kept under the model that it names, whoever named itself first."""
    model = Alias("old")

    def swap() -> Iterator[Request]:
        yield request(seed=0)
        model.served = "new"
        yield request(seed=1)

    cached = cache.Cached(model, tmp_path / "c", {"t": 1})
    assert len(list(cached.generate(swap()))) == 2
    cached.close()
    old, new = Alias("old"), Alias("new")
    ask(old, tmp_path / "c", request(seed=0), request(seed=1))
    assert old.asked == 2
    ask(new, tmp_path / "c", request(seed=2), request(seed=1))
    assert new.asked == 1


def test_a_server_whose_first_reply_fails_is_asked_everything(tmp_path: Path) -> None:
    """Without a name nothing is taken from the cache, and nothing kept."""
    model = Alias("gpt", fails=True)
    assert [c.stop for c in ask(model, tmp_path / "c", request(seed=0), request(seed=1))] == ["error", "error"]
    assert cache.entries(tmp_path / "c") == []


def test_a_cache_on_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    """Where the cache takes no more, the user is told how to go on."""
    cached = cache.Cached(Counting(), tmp_path / "c", {"t": 1})
    cached._db.execute("PRAGMA max_page_count = 10")
    asked = [request(seed=n, messages=(Message("user", "q" * 5000),)) for n in range(100)]
    with pytest.raises(BadInput, match=r"database or disk is full\); what was stored is safe"):
        list(cached.generate(asked))
    cached.close()


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


def test_two_processes_share_one_cache(tmp_path: Path) -> None:
    """For three seconds two processes ask each question once between them, without an error or a lost row."""
    spec = importlib.util.spec_from_file_location("shared_cache", ROOT / "benchmarks" / "shared_cache.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["shared_cache"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    found = module.share(3.0, tmp_path)
    assert (found.failed, found.twice, found.lost) == ([], 0, 0)
    assert found.runs >= 2
    assert found.rows == found.runs * module.RECORDS
    assert found.kept == found.asked


def test_the_command_lists_and_cleans(cli: Any, tmp_path: Path) -> None:
    """`cache ls` and `cache gc` work on the file that RARL_EVAL_CACHE names."""
    path = tmp_path / "c"
    ask(Counting(), path, request())
    assert "m  t  1  " in cli("cache", "ls", env={"RARL_EVAL_CACHE": str(path)}).stdout
    assert "1 entries deleted" in cli("cache", "gc", "--days", "0", env={"RARL_EVAL_CACHE": str(path)}).stdout
    assert cli("cache", "ls", "--json", env={"RARL_EVAL_CACHE": str(path)}).stdout.strip() == "[]"
