"""SIGKILL at random moments over runs, rewards and imports: what was acknowledged stays, and the end is the same.

Each round does one command from nothing to its end, killed again and again at moments drawn over its whole length and
given again after each kill. A record is acknowledged once the store has said so (each acknowledgement is written down
beside it by the process itself), and an import once its command has ended. Run:

    python benchmarks/kills.py [--kills 1000] [--jobs 2]

Prints a table and writes it to kills.md beside this file; exit code 1 if a record was lost or differs.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from server import Reply, serving  # noqa: E402

from rarl_eval import cli, data, registry, store  # noqa: E402
from rarl_eval.entries import Entry  # noqa: E402
from rarl_eval.types import Record  # noqa: E402

SAMPLES = 20
"""Of each of the demo's 30 problems."""


@dataclass(frozen=True)
class Scenario:
    """A command that may be killed, and what it leaves."""

    name: str
    command: Callable[[Path, str], list[str]]
    """Arguments, from a round's folder and the server's address."""
    prepare: Callable[[Path, str], None] = lambda folder, url: None  # noqa: ARG005
    whole: bool = False
    """All of it appears at its end or nothing does; else each acknowledged record stays from then on."""


@dataclass
class Outcome:
    """What the kills did."""

    kills: int = 0
    rounds: int = 0
    acknowledged: int = 0
    """Records acknowledged by a process that was killed later."""
    lost: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)


def reply(body: dict[str, Any]) -> Reply:
    """Answer a question, or judge an answer; what is said follows from prompt and seed alone."""
    words = " ".join(m["content"] for m in body["messages"])
    number = int(hashlib.sha256(f"{words}/{body.get('seed')}".encode()).hexdigest()[:6], 16) % 500
    verdict = "Verdict: correct" if number % 2 else "Verdict: incorrect"
    text = verdict if "Verdict:" in words else f"<think>\nI compute.\n</think>\nThe answer is \\boxed{{{number}}}."
    message = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    return 200, {"Content-Type": "application/json"}, json.dumps(message).encode()


def _ask(folder: Path, url: str) -> list[str]:
    return [
        *("run", "-t", "demo_math", "-m", "openai:m", "--base-url", url, "-k", str(SAMPLES), "--quiet", "--resume"),
        *("-o", str(folder / "out"), *(() if folder.name.endswith("cached") else ("--no-cache",))),
    ]


def _answered(folder: Path, url: str) -> None:
    """Make the run that rewards are added to; once, and copied from then on."""
    made = folder.parent / "answered"
    if not made.exists():
        subprocess.run(_started(_ask(folder, url), folder), check=True, capture_output=True, env=_environment(folder))
        shutil.copytree(folder / "out", made)
    else:
        shutil.copytree(made, folder / "out")


def _outputs(folder: Path, url: str) -> None:  # noqa: ARG001  every preparation is called alike
    (benchmark,) = (data.load(task) for task in registry.tasks("demo_math"))
    texts = (f"I compute.\nThe answer is \\boxed{{{n % 7 or 12}}}." for n in range(10**9))
    rows = [{"id": item.id, "output": next(texts)} for _ in range(SAMPLES) for item in benchmark.items]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def _reward(folder: Path, url: str) -> list[str]:
    return [
        *("reward", "-r", str(folder / "out"), "-w", "exact", "-w", "pointwise:openai:judge", "--base-url", url),
        *("--no-cache", "--quiet"),
    ]


def _import(folder: Path, url: str) -> list[str]:  # noqa: ARG001
    return ["score", str(folder / "outputs.jsonl"), "-t", "demo_math", "-o", str(folder / "out"), "--quiet"]


SCENARIOS = {
    "runs": Scenario("runs", _ask),
    "rewards": Scenario("rewards", _reward, _answered),
    "imports": Scenario("imports", _import, _outputs, whole=True),
}


def torment(scenario: Scenario, kills: int, folder: Path, seed: int = 0) -> Outcome:
    """Kill a command ``kills`` times in all, over as many rounds as that takes; the last round is let to its end."""
    outcome, rng = Outcome(), random.Random(f"{scenario.name}/{seed}")
    with serving(reply, delay_seconds=0.002) as server:
        calm, seconds = _undisturbed(scenario, folder, server.url)
        while outcome.kills < kills:
            _round(scenario, kills, folder, server.url, calm, seconds, outcome, rng)
    return outcome


def _undisturbed(scenario: Scenario, folder: Path, url: str) -> tuple[dict[str, bytes], float]:
    place = _place(scenario, folder, url, "calm")
    began = time.monotonic()
    subprocess.run(
        _started(scenario.command(place, url), place), check=True, capture_output=True, env=_environment(place)
    )
    return stored(place / "out"), time.monotonic() - began


def _round(
    scenario: Scenario,
    kills: int,
    folder: Path,
    url: str,
    calm: dict[str, bytes],
    seconds: float,
    outcome: Outcome,
    rng: random.Random,
) -> None:
    place = _place(scenario, folder, url, f"round-{outcome.rounds}{'-cached' if outcome.rounds % 2 else ''}")
    command, ended = _started(scenario.command(place, url), place), False
    while not ended:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment(place))
        try:
            said = child.communicate(timeout=rng.uniform(0, 1.2 * seconds) if outcome.kills < kills else None)[0]
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            outcome.kills += 1
            # An import's kill may fall between its last act and its end: then it is there, and is not given again.
            ended = scenario.whole and (place / "out" / "manifest.json").exists()
        else:
            if child.returncode:
                raise RuntimeError(f"{scenario.name} failed: {said.decode(errors='replace')[-2000:]}")
            ended = True
        _check(scenario, place, calm, outcome, ended=ended)
    outcome.rounds += 1
    outcome.acknowledged += len(_acknowledged(place)) if not scenario.whole else len(calm)
    shutil.rmtree(place)


