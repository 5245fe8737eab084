"""Adapters of optional packages against real, tiny, random models: the text is noise, the bookkeeping must be exact."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.models import Options, Sampling
from rarl_eval.rewards import Budget, Reach
from rarl_eval.rewards.add import add_rewards
from rarl_eval.rewards.open import open_sources
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.types import Record

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

BUDGET = 24
ARGUMENTS = {
    "lm-eval": {"device": "cpu", "dtype": "float32"},
    "vllm": {"dtype": "float32", "enforce_eager": "true", "gpu_memory_utilization": "0.2", "max_model_len": "1024"},
    "openai": {},
}


def needs(*packages: str) -> None:
    """Skip where a package is missing."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed; make test-heavy installs it")


def traces(adapter: str, model: Path, out: Path, url: str | None = None, **settings: Any) -> list[Record]:
    """Run three items of the demo and return the records."""
    needs(*{"lm-eval": ("torch", "lm_eval"), "vllm": ("vllm",), "openai": ()}[adapter])
    name = {"lm-eval": "hf", "vllm": str(model), "openai": model.name}[adapter]
    arguments = ARGUMENTS[adapter] | ({"pretrained": str(model)} if adapter == "lm-eval" else {})
    opened = registry.load("models", adapter)(name, Options(arguments=arguments, base_url=url))
    drawn = {name: settings.pop(name) for name in ("thinking", "logprobs") if name in settings}
    sampling = Sampling(temperature=settings.pop("temperature", 0.0), max_tokens=BUDGET, **drawn)
    benchmark = data.load(registry.tasks("demo_math")[0])
    run([benchmark], opened, out, Settings(limit=3, sampling=sampling, **settings))
    opened.close()
    return store.read_run(out).records


@pytest.fixture(scope="module", params=["llama", "qwen2"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model of each kind."""
    pytest.importorskip("transformers")
    from tiny import build  # tests/tiny.py; conftest puts its folder on the path

    return build(tmp_path_factory.mktemp("models") / f"tiny-{request.param}", request.param)


@pytest.fixture(scope="module")
def server(model: Path) -> Iterator[str]:
    """Its server: vLLM's own OpenAI-compatible one, in a process of its own."""
    needs("vllm")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model), "--port", str(port)),
        *("--served-model-name", model.name, "--dtype", "float32", "--enforce-eager", "--max-model-len", "1024"),
        *("--gpu-memory-utilization", "0.2", "--host", "127.0.0.1"),
    ]
    log = model.parent / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    try:
        _until_ready(process, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(60)


def _until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    for _ in range(1200):
        assert process.poll() is None, log.read_text("utf-8", "replace")[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail("the server did not start in ten minutes")


@pytest.mark.parametrize("adapter", ["lm-eval", "vllm"])
def test_a_real_model_runs_through_the_adapter(adapter: str, model: Path, tmp_path: Path) -> None:
    """Greedy answers come back with token counts and stop reasons, and again the same in a second run."""
    first = traces(adapter, model, tmp_path / "a")
    assert len(first) == 3
    for record in first:
        assert record.trace.model == model.name
        assert record.trace.text
        assert record.trace.tokens.completion is not None
        assert 0 < record.trace.tokens.completion <= BUDGET
        assert record.trace.stop == ("length" if record.trace.tokens.completion == BUDGET else "end")
    assert [r.trace.text for r in traces(adapter, model, tmp_path / "b")] == [r.trace.text for r in first]
    described = store.read_manifest(tmp_path / "a")["model"]
    assert len(described["tokenizer"]) == 32
    assert described["files"]


@pytest.mark.parametrize("adapter", ["lm-eval", "vllm"])
def test_sampled_repeats_are_draws_and_not_copies(adapter: str, model: Path, tmp_path: Path) -> None:
    """With a temperature the samples of an item differ from each other, and a second run repeats them."""
    drawn = traces(adapter, model, tmp_path / "a", temperature=1.0, samples=4)
    assert len({r.trace.text for r in drawn}) == len(drawn) == 12
    again = traces(adapter, model, tmp_path / "b", temperature=1.0, samples=4)
    assert [r.trace.text for r in again] == [r.trace.text for r in drawn]


def test_all_three_adapters_write_the_same_greedy_text(model: Path, server: str, tmp_path: Path) -> None:
    """transformers, vLLM in process and vLLM's server agree on text, prompt and completion tokens, and stop reasons."""
    one = traces("lm-eval", model, tmp_path / "a")
    for name, url in (("vllm", None), ("openai", server)):
        other = traces(name, model, tmp_path / name, url)
        assert [r.trace.text for r in one] == [r.trace.text for r in other]
        assert [r.trace.stop for r in one] == [r.trace.stop for r in other]
        for counted in ("prompt", "completion"):
            assert [getattr(r.trace.tokens, counted) for r in one] == [getattr(r.trace.tokens, counted) for r in other]


def test_a_server_draws_by_our_seeds_where_lm_eval_repeats_itself(model: Path, server: str, tmp_path: Path) -> None:
    """12 of 12 samples of an lm-eval API run are copies of their item's first; of ours, none is, and a rerun is equal."""
    needs("lm_eval")
    drawn = traces("openai", model, tmp_path / "a", server, temperature=1.0, samples=4)
    assert len({r.trace.text for r in drawn}) == len(drawn) == 12
    again = traces("openai", model, tmp_path / "b", server, temperature=1.0, samples=4)
    assert [r.trace.text for r in again] == [r.trace.text for r in drawn]
    assert _lm_eval_copies(model, server, tmp_path) == (12, 12)


LM_EVAL_TASK = """
task: repeated
dataset_path: json
dataset_kwargs: {{data_files: {{test: {rows}}}}}
output_type: generate_until
test_split: test
repeats: 4
doc_to_text: "{{{{question}}}}"
doc_to_target: "4"
generation_kwargs: {{until: ["####"], max_gen_toks: 24, do_sample: true, temperature: 1.0}}
filter_list: [{{name: all, filter: [{{function: take_first_k, k: 4}}]}}]
metric_list: [{{metric: bypass}}]
"""


def _lm_eval_copies(model: Path, url: str, folder: Path) -> tuple[int, int]:
    """Samples of an lm-eval API run that equal their item's first, and all samples."""
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps({"question": f"What is {n} and {n}?"}) + "\n" for n in range(3)))
    (folder / "repeated.yaml").write_text(LM_EVAL_TASK.format(rows=rows))
    arguments = f"model={model.name},base_url={url}/chat/completions,num_concurrent=1,tokenizer_backend=None"
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("lm_eval")), "run", "--model", "local-chat-completions"),
            *("--model_args", arguments, "--tasks", "repeated", "--include_path", str(folder)),
            *("--apply_chat_template", "--output_path", str(folder / "out"), "--log_samples"),
        ],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(folder / "cache"), "OPENAI_API_KEY": "none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (path,) = (folder / "out").rglob("samples_repeated_*.jsonl")
    samples = [json.loads(line)["resps"][0] for line in path.read_text("utf-8").split("\n") if line]
    return sum(text == found[0] for found in samples for text in found), sum(map(len, samples))


