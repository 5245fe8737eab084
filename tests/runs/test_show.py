"""`show` says what a run holds, and `verify` whether it still follows from itself."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.models import Options
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.runs.packed import packed
from rarl_eval.show import show_item, show_run
from rarl_eval.types import Item, Record
from rarl_eval.verify import verify_run

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A run of five items of two tasks, two samples each; the last item's calls failed."""
    rows = [
        {"task": task, "id": f"{kind}-0{n}", "sample": k, "model": "m", "text": f"<think>\x1b[2Jhm</think>#### {n}{k}"}
        for task, kind in (("demo_math", "math"), ("demo_medicine", "medicine"))
        for n in range(4)
        for k in (0, 1)
    ]
    traces = tmp_path / "traces.jsonl"
    traces.write_text("".join(json.dumps(row) + "\n" for row in rows))
    benchmarks = [data.load(task) for task in registry.tasks("demo_math,demo_medicine")]
    run(
        benchmarks,
        registry.load("models", "replay")(str(traces), Options()),
        tmp_path / "run",
        Settings(samples=2, limit=5),
    )
    return tmp_path / "run"


def outcomes(path: Path, **sources: str) -> dict[str, list[str]]:
    """What was found, without what holds."""
    found: dict[str, list[str]] = {}
    for f in verify_run(path, sources):
        if f.outcome != "ok":
            found.setdefault(f"{f.check}: {f.outcome}", []).append(f.detail)
    return found


def change(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path / "records.sqlite")) as db, db:
        assert db.execute(sql, values).rowcount > 0


def edit(path: Path, number: int, **trace: Any) -> Record:
    """Change fields of a stored trace and leave all else."""
    record = store.read_run(path).records[number]
    edited = msgspec.structs.replace(record, trace=msgspec.structs.replace(record.trace, **trace))
    change(
        path, "UPDATE records SET record = ? WHERE task = ? AND key = ? AND sample = ?",
        msgspec.json.encode(edited), record.trace.task, record.trace.key, record.trace.sample,
    )  # fmt: skip
    return record


def test_a_run_that_nobody_touched_holds(made: Path) -> None:
    """Every check of an untouched run holds, the embedded source included."""
    assert outcomes(made) == {}
    assert {f.check for f in verify_run(made)} == {
        "database", "item keys", "samples", "model", "manifest", "source", "prompts", "answers", "verdicts",
    }  # fmt: skip


def test_a_changed_text_is_found(made: Path) -> None:
    """A text that was edited no longer gives its stored answer; an edited answer no longer gives its verdict."""
    edit(made, 0, text="<think>hm</think>#### 151")
    assert outcomes(made) == {
        "answers: differs": ["item math-00 sample 0: answer or reasoning is not what its text holds"],
        "verdicts: differs": ["item math-00 sample 0: its rule rewards are stored as {'format': 1.0, 'brevity': -34.0}, now {'format': 1.0, 'brevity': -31.0}"],
    }  # fmt: skip


def test_a_changed_answer_is_found(made: Path) -> None:
    """An answer that was put in place of the one in the text is found twice: against the text and the verdict."""
    edit(made, 0, answer="#### 151")
    found = outcomes(made)
    assert set(found) == {"answers: differs", "verdicts: differs"}
    assert found["verdicts: differs"][0].startswith("item math-00 sample 0: stored as incorrect '0")


def test_a_changed_verdict_is_found(made: Path) -> None:
    """A wrong answer that was called right in the database is found."""
    (blob,) = [packed(r) for r in store.read_run(made).records[:1]]
    changed = blob.replace(b'"status":"incorrect"', b'"status":"correct"')
    change(made, "UPDATE records SET record = ? WHERE record = ?", changed, blob)
    assert list(outcomes(made)) == ["verdicts: differs"]


def test_a_changed_item_is_found(made: Path) -> None:
    """An item whose gold was edited has another key, and its records have lost their item."""
    item = next(iter(store.read_run(made).tasks["demo_math"].items.values()))
    edited = msgspec.json.encode(msgspec.structs.replace(item, gold="0"), order=None)
    change(made, "UPDATE items SET item = ? WHERE key = ?", edited, item.key)
    found = outcomes(made)
    assert set(found) == {"item keys: differs", "samples: differs", "source: differs", "verdicts: differs"}
    assert found["item keys: differs"][0].endswith(f"stored as {item.key}")


def test_records_that_are_gone_or_astray_are_found(made: Path) -> None:
    """A finished run that lacks a record, and a record under another's key, are told."""
    change(made, "DELETE FROM records WHERE task = 'demo_math' AND sample = 1")
    assert list(outcomes(made)) == ["samples: differs"]
    change(made, "UPDATE records SET sample = 7 WHERE task = 'demo_medicine' AND sample = 0")
    found = outcomes(made)
    assert set(found) == {"database: differs", "samples: differs"}
    assert len(found["database: differs"]) == 1
    assert found["database: differs"][0].count("is another one") == 5


