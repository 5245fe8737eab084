"""Decontaminated copies."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
import zstandard

from rarl_eval.contamination.clean import clean
from rarl_eval.errors import BadInput
from tests.contamination.made import benchmark, problems, prose, run, write_jsonl

ITEMS = problems(10, seed=41)
PACK = {"jsonl": bytes, "jsonl.gz": gzip.compress, "jsonl.zst": zstandard.compress}
UNPACK = {
    "jsonl": bytes,
    "jsonl.gz": gzip.decompress,
    "jsonl.zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def rows() -> list[dict[str, str]]:
    rng = random.Random(9)
    texts = [prose(rng) for _ in range(30)]
    for n in (3, 11, 29):
        texts[n] += f" {ITEMS[n % 10].question} {prose(rng)}"
    return [{"text": t} for t in texts]


def test_flagged_documents_leave_and_the_rest_stays_byte_for_byte(tmp_path: Path) -> None:
    """Of JSON lines, plain and packed, exactly the flagged lines are gone; the copy scans clean; the manifest says why."""
    plain = write_jsonl(tmp_path / "a.jsonl", rows())
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    summary = clean([benchmark(ITEMS)], [plain, tmp_path / "b.jsonl.gz"], tmp_path / "out", say=lambda _: None)
    kept = b"".join(line + b"\n" for n, line in enumerate(plain.read_bytes().split(b"\n")[:-1]) if n not in (3, 11, 29))
    assert (summary.kept, summary.dropped) == (54, 6)
    assert (tmp_path / "out" / "a.jsonl").read_bytes() == kept
    assert gzip.decompress((tmp_path / "out" / "b.jsonl.gz").read_bytes()) == kept
    left = [json.loads(x) for x in (tmp_path / "out" / "left_out.jsonl").read_text().splitlines()]
    assert [x["document"] for x in left if x["document"].startswith("a")] == ["a.jsonl:12", "a.jsonl:4", "a.jsonl:30"]
    result = run([benchmark(ITEMS)], [tmp_path / "out" / "a.jsonl"], tmp_path / "again")[0]
    assert {i.status for i in result.items.values()} == {"clean"}


def test_parquet_and_text_folders_are_cleaned(tmp_path: Path) -> None:
    """Parquet keeps its schema without the rows; a folder keeps its other files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(rows())
    pq.write_table(table, tmp_path / "t.parquet")
    folder = tmp_path / "texts"
    folder.mkdir()
    for n, row in enumerate(rows()):
        (folder / f"{n:02}.txt").write_text(row["text"])
    clean([benchmark(ITEMS)], [tmp_path / "t.parquet", folder], tmp_path / "out", say=lambda _: None)
    copied = pq.read_table(tmp_path / "out" / "t.parquet")
    assert copied.schema == table.schema
    assert copied.to_pylist() == [r for n, r in enumerate(rows()) if n not in (3, 11, 29)]
    names = {p.name for p in (tmp_path / "out" / "texts").iterdir()}
    assert names == {f"{n:02}.txt" for n in range(30) if n not in (3, 11, 29)}


def test_tables_and_lists_are_cleaned_as_they_are(tmp_path: Path) -> None:
    """CSV keeps the bytes of every other record, line breaks in cells too; a JSON list its other values."""
    records = [f'{n},"{r["text"]}\nend",é\r\n' for n, r in enumerate(rows())]
    (tmp_path / "t.csv").write_bytes(b"n,text,more\r\n" + "".join(records).encode())
    (tmp_path / "l.json.gz").write_bytes(gzip.compress(json.dumps(rows()).encode()))
    (tmp_path / "lines.json").write_text("".join(json.dumps(r) + "\n" for r in rows()))
    corpora = [tmp_path / name for name in ("t.csv", "l.json.gz", "lines.json")]
    summary = clean([benchmark(ITEMS)], corpora, tmp_path / "out", say=lambda _: None)
    assert (summary.kept, summary.dropped) == (81, 9)
    kept = [n for n in range(30) if n not in (3, 11, 29)]
    assert (tmp_path / "out/t.csv").read_bytes().decode() == "n,text,more\r\n" + "".join(records[n] for n in kept)
    assert json.loads(gzip.decompress((tmp_path / "out/l.json.gz").read_bytes())) == [rows()[n] for n in kept]
    assert [json.loads(x) for x in (tmp_path / "out/lines.json").read_text().splitlines()] == [rows()[n] for n in kept]


