"""Free-text benchmarks: unjudged without a judge, right or wrong by one, and every question to it kept."""

import json
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from server import Reply, serving

from rarl_eval.runs import store
from rarl_eval.types import Record

Cli = Callable[..., subprocess.CompletedProcess[str]]
FIXTURES = Path(__file__).parents[1] / "tasks" / "fixtures"
ENV = {"OPENAI_API_KEY": "sk-planted"}


def said(text: str) -> Reply:
    body = {
        "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 50, "completion_tokens": 5},
    }
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def strict(body: dict[str, Any]) -> Reply:
    """Passes what holds the reference, answers unreadably about gout, fails the rest."""
    prompt = body["messages"][-1]["content"]
    response, reference = (
        re.search(rf"<{part}-(\w+)>\n(.*?)\n</{part}-\1>", prompt, re.DOTALL)[2]  # type: ignore[index]
        for part in ("response", "reference")
    )
    if "gout" in response:
        return said("I cannot say.")
    return said(f"Verdict: {'correct' if reference in response else 'incorrect'}")


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """Recorded answers to MedCaseReasoning's fixture: right, wrong, unreadable to the judge, and empty."""
    texts = [("0", "It is Sporotrichosis."), ("0", "It is a snake bite."), ("1", "It is gout."), ("1", "")]
    rows = [{"id": item, "text": text, "sample": n % 2} for n, (item, text) in enumerate(texts)]
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(cli: Cli, out: Path, outputs: Path, *more: str) -> subprocess.CompletedProcess[str]:
    source = f"medcasereasoning={FIXTURES / 'medcasereasoning.jsonl'}"
    return cli(
        "run", "-t", "medcasereasoning", "--source", source, "-m", f"replay:{outputs}", "-k", "2", "-o", out, *more,
        env=ENV,
    )  # fmt: skip


def statuses(out: Path) -> list[str]:
    return [r.verdict.status for r in store.read_run(out).records if r.verdict]


