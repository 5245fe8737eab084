"""JSON files that are too large to hold are gone through part by part, and give what the whole would give."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.files import large
from rarl_eval.files.rows import large_json, read_rows
from rarl_eval.importers import read_log
from rarl_eval.importers.outputs import read_object

ODD = 'a "b" \\ {[ \u2028 é 𝔽 \n }], '
ROWS = [{"n": n, ODD: [ODD * n, {"x": [{}, []]}], "v": None} for n in range(5)]
LOG = {"eval": {"model": "m", "ids": [1, 2]}, "samples": ROWS, "status": "success", "version": 2, "end": ODD}
KEPT = {
    "list": ROWS,
    "list of one": ROWS[:1],
    "rows by name": {f"{n}{ODD}": row for n, row in enumerate(ROWS)},
    "log": LOG,
    "samples last": {"version": 1, "samples": ROWS},
}
WHOLE = {
    "columns": {"a": [1, 2], "b": ["x", "y"]},
    "columns by number": {"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}},
    "rows in parts": {"train": {"a": {"n": 1}}, "test": {"b": {"n": 2}}},
    "one row": {"n": 1, "t": {"x": 1}},
    "no samples": {"version": 1, "samples": []},
    "empty list": [],
}


BLOCKS = (1, 7, 4096)


def in_blocks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """From here on every file is large, and read in blocks of so many bytes."""
    monkeypatch.setattr(large, "LARGE_BYTES", 0)
    monkeypatch.setattr(large, "_BLOCK_BYTES", size)
    large.forget()


@pytest.fixture(params=BLOCKS)
def _small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    in_blocks(monkeypatch, request.param)


def same(value: Any) -> Any:
    """A row with its parts read."""
    return {k: list(v) if isinstance(v, large.LargeList) else v for k, v in value.items()}


@pytest.mark.parametrize("size", BLOCKS)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", [*KEPT, *WHOLE])
def test_parts_are_what_the_whole_gives(
    name: str, indent: int | None, size: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In blocks of any size, on one line or on many, every layout has the rows that it has when read whole."""
    text = json.dumps((KEPT | WHOLE)[name], indent=indent)
    for path, content in ((tmp_path / "a.json", text.encode()), (tmp_path / "b.json.gz", gzip.compress(text.encode()))):
        path.write_bytes(content)
    expected = list(read_rows(tmp_path / "a.json"))
    of_one = read_object(tmp_path / "a.json")
    in_blocks(monkeypatch, size)
    for path in (tmp_path / "a.json", tmp_path / "b.json.gz"):
        assert (large_json(path) is not None) == (name in KEPT)
        assert [(number, same(row)) for number, row in read_rows(path)] == expected
        if name != "rows by name":
            found = read_object(path)
            assert (found and same(found)) == of_one


@pytest.mark.usefixtures("_small")
def test_numbers_that_only_the_standard_library_reads_end_no_part(tmp_path: Path) -> None:
    """NaN, lone surrogates, a mark of the byte order: rows come as they do when the file is read whole."""
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"a": NaN, "b": "}"}, {"a": [Infinity], "b": "\\ud800"}]')
    rows = [row for _, row in read_rows(path)]
    assert str(rows[0]) == "{'a': nan, 'b': '}'}"
    assert rows[1]["a"] == [float("inf")]


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize(
    "text", ['[{"a": 1}, {"a": ', '[{"a": 1}} ]', '[{"a": 1}] x', '[{"a": 1}, 5]', '[{"a": "', '{"a": {"b": 1}']
)
def test_what_is_damaged_is_refused_as_ever(text: str, tmp_path: Path) -> None:
    """What breaks off, closes what it did not open, or goes on behind its end is no large file, and one sentence."""
    path = tmp_path / "a.json"
    path.write_text(text)
    assert large_json(path) is None
    with pytest.raises(BadInput, match=r"a\.json"):
        list(read_rows(path))


@pytest.mark.usefixtures("_small")
def test_rows_on_lines_stay_rows_on_lines(tmp_path: Path) -> None:
    """A file of JSON lines that is called .json is read line by line."""
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}\n{"a": 2}\n{"a": 3}\n')
    assert [(n, row["a"]) for n, row in read_rows(path)] == [(1, 1), (2, 2), (3, 3)]
    assert read_object(path) is None


LOGS = Path(__file__).parents[1] / "fixtures" / "logs"


def test_inspects_log_is_the_same_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's own JSON gives the same outputs, settings and totals."""
    path = LOGS / "inspect" / "demo_math.json.gz"
    whole = read_log(path)
    expected = list(whole.outputs)
    in_blocks(monkeypatch, 4096)
    found = read_log(path)
    assert list(found.outputs) == expected
    assert (found.settings, found.reported) == (whole.settings, whole.reported)
