"""The wheel: one top-level name, everything in it, and it works where there is no checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_wheel_has_one_top_level_name(wheel: Path) -> None:
    """Besides its metadata the wheel installs rarl_eval and nothing else."""
    assert {p.name for p in wheel.iterdir() if not p.name.endswith(".dist-info")} == {"rarl_eval"}


def test_the_wheel_holds_what_the_checkout_holds(wheel: Path) -> None:
    """Every tracked file of the engine and the leaves is in the wheel, where the package looks for it."""
    listed = subprocess.run(
        ["git", "ls-files", "rarl_eval", "tasks", "contamination", "leaderboards"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    wanted = {name if name.startswith("rarl_eval/") else f"rarl_eval/{name}" for name in listed.stdout.splitlines()}
    assert {name for name in wanted if not (wheel / name).is_file()} == set()
    assert "rarl_eval/py.typed" in wanted


def test_the_wheel_lists_its_tasks(wheel: Path, tmp_path: Path) -> None:
    """Away from the checkout the installed package knows every benchmark of the checkout, and what makes items."""
    listed = subprocess.run(
        [sys.executable, "-P", "-m", "rarl_eval", "tasks", "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        check=True,
    )
    here = sorted(
        p.stem
        for leaf in ("math", "code", "finance", "medicine", "science", "general")
        for p in (ROOT / "tasks" / leaf).glob("[!_]*.py")
    )
    names = {t["name"] for t in json.loads(listed.stdout)}
    assert {name for name in names if not name.startswith("fresh:")} == set(here)
    assert len([name for name in names if name.startswith("fresh:")]) == 4


def test_the_wheel_works_alone(replayed: Path) -> None:
    """Away from the checkout the installed package runs the demo, and the site stands in its folder."""
    assert (replayed / "demo" / "site" / "index.html").is_file()
    assert len(json.loads((replayed / "demo" / "report" / "report.json").read_text())["rows"]) == 6
