"""Sandbox: runs programs, several at a time, and says what became of each."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from os import cpu_count
from types import TracebackType
from typing import Self

from rarl_eval.errors import BadInput
from rarl_eval.sandbox import cgroup, native, verdicts
from rarl_eval.sandbox.command import CommandRunner
from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.languages import LANGUAGES, tools_of
from rarl_eval.sandbox.packages import found, versions
from rarl_eval.sandbox.prepare import job_of
from rarl_eval.sandbox.program import CannotJudge, Limits, Outcome, Program, SandboxBroken, Tier, fingerprint, wall_of
from rarl_eval.sandbox.tiers import plan_of, probe
from rarl_eval.sandbox.worker import Time, Worker

Progress = Callable[[int, int], None]
"""Called with how many programs are done, and of how many."""


_PACKAGES = "packages"
"""Workers for Python's programs that mention packages."""
_READING_SECONDS = 5.0
"""Processor time that the tests have beyond the program's, for reading and comparing large answers."""


class Sandbox:
    """A place to run programs in; a context manager, safe to use from several threads.

    ``tier`` None takes the best that works; a tier that does not work here is refused, and C, which protects
    nothing, is refused unless ``unsafe_local``. ``packages`` are installed packages that programs may import; they
    are loaded once, not once a program. ``command`` hands programs to an outside
    runner instead (docs/sandbox.md).
    """

    def __init__(
        self,
        tier: Tier | None = None,
        *,
        unsafe_local: bool = False,
        jobs: int | None = None,
        limits: Limits | None = None,
        packages: Iterable[str] = ("numpy",),
        command: str | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.jobs = jobs or cpu_count() or 1
        self.tier: Tier = "command" if command else _tier(tier, unsafe_local=unsafe_local)
        self._command = command
        packages = tuple(packages)
        self._packages = found(packages)
        self._mentions = re.compile(rf"\b(?:{'|'.join(map(re.escape, packages)) or '(?!)'})\b")
        self._versions = versions(self._packages)
        self._idle: dict[str, list[Worker | CommandRunner]] = {}
        self._lock = threading.Lock()
        self._free = threading.Semaphore(self.jobs)
        self._solo = threading.Lock()
        self._group = cgroup.Group(self.limits, self.jobs)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, program: Program) -> Outcome:
        """Judge one program; waits for a free job. SandboxBroken where the sandbox, not the program, failed."""
        key = fingerprint(program, self.limits, self.tier, self._versions)
        with self._free:
            outcome = verdicts.legible(self._run(program, key))
        if outcome.stalled:
            outcome = replace(self._alone(program, key), tries=2)
        return outcome

    def run_all(self, programs: Iterable[Program], progress: Progress | None = None) -> list[Outcome]:
        """Judge programs, ``jobs`` at a time; outcomes in the order of the programs."""
        listed = list(programs)
        done = 0
        outcomes: list[Outcome] = []
        with ThreadPoolExecutor(self.jobs) as threads:
            for outcome in threads.map(self.run, listed):
                outcomes.append(outcome)
                done += 1
                if progress is not None:
                    progress(done, len(listed))
        return outcomes

    def close(self) -> None:
        """End every process and remove every file of the sandbox."""
        with self._lock:
            self._closed = True
            workers = [worker for idle in self._idle.values() for worker in idle]
            self._idle = {}
        for worker in workers:
            worker.close()
        self._group.close()

    def _alone(self, program: Program, key: str) -> Outcome:
        """Run a program once more, with none of ours beside it."""
        with self._solo:
            for _ in range(self.jobs):
                self._free.acquire()
            try:
                return verdicts.legible(self._run(program, key))
            finally:
                for _ in range(self.jobs):
                    self._free.release()

    def _run(self, program: Program, key: str) -> Outcome:
        """Run on an idle worker or a new one; a broken worker is thrown away and the run tried once more."""
        if program.language != "python" and self._command is None and (why := native.unjudged(program, self.tier)):
            return Outcome(status="cannot_judge", reason=why, tier=self.tier)
        kind = self._kind(program)
        for attempt in (1, 2):
            worker = self._take(kind)
            try:
                if isinstance(worker, CommandRunner):
                    outcome = worker.run(program, self.limits)
                else:
                    outcome = _judge(worker, program, self.limits, self.tier, key)
            except SandboxBroken:
                worker.close()
                if attempt == 2:
                    raise
            except BaseException:
                worker.close()
                raise
            else:
                self._give(worker, kind)
                return outcome
        raise AssertionError("unreachable")

    def _kind(self, program: Program) -> str:
        """Return which workers a program runs on: those of its language, with packages where it mentions one."""
        text = program.code + program.tests + program.preamble
        mentions = program.language == "python" and self._packages and self._mentions.search(text)
        return _PACKAGES if mentions else program.language

    def _take(self, kind: str) -> Worker | CommandRunner:
        with self._lock:
            if self._closed:
                raise BadInput("this sandbox is closed; make a new one")
            if self._idle.get(kind):
                return self._idle[kind].pop()
        if self._command:
            return CommandRunner(self._command)
        tools = tools_of(kind) if kind in LANGUAGES else None
        plan = plan_of(self.tier, self._packages if kind == _PACKAGES else (), tools)
        return Worker(plan, self.limits, self._group.add)

    def _give(self, worker: Worker | CommandRunner, kind: str) -> None:
        with self._lock:
            if not self._closed:
                self._idle.setdefault(kind, []).append(worker)
                return
        worker.close()


