"""The scanner's commands as a user meets them: scan, audit, clean."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., subprocess.CompletedProcess[str]]

QUESTION = (
    "The harbour keeper of Lindisfarne polished {} brass lanterns before breakfast and "
    "carried them down to the jetty one by one; how many remained dusty?"
)
PROSE = "Nothing of the kind happened on that grey morning, when the keeper slept through {} alarms and a storm."


@pytest.fixture
def source(tmp_path: Path) -> str:
    rows = [{"question": QUESTION.format(n), "answer": f"So.\n#### {n + 3}"} for n in (17,)]
    rows += [
        {"question": f"Which of the {n} windmills near Utrecht still grinds mustard seed?", "answer": "So.\n#### 4"}
        for n in (8,)
    ]
    return f"gsm8k={jsonl(tmp_path / 'gsm8k.jsonl', rows)}"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    texts = [PROSE.format(n) for n in range(20)]
    texts[7] = QUESTION.format(17).replace("brass", "copper")
    return jsonl(tmp_path / "train.jsonl", [{"text": t} for t in texts])


def jsonl(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_scan_is_audited_and_judged(cli: Cli, source: str, corpus: Path, tmp_path: Path) -> None:
    """Differences are marked, filters hold, a judgement is kept by a key's first digits and shows as precision."""
    scan = tmp_path / "scan"
    assert cli("scan", "-t", "gsm8k", "--source", source, "-c", corpus, "-o", scan).returncode == 0
    done = cli("audit", scan, "--source", source)
    assert done.returncode == 0
    assert "near question 0." in done.stdout
    assert "found in  train.jsonl:8 at character 0" in done.stdout
    assert "17 [-brass-] lanterns" in done.stdout
    assert "17 {+copper+} lanterns" in done.stdout
    (entry,) = json.loads(cli("audit", scan, "--source", source, "--json").stdout)["entries"]
    assert (entry["found"]["document"], entry["judgement"]) == ("train.jsonl:8", None)
    for filtered in (("--level", "exact"), ("--part", "context")):
        assert json.loads(cli("audit", scan, "--source", source, "--json", *filtered).stdout)["entries"] == []
    judged = cli("audit", scan, "--record", f"{entry['found']['key'][:8]}=true")
    assert (judged.returncode, "near              1      1   100.0 % (95 %: 20.7 to 100.0)" in judged.stdout) == (
        0,
        True,
    )
    assert "judged: true" in cli("audit", scan, "--source", source, "-t", "gsm8k").stdout


def test_judgements_that_mean_nothing_are_refused(cli: Cli, source: str, corpus: Path, tmp_path: Path) -> None:
    """A key of no item, of several, or a judgement nobody knows: exit code 2, one sentence, nothing recorded."""
    scan = tmp_path / "scan"
    cli("scan", "-t", "gsm8k", "--source", source, "-c", corpus, "-o", scan)
    (entry,) = json.loads(cli("audit", scan, "--source", source, "--json").stdout)["entries"]
    bad = {"xyz=true": "no item whose key begins with 'xyz'", f"{entry['found']['key']}=perhaps": "is no judgement"}
    for told, said in bad.items():
        done = cli("audit", scan, "--record", told)
        assert (done.returncode, said in done.stderr, len(done.stderr.splitlines())) == (2, True, 1)
    done = cli("audit", scan, "-t", "svamp")
    assert (done.returncode, "was not scanned for svamp" in done.stderr) == (2, True)
    assert not (scan / "verdicts.jsonl").exists()


def test_a_corpus_is_cleaned(cli: Cli, source: str, corpus: Path, tmp_path: Path) -> None:
    """The document that holds an item is gone, the others are as they were, and the manifest says why."""
    out = tmp_path / "cleaned"
    done = cli("clean", "-t", "gsm8k", "--source", source, "-c", corpus, "-o", out, "--jobs", 2)
    assert (done.returncode, "19 documents kept, 1 left out" in done.stderr) == (0, True)
    lines = corpus.read_bytes().split(b"\n")
    assert (out / "train.jsonl").read_bytes().split(b"\n") == lines[:7] + lines[8:]
    (left,) = [json.loads(line) for line in (out / "left_out.jsonl").read_text().splitlines()]
    assert (left["document"], left["level"], left["part"]) == ("train.jsonl:8", "near", "question")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("-c {tmp}/none.jsonl", "none.jsonl does not exist"),
        ("-c {tmp}/train.jsonl --text-field body", "no row of the corpus has the field 'body'; it has text"),
        ("-c {tmp}/object.json", "object.json cannot be cleaned"),
        ("-c {tmp}/broken.jsonl.gz", "broken.jsonl.gz cannot be read"),
        ("-c {tmp}/train.jsonl --out {tmp}", "exists; name a new folder"),
    ],
)
def test_what_cannot_be_cleaned_is_said(
    cli: Cli, source: str, corpus: Path, tmp_path: Path, arguments: str, said: str
) -> None:
    """A missing corpus, a missing field, a format that cannot be kept, a broken file, a taken name: exit code 2."""
    (tmp_path / "object.json").write_text('{"text": "x"}')
    (tmp_path / "broken.jsonl.gz").write_bytes(b"\x1f\x8b broken")
    before = sorted(p.name for p in tmp_path.iterdir())
    given = arguments.format(tmp=tmp_path).split()
    done = cli("clean", "-t", "gsm8k", "--source", source, "-o", tmp_path / "out", *given)
    assert (done.returncode, said in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert corpus.exists()


def test_a_scan_ends_with_what_was_found(cli: Cli, source: str, corpus: Path, tmp_path: Path) -> None:
    """How many items of which benchmark, some to look at, and what to do next; whose corpus it is stands in scan.json."""
    scan = tmp_path / "scan"
    asked = ("scan", "-t", "gsm8k", "--source", source, "-c", corpus, "-o", scan, "-q")
    done = cli(*asked, env={"COLUMNS": "200"}, cwd=tmp_path)
    first, example, *rest = done.stdout.split("\n")
    assert first == "1 of 2 items of gsm8k stand in the corpus: 1 near."
    assert example.startswith("  item 0 in train.jsonl:8 (near): The harbour keeper")
    assert "a scan that is tied to no model accuses nobody." in " ".join(rest)
    assert max(map(len, done.stdout.split("\n"))) <= 80
    assert json.loads((scan / "scan.json").read_text())["models"] == []
    done = cli(*asked, "--model", "mine", "--model", "other")
    assert "says what it means for mine, other." in " ".join(done.stdout.split())
    assert json.loads((scan / "scan.json").read_text())["models"] == ["mine", "other"]


def test_a_scan_that_finds_nothing_says_where_it_looked(cli: Cli, source: str, tmp_path: Path) -> None:
    """Of how many items, in how many documents."""
    corpus = jsonl(tmp_path / "train.jsonl", [{"text": PROSE.format(n)} for n in range(20)])
    done = cli("scan", "-t", "gsm8k", "--source", source, "-c", corpus, "-o", tmp_path / "scan", "-q")
    assert done.stdout.startswith("None of the 2 items of gsm8k was found in 20 documents.\nNext: rarl-eval report")
