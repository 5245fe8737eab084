"""Damaged and malicious logs: they are read, or refused in one sentence, and nothing half-written is left."""

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest
from damaged import VALUES, benchmark, folder, mutated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rarl_eval.errors import BadInput
from rarl_eval.importers import read_log, read_outputs
from rarl_eval.importers.archive import MAX_MEMBER_BYTES, read_member
from rarl_eval.runs import store
from rarl_eval.score import score

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
LM_EVAL = next(LOGS.glob("lm_eval/*/samples_*.jsonl"))
ARCHIVE = LOGS / "inspect" / "demo_math.eval"
DETAILS = next(LOGS.glob("lighteval/details/*/*/*/*.parquet"))
INSTANCES = next(LOGS.glob("eee/*/*/*/*_samples.jsonl"))

FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def scored_or_refused(path: Path) -> None:
    """The property: a readable run, or one sentence and no trace of a run."""
    before = sorted(p.name for p in path.parent.iterdir())
    out = path.parent / "run"
    try:
        done = score([path], benchmark(), out)
    except BadInput as error:
        said = str(error)
        assert said.strip()
        assert "\n" not in said
        assert sorted(p.name for p in path.parent.iterdir()) == before
    else:
        assert len(store.read_run(out).records) == done.matched > 0


@pytest.mark.parametrize("file", [LM_EVAL, INSTANCES], ids=["lm-eval", "eee"])
@FUZZ
@given(draw=st.data())
def test_rows_with_anything_anywhere(file: Path, draw: st.DataObject) -> None:
    """A field of any row may be missing or hold anything JSON can spell."""
    rows = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line][:3]
    with folder() as here:
        path = here / file.name
        path.write_text("".join(json.dumps(mutated(draw, row)) + "\n" for row in rows))
        scored_or_refused(path)


@FUZZ
@given(draw=st.data())
def test_inspect_samples_with_anything_anywhere(draw: st.DataObject) -> None:
    """Header and samples of an inspect log may miss or hold anything, as JSON and as archive."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        names = ("header.json", "samples/math-00_epoch_1.json")
        header, sample = (json.loads(read_member(ARCHIVE, archive, name)) for name in names)
    sample.pop("events", None)
    with folder() as here:
        if draw.draw(st.booleans()):
            path = here / "log.eval"
            with zipfile.ZipFile(path, "w") as archive:
                for name, value in zip(names, (header, sample), strict=True):
                    archive.writestr(name, json.dumps(mutated(draw, value)))
        else:
            path = here / "log.json"
            path.write_text(json.dumps(mutated(draw, header | {"samples": [sample]})))
        scored_or_refused(path)


@pytest.mark.parametrize("file", [LM_EVAL, ARCHIVE, DETAILS, INSTANCES], ids=["lm-eval", "inspect", "lighteval", "eee"])
@FUZZ
@given(draw=st.data())
def test_damaged_bytes(file: Path, draw: st.DataObject) -> None:
    """Files that are cut off, or in which bytes were changed or put in."""
    content = bytearray(file.read_bytes())
    for _ in range(draw.draw(st.integers(1, 4))):
        place = draw.draw(st.integers(0, max(len(content) - 1, 0)))
        kind = draw.draw(st.sampled_from(["flip", "cut", "insert", "zero"]))
        if kind == "cut":
            del content[place:]
        elif kind == "insert":
            content[place:place] = draw.draw(st.binary(max_size=8))
        elif content:
            content[place] = 0 if kind == "zero" else content[place] ^ draw.draw(st.integers(1, 255))
    with folder() as here:
        path = here / file.name
        path.write_bytes(bytes(content))
        scored_or_refused(path)


@FUZZ
@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from(
                ["id", "text", "question", "key", "rarl_eval", "sample", "reasoning_content", "correct", "model"]
            ),
            VALUES,
        ),
        max_size=4,
    )
)
def test_generic_rows_of_anything(rows: list[dict[str, Any]]) -> None:
    """Rows of no known harness may hold anything in the fields that are looked at."""
    with folder() as here:
        path = here / "o.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        scored_or_refused(path)


def test_a_member_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    """A small archive member that unfolds to more than the bound is refused before it fills the memory."""
    path = tmp_path / "bomb.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", "{}")
        with archive.open("samples/a_epoch_1.json", "w", force_zip64=True) as stream:
            for _ in range(MAX_MEMBER_BYTES // 2**20 + 1):
                stream.write(b" " * 2**20)
    with pytest.raises(BadInput, match="larger than 256 MiB"):
        list(read_outputs(path))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.eval", b"PK\x03\x04 no archive", "is a damaged zip archive"),
        ("a.eval", b"", "holds no rows"),
        ("a.json", b'{"version": 2, "status": "started", "eval": {}}', "holds no samples"),
        ("a.json", b'{"results": {}, "configs": {}}', "holds totals and no outputs"),
        ("a.parquet", b"PAR1 nothing PAR1", "cannot be read as Parquet"),
        ("a.jsonl", b'{"resps": [["x"]], "doc": {}}\n{"other": 1}\n', "row 2 has no 'resps' and 'doc'"),
        ("a.jsonl", b'{"doc": {}, "model_response": {}, "metric": {}}\n', "row 1 has no text in model_response"),
    ],
)
def test_each_refusal_says_which_and_what(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    """The sentence names the file, and what is wrong with it."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        score([path], benchmark(), tmp_path / "run")
    assert str(path) in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_zip_that_is_no_log_is_said_to_be_none(tmp_path: Path) -> None:
    """Another archive is told apart from a damaged log."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.txt", "x")
    with pytest.raises(BadInput, match="no inspect log"):
        read_log(path)


def test_surrogates_and_nan_become_what_can_be_stored(tmp_path: Path) -> None:
    """A lone surrogate is replaced, NaN and endless numbers are unknown."""
    row = {
        "id": "math-00",
        "text": "\ud800 #### 151",
        "model": "a\udfffb",
        "n": math.nan,
        "rm": math.inf,
        "correct": True,
    }
    path = tmp_path / "o.jsonl"
    path.write_text(json.dumps(row) + "\n")
    score([path], benchmark(), tmp_path / "run", trust_ids=True)
    (record,) = store.read_run(tmp_path / "run").records
    assert (record.trace.text, record.trace.model) == ("? #### 151", "a?b")
