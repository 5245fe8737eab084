"""Fixtures every test may use."""

import os
import subprocess
import sys
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
