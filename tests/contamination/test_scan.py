"""The scan directory: formats in, failures, determinism, resuming."""

import gzip
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from rarl_eval.contamination.corpus import readers, unpack
from rarl_eval.errors import BadInput, NotInstalled
from rarl_eval.evidence.scans import read_scan
from tests.contamination.made import ROOT, benchmark, files_of, problems, prose, run, write_jsonl

ITEMS = problems(30, seed=21)
PLANTED = ITEMS[:10]
ROWS = [{"id": n, "text": f"{prose(random.Random(n), 30)}\n{item.question}"} for n, item in enumerate(PLANTED)]
LINES = "".join(json.dumps(r) + "\n" for r in ROWS).encode()


def flagged(out: Path) -> set[str]:
    return {i.id for i in read_scan(out).items.values() if i.status == "flagged"}


WANTED = {item.id for item in PLANTED}


def write_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(ROWS), path)


def write_dataset(path: Path) -> None:
    import datasets

    datasets.Dataset.from_list(ROWS).save_to_disk(str(path))


def write_chat(path: Path) -> None:
    rows = [
        {"conversations": [[{"role": "user", "content": r["text"]}, {"role": "assistant", "content": "ok"}]]}
        for r in ROWS
    ]
    write_jsonl(path, rows)


def write_texts(path: Path) -> None:
    (path / "deep").mkdir(parents=True)
    for n, row in enumerate(ROWS):
        (path / ("deep" if n % 2 else ".") / f"{n}.md").write_text(row["text"])


def write_zip_members(path: Path) -> None:
    path.write_bytes(b"".join(gzip.compress(line + b"\n") for line in LINES.split(b"\n") if line) + b"\0" * 512)


