"""Fixtures every test may use."""

import fcntl
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from hub_server import Hub

settings.register_profile("untimed", deadline=None)  # how fast a machine is says nothing of what is tested
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
DEMO = Path(__file__).parent / "installed"
sys.path[:0] = [str(Path(__file__).parent), str(DEMO)]  # server.py and tiny.py, and a package with entry points


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real benchmarks and recorded outputs that lies beside the checkout, where there is one."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real data is not here: ../shared/data holds benchmarks and outputs that are not redistributed")
    return folder


Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Fill a folder of a name one time for all tests, in whichever processes they run; the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, fill: Callable[[Path], None]) -> Path:
        folder, mark = base / f"once-{name}", base / f"once-{name}.made"
        with mark.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not mark.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed in its midst
                folder.mkdir()
                fill(folder)
                mark.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def wheel(once: Once) -> Path:
    """The wheel, built and unpacked as an installer does; what the checkout has compiled comes along."""

    def build(folder: Path) -> None:
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
        subprocess.run(command, check=True, capture_output=True)
        (built,) = folder.glob("*.whl")
        with zipfile.ZipFile(built) as archive:
            archive.extractall(folder / "site")
        for compiled in (ROOT / "contamination").rglob("__pycache__/*.nb[ic]"):  # holds for this very source alone
            place = folder / "site" / "rarl_eval" / compiled.relative_to(ROOT)
            place.parent.mkdir(exist_ok=True)
            shutil.copy2(compiled, place)

    return once("wheel", build) / "site"


@pytest.fixture(scope="session")
def replayed(wheel: Path, once: Once) -> Path:
    """What ``demo --replay`` of the wheel makes, away from the checkout: ``demo/``, and what it prints, ``printed``."""

    def show(folder: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(wheel), "RARL_EVAL_CACHE": str(folder / "cache.sqlite")}
        command = [sys.executable, "-P", "-m", "rarl_eval", "demo", "--replay", "--out", "demo"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        (folder / "printed").write_text(done.stdout)

    return once("demo", show)


@pytest.fixture(autouse=True)
def no_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests say themselves where rows come from, never ask the hub, and have a cache of their own."""
    monkeypatch.setenv("RARL_EVAL_CACHE", str(tmp_path_factory.mktemp("cache") / "completions.sqlite"))
    monkeypatch.delenv("RARL_EVAL_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator["Hub"]:
    """A hub on this machine, an empty cache, and nobody's token; pauses are short."""
    import hub_server

    from rarl_eval.files import reaching, repositories

    for name in (
        "HF_HUB_OFFLINE",
        "HF_DATASETS_OFFLINE",
        "HF_TOKEN",
        "HUGGING_FACE_HUB_TOKEN",
        "HF_HUB_CACHE",
        "HTTP_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(reaching, "PAUSES", (0.01, 0.01, 0.01, 0.01))
    monkeypatch.setattr(reaching, "_down", set())
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "1")
    with hub_server.serving() as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setattr(repositories, "SERVER", served.url)
        yield served


@pytest.fixture
def cli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own, as a user does."""

    def run(
        *arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rarl_eval", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=cwd or ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{DEMO}", **(env or {})},
            check=False,
        )

    return run
