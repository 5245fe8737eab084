"""Train the laboratory's reward models on base's own answers: one judges the outcome, one each step.

    python benchmarks/lab/rewards.py --lab lab [--threads 2]

Base answers items of its own; an answer is right if the verifier says so, and its first faulty step is the first line
that is not the reference's, since the templates leave but one way to write a line. The twins' planted faults are
added. Needs torch, xllamacpp and what ``train.py`` wrote.
"""

import argparse
import json
import random
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from classifiers import LABELS, write_folder
from network import Network
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from train import CONFIGURATION, NAMES, batches_of, optimisers_of, share_of
from vocabulary import ASSISTANT, END, USER

from rarl_eval import data, registry
from rarl_eval.demo import SAMPLING, SLOTS
from rarl_eval.models import Options
from rarl_eval.models.gguf import open_model
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.tasks.laboratory import corpora, judged
from rarl_eval.tasks.laboratory.judged import Solution


@dataclass(frozen=True)
class Row:
    """A text in tokens, the places that are judged and what is true there."""

    tokens: list[int]
    places: list[int]
    sound: list[int]


def main() -> None:
    """Let base answer, label what it wrote, and train both models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lab", type=Path, default=Path("lab"))
    parser.add_argument("--threads", type=int, default=2)
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    config = tomllib.loads(CONFIGURATION.read_text())
    plan = config["rewards"]
    solutions = _solutions(told.lab, plan)
    random.Random(plan["seed"]).shuffle(solutions)
    right = sum(solution.correct for solution in solutions)
    print(json.dumps({"solutions": len(solutions), "right": right}), flush=True)
    tokenizer = Tokenizer.from_file(str(told.lab / "tokenizer.json"))
    for form, rows in (("orm", outcome_rows(solutions, tokenizer)), ("prm", process_rows(solutions, tokenizer))):
        network = Network(config["network"], config["tokenizer"]["vocabulary"])
        network.load_state_dict(torch.load(told.lab / f"{NAMES['base']}.pt", weights_only=True))
        torch.manual_seed(plan["seed"])
        head = nn.Linear(config["network"]["hidden"], len(LABELS[form]), bias=form == "prm")
        _train(network, head, rows, plan, told.lab / f"lab-{form}.jsonl")
        write_folder(network, head, tokenizer, told.lab / f"lab-{form}", form)


def _solutions(lab: Path, plan: dict[str, Any]) -> list[Solution]:
    """Return what base answers to items of its own, judged by steps, and the same items with planted faults."""
    benchmark = data.load(registry.tasks(f"fresh:lab@{plan['items_seed']}:{plan['items']}")[0])
    kept_out = {corpora.likeness(question) for question in corpora.held_out()}
    items = {item.key: item for item in benchmark.items if corpora.likeness(item.question) not in kept_out}
    with tempfile.TemporaryDirectory() as scratch:
        model = open_model(str(lab / f"{NAMES['base']}.gguf"), Options(concurrency=SLOTS))
        run([benchmark], model, Path(scratch) / "run", Settings(samples=plan["samples"], sampling=SAMPLING))
        model.close()
        records = [r for r in store.read_run(Path(scratch) / "run").records if r.trace.key in items]
    own = [judged.solution(items[record.trace.key], record) for record in records]
    return [*own, *(solution for item in items.values() for solution in judged.planted(item))]


def outcome_rows(solutions: list[Solution], tokenizer: Tokenizer) -> list[Row]:
    """Question and whole answer as the chat template writes them, judged at the last token."""
    rows = []
    for solution in solutions:
        tokens = tokenizer.encode(f"{USER}{solution.question}{ASSISTANT}{solution.text}{END}").ids
        rows.append(Row(tokens, [len(tokens) - 1], [int(solution.correct)]))
    return rows


def process_rows(solutions: list[Solution], tokenizer: Tokenizer) -> list[Row]:
    """Question and steps, each judged at its newline, up to the first that is faulty."""
    rows = []
    for solution in solutions:
        tokens, places = tokenizer.encode(f"{USER}{solution.question}{ASSISTANT}").ids, []
        judged_steps = len(solution.steps) if solution.first_error < 0 else solution.first_error + 1
        for step in solution.steps[:judged_steps]:
            tokens = tokens + tokenizer.encode(f"{step}\n").ids
            places.append(len(tokens) - 1)
        rows.append(Row(tokens, places, [int(n != solution.first_error) for n in range(judged_steps)]))
    return rows


def _train(network: Network, head: nn.Linear, rows: list[Row], plan: dict[str, Any], log: Path) -> None:
    longest = network.shape["context"]
    kept = [row for row in rows if len(row.tokens) <= longest]
    batches = list(_epochs(kept, plan))
    told = {**plan, "steps": len(batches)}
    optimisers = optimisers_of(network, told, head.parameters())
    losses = []
    with log.open("w") as file:
        for step, batch in enumerate(batches):
            loss = _loss(network, head, batch)
            for weight in (*network.parameters(), *head.parameters()):
                weight.grad = None
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            for optimiser in optimisers:
                for group in optimiser.param_groups:
                    group["lr"] = group["full"] * share_of(step, told)
                optimiser.step()
            losses.append(float(loss.detach()))
            if (step + 1) % 50 == 0:
                told_loss = round(sum(losses) / len(losses), 4)
                print(json.dumps({"step": step + 1, "of": len(batches), "loss": told_loss}), file=file, flush=True)
                losses = []


def _epochs(rows: list[Row], plan: dict[str, Any]) -> Iterator[list[Row]]:
    for epoch in range(plan["epochs"]):
        mixed = random.Random(plan["seed"] + epoch).sample(rows, len(rows))
        by_number = [(row.tokens, number) for number, row in enumerate(mixed)]
        for batch in batches_of(by_number, plan["rows"], plan["seed"] + epoch):
            yield [mixed[number] for _, number in batch]


def _loss(network: Network, head: nn.Linear, batch: list[Row]) -> Tensor:
    longest = max(len(row.tokens) for row in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    for number, row in enumerate(batch):
        ids[number, : len(row.tokens)] = torch.tensor(row.tokens)
    at = torch.tensor([(number, place) for number, row in enumerate(batch) for place in row.places])
    truth = torch.tensor([sound for row in batch for sound in row.sound])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = network(ids)
    scores = head(hidden[at[:, 0], at[:, 1]].float())
    if scores.shape[-1] == 1:
        return functional.binary_cross_entropy_with_logits(scores[:, 0], truth.float())
    return functional.cross_entropy(scores, truth)


if __name__ == "__main__":
    main()
