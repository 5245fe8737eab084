"""A score that is missing is missing everywhere: what failed, was not read or has no row is in no figure."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import pytest
from server import Reply, serving

from rarl_eval.preference import Answer, Example, Figure
from rarl_eval.preference.metrics import figures

Cli = Callable[..., subprocess.CompletedProcess[str]]
PAIRS = 4


def said(text: str) -> Reply:
    body = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def dying(after: int, answer: Callable[[dict], Reply]) -> Callable[[dict], Reply]:
    """A judge that answers so many calls and refuses the rest."""
    lock, count = Lock(), [0]

    def reply(body: dict) -> Reply:
        with lock:
            count[0] += 1
            alive = count[0] <= after
        return answer(body) if alive else (400, {}, b"gone")

    return reply


def longer(body: dict) -> Reply:
    """Prefers the longer response, whatever the order."""
    prompt = body["messages"][-1]["content"]
    one, two = (re.search(rf"<response-{s}-(\w+)>\n(.*?)\n</response-{s}-\1>", prompt, re.DOTALL)[2] for s in "AB")
    return said(f"Verdict: {'A' if len(one) > len(two) else 'B'}")


def pairs(folder: Path) -> Path:
    """Four pairs, the first and the third of which the longer response wins."""
    rows = [
        {"input": f"q{n}", "output_1": "long " * (n + 2), "output_2": "short", "label": 1 + n % 2} for n in range(PAIRS)
    ]
    path = folder / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def values(found: list[dict]) -> dict[tuple[str, str], float | None]:
    return {(f["metric"], f["subset"]): f["value"] and f["value"]["value"] for f in found}


@pytest.mark.parametrize("made", [0, 1, PAIRS, 2 * PAIRS - 1])
def test_a_judge_that_dies_gives_the_figures_of_the_calls_that_were_made(cli: Cli, tmp_path: Path, made: int) -> None:
    """After k of n calls: each figure is over the pairs that have what it needs, the rest is counted, the exit code 1."""
    with serving(dying(made, longer)) as server:
        done = cli(
            "rewardbench", "-d", pairs(tmp_path), "-w", "pairwise:openai:j", "--base-url", server.url, "--retries", "0",
            "--concurrency", "1", "--no-cache", "--json",
        )  # fmt: skip
    assert done.returncode == 1
    result = json.loads(done.stdout)["results"][0]
    assert (result["calls"], result["failed"], result["unread"]) == (2 * PAIRS, 2 * PAIRS - made, 0)
    assert result["missing"] == PAIRS - made // 2
    assert f"{2 * PAIRS - made} of {2 * PAIRS} judge calls failed; the first: HTTP 400: gone" in done.stderr
    right = [n % 2 == 0 for n in range(PAIRS)]
    whole, given = right[: made // 2], right[: (made + 1) // 2]
    found = values(result["figures"])
    assert found["accuracy", "micro"] == (sum(whole) / len(whole) if whole else None)
    assert found["accuracy, as given", "micro"] == (sum(given) / len(given) if given else None)
    assert found["agreement", "micro"] == (1.0 if whole else None)
    left = {f["metric"]: (f["n"], f["left_out"]) for f in result["figures"]}
    assert left["accuracy"] == (len(whole), PAIRS - len(whole))
    assert ("nothing was measured" in done.stderr) == (made == 0)


def test_a_cap_on_calls_is_told_as_calls_that_were_not_made(cli: Cli, tmp_path: Path) -> None:
    """Two of eight calls are allowed: one pair has an answer, and six calls are missing with the reason."""
    with serving(longer) as server:
        done = cli(
            "rewardbench", "-d", pairs(tmp_path), "-w", "pairwise:openai:j", "--base-url", server.url, "--max-calls", "2",
            "--json",
        )  # fmt: skip
    result = json.loads(done.stdout)["results"][0]
    assert (done.returncode, result["failed"], result["missing"]) == (1, 6, 3)
    assert "not asked: the cap of 2 calls is reached" in done.stderr


def test_replies_that_are_not_read_are_no_wrong_answers(cli: Cli, tmp_path: Path) -> None:
    """A judge that never gives a verdict measures nothing: no figure, every reply counted, exit code 1."""
    with serving(lambda body: said("Hard to say.")) as server:
        done = cli("rewardbench", "-d", pairs(tmp_path), "-w", "pairwise:openai:j", "--base-url", server.url, "--json")
    result = json.loads(done.stdout)["results"][0]
    assert (done.returncode, result["failed"], result["unread"], result["missing"]) == (1, 0, 8, 4)
    assert {f["value"] for f in result["figures"]} == {None}


def test_lists_of_step_scores_need_no_sample(cli: Cli, tmp_path: Path) -> None:
    """One list a row is the scores of the one solution's steps; a solution without a row is told and left out."""
    rows = [
        {"id": f"p-{n}", "problem": "q", "steps": ["a", "b", "c"], "label": label} for n, label in enumerate((1, -1, 2))
    ]
    scores = [{"id": "p-0", "validity": [0.9, 0.1, 0.9]}, {"id": "p-1", "validity": [0.9, 0.8, 0.7]}]
    data, scored = tmp_path / "data.jsonl", tmp_path / "scores.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    scored.write_text("".join(json.dumps(row) + "\n" for row in scores))
    done = cli("rewardbench", "-d", data, "-w", f"recorded:{scored}#validity", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)["results"][0]
    assert (result["unmatched"], result["missing"]) == (1, 1)
    assert values(result["figures"])["F1", "p"] == 1.0
    assert "1 responses have no row of scores" in done.stderr


LAYOUTS = (
    "rewardbench",
    "rewardbench2",
    "rm-bench",
    "judgebench",
    "llmbar",
    "ppe",
    "processbench",
    "prmbench",
    "mr-ben",
)


def _example(layout: str) -> Example:
    if layout in {"processbench", "prmbench", "mr-ben"}:
        return Example(
            id="1", subset="s", prompt="p", responses=("a",), steps=("a", "b"), faults=(1,), correct=False,
        )  # fmt: skip
    n = 6 if layout == "rm-bench" else 2
    good = tuple(i < n // 2 for i in range(n))
    return Example(id="1", subset="s", prompt="p", responses=("a",) * n, good=good, pairs=((0, n - 1),))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_benchmark_over_nothing_has_no_figure(layout: str) -> None:
    """No layout makes a number of examples that nothing answered."""
    example = _example(layout)
    found: list[Figure] = figures(layout, [example], [Answer(scores=(None,) * len(example.responses))])  # type: ignore[arg-type]
    assert found
    assert [f for f in found if f.value is not None or f.n] == []
