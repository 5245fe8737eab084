"""A run directory keeps what it acknowledged, and says what it is."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.runs import database, store
from rarl_eval.runs.writer import GROUP_ROWS, Writer
from rarl_eval.types import Benchmark, Item, Record, Source, Task, Trace, Verdict

TASK = Task(
    name="t",
    domain="math",
    source=Source(path="x", split="test", licence="MIT", released="2026-01-01"),
    item=lambda row: None,
    verify=lambda item, answer: Verdict(status="correct"),
    prompt=lambda item: [],
    paper="",
)
ITEMS = tuple(Item(id=str(n), question=f"q{n}", gold="1", group=f"g{n // 2}") for n in range(4))
BENCHMARK = Benchmark(task=TASK, items=ITEMS, origin="here", revision=None, fingerprint="f")
MANIFEST = {"kind": "run", "tasks": {"t": {"domain": "math", "version": 1, "fingerprint": "f"}}}


def record(number: int, sample: int = 0, stop: str = "end", text: str = "x") -> Record:
    trace = Trace(key=ITEMS[number].key, task="t", item_id=str(number), model="m", sample=sample, stop=stop, text=text)  # type: ignore[arg-type]
    return Record(trace=trace, verdict=None if stop == "error" else Verdict(status="correct"))


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    store.create(tmp_path / "run", MANIFEST, [BENCHMARK])
    return tmp_path / "run"


def test_records_come_back_in_the_benchmarks_order(run_dir: Path) -> None:
    """Whatever the order of arrival, a run reads by item and sample, and knows its items and groups."""
    with Writer(run_dir) as writer:
        for number, sample in ((3, 0), (0, 1), (2, 0), (0, 0)):
            writer.add(record(number, sample))
    run = store.read_run(run_dir)
    assert [(r.trace.item_id, r.trace.sample) for r in run.records] == [("0", 0), ("0", 1), ("2", 0), ("3", 0)]
    assert run.tasks["t"].keys == [i.key for i in ITEMS]
    assert run.tasks["t"].groups[ITEMS[3].key] == "g1"


def test_failed_calls_are_not_finished(run_dir: Path) -> None:
    """A failed call is stored, and is asked again; its new record takes its place."""
    with Writer(run_dir) as writer:
        writer.add(record(0))
        writer.add(record(1, stop="error"))
    with store.Reader(run_dir, still=False) as done:
        assert (done.finished, done.samples("t", ITEMS[0].key), done.samples("t", ITEMS[1].key)) == (1, {0}, set())
    with Writer(run_dir) as writer:
        writer.add(record(1))
    assert [r.trace.stop for r in store.read_run(run_dir).records] == ["end", "end"]


def test_acknowledgement_follows_the_commit(run_dir: Path) -> None:
    """When a group is acknowledged another connection sees its rows."""
    seen: list[tuple[int, int]] = []

    def acknowledged(count: int) -> None:
        with sqlite3.connect(run_dir / "records.sqlite") as db:
            seen.append((count, db.execute("SELECT count(*) FROM records").fetchone()[0]))

    with Writer(run_dir, acknowledged) as writer:
        for sample in range(120):
            writer.add(record(0, sample))
    assert sum(count for count, _ in seen) == 120
    assert all(stored >= sum(c for c, _ in seen[: i + 1]) for i, (_, stored) in enumerate(seen))
    assert max(count for count, _ in seen) <= GROUP_ROWS


def test_commits_wait_for_the_disk(run_dir: Path) -> None:
    """What is acknowledged survives a loss of power: WAL, and ``synchronous=FULL`` (2)."""
    with closing(database.to_write(run_dir / store.DATABASE)) as db:
        assert [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")] == ["wal", 2]


def test_one_writer_at_a_time(run_dir: Path) -> None:
    """A second writer is refused while the first is at work."""
    with Writer(run_dir), pytest.raises(BadInput, match="another process"), Writer(run_dir):
        pass


def test_a_run_is_not_overwritten(run_dir: Path) -> None:
    """Making a run where one is refuses and changes nothing."""
    before = sorted(p.name for p in run_dir.iterdir())
    with pytest.raises(BadInput, match="--resume"):
        store.create(run_dir, MANIFEST, [BENCHMARK])
    assert sorted(p.name for p in run_dir.iterdir()) == before


def test_another_schema_is_refused(run_dir: Path) -> None:
    """Manifest and database each name their schema, and either one stops a reader of another version."""
    manifest = json.loads((run_dir / "manifest.json").read_text())
    with sqlite3.connect(run_dir / "records.sqlite") as db:
        db.execute("PRAGMA user_version = 7")
    with pytest.raises(SchemaMismatch, match="schema 7, this version reads 1"):
        store.read_run(run_dir)
    (run_dir / "manifest.json").write_text(json.dumps({**manifest, "schema": 2}))
    with pytest.raises(SchemaMismatch, match="schema 2, this version reads 1"):
        store.read_run(run_dir)


def test_what_is_no_run_is_said_to_be_none(run_dir: Path, tmp_path: Path) -> None:
    """A folder without a manifest, a broken manifest and a damaged database are one sentence each."""
    with pytest.raises(BadInput, match="is no run directory"):
        store.read_run(tmp_path)
    (run_dir / "records.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(BadInput, match=r"records\.sqlite"):
        store.read_run(run_dir)
    (run_dir / "manifest.json").write_text("{")
    with pytest.raises(BadInput, match="cannot be read"):
        store.read_manifest(run_dir)


WRITES_FOREVER = textwrap.dedent("""
    import sys, itertools
    from pathlib import Path
    from test_store import Writer, record
    with Writer(Path(sys.argv[1]), lambda n: print(n, flush=True)) as writer:
        for sample in itertools.count():
            writer.add(record(0, sample))