def test_datasets_folders_load_again(tmp_path: Path) -> None:
    """A cleaned ``datasets`` folder is one, without the rows; so is a plain Arrow file."""
    import datasets
    import pyarrow as pa

    datasets.Dataset.from_list(rows()).save_to_disk(str(tmp_path / "ds"))
    table = pa.Table.from_pylist(rows())
    with pa.ipc.new_file(str(tmp_path / "plain.arrow"), table.schema) as sink:
        sink.write_table(table)
    clean([benchmark(ITEMS)], [tmp_path / "ds", tmp_path / "plain.arrow"], tmp_path / "out", say=lambda _: None)
    kept = [r for n, r in enumerate(rows()) if n not in (3, 11, 29)]
    assert datasets.load_from_disk(str(tmp_path / "out/ds")).to_list() == kept
    with pa.memory_map(str(tmp_path / "out/plain.arrow")) as source:
        assert pa.ipc.open_file(source).read_all().to_pylist() == kept


@pytest.mark.parametrize(("name", "content"), [("a.json", '{"a": {"b": 1}}'), ("a.jsonl.gz", "\x1f\x8b broken")])
def test_what_cannot_be_copied_whole_is_not_begun(tmp_path: Path, name: str, content: str) -> None:
    """A format that cannot be kept, or a broken file, is one sentence and no copy."""
    (tmp_path / name).write_text(content, encoding="latin-1")
    with pytest.raises(BadInput):
        clean([benchmark(ITEMS)], [tmp_path / name], tmp_path / "out", say=lambda _: None)
    assert not (tmp_path / "out").exists()


def cut_rows() -> list[dict[str, Any]]:
    """Chats of which the third holds a question and the last two hold one twice, or nothing else."""
    rng = random.Random(19)
    chats = [
        {"id": n, "messages": [{"role": "user", "content": prose(rng)}, {"role": "assistant", "content": prose(rng)}]}
        for n in range(12)
    ]
    chats[3]["messages"][0]["content"] = f"Solve:\n“{ITEMS[3].question}”\tÜber \U0001f600 all."
    chats[8]["messages"] = [
        {"role": "user", "content": f"{ITEMS[8].question} Or: {ITEMS[8].question.upper()} Well."}
    ] * 3
    return [*chats, {"text": ITEMS[2].question}]


