"""Files as trainers leave them: growing, torn, hostile, pickled, and of no rollouts at all."""

import json
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.training import watch
from rarl_eval.training.dumps import files_of
from rarl_eval.training.pickled import read_saved
from rarl_eval.training.store import Store
from rarl_eval.training.taken import take
from rarl_eval.training.truth import truths

ROW = {"input": "user\nWhat is 1 plus 1?\nassistant\n", "output": "It is 2.", "gts": "2", "score": 1.0, "step": 1}
SETTINGS = watch.WatchSettings(truths=truths("number", None))


def _line(**other: Any) -> str:
    return json.dumps({**ROW, **other}) + "\n"


def test_a_growing_file_costs_what_is_new_and_a_torn_line_waits(tmp_path: Path) -> None:
    """Each look takes the whole lines that are new; the rest of a line joins it at the next look."""
    file, store = tmp_path / "1.jsonl", Store(tmp_path / "w.sqlite", "x")
    file.write_text(_line() + _line(output="It is 3.")[:20])
    assert take([file], store, SETTINGS, print) == 1
    assert take([file], store, SETTINGS, print) == 0
    file.write_text(_line() + _line(output="It is 3."))
    assert take([file], store, SETTINGS, print) == 1
    found = watch.watch(store, SETTINGS)
    assert (found.rollouts, found.judged, found.unread) == (2, 2, 0)
    store.close()


def test_a_file_written_anew_replaces_what_it_held(tmp_path: Path) -> None:
    """A shorter file is another one: what was read of it is forgotten."""
    file, store = tmp_path / "1.jsonl", Store(tmp_path / "w.sqlite", "x")
    file.write_text(_line() * 3)
    take([file], store, SETTINGS, print)
    file.write_text(_line())
    os.utime(file, (1, 1))
    take([file], store, SETTINGS, print)
    assert watch.watch(store, SETTINGS).rollouts == 1
    store.close()


def test_hostile_rows_are_counted_and_named(tmp_path: Path) -> None:
    """What is no JSON, no object, no rollout, or of wrong types is unread; the others are read."""
    file, store = tmp_path / "1.jsonl", Store(tmp_path / "w.sqlite", "x")
    odd = ["<html>\x00</html>\n", "[1]\n", '{"a": 1}\n', _line(output="\ud800 <b>\x1b[2J 2"), _line(score={"a": [1]})]
    file.write_text(_line() + "".join(odd))
    assert take([file], store, SETTINGS, print) == 3
    found = watch.watch(store, SETTINGS)
    assert (found.unread, found.rollouts, found.judged) == (3, 3, 3)
    assert "1.jsonl" in found.unread_first[0]
    store.close()


def test_a_file_that_is_none_is_left_out_beside_others_and_refused_alone(tmp_path: Path) -> None:
    """One sentence either way."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "1.jsonl").write_text(_line())
    (tmp_path / "d" / "2.parquet").write_bytes(b"no parquet")
    store, said = Store(tmp_path / "w.sqlite", "x"), list[str]()
    assert take([tmp_path / "d"], store, SETTINGS, said.append) == 1
    assert len(said) == 1
    assert "2.parquet cannot be read as Parquet" in said[0]
    with pytest.raises(BadInput, match=r"2\.parquet"):
        take([tmp_path / "d" / "2.parquet"], store, SETTINGS, print)
    with pytest.raises(BadInput, match="does not exist"):
        files_of([tmp_path / "nothing"])
    store.close()


def test_what_stands_twice_or_is_no_dump_is_left_out(tmp_path: Path) -> None:
    """prime-rl's effective beside all, inputs without replies, hidden files; order is by the numbers in names."""
    for name in (
        "all/t.jsonl",
        "effective/t.jsonl",
        "x_materialized_inputs.jsonl",
        ".h/1.jsonl",
        "10.jsonl",
        "9.jsonl",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}\n")
    found, said = files_of([tmp_path])
    assert [path.name for path in found] == ["9.jsonl", "10.jsonl", "t.jsonl"]
    assert said == ["1 files of 'effective' are left out: 'all' holds their rollouts"]


class _Runs:
    def __reduce__(self) -> Any:
        return os.mkdir, ("never",)


def _saved(path: Path, value: Any) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/data.pkl", pickle.dumps(value, protocol=2))
    return path


def test_a_saved_file_gives_plain_data_and_runs_nothing(tmp_path: Path) -> None:
    """Plain data comes out; code, an old pickle, and a torn file are refused in one sentence."""
    plain = {"rollout_id": 3, "samples": [{"a": [1, 2.5, None]}], "o": OrderedDict(b=True)}
    assert read_saved(_saved(tmp_path / "a.pt", plain)) == plain
    with pytest.raises(BadInput, match=r"b\.pt is refused: it asks for (posix|nt)\.mkdir"):
        read_saved(_saved(tmp_path / "b.pt", _Runs()))
    (tmp_path / "c.pt").write_bytes(pickle.dumps(plain))
    with pytest.raises(BadInput, match=r"no file that torch\.save wrote whole"):
        read_saved(tmp_path / "c.pt")
    with zipfile.ZipFile(tmp_path / "d.pt", "w") as archive:
        archive.writestr("x/data.pkl", b"\x80\x02}")
    with pytest.raises(BadInput, match=r"d\.pt is refused"):
        read_saved(tmp_path / "d.pt")
