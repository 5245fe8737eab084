"""What a release, the action, the hook and the image promise."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from rarl_eval import __version__
from rarl_eval.commands import examples

Cli = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[1]


def test_the_version_stands_in_one_place() -> None:
    """The package's own decides; the citation names the same, and the build reads it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "rarl_eval/__init__.py"
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_all_is_made_of_extras_that_exist() -> None:
    """The extra ``all`` names others by name."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (named,) = re.findall(r"rarl-eval\[(.*)\]", extras["all"][0])
    assert set(named.split(",")) <= set(extras) - {"all"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``rarl-eval examples`` writes, and a program of that name to run."""
    place = tmp_path_factory.mktemp("release")
    examples.write(place)
    (place / "bin").mkdir()
    program = place / "bin/rarl-eval"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m rarl_eval "$@"\n')
    program.chmod(0o755)
    rows = [json.dumps({"text": f"Ships of {n} tons enter the harbour at noon."}) for n in range(50)]
    (place / "clean.jsonl").write_text("\n".join(rows))
    return place


def action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "RARL_EVAL_DATA": "data",
        **inputs,
    }
    env |= {"PYTHONPATH": str(ROOT)}
    script = ROOT / "examples/action.sh"
    return subprocess.run(["bash", str(script)], cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_action_holds_back_a_training_file_with_items_and_lets_a_clean_one_pass(folder: Path) -> None:
    """Exit code 1 and the number of items for one, 0 for the other; nothing is left behind."""
    before = sorted(folder.iterdir())
    leaked = action(folder, CORPUS="train.jsonl", TASKS="gsm8k")
    assert leaked.returncode == 1
    assert "gate: 20 items of gsm8k stand in this data (exact or near)" in leaked.stdout
    assert action(folder, CORPUS="clean.jsonl", TASKS="gsm8k").returncode == 0
    assert sorted(folder.iterdir()) == before


def test_the_action_says_what_is_missing(folder: Path) -> None:
    """A corpus without tasks, and nothing at all, are bad input."""
    assert action(folder, CORPUS="train.jsonl").returncode == 2
    assert action(folder).returncode == 2


def test_a_scan_without_out_needs_a_gate(cli: Cli, folder: Path) -> None:
    """Nothing is thrown away unless the gate is all that was asked for."""
    done = cli("scan", "-t", "gsm8k", "--source", f"gsm8k={folder / 'data/gsm8k.jsonl'}", "-c", folder / "clean.jsonl")
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_the_action_and_the_hook_are_well_formed() -> None:
    """Inputs that the steps use are declared, scripts parse, and the hook's command has options that exist."""
    told = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    text = (ROOT / "action.yml").read_text("utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(told["inputs"])
    assert all(re.search(r"^[ ]+description:", text, re.MULTILINE) for _ in told["inputs"])
    for step in told["runs"]["steps"]:
        if "run" in step:
            assert "${{" not in step["run"]  # what a pull request names never becomes a command
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["entry"].split()[:2] == ["rarl-eval", "scan"]


def test_issue_templates_name_every_field() -> None:
    """Each template parses, and its fields have ids of their own."""
    for path in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")):
        body = yaml.safe_load(path.read_text("utf-8"))["body"]
        ids = [field["id"] for field in body]
        assert len(set(ids)) == len(ids) >= 4