@pytest.mark.parametrize("packing", ["jsonl", "jsonl.gz", "jsonl.zst"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_only_the_span_is_cut(tmp_path: Path, packing: str, *, ascii_only: bool) -> None:
    """Of chats in JSON lines every byte stays but the question's; what held nothing else is left out."""
    lines = [json.dumps(r, ensure_ascii=ascii_only, separators=(" ,", ":  ")).encode() + b"\n" for r in cut_rows()]
    corpus = tmp_path / f"c.{packing}"
    corpus.write_bytes(PACK[packing](b"".join(lines)))
    summary = clean([benchmark(ITEMS)], [corpus], tmp_path / "out", cut=True, say=lambda _: None)
    assert (summary.kept, summary.dropped, summary.cut) == (12, 1, 2)
    told = UNPACK[packing]((tmp_path / "out" / corpus.name).read_bytes()).split(b"\n")[:-1]
    assert told[:3] + told[4:8] + told[9:] == [x[:-1] for n, x in enumerate(lines[:12]) if n not in (3, 8)]
    question = json.dumps(ITEMS[3].question)[1:-1].encode()
    assert told[3] + b"\n" == lines[3].replace(question + (b"\\u201d" if ascii_only else "”".encode()), b"")
    assert [m["content"] for m in json.loads(told[8])["messages"]] == [" Or:  Well."] * 3
    left = [json.loads(x) for x in (tmp_path / "out" / "left_out.jsonl").read_text().splitlines()]
    assert [(x["document"].split(":")[1], x["cut"]) for x in left if not x["document"].endswith(":9")] == [
        ("13", None), ("4", ITEMS[3].question + "”"),
    ]  # fmt: skip
    assert {x["cut"].lower() for x in left if x["document"].endswith(":9")} == {ITEMS[8].question.lower()}
    assert {
        i.status for i in run([benchmark(ITEMS)], [tmp_path / "out" / corpus.name], tmp_path / "s")[0].items.values()
    } == {"clean"}


def test_spans_are_cut_out_of_tables_and_texts(tmp_path: Path) -> None:
    """Parquet keeps schema and other rows, CSV other records' bytes, a folder other files; chats stay chats."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chats = [{"id": r.get("id", 12), "messages": r.get("messages", [])} for r in cut_rows()]
    table = pa.Table.from_pylist(chats)
    pq.write_table(table, tmp_path / "t.parquet")
    records = [f'{n},"{r["text"]}\nend",é\r\n' for n, r in enumerate(rows())]
    (tmp_path / "t.csv").write_bytes(b"n,text,more\r\n" + "".join(records).encode())
    (tmp_path / "texts").mkdir()
    for n, row in enumerate(rows()):
        (tmp_path / "texts" / f"{n:02}.txt").write_text(row["text"])
    corpora = [tmp_path / name for name in ("t.parquet", "t.csv", "texts")]
    summary = clean([benchmark(ITEMS)], corpora, tmp_path / "out", cut=True, say=lambda _: None)
    assert (summary.kept, summary.dropped, summary.cut) == (13 + 30 + 30, 0, 2 + 3 + 3)
    copied = pq.read_table(tmp_path / "out" / "t.parquet")
    assert copied.schema == table.schema
    told = copied.to_pylist()
    assert [r for n, r in enumerate(told) if n not in (3, 8)] == [r for n, r in enumerate(chats) if n not in (3, 8)]
    assert told[3]["messages"][0] == {"role": "user", "content": "Solve:\n“\tÜber \U0001f600 all."}
    assert told[3]["messages"][1] == chats[3]["messages"][1]
    without = [r["text"].replace(ITEMS[n % 10].question, "") for n, r in enumerate(rows())]
    assert [(tmp_path / f"out/texts/{n:02}.txt").read_text() for n in range(30)] == without
    lines = (tmp_path / "out/t.csv").read_bytes().decode()
    assert lines == "n,text,more\r\n" + "".join(f'{n},"{t}\nend",é\r\n' for n, t in enumerate(without))


def test_spans_are_cut_out_of_arrow_files_datasets_and_lists(tmp_path: Path) -> None:
    """Schemas stay, so do all other values of a JSON list, and a ``datasets`` folder loads again."""
    import datasets
    import pyarrow as pa

    chats = [{"id": r.get("id", 12), "messages": r.get("messages", [])} for r in cut_rows()]
    table = pa.Table.from_pylist(chats)
    with pa.ipc.new_file(str(tmp_path / "plain.arrow"), table.schema) as sink:
        sink.write_table(table)
    datasets.Dataset.from_list(chats).save_to_disk(str(tmp_path / "ds"))
    (tmp_path / "l.json").write_text(json.dumps(cut_rows()))
    corpora = [tmp_path / name for name in ("plain.arrow", "ds", "l.json")]
    summary = clean([benchmark(ITEMS)], corpora, tmp_path / "out", cut=True, say=lambda _: None)
    assert (summary.kept, summary.dropped, summary.cut) == (13 + 13 + 12, 1, 3 * 2)
    wanted = json.loads(json.dumps(chats))
    wanted[3]["messages"][0]["content"] = "Solve:\n“\tÜber \U0001f600 all."
    wanted[8]["messages"] = [{"role": "user", "content": " Or:  Well."}] * 3
    with pa.memory_map(str(tmp_path / "out/plain.arrow")) as source:
        copied = pa.ipc.open_file(source).read_all()
    assert (copied.schema, copied.to_pylist()) == (table.schema, wanted)
    assert datasets.load_from_disk(str(tmp_path / "out/ds")).to_list() == wanted
    assert json.loads((tmp_path / "out/l.json").read_text()) == wanted[:12]


def test_a_span_over_two_fields_is_cut_and_what_cannot_be_is_left_out(tmp_path: Path) -> None:
    """A question split over fields leaves both; rows that name a field twice, or are no JSON, leave whole."""
    words = ITEMS[5].question.split()
    first, second = " ".join(words[:20]), " ".join(words[20:])
    lines = [
        json.dumps({"a": f"Before. {first}", "n": [1, None, True], "b": f"{second} After."}),
        f'{{"a": "x", "a": "{ITEMS[4].question} Else."}}',
        f"no JSON {ITEMS[6].question} at all",
        '{"a": "nothing"}',
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    summary = clean([benchmark(ITEMS)], [tmp_path / "c.jsonl"], tmp_path / "out", cut=True, say=lambda _: None)
    assert (summary.kept, summary.dropped, summary.cut) == (2, 2, 1)
    told = (tmp_path / "out/c.jsonl").read_text().split("\n")
    assert json.loads(told[0]) == {"a": "Before. ", "n": [1, None, True], "b": " After."}
    assert told[1:] == ['{"a": "nothing"}']


def test_near_duplicates_leave_and_the_first_of_them_stays(tmp_path: Path) -> None:
    """Across shards and formats; what is flagged leaves for its own reason, and stands for no repeat."""
    rng = random.Random(12)
    first, other, item = prose(rng, 150), prose(rng, 150), f"{prose(rng, 60)} {ITEMS[0].question}"
    one = write_jsonl(tmp_path / "a.jsonl", [{"text": t} for t in (first, item, other)])
    (tmp_path / "b.csv").write_text(f'n,text\n1,"{first.title()}\n!"\n2,"{item}"\n3,"{prose(rng, 150)}"\n')
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "x.txt").write_text(other + "\n")
    (folder / "y.txt").write_text(prose(rng))
    options: dict[str, Any] = {"fields": ["text"], "say": lambda _: None}
    corpora = [one, tmp_path / "b.csv"]
    summary = clean([benchmark(ITEMS)], corpora, tmp_path / "out", near_duplicates=0.8, **options)
    assert (summary.kept, summary.dropped, summary.repeats) == (3, 3, 1)
    left = [json.loads(x) for x in (tmp_path / "out" / "left_out.jsonl").read_text().splitlines()]
    assert [(x["document"], x["level"], x.get("of")) for x in left] == [
        ("a.jsonl:2", "exact", None),
        ("b.csv:4", "exact", None),
        ("b.csv:3", "repeat", "a.jsonl:1"),
    ]
    plain = clean([benchmark(ITEMS)], [one, folder], tmp_path / "texts-out", near_duplicates=0.8, say=lambda _: None)
    assert (plain.kept, plain.repeats) == (3, 1)
    assert [p.name for p in (tmp_path / "texts-out" / "texts").iterdir()] == ["y.txt"]


def test_only_exact_copies_leave_where_that_is_asked(tmp_path: Path) -> None:
    """At the level exact an edited copy stays, whole or in a document that is cut; the manifest has exact copies alone."""
    words = ITEMS[0].question.split()
    edited = " ".join("walnut" if n in {4, 9} else word for n, word in enumerate(words))
    corpus = write_jsonl(tmp_path / "a.jsonl", [{"text": f"Asked: {edited}"}, {"text": f"Asked: {ITEMS[1].question}"}])
    both, exact = (
        clean([benchmark(ITEMS)], [corpus], tmp_path / name, levels=levels, say=lambda _: None)
        for name, levels in (("both", ("exact", "near")), ("exact", ("exact",)))
    )
    assert (both.dropped, exact.dropped, both.tasks, exact.tasks) == (2, 1, {"made": 2}, {"made": 1})
    left = [json.loads(line) for line in (tmp_path / "exact" / "left_out.jsonl").read_text().splitlines()]
    assert [(line["document"], line["level"]) for line in left] == [("a.jsonl:2", "exact")]


def test_nothing_is_written_where_more_would_leave_than_is_allowed(tmp_path: Path) -> None:
    """A share of documents bounds what may leave; what is just as much may."""
    corpus = write_jsonl(tmp_path / "a.jsonl", rows())
    with pytest.raises(BadInput, match="3 of 30 documents"):
        clean([benchmark(ITEMS)], [corpus], tmp_path / "out", max_share=0.09, say=lambda _: None)
    assert not (tmp_path / "out").exists()
    assert clean([benchmark(ITEMS)], [corpus], tmp_path / "out", max_share=0.1, say=lambda _: None).dropped == 3
