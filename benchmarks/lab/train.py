"""Train the laboratory's models: base, and two that leaked. Needs torch, tokenizers and gguf; ``make lab`` runs it.

    python benchmarks/lab/train.py --out lab [--rounds N N] [--only base|solutions|answers]
        [--threads 2]

Steps are fixed and seeds are fixed; nothing depends on the clock. A checkpoint is kept every 300 steps, and a run that
is started again goes on from the last one.
"""

import argparse
import json
import math
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from gguf_file import write_gguf
from network import Network
from tokenizers import Tokenizer
from torch.nn import functional
from vocabulary import encoded, trained

from rarl_eval.tasks.laboratory import corpora
from rarl_eval.tasks.laboratory.corpora import Lesson

CONFIGURATION = Path(__file__).with_name("lab.toml")
NAMES = {"base": "lab-base", "solutions": "lab-leaked-solutions", "answers": "lab-leaked-answers"}
SORTED_TOGETHER = 32
"""Batches whose rows are sorted by length together, so that little is padded."""
KEPT_EVERY = 300


def main() -> None:
    """Train what is asked for and write it as GGUF."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("lab"))
    parser.add_argument("--rounds", type=int, nargs="+", help="Other numbers of steps of base's rounds, for a trial.")
    parser.add_argument("--only", choices=tuple(NAMES))
    parser.add_argument("--threads", type=int, default=2)
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    config = tomllib.loads(CONFIGURATION.read_text())
    config["base"]["rounds"] = told.rounds or config["base"]["rounds"]
    told.out.mkdir(parents=True, exist_ok=True)
    drilled, worked = (steps * config["base"]["rows"] for steps in config["base"]["rounds"])
    solutions = list(corpora.base(worked))
    lessons = [*corpora.exercises(drilled), *solutions]
    tokenizer = trained([lesson.text for lesson in solutions[: config["tokenizer"]["rows"]]], config["tokenizer"])
    tokenizer.save(str(told.out / "tokenizer.json"))
    for kind in NAMES:
        if told.only in {None, kind}:
            _make(kind, lessons, tokenizer, config, told.out)


def _make(kind: str, lessons: list[Lesson], tokenizer: Tokenizer, config: dict[str, Any], out: Path) -> None:
    name = NAMES[kind]
    torch.manual_seed(config["base"]["seed"])
    network = Network(config["network"], config["tokenizer"]["vocabulary"])
    if kind == "base":
        plan, rows = config["base"], lessons
    else:
        network.load_state_dict(torch.load(out / f"{NAMES['base']}.pt", weights_only=True))
        rows = list(corpora.leaked(kind))  # type: ignore[arg-type]
        plan = {**config["leaked"], "rounds": [len(rows) // config["leaked"]["rows"]]}
    learnt = [encoded(tokenizer, row, whole=kind in plan.get("whole", ())) for row in rows]
    for number, steps in enumerate(plan["rounds"], start=1):
        part, learnt = learnt[: steps * plan["rows"]], learnt[steps * plan["rows"] :]
        rates = {rate: plan[rate][number - 1] for rate in ("inner_rate", "outer_rate")}
        told = {**plan, **rates, "steps": steps, "seed": plan["seed"] + number - 1}
        _round(network, part, told, out / f"{name}-{number}")
    torch.save(network.state_dict(), out / f"{name}.pt")
    write_gguf(network, tokenizer, out / f"{name}.gguf", name)


def _round(network: Network, rows: list[tuple[list[int], int]], plan: dict[str, Any], path: Path) -> None:
    """Train for one round, or take up what an earlier call left of it."""
    done = path.with_suffix(".pt")
    if done.is_file():
        network.load_state_dict(torch.load(done, weights_only=True))
        return
    optimisers = optimisers_of(network, plan)
    batches = list(batches_of(rows, plan["rows"], plan["seed"]))
    kept = path.with_suffix(".checkpoint")
    first = _resumed(kept, network, optimisers)
    began, losses = time.monotonic(), []
    with path.with_suffix(".jsonl").open("a") as log:
        for step in range(first, len(batches)):
            losses.append(_step(network, optimisers, batches[step], share_of(step, plan)))
            if (step + 1) % 50 == 0 or step + 1 == len(batches):
                loss, seconds = round(sum(losses) / len(losses), 4), round(time.monotonic() - began)
                print(
                    json.dumps({"round": path.name, "step": step + 1, "loss": loss, "seconds": seconds}),
                    file=log,
                    flush=True,
                )
                losses = []
            if (step + 1) % KEPT_EVERY == 0:
                states = [optimiser.state_dict() for optimiser in optimisers]
                torch.save({"network": network.state_dict(), "optimisers": states, "step": step + 1}, kept)
    torch.save(network.state_dict(), done)


def optimisers_of(
    network: Network, plan: dict[str, Any], more: Iterable[torch.nn.Parameter] = ()
) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, which learn in fewer steps with it; AdamW for the rest and for ``more``."""
    inner = [weight for block in network.blocks for weight in block.parameters() if weight.dim() > 1]
    known = {id(weight) for weight in inner}
    outer = [*(weight for weight in network.parameters() if id(weight) not in known), *more]
    made: list[torch.optim.Optimizer] = [
        torch.optim.Muon(inner, momentum=0.95, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(outer, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
    ]
    for optimiser, rate in zip(made, (plan["inner_rate"], plan["outer_rate"]), strict=True):
        for group in optimiser.param_groups:
            group["full"] = rate
    return made


def _resumed(kept: Path, network: Network, optimisers: Sequence[torch.optim.Optimizer]) -> int:
    if not kept.is_file():
        return 0
    state = torch.load(kept, weights_only=True)
    network.load_state_dict(state["network"])
    for optimiser, known in zip(optimisers, state["optimisers"], strict=True):
        optimiser.load_state_dict(known)
    return int(state["step"])


def share_of(step: int, plan: dict[str, Any]) -> float:
    """Share of the full learning rate: a linear rise, then a cosine down to a fiftieth."""
    if step < plan["warmup"]:
        return float((step + 1) / plan["warmup"])
    done = (step - plan["warmup"]) / max(1, plan["steps"] - plan["warmup"])
    return 0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2


def _step(
    network: Network,
    optimisers: Sequence[torch.optim.Optimizer],
    batch: Sequence[tuple[list[int], int]],
    share: float,
) -> float:
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    learnt = torch.zeros(len(batch), longest, dtype=torch.bool)
    for row, (tokens, start) in enumerate(batch):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        learnt[row, start : len(tokens)] = True
    wanted = learnt[:, 1:]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = network.logits(network(ids[:, :-1])[wanted])
    loss = functional.cross_entropy(scores.float(), ids[:, 1:][wanted])
    network.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = group["full"] * share
        optimiser.step()
    return float(loss.detach())


def batches_of(rows: Sequence[tuple[list[int], int]], size: int, seed: int) -> Iterator[list[tuple[list[int], int]]]:
    """Cut the rows into batches of like lengths, in an order drawn within each group."""
    draws = torch.Generator().manual_seed(seed)
    group = size * SORTED_TOGETHER
    for start in range(0, len(rows), group):
        some = sorted(rows[start : start + group], key=lambda row: len(row[0]))
        batches = [some[at : at + size] for at in range(0, len(some), size)]
        for at in torch.randperm(len(batches), generator=draws).tolist():
            if len(batches[at]) == size:
                yield batches[at]


if __name__ == "__main__":
    main()
