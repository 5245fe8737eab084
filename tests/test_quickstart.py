"""docs/quickstart.md is run as it is written, on what ``rarl-eval examples`` writes."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/quickstart.md").read_text("utf-8")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[subprocess.CompletedProcess[str]]]:
    """The folder in which the page's commands ran in a shell, one after another, and what each printed."""
    home = tmp_path_factory.mktemp("quickstart")
    (home / "bin").mkdir()
    program = home / "bin/rarl-eval"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m rarl_eval "$@"\n')
    program.chmod(0o755)
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    first = blocks()[0].splitlines()
    assert first == ["rarl-eval examples first-hour", "cd first-hour", "export RARL_EVAL_DATA=data"]
    subprocess.run(["/bin/sh", "-c", first[0]], cwd=home, env=env, capture_output=True, check=True)
    folder, env = home / "first-hour", {**env, "RARL_EVAL_DATA": "data"}
    return folder, [
        subprocess.run(["/bin/sh", "-c", line], cwd=folder, env=env, capture_output=True, text=True, check=False)
        for line in commands()
    ]


def blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


def commands() -> list[str]:
    return re.findall(r"^rarl-eval .*$", blocks()[1], re.MULTILINE)


def test_five_commands_end_well(done):
    """From two log folders and one training file to a site takes five commands, each with exit code 0."""
    assert [line.split()[1] for line in commands()] == ["score", "score", "scan", "report", "site"]
    assert [(d.returncode, d.stderr if d.returncode else "") for d in done[1]] == [(0, "")] * 5


def test_the_output_shown_is_what_is_printed(done):
    """Every line of the page's output block is a line of the report."""
    shown = re.search(r"`report` prints:\n\n((?:    .*\n|\n)+)", PAGE)
    assert shown
    lines = [line.strip() for line in shown[1].splitlines() if line.strip()]
    assert len(lines) == 8
    assert lines == [line.strip() for line in done[1][3].stdout.splitlines() if line.strip()]


def test_the_site_has_contamination_agreement_and_length(done):
    """The leaderboard's table and its CSV hold clean and flagged accuracy, gain, agreement and length of both models."""
    page = (done[0] / "site/index.html").read_text("utf-8")
    for name in ("memoriser", "thinker", "Clean", "Flagged", "Gain", "Agreement", "Length"):
        assert re.search(name, page, re.IGNORECASE), name
    with (done[0] / "report/report.csv").open(newline="") as stream:
        rows = {row["model"]: row for row in csv.DictReader(stream)}
    assert (rows["memoriser"]["clean_accuracy"], rows["memoriser"]["flagged_accuracy"]) == ("0.325", "1.0")
    assert float(rows["thinker"]["length_median"]) > float(rows["memoriser"]["length_median"])


def test_the_two_verdicts_agree_with_the_logs(done):
    """The first command says that lm-eval's score and our verdicts agree on all 60 answers."""
    assert "60 of 60 outputs matched" in done[1][0].stdout + done[1][0].stderr
    assert "55.0%" in done[1][0].stdout + done[1][0].stderr
