"""Shards shared among processes: the same bytes, nothing left running, and a clear sentence when one ends."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.commands.progress import byte_progress
from rarl_eval.contamination import crew
from rarl_eval.contamination.corpus import readers, unpack
from rarl_eval.contamination.corpus.shards import expand
from rarl_eval.contamination.matching.index import build
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.paraphrase.choose import Paraphrasing
from rarl_eval.contamination.streaming import Scanner
from rarl_eval.errors import BadInput
from tests.contamination.made import ROOT, benchmark, files_of, problems, prose, run, write_jsonl

ITEMS = problems(30, seed=33)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")


def write_corpus(folder: Path, shards: int = 5, rows: int = 40) -> Path:
    rng = random.Random(6)
    folder.mkdir()
    for n in range(shards):
        texts = [f"{prose(rng)} {rng.choice(ITEMS).question} {prose(rng)}" for _ in range(rows)]
        write_jsonl(folder / f"{n}.jsonl", [{"text": text} for text in texts])
    return folder


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Small corpora are shared among processes too; gives the numbers of all that were started."""
    started: list[int] = []
    begin = crew._Hand.__init__

    def noted(self: Any, *told: Any) -> None:
        begin(self, *told)
        started.append(self.process.pid)

    monkeypatch.setattr(crew._Hand, "__init__", noted)
    monkeypatch.setattr(crew, "SMALL", 0)
    runner = threading.active_count()
    monkeypatch.setattr(crew, "_other_threads", lambda: threading.active_count() - runner)
    monkeypatch.setattr(readers, "BLOCK", 1 << 14)
    return started


def test_processes_change_no_byte(tmp_path: Path, forking: list[int]) -> None:
    """One process, three, or seven jobs over five shards, with candidates of paraphrases: the same files."""
    corpus = write_corpus(tmp_path / "corpus", rows=12)
    counts = []
    for jobs in (1, 3, 7):
        run([benchmark(ITEMS)], [corpus], tmp_path / str(jobs), jobs=jobs, paraphrasing=Paraphrasing())
        counts.append(len(forking))
    assert counts == [0, 3, 8]
    assert files_of(tmp_path / "1") == files_of(tmp_path / "3") == files_of(tmp_path / "7")
    assert not any(Path(f"/proc/{pid}").exists() for pid in forking)


def test_what_was_found_before_a_shard_broke_off_depends_on_no_job(tmp_path: Path, forking: list[int]) -> None:
    """A truncated archive gives what stood before its end, to threads and processes as to one."""
    corpus = write_corpus(tmp_path / "corpus")
    packed = gzip.compress((corpus / "0.jsonl").read_bytes())
    (corpus / "0.jsonl").unlink()
    (corpus / "0.jsonl.gz").write_bytes(packed[: len(packed) * 9 // 10])
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "0.jsonl.gz").write_bytes(packed[: len(packed) * 9 // 10])
    for name, jobs in (("corpus", 3), ("alone", 4)):
        for n in (1, jobs):
            _, summary, _ = run([benchmark(ITEMS)], [tmp_path / name], tmp_path / f"{name}-{n}", jobs=n)
            assert [shard for shard, _ in summary.failed] == [str(tmp_path / name / "0.jsonl.gz")]
        assert files_of(tmp_path / f"{name}-1") == files_of(tmp_path / f"{name}-{jobs}")
    assert len(forking) == 3
    items = [json.loads(line) for line in (tmp_path / "alone-4" / "items.jsonl").read_text().splitlines()]
    assert sum(item["status"] == "flagged" for item in items) > 10


def test_progress_counts_every_byte(tmp_path: Path, forking: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """What processes read is told as it is read, and comes to the size of the corpus."""
    monkeypatch.setattr(unpack, "BLOCK", 1 << 14)
    corpus = write_corpus(tmp_path / "corpus")
    shards = expand([corpus])
    told: list[int] = []
    scanner = Scanner(build([benchmark(ITEMS)], Thresholds()), Thresholds(), jobs=2)
    numbers = [number for number, _ in crew.scan_shards(scanner, shards, told.append)]
    assert sorted(numbers) == [0, 1, 2, 3, 4]
    assert sum(told) == sum(p.stat().st_size for p in corpus.iterdir())
    assert len(told) > len(shards)


def test_a_process_that_is_killed_is_one_sentence_and_nothing_is_lost(
    tmp_path: Path, forking: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shard and the signal are named, finished shards stay, and a resumed scan ends as an undisturbed one."""
    corpus = write_corpus(tmp_path / "corpus")
    run([benchmark(ITEMS)], [corpus], tmp_path / "whole")
    scan = Scanner.shards

    def killed(self: Scanner, shards: Any, read: Any) -> Any:
        if shards[0].name.endswith("4.jsonl"):
            os.kill(os.getpid(), signal.SIGKILL)
        return scan(self, shards, read)

    with monkeypatch.context() as patched:
        patched.setattr(Scanner, "shards", killed)
        with pytest.raises(BadInput, match=r"4\.jsonl: the process that scanned it ended by signal 9; .* --resume"):
            run([benchmark(ITEMS)], [corpus], tmp_path / "out", jobs=2)
    assert not any(Path(f"/proc/{pid}").exists() for pid in forking)
    assert not (tmp_path / "out").exists()
    assert len(list((tmp_path / ".out.unfinished").iterdir())) > 1
    run([benchmark(ITEMS)], [corpus], tmp_path / "out", jobs=2, resume=True)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_a_process_with_threads_is_not_forked(tmp_path: Path, forking: list[int]) -> None:
    """A caller that runs threads of its own gets threads, and the same result."""
    corpus = write_corpus(tmp_path / "corpus")
    run([benchmark(ITEMS)], [corpus], tmp_path / "one")
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        run([benchmark(ITEMS)], [corpus], tmp_path / "out", jobs=3)
    finally:
        done.set()
        other.join()
    assert forking == []
    assert files_of(tmp_path / "out") == files_of(tmp_path / "one")


def test_showing_progress_takes_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a terminal, too, a scan can be shared among processes."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    before = threading.active_count()
    with byte_progress("bar") as progress:
        progress(1, 10)
        progress(10, None)
        assert threading.active_count() == before


ENDED = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.contamination.made import benchmark, problems
from rarl_eval.contamination import crew, streaming
from rarl_eval.contamination.scan import scan
block, crew.SMALL = streaming.Scanner.block, 0
def slow(self, *told):
    time.sleep(0.05)
    return block(self, *told)
streaming.Scanner.block = slow
begin = crew._Hand.__init__
def noted(self, *told):
    begin(self, *told)
    print(self.process.pid, flush=True)
crew._Hand.__init__ = noted
scan([benchmark(problems(30, seed=33))], [{corpus!r}], Path({out!r}), jobs=3, say=lambda _: None, progress=lambda *_: None)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_the_scan(tmp_path: Path, ending: signal.Signals) -> None:
    """The scan is killed or interrupted, and every process it started ends with it, saying nothing."""
    corpus = write_corpus(tmp_path / "corpus", shards=12)
    code = ENDED.format(root=str(ROOT), corpus=str(corpus), out=str(tmp_path / "out"))
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )  # fmt: skip
    assert process.stdout is not None
    started = [int(process.stdout.readline()) for _ in range(3)]
    time.sleep(0.1)
    process.send_signal(ending)
    _, said = process.communicate()
    deadline = time.monotonic() + 20
    while any(running(pid) for pid in started) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(running(pid) for pid in started)
    assert said.count("Traceback") == (ending == signal.SIGINT)
    assert not (tmp_path / "out").exists()


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
