"""Hostile corpora in their full size, and many kills: what takes minutes and gigabytes."""

import gzip
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zstandard

from tests.contamination.made import ROOT, benchmark, files_of, problems, run, write_jsonl
from tests.contamination.test_scan import KILLED, ROWS

pytestmark = pytest.mark.heavy

SCAN = """
import resource, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.contamination.made import benchmark, problems
from rarl_eval.contamination.scan import scan
done = scan([benchmark(problems(30, seed=21))], [{corpus!r}], Path({out!r}), say=print, progress=lambda *_: None)
print(len(done.failed), done.documents, sum(c["flagged"] for c in done.tasks.values()))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def scanned(corpus: Path, out: Path) -> tuple[str, int]:
    """What a scan in a process of its own came to, and its peak memory in MB."""
    code = SCAN.format(root=str(ROOT), corpus=str(corpus), out=str(out))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=1800)
    *_, told, peak = done.stdout.splitlines()
    return told, int(peak) // 1024


def test_a_line_of_a_gigabyte(tmp_path: Path) -> None:
    """It is scanned in bounded memory, and an item in its middle and the line after it are found."""
    first, second = (json.dumps(ROWS[n]["text"]).encode()[1:-1] for n in (0, 1))
    with (tmp_path / "c.jsonl").open("wb") as file:
        file.write(b'{"text": "')
        for half in (first, b""):
            for _ in range(512):
                file.write(b"some words of no meaning at all " * 32768)
            file.write(b"\\n" + half + b"\\n")
        file.write(b'"}\n{"text": "' + second + b'"}\n')
    assert (tmp_path / "c.jsonl").stat().st_size > 1 << 30
    told, peak = scanned(tmp_path / "c.jsonl", tmp_path / "out")
    assert told == "0 2 2"
    assert peak < 900


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_a_bomb_of_gigabytes(tmp_path: Path, suffix: str) -> None:
    """It is left after a bounded number of bytes, and the file beside it is scanned."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    if suffix == "gz":
        with gzip.open(folder / "bomb.jsonl.gz", "wb", compresslevel=9) as file:
            for _ in range(3000):
                file.write(b"0" * (1 << 20))
    else:
        made = zstandard.ZstdCompressor(level=19)
        with (folder / "bomb.jsonl.zst").open("wb") as plain, made.stream_writer(plain) as packed:
            for _ in range(3000):
                packed.write(b"0" * (1 << 20))
    write_jsonl(folder / "good.jsonl", ROWS)
    told, peak = scanned(folder, tmp_path / "out")
    assert told.split()[0] == "1"
    assert told.split()[2] == "10"
    assert peak < 900


def test_twenty_kills(tmp_path: Path) -> None:
    """SIGKILL at twenty random moments, then a resumed run: the same files, and no trace of the interruptions."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for n in range(120):
        write_jsonl(corpus / f"{n:03}.jsonl", ROWS[n % 10 : n % 10 + 2])
    items = [benchmark(problems(30, seed=21))]
    run(items, [corpus], tmp_path / "whole")
    code = KILLED.format(root=str(ROOT), corpus=str(corpus), out=str(tmp_path / "out"))
    rng, kills = random.Random(2), 0
    for _ in range(20):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.05, 0.4))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        process.stdout.close()
    assert kills == 20
    run(items, [corpus], tmp_path / "out", resume=True)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
