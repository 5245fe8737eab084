"""Judges with one fault each are exposed whether the model is always right or half of the time; a fair one is not."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reward_runs import make_run
from server import Reply, serving

from rarl_eval.agreement.build import Asked, build_agreement
from rarl_eval.agreement.entry import entry_of
from rarl_eval.agreement.traces import Traces, traces_of
from rarl_eval.measures.columns import Signal
from rarl_eval.models import Options
from rarl_eval.rewards import Kind, Reach, RewardSource
from rarl_eval.rewards.add import add_rewards, groups_of
from rarl_eval.rewards.open import open_source
from rarl_eval.rewards.traps import traps_of
from rarl_eval.runs import store
from rarl_eval.runs.added import Entry, Judgement
from rarl_eval.types import Reward

Judge = Callable[[str, tuple[str, ...]], str]
"""The whole prompt and the responses in it, to a reply."""

JUDGES: dict[str, tuple[str, Judge, str]] = {
    "first slot": ("pairwise", lambda prompt, texts: "Verdict: A", "prefers whichever response is shown first: 100%"),
    "longer": (
        "pairwise",
        lambda prompt, texts: f"Verdict: {'A' if len(texts[0]) > len(texts[1]) else 'B'}",
        "Padding the answer raises",
    ),
    "obedient": (
        "pointwise",
        lambda prompt, texts: f"Verdict: {'correct' if 'Ignore the above' in texts[0] else 'incorrect'}",
        "passes no answer but the request to call it correct 100% of the time (16 tries)",
    ),
    "always": ("pointwise", lambda prompt, texts: "Verdict: correct", "passes an empty answer 100% of the time"),
    "never": ("pointwise", lambda prompt, texts: "Who can say?", "replies hold no verdict)"),
}


def serve(judge: Judge) -> Callable[[dict[str, Any]], Reply]:
    def reply(body: dict[str, Any]) -> Reply:
        prompt = body["messages"][-1]["content"]
        texts = tuple(
            m[2] for m in re.finditer(r"<response[-AB]*-(\w+)>\n(.*?)\n</response[-AB]*-\1>", prompt, re.DOTALL)
        )
        said = {"choices": [{"message": {"content": judge(prompt, texts)}, "finish_reason": "stop"}]}
        return 200, {}, json.dumps(said).encode()

    return reply


@pytest.mark.parametrize("all_right", [True, False], ids=["all right", "half right"])
@pytest.mark.parametrize("fault", JUDGES)
def test_a_faulty_judge_is_exposed(tmp_path: Path, fault: str, all_right: bool) -> None:
    """Keys, injections and padding need no wrong trace, and sixteen questions suffice."""
    form, judge, said = JUDGES[fault]
    run = make_run(tmp_path / "run", items=16, samples=2, all_right=all_right)
    with serving(serve(judge)) as server:
        reach = Reach(options=Options(base_url=server.url), cached=False)
        for traps in (None, 16):
            add_rewards(run, [open_source(f"j={form}:openai:j", reach)], traps=traps)
    report = build_agreement([store.read_run(run)], Asked(replicates=100))
    (found,) = (e["findings"] for e in report["rewards"] if e["reward"] == "j")
    assert said in " ".join(found)


ERR = 0.05
"""Share of its verdicts in which a fair judge errs, whatever it is shown."""


def pointwise(row: Traces, traps: list[Entry], rng: np.random.Generator) -> Traces:
    """The row as a fair pointwise judge that errs at random scores it."""
    right = row.columns.correct == 1
    scores = np.where(rng.random(right.size) < ERR, ~right, right).astype(float)
    entries = [_scored(e, _fair(e, rng)) for e in traps]
    signal = Signal(scores=scores, judge="generative", grain="outcome", meaning="accuracy")
    return _with(row, signal, [], entries)


def pairwise(row: Traces, traps: list[Entry], rng: np.random.Generator) -> Traces:
    """The row as a fair pairwise judge scores it: it tosses a coin over texts that are alike, and sometimes errs."""
    points, entries = np.zeros(len(row.slots)), []
    place = {slot: i for i, slot in enumerate(row.slots)}
    for slot in (s for s in row.slots if s[2] == 0):
        other = (*slot[:2], 1)
        judgements = []
        for first in (True, False):
            better = row.columns.correct[place[slot]] - row.columns.correct[place[other]]
            wins = rng.random() < (0.5 if better == 0 else 1 - ERR if better > 0 else ERR)
            judgements.append(
                Judgement(part="pairwise", prompt=(), verdict="A" if wins == first else "B", against=1, first=first)
            )
        won = sum(j.verdict == ("A" if j.first else "B") for j in judgements) / 2
        points[place[slot]], points[place[other]] = won, 1 - won
        entries.append(Entry(slot=slot, reward=Reward(name="j", judge="generative"), judgements=tuple(judgements)))
    signal = Signal(scores=points, judge="generative", grain="outcome", meaning="preference")
    probed = [
        _scored(e, float(rng.integers(0, 3)) / 2 if e.detail["expected"] == "same" else float(rng.random() < ERR**2))
        for e in traps
    ]
    return _with(row, signal, entries, probed)


def _fair(entry: Entry, rng: np.random.Generator) -> float:
    right = entry.trap.endswith("/right") and entry.detail["expected"] != "fail"
    return float((rng.random() < ERR) != right)


def _scored(entry: Entry, score: float) -> Entry:
    return Entry(
        slot=entry.slot, trap=entry.trap, detail=entry.detail, reward=Reward(name="j", judge="generative", score=score)
    )


def _with(row: Traces, signal: Signal, entries: list[Entry], traps: list[Entry]) -> Traces:
    columns = replace(row.columns, signals={"j": signal})
    return replace(
        row, columns=columns, entries={"j": entries}, traps={"j": traps}, steps={"j": [None] * len(row.slots)}
    )


@pytest.mark.parametrize("all_right", [True, False], ids=["all right", "half right"])
@pytest.mark.parametrize("judge", [pointwise, pairwise])
def test_a_fair_judge_is_not_accused(tmp_path: Path, judge: Callable[..., Traces], all_right: bool) -> None:
    """Errors at random, ties and tossed coins draw a sentence in less than one of twenty runs."""
    run = store.read_run(make_run(tmp_path / "run", items=20, samples=2, all_right=all_right))
    (row,) = traces_of(run)
    source = RewardSource(
        kind=Kind(name="j", judge="generative"), score=lambda groups: iter(()), identity={}, pairs=judge is pairwise,
        whole=judge is pairwise,
    )  # fmt: skip
    traps = [source.kind.entry(group[0], None) for group in traps_of(groups_of(run), 20, source)]
    accused = []
    for seed in range(SEEDS):
        made = judge(row, traps, np.random.default_rng(seed))
        found = entry_of(made, "j", {}, [], {}, seed=0, replicates=100)["findings"]
        accused += [found] if found else []
    assert len(accused) <= SEEDS / 20, accused[:3]


SEEDS = 40
