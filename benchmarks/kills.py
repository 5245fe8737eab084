"""SIGKILL at random moments over runs, rewards and imports: what was acknowledged stays, and the end is the same.

Each round does one command from nothing to its end, killed again and again at moments drawn over its whole length and
given again after each kill. A record is acknowledged once the store has said so (each acknowledgement is written down
beside it by the process itself), and an import once its command has ended. The processes are forked from one that has
imported everything, so that a kill falls into the command's work and not into Python's start. Run:

    python benchmarks/kills.py [--kills 1000] [--jobs 2] [--log FILE]

``--log`` keeps the outcome of each round, and a benchmark that was stopped goes on from there. Prints a table and
writes it to kills.md beside this file; exit code 1 if a record was lost or differs.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

from server import Reply, serving  # noqa: E402

from rarl_eval import cli, data, registry  # noqa: E402
from rarl_eval.runs import store  # noqa: E402
from rarl_eval.runs.added import Entry  # noqa: E402
from rarl_eval.runs.writer import Writer  # noqa: E402
from rarl_eval.types import Record  # noqa: E402

SAMPLES = 10
TASK = "fresh:math@1:30"
"""Of each of the demo's 30 problems."""

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        *(f"rarl_eval.commands.{name}" for name in ("run", "reward", "score")),
        *(f"rarl_eval.rewards.{name}" for name in ("add", "judging", "open")),
        "rarl_eval.models.openai",
        "server",
    ]
)


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

    def add(self, more: "Outcome") -> None:
        """Count what other rounds did."""
        self.kills, self.rounds = self.kills + more.kills, self.rounds + more.rounds
        self.acknowledged += more.acknowledged
        self.lost += more.lost
        self.differing += more.differing


@dataclass(frozen=True)
class Log:
    """Outcomes of rounds, in a file that may be read again; without one they are kept by nobody."""

    file: Path | None = None

    def so_far(self, name: str) -> Outcome:
        """Add up what the file has of a scenario."""
        outcome = Outcome()
        for line in self.file.read_text().splitlines() if self.file and self.file.exists() else ():
            row = json.loads(line)
            if row.pop("scenario") == name:
                outcome.add(Outcome(**row))
        return outcome

    def add(self, name: str, outcome: Outcome) -> None:
        """Write a round down."""
        if self.file:
            with self.file.open("a") as file:  # one write to its end: several processes may add
                file.write(json.dumps({"scenario": name, **asdict(outcome)}) + "\n")


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
        *("run", "-t", TASK, "-m", "openai:m", "--base-url", url, "-k", str(SAMPLES), "--quiet", "--resume"),
        *("-o", str(folder / "out"), *(() if folder.name.endswith("cached") else ("--no-cache",))),
    ]


def _answered(folder: Path, url: str) -> None:
    """Make the run that rewards are added to; once, and copied from then on."""
    made = folder.parent / "answered"
    if not made.exists():
        _finish(_start(_ask(folder, url), folder), folder)
        shutil.copytree(folder / "out", made)
    else:
        shutil.copytree(made, folder / "out")


def _outputs(folder: Path, url: str) -> None:  # noqa: ARG001  every preparation is called alike
    (benchmark,) = (data.load(task) for task in registry.tasks(TASK))
    texts = (f"I compute.\nThe answer is \\boxed{{{n % 7 or 12}}}." for n in range(10**9))
    rows = [{"question": item.question, "output": next(texts)} for _ in range(SAMPLES) for item in benchmark.items]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def _reward(folder: Path, url: str) -> list[str]:
    return [
        *("reward", "-r", str(folder / "out"), "-w", "exact", "-w", "pointwise:openai:judge", "--base-url", url),
        *("--no-cache", "--quiet"),
    ]


def _import(folder: Path, url: str) -> list[str]:  # noqa: ARG001
    return ["score", str(folder / "outputs.jsonl"), "-t", TASK, "-o", str(folder / "out"), "--quiet"]


SCENARIOS = {
    "runs": Scenario("runs", _ask),
    "rewards": Scenario("rewards", _reward, _answered),
    "imports": Scenario("imports", _import, _outputs, whole=True),
}


def torment(name: str, kills: int, folder: Path, seed: int = 0, log: Log | None = None) -> Outcome:
    """Kill a command ``kills`` times in all, over as many rounds as that takes; the last round is let to its end."""
    _start_forks()
    scenario, outcome, rng = SCENARIOS[name], Outcome(), random.Random(f"{name}/{seed}")
    with serving(reply, delay_seconds=0.002) as server:
        calm, seconds = _undisturbed(scenario, folder, server.url)
        while outcome.kills < kills:
            place = _place(scenario, folder, server.url, f"round-{outcome.rounds}{'-cached' * (outcome.rounds % 2)}")
            moments = partial(rng.uniform, 0, seconds)
            done = _round(scenario, scenario.command(place, server.url), place, calm, kills - outcome.kills, moments)
            seconds *= 1.15 if done.kills > 2 else 0.9  # as other work on the machine comes and goes
            shutil.rmtree(place)
            outcome.add(done)
            (log or Log()).add(name, done)
    return outcome


