"""The run engine: every sample is asked once with its own seed, judged, stored."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rarl_eval_demo
from server import serving

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Options, Request, Sampling
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.types import Benchmark


@pytest.fixture
def benchmarks() -> list[Benchmark]:
    return [data.load(t) for t in registry.tasks("demo_math,demo_medicine")]


class Recorder:
    """A model that notes what it was asked and fails where it is told to."""

    def __init__(self, fails: Iterable[str] = ()) -> None:
        self.requests: list[Request] = []
        self.fails = set(fails)

    def describe(self) -> dict[str, Any]:
        return {"adapter": "test", "name": "recorder"}

    def close(self) -> None:
        pass

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            self.requests.append(request)
            if request.item_id in self.fails:
                yield Completion(request=request, stop="error", error="told to fail")
            else:
                yield Completion(request=request, text="<think>a</think>The answer is 12", stop="end")


def test_every_sample_has_its_own_seed_and_keeps_it(benchmarks: list[Benchmark], tmp_path: Path) -> None:
    """Seeds differ between samples and items, and are the same in a second run and another with another limit."""
    first, second = Recorder(), Recorder()
    run(benchmarks, first, tmp_path / "a", Settings(samples=4, limit=5))
    run(benchmarks, second, tmp_path / "b", Settings(samples=4, limit=3))
    seeds = {(r.task, r.key, r.sample): r.seed for r in first.requests}
    assert len(seeds) == len(set(seeds.values())) == 2 * 5 * 4
    assert {(r.task, r.key, r.sample): r.seed for r in second.requests}.items() <= seeds.items()
    other = Recorder()
    run(benchmarks, other, tmp_path / "c", Settings(samples=4, limit=5, seed=1))
    assert not {r.seed for r in other.requests} & set(seeds.values())


def test_reasoning_is_kept_and_not_graded(benchmarks: list[Benchmark], tmp_path: Path) -> None:
    """The text is stored whole, split at its markers, and only the answer is judged."""
    run(benchmarks[:1], Recorder(), tmp_path / "run", Settings(limit=1))
    (record,) = store.read_run(tmp_path / "run").records
    assert (record.trace.reasoning, record.trace.answer) == ("a", "The answer is 12")
    assert record.trace.text == "<think>a</think>The answer is 12"
    assert record.verdict is not None
    assert record.verdict.extracted == "12"
    assert [r.name for r in record.rewards] == ["format", "brevity"]


def test_failed_calls_are_no_answers_and_are_asked_again(benchmarks: list[Benchmark], tmp_path: Path) -> None:
    """A failed call has no verdict; resuming asks for it alone."""
    done = run(benchmarks[:1], Recorder(["math-01"]), tmp_path / "run", Settings(limit=3))
    assert (done.asked, done.failed) == (3, 1)
    assert [r.verdict is None for r in store.read_run(tmp_path / "run").records] == [False, True, False]
    again = Recorder()
    done = run(benchmarks[:1], again, tmp_path / "run", Settings(limit=3), resume=True)
    assert ([r.item_id for r in again.requests], done.kept) == (["math-01"], 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Settings(limit=2), "another limit"),
        (Settings(limit=3, samples=2), "another samples"),
        (Settings(limit=3, seed=5), "another seed"),
        (Settings(limit=3, sampling=Sampling(temperature=1.0)), "another sampling"),
    ],
)
def test_only_the_same_run_is_resumed(benchmarks: list[Benchmark], tmp_path: Path, change: Settings, said: str) -> None:
    """A run with other settings is not continued by mistake."""
    run(benchmarks[:1], Recorder(), tmp_path / "run", Settings(limit=3))
    with pytest.raises(BadInput, match=said):
        run(benchmarks[:1], Recorder(), tmp_path / "run", change, resume=True)


def test_the_manifest_says_what_was_asked(benchmarks: list[Benchmark], tmp_path: Path) -> None:
    """Fingerprint, version, licence, prompts, sampling, seed and versions stand in the manifest."""
    run(benchmarks[:1], Recorder(), tmp_path / "run", Settings(limit=3, sampling=Sampling(max_tokens=7)))
    manifest = store.read_manifest(tmp_path / "run")
    task = manifest["tasks"]["demo_math"]
    assert (task["items"], task["rows"], task["fingerprint"]) == (3, 30, benchmarks[0].fingerprint)
    assert (task["origin"], task["synthetic"]) == ("made:demo_math", False)
    assert (manifest["sampling"]["max_tokens"], manifest["seed"]) == (7, 0)
    assert manifest["host"]["packages"]["math-verify"].startswith("0.9")
    assert manifest["finished"] >= manifest["started"]


def priced(server_url: str, out: Path, *more: str) -> list[str]:
    """Command of a run of 30 requests that cost 0.011 each."""
    ask = ["run", "-t", "demo_math", "-m", "openai:m", "--base-url", server_url, "--no-cache", "-o", str(out)]
    return [*ask, "--price", "1000,0", "--concurrency", "1", *more]


def test_a_cost_cap_stops_asking_and_resuming_goes_on(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Once the cap is spent nothing more is asked, which is said and exits with 1; the rest is asked later."""
    with serving() as server:
        done = cli(*priced(server.url, tmp_path / "run", "--max-cost", "0.1"))
        assert (done.returncode, "the cost cap is reached: go on with --resume" in done.stderr) == (1, True)
        assert 10 <= len(server.bodies) < 30  # ten are paid for, a few more were under way
        assert store.read_manifest(tmp_path / "run")["finished"] is None
        assert cli(*priced(server.url, tmp_path / "run", "--resume")).returncode == 0
        assert len(server.bodies) == 30
    manifest = store.read_manifest(tmp_path / "run")
    assert manifest["finished"] is not None
    assert manifest["cost"] == pytest.approx(30 * 0.011)


