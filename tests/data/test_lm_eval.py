"""Tasks of lm-eval by name: what is said where it is not installed, and the columns around another harness's score."""

import builtins
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import registry
from rarl_eval.data.lm_eval_opened import opened
from rarl_eval.errors import NotInstalled
from rarl_eval.report.build import build_report
from rarl_eval.runs import store
from rarl_eval.runs.writer import Writer
from rarl_eval.types import Benchmark, Item, Message, Record, Reward, Source, Task, Tokens, Trace, Verdict

Cli = Callable[..., subprocess.CompletedProcess[str]]


def test_a_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without lm-eval the pip line is named."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "lm_eval":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    opened.cache_clear()
    with pytest.raises(
        NotInstalled, match=r"lm-eval:gsm8k needs, is not installed; run: pip install 'rarl-eval\[lm-eval\]'"
    ):
        registry.tasks("lm-eval:gsm8k")


def written(path: Path, scores: list[float], *, judged: bool) -> Path:
    """A run of a task that scores itself, as run.judge writes it."""
    task = Task(
        name="lm-eval:made",
        domain="general",
        source=Source(path="made", split="test", licence="unknown", released=None),
        item=lambda _: None,
        verify=lambda _, __: Verdict(status="unjudged"),
        prompt=lambda _: [Message(role="user", content="?")],
        paper="https://example.org",
    )
    items = tuple(Item(id=str(n), question=f"Question {n}?", gold="x") for n in range(len(scores)))
    benchmark = Benchmark(task=task, items=items, origin="made", revision=None, fingerprint="f")
    told = {"domain": "general", "version": 1, "fingerprint": "f", "prompt_style": {"name": "cot", "version": 1}}
    store.create(path, {"kind": "run", "model": {"name": "m"}, "tasks": {task.name: told}}, [benchmark])
    with Writer(path) as writer:
        for n, (item, score) in enumerate(zip(items, scores, strict=True)):
            status = ("correct" if score == 1 else "incorrect") if judged else "unjudged"
            writer.add(
                Record(
                    trace=Trace(key=item.key, task=task.name, item_id=item.id, model="m", text="a" * (n + 1),
                                answer="a", tokens=Tokens(completion=10 * (n + 1), counted_by="server")),
                    verdict=Verdict(status=status, judge="score:rouge,none" if judged else None),
                    rewards=(Reward(name="score:rouge,none", judge="rule", score=score),),
                )
            )  # fmt: skip
    return path


def test_a_score_between_right_and_wrong_has_its_own_table(tmp_path: Path) -> None:
    """The mean with its interval, and lengths of answers that are neither right nor wrong."""
    (row,) = build_report([store.read_run(written(tmp_path / "run", [0.2, 0.4, 0.9], judged=False))])["rows"]
    (score,) = row["scores"]
    assert (score["name"], score["n"], score["mean"]["value"]) == ("rouge,none", 3, 0.5)
    assert score["mean"]["low"] < 0.5 < score["mean"]["high"]
    assert (row["n"], row["traces"], row["unjudged"], row["accuracy"]) == (0, 0, 3, None)
    length = row["length"]
    assert (length["unit"], length["n"], length["median"], length["mean"]["value"]) == ("tokens", 3, 20.0, 20.0)
    assert (length["median_correct"], length["per_correct"], length["delta"]) == (None, None, None)


def test_a_score_that_is_the_verdict_is_not_held_against_itself(tmp_path: Path) -> None:
    """Accuracy is the score's mean, and the score is no reward that agrees with it."""
    (row,) = build_report([store.read_run(written(tmp_path / "run", [1.0, 0.0, 1.0], judged=True))])["rows"]
    assert row["accuracy"]["value"] == pytest.approx(2 / 3)
    assert row["scores"][0]["mean"]["value"] == pytest.approx(2 / 3)
    assert row["agreement"] == []


def test_report_and_site_show_own_scores(cli: Cli, tmp_path: Path) -> None:
    """Both are written from a run without a single judged trace."""
    run = written(tmp_path / "run", [0.25, 0.5], judged=False)
    done = cli("report", "--run", run, "--full", "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    assert "rouge,none" in done.stdout
    assert json.loads((tmp_path / "report" / "report.json").read_text())["rows"][0]["scores"][0]["n"] == 2
    assert cli("site", "--report", tmp_path / "report", "-o", tmp_path / "site").returncode == 0