def _check(scenario: Scenario, place: Path, calm: dict[str, bytes], outcome: Outcome, *, ended: bool) -> None:
    found = stored(place / "out") if (place / "out" / "manifest.json").exists() else {}
    due = calm.keys() if ended else _acknowledged(place) if not scenario.whole else set()
    outcome.lost += sorted(due - found.keys())
    outcome.differing += [address for address, content in found.items() if calm.get(address) != content]
    if ended:
        outcome.lost += [f"left behind: {p.name}" for p in place.glob(".out.*")]


def _place(scenario: Scenario, folder: Path, url: str, name: str) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    scenario.prepare(place, url)
    (place / "acknowledged").unlink(missing_ok=True)  # those of the preparation
    return place


def stored(path: Path) -> dict[str, bytes]:
    """Address to content of every record and added reward of a run; what a clock or the cache adds is left out."""
    run = store.read_run(path)
    added = run.manifest.get("rewards", {})  # each stands for itself; a record holds those that are there so far
    records = [
        msgspec.structs.replace(r, rewards=tuple(w for w in r.rewards if w.name not in added)) for r in run.records
    ]
    plain = {_address(record): msgspec.json.encode(_timeless(msgspec.to_builtins(record))) for record in records}
    entries = store.read_entries(path, probes=False)
    return plain | {_address(entry): msgspec.json.encode(_timeless(msgspec.to_builtins(entry))) for entry in entries}


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _timeless(v) for k, v in value.items() if k not in {"seconds", "cached"}}
    return [_timeless(v) for v in value] if isinstance(value, list | tuple) else value


def _address(what: Record | Entry) -> str:
    if isinstance(what, Record):
        return f"{what.trace.task} {what.trace.key} {what.trace.sample}"
    task, key, sample = what.slot
    return f"{what.reward.name} {task} {key} {sample}"


def _acknowledged(place: Path) -> set[str]:
    file = place / "acknowledged"
    return set(file.read_text().splitlines()) if file.exists() else set()


def _started(arguments: Sequence[str], place: Path) -> list[str]:
    return [sys.executable, str(Path(__file__).resolve()), "--child", str(place / "acknowledged"), *arguments]


def _environment(place: Path) -> dict[str, str]:
    return {**os.environ, "RARL_EVAL_CACHE": str(place / "cache.sqlite"), "PYTHONPATH": str(ROOT)}


def child(acknowledgements: str, arguments: list[str]) -> None:
    """Run a command of rarl-eval whose store writes down each acknowledgement as it gives it."""
    file = os.open(acknowledgements, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    class Witnessed(store.Writer):
        def __init__(self, path: Path) -> None:
            self._waiting: deque[str] = deque()
            super().__init__(path, self._told)

        def add(self, record: Record | Entry) -> None:
            self._waiting.append(_address(record))
            super().add(record)

        def _told(self, count: int) -> None:
            os.write(file, "".join(f"{self._waiting.popleft()}\n" for _ in range(count)).encode())

    store.Writer = Witnessed  # type: ignore[misc,assignment]
    cli.main(arguments)


def table(outcomes: dict[str, Outcome], seconds: float) -> str:
    total = Counter[str]()
    lines = [
        "SIGKILL at moments drawn over the whole length of a command; `python benchmarks/kills.py`\n",
        "| command | kills | rounds to the end | records acknowledged | lost | other than undisturbed |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, o in outcomes.items():
        row = {"kills": o.kills, "rounds": o.rounds, "acknowledged": o.acknowledged}
        row |= {"lost": len(o.lost), "differing": len(o.differing)}
        total.update(row)
        lines.append(f"| {name} | " + " | ".join(f"{n:,}" for n in row.values()) + " |")
    lines.append("| all | " + " | ".join(f"{n:,}" for n in total.values()) + " |")
    return "\n".join([*lines, f"\n{seconds:,.0f} seconds on {os.cpu_count()} cores."]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="commands tormented at once")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.monotonic()
    parts = [(name, part) for name in SCENARIOS for part in range(max(1, given.jobs))]
    share = -(-given.kills // len(parts))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(given.jobs) as pool:
        done = pool.map(
            lambda p: torment(SCENARIOS[p[0]], share, Path(folder) / f"{p[0]}-{p[1]}", 1000 * given.seed + p[1]), parts
        )
        outcomes: dict[str, Outcome] = {}
        for (name, _), one in zip(parts, done, strict=True):
            o = outcomes.setdefault(name, Outcome())
            o.kills, o.rounds, o.acknowledged = (
                o.kills + one.kills,
                o.rounds + one.rounds,
                o.acknowledged + one.acknowledged,
            )
            o.lost += one.lost
            o.differing += one.differing
    text = table(outcomes, time.monotonic() - began)
    print(text)
    for name, o in outcomes.items():
        for what in [*o.lost[:5], *o.differing[:5]]:
            print(f"{name}: {what}")
    Path(__file__).with_suffix(".md").write_text(text)
    return int(any(o.lost or o.differing for o in outcomes.values()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
    sys.exit(main())
