"""A Llama of 0.85 million parameters in plain torch, with rotary positions, RMS norms and tied embeddings."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Network(nn.Module):
    """Token ids in, hidden states out; ``logits`` turns those wanted into scores."""

    def __init__(self, shape: dict[str, Any], vocabulary: int) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(vocabulary, shape["hidden"])
        self.blocks = nn.ModuleList(_Block(shape) for _ in range(shape["layers"]))
        self.norm = nn.RMSNorm(shape["hidden"], eps=shape["norm_epsilon"])
        cosine, sine = _rotation(shape)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                narrow = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(weight, std=0.05 / (2 * shape["layers"]) ** 0.5 if narrow else 0.05)

    def forward(self, ids: Tensor) -> Tensor:
        """Rows x positions of ids to rows x positions x hidden; positions attend to what is before them."""
        length = ids.shape[1]
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, self.cosine[:length], self.sine[:length])
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of the next token; the embedding serves as output, too."""
        return functional.linear(hidden, self.embed.weight)


class _Block(nn.Module):
    def __init__(self, shape: dict[str, Any]) -> None:
        super().__init__()
        hidden, wide = shape["hidden"], shape["feed_forward"]
        self.heads = shape["heads"]
        self.before, self.between = (nn.RMSNorm(hidden, eps=shape["norm_epsilon"]) for _ in range(2))
        self.qkv = nn.Linear(hidden, 3 * hidden, bias=False)
        self.out = nn.Linear(hidden, hidden, bias=False)
        self.gate_up = nn.Linear(hidden, 2 * wide, bias=False)
        self.down = nn.Linear(wide, hidden, bias=False)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        q, k, v = self.split(self.before(x))
        seen = _attended(turned(q, cosine, sine), turned(k, cosine, sine), v)
        x = x + self.out(seen.transpose(1, 2).flatten(2))
        return x + self.fed(x)

    def split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values: rows x heads x positions x width of a head."""
        rows, length, _ = x.shape
        q, k, v = self.qkv(x).view(rows, length, 3 * self.heads, -1).transpose(1, 2).chunk(3, dim=1)
        return q, k, v

    def fed(self, x: Tensor) -> Tensor:
        """Return what the feed-forward part adds."""
        gate, up = self.gate_up(self.between(x)).chunk(2, dim=-1)
        return self.down(functional.silu(gate) * up)


def _rotation(shape: dict[str, Any]) -> tuple[Tensor, Tensor]:
    half = shape["hidden"] // shape["heads"] // 2
    frequencies = shape["rope_base"] ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.outer(torch.arange(shape["context"], dtype=torch.float64), frequencies)
    both = torch.cat((angles, angles), dim=-1)
    return both.cos().float(), both.sin().float()


def _attended(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention in three plain products: on a CPU, faster than torch's fused kernel at this size."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return scores.masked_fill(later, -torch.inf).softmax(dim=-1, dtype=scores.dtype) @ v


def turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn the halves of each head against each other by the angles of their positions."""
    one, two = x.chunk(2, dim=-1)
    return x * cosine + torch.cat((-two, one), dim=-1) * sine
