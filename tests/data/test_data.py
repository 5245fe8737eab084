"""Loading benchmarks: local files, one folder for all, the hub, and the lock that holds them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput, LockMismatch, MissingField
from rarl_eval.types import Task

ROWS = [{"question": f"What is {n} + 1?", "answer": f"Add.\n#### {n + 1}"} for n in (1, 2, 3)]


@pytest.fixture
def gsm8k() -> Task:
    return registry.tasks("gsm8k")[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in ROWS))
    return path


def test_a_named_file_is_read(gsm8k: Task, file: Path) -> None:
    """--source gives the rows; they are numbered where they have no ids."""
    loaded = data.load(gsm8k, {"gsm8k": str(file)})
    assert [(i.id, i.gold) for i in loaded.items] == [("0", "2"), ("1", "3"), ("2", "4")]
    assert (loaded.origin, loaded.revision) == (str(file), None)


@pytest.mark.parametrize("name", ["math/gsm8k/test.jsonl", "math/gsm8k.jsonl", "gsm8k.jsonl"])
def test_one_folder_holds_all(
    gsm8k: Task, file: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RARL_EVAL_DATA is searched for the task's own path, its domain's and its name."""
    place = tmp_path / "all" / name
    place.parent.mkdir(parents=True)
    place.write_bytes(file.read_bytes())
    monkeypatch.setenv("RARL_EVAL_DATA", str(tmp_path / "all"))
    assert data.load(gsm8k).origin == str(place)


def test_a_data_folder_that_is_none_is_an_error(gsm8k: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped RARL_EVAL_DATA is not silently passed over for the hub."""
    monkeypatch.setenv("RARL_EVAL_DATA", str(tmp_path / "typo"))
    with pytest.raises(BadInput, match="is no folder"):
        data.load(gsm8k)


def test_an_unreachable_hub_says_what_to_do(gsm8k: Task) -> None:
    """Without the hub the user is told of --source and RARL_EVAL_DATA."""
    with pytest.raises(BadInput, match="--source TASK=PATH"):
        data.load(gsm8k)


def test_a_lock_holds_later_loads(gsm8k: Task, file: Path, tmp_path: Path) -> None:
    """The locked rows load; one changed word does not."""
    lock = tmp_path / "tasks.lock.json"
    data.write_lock(lock, [data.load(gsm8k, {"gsm8k": str(file)})])
    held = data.read_lock(lock)
    data.load(gsm8k, {"gsm8k": str(file)}, held)
    file.write_text(file.read_text().replace("What is 2", "What was 2"))
    with pytest.raises(LockMismatch, match="fingerprint"):
        data.load(gsm8k, {"gsm8k": str(file)}, held)


def test_a_lock_holds_the_task_version(gsm8k: Task, file: Path) -> None:
    """Scores of another version of a task are not comparable, and the lock says so."""
    loaded = data.load(gsm8k, {"gsm8k": str(file)})
    held = {"gsm8k": data.Locked(loaded.origin, None, 3, loaded.fingerprint, gsm8k.version)}
    with pytest.raises(LockMismatch, match="version"):
        data.load(replace(gsm8k, version=gsm8k.version + 1), {"gsm8k": str(file)}, held)


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 9, "tasks": {}}', '{"schema": 1}'])
def test_a_file_that_is_no_lock_is_refused(tmp_path: Path, content: str) -> None:
    """A broken or newer lock is one sentence."""
    path = tmp_path / "lock.json"
    path.write_text(content)
    with pytest.raises(BadInput, match="lock"):
        data.read_lock(path)


def test_repeated_rows_stay_apart(gsm8k: Task, file: Path) -> None:
    """A question that stands twice in a benchmark counts twice, under two keys."""
    file.write_text(file.read_text() * 2)
    loaded = data.load(gsm8k, {"gsm8k": str(file)})
    assert [i.repeat for i in loaded.items] == [0, 0, 0, 1, 1, 1]
    assert len(loaded.by_key) == 6


@pytest.mark.parametrize(
    ("row", "error", "said"),
    [
        ({"question": "x"}, MissingField, "row 1 has no field 'answer'"),
        ({"question": "x", "answer": "no mark"}, BadInput, "row 1 is not a row of gsm8k"),
        ({"question": "x", "answer": 3}, BadInput, "row 1 is not a row of gsm8k"),
    ],
)
def test_rows_of_another_benchmark_are_named(
    gsm8k: Task, file: Path, row: dict[str, object], error: type[BadInput], said: str
) -> None:
    """A row that is not the task's is one sentence with file and row."""
    file.write_text(json.dumps(row) + "\n")
    with pytest.raises(error, match=said):
        data.load(gsm8k, {"gsm8k": str(file)})


def test_a_file_without_items_is_refused(gsm8k: Task, file: Path) -> None:
    """An empty benchmark is an error, not a run over nothing."""
    file.write_text("\n")
    with pytest.raises(BadInput, match="holds no item"):
        data.load(gsm8k, {"gsm8k": str(file)})


@pytest.mark.parametrize("option", ["gsm8k", "=x", "gsm8k="])
def test_a_source_is_a_pair(option: str) -> None:
    """--source that is not TASK=PATH is refused."""
    with pytest.raises(BadInput, match="TASK=PATH"):
        data.parse_sources([option])
