"""vLLM through Ray's batches: what the engine is given, where neither is installed."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from rarl_eval.errors import NotInstalled
from rarl_eval.models import Options
from rarl_eval.models.cluster_vllm import open_batches


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand-ins for Ray, transformers and vLLM; gives what the engine is configured with."""
    told: dict[str, Any] = {}
    loaded = SimpleNamespace(from_pretrained=lambda name: SimpleNamespace(eos_token_id=2, name=name))
    ray = {"cluster_resources": lambda: {"GPU": 8.0, "CPU": 64.0}}
    llm = {"vLLMEngineProcessorConfig": lambda **given: told.update(given), "build_processor": lambda *_, **__: None}
    for name, holds in {
        "ray": ray,
        "ray.data": {},
        "ray.data.llm": llm,
        "transformers": {"AutoTokenizer": loaded, "AutoConfig": loaded},
        "vllm": {"__version__": "0"},
    }.items():
        module = ModuleType(name)
        vars(module).update(holds)
        monkeypatch.setitem(sys.modules, name, module)
    return told


def test_the_engine_reads_our_tokens_and_gives_its_own(engine: dict[str, Any]) -> None:
    """No stage of Ray's renders, tokenizes or joins again: both engines read the same tokens."""
    open_batches("org/model", Options(), None)
    assert {name: told for name, told in engine.items() if name.endswith("_stage")} == {
        "chat_template_stage": False,
        "tokenize_stage": False,
        "detokenize_stage": False,
    }


@pytest.mark.parametrize(
    ("arguments", "count"), [({}, 8), ({"tensor_parallel_size": "4"}, 2), ({"tensor_parallel_size": "16"}, 1)]
)
def test_there_are_as_many_engines_as_groups_of_gpus(
    engine: dict[str, Any], arguments: dict[str, str], count: int
) -> None:
    """The cluster's GPUs by those of one engine, at least one."""
    open_batches("org/model", Options(arguments=arguments), None)
    assert (engine["concurrency"], engine["model_source"]) == (count, "org/model")


def test_without_ray_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(NotInstalled, match="pip install"):
        open_batches("org/model", Options(), None)
