"""Scans through Ray Data, really run on this machine."""

import gzip
import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rarl_eval.contamination import streaming
from rarl_eval.contamination.paraphrase.choose import Paraphrasing
from rarl_eval.contamination.scan import scan
from rarl_eval.errors import BadInput
from tests.contamination.made import ROOT, benchmark, files_of, problems, prose, run, write_jsonl

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.filterwarnings("ignore"),  # Ray's own, on whatever Python and NumPy are there
]
pytest.importorskip("ray", reason="ray is not installed: pip install 'rarl-eval[ray]'")

ITEMS = problems(30, seed=61)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Shards of several kinds: JSON lines plain and packed, a table, a folder of texts, and a broken one."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    rng = random.Random(2)
    for n in range(6):
        rows = [{"text": f"{prose(rng)} {rng.choice(ITEMS).question} {prose(rng)}"} for _ in range(20)]
        write_jsonl(folder / f"s{n}.jsonl", rows)
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress((folder / "s0.jsonl").read_bytes()))
    (folder / "broken.jsonl.gz").write_bytes(gzip.compress(b"x" * 90_000)[:60])
    (folder / "book.txt").write_text(f"{prose(rng)}\n{ITEMS[3].question}")
    (folder / "list.json").write_text(json.dumps([{"text": ITEMS[4].question}, {"text": "x"}]))
    return folder


def test_ray_gives_the_same_bytes(tmp_path: Path, corpus: Path) -> None:
    """Every file of the scan directory is what the local engine writes, a corrupt shard and candidates included."""
    here = run([benchmark(ITEMS)], [corpus], tmp_path / "here", paraphrasing=Paraphrasing())
    seen: list[tuple[int, int | None]] = []
    said: list[str] = []
    summary = scan(
        [benchmark(ITEMS)], [corpus], tmp_path / "ray", jobs=2, engine="ray", paraphrasing=Paraphrasing(),
        say=said.append, progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert files_of(tmp_path / "ray") == files_of(tmp_path / "here")
    assert summary.failed == here[1].failed
    assert [name for name, _ in summary.failed] == [str(corpus / "broken.jsonl.gz")]
    assert [s for s in said if s.startswith("not scanned")] == [s for s in here[2] if s.startswith("not scanned")]
    assert seen[-1][0] == seen[-1][1] == sum(p.stat().st_size for p in corpus.iterdir())


def test_a_scan_begun_here_goes_on_with_ray(tmp_path: Path, corpus: Path) -> None:
    """Shards finished by one engine are taken over by the other."""
    run([benchmark(ITEMS)], [corpus], tmp_path / "whole")
    original = streaming.Scanner.shards

    def dying(self, wanted, read):  # type: ignore[no-untyped-def]
        yield from original(self, wanted[:4], read)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streaming.Scanner, "shards", dying)
        with pytest.raises(KeyboardInterrupt):
            run([benchmark(ITEMS)], [corpus], tmp_path / "out")
    assert len([p for p in (tmp_path / ".out.unfinished").iterdir() if p.name != "plan"]) == 4
    run([benchmark(ITEMS)], [corpus], tmp_path / "out", engine="ray", jobs=2, resume=True)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


SCAN = """
from pathlib import Path
from tests.contamination.made import ROOT, benchmark, problems, run
given = dict(engine="ray", ray_address="127.0.0.1:6399")
run([benchmark(problems(30, seed=61))], [{corpus!r}], Path({out!r}), **given)
"""


def test_a_cluster_is_reached_by_its_address(tmp_path: Path, corpus: Path) -> None:
    """A cluster started apart scans to the same bytes; an address where none is, is one sentence."""
    run([benchmark(ITEMS)], [corpus], tmp_path / "here")
    head = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", "--port=6399", "--num-cpus=2"]
    with pytest.raises(BadInput, match=r"--ray-address 127\.0\.0\.1:6399 cannot be reached"):
        run([benchmark(ITEMS)], [corpus], tmp_path / "ray", engine="ray", ray_address="127.0.0.1:6399")
    # All of it on the loopback address, which Ray would replace by another of this machine.
    env = {**os.environ, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "disabled"}
    env["PYTHONPATH"] = str(ROOT)
    options = ["--node-ip-address=127.0.0.1", "--include-dashboard=false", "--disable-usage-stats"]
    cluster = subprocess.Popen([*head, *options], stdout=subprocess.DEVNULL, env=env)
    try:
        wait_for("127.0.0.1", 6399)
        code = SCAN.format(corpus=str(corpus), out=str(tmp_path / "ray"))
        subprocess.run([sys.executable, "-c", code], check=True, env=env, cwd=ROOT, timeout=240)
    finally:
        cluster.terminate()
        cluster.wait()
    assert files_of(tmp_path / "ray") == files_of(tmp_path / "here")


def wait_for(host: str, port: int) -> None:
    """Wait until something listens, and a little for the rest of a cluster to come up."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                time.sleep(5)
                return
        time.sleep(0.2)
    raise TimeoutError(f"nothing listens on {host}:{port}")


def test_standard_input_is_refused(tmp_path: Path) -> None:
    """No other process can read this one's standard input."""
    with pytest.raises(BadInput, match="--engine ray cannot read standard input"):
        run([benchmark(ITEMS)], ["-"], tmp_path / "out", engine="ray")
