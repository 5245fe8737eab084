"""A reward model whose head is not in its files is refused before it is loaded, with the source that fits."""

import json
from pathlib import Path

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.rewards.heads import architectures, check_files, check_loaded, weight_names

BODY = ["model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight"]


def checkpoint(folder: Path, architecture: str, head: list[str], *, index: bool = False) -> Path:
    """A folder with a configuration and the names of weights, in a header or an index."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"architectures": [architecture]}))
    if index:
        weights = dict.fromkeys([*BODY, *head], "model-00001-of-00001.safetensors")
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weights}))
    else:
        held = {name: {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for name in [*BODY, *head]}
        header = json.dumps({"__metadata__": {"format": "pt"}, **held}).encode()
        (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    return folder


@pytest.mark.parametrize("index", [False, True])
@pytest.mark.parametrize("form", ["orm", "prm"])
def test_a_head_that_is_there_is_read(tmp_path: Path, form: str, index: bool) -> None:
    """One linear layer, called as transformers' own classes call it."""
    for n, head in enumerate((["score.weight"], ["classifier.weight", "classifier.bias"])):
        folder = checkpoint(tmp_path / str(n), "LlamaForSequenceClassification", head, index=index)
        assert weight_names(folder) == {*BODY, *head}
        check_files(str(folder), form)


@pytest.mark.parametrize(
    ("architecture", "head", "said"),
    [
        ("Qwen2ForCausalLM", ["lm_head.weight"], "it is a causal model: prm:causal:"),
        ("Qwen2ForCausalLM", [], "it is a causal model"),
        (
            "Qwen2ForProcessRewardModel",
            ["score.0.weight", "score.0.bias", "score.2.weight", "score.2.bias"],
            "its head has several layers: prm:layered:",
        ),
        ("Qwen2Model", [], "name a checkpoint that was saved with its head"),
    ],
)
def test_a_head_that_is_missing_is_refused_with_the_source_that_fits(
    tmp_path: Path, architecture: str, head: list[str], said: str
) -> None:
    """A causal model, a head of several layers and a bare body would each be read through random numbers."""
    folder = checkpoint(tmp_path / "model", architecture, head)
    assert architectures(folder) == [architecture]
    with pytest.raises(BadInput, match="the head is not in the checkpoint") as error:
        check_files(str(folder), "prm")
    assert said in str(error.value)


def test_weights_that_loading_left_random_are_refused() -> None:
    """What transformers reports as missing is named; with nothing missing there is nothing to refuse."""
    check_loaded("org/model", "orm", [], ["lm_head.weight"], ["LlamaForCausalLM"])
    with pytest.raises(BadInput, match=r"score\.weight would be random numbers; it is a causal model"):
        check_loaded("org/model", "orm", ["score.weight"], ["lm_head.weight"], ["LlamaForCausalLM"])


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    """A header that is no JSON, or a length that no header has, names the file."""
    folder = checkpoint(tmp_path / "model", "LlamaForSequenceClassification", ["score.weight"])
    for content in (b"\xff" * 16, (4).to_bytes(8, "little") + b"{{{{"):
        (folder / "model.safetensors").write_bytes(content)
        with pytest.raises(BadInput, match=r"model\.safetensors is no safetensors file"):
            weight_names(folder)
    assert weight_names(tmp_path) is None
