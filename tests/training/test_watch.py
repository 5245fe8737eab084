"""The whole way: dumps in, conclusion, files and exit code out."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import dumped
import pytest
from click.testing import CliRunner

from rarl_eval.commands.training import command
from rarl_eval.errors import BadInput
from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.truth import gold_of, truths, verifier


def told(*arguments: object) -> tuple[int, str]:
    """Exit code and output of the command in this process."""
    done = CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return int(done.return_value or 0), done.output


def test_what_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    """Bad input is an error without a folder; rows that are none are a sentence without a table, and exit code 1."""
    (tmp_path / "empty").mkdir()
    arguments = [str(tmp_path / "empty"), "--out", str(tmp_path / "o")]
    with pytest.raises(BadInput, match="no file of rollouts"):
        CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    assert not (tmp_path / "o").exists()
    (tmp_path / "d.jsonl").write_bytes(b"\xff\xfe\n")
    code, output = told(tmp_path / "d.jsonl", "--verify", "number", "--out", tmp_path / "o")
    assert (code, "by step" in output) == (1, False)
    assert output.startswith("No rollout was found")


def test_a_hole_sets_off_an_alarm_and_is_named(tmp_path: Path) -> None:
    """The conclusion fits 80 columns and says onset and exploit; JSON and JUnit say the same; exit code 1."""
    dump = dumped.write_training(tmp_path / "d", 44, hole_from=25)
    code, output = told(dump, "--verify", "number", "--out", tmp_path / "o")
    assert code == 1
    assert output.startswith("The reward stopped paying for what is true: ")
    assert max(map(len, output.split("\n"))) <= 80 + len(str(tmp_path))
    found = json.loads((tmp_path / "o" / "training.json").read_text())
    (parted,) = (o for o in found["onsets"] if o["watch"] == "reward less truth")
    assert 25 <= parted["alarm"] <= 35
    assert abs(parted["began"] - 25) <= 4
    assert found["exploits"][0]["feature"] == "several boxes with different contents"
    suite = ET.parse(tmp_path / "o" / "junit.xml").getroot()[0]
    assert int(suite.get("failures") or 0) >= 1
    assert told(dump, "--verify", "number", "--out", tmp_path / "o", "--follow")[0] == 1
    assert "What it exploits" in (tmp_path / "o" / "summary.md").read_text()


def test_an_alarm_is_posted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The webhook gets the alarm and the first finding once; a sound training posts nothing; a wrong address is said."""
    posted: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr("rarl_eval.files.webhook.notify", lambda url, message, say: posted.append((url, dict(message))))
    hook = ["--verify", "number", "--webhook", "http://127.0.0.1:9/x"]
    assert told(dumped.write_training(tmp_path / "d", 26), *hook, "--out", tmp_path / "o")[0] == 0
    assert posted == []
    assert told(dumped.write_training(tmp_path / "e", 44, hole_from=25), *hook, "--out", tmp_path / "p")[0] == 1
    ((url, message),) = posted
    assert (url, message["exit_code"], message["alarms"][0]["watch"]) == (hook[-1], 1, "reward less truth")
    assert "several boxes with different contents are paid" in message["text"]
    arguments = [str(tmp_path / "d"), "--webhook", "ftp://x", "--out", str(tmp_path / "q")]
    with pytest.raises(BadInput, match="--webhook ftp://x: must be"):
        CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)


def test_a_sound_training_is_quiet_and_a_second_look_changes_nothing(tmp_path: Path) -> None:
    """Exit code 0; the same files again give the same bytes, without judging anything."""
    dump = dumped.write_training(tmp_path / "d", 26)
    first = told(dump, "--verify", "number", "--out", tmp_path / "o")
    before = (tmp_path / "o" / "training.json").read_bytes()
    assert first[0] == 0
    assert told(dump, "--verify", "number", "--out", tmp_path / "o") == first
    assert (tmp_path / "o" / "training.json").read_bytes() == before
    step = json.loads(before)["steps"][0]
    assert (step["rollouts"], step["judged"], step["groups"], step["false_pass"]) == (36, 36, 6, 0.0)


