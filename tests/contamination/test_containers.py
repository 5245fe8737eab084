"""What a corpus is packed in, and what no text comes out of: nothing is clean that was not read."""

import base64
import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rarl_eval.contamination.clean import clean
from rarl_eval.contamination.corpus import unpack
from rarl_eval.errors import BadInput
from rarl_eval.types import Item
from tests.contamination.made import benchmark, problems, prose, run, write_jsonl

ITEMS = problems(6, seed=83)
ROWS = [{"text": f"{prose(random.Random(n))} {ITEMS[n].question} {prose(random.Random(n + 9))}"} for n in range(4)]
LINES = "".join(json.dumps(r) + "\n" for r in ROWS).encode()
RUSSIAN = Item(
    id="ru", gold="18",
    question="Утки Марии несут по 16 яиц в день, три она съедает утром, из четырёх печёт кексы. Сколько яиц остаётся?",
)  # fmt: skip


def zipped(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return sink.getvalue()


def tarred(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name.replace("__", "."))
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return sink.getvalue()


def lz4(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "lz4") as packed:
        packed.write(data)
    return bytes(sink.getvalue())


def parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def csv_of(rows: list[dict[str, str]]) -> str:
    return "n,text\n" + "".join(f'{n},"{r["text"]}"\n' for n, r in enumerate(rows))


def record(kind: str, body: bytes) -> bytes:
    return f"WARC/1.0\r\nWARC-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n\r\n"


def wet() -> bytes:
    return record("warcinfo", b"software: none") + b"".join(record("conversion", r["text"].encode()) for r in ROWS)


def warc() -> bytes:
    """Pages plain, chunked, packed and in Latin-1, between requests that hold nothing."""
    pages = [f"<html><p>{r['text']}</p></html>".encode() for r in ROWS]
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (pages[1][:50], pages[1][50:])) + b"0\r\n\r\n"
    bodies = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + pages[0],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(pages[2]),
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=ISO-8859-1\r\n\r\n\xe9t\xe9 " + pages[3],
    ]
    return b"".join(record("request", b"GET / HTTP/1.1\r\n\r\n") + record("response", b) for b in bodies)


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "a.jsonl.bz2": lambda: bz2.compress(LINES[:900]) + bz2.compress(LINES[900:]),
    "a.jsonl.xz": lambda: lzma.compress(LINES),
    "a.jsonl.lz4": lambda: lz4(LINES),
    "a.jsonl": lambda: lzma.compress(LINES),
    "a.zip": lambda: zipped(one__jsonl=LINES[:0], two__jsonl=LINES),
    "rows.zip": lambda: zipped(t__csv=csv_of(ROWS[:2]).encode(), t__parquet=parquet(ROWS[2:])),
    "a.tar": lambda: tarred(**{f"{n}__txt": r["text"].encode() for n, r in enumerate(ROWS)}),
    "a.tar.gz": lambda: gzip.compress(tarred(inner__jsonl__bz2=bz2.compress(LINES))),
    "nested.zip": lambda: zipped(inner__zip=zipped(a__jsonl=LINES)),
    "a.csv.xz": lambda: lzma.compress(csv_of(ROWS).encode()),
    "a.json.bz2": lambda: bz2.compress(json.dumps(ROWS).encode()),
    "a.parquet": lambda: parquet([{"text": r["text"].encode()} for r in ROWS]),
    "misnamed.txt": lambda: parquet(ROWS),
    "utf16.jsonl": lambda: LINES.decode().encode("utf-16"),
    "utf16be.txt": lambda: LINES.decode().encode("utf-16-be"),
    "utf32.csv": lambda: csv_of(ROWS).encode("utf-32"),
    "a.warc.wet.gz": lambda: gzip.compress(wet()),
    "a.warc": warc,
    "chats.jsonl": lambda: b"".join(json.dumps({"c": json.dumps([{"q": r["text"]}])}).encode() + b"\n" for r in ROWS),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_is_packed_is_read(tmp_path: Path, name: str) -> None:
    """By its content, whatever its name: each planted item is found, the two others are clean."""
    (tmp_path / name).write_bytes(CONTAINERS[name]())
    result, summary, _ = run([benchmark(ITEMS)], [tmp_path / name], tmp_path / "out")
    assert summary.failed == ()
    assert [i.status for i in result.items.values()] == ["flagged"] * 4 + ["clean"] * 2
    assert {i.level for i in result.items.values() if i.status == "flagged"} == {"exact"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("declared.xml", f'<?xml version="1.0" encoding="windows-1251"?><p>{RUSSIAN.question}</p>'.encode("cp1251")),
        ("page.html", f'<html><meta charset="koi8-r"><p>{RUSSIAN.question}</p>'.encode("koi8-r")),
        ("mark.txt", RUSSIAN.question.encode("utf-16")),
        ("twice.jsonl", json.dumps({"text": json.dumps({"q": RUSSIAN.question})}).encode() + b"\n"),
        ("thrice.jsonl", json.dumps([json.dumps({"a": [json.dumps({"q": RUSSIAN.question})]})]).encode() + b"\n"),
        ("escaped.jsonl", json.dumps({"text": "Q: " + json.dumps(RUSSIAN.question)[1:-1]}).encode() + b"\n"),
        ("cell.csv", b'n,text\n1,"' + json.dumps({"q": RUSSIAN.question}).replace('"', '""').encode() + b'"\n'),
    ],
)  # fmt: skip
def test_encodings_and_escapes_are_undone(tmp_path: Path, name: str, data: bytes) -> None:
    """Declared encodings, byte order marks, and JSON inside the strings of JSON hide nothing."""
    (tmp_path / name).write_bytes(data)
    result, summary, _ = run([benchmark([RUSSIAN])], [tmp_path / name], tmp_path / "out")
    assert summary.failed == ()
    assert [(i.status, i.level) for i in result.items.values()] == [("flagged", "exact")]


