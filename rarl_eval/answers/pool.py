"""Worker processes for algebra, started when first needed, shared by all threads, each bounded in time and memory.

The limit is of processor time, so that a busy machine changes no verdict, and a pair that ran into it is remembered.

``multiprocessing`` is not used: its start methods either copy a process with running threads or import the caller's
main module again. A worker is a fresh interpreter that talks over two pipes and ends when they close.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from typing import IO

MAX_WORKERS = max(1, min(8, os.cpu_count() or 1))
LIMIT_SECONDS = 5.0
"""Processor time for one pair."""
WALL_SECONDS = 300.0
"""By the clock, for a process that waits and does not work; it decides nothing."""
REMEMBERED = 4096
"""Pairs that ran into the limit of time or memory, or crashed; they would again."""


Request = tuple[str, str, str, float | None]
"""What is asked (``equal``, ``close``, ``region``), gold, answer, and a tolerance or a number of decimals."""


class _Worker:
    """One process and its pipes."""

    def __init__(self) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "PYTHONWARNINGS": "ignore",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rarl_eval.answers.worker", str(LIMIT_SECONDS), str(WALL_SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.requests: IO[bytes] = self.process.stdin  # type: ignore[assignment]  # a pipe was asked for
        self.replies: IO[bytes] = self.process.stdout  # type: ignore[assignment]
        if self.replies.readline() != b"ready\n":
            self.close()
            raise RuntimeError("the algebra worker did not start; is math-verify installed?")

    def ask(self, request: Request) -> str:
        try:
            self.requests.write(json.dumps(request).encode() + b"\n")
            self.requests.flush()
            return self.replies.readline().decode().strip() or self._end()
        except BrokenPipeError:
            return self._end()

    def _end(self) -> str:
        """Say what the process died of: its own timers, or something else."""
        code = self.process.wait()
        if code == -signal.SIGPROF:
            return "timeout"
        if code == -signal.SIGALRM:
            return f"waited: no answer within {WALL_SECONDS:g} s, and less than {LIMIT_SECONDS:g} s of a processor"
        name = signal.Signals(-code).name if code < 0 else f"status {code}"
        return f"crash: the process ended with {name}"

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.requests.close()
        self.replies.close()


_lock = threading.Condition()
_ends: dict[Request, str] = {}
_idle: list[_Worker] = []
_forked: list[_Worker] = []
_started = 0


def compare(gold: str, answer: str, tolerance: float | None = None, decimals: int | None = None) -> str:
    """Return ``equal``, ``different``, ``unparsable_gold``, ``unparsable_answer``, or why there is no answer.

    With a tolerance, ``equal`` means that the two values are numbers no further apart than it; with ``decimals``, that
    they are alike once every number in them is rounded to so many. No answer: ``timeout`` (over 5 s of a processor, or
    2 GiB), ``crash: reason`` (a library's error), ``waited: reason`` (the machine gave the worker no time).
    """
    if tolerance is not None:
        return _asked(("close", gold, answer, tolerance))
    return _asked(("equal", gold, answer, decimals))


def same_region(gold: str, answer: str) -> str:
    """Return ``equal``, ``different`` or ``unknown`` for two parts of the real line, or why there is no answer."""
    return _asked(("region", gold, answer, None))


def _asked(request: Request) -> str:
    with _lock:
        known = _ends.get(request)
    if known is not None:
        return known
    worker = _take()
    try:
        status = worker.ask(request)
    except BaseException:
        _drop(worker)  # a reply may still be under way; the next request must not read it
        raise
    if worker.process.returncode is not None:
        _drop(worker)
    else:
        with _lock:
            _idle.append(worker)
            _lock.notify()
    if status.startswith(("timeout", "crash")) and "SIGKILL" not in status:  # which the machine sends, not the pair
        _remember(request, status)
    return status


def _remember(request: Request, status: str) -> None:
    with _lock:
        if len(_ends) >= REMEMBERED:
            del _ends[next(iter(_ends))]
        _ends[request] = status


def _take() -> _Worker:
    global _started  # noqa: PLW0603  one pool per process is the point
    with _lock:
        while not _idle and _started >= MAX_WORKERS:
            _lock.wait()
        if _idle:
            return _idle.pop()
        _started += 1
    try:
        return _Worker()
    except BaseException:
        _forget()
        raise


def _drop(worker: _Worker) -> None:
    worker.close()
    _forget()


def _forget() -> None:
    global _started  # noqa: PLW0603
    with _lock:
        _started -= 1
        _lock.notify()


@atexit.register
def close() -> None:
    """End all idle workers; the next comparison starts new ones."""
    with _lock:
        workers = list(_idle)
        _idle.clear()
    for worker in workers:
        _drop(worker)


def _after_fork() -> None:
    """Leave the parent's workers to the parent: two processes on one pipe would read each other's replies."""
    global _lock, _started  # noqa: PLW0603
    _lock = threading.Condition()
    for worker in _idle:
        worker.process.returncode = 0  # not this process's child
        os.close(worker.requests.fileno())
        os.close(worker.replies.fileno())
    _forked.extend(_idle)
    _idle.clear()
    _started = 0


os.register_at_fork(after_in_child=_after_fork)
