"""Rows of files as people have them, and one clear sentence for those that cannot be read."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import COMPRESSED, bare_name, read_rows, suffix_of

ROWS = [{"q": "one", "a": 1}, {"q": "two\u2028\u0085lines", "a": 2}]
JSONL = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in ROWS).encode()


def named(value: object) -> str:
    """Return a test's name, which must not hold compressed bytes: gzip writes the time into them."""
    return "content" if isinstance(value, bytes) else str(value)


def rows(path: Path) -> list[dict[str, object]]:
    return [row for _, row in read_rows(path)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.jsonl", JSONL),
        ("no_newline_at_end.jsonl", JSONL.rstrip()),
        ("blank_lines.jsonl", JSONL.replace(b"\n", b"\n\n")),
        ("gzip.jsonl.gz", gzip.compress(JSONL)),
        ("gzip_without_its_name.jsonl", gzip.compress(JSONL)),
        ("zstd.jsonl.zst", zstandard.compress(JSONL)),
        ("frames.jsonl.zst", zstandard.compress(JSONL[:20]) + zstandard.compress(JSONL[20:])),
        ("lines.json", JSONL),
        ("list.json", json.dumps(ROWS).encode()),
        ("indented.json", json.dumps(ROWS, indent=1).encode()),
        ("columns.json", json.dumps({"q": [r["q"] for r in ROWS], "a": [1, 2]}).encode()),
        ("columns_by_index.json", json.dumps({"q": {"0": "one", "1": ROWS[1]["q"]}, "a": {"0": 1, "1": 2}}).encode()),
    ],
    ids=named,
)
def test_every_layout_gives_the_same_rows(tmp_path: Path, name: str, content: bytes) -> None:
    """Layout and compression do not change rows; U+2028 and U+0085 do not end a line."""
    path = tmp_path / name
    path.write_bytes(content)
    assert rows(path) == ROWS


def test_rows_by_id_keep_the_id(tmp_path: Path) -> None:
    """An object of rows gives each row its key as _id, and parts of such objects are told apart."""
    path = tmp_path / "by_id.json"
    path.write_text(json.dumps({"17": {"q": "x"}, "23": {"q": "y"}}))
    assert rows(path) == [{"_id": "17", "q": "x"}, {"_id": "23", "q": "y"}]
    path.write_text(json.dumps({"med": {"0": {"q": "x"}}, "bio": {"0": {"q": "y"}, "1": {"q": "z"}}}))
    assert [r["_id"] for r in rows(path)] == ["med/0", "bio/0", "bio/1"]


def test_tables_are_read(tmp_path: Path) -> None:
    """Parquet, Arrow streams and files, CSV and TSV give rows."""
    table = pa.Table.from_pylist(ROWS)
    pq.write_table(table, tmp_path / "t.parquet")
    with pa.OSFile(str(tmp_path / "s.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    with pa.OSFile(str(tmp_path / "f.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    (tmp_path / "c.csv").write_text('q,a\none,1\n"two, three",2\n')
    (tmp_path / "c.tsv").write_text("q\ta\none\t1\n")
    assert rows(tmp_path / "t.parquet") == rows(tmp_path / "s.arrow") == rows(tmp_path / "f.arrow") == ROWS
    assert rows(tmp_path / "c.csv") == [{"q": "one", "a": "1"}, {"q": "two, three", "a": "2"}]
    assert rows(tmp_path / "c.tsv") == [{"q": "one", "a": "1"}]


def test_numbers_are_those_of_the_lines(tmp_path: Path) -> None:
    """A row's number is its line's, blank lines counted, so that an editor finds it."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}\n\n{"a": 2}\n')
    assert [number for number, _ in read_rows(path)] == [1, 3]


def test_a_lone_surrogate_is_text(tmp_path: Path) -> None:
    """A JSON escape of half a pair, which real outputs hold, is read."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"q": "\\ud83d"}\n')
    assert rows(path) == [{"q": "\ud83d"}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        ("latin.jsonl", b'{"a": 1}\n{"a": "caf\xe9"}\n', "line 2 is not UTF-8"),
        ("number.jsonl", b"3\n", "line 1 is a number, not an object"),
        ("truncated.jsonl.gz", gzip.compress(JSONL * 500)[:-20], "cannot be read after line"),
        ("corrupt.jsonl.gz", gzip.compress(JSONL)[:12] + b"\0" * 30, "cannot be read after line 0"),
        ("truncated.jsonl.zst", zstandard.compress(JSONL * 50)[:-9], "the zstd stream is cut off"),
        (
            "second_frame.jsonl.zst",
            zstandard.compress(JSONL) + zstandard.compress(JSONL)[:-9],
            "after line 2: the zstd",
        ),
        ("empty.json", b"", "is empty"),
        ("scalar.json", b'"text"', "holds a string"),
        ("mixed.json", b'[{"a": 1}, 2]', "row 2 is a number"),
        ("nested.jsonl", b"[" * 100_000, "line 1"),
        ("ragged.csv", b"a,b\n1,2,3\n", "line 2 has more cells"),
        ("latin.csv", b"a\ncaf\xe9\n", "is not UTF-8"),
        ("no.parquet", b"PAR1 and nothing", "cannot be read as Parquet"),
        ("no.arrow", b"nothing", "cannot be read as Arrow"),
    ],
    ids=named,
)
def test_bad_files_are_named_with_their_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """A file that cannot be read is one sentence with its name and place."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        rows(path)
    assert str(path) in str(caught.value)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    """A path that is no file is said to be none, before any row is asked for."""
    with pytest.raises(BadInput, match="does not exist"):
        read_rows(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="is a folder"):
        read_rows(tmp_path)


@pytest.mark.parametrize(
    ("name", "bare", "suffix"),
    [
        ("a.jsonl", "a.jsonl", ".jsonl"),
        ("a.csv.gz", "a.csv", ".csv"),
        ("A.CSV.ZSTD", "A.CSV", ".csv"),
        ("a.tsv.zst", "a.tsv", ".tsv"),
        ("a.json.gzip", "a.json", ".json"),
        ("a.json.zst.gz", "a.json", ".json"),
        ("samples.v1.jsonl.zstd", "samples.v1.jsonl", ".jsonl"),
        ("a.gz", "a", ""),
        ("a", "a", ""),
    ],
)
def test_compression_says_nothing_of_the_format(name: str, bare: str, suffix: str) -> None:
    """One table of suffixes, whatever the case and however often a file was packed."""
    assert (bare_name(Path("x.csv") / name), suffix_of(Path("x.csv") / name)) == (bare, suffix)


@pytest.mark.parametrize("packed", COMPRESSED)
def test_every_suffix_of_compression_is_read_alike(tmp_path: Path, packed: str) -> None:
    """A packed CSV and a packed JSON list have their rows, whichever of its names the compression goes by."""
    pack = gzip.compress if packed.startswith(".g") else zstandard.ZstdCompressor().compress
    (tmp_path / f"o.csv{packed}").write_bytes(pack(b"id,answer\n7,42\n"))
    (tmp_path / f"o.json{packed}").write_bytes(pack(b'[{"id": "7", "answer": "42"}]'))
    for name in ("o.csv", "o.json"):
        assert [row for _, row in read_rows(tmp_path / f"{name}{packed}")] == [{"id": "7", "answer": "42"}]
