"""The history of nights: appended, never changed, read by us and by DuckDB."""

from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.nightly import history
from rarl_eval.nightly.history import ItemRow, ResultRow


def result(night: str, model: str = "m", **fields) -> ResultRow:
    """A result with everything unknown but what is given."""
    values = {
        "night": night, "started": "2026-01-05T02:17:00+00:00", "model": model, "task": "t", "budget": None,
        "task_version": 1, "fingerprint": "f", "status": "ok", "reason": "", "n": 2, "traces": 4, "errors": 0, "rewards": "{}",
    }  # fmt: skip
    unknown = {f.name: None for f in msgspec.structs.fields(ResultRow) if f.name not in values}
    return ResultRow(**{**unknown, **values, **fields})


def item(night: str, key: str, right: int = 1, **fields) -> ItemRow:
    """An item with two samples."""
    values = {"model": "m", "task": "t", "budget": None, "task_version": 1, "item_id": key, "tokens": None}
    return ItemRow(**{**values, "night": night, "key": key, "unit": f"k:{key}", "samples": 2, "right": right, **fields})


def test_what_was_appended_is_read_back(tmp_path: Path):
    """Every field survives, None included, and nights come in order."""
    nights = {
        "2026-01-06": (
            [result("2026-01-06", accuracy=0.5, budget=1024)],
            [item("2026-01-06", "b", tokens=7, budget=1024)],
        ),
        "2026-01-05": (
            [result("2026-01-05"), result("2026-01-05", "n")],
            [item("2026-01-05", "a"), item("2026-01-05", "b", 0)],
        ),
    }
    for results, items in nights.values():
        history.append(tmp_path, results, items)
    assert history.nights(tmp_path) == ["2026-01-05", "2026-01-06"]
    assert history.read_results(tmp_path) == [*nights["2026-01-05"][0], *nights["2026-01-06"][0]]
    assert history.read_results(tmp_path, ["2026-01-06"]) == nights["2026-01-06"][0]
    assert history.read_items(tmp_path, "2026-01-05") == nights["2026-01-05"][1]
    assert nights["2026-01-06"][0][0].cell == nights["2026-01-06"][1][0].cell == ("m", "t", 1024)


def test_a_night_is_never_changed(tmp_path: Path):
    """A second append of a night is refused and leaves the bytes as they are."""
    history.append(tmp_path, [result("x")], [item("x", "a")])
    before = (tmp_path / "results" / "x.parquet").read_bytes()
    with pytest.raises(BadInput, match="already holds the night x"):
        history.append(tmp_path, [result("x", accuracy=1.0)], [item("x", "a", 0)])
    assert (tmp_path / "results" / "x.parquet").read_bytes() == before


def test_a_night_whose_results_are_missing_is_not_finished(tmp_path: Path):
    """Items alone are what a kill left behind: the night is done again and then there."""
    history.append(tmp_path, [result("x")], [item("x", "a", 0)])
    (tmp_path / "results" / "x.parquet").unlink()
    assert history.nights(tmp_path) == []
    history.append(tmp_path, [result("x")], [item("x", "a", 1)])
    assert history.read_items(tmp_path, "x")[0].right == 1
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]


def test_an_empty_history_has_no_nights(tmp_path: Path):
    """A folder that does not exist yet is a history without nights."""
    assert (history.nights(tmp_path / "none"), history.read_results(tmp_path / "none")) == ([], [])


def test_damage_and_other_schemas_are_named(tmp_path: Path):
    """A truncated file and one of another program are one sentence each."""
    history.append(tmp_path, [result("x")], [item("x", "a")])
    file = tmp_path / "results" / "x.parquet"
    table = pq.read_table(file)
    pq.write_table(table.replace_schema_metadata({"rarl_eval_history": "99"}), file)
    with pytest.raises(SchemaMismatch, match="schema 99, this version reads 1"):
        history.read_results(tmp_path)
    pq.write_table(table.drop_columns(["status"]), file)
    with pytest.raises(BadInput, match=r"x\.parquet is no history file"):
        history.read_results(tmp_path)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(BadInput, match=r"x\.parquet cannot be read"):
        history.read_results(tmp_path)


def test_duckdb_reads_the_history_as_it_stands(tmp_path: Path):
    """One glob is a table; columns have their names and types."""
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed; pip install 'rarl-eval[dev]' brings it")
    for night, accuracy in (("2026-01-05", 0.5), ("2026-01-06", 0.75)):
        history.append(tmp_path, [result(night, accuracy=accuracy)], [item(night, "a"), item(night, "b", 2)])
    connection = duckdb.connect()
    rows = connection.execute(
        f"SELECT night, accuracy, budget FROM '{tmp_path}/results/*.parquet' WHERE model = 'm' ORDER BY night"
    ).fetchall()
    assert rows == [("2026-01-05", 0.5, None), ("2026-01-06", 0.75, None)]
    total = connection.execute(f"SELECT sum(\"right\") / sum(samples) FROM '{tmp_path}/items/*.parquet'").fetchone()
    assert total == (0.75,)
    connection.close()


def test_a_year_of_nights_is_read_in_seconds(tmp_path: Path):
    """Results stand apart from items: 50 nights of 200 cells are 10,000 rows, and items are not touched."""
    for day in range(50):
        night = f"2026-{1 + day // 28:02}-{1 + day % 28:02}"
        history.append(tmp_path, [result(night, f"m{i}") for i in range(200)], [item(night, "a")])
    for file in (tmp_path / "items").glob("*.parquet"):
        file.write_bytes(b"")
    assert len(history.read_results(tmp_path)) == 10_000
