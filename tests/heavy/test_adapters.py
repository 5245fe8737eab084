"""Adapters of optional packages against real, tiny, random models: the text is noise, the bookkeeping must be exact."""

import importlib.util
from pathlib import Path

import pytest

from rarl_eval import data, registry, store
from rarl_eval.models import Options, Sampling
from rarl_eval.run import Settings, run
from rarl_eval.types import Record

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

BUDGET = 24
ARGUMENTS = {
    "lm-eval": {"device": "cpu", "dtype": "float32"},
    "vllm": {"dtype": "float32", "enforce_eager": "true", "gpu_memory_utilization": "0.2", "max_model_len": "1024"},
}


def traces(adapter: str, model: Path, out: Path, **settings: object) -> list[Record]:
    """Run three items of the demo and return the records."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec(adapter.replace("-", "_")) is None:
        pytest.skip(f"{adapter} is not installed; make test-heavy installs it")
    name = "hf" if adapter == "lm-eval" else str(model)
    arguments = ARGUMENTS[adapter] | ({"pretrained": str(model)} if adapter == "lm-eval" else {})
    opened = registry.load("models", adapter)(name, Options(arguments=arguments))
    sampling = Sampling(temperature=settings.pop("temperature", 0.0), max_tokens=BUDGET)  # type: ignore[arg-type]
    benchmark = data.load(registry.tasks("demo_math")[0])
    run([benchmark], opened, out, Settings(limit=3, sampling=sampling, **settings))  # type: ignore[arg-type]
    opened.close()
    return store.read_run(out).records


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    from tiny import build  # tests/tiny.py; conftest puts its folder on the path

    return build(tmp_path_factory.mktemp("models") / "tiny-llama")


@pytest.mark.parametrize("adapter", ["lm-eval", "vllm"])
def test_a_real_model_runs_through_the_adapter(adapter: str, model: Path, tmp_path: Path) -> None:
    """Greedy answers come back with token counts and stop reasons, and again the same in a second run."""
    first = traces(adapter, model, tmp_path / "a")
    assert len(first) == 3
    for record in first:
        assert record.trace.model == "tiny-llama"
        assert record.trace.text
        assert record.trace.tokens.completion is not None
        assert 0 < record.trace.tokens.completion <= BUDGET
        assert record.trace.stop == ("length" if record.trace.tokens.completion == BUDGET else "end")
    assert [r.trace.text for r in traces(adapter, model, tmp_path / "b")] == [r.trace.text for r in first]


@pytest.mark.parametrize("adapter", ["lm-eval", "vllm"])
def test_sampled_repeats_are_draws_and_not_copies(adapter: str, model: Path, tmp_path: Path) -> None:
    """With a temperature the samples of an item differ from each other, and a second run repeats them."""
    drawn = traces(adapter, model, tmp_path / "a", temperature=1.0, samples=4)
    assert len({r.trace.text for r in drawn}) == len(drawn) == 12
    again = traces(adapter, model, tmp_path / "b", temperature=1.0, samples=4)
    assert [r.trace.text for r in again] == [r.trace.text for r in drawn]


def test_both_engines_write_the_same_greedy_text(model: Path, tmp_path: Path) -> None:
    """transformers and vLLM agree on every greedy answer, which pins prompts, templates and stop handling."""
    one = traces("lm-eval", model, tmp_path / "a")
    other = traces("vllm", model, tmp_path / "b")
    assert [r.trace.text for r in one] == [r.trace.text for r in other]
