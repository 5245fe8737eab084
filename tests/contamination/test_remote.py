"""Corpora that lie elsewhere: the hub's datasets, a web server's files, and buckets through fsspec."""

import gzip
import io
import json
import tarfile
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import hub_server
import pytest
from hub_layouts import packed
from hub_server import Hub, cut, fault, status

from rarl_eval import data, registry
from rarl_eval.contamination.corpus import remote
from rarl_eval.contamination.corpus.shards import expand
from rarl_eval.contamination.scan import ScanSummary, scan
from rarl_eval.errors import BadInput

QUESTION = "A baker bakes seventeen loaves before dawn and twice as many after lunch; how many loaves does he bake?"
OTHER = [
    {"text": f"The river ran past house number {n}, and nobody there had ever counted its stones."} for n in range(40)
]
LEAK = {"text": f"Exercises.\n{QUESTION}\n51"}
SHA = "0123456789abcdef0123456789abcdef01234567"


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def tarred(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, content)
    return made.getvalue()


FILES = {
    "a.jsonl": lines([*OTHER, LEAK]),
    "a.jsonl.gz": gzip.compress(lines([*OTHER, LEAK])),
    "a.txt": f"Notes.\n\n{LEAK['text']}\n".encode(),
    "a.parquet": packed("a.parquet", [*OTHER, LEAK]),
    "a.tar.gz": tarred("inner.jsonl", lines([*OTHER, LEAK])),
    "a.zip": zipped("inner.jsonl", lines([*OTHER, LEAK])),
    "a.csv": packed("a.csv", [*OTHER, LEAK]),
}


def found(corpora: list[str], out: Path, **more: Any) -> tuple[ScanSummary, dict[str, Any]]:
    """What a scan for one item comes to, and its scan.json."""
    rows = out.parent / "rows.jsonl"
    rows.write_text(json.dumps({"question": QUESTION, "answer": "So.\n#### 51"}) + "\n")
    (task,) = registry.tasks("gsm8k")
    benchmark = data.load(task, {"gsm8k": str(rows)})
    done = scan([benchmark], corpora, out, say=lambda _: None, progress=lambda *_: None, **more)
    return done, json.loads((out / "scan.json").read_text())


