"""The commands as a user meets them: help, exit codes, one clear sentence for bad input, nothing half-written."""

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rarl_eval.cli import COMMANDS

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def gsm8k(tmp_path: Path) -> Path:
    path = tmp_path / "gsm8k.jsonl"
    path.write_text(
        "".join(
            json.dumps({"question": f"What is {n} plus {n}, dear reader?", "answer": f"So.\n#### {2 * n}"}) + "\n"
            for n in range(5)
        )
    )
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(cli: Cli, name: str) -> None:
    """Each command's help says what it does, what every option means, and shows an example."""
    done = cli(name, "--help")
    assert done.returncode == 0
    assert "\\b" not in done.stdout
    examples = [
        line.strip() for line in done.stdout.split("Example", 1)[1].split("\n") if line.startswith("    rarl-eval")
    ]
    assert any(line.startswith(f"rarl-eval {name}") for line in examples)
    options = [line.strip() for line in done.stdout.split("Options:")[1].splitlines() if line.strip().startswith("-")]
    assert options
    assert "rarl-eval" in done.stdout


def test_an_unknown_command_gets_a_near_one(cli: Cli) -> None:
    """A mistyped command is answered with the one it may have meant."""
    done = cli("scroe")
    assert (done.returncode, "did you mean score?" in done.stderr) == (2, True)


def test_tasks_are_listed_as_table_and_json(cli: Cli) -> None:
    """Both forms hold every task; the JSON has source, split, licence and dates."""
    table, listed = cli("tasks"), json.loads(cli("tasks", "--json").stdout)
    assert {"gsm8k", "svamp", "math500", "aime24", "cruxeval_output", "tatqa", "medqa", "pubmedqa"} <= {
        t["name"] for t in listed
    }
    assert all(t["name"] in table.stdout for t in listed)
    assert {
        "domain",
        "gated",
        "licence",
        "name",
        "paper",
        "released",
        "revision",
        "source",
        "split",
        "unproven",
        "version",
        "config",
    } == set(listed[0])


def test_a_lock_is_written_and_holds(cli: Cli, gsm8k: Path, tmp_path: Path) -> None:
    """What `tasks --lock` wrote, `run --lock` holds later runs to."""
    lock = tmp_path / "lock.json"
    assert cli("tasks", "-t", "gsm8k", "--source", f"gsm8k={gsm8k}", "--lock", lock).returncode == 0
    run = ("run", "-t", "gsm8k", "--source", f"gsm8k={gsm8k}", "-m", "echo:4", "--lock", lock)
    assert cli(*run, "-o", tmp_path / "a").returncode == 0
    gsm8k.write_text(gsm8k.read_text().replace("dear", "good"))
    done = cli(*run, "-o", tmp_path / "b")
    assert (done.returncode, "fingerprint" in done.stderr, (tmp_path / "b").exists()) == (2, True, False)