def test_several_models_are_several_runs(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Each model has a run in a folder of its name; one that cannot be opened, or two of one folder, begin none."""
    ask = ("run", "-t", "demo_math", "--limit", "2", "-q", "-o", tmp_path / "runs")
    assert cli(*ask, "-m", "echo:It is 4", "-m", "echo:It is 5").returncode == 0
    folders = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert folders == ["echo-It-is-4", "echo-It-is-5"]
    texts = [{r.trace.text for r in store.read_run(tmp_path / "runs" / name).records} for name in folders]
    assert texts == [{"It is 4"}, {"It is 5"}]
    for more, said in (("gguff:x", "gguff"), ("echo:It-is 4", "the same")):
        done = cli(*ask[:-1], tmp_path / "none", "-m", "echo:It is 4", "-m", more)
        assert (done.returncode, said in done.stderr) == (2, True)
        assert not (tmp_path / "none").exists()


def test_several_budgets_are_several_runs(cli: Callable[..., Any], tmp_path: Path) -> None:
    """One command runs a model at each budget, each in a directory of its own."""
    with serving() as server:
        ask = ("-t", "demo_math", "-m", "openai:m", "--base-url", server.url, "--limit", "3")
        assert cli("run", *ask, "--max-tokens", "16,64", "-o", tmp_path / "runs").returncode == 0
        assert [b["max_tokens"] for b in server.bodies] == [16] * 3 + [64] * 3
    for budget in (16, 64):
        assert store.read_manifest(tmp_path / "runs" / f"budget-{budget}")["sampling"]["max_tokens"] == budget


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--max-tokens", "8,x"), "is no list of different positive numbers"),
        (("--max-tokens", "8,8"), "is no list of different positive numbers"),
        (("--max-cost", "1"), "--max-cost needs --price"),
        (("--price", "1"), "is not IN,OUT"),
    ],
)
def test_impossible_budgets_are_refused(
    cli: Callable[..., Any], tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    """Budgets and prices that make no sense are one sentence."""
    done = cli("run", "-t", "demo_math", "-m", "echo:", "-o", tmp_path / "run", *options)
    assert (done.returncode, said in done.stderr) == (2, True)


def test_progress_for_jobs_is_lines_of_json(cli: Callable[..., Any], tmp_path: Path) -> None:
    """--progress json writes counts and accuracy with its interval; --quiet writes none."""
    done = cli("run", "-t", "demo_math", "-m", "echo:12", "-o", tmp_path / "a", "--progress", "json")
    last = json.loads([line for line in done.stderr.splitlines() if line.startswith("{")][-1])
    assert (last["done"], last["total"], last["failed"]) == (30, 30, 0)
    assert last["low"] <= last["accuracy"] <= last["high"]
    assert "{" not in cli("run", "-t", "demo_math", "-m", "echo:12", "-o", tmp_path / "b", "-q").stderr


def test_the_embedded_outputs_get_the_verdicts_they_were_made_for(tmp_path: Path) -> None:
    """Every recorded answer of the demo carries its truth, and the verifiers find it."""
    benchmarks = [data.load(t) for t in registry.tasks(rarl_eval_demo.TASKS)]
    for name in rarl_eval_demo.MODELS:
        path = rarl_eval_demo.path(f"outputs_{name}.jsonl")
        run(benchmarks, registry.load("models", "replay")(str(path), Options()), tmp_path / name, Settings(samples=3))
        rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
        truth = {(r["task"], r["id"], r["sample"]): r["truth"] for r in rows}
        found = {
            (r.trace.task, r.trace.item_id, r.trace.sample): r.verdict.status if r.verdict else None
            for r in store.read_run(tmp_path / name).records
        }
        assert found == truth
