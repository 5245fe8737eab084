"""`rarl-eval rewardbench` as a user meets it: a judge over a server, figures as JSON, errors as one sentence."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from server import Reply, serving

Cli = Callable[..., subprocess.CompletedProcess[str]]


def first_slot(body: dict) -> Reply:
    """Prefers the response shown first, unless the other is in capitals."""
    prompt = body["messages"][-1]["content"]
    second = re.search(r"<response-B-(\w+)>\n(.*?)\n</response-B-\1>", prompt, re.DOTALL)[2]
    reply = {
        "choices": [{"message": {"content": f"Verdict: {'B' if second.isupper() else 'A'}"}, "finish_reason": "stop"}]
    }
    return 200, {}, json.dumps(reply).encode()


def test_a_judges_position_bias_shows_on_judgebench(cli: Cli, tmp_path: Path) -> None:
    """Two pairs it knows and two it does not: half right in both orders, the rest undone by the exchange."""
    rows = [
        {"pair_id": str(n), "source": s, "question": "q", "response_A": a, "response_B": f"b{n}", "label": "A>B"}
        for n, (s, a) in enumerate([("math", "GOOD"), ("math", "fine"), ("law", "GOOD"), ("law", "fine")])
    ]
    data = tmp_path / "pairs.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with serving(first_slot) as server:
        done = cli(
            "rewardbench", "-d", data, "-w", "pairwise:openai:j", "--base-url", server.url, "-o", tmp_path / "out.json"
        )
        assert len(server.bodies) == 8
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out.json").read_text())["results"][0]
    assert (found["benchmark"], found["reward"], found["examples"], found["missing"]) == (
        "judgebench",
        "pairwise:j",
        4,
        0,
    )
    values = {(f["metric"], f["subset"]): f["value"]["value"] for f in found["figures"] if f["value"]}
    assert values["accuracy", "micro"] == values["accuracy", "macro"] == 0.5
    assert values["both right", "micro"] == 0.5
    assert values["accuracy, as given", "micro"] == 1.0
    assert values["accuracy, swapped", "micro"] == 0.5
    assert values["first slot", "micro"] == pytest.approx(0.75)
    assert "first slot" in done.stdout


@pytest.mark.parametrize(
    ("rows", "arguments", "said"),
    [
        ('{"a": 1}\n', (), "name its layout with --layout"),
        ('{"prompt": "p", "chosen": "a", "rejected": "b"}\n', (), "name a reward with --reward"),
        ("", (), "holds no rows"),
        ('{"prompt": "p", "chosen": "a", "rejected": "b"}\n', ("-w", "orm:x"), "orm:hf:MODEL"),
    ],
)
def test_bad_input_is_one_sentence(cli: Cli, tmp_path: Path, rows: str, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be evaluated is told, and no file is written."""
    data = tmp_path / "rows.jsonl"
    data.write_text(rows)
    done = cli("rewardbench", "-d", data, *arguments, "-o", tmp_path / "out.json")
    assert (done.returncode, len(done.stderr.strip().splitlines()), said in done.stderr) == (2, 1, True)
    assert not (tmp_path / "out.json").exists()
