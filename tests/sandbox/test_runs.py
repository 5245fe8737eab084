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
    assert (done.returncode, "command:" in done.stderr, (tmp_path / "run").exists()) == (2, True, False)


def test_tasks_without_code_have_no_tier(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A task that runs no code starts no sandbox and names no tier."""
    assert cli("run", "-t", "demo_math", "-m", "echo:1", "-o", tmp_path / "run").returncode == 0
    assert store.read_run(tmp_path / "run").tasks["demo_math"].sandbox is None
