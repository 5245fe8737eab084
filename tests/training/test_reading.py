"""A watched training read back: what of it bears on belief, and what is refused."""

import json
from pathlib import Path

import dumped
import pytest
from click.testing import CliRunner

from rarl_eval.commands.training import command
from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.training.reading import bearing, read, trainings_of


def watched(folder: Path, steps: int, hole_from: int | None = None) -> Path:
    dump = dumped.write_training(folder / "dump", steps, hole_from)
    arguments = [str(dump), "--verify", "number", "--out", str(folder / "watched")]
    CliRunner().invoke(command, arguments, standalone_mode=False)
    return folder / "watched"


def test_a_hole_is_told_with_its_onset_and_what_pays(tmp_path: Path) -> None:
    """What was written is what is read, and its alarm and finding are sentences of the belief."""
    folder = watched(tmp_path, 44, hole_from=25)
    ((model, path, found),) = trainings_of([f"org/m={folder}"])
    told = bearing(path, found)
    assert (model, path, told.steps, told.judged, told.watched) == ("org/m", folder, 44, 44 * 36, True)
    assert told.parted is not None
    assert told.parted.startswith("Reward less truth rose above the first window's: alarm at step")
    assert told.pays[0].startswith("False answers with several boxes with different contents are paid 100%")
    assert told.rise is not None
    assert 0.2 < told.rise < 0.6


def test_a_training_no_longer_than_the_window_tells_of_no_onset(tmp_path: Path) -> None:
    """Neither an alarm nor a rise."""
    told = bearing(tmp_path, read(watched(tmp_path, 5)))
    assert (told.steps, told.watched, told.parted, told.rise, told.pays) == (5, False, None, None, ())


@pytest.mark.parametrize("option", ["", "m", "m=", "=w"])
def test_what_is_no_model_and_folder_is_refused(option: str) -> None:
    """Both halves must be there."""
    with pytest.raises(BadInput, match="is not MODEL=DIR"):
        trainings_of([option])


def test_what_is_no_training_is_refused(tmp_path: Path) -> None:
    """A folder without training.json, one of another version, one that is damaged."""
    with pytest.raises(BadInput, match="no watched training"):
        read(tmp_path)
    (tmp_path / "training.json").write_text(json.dumps({"schema": 99}))
    with pytest.raises(SchemaMismatch, match="schema 99"):
        read(tmp_path)
    for damaged in ('{"schema": 1}', "{", "[]"):
        (tmp_path / "training.json").write_text(damaged)
        with pytest.raises((BadInput, SchemaMismatch)):
            read(tmp_path)