@pytest.mark.parametrize("adapter", ["lm-eval", "vllm", "openai"])
def test_thinking_is_switched_on_and_off(adapter: str, model: Path, server: str, tmp_path: Path) -> None:
    """Opened by the template and cut off, all is reasoning and nothing is graded; switched off, all is the answer."""
    for record in traces(adapter, model, tmp_path / "on", server, thinking=True):
        trace = record.trace
        if trace.stop == "length":
            assert (trace.reasoning, trace.answer) == (trace.text, "")
            assert record.verdict is not None
            assert record.verdict.status == "no_answer"
            assert trace.tokens.reasoning == (None if adapter == "openai" else BUDGET)
    off = traces(adapter, model, tmp_path / "off", server, thinking=False)
    assert all(r.trace.reasoning is None and r.trace.answer == r.trace.text for r in off)
    on = store.read_run(tmp_path / "on").records
    assert [r.trace.tokens.prompt for r in on] != [r.trace.tokens.prompt for r in off]


@pytest.mark.parametrize("adapter", ["vllm", "openai"])
def test_log_probabilities_come_on_request(adapter: str, model: Path, server: str, tmp_path: Path) -> None:
    """One number of at most 0 for each token, and the ``logprob`` reward is their mean."""
    records = traces(adapter, model, tmp_path / "run", server, logprobs=True)
    for record in records:
        found = record.trace.meta["logprobs"]
        assert len(found) == record.trace.tokens.completion
        assert max(found) <= 0
    reach = Reach(options=Options(), sampling=Sampling(), budget=Budget())
    add_rewards(tmp_path / "run", open_sources(["logprob"], reach))
    for record in store.read_run(tmp_path / "run").records:
        found = record.trace.meta["logprobs"]
        (reward,) = [r for r in record.rewards if r.name == "logprob"]
        assert reward.score == pytest.approx(sum(found) / len(found))
    assert all("logprobs" not in r.trace.meta for r in traces(adapter, model, tmp_path / "without", server))


def test_a_model_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """A wrong folder, and arguments that an engine does not know, are said in a line."""
    from rarl_eval.errors import BadInput

    needs("vllm", "lm_eval")
    with pytest.raises(BadInput, match="vLLM cannot open"):
        registry.load("models", "vllm")(str(tmp_path / "none"), Options())
    with pytest.raises(BadInput, match="lm-eval cannot open hf"):
        registry.load("models", "lm-eval")("hf", Options(arguments={"pretrained": str(tmp_path / "none")}))
