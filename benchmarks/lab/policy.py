"""A shipped model as a policy in torch: read from its GGUF file, sampled in groups, and its likelihoods.

A prompt is run once and all samples of its group attend to its keys, in sampling as in training, where that is most of
the work: a bare answer has ten tokens, its prompt a hundred.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gguf
import torch
from network import Network, turned
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from torch.nn import functional
from vocabulary import END, SPECIAL, chat

DROPPED_EVERY = 4
"""Tokens between two looks at which groups have ended."""
Kept = list[tuple[Tensor, Tensor]]
"""Keys and values of each block."""


class Prompts(NamedTuple):
    """A batch of prompts that was run; shapes in groups x heads x positions x width."""

    lengths: Tensor
    kept: Kept
    last: Tensor
    """Hidden state of each prompt's last token: groups x hidden."""


class Samples(NamedTuple):
    """What a policy wrote, groups x samples x tokens, and the log-likelihood that it had."""

    ids: Tensor
    likely: Tensor
    written: Tensor
    """Which tokens were written, the one that ends a reply with them."""


def load(path: Path, shape: dict[str, Any]) -> tuple[Network, Tokenizer]:
    """Read network and tokenizer of a shipped model."""
    reader = gguf.GGUFReader(path)
    weights = {tensor.name: torch.from_numpy(tensor.data.astype("float32")) for tensor in reader.tensors}
    network = Network(shape, weights["token_embd.weight"].shape[0])
    state = {"embed.weight": weights["token_embd.weight"], "norm.weight": weights["output_norm.weight"]}
    for n in range(shape["layers"]):
        one = {key.removeprefix(f"blk.{n}."): w for key, w in weights.items() if key.startswith(f"blk.{n}.")}
        q, k = (_halves(one[f"attn_{name}.weight"], shape["heads"]) for name in "qk")
        state |= {
            f"blocks.{n}.before.weight": one["attn_norm.weight"],
            f"blocks.{n}.between.weight": one["ffn_norm.weight"],
            f"blocks.{n}.qkv.weight": torch.cat((q, k, one["attn_v.weight"])),
            f"blocks.{n}.out.weight": one["attn_output.weight"],
            f"blocks.{n}.gate_up.weight": torch.cat((one["ffn_gate.weight"], one["ffn_up.weight"])),
            f"blocks.{n}.down.weight": one["ffn_down.weight"],
        }
    network.load_state_dict(state)
    return network, _tokenizer(reader)


def _halves(weight: Tensor, heads: int) -> Tensor:
    """Undo the interleaving of gguf_file.py."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _tokenizer(reader: gguf.GGUFReader) -> Tokenizer:
    tokens, merges = (reader.fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "merges"))
    pairs = [tuple(merge.split(" ")) for merge in merges]
    tokenizer = Tokenizer(models.BPE({token: n for n, token in enumerate(tokens)}, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def prompt_ids(tokenizer: Tokenizer, prompts: Sequence[str]) -> list[list[int]]:
    """Return prompts as the chat template writes them, in tokens."""
    return [tokenizer.encode(chat(prompt)).ids for prompt in prompts]


def read(network: Network, prompts: Sequence[Sequence[int]]) -> Prompts:
    """Run prompts; shorter ones are padded behind, where no later token looks."""
    lengths = torch.tensor([len(ids) for ids in prompts])
    longest = int(lengths.max())
    ids = torch.tensor([[*one, *[0] * (longest - len(one))] for one in prompts])
    x, kept = network.embed(ids), []
    cosine, sine = network.cosine[:longest], network.sine[:longest]
    for block in network.blocks:
        q, k, v = block.split(block.before(x))
        q, k = turned(q, cosine, sine), turned(k, cosine, sine)
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + block.out(seen.transpose(1, 2).flatten(2))
        x = x + block.fed(x)
        kept.append((k, v))
    return Prompts(lengths, kept, network.norm(x[torch.arange(len(prompts)), lengths - 1]))


def continued(network: Network, prompts: Prompts, ids: Tensor, start: int, own: Kept | None = None) -> Tensor:
    """Run tokens behind the prompts: groups x samples x tokens to hidden states.

    ``own`` holds what the samples' tokens before ``start`` left; it is written on.
    """
    groups, samples, length = ids.shape
    places = prompts.lengths[:, None] + start + torch.arange(length)
    cosine, sine = (table[places][:, None, None] for table in (network.cosine, network.sine))
    padded = torch.arange(prompts.kept[0][0].shape[2]) >= prompts.lengths[:, None]
    later = torch.ones(length, start + length, dtype=torch.bool).triu(start + 1)
    x = network.embed(ids)
    for n, block in enumerate(network.blocks):
        q, k, v = (part.unflatten(0, (groups, samples)) for part in block.split(block.before(x).flatten(0, 1)))
        q, k = turned(q, cosine, sine), turned(k, cosine, sine)
        if own is not None:
            for whole, new in zip(own[n], (k, v), strict=True):
                whole[:, :, :, start : start + length] = new
            k, v = (whole[:, :, :, : start + length] for whole in own[n])
        seen = _attended(q, prompts.kept[n], (k, v), padded, later)
        x = x + block.out(seen.transpose(2, 3).flatten(3))
        x = x + block.fed(x)
    return network.norm(x)


def _attended(
    q: Tensor, before: tuple[Tensor, Tensor], own: tuple[Tensor, Tensor], padded: Tensor, later: Tensor
) -> Tensor:
    """Attend to the prompt, which a group's samples share, and to what each has written itself."""
    groups, samples, heads, length, width = q.shape
    q = q * width**-0.5
    together = q.transpose(1, 2).reshape(groups, heads, samples * length, width)
    there = (together @ before[0].transpose(-1, -2)).masked_fill(padded[:, None, None], -torch.inf)
    there = there.view(groups, heads, samples, length, -1).transpose(1, 2)
    here = (q @ own[0].transpose(-1, -2)).masked_fill(later, -torch.inf)
    weights = torch.cat((there, here), dim=-1).softmax(dim=-1)
    shown = weights[..., : there.shape[-1]].transpose(1, 2).reshape(groups, heads, samples * length, -1)
    said = (shown @ before[1]).view(groups, heads, samples, length, width).transpose(1, 2)
    return said + weights[..., there.shape[-1] :] @ own[1]