FORMATS: dict[str, Any] = {
    "plain.jsonl": lambda p: p.write_bytes(LINES),
    "no_suffix": lambda p: p.write_bytes(LINES),
    "one.jsonl.gz": lambda p: p.write_bytes(gzip.compress(LINES)),
    "members.jsonl.gz": write_zip_members,
    "one.jsonl.zst": lambda p: p.write_bytes(zstandard.compress(LINES) + zstandard.compress(b"")),
    "list.json": lambda p: p.write_text(json.dumps(ROWS)),
    "lines.json": lambda p: p.write_bytes(LINES),
    "table.parquet": write_parquet,
    "dataset": write_dataset,
    "chat.jsonl": write_chat,
    "folder": write_texts,
    "book.txt": lambda p: p.write_text("\n\n".join(r["text"] for r in ROWS)),
    "table.csv": lambda p: p.write_text("id,text\n" + "".join(f'{r["id"]},"{r["text"]}"\n' for r in ROWS)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_corpora_are_read_as_people_have_them(tmp_path: Path, name: str) -> None:
    """Every format gives the same items."""
    FORMATS[name](tmp_path / name)
    _, summary, _ = run([benchmark(ITEMS)], [tmp_path / name], tmp_path / "out")
    assert flagged(tmp_path / "out") == WANTED
    assert summary.failed == ()


def test_globs_lists_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A glob, a list of paths and standard input are corpora too."""
    write_jsonl(tmp_path / "a1.jsonl", ROWS[:3])
    write_jsonl(tmp_path / "a2.jsonl", ROWS[3:6])
    write_jsonl(tmp_path / "b.jsonl", ROWS[6:8])
    (tmp_path / "list").write_text(f"{tmp_path / 'b.jsonl'}\n\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(ROWS[8]).encode() + b"\n")))
    result, _, _ = run([benchmark(ITEMS)], [f"{tmp_path}/a*.jsonl", f"@{tmp_path}/list", "-"], tmp_path / "out")
    assert flagged(tmp_path / "out") == {str(n) for n in range(9)}
    assert [Path(c["name"]).name for c in result.report["corpora"]] == ["-", "a1.jsonl", "a2.jsonl", "b.jsonl"]


def test_fields_are_said_and_can_be_chosen(tmp_path: Path) -> None:
    """What is read is said; a chosen field is the only one read."""
    rows = [{"keep": "nothing here", "other": {"text": r["text"]}} for r in ROWS]
    corpus = write_jsonl(tmp_path / "c.jsonl", rows)
    said = run([benchmark(ITEMS)], [corpus], tmp_path / "out")[2]
    assert said == [f"{corpus}: reads the text of keep, other"]
    assert flagged(tmp_path / "out") == WANTED
    run([benchmark(ITEMS)], [corpus], tmp_path / "out", fields=["keep"])
    assert flagged(tmp_path / "out") == set()
    run([benchmark(ITEMS)], [corpus], tmp_path / "out", fields=["other.text"])
    assert flagged(tmp_path / "out") == WANTED


@pytest.mark.parametrize(
    ("corpus", "options", "told"),
    [
        ("missing.jsonl", {}, "does not exist"),
        ("none*.jsonl", {}, "matches no file"),
        ("c.jsonl", {"fields": ["body"]}, "no row of the corpus has the field 'body'; it has id, text"),
        ("empty_folder", {}, "holds no file"),
    ],
)
def test_bad_input_writes_nothing(tmp_path: Path, corpus: str, options: dict[str, Any], told: str) -> None:
    """What cannot be scanned at all is one sentence, and no directory appears."""
    write_jsonl(tmp_path / "c.jsonl", [{"id": "a", "text": "b"}])
    (tmp_path / "empty_folder").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInput, match=told):
        run([benchmark(ITEMS)], [str(tmp_path / corpus)], tmp_path / "out", **options)
    assert sorted(tmp_path.iterdir()) == before


def test_a_directory_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    """Only a scan directory or an empty one is written over."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").write_text("x")
    with pytest.raises(BadInput, match="no scan directory"):
        run([benchmark(ITEMS)], [write_jsonl(tmp_path / "c.jsonl", ROWS)], tmp_path / "out")


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.jsonl.gz", cut(gzip.compress(os.urandom(100_000)))),
        ("cut.jsonl.zst", cut(zstandard.compress(os.urandom(100_000)))),
        ("broken.jsonl.gz", b"\x1f\x8b\x08\x00" + b"x" * 500),
        ("broken.parquet", b"PAR1 nothing"),
        ("broken.arrow", b"ARROW1 nothing"),
        ("broken.json", b"[1, 2"),
    ],
)
def test_a_corrupt_shard_is_said_and_the_rest_is_scanned(tmp_path: Path, name: str, content: bytes) -> None:
    """Its name stands in scan.json, the summary has it as failed, and what was not found is not called clean."""
    (tmp_path / name).write_bytes(content)
    good = write_jsonl(tmp_path / "good.jsonl", ROWS)
    result, summary, said = run([benchmark(ITEMS)], [tmp_path / name, good], tmp_path / "out")
    assert [path for path, _ in summary.failed] == [str(tmp_path / name)] == result.report["not_scanned"]
    assert len([s for s in said if s.startswith("not scanned") and name in s and "\n" not in s]) == 1
    assert flagged(tmp_path / "out") == WANTED
    assert {i.status for i in result.items.values()} == {"flagged", "unscanned"}


