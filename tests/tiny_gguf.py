"""Tiny GGUF models for the tests, written without torch: one with random weights, one that follows a known table.

The second is a Llama whose attention and feed-forward weights are 0 and whose embedding is the identity, so that the
logits after a token are exactly that token's row of a table, whatever stood before it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

SPECIAL = ("<pad>", "<s>", "</s>", "<think>", "</think>")
TEMPLATE = (
    "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)
HIDDEN, LAYERS, HEADS, FEED, CONTEXT = 64, 2, 4, 96, 2048


def alphabet() -> list[str]:
    """The 256 characters that stand for bytes in a byte-level tokenizer, in the order of the bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = iter(range(256, 512))
    return [chr(b) if b in plain else chr(next(other)) for b in range(256)]


TOKENS = [*SPECIAL, *alphabet(), "qz"]
SIZE = 288
"""Vocabulary, padded: 5 special tokens, 256 bytes, one merge (llama.cpp reads no tokenizer without), and unused ones up to a multiple of 32."""


def token(text: str) -> int:
    """The number of a special token or of a character's byte."""
    return SPECIAL.index(text) if text in SPECIAL else len(SPECIAL) + text.encode()[0]


def random_model(path: Path, seed: int = 0, template: str | None = TEMPLATE) -> Path:
    """Write a model with random weights: its text is noise that depends on everything before."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> Any:
        return rng.normal(0, shape[-1] ** -0.5, shape).astype(np.float32)

    layers = {}
    for i in range(LAYERS):
        layers |= {f"blk.{i}.attn_{n}.weight": 2 * draw(HIDDEN, HIDDEN) for n in ("q", "k", "v", "output")}
        layers |= {f"blk.{i}.ffn_{n}.weight": draw(FEED, HIDDEN) for n in ("gate", "up")}
        layers |= {f"blk.{i}.ffn_down.weight": draw(HIDDEN, FEED)}
    return _write(path, HIDDEN, FEED, layers, draw(SIZE, HIDDEN), 2 * draw(SIZE, HIDDEN), template)


def table_model(path: Path, rows: Mapping[str, Mapping[str, float]], template: str = TEMPLATE) -> Path:
    """Write a model for which the logits after each token are known: ``rows[token][next]``, -20 where none is given.

    After a token without a row the text ends.
    """
    table = np.full((SIZE, SIZE), -20.0, np.float32)
    table[:, token("</s>")] = 0.0
    for first, nexts in rows.items():
        table[token(first)] = -20.0
        for second, logit in nexts.items():
            table[token(first), token(second)] = logit
    layers = {f"blk.0.attn_{n}.weight": np.zeros((SIZE, SIZE), np.float32) for n in ("q", "k", "v", "output")}
    layers |= {f"blk.0.ffn_{n}.weight": np.zeros((32, SIZE), np.float32) for n in ("gate", "up")}
    layers |= {"blk.0.ffn_down.weight": np.zeros((SIZE, 32), np.float32)}
    # The norm makes of a row of the identity one whose only entry is the root of its length.
    return _write(path, SIZE, 32, layers, np.eye(SIZE, dtype=np.float32), table.T / np.sqrt(SIZE), template)


def path_of(text: str, sharpness: float = 10.0) -> dict[str, dict[str, float]]:
    """Rows of a table that lead from token to token of a text in which no token has two successors."""
    tokens = _tokens(text)
    return {a: {b: sharpness} for a, b in zip(tokens, [*tokens[1:], "</s>"], strict=True)}


def _tokens(text: str) -> list[str]:
    found, rest = [], text
    while rest:
        found.append(next((s for s in SPECIAL if rest.startswith(s)), rest[0]))
        rest = rest[len(found[-1]) :]
    return found


def _write(
    path: Path, hidden: int, feed: int, layers: Mapping[str, Any], embedding: Any, output: Any, template: str | None
) -> Path:
    import gguf

    count = len({name.split(".")[1] for name in layers})
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(path.stem)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(hidden)
    writer.add_block_count(count)
    writer.add_feed_forward_length(feed)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(hidden // HEADS)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _add_tokenizer(writer, template)
    ones = np.ones(hidden, np.float32)
    norms = {f"blk.{i}.{n}_norm.weight": ones for i in range(count) for n in ("attn", "ffn")}
    tensors = {"token_embd.weight": embedding, "output.weight": output, "output_norm.weight": ones} | norms | layers
    for name, tensor in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(tensor, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: Any, template: str | None) -> None:
    import gguf

    kinds = [gguf.TokenType.CONTROL] * 5 + [gguf.TokenType.NORMAL] * 257
    unused = SIZE - len(TOKENS)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("starcoder")
    writer.add_token_list([*TOKENS, *(f"<unused{i}>" for i in range(unused))])
    writer.add_token_types([*kinds, *[gguf.TokenType.UNUSED] * unused])
    writer.add_token_merges(["q z"])
    writer.add_pad_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)