@torch.no_grad()
def sample(
    network: Network, prompts: Sequence[Sequence[int]], samples: int, most: int, draws: torch.Generator | None
) -> Samples:
    """Draw ``samples`` replies to each prompt of at most ``most`` tokens; the likeliest tokens without ``draws``."""
    told = read(network, prompts)
    count, end, shape = len(prompts), 0, network.shape
    ids, likely = torch.zeros(count, samples, most, dtype=torch.long), torch.zeros(count, samples, most)
    written = torch.zeros(count, samples, most, dtype=torch.bool)
    at, going = torch.arange(count), torch.ones(count, samples, dtype=torch.bool)
    size = (count, samples, shape["heads"], most, shape["hidden"] // shape["heads"])
    own = [(torch.zeros(size), torch.zeros(size)) for _ in network.blocks]
    hidden = told.last[:, None].expand(-1, samples, -1)
    for place in range(most):
        chosen, sure = _drawn(network.logits(hidden), draws)
        ids[at, :, place], likely[at, :, place] = torch.where(going, chosen, end), torch.where(going, sure, 0.0)
        written[at, :, place] = going
        going = going & (chosen != end)
        if place % DROPPED_EVERY == 0 or not going.any():
            left = going.any(dim=1)
            at, going, chosen = at[left], going[left], chosen[left]
            told, own = _left(told, left), [(k[left], v[left]) for k, v in own]
            if not at.numel():
                break
        hidden = continued(network, told, chosen[..., None], place, own)[:, :, 0]
    longest = int(written.sum(-1).max())
    return Samples(ids[..., :longest], likely[..., :longest], written[..., :longest])


def _drawn(scores: Tensor, draws: torch.Generator | None) -> tuple[Tensor, Tensor]:
    """Draw tokens by the cumulative sum of their chances; return them and their log-likelihoods."""
    sure = scores.log_softmax(-1)
    if draws is None:
        chosen = scores.argmax(-1)
    else:
        sums = sure.exp().cumsum(-1)
        at = torch.rand(sums.shape[:-1], generator=draws)[..., None] * sums[..., -1:]
        chosen = (sums < at).sum(-1).clamp(max=scores.shape[-1] - 1)
    return chosen, sure.gather(-1, chosen[..., None])[..., 0]


def _left(told: Prompts, left: Tensor) -> Prompts:
    return Prompts(told.lengths[left], [(k[left], v[left]) for k, v in told.kept], told.last[left])


def likelihoods(network: Network, prompts: Sequence[Sequence[int]], ids: Tensor) -> Tensor:
    """Log-likelihoods of groups x samples x tokens behind their prompts."""
    told = read(network, prompts)
    first = told.last[:, None, None].expand(-1, ids.shape[1], 1, -1)
    hidden = torch.cat((first, continued(network, told, ids[..., :-1], 0)), dim=2) if ids.shape[2] > 1 else first
    return network.logits(hidden).log_softmax(-1).gather(-1, ids[..., None])[..., 0]


def texts(tokenizer: Tokenizer, samples: Samples) -> list[list[str]]:
    """Return the replies, without the token that ends them."""
    counts = samples.written.sum(-1)
    return [
        [
            str(tokenizer.decode(row[:count].tolist(), skip_special_tokens=True))
            for row, count in zip(group, own, strict=True)
        ]
        for group, own in zip(samples.ids, counts.tolist(), strict=True)
    ]


def ended(tokenizer: Tokenizer) -> int:
    """Return the token that ends a reply."""
    return int(tokenizer.token_to_id(END))