def test_bombs_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that unfolds without end is left after a bounded number of bytes."""
    monkeypatch.setattr(unpack, "BOMB_BYTES", 8 << 20)
    (tmp_path / "bomb.jsonl.gz").write_bytes(gzip.compress(b"0" * (64 << 20)))
    (tmp_path / "bomb.jsonl.zst").write_bytes(zstandard.compress(b"0" * (64 << 20)))
    good = write_jsonl(tmp_path / "good.jsonl", ROWS)
    _, summary, _ = run(
        [benchmark(ITEMS)], [tmp_path / "bomb.jsonl.gz", tmp_path / "bomb.jsonl.zst", good], tmp_path / "out"
    )
    assert ["unfolds" in why for _, why in summary.failed] == [True, True]
    assert flagged(tmp_path / "out") == WANTED


def test_hostile_lines_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nested brackets, NULs, lone surrogates, invalid UTF-8 and lines of any length do not hide what stands beside them."""
    monkeypatch.setattr(readers, "MAX_LINE", 1 << 20)
    monkeypatch.setattr(readers, "BLOCK", 1 << 18)
    texts = [json.dumps(r["text"]).encode() for r in ROWS]
    lines = [
        b"[" * 100_000 + texts[0] + b"]" * 100_000,
        b'{"a":' * 100_000 + texts[1] + b"}" * 100_000,
        b'{"text": "\\ud800 \\u0000 ' + texts[2][1:] + b"}",
        b"\0" * 5000 + b'{"text": ' + texts[3] + b"}",
        b'{"text": "\xff\xfe\x80 ' + texts[4][1:] + b"}",
        b'{"text": "' + b"x " * (2 << 20) + texts[5][1:-1] + b" y" * (1 << 20) + b'"}',
        b"not json at all " + texts[6],
        b'{"text": ' + texts[7] + b"}",
    ]
    (tmp_path / "c.jsonl").write_bytes(b'{"text": "first"}\n' + b"\n".join(lines))
    _, summary, _ = run([benchmark(ITEMS)], [tmp_path / "c.jsonl"], tmp_path / "out")
    assert summary.failed == ()
    assert summary.documents == 9
    assert flagged(tmp_path / "out") == {str(n) for n in range(8)}


def test_the_longest_line_is_what_the_page_says() -> None:
    """docs/contamination.md names the length from which on a line is scanned in pieces."""
    page = " ".join((ROOT / "docs" / "contamination.md").read_text("utf-8").split())
    (said,) = re.findall(r"line longer than (\d+) MiB is scanned in overlapping pieces", page)
    assert int(said) << 20 == readers.MAX_LINE


def test_a_long_text_hides_nothing_between_its_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items anywhere in a text longer than a block are found, at their place."""
    monkeypatch.setattr(readers, "BLOCK", 1 << 16)
    monkeypatch.setattr(readers, "OVERLAP", 1 << 12)
    rng = random.Random(8)
    text = "é "
    places = {}
    for item in PLANTED:
        text += "".join(f"{prose(rng, 50)}\n" for _ in range(rng.randint(80, 160)))
        places[item.id] = len(text)
        text += item.question + "\n"
    (tmp_path / "book.txt").write_text(text, encoding="utf-8")
    result, _, _ = run([benchmark(ITEMS)], [tmp_path / "book.txt"], tmp_path / "out")
    found = {i.id: i.offset for i in result.items.values() if i.status == "flagged"}
    assert (found, result.report["documents"]) == (places, 1)


def test_jobs_and_order_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread or three, shards in any order: the same files."""
    monkeypatch.setattr(readers, "BLOCK", 1 << 14)
    rng = random.Random(4)
    for n in range(6):
        rows = [{"text": f"{prose(rng)} {rng.choice(ITEMS).question} {prose(rng)}"} for _ in range(60)]
        write_jsonl(tmp_path / f"s{n}.jsonl", rows)
    paths = [tmp_path / f"s{n}.jsonl" for n in range(6)]
    run([benchmark(ITEMS)], paths, tmp_path / "one")
    run([benchmark(ITEMS)], paths[::-1], tmp_path / "two", jobs=3)
    run([benchmark(ITEMS)], [f"{tmp_path}/s*.jsonl"], tmp_path / "three", jobs=2)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two") == files_of(tmp_path / "three")


def test_the_scan_of_all_is_the_union_of_scans(tmp_path: Path) -> None:
    """Two corpora together flag what each flags alone."""
    a = write_jsonl(tmp_path / "a.jsonl", ROWS[:6])
    b = write_jsonl(tmp_path / "b.jsonl", ROWS[4:])
    told = []
    for n, corpora in enumerate(([a], [b], [a, b])):
        run([benchmark(ITEMS)], corpora, tmp_path / str(n))
        told.append(flagged(tmp_path / str(n)))
    assert told[0] | told[1] == told[2] == WANTED