def test_over_nothing_there_is_no_figure(tmp_path: Path) -> None:
    """Rollouts without a gold have no truth, every figure of truth is null, and the exit code is 1."""
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"prompt": "1+1?", "completion": "2", "reward": 1, "step": 1}) + "\n")
    code, output = told(file, "--out", tmp_path / "o")
    assert code == 1
    assert "No rollout could be judged (1 no gold)" in output
    (step,) = json.loads((tmp_path / "o" / "training.json").read_text())["steps"]
    assert (step["truth"], step["less_truth"], step["reward"]) == (None, None, 1.0)


def test_a_benchmarks_items_are_joined_by_identity(tmp_path: Path) -> None:
    """A rollout whose prompt asks an item is judged by it; one that asks something else is not."""
    asked = "A farmer has 12 crates with 7 melons in each of them. How many melons are there?"
    (tmp_path / "g.jsonl").write_text(json.dumps({"question": asked, "answer": "12*7=84\n#### 84"}) + "\n")
    rows = [
        {"prompt": f"Solve it.\n\n{asked}", "completion": "There are 84.", "reward": 1, "step": 1},
        {"prompt": "How many legs do 9 spiders and 3 dogs have in all?", "completion": "84", "reward": 1, "step": 1},
    ]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    task = ["--task", "gsm8k", "--source", f"gsm8k={tmp_path / 'g.jsonl'}"]
    assert told(tmp_path / "r.jsonl", *task, "--out", tmp_path / "o")[0] == 0
    found = json.loads((tmp_path / "o" / "training.json").read_text())
    assert (found["judged"], found["unjudged"]) == (1, {"other item": 1})
    assert found["steps"][0]["truth"]["value"] == 1.0


@pytest.mark.parametrize(
    ("stored", "want"),
    [
        ("42", "42"), (42, "42"), (["42"], "42"), ('["42"]', "42"), ("6*7=42\n#### 42", "42"), ("#### 42", "42"),
        ({"ground_truth": "42"}, "42"), (["1", "2"], None), (None, None), ("", None),
    ],
)  # fmt: skip
def test_a_gold_is_read_as_data_sets_store_it(stored: Any, want: str | None) -> None:
    """Lists of one, their JSON, GSM8K's mark; several or none are no gold."""
    assert gold_of(stored) == want


@pytest.mark.parametrize(
    ("verify", "gold", "text", "want"),
    [
        ("math", r"\frac{1}{2}", r"So \boxed{0.5}", True),
        ("number", "7", "<think>maybe 7</think>It is 8.", False),
        ("choice", "(B)", "The answer is (B).", True),
        ("choice", "B", "The answer is (C).", False),
    ],
)
def test_rules_judge_by_golds(verify: str, gold: str, text: str, want: bool) -> None:
    """Each named rule, with reasoning left aside."""
    assert truths(verify, None).judged(Rollout(text=text, prompt="q", gold=gold)).truth is want


def test_a_rule_of_the_users_own(tmp_path: Path) -> None:
    """A file with verify(item, answer) judges; what it raises is no verdict; a wrong name is one sentence."""
    (tmp_path / "mine.py").write_text(
        "from rarl_eval.types import Verdict\n"
        "def verify(item, answer):\n"
        "    return Verdict(status='correct' if item.gold in answer else {}['x'], extracted=answer)\n"
    )
    rule = truths(str(tmp_path / "mine.py"), None)
    assert rule.judged(Rollout(text="so red", gold="red")).truth is True
    assert rule.judged(Rollout(text="so blue", gold="red")).status == "cannot_judge"
    with pytest.raises(BadInput, match="known are math, number, choice, code"):
        verifier("maths")


def test_a_training_that_is_followed_may_not_have_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder is waited for, and looked at again; without --follow it is one sentence."""
    (tmp_path / "d").mkdir()
    arguments = [str(tmp_path / "d"), "--verify", "number", "--window", "10", "--out", str(tmp_path / "o")]
    with pytest.raises(BadInput, match="holds no file of rollouts"):
        CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    monkeypatch.setattr("time.sleep", lambda _: dumped.write_training(tmp_path / "d", 24, hole_from=12))
    code, output = told(*arguments, "--follow")
    assert code == 1
    assert "nothing yet" in output
