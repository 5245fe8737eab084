"""The wheel: one top-level name, everything in it, and it works where there is no checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_has_one_top_level_name(unpacked: Path) -> None:
    """Besides its metadata the wheel installs rarl_eval and nothing else."""
    assert {p.name for p in unpacked.iterdir() if not p.name.endswith(".dist-info")} == {"rarl_eval"}


def test_the_wheel_holds_what_the_checkout_holds(unpacked: Path) -> None:
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
    assert {name for name in wanted if not (unpacked / name).is_file()} == set()
    assert "rarl_eval/py.typed" in wanted


def test_the_wheel_works_alone(unpacked: Path, tmp_path: Path) -> None:
    """Away from the checkout the installed package lists its tasks and runs the demo."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    run = [sys.executable, "-P", "-m", "rarl_eval"]
    listed = subprocess.run(
        [*run, "tasks", "--json"], capture_output=True, text=True, cwd=tmp_path, env=environment, check=True
    )
    here = sorted(
        p.stem for leaf in ("math", "code", "finance", "medicine") for p in (ROOT / "tasks" / leaf).glob("[!_]*.py")
    )
    names = {t["name"] for t in json.loads(listed.stdout)}
    assert {name for name in names if not name.startswith("fresh:")} == set(here)
    assert len([name for name in names if name.startswith("fresh:")]) == 4
    subprocess.run(
        [*run, "demo", "--replay", "--out", "demo"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    assert (tmp_path / "demo" / "site" / "index.html").is_file()
    assert len(json.loads((tmp_path / "demo" / "report" / "report.json").read_text())["rows"]) == 6