def test_doctor_says_what_works(cli: Cli) -> None:
    """Packages, extras, sandbox tier and data folder are told, and as JSON."""
    done = cli("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(found) == {"program", "base packages", "extras", "sandbox", "languages", "data"}
    assert found["sandbox"]["tier"] in {"A", "B", "C"}
    assert "rarl-eval" in cli("doctor").stdout


def test_failed_calls_give_exit_code_1(cli: Cli, gsm8k: Path, tmp_path: Path) -> None:
    """A run whose calls failed ends, says so, and is not called a success."""
    traces = tmp_path / "r.jsonl"
    traces.write_text('{"id": "0", "text": "#### 0"}\n')
    done = cli("run", "-t", "gsm8k", "--source", f"gsm8k={gsm8k}", "-m", f"replay:{traces}", "-o", tmp_path / "run")
    assert (done.returncode, "4 calls failed: go on with --resume" in done.stderr) == (1, True)


def test_score_says_how_much_matched(cli: Cli, gsm8k: Path, tmp_path: Path) -> None:
    """The number of matched outputs and the way they matched are printed."""
    outputs = tmp_path / "o.jsonl"
    (first, *_) = [json.loads(line) for line in gsm8k.read_text().splitlines()]
    rows = [
        {"question": first["question"], "text": "0", "model": "m"},
        {"question": "What else is there?", "text": "0"},
    ]
    outputs.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = cli("score", outputs, "-t", "gsm8k", "--source", f"gsm8k={gsm8k}", "-o", tmp_path / "run")
    assert done.returncode == 0
    assert "m: 1 of 2 outputs matched (1 by content)" in done.stderr
    assert "  0 proved, 1 consistent, 0 contradicted, 1 unmatched" in done.stderr
    assert f"unmatched, first: {outputs} row 2: it asks none of the items" in done.stderr
    assert "4 of 5 items have no output" in done.stderr


BAD = {
    "missing file": ("score {tmp}/none.jsonl -t gsm8k {source} -o {tmp}/out", "none.jsonl does not exist"),
    "wrong format": ("score {tmp}/picture.jsonl -t gsm8k {source} -o {tmp}/out", "picture.jsonl line 1 is not"),
    "unknown task": ("score {tmp}/good.jsonl -t gsm9k -o {tmp}/out", "no task is called 'gsm9k'; did you mean gsm8k"),
    "no text field": (
        "score {tmp}/good.jsonl -t gsm8k {source} --text-field reply -o {tmp}/out",
        "good.jsonl row 1 has no text in field 'reply'",
    ),
    "broken gzip": (
        "score {tmp}/broken.jsonl.gz -t gsm8k {source} -o {tmp}/out",
        "broken.jsonl.gz cannot be read after line",
    ),
    "invalid UTF-8": ("score {tmp}/latin.jsonl -t gsm8k {source} -o {tmp}/out", "latin.jsonl line 2 is not UTF-8"),
    "folder without logs": ("score {tmp}/old -t gsm8k {source} -o {tmp}/out", "old holds no log (1 files looked at)"),
    "folder with a damaged log": ("score {tmp} -t gsm8k {source} -o {tmp}/out", "broken.jsonl.gz cannot be read after"),
    "several tasks": (
        "score {tmp}/good.jsonl -t gsm8k,svamp {source} --source svamp={tmp}/svamp.json -o {tmp}/out",
        "score one at a time",
    ),
    "run: no adapter": ("run -t gsm8k {source} -m gpt -o {tmp}/out", "'gpt' is not ADAPTER:NAME"),
    "run: unknown adapter": ("run -t gsm8k {source} -m opnai:x -o {tmp}/out", "did you mean openai"),
    "run: missing source": (
        "run -t gsm8k --source gsm8k={tmp}/none.jsonl -m echo: -o {tmp}/out",
        "none.jsonl does not exist",
    ),
    "run: wrong source": (
        "run -t gsm8k --source gsm8k={tmp}/good.jsonl -m echo: -o {tmp}/out",
        "good.jsonl row 1 has no field",
    ),
    "run: no lock": ("run -t gsm8k {source} -m echo: --lock {tmp}/none.lock -o {tmp}/out", "is no lock file"),
    "scan: missing corpus": ("scan -t gsm8k {source} -c {tmp}/none.jsonl -o {tmp}/out", "none.jsonl"),
    "scan: no text field": ("scan -t gsm8k {source} -c {tmp}/good.jsonl --text-field nowhere -o {tmp}/out", "nowhere"),
    "report: no run": ("report -r {tmp} -o {tmp}/out", "is no run directory"),
    "report: another schema": ("report -r {tmp}/old -o {tmp}/out", "was written with run schema 99"),
    "report: no scan": ("report -r {tmp}/old -s {tmp} -o {tmp}/out", "is no scan directory"),
    "site: no report": ("site -r {tmp} -o {tmp}/out", "report.json"),
}


@pytest.mark.parametrize(("command", "said"), BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(
    cli: Cli, gsm8k: Path, tmp_path: Path, command: str, said: str
) -> None:
    """Every kind of bad input ends with exit code 2, one line that names it, and no output left behind."""
    (tmp_path / "good.jsonl").write_text('{"id": "0", "text": "0"}\n')
    (tmp_path / "svamp.json").write_text('[{"ID": "1", "Body": "b", "Question": "q?", "Answer": 1, "Type": "Sum"}]')
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "0", "text": "0"}\n{"id": "1", "text": "caf\xe9"}\n')
    (tmp_path / "picture.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "broken.jsonl.gz").write_bytes(gzip.compress(b'{"id": "0", "text": "0"}\n' * 999)[:-12])
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "manifest.json").write_text('{"schema": 99}')
    before = sorted(p.name for p in tmp_path.rglob("*"))
    done = cli(*command.format(tmp=tmp_path, source=f"--source gsm8k={gsm8k}").split())
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    said_first = [line for line in done.stderr.splitlines() if not line.startswith("compiling the scanner")]
    assert [line.startswith("rarl-eval: error: ") for line in said_first] == [True]
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_a_reader_that_goes_away_is_no_error(cli: Cli) -> None:
    """`rarl-eval tasks --json | head -1` ends quietly."""
    import sys

    done = subprocess.run(
        f"{sys.executable} -m rarl_eval tasks --json | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[", "")
