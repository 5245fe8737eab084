"""A judge that dies after k of n calls gives the figures of the calls that were made, and exit code 1, everywhere."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from reward_runs import make_run
from server import Reply, serving

from rarl_eval.runs import store

Cli = Callable[..., subprocess.CompletedProcess[str]]
CALLS = 8
DEATHS = (0, 1, CALLS // 2, CALLS - 1)
CASES = Path(__file__).parents[1] / "tasks" / "fixtures" / "medcasereasoning.jsonl"
ONE_AT_A_TIME = ("--retries", "0", "--concurrency", "1", "--no-cache")


def said(text: str) -> Reply:
    body = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def dying(after: int, answer: Callable[[dict[str, Any]], Reply]) -> Callable[[dict[str, Any]], Reply]:
    """A judge that answers so many calls and refuses the rest."""
    lock, count = Lock(), [0]

    def reply(body: dict[str, Any]) -> Reply:
        with lock:
            count[0] += 1
            alive = count[0] <= after
        return answer(body) if alive else (400, {}, b"gone")

    return reply


def knowing(body: dict[str, Any]) -> Reply:
    """Right about every answer: the wrong ones are -7, or of a snake."""
    prompt = body["messages"][-1]["content"]
    text = re.search(r"<response-(\w+)>\n(.*?)\n</response-\1>", prompt, re.DOTALL)
    wrong = text is None or "-7" in text[2] or "snake" in text[2]
    return said(f"Verdict: {'incorrect' if wrong else 'correct'}")


@pytest.mark.parametrize("made", DEATHS)
def test_a_reward_is_measured_over_the_calls_that_were_made(cli: Cli, tmp_path: Path, made: int) -> None:
    """reward: k of 8 traces have a score; agree counts those alone, and over none it has no figure."""
    run = make_run(tmp_path / "run", items=4, samples=2)
    with serving(dying(made, knowing)) as server:
        done = cli("reward", "-r", run, "-w", "pointwise:openai:j", "--base-url", server.url, *ONE_AT_A_TIME)
    assert done.returncode == 1, done.stderr
    scores = [r.score for record in store.read_run(run).records for r in record.rewards if r.name == "pointwise:j"]
    assert (len(scores) - scores.count(None), scores.count(None)) == (made, CALLS - made)
    cli("agree", "-r", run, "-o", tmp_path / "agreement", "--replicates", "100")
    rewards = json.loads((tmp_path / "agreement" / "agreement.json").read_text())["rewards"]
    found = next(entry["all"] for entry in rewards if entry["reward"] == "pointwise:j")
    assert (found["n"], found["missing"]) == (made, CALLS - made)
    assert (found["accuracy"] and found["accuracy"]["value"]) == (1.0 if made else None)


@pytest.mark.parametrize("made", DEATHS)
@pytest.mark.parametrize("command", ["run", "score"])
def test_an_accuracy_is_of_the_answers_that_were_judged(cli: Cli, tmp_path: Path, command: str, made: int) -> None:
    """run and score: of 8 free answers k are judged, by turns right and wrong; the others are in no denominator."""
    texts = ["It is Sporotrichosis.", "It is a snake bite."] * (CALLS // 2)
    rows = [{"id": "0", "text": f"Case {n}. {text}", "sample": n} for n, text in enumerate(texts)]
    outputs, run = tmp_path / "outputs.jsonl", tmp_path / "run"
    outputs.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = ("-t", "medcasereasoning", "--source", f"medcasereasoning={CASES}", "-o", run)
    first = {
        "run": ("run", "-m", f"replay:{outputs}", "-k", str(CALLS)),
        "score": ("score", outputs, "--trust-ids"),
    }[command]
    with serving(dying(made, knowing)) as server:
        done = cli(*first, *source, "--judge", "openai:j", "--judge-base-url", server.url)
    assert done.returncode == 1, done.stderr
    statuses = [record.verdict.status for record in store.read_run(run).records if record.verdict]
    assert statuses.count("unjudged") == CALLS - made
    assert statuses.count("correct") + statuses.count("incorrect") == made
    cli("report", "--run", run, "-o", tmp_path / "report")
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert (row["traces"], row["unjudged"]) == (made, CALLS - made)
    right = statuses.count("correct")
    assert (row["accuracy"] and row["accuracy"]["value"]) == (pytest.approx(right / made) if made else None)
