"""Write a laboratory model as a GGUF file of 16-bit weights that llama.cpp reads."""

import json
from pathlib import Path

import gguf
import numpy as np
from network import Network
from tokenizers import Tokenizer
from vocabulary import ASSISTANT, END, SPECIAL, USER

TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'assistant' %}"
    + ASSISTANT + "{{ message['content'] }}" + END
    + "{% else %}" + USER + "{{ message['content'] }}{% endif %}{% endfor %}"
    + "{% if add_generation_prompt %}" + ASSISTANT + "{% endif %}"
)  # fmt: skip


def write_gguf(network: Network, tokenizer: Tokenizer, path: Path, name: str) -> None:
    """Write ``network`` and ``tokenizer`` to ``path``."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"rarl-eval laboratory {name}")
    writer.add_description("A fixture of rarl-eval's laboratory; no leaderboard entry.")
    writer.add_license("Apache-2.0")
    _describe(writer, network)
    _vocabulary(writer, tokenizer)
    for key, weight in _weights(network).items():
        narrow = weight.astype(np.float16) if weight.ndim > 1 else weight
        writer.add_tensor(key, narrow)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, network: Network) -> None:
    shape = network.shape
    writer.add_context_length(shape["context"])
    writer.add_embedding_length(shape["hidden"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["feed_forward"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["heads"])
    writer.add_rope_dimension_count(shape["hidden"] // shape["heads"])
    writer.add_rope_freq_base(shape["rope_base"])
    writer.add_layer_norm_rms_eps(shape["norm_epsilon"])
    writer.add_vocab_size(network.embed.num_embeddings)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def _vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    tokens = [tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())]
    kinds = [gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.NORMAL for token in tokens]
    merges = [" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("starcoder")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(tokens.index(END))
    writer.add_pad_token_id(tokens.index(END))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


def _weights(network: Network) -> dict[str, np.ndarray]:
    found = {"token_embd.weight": network.embed.weight, "output_norm.weight": network.norm.weight}
    for n, block in enumerate(network.blocks):
        q, k, v = block.qkv.weight.chunk(3)
        gate, up = block.gate_up.weight.chunk(2)
        heads = network.shape["heads"]
        found |= {
            f"blk.{n}.attn_norm.weight": block.before.weight,
            f"blk.{n}.attn_q.weight": _permuted(q, heads),
            f"blk.{n}.attn_k.weight": _permuted(k, heads),
            f"blk.{n}.attn_v.weight": v,
            f"blk.{n}.attn_output.weight": block.out.weight,
            f"blk.{n}.ffn_norm.weight": block.between.weight,
            f"blk.{n}.ffn_gate.weight": gate,
            f"blk.{n}.ffn_up.weight": up,
            f"blk.{n}.ffn_down.weight": block.down.weight,
        }
    return {key: weight.detach().float().numpy() for key, weight in found.items()}


def _permuted(weight: "Network", heads: int) -> "Network":
    """Interleave the two halves of each head: llama.cpp turns neighbouring pairs where the network turns halves."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
