"""Tasks that run model-written code: the sandbox is set up by the command, and its tier goes all the way to the site."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.runs import store
from rarl_eval.sandbox import probe

FIXTURE = Path(__file__).parents[1] / "tasks" / "fixtures" / "humaneval.jsonl"
SOURCE = ("-t", "humaneval", "--source", f"humaneval={FIXTURE}")


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """The reference solutions of the fixture, and a wrong one for its first problem."""
    rows = [json.loads(line) for line in FIXTURE.read_text().splitlines()]
    texts = [{"id": r["task_id"], "text": f"```python\n{r['prompt']}{r['canonical_solution']}\n```"} for r in rows]
    wrong = {"id": rows[0]["task_id"], "text": f"```python\n{rows[0]['prompt']}    return None\n```"}
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in [*texts, wrong]))
    return path


def test_the_tier_goes_from_the_run_to_the_site(cli: Callable[..., Any], outputs: Path, tmp_path: Path) -> None:
    """Reference solutions pass, a stub fails, and manifest, report and site say in which tier they ran."""
    if probe().tier == "C":
        pytest.skip("this machine can wall nothing in")
    run = tmp_path / "run"
    assert cli("score", outputs, *SOURCE, "-o", run, "-m", "m", "--jobs", "2").returncode == 0
    read = store.read_run(run)
    right = [r.verdict.correct for r in read.records if r.verdict]
    assert right.count(False) == 1
    assert right.count(True) == len(read.tasks["humaneval"].keys)
    tier = read.manifest["tasks"]["humaneval"]["sandbox"]
    assert tier == probe().tier
    assert cli("report", "-r", run, "-o", tmp_path / "report").returncode == 0
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert row["sandbox"] == tier
    assert cli("site", "-r", tmp_path / "report", "-o", tmp_path / "site").returncode == 0
    pages = "".join(p.read_text() for p in (tmp_path / "site" / "tasks").glob("*.html"))
    assert f"ran in sandbox tier {tier}" in pages


def test_an_outside_runner_is_named_in_the_manifest(cli: Callable[..., Any], outputs: Path, tmp_path: Path) -> None:
    """--sandbox command:... hands programs to another process, which the manifest says."""
    runner = f"command:{sys.executable} -m rarl_eval.sandbox"
    done = cli("score", outputs, *SOURCE, "-o", tmp_path / "run", "-m", "m", "--sandbox", runner)
    assert done.returncode == 0, done.stderr
    read = store.read_run(tmp_path / "run")
    assert read.manifest["tasks"]["humaneval"]["sandbox"] == "command"
    assert [r.verdict.status for r in read.records if r.verdict].count("incorrect") == 1


@pytest.mark.parametrize("option", ["docker", "command:", "command: "])
def test_a_sandbox_that_is_no_command_is_refused(
    cli: Callable[..., Any], outputs: Path, tmp_path: Path, option: str
) -> None:
    """--sandbox takes command:CMD and says so."""
    done: subprocess.CompletedProcess[str] = cli("score", outputs, *SOURCE, "-o", tmp_path / "run", "--sandbox", option)
    assert (done.returncode, "none of command:CMD" in done.stderr, (tmp_path / "run").exists()) == (2, True, False)


def test_walls_are_chosen_on_the_command_line(cli: Callable[..., Any], outputs: Path, tmp_path: Path) -> None:
    """Tier, packages and limits are options; show tells the tier, and a package that is not here is one sentence."""
    if probe("B").tier != "B":
        pytest.skip("tier B does not work here")
    chosen = ("--sandbox-tier", "B", "--sandbox-seconds", "9", "--sandbox-memory", "512", "--sandbox-packages", "numpy")
    done = cli("score", outputs, *SOURCE, "-o", tmp_path / "run", "-m", "m", *chosen)
    assert done.returncode == 0, done.stderr
    assert "sandbox   tier B; answers are text" in cli("show", tmp_path / "run").stdout
    refused = cli("score", outputs, *SOURCE, "-o", tmp_path / "x", "--sandbox-packages", "no_such_package")
    assert (refused.returncode, "'no_such_package', which is not installed here" in refused.stderr) == (2, True)


def test_what_cannot_be_judged_is_counted_and_in_no_figure(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Tests that no wall lets work are told by score, in the report, and stand in no denominator."""
    if probe().tier == "C":
        pytest.skip(f"programs are not run here: {probe().summary}")
    plain = {"prompt": "def f():\n", "canonical_solution": "    return 1\n", "entry_point": "f"}
    tests = {
        "x/0": "def check(candidate):\n    assert candidate() == 1\n",
        "x/1": "from unittest.mock import patch\ndef check(candidate):\n    with patch('time.time'):\n        candidate()\n",
    }
    items = [
        {"task_id": name, **plain, "prompt": f"# {name}\n{plain['prompt']}", "test": t} for name, t in tests.items()
    ]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, items)))
    (tmp_path / "out.jsonl").write_text("\n".join(json.dumps({"id": name, "text": "    return 1\n"}) for name in tests))
    source = ("-t", "humaneval", "--source", f"humaneval={tmp_path / 'items.jsonl'}")
    done = cli("score", tmp_path / "out.jsonl", *source, "--trust-ids", "-o", tmp_path / "run", "-m", "m")
    assert "1 cannot be judged and count neither as right nor as wrong" in done.stderr
    report = cli("report", "--run", tmp_path / "run", "-o", tmp_path / "report")
    assert report.returncode == 0, report.stderr
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert (row["stops"]["cannot_judge"], row["traces"], row["accuracy"]["value"]) == (1, 1, 1.0)