""")


def test_a_kill_loses_no_acknowledged_row(run_dir: Path) -> None:
    """After SIGKILL in the middle of writing, at least the acknowledged rows are there, whole."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), str(Path(__file__).parent)]),
    }
    child = subprocess.Popen(
        [sys.executable, "-c", WRITES_FOREVER, str(run_dir)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert child.stdout is not None
    acknowledged = sum(int(child.stdout.readline()) for _ in range(20))
    child.send_signal(signal.SIGKILL)
    acknowledged += sum(int(line) for line in child.communicate()[0].splitlines())
    records = store.read_run(run_dir).records
    assert len(records) >= acknowledged
    assert [r.trace.sample for r in records] == list(range(len(records)))


FILLS_THE_DISK = textwrap.dedent("""
    import resource, signal, sys
    from pathlib import Path
    from rarl_eval.errors import BadInput
    from test_store import Writer, record
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    try:
        with Writer(Path(sys.argv[1]), lambda n: print(n, flush=True)) as writer:
            for sample in range(1000):
                writer.add(record(0, sample, text="x" * 5000))
    except BadInput as error:
        print(error, file=sys.stderr)
        sys.exit(2)
""")


def test_a_full_disk_is_one_sentence_and_loses_nothing(run_dir: Path) -> None:
    """When the disk takes no more, the acknowledged rows stay and the user is told to mend it and resume."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), str(Path(__file__).parent)]),
    }
    done = subprocess.run(
        [sys.executable, "-c", FILLS_THE_DISK, str(run_dir)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    acknowledged = sum(map(int, done.stdout.split()))
    assert done.returncode == 2
    assert "use --resume" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert 0 < acknowledged <= len(store.read_run(run_dir).records) < 1000
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_an_opened_run_reads_its_records_when_they_are_gone_through(run_dir: Path) -> None:
    """What ``open_run`` gives is what ``read_run`` holds, in the same order, again and again."""
    with Writer(run_dir) as writer:
        for number in (2, 0, 1):
            for sample in (1, 0):
                writer.add(record(number, sample))
    opened, whole = store.open_run(run_dir), store.read_run(run_dir)
    assert [list(opened.records), list(opened.records)] == [whole.records, whole.records]
    assert (len(opened.records), whole.records[0] in opened.records) == (6, True)
    assert opened.tasks == whole.tasks
