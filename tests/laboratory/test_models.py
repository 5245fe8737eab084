"""The laboratory's models: the shipped weights are the recorded ones, and write what they wrote."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.models import Options, Request, Sampling
from rarl_eval.tasks.laboratory import asked, corpora, fixtures
from rarl_eval.types import Message

MOST_BYTES = 10_000_000


def models() -> dict[str, Any]:
    found: Any = fixtures.record()["models"]
    return dict(found)


@pytest.mark.parametrize("name", fixtures.NAMES)
def test_the_weights_are_the_recorded_ones(name: str) -> None:
    """SHA-256 of each file is the one in models.json."""
    assert hashlib.sha256(fixtures.weights(name).read_bytes()).hexdigest() == models()[name]["sha256"]


@pytest.mark.parametrize("name", fixtures.REWARD_MODELS)
def test_the_weights_of_the_reward_models_are_the_recorded_ones(name: str) -> None:
    """SHA-256 of each file is the one in models.json."""
    weights = fixtures.reward_model(name) / "model.safetensors"
    rewards: Any = fixtures.record()["rewards"]
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == rewards[name]


def test_weights_and_recorded_answers_stay_small() -> None:
    """All that the laboratory adds to the wheel is below 10 MB."""
    folder = fixtures.weights("").parents[1]
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < MOST_BYTES


ALONE = 25
"""Items that are asked one after another, too."""


@pytest.mark.parametrize("name", fixtures.NAMES)
def test_greedy_texts_are_the_recorded_ones(name: str) -> None:
    """On the 200 items of the test set llama.cpp writes, token by token, what it wrote when the hash was taken.

    Eight are asked side by side; one alone gets the same text.
    """
    pytest.importorskip("xllamacpp", reason="the extra [local] (xllamacpp) is not installed")
    texts = greedy(name, slots=8, items=corpora.test_items())
    assert hashlib.sha256("\0".join(texts).encode()).hexdigest() == models()[name]["greedy_sha256"]
    assert greedy(name, slots=1, items=corpora.test_items()[:ALONE]) == texts[:ALONE]


def greedy(name: str, slots: int, items: Sequence[Any]) -> list[str]:
    """Texts of a model without chance, in the order of the items."""
    model = registry.load("models", "gguf")(str(fixtures.weights(name)), Options(concurrency=slots))
    requests = [
        Request(
            task="",
            key=str(n),
            item_id="",
            sample=0,
            messages=(Message("user", asked(item.draft.question, brief=False)),),
            sampling=Sampling(temperature=0.0, max_tokens=300),
            seed=0,
        )
        for n, item in enumerate(items)
    ]
    texts = {int(done.request.key): done.text for done in model.generate(requests)}
    model.close()
    return [texts[n] for n in range(len(items))]


def test_the_brief_task_asks_the_same_items_otherwise() -> None:
    """One key, two prompts: step by step, and brief."""
    long, brief = (registry.tasks(f"fresh:lab{end}@0:8")[0] for end in ("", "_brief"))
    one, other = data.load(long).items, data.load(brief).items
    assert [item.key for item in one] == [item.key for item in other]
    assert {long.prompt(item)[0].content.rpartition("\n")[2] for item in one} == {"Think step by step."}
    assert {brief.prompt(item)[0].content.rpartition("\n")[2] for item in other} == {"Be brief."}
    assert long.domain == "general"


def test_the_laboratory_changes_no_fresh_domain() -> None:
    """Asking a domain asks none of the laboratory's families."""
    items = data.load(registry.tasks("fresh:finance@7:40")[0]).items
    assert not any(item.id.startswith("lab") for item in items)