def test_the_contests_checker_is_an_option(cli: Callable[..., Any], tmp_path: Path) -> None:
    """--checker contest judges by tolerance, stands in the manifest, and verify judges by it again."""
    if probe().tier == "C":
        pytest.skip(f"programs are not run here: {probe().summary}")
    item = {
        "question_id": "q", "question_content": "Print pi.", "starter_code": "", "difficulty": "easy", "platform": "x",
        "contest_date": "2024-06-01T00:00:00", "metadata": "{}", "private_test_cases": "[]",
        "public_test_cases": json.dumps([{"input": "\n", "output": "3.141592653589793\n"}]),
    }  # fmt: skip
    (tmp_path / "items.jsonl").write_text(json.dumps(item))
    (tmp_path / "out.jsonl").write_text(
        json.dumps({"question": "Print pi.", "text": "```python\nprint('3.1415927')\n```"})
    )
    source = ("--source", f"livecodebench={tmp_path / 'items.jsonl'}")
    for name, more, status in (("a", (), "incorrect"), ("b", ("--checker", "contest"), "correct")):
        done = cli("score", tmp_path / "out.jsonl", "-t", "livecodebench", *source, "-o", tmp_path / name, *more)
        assert done.returncode == 0, done.stderr
        read = store.read_run(tmp_path / name)
        assert (read.records[0].verdict.status, read.tasks["livecodebench"].checker) == (
            status,
            more[1] if more else None,
        )
        assert cli("verify", tmp_path / name, *source).returncode == 0
        other, right = ("published", 0.0) if more else ("contest", 1.0)
        assert cli("report", "--run", tmp_path / name, "-o", tmp_path / f"report-{name}").returncode == 0
        (row,) = json.loads((tmp_path / f"report-{name}" / "report.json").read_text())["rows"]
        shown = row["other_checker"]
        assert (shown["name"], shown["accuracy"]["value"], shown["differ"]) == (other, right, 1)
        assert [(s["name"], s["mean"]["value"]) for s in row["scores"]] == [("tests passed", 0.0)]
        assert other in (tmp_path / f"report-{name}" / "report.md").read_text()
    wrong = cli("score", tmp_path / "out.jsonl", "-t", "livecodebench", *source, "-o", tmp_path / "c", "--checker", "x")
    assert (wrong.returncode, "known: contest" in wrong.stderr) == (2, True)


def test_tasks_without_code_have_no_tier(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A task that runs no code starts no sandbox and names no tier."""
    assert cli("run", "-t", "demo_math", "-m", "echo:1", "-o", tmp_path / "run").returncode == 0
    assert store.read_run(tmp_path / "run").tasks["demo_math"].sandbox is None