def _judge(worker: Worker, program: Program, limits: Limits, tier: Tier, key: str) -> Outcome:
    """Run a program's scripts one by one until one fails, or its tests."""
    time = _time(program, limits)
    if program.language != "python":
        return native.judge(worker, program, limits, time, tier)
    try:
        code = codec.encode({"code": program.code, "seed": _seed(program.code), "plain": program.plain})
    except codec.CodecError as error:
        return Outcome(status="incorrect", reason=f"the program is {error}", tier=tier)
    if not program.scripts:
        # A program knows its own text and not this hash of it with the tests: it cannot foresee what they draw.
        try:
            job = job_of(program, _seed(key))
        except CannotJudge as error:
            return Outcome(status="cannot_judge", reason=str(error), tier=tier)
        return verdicts.of_call(worker.call(code, job, time), limits, time, tier)
    for number, script in enumerate(program.scripts, start=1):
        run = worker.script(code, script.stdin.encode("utf-8", "surrogateescape"), time)
        outcome = verdicts.of_script(run, script, number, program, limits, time, tier)
        if not outcome.correct:
            break
    return outcome


def _time(program: Program, limits: Limits) -> Time:
    """Return what a program may use; wall-clock time is the sandbox's where that sets it for this processor time."""
    seconds = program.seconds or limits.seconds
    own = limits.wall_seconds if limits.wall_seconds is not None and seconds <= limits.seconds else None
    # Answers that may be large are read and compared beside the program; where they are handed to the benchmark's own
    # function, that is what is timed.
    tests = seconds if program.plain else seconds + _READING_SECONDS
    return Time(seconds, own or wall_of(seconds), tests, program.case_seconds)


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest())


def _tier(asked: Tier | None, *, unsafe_local: bool) -> Tier:
    if asked == "C" or asked is None:
        best = probe().tier if asked is None else "C"
        if best == "C" and not unsafe_local:
            why = probe().summary
            raise BadInput(
                f"model-written code would run unprotected ({why}); see docs/sandbox.md, use --sandbox command:..., "
                "or accept the risk with --unsafe-local"
            )
        return best
    if asked not in {"A", "B"}:
        raise BadInput(f"no sandbox tier is called {asked!r}; known: A, B, C")
    found = probe(asked)
    if found.tier != asked:
        raise BadInput(f"sandbox tier {asked} does not work on this machine: {found.summary}")
    return asked