def shards(told: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told["corpora"]
    return found


@pytest.fixture
def bucket() -> Iterator[str]:
    """A folder in fsspec's file system in memory."""
    name = f"bucket-{uuid.uuid4().hex}"
    yield f"memory://{name}"
    fsspec.filesystem("memory").rm(f"/{name}", recursive=True)


def fill(bucket: str, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        with fsspec.open(f"{bucket}/{name}", "wb") as stream:
            stream.write(content)


@pytest.mark.parametrize("name", FILES)
def test_a_file_on_a_web_server_is_scanned(name: str, hub: Hub, tmp_path: Path) -> None:
    """Lines, texts, tables and archives; the entity tag that the server gave stands in scan.json."""
    hub.raw[f"/corpus/{name}"] = FILES[name]
    done, told = found([f"{hub.url}/corpus/{name}"], tmp_path / "scan")
    assert (done.tasks["gsm8k"]["flagged"], done.failed) == (1, ())
    (shard,) = shards(told)
    assert shard["etag"] == f'"{hub_server.git_hash(FILES[name])}"'
    assert (shard["name"], shard["bytes"]) == (f"{hub.url}/corpus/{name}", len(FILES[name]))


def test_a_server_that_breaks_off_is_gone_on_with(hub: Hub, tmp_path: Path) -> None:
    """A file that comes in pieces is read whole; one that never ends is told, and no item is called clean."""
    hub.raw["/corpus/a.jsonl"] = FILES["a.jsonl"]
    address = f"{hub.url}/corpus/a.jsonl"
    hub.faults.append(fault("a.jsonl", cut(0.5), times=3))
    done, _ = found([address], tmp_path / "scan")
    assert done.tasks["gsm8k"]["flagged"] == 1
    (shard,) = expand([address])
    hub.faults.append(fault("a.jsonl", status(503)))
    with (
        pytest.raises(BadInput, match="answers 503"),
        remote.given(shard.remote or remote.FarFile(""), lines=True) as it,
    ):
        it.read()  # type: ignore[union-attr]


def test_a_file_that_changed_meanwhile_is_told(hub: Hub, tmp_path: Path) -> None:
    """The identity that was listed is the one that is read."""
    hub.raw["/corpus/a.jsonl"] = FILES["a.jsonl"]
    before = hub.raw["/corpus/a.jsonl"]

    def change(handler: Any) -> bool:
        hub.raw["/corpus/a.jsonl"] = before if handler.hub.count("a.jsonl") == 1 else before + b"{}\n"
        return False

    hub.faults.append(change)
    done, _ = found([f"{hub.url}/corpus/a.jsonl"], tmp_path / "scan")
    assert [why for _, why in done.failed] == [f"{hub.url}/corpus/a.jsonl has changed since it was listed; scan again"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("{hub}/corpus/none.jsonl", "none.jsonl answers 404"),
        ("memory://nowhere/at/all", "does not exist, or holds no file"),
        ("nosuch://bucket/x", "nosuch://bucket/x cannot be opened: Protocol not known"),
        ("hf:owner", "is not hf:OWNER/NAME"),
        ("hf:no/such", "the hub has no dataset no/such"),
        ("hf:web/pages:else/train", "has no configuration else; it has plain"),
        ("hf:web/pages:*.txt", "holds no file that can be scanned"),
    ],
)
def test_a_corpus_that_is_not_there_is_one_sentence(address: str, said: str, hub: Hub, tmp_path: Path) -> None:
    """Nothing is scanned where an address is wrong."""
    put_pages(hub)
    with pytest.raises(BadInput, match=said.replace("*", r"\*")):
        found([address.format(hub=hub.url)], tmp_path / "scan")
    assert not (tmp_path / "scan").exists()


def put_pages(hub: Hub) -> None:
    """A dataset of web pages with two splits in one configuration."""
    card = b"---\nconfigs:\n- config_name: plain\n  data_files:\n  - split: train\n    path: plain/train-*\n"
    card += b"  - split: test\n    path: plain/test-*\n---\n"
    hub.repos["web/pages"] = [
        {
            "README.md": card,
            ".gitattributes": b"*",
            "plain/train-00000-of-00002.parquet": packed("x.parquet", OTHER),
            "plain/train-00001-of-00002.parquet": packed("x.parquet", [*OTHER, LEAK]),
            "plain/test-00000-of-00001.jsonl": lines(OTHER[:3]),
        }
    ]


@pytest.mark.parametrize(
    ("part", "count", "flagged"),
    [("", 3, 1), (":plain/train", 2, 1), (":train", 2, 1), (":plain/test", 1, 0), (":plain/*1-of-*.parquet", 1, 1),
     (":plain/train-00001-of-00002.parquet", 1, 1), ("@main:plain/test", 1, 0)],
)  # fmt: skip
def test_a_dataset_of_the_hub_is_scanned(part: str, count: int, flagged: int, hub: Hub, tmp_path: Path) -> None:
    """Whole, a split, a pattern or a file of it, at a revision; the commit stands in scan.json and nothing is kept."""
    put_pages(hub)
    sha = hub.commit("web/pages")
    done, told = found([f"hf:web/pages{part}"], tmp_path / "scan")
    assert (len(shards(told)), done.tasks["gsm8k"]["flagged"], done.failed) == (count, flagged, ())
    assert {shard["revision"] for shard in shards(told)} == {sha}
    assert all(shard["name"].startswith(f"hf:web/pages@{sha}/plain/") for shard in shards(told))
    assert not list((tmp_path / "hf").rglob("*.parquet"))


def test_a_gated_corpus_names_what_opens_it(hub: Hub, tmp_path: Path) -> None:
    """The shards that cannot be read say why."""
    put_pages(hub)
    hub.gated.add("web/pages")
    done, _ = found(["hf:web/pages:plain/train-00001-of-00002.parquet"], tmp_path / "scan")
    assert "web/pages is gated on the hub: accept its conditions at" in done.failed[0][1]


def test_a_bucket_is_scanned_and_resumed(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders and patterns of any file system of fsspec; finished shards are not read again, a changed one is."""
    fill(bucket, {"in/a.jsonl": FILES["a.jsonl"], "in/b.parquet": FILES["a.parquet"], "c.zip": FILES["a.zip"]})
    done, told = found([f"{bucket}/**"], tmp_path / "one")
    assert (len(shards(told)), done.tasks["gsm8k"]["flagged"]) == (3, 1)
    assert all(shard["etag"] for shard in shards(told))
    opened: list[str] = []
    real = remote._opened
    monkeypatch.setattr(remote, "_opened", lambda r: opened.append(r.address) or real(r))
    monkeypatch.setattr("rarl_eval.contamination.scan._write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        found([f"{bucket}/in"], tmp_path / "two")
    monkeypatch.undo()
    monkeypatch.setattr(remote, "_opened", lambda r: opened.append(r.address) or real(r))
    assert len(opened) == 2
    fill(bucket, {"in/a.jsonl": FILES["a.jsonl"] + b"\n"})
    assert found([f"{bucket}/in"], tmp_path / "two", resume=True)[0].tasks["gsm8k"]["flagged"] == 1
    assert opened[2:] == [f"{bucket}/in/a.jsonl"]