def _undisturbed(scenario: Scenario, folder: Path, url: str) -> tuple[dict[str, bytes], float]:
    """Return what the command leaves when nothing happens to it, and the seconds that it takes."""
    place = _place(scenario, folder, url, "calm")
    began = time.monotonic()
    _finish(_start(scenario.command(place, url), place), place)
    return stored(place / "out"), time.monotonic() - began


def _round(
    scenario: Scenario,
    command: list[str],
    place: Path,
    calm: dict[str, bytes],
    kills: int,
    moment: Callable[[], float],
) -> Outcome:
    """Give a command until it ends by itself, killed after ``moment()`` seconds each time while kills are left."""
    outcome, ended = Outcome(rounds=1), False
    while not ended:
        process = _start(command, place)
        process.join(moment() if outcome.kills < kills else None)
        if process.is_alive():
            process.kill()
            process.join()
        if process.exitcode == -signal.SIGKILL:
            outcome.kills += 1
            # An import's kill may fall between its last act and its end: then it is there, and is not given again.
            ended = scenario.whole and (place / "out" / "manifest.json").exists()
        else:
            _finish(process, place)
            ended = True
        _check(scenario, place, calm, outcome, ended=ended)
    outcome.acknowledged = len(calm) if scenario.whole else len(_acknowledged(place))
    return outcome


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
    entries = store.read_entries(path, traps=False)
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


def _start_forks() -> None:
    """Start the process that all are forked from; before Python 3.14 it is not told of ``sys.path``."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    forkserver.ensure_running()
    first = PROCESSES.Process(target=int)
    first.start()  # once everything is imported
    first.join()
    os.environ.pop("PYTHONPATH")
    if before is not None:
        os.environ["PYTHONPATH"] = before


def _start(arguments: list[str], place: Path) -> BaseProcess:
    process = PROCESSES.Process(target=child, args=(place, arguments), daemon=True)
    process.start()
    return process


def _finish(process: BaseProcess, place: Path) -> None:
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{place.name} failed: {(place / 'said').read_text(errors='replace')[-2000:]}")


def child(place: Path, arguments: list[str]) -> None:
    """Run a command of rarl-eval whose store writes down each acknowledgement as it gives it."""
    said = os.open(place / "said", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.environ["RARL_EVAL_CACHE"] = str(place / "cache.sqlite")
    file = os.open(place / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    begun, given = Writer.__init__, Writer.add

    def begin(self: Writer, path: Path) -> None:
        waiting[self] = deque()
        begun(self, path, partial(told, waiting[self]))

    def add(self: Writer, record: Record | Entry) -> None:
        waiting[self].append(_address(record))
        given(self, record)

    def told(addresses: deque[str], count: int) -> None:
        os.write(file, "".join(f"{addresses.popleft()}\n" for _ in range(count)).encode())

    waiting: dict[Writer, deque[str]] = {}
    Writer.__init__, Writer.add = begin, add  # type: ignore[method-assign,assignment]
    cli.main(arguments)


def table(outcomes: dict[str, Outcome], seconds: float, *, continued: bool) -> str:
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
    told = " for the part done last" if continued else ""
    return "\n".join([*lines, f"\n{seconds:,.0f} seconds on {os.cpu_count()} cores{told}."]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="commands tormented at once")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, help="file that keeps each round; what it has is not done again")
    given = parser.parse_args()
    began, log = time.monotonic(), Log(given.log)
    outcomes = {name: log.so_far(name) for name in SCENARIOS}
    shares = {name: -(-max(0, given.kills // 3 + 1 - o.kills) // given.jobs) for name, o in outcomes.items()}
    parts = [(name, part) for part in range(given.jobs) for name in SCENARIOS if shares[name]]
    seed = 1000 * (given.seed + sum(o.rounds for o in outcomes.values()))  # other moments where it goes on
    spawn = multiprocessing.get_context("spawn")  # processes and not threads: only one may wait for a child
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(given.jobs, mp_context=spawn) as pool:
        done = [
            pool.submit(torment, name, shares[name], Path(folder) / f"{name}-{part}", seed + part, log)
            for name, part in parts
        ]
        for (name, _), one in zip(parts, done, strict=True):
            outcomes[name].add(one.result())
    text = table(outcomes, time.monotonic() - began, continued=seed > 1000 * given.seed)
    print(text)
    for name, o in outcomes.items():
        for what in [*o.lost[:5], *o.differing[:5]]:
            print(f"{name}: {what}")
    Path(__file__).with_suffix(".md").write_text(text)
    return int(any(o.lost or o.differing for o in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