def test_without_a_judge_answers_are_unjudged(cli: Cli, outputs: Path, tmp_path: Path) -> None:
    """The run says so and ends well; report and site count them apart, and accuracy has no denominator."""
    done = run(cli, tmp_path / "run", outputs)
    assert done.returncode == 0, done.stderr
    assert (
        "3 answers to medcasereasoning are unjudged, neither right nor wrong: name a judge with --judge" in done.stderr
    )
    assert statuses(tmp_path / "run") == ["unjudged", "unjudged", "unjudged", "no_answer"]
    done = cli("report", "--run", tmp_path / "run", "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    assert "3 answers in free text wait for a" in done.stdout
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert (row["unjudged"], row["traces"], row["errors"]) == (3, 1, 0)
    done = cli("site", "--report", tmp_path / "report", "-o", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert any("Not judged" in page.read_text() for page in (tmp_path / "site").rglob("*.html"))
    assert cli("verify", tmp_path / "run").returncode == 0


def test_only_unjudged_answers_give_no_accuracy(cli: Cli, tmp_path: Path) -> None:
    """A row without a single judged trace has n 0 and no accuracy, and the report is still written."""
    path = tmp_path / "outputs.jsonl"
    path.write_text(json.dumps({"id": "0", "text": "It is gout."}) + "\n")
    source = f"medcasereasoning={FIXTURES / 'medcasereasoning.jsonl'}"
    done = cli("score", path, "-t", "medcasereasoning", "--source", source, "--trust-ids", "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "1 answers to medcasereasoning are unjudged" in done.stderr
    assert cli("report", "--run", tmp_path / "run", "-o", tmp_path / "report").returncode == 0
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert (row["n"], row["traces"], row["unjudged"], row["accuracy"]) == (0, 0, 1, None)
    assert cli("site", "--report", tmp_path / "report", "-o", tmp_path / "site").returncode == 0


def judged_by(record: Record) -> tuple[str, str | None]:
    assert record.verdict is not None
    return record.verdict.status, record.verdict.judge


def test_a_judge_decides_and_its_replies_are_kept(cli: Cli, outputs: Path, tmp_path: Path) -> None:
    """Right, wrong, unreadable and empty answers; only what waits is asked; a second session asks the rest again."""
    out = tmp_path / "run"
    with serving(strict) as server:
        judge = ("--judge", "openai:referee", "--judge-base-url", server.url)
        done = run(cli, out, outputs, *judge)
        assert done.returncode == 1, done.stderr
        assert "reference:referee: 1 right, 1 wrong, 1 left unjudged" in done.stderr
        assert len(server.bodies) == 3
        done = run(cli, out, outputs, *judge, "--resume")
        assert (done.returncode, len(server.bodies)) == (1, 3)  # the unreadable reply comes from the store
    assert [judged_by(r) for r in store.read_run(out).records] == [
        ("correct", "reference:referee"), ("incorrect", "reference:referee"), ("unjudged", None), ("no_answer", None)
    ]  # fmt: skip
    entries = store.read_entries(out, traps=False)
    assert [e.judgements[0].text for e in entries] == ["Verdict: correct", "Verdict: incorrect", "I cannot say."]
    done = cli("verify", out)
    assert done.returncode == 0, done.stdout
    done = cli("report", "--run", out, "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert (row["n"], row["traces"], row["unjudged"], row["accuracy"]["value"]) == (2, 3, 1, 0.25)
    assert "reference:referee" not in {entry["reward"] for entry in row["agreement"]}


def test_another_judge_is_refused(cli: Cli, outputs: Path, tmp_path: Path) -> None:
    """One run has one judge."""
    with serving(strict) as server:
        reach = ("--judge-base-url", server.url)
        run(cli, tmp_path / "run", outputs, "--judge", "openai:referee", *reach)
        done = run(cli, tmp_path / "run", outputs, "--judge", "openai:umpire", *reach, "--resume")
    assert done.returncode == 2
    assert "was judged by reference:referee, now reference:umpire; choose another --out" in done.stderr


def test_a_failed_judge_leaves_answers_unjudged(cli: Cli, outputs: Path, tmp_path: Path) -> None:
    """A budget of one call decides one answer; the others wait, and are no wrong answers."""
    with serving(strict) as server:
        done = run(
            cli, tmp_path / "run", outputs,
            "--judge", "openai:referee", "--judge-base-url", server.url, "--judge-max-calls", "1",
        )  # fmt: skip
    assert done.returncode == 1
    assert sorted(statuses(tmp_path / "run")) == ["correct", "no_answer", "unjudged", "unjudged"]


def test_a_judge_without_a_name_is_bad_input(cli: Cli, outputs: Path, tmp_path: Path) -> None:
    """--judge names an adapter and a model; that it does not is said before anything is asked."""
    done = run(cli, tmp_path / "run", outputs, "--judge", "gpt-4o")
    assert done.returncode == 2
    assert not (tmp_path / "run").exists()
    assert "ADAPTER:NAME" in done.stderr


def test_a_changed_judgement_is_found(cli: Cli, outputs: Path, tmp_path: Path) -> None:
    """verify derives a judged verdict from the judge's stored score again."""
    out = tmp_path / "run"
    with serving(strict) as server:
        run(cli, out, outputs, "--judge", "openai:referee", "--judge-base-url", server.url)
    with closing(sqlite3.connect(out / "records.sqlite")) as db, db:
        (blob,) = db.execute("SELECT record FROM records WHERE CAST(record AS TEXT) LIKE '%snake bite%'").fetchone()
        changed = blob.replace(b'"status":"incorrect"', b'"status":"correct"')
        db.execute("UPDATE records SET record = ? WHERE CAST(record AS TEXT) LIKE '%snake bite%'", (changed,))
    done = cli("verify", out)
    assert done.returncode == 1
    assert "stored as correct" in done.stdout