NOISE = random.Random(5).randbytes(20_000)
UNREAD: dict[str, tuple[bytes, str]] = {
    "noise.txt": (NOISE, "no text, or in an unknown encoding"),
    "noise.jsonl": (NOISE, "no text, or in an unknown encoding"),
    "latin.txt": (
        "Élève à l'école : où était-il né, là-bas ? Près du château.".encode("latin-1"),
        "encoding",
    ),
    "cyrillic.txt": (RUSSIAN.question.encode("cp1251"), "unknown encoding"),
    "b64.jsonl": (json.dumps({"text": base64.b64encode(NOISE).decode()}).encode() + b"\n", "base64"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c" + NOISE, "it is 7z"),
    "a.pdf": (b"%PDF-1.7\n" + NOISE, "it is pdf"),
    "cut.jsonl.bz2": (bz2.compress(LINES)[:-20], "ends in the middle"),
    "cut.jsonl.xz": (lzma.compress(LINES)[:-20], "ends in the middle"),
    "cut.tar.gz": (gzip.compress(tarred(a__txt=LINES))[:-20], "middle"),
    "cut.zip": (zipped(a__jsonl=LINES)[:-20], "cannot be read"),
    "inside.zip": (zipped(a__txt=b"plain words", b__dat=NOISE), "inside.zip/b.dat"),
    "headless.warc": (b"\r\n\r\n" + wet(), "record 1 of the web archive has no length"),
    "cut.warc": (wet()[:-40], "ends in the middle"),
    "images.parquet": (parquet([{"image": NOISE, "id": 7}]), "the column image holds bytes that are no text"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_no_text_is_not_scanned(tmp_path: Path, name: str) -> None:
    """The shard is listed with the reason, no item is called clean, and no cleaned copy is written."""
    data, why = UNREAD[name]
    (tmp_path / name).write_bytes(data)
    good = write_jsonl(tmp_path / "good.jsonl", ROWS[:1])
    result, summary, _ = run([benchmark(ITEMS)], [tmp_path / name, good], tmp_path / "out")
    assert [shard for shard, _ in summary.failed] == [str(tmp_path / name)] == result.report["not_scanned"]
    assert why in summary.failed[0][1]
    assert {i.status for i in result.items.values()} == {"flagged", "unscanned"}
    with pytest.raises(BadInput):
        clean([benchmark(ITEMS)], [tmp_path / name, good], tmp_path / "cleaned", say=lambda _: None)
    assert not (tmp_path / "cleaned").exists()


@pytest.mark.parametrize("name", ["a.jsonl.bz2", "a.jsonl.xz", "a.zip", "a.tar", "a.tar.gz", "utf16.jsonl", "a.warc"])
def test_what_cannot_be_written_is_not_cleaned(tmp_path: Path, name: str) -> None:
    """What is read and cannot be copied as it is ends in one sentence, with nothing written."""
    (tmp_path / name).write_bytes(CONTAINERS[name]())
    with pytest.raises(BadInput, match="cannot be cleaned"):
        clean([benchmark(ITEMS)], [tmp_path / name], tmp_path / "cleaned", say=lambda _: None)
    assert not (tmp_path / "cleaned").exists()


def test_a_folder_hides_no_archive(tmp_path: Path) -> None:
    """Archives of a folder are shards of their own; one file that is no text does not keep the rest from being read."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped(x__jsonl=LINES.split(b"\n")[0]))
    (folder / "b.txt").write_text(ROWS[1]["text"])
    (folder / "c.dat").write_bytes(NOISE)
    (folder / "d.txt").write_text(ROWS[2]["text"])
    (folder / "picture.png").write_bytes(NOISE)
    result, summary, _ = run([benchmark(ITEMS)], [folder], tmp_path / "out")
    assert {i.id: i.document for i in result.items.values() if i.status == "flagged"} == {
        "0": "corpus/a.zip/x.jsonl:1", "1": "corpus/b.txt", "2": "corpus/d.txt",
    }  # fmt: skip
    assert [why.split(" cannot")[0] for _, why in summary.failed] == [str(folder / "c.dat")]


def test_base64_beside_text_is_said(tmp_path: Path) -> None:
    """Text beside it is read; that the rest was not is said, and of a table the columns that are no text."""
    rows = [{"text": ROWS[0]["text"], "image": base64.b64encode(NOISE[:1500]).decode()}]
    lines = write_jsonl(tmp_path / "a.jsonl", rows)
    (tmp_path / "b.parquet").write_bytes(parquet([{"text": ROWS[1]["text"], "pixels": NOISE}]))
    result, summary, said = run([benchmark(ITEMS)], [lines, tmp_path / "b.parquet"], tmp_path / "out")
    assert summary.failed == ()
    assert [i.id for i in result.items.values() if i.status == "flagged"] == ["0", "1"]
    assert f"{lines}: some of it is base64 or the like, which is not decoded" in said
    assert f"{tmp_path / 'b.parquet'}: the column pixels holds bytes that are no text; they were not read" in said


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress, lambda d: zipped(a__jsonl=d), zlib.compress])
def test_bombs_of_any_kind_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Any) -> None:
    """What unfolds without end is left after a bounded number of bytes, and not called clean."""
    monkeypatch.setattr(unpack, "BOMB_BYTES", 1 << 20)
    (tmp_path / "bomb.jsonl").write_bytes(pack(b"0" * (16 << 20)))
    result, summary, _ = run([benchmark(ITEMS)], [tmp_path / "bomb.jsonl"], tmp_path / "out")
    assert len(summary.failed) == 1
    assert {i.status for i in result.items.values()} == {"unscanned"}
