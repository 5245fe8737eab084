"""Compare the GGUF files with the networks they were written from: greedy text on the 200 items of the test set.

python benchmarks/lab/check.py --lab lab [--items 200]
"""

import argparse
import tomllib
from pathlib import Path

import torch
from network import Network, turned
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from train import CONFIGURATION
from vocabulary import END, chat

from rarl_eval.models import Options, Request, Sampling
from rarl_eval.models.gguf import open_model
from rarl_eval.tasks.laboratory import asked, corpora
from rarl_eval.types import Message

MOST_TOKENS = 300


def main() -> None:
    """Print, for each model, how many texts are the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lab", type=Path, default=Path("lab"))
    parser.add_argument("--items", type=int, default=200)
    told = parser.parse_args()
    torch.set_num_threads(1)
    prompts = [asked(item.draft.question, brief=False) for item in corpora.test_items()][: told.items]
    for path in sorted(told.lab.glob("lab-*.gguf")):
        here, there = _torch(told.lab, path.stem, prompts), _llama(path, prompts)
        same = sum(one == other for one, other in zip(here, there, strict=True))
        print(f"{path.name}: greedy text of torch and llama.cpp the same for {same} of {len(prompts)}", flush=True)


def _llama(path: Path, prompts: list[str]) -> list[str]:
    model = open_model(str(path), Options(concurrency=1))
    sampling = Sampling(temperature=0.0, max_tokens=MOST_TOKENS)
    requests = [
        Request(task="", key=str(n), item_id="", sample=0, messages=(Message("user", text),), sampling=sampling, seed=0)
        for n, text in enumerate(prompts)
    ]
    texts = {int(done.request.key): done.text for done in model.generate(requests)}
    model.close()
    return [texts[n] for n in range(len(prompts))]


@torch.no_grad()
def _torch(lab: Path, name: str, prompts: list[str]) -> list[str]:
    config = tomllib.loads(CONFIGURATION.read_text())
    network = Network(config["network"], config["tokenizer"]["vocabulary"])
    network.load_state_dict(torch.load(lab / f"{name}.pt", weights_only=True))
    for weight in network.parameters():
        if weight.dim() > 1:
            weight.copy_(weight.half().float())
    tokenizer = Tokenizer.from_file(str(lab / "tokenizer.json"))
    return [_greedy(network, tokenizer, text) for text in prompts]


def _greedy(network: Network, tokenizer: Tokenizer, text: str) -> str:
    end, ids = tokenizer.token_to_id(END), tokenizer.encode(chat(text)).ids
    kept: list[tuple[Tensor, Tensor] | None] = [None] * len(network.blocks)
    new, written = torch.tensor([ids]), []
    for _ in range(MOST_TOKENS):
        hidden = _seen(network, new, kept)
        token = int(network.logits(hidden[0, -1]).argmax())
        if token == end:
            break
        written.append(token)
        new = torch.tensor([[token]])
    return str(tokenizer.decode(written))


def _seen(network: Network, ids: Tensor, kept: list[tuple[Tensor, Tensor] | None]) -> Tensor:
    """Run the blocks on new tokens alone; keys and values of those before are kept."""
    x = network.embed(ids)
    for n, block in enumerate(network.blocks):
        before = kept[n]
        start = before[0].shape[2] if before else 0
        places = slice(start, start + ids.shape[1])
        q, k, v = block.split(block.before(x))
        q, k = (turned(part, network.cosine[places], network.sine[places]) for part in (q, k))
        if before:
            k, v = torch.cat((before[0], k), dim=2), torch.cat((before[1], v), dim=2)
        kept[n] = (k, v)
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=start == 0)
        x = x + block.out(seen.transpose(1, 2).flatten(2))
        x = x + block.fed(x)
    return network.norm(x)


if __name__ == "__main__":
    main()
