"""Runs on a Ray cluster of this machine: what they hold is what a run in one process holds."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rarl_eval_demo
from server import serving

from rarl_eval import data, registry
from rarl_eval.cli import main
from rarl_eval.errors import BadInput
from rarl_eval.models import Options, Sampling
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.types import Record

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Ray with two cores of this machine; ended with the module."""
    ray = pytest.importorskip("ray")
    root = str(Path(__file__).parents[2])
    ray.init(
        address="local",
        num_cpus=2,
        num_gpus=0,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": root}},
    )
    from rarl_eval.models import cluster

    yield cluster
    ray.shutdown()


def records(model: Any, out: Path, **settings: Any) -> list[Record]:
    """Records of a run over two tasks."""
    benchmarks = [data.load(task) for task in registry.tasks("demo_math,demo_medicine")]
    run(benchmarks, model, out, Settings(**settings))
    model.close()
    return store.read_run(out).records


def local(adapter: str, name: str, options: Options) -> Any:
    return registry.load("models", adapter)(name, options)


def test_replayed_and_echoed_runs_are_the_same(cluster: Any, tmp_path: Path) -> None:
    """Every record of a run by two workers is that of the local one, scores and reasoning included."""
    path = str(rarl_eval_demo.path("outputs_demo-careful.jsonl"))
    for adapter, name in (("replay", path), ("echo", "The answer is 12")):
        here = records(local(adapter, name, Options()), tmp_path / f"{adapter}-local", samples=3)
        there = records(cluster.open_cluster(adapter, name, Options(), 2), tmp_path / f"{adapter}-ray", samples=3)
        assert here == there
        assert len(there) == 180


def test_one_command_runs_several_models_on_the_cluster(cluster: Any, tmp_path: Path) -> None:
    """A run each, one after the other on the same workers' cores, equal to those of a command without Ray."""
    models = ("echo:The answer is 12", f"replay:{rarl_eval_demo.path('outputs_demo-careful.jsonl')}")
    told = ["run", "-t", "demo_math", "-k", "2", "--quiet", "-m", models[0], "-m", models[1]]
    for name, how in (("local", []), ("ray", ["--engine", "ray", "--workers", "2"])):
        with pytest.raises(SystemExit) as ended:
            main([*told, *how, "-o", str(tmp_path / name)])
        assert ended.value.code == 0
    folders = sorted(p.name for p in (tmp_path / "local").iterdir())
    assert len(folders) == 2
    assert folders == sorted(p.name for p in (tmp_path / "ray").iterdir())
    for folder in folders:
        here, there = (store.read_run(tmp_path / name / folder).records for name in ("local", "ray"))
        assert here == there
        assert len(there) == 60


def test_a_server_is_asked_the_same_by_workers(cluster: Any, tmp_path: Path) -> None:
    """Two workers ask a server each question once, with its own seed, and share the rate limit."""
    with serving() as server:
        options = Options(base_url=server.url, requests_per_minute=60_000.0)
        there = records(cluster.open_cluster("openai", "m", options, 2), tmp_path / "ray", samples=4)
        assert len(server.bodies) == 240
        here = records(local("openai", "m", options), tmp_path / "local", samples=4)
    assert [(r.trace.seed, r.trace.text, r.verdict) for r in there] == [
        (r.trace.seed, r.trace.text, r.verdict) for r in here
    ]


def test_shards_are_of_one_task(cluster: Any) -> None:
    """A shard has requests of one task, 64 at most, and none is lost."""
    from test_models import request

    requests = [request(n) for n in range(150)]
    cut = list(cluster.shards(requests))
    assert [len(shard) for shard in cut] == [64, 64, 22]
    assert [r for shard in cut for r in shard] == requests


def test_a_worker_that_dies_is_replaced(cluster: Any, tmp_path: Path) -> None:
    """The shard of a killed worker goes to a new one, and no record is missing."""
    with serving(delay_seconds=0.01) as server:
        model = cluster.open_cluster("openai", "m", Options(base_url=server.url), 2)
        ray = cluster.connect()
        killed = []

        def kill_once(record: Record, total: int) -> None:
            if not killed:
                killed.append(True)
                ray.kill(model._workers[0])

        benchmarks = [data.load(task) for task in registry.tasks("demo_math")]
        done = run(benchmarks, model, tmp_path / "run", Settings(samples=10), progress=kill_once)
        model.close()
    assert (done.asked, done.failed) == (300, 0)


def test_what_cannot_be_opened_is_one_sentence(cluster: Any, tmp_path: Path) -> None:
    """A worker's refusal is the command's."""
    with pytest.raises(BadInput, match=r"none\.jsonl"):
        cluster.open_cluster("replay", str(tmp_path / "none.jsonl"), Options(), 1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("vllm") is None:
        pytest.skip("vllm is not installed; make test-heavy installs it")
    from tiny import build

    return build(tmp_path_factory.mktemp("models") / "tiny-llama")


ENGINE = {"dtype": "float32", "enforce_eager": "true", "gpu_memory_utilization": "0.2", "max_model_len": "1024"}


def test_vllm_in_a_worker_writes_what_it_writes_here(cluster: Any, model: Path, tmp_path: Path) -> None:
    """Without a GPU, vLLM is opened in a worker; greedy and drawn samples are those of the local engine."""
    options = Options(arguments=ENGINE)
    sampling = Sampling(temperature=1.0, max_tokens=24)
    there = records(cluster.open_cluster("vllm", str(model), options, 1), tmp_path / "ray", limit=3, sampling=sampling)
    here = records(local("vllm", str(model), options), tmp_path / "local", limit=3, sampling=sampling)
    assert there == here


def test_rays_own_batches_write_what_vllm_writes_here(cluster: Any, model: Path, tmp_path: Path) -> None:
    """Ray Data's batch inference, given a core in place of a GPU, gives the same texts, tokens and stop reasons."""
    from rarl_eval.models.cluster_vllm import open_batches

    options = Options(arguments=ENGINE)
    sampling = Sampling(temperature=0.0, max_tokens=24, logprobs=True)
    batches = open_batches(str(model), options, 1, bundle={"CPU": 1, "GPU": 0})
    there = records(batches, tmp_path / "ray", limit=3, sampling=sampling)
    here = records(local("vllm", str(model), options), tmp_path / "local", limit=3, sampling=sampling)
    assert there == here