KILLED = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.contamination.made import benchmark, problems
from rarl_eval.contamination import streaming
from rarl_eval.contamination.scan import scan
block = streaming.Scanner.block
def slow(self, *told):
    time.sleep(0.02)
    return block(self, *told)
streaming.Scanner.block = slow
print("ready", flush=True)
scan([benchmark(problems(30, seed=21))], [{corpus!r}], Path({out!r}), resume=True, say=lambda _: None, progress=lambda *_: None)
"""


def test_a_killed_scan_goes_on_to_the_same_result(tmp_path: Path) -> None:
    """SIGKILL at random moments, then a resumed run: the same files, and no trace of the interruption."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for n in range(30):
        write_jsonl(corpus / f"{n:02}.jsonl", ROWS[n % 10 : n % 10 + 2])
    run([benchmark(ITEMS)], [corpus], tmp_path / "whole")
    code = KILLED.format(root=str(ROOT), corpus=str(corpus), out=str(tmp_path / "out"))
    rng, kills = random.Random(1), 0
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.1, 0.5))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        process.stdout.close()
    assert kills
    run([benchmark(ITEMS)], [corpus], tmp_path / "out", resume=True)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_resume_does_not_trust_another_plan_or_a_changed_file(tmp_path: Path) -> None:
    """Finished shards count only for the same items, settings and files."""
    corpus = write_jsonl(tmp_path / "c.jsonl", ROWS[:2])
    state = tmp_path / ".out.unfinished"
    state.mkdir()
    (state / "plan").write_text("another")
    run([benchmark(ITEMS)], [corpus], tmp_path / "out", resume=True)
    assert flagged(tmp_path / "out") == {"0", "1"}
    assert not state.exists()


def test_items_are_one_line_each_in_order(tmp_path: Path) -> None:
    """items.jsonl has the documented fields, one line per item, in the benchmark's order."""
    run([benchmark(ITEMS)], [write_jsonl(tmp_path / "c.jsonl", ROWS)], tmp_path / "out")
    lines = [msgspec.json.decode(x) for x in (tmp_path / "out" / "items.jsonl").read_bytes().splitlines()]
    assert [x["id"] for x in lines] == [i.id for i in ITEMS]
    fields = {"key", "id", "task", "status", "level", "part", "score", "document", "offset", "excerpt"}
    assert all(fields <= set(x) for x in lines)


def test_without_ray_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine that is not installed is one sentence with the pip line, and nothing is written."""
    monkeypatch.setitem(sys.modules, "ray", None)
    corpus = write_jsonl(tmp_path / "c.jsonl", ROWS[:2])
    with pytest.raises(NotInstalled, match=r"ray is not installed; run: pip install 'rarl-eval\[ray\]'"):
        run([benchmark(ITEMS)], [corpus], tmp_path / "out", engine="ray")
    assert not (tmp_path / "out").exists()


def test_a_folder_named_like_a_file_is_a_folder(tmp_path: Path) -> None:
    """A folder called train.jsonl is read as what it holds, an empty one within it is passed over."""
    folder = tmp_path / "train.jsonl"
    (folder / "empty.jsonl.gz").mkdir(parents=True)
    write_jsonl(folder / "part.jsonl", ROWS)
    _, summary, _ = run([benchmark(ITEMS)], [folder], tmp_path / "out")
    assert summary.failed == ()
    assert flagged(tmp_path / "out") == WANTED
    (tmp_path / "bare.parquet").mkdir()
    with pytest.raises(BadInput, match=r"bare\.parquet holds no file that can be scanned"):
        run([benchmark(ITEMS)], [tmp_path / "bare.parquet"], tmp_path / "other")