def test_a_record_that_cannot_be_read_is_found(made: Path) -> None:
    """Garbage is told, under an item that is gone or of the run, and the rest is checked; no report is made of it."""
    change(made, "UPDATE records SET record = '{', key = 'gone' WHERE task = 'demo_math' AND sample = 1 AND failed")
    assert "cannot be read" in outcomes(made)["database: differs"][0]
    change(made, "UPDATE records SET record = '{' WHERE task = 'demo_math' AND sample = 0")
    assert "cannot be read" in outcomes(made)["database: differs"][0]
    with pytest.raises(BadInput, match="is damaged"):
        store.read_run(made)


def test_a_changed_manifest_is_found(made: Path) -> None:
    """Model, item count, prompts and fingerprint of the manifest are held against the database."""
    manifest = store.read_manifest(made)
    manifest["model"]["name"] = "another"
    manifest["tasks"]["demo_math"] |= {"items": 4, "prompts": "0" * 32, "fingerprint": "f" * 32}
    store.save_manifest(made, {k: v for k, v in manifest.items() if k != "schema"})
    assert set(outcomes(made)) == {"model: differs", "manifest: differs", "prompts: differs", "source: differs"}


def test_what_cannot_be_checked_is_said(made: Path) -> None:
    """Another version of a task, or a task nobody knows, neither holds nor fails."""
    manifest = store.read_manifest(made)
    manifest["tasks"]["demo_math"]["version"] = 99
    store.save_manifest(made, {k: v for k, v in manifest.items() if k != "schema"})
    found = outcomes(made)
    assert set(found) == {"source: not checked", "prompts: not checked", "verdicts: not checked"}
    assert found["verdicts: not checked"] == ["the run has version 99 of demo_math, this is version 1"]


def test_another_source_is_found(made: Path, tmp_path: Path) -> None:
    """--source is held against the run's fingerprint and items."""
    other = tmp_path / "demo_math.jsonl"
    other.write_text('{"id": "math-00", "question": "How many?", "answer": "1"}\n')
    found = outcomes(made, demo_math=str(other))
    assert list(found) == ["source: differs"]
    assert "math-00 is not in" in found["source: differs"][0]


def test_a_run_at_a_glance(made: Path) -> None:
    """Counts, verdicts, failures and the accuracy with its interval are those of the records."""
    shown = show_run(made)
    math = next(t for t in shown.tasks if t.task == "demo_math")
    assert (math.items, math.answered, math.records, math.wanted, math.failed) == (5, 5, 10, 10, 2)
    assert math.verdicts == {"error": 2, "incorrect": 8}
    assert math.accuracy is not None
    assert (math.accuracy.value, math.accuracy.low) == (0, 0)
    assert math.accuracy.high is not None
    assert 0 < math.accuracy.high < 1


def test_an_item_is_found_by_id_and_by_key(made: Path) -> None:
    """Id, key and the key's first digits name the same item; an unknown one is answered with known ones."""
    (shown,) = show_item(made, "math-00")
    assert [r.trace.sample for r in shown.records] == [0, 1]
    assert shown.prompt is not None
    assert shown.item.question in shown.prompt
    assert show_item(made, shown.key) == show_item(made, shown.key[:8]) == [shown]
    with pytest.raises(BadInput, match="no item '77'; it has math-00"):
        show_item(made, "77")


def test_the_commands_print_and_exit(cli: Cli, made: Path) -> None:
    """show and verify print for people and as JSON; control characters act on nothing; a difference is exit code 1."""
    assert "incorrect 8" in cli("show", made).stdout
    item = cli("show", made, "--item", "math-00").stdout
    assert "\x1b" not in item
    assert "\\x1b[2Jhm" in item
    assert (
        msgspec.convert(json.loads(cli("show", made, "--item", "math-00", "--json").stdout)[0]["item"], Item).id
        == "math-00"
    )
    assert json.loads(cli("show", made, "--json").stdout)["tasks"][0]["failed"] == 2
    done = cli("verify", made)
    assert (done.returncode, "differs" in done.stdout) == (0, False)
    edit(made, 0, answer="#### 151")
    done = cli("verify", made, "--json")
    assert done.returncode == 1
    assert {f["outcome"] for f in json.loads(done.stdout)} == {"ok", "differs"}
    missing = cli("verify", made / "nothing")
    assert (missing.returncode, "no run directory" in missing.stderr) == (2, True)
