"""Write a reward model of the laboratory as a folder that transformers and vLLM read: 16-bit safetensors."""

import json
from pathlib import Path
from typing import Any

from gguf_file import TEMPLATE
from network import Network
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from vocabulary import END, USER

CLASSES = {"orm": "LlamaForSequenceClassification", "prm": "LlamaForTokenClassification"}
LABELS = {"orm": ("right",), "prm": ("faulty", "sound")}


def write_folder(network: Network, head: nn.Linear, tokenizer: Tokenizer, folder: Path, form: str) -> None:
    """Write weights, configuration, tokenizer and chat template; ``form`` is ``orm`` or ``prm``."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {**_weights(network), "score.weight": head.weight}
    if head.bias is not None:
        weights["score.bias"] = head.bias
    kept = {key: weight.detach().half().contiguous() for key, weight in weights.items()}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    _write(folder / "config.json", _configuration(network, tokenizer, form))
    tokenizer.save(str(folder / "tokenizer.json"))
    told = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": USER,
        "chat_template": TEMPLATE,
    }
    _write(folder / "tokenizer_config.json", {**told, "clean_up_tokenization_spaces": False})


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n")


def _configuration(network: Network, tokenizer: Tokenizer, form: str) -> dict[str, Any]:
    shape, labels = network.shape, LABELS[form]
    return {
        "architectures": [CLASSES[form]],
        "model_type": "llama",
        "vocab_size": network.embed.num_embeddings,
        "hidden_size": shape["hidden"],
        "intermediate_size": shape["feed_forward"],
        "num_hidden_layers": shape["layers"],
        "num_attention_heads": shape["heads"],
        "num_key_value_heads": shape["heads"],
        "max_position_embeddings": shape["context"],
        "rope_theta": shape["rope_base"],
        "rms_norm_eps": shape["norm_epsilon"],
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "eos_token_id": tokenizer.token_to_id(END),
        # Stands at the beginning of a text alone, so that the last token that is no padding is the text's last.
        "pad_token_id": tokenizer.token_to_id(USER),
        "id2label": dict(enumerate(labels)),
        "label2id": {name: number for number, name in enumerate(labels)},
        "torch_dtype": "float16",
    }


def _weights(network: Network) -> dict[str, Tensor]:
    found = {"model.embed_tokens.weight": network.embed.weight, "model.norm.weight": network.norm.weight}
    for n, block in enumerate(network.blocks):
        q, k, v = block.qkv.weight.chunk(3)
        gate, up = block.gate_up.weight.chunk(2)
        at = f"model.layers.{n}."
        found |= {
            f"{at}input_layernorm.weight": block.before.weight,
            f"{at}self_attn.q_proj.weight": q,
            f"{at}self_attn.k_proj.weight": k,
            f"{at}self_attn.v_proj.weight": v,
            f"{at}self_attn.o_proj.weight": block.out.weight,
            f"{at}post_attention_layernorm.weight": block.between.weight,
            f"{at}mlp.gate_proj.weight": gate,
            f"{at}mlp.up_proj.weight": up,
            f"{at}mlp.down_proj.weight": block.down.weight,
        }
    return found
