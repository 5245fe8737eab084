"""One run is one run, however its path is spelt and wherever it was copied to."""

import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.runs import store
from rarl_eval.runs.identity import once, run_labels

Cli = Callable[..., CompletedProcess[str]]
MANIFEST = {"kind": "run", "model": {"name": "m"}, "tasks": {}}


def named(path: Path, made: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(path=path, manifest={"id": made} if made else {})


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in that holds a run, a link to it, a copy of it, and another run of the same manifest."""
    monkeypatch.chdir(tmp_path)
    store.create(tmp_path / "run", MANIFEST, [])
    store.create(tmp_path / "other", MANIFEST, [])
    (tmp_path / "link").symlink_to("run")
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    return tmp_path


@pytest.mark.parametrize("again", ["run", "./run", "run/", "other/../run", "link", "{place}/run", "{place}/link/."])
def test_a_run_by_another_spelling_is_the_same_run(place: Path, again: str) -> None:
    """Relative, absolute, through a link or around a corner: it is given twice."""
    runs = [store.open_run(Path(path)) for path in ("run", again.format(place=place))]
    with pytest.raises(BadInput, match=r"the run .* is given twice.*; name each run once"):
        run_labels(runs)


def test_a_copy_is_the_run_it_was_copied_from(place: Path) -> None:
    """A run has an id from when it was made, which its copies share and no other run has."""
    with pytest.raises(BadInput, match="copy is a copy of the run run; name each run once"):
        run_labels([store.open_run(Path(name)) for name in ("run", "copy")])
    labels = run_labels([store.open_run(Path(name)) for name in ("run", "other")])
    assert labels == {Path("run"): "run", Path("other"): "other"}


def test_runs_are_called_by_their_folder_or_by_their_path() -> None:
    """The whole path stands where two folders share a name, or a path has none; runs without an id are told apart."""
    runs = [named(Path("a/x")), named(Path("b/x")), named(Path("b/y")), named(Path())]
    assert list(run_labels(runs).values()) == ["a/x", "b/x", "y", "."]


def test_scans_and_probes_are_held_to_the_same(place: Path) -> None:
    """Whatever is given by path is given once."""
    once("scan", [Path("run"), Path("other")])
    with pytest.raises(BadInput, match="the scan link is given twice, as run too; name each scan once"):
        once("scan", [Path("run"), Path("link")])


@pytest.mark.parametrize(
    "command",
    [
        ("report", "-r", "run", "-r", "link", "-o", "out"),
        ("compare", "run", "{place}/run"),
        ("compare", "run", "copy"),
        ("agree", "-r", "run/", "-r", "./link", "-o", "out"),
    ],
)
def test_every_command_says_so_in_one_sentence(cli: Cli, place: Path, command: tuple[str, ...]) -> None:
    """Exit code 2 and one line; nothing is written."""
    done = cli(*(part.format(place=place) for part in command), cwd=place)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert done.stderr.rstrip().endswith("name each run once")
    assert not (place / "out").exists()
