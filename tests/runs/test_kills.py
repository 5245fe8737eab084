"""What a kill, a full disk and a read-only disk do to runs, rewards and imports: nothing that was acknowledged is lost."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.runs import store

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "kills.py"


@pytest.fixture(scope="module")
def kills() -> ModuleType:
    """benchmarks/kills.py, which kills 1,000 times; here it kills 50 times."""
    spec = importlib.util.spec_from_file_location("kills", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kills"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("scenario", "count"), [("runs", 20), ("rewards", 15), ("imports", 15)])
def test_kills_at_random_moments_change_nothing(kills: ModuleType, scenario: str, count: int, tmp_path: Path) -> None:
    """Every acknowledged record is there after each kill, and the end is that of an undisturbed command."""
    outcome = kills.torment(scenario, count, tmp_path)
    assert (outcome.lost, outcome.differing) == ([], [])
    assert outcome.kills == count
    assert outcome.rounds >= 1
    assert outcome.acknowledged >= 300


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk: Path, leave_bytes: int) -> Path:
    """Fill a disk but for some bytes."""
    space = os.statvfs(disk)
    (disk / "fill").write_bytes(b"0" * (space.f_bavail * space.f_frsize - leave_bytes))
    return disk / "fill"


def answers(folder: Path, characters: int = 3000) -> Path:
    """Recorded outputs of the demo's problems, a long reasoning before each answer."""
    (benchmark,) = (data.load(task) for task in registry.tasks("demo_math"))
    rows = [
        {
            "id": item.id,
            "question": item.question,
            "sample": k,
            "text": f"<think>{'so ' * (characters // 3)}</think>It is {k}",
        }
        for item in benchmark.items
        for k in range(10)
    ]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return folder / "outputs.jsonl"


def one_sentence(done: Any) -> str:
    """The error of a command that ended with exit code 2, which is one line."""
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return str(done.stderr)


def test_a_run_goes_on_once_its_full_disk_has_space(cli: Callable[..., Any], small_disk: Path, tmp_path: Path) -> None:
    """A disk that fills is one sentence; what was stored stays, and the resumed run is the undisturbed one."""
    ask = ("run", "-t", "demo_math", "-k", "10", "-m", f"replay:{answers(tmp_path)}", "--quiet", "-o")
    full = fill(small_disk, 700_000)
    assert "cannot be written (database or disk is full); records so far are safe" in one_sentence(
        cli(*ask, small_disk / "run")
    )
    kept = store.read_run(small_disk / "run").records
    assert 50 <= len(kept) < 300
    assert "records so far are safe" in one_sentence(cli(*ask, small_disk / "run", "--resume"))
    assert store.read_run(small_disk / "run").records == kept
    full.unlink()
    assert cli(*ask, small_disk / "run", "--resume").returncode == 0
    assert cli(*ask, tmp_path / "calm").returncode == 0
    assert store.read_run(small_disk / "run").records == store.read_run(tmp_path / "calm").records


@pytest.mark.parametrize("room", [0, 20_000, 60_000])
def test_a_full_disk_leaves_no_half_run(cli: Callable[..., Any], small_disk: Path, tmp_path: Path, room: int) -> None:
    """Where not even the items fit there is one sentence, and the same command works once there is space."""
    full = fill(small_disk, room)
    ask = (
        "run",
        "-t",
        "demo_math",
        "-k",
        "10",
        "-m",
        f"replay:{answers(tmp_path)}",
        "--quiet",
        "-o",
        small_disk / "run",
    )
    take = ("score", answers(tmp_path), "-t", "demo_math", "-o", small_disk / "taken")
    one_sentence(cli(*take))
    assert not list(small_disk.glob("*taken*"))
    one_sentence(cli(*ask))
    full.unlink()
    assert cli(*ask, "--resume").returncode == 0
    assert cli(*ask[:-1], tmp_path / "calm").returncode == 0
    assert store.read_run(small_disk / "run").records == store.read_run(tmp_path / "calm").records


def test_rewards_go_on_once_their_full_disk_has_space(
    cli: Callable[..., Any], small_disk: Path, tmp_path: Path
) -> None:
    """A disk that fills under rewards loses no record and no acknowledged reward, and a full one can still be read."""
    run = small_disk / "run"
    assert cli("score", answers(tmp_path, 90), "-t", "demo_math", "-o", run).returncode == 0
    before = store.read_run(run).records
    full = fill(small_disk, 0)
    assert "cannot be written" in one_sentence(cli("reward", "-r", run, "-w", "exact", "-w", "last-number"))
    assert store.read_run(run).records == before
    assert cli("show", run).returncode == 0
    full.unlink()
    assert cli("reward", "-r", run, "-w", "exact", "-w", "last-number").returncode == 0
    assert [len(r.rewards) for r in store.read_run(run).records] == [4] * 300


def test_a_read_only_disk_is_one_sentence_and_can_be_read(
    cli: Callable[..., Any], small_disk: Path, tmp_path: Path
) -> None:
    """Every command that writes says that it cannot; those that read do."""
    run, outputs = small_disk / "run", answers(tmp_path, 90)
    assert cli("score", outputs, "-t", "demo_math", "-o", run).returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for command in (
        ("run", "-t", "demo_math", "-m", "echo:1", "-o", small_disk / "new"),
        ("run", "-t", "demo_math", "-m", "echo:1", "-o", small_disk / "new", "--resume"),
        ("reward", "-r", run, "-w", "exact"),
        ("score", outputs, "-t", "demo_math", "-o", small_disk / "taken"),
        ("export", "--run", run, "--format", "parquet", "--out", small_disk / "table"),
        ("report", "--run", run, "--out", small_disk / "report"),
        ("tasks", "-t", "demo_math", "--lock", small_disk / "lock"),
    ):
        assert "Read-only file system" in one_sentence(cli(*command))
    for command in (("show", run), ("verify", run), ("report", "--run", run, "--out", tmp_path / "report")):
        assert cli(*command).returncode == 0
