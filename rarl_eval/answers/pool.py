"""Worker processes for algebra, started when first needed, shared by all threads, each bounded in time and memory.

``multiprocessing`` is not used: its start methods either copy a process with running threads or import the caller's
main module again. A worker is a fresh interpreter that talks over two pipes and ends when they close.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from typing import IO

MAX_WORKERS = max(1, min(8, os.cpu_count() or 1))
LIMIT_SECONDS = 5.0


class _Worker:
    """One process and its pipes."""

    def __init__(self, limit_seconds: float) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "PYTHONWARNINGS": "ignore",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rarl_eval.answers.worker", str(limit_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.requests: IO[bytes] = self.process.stdin  # type: ignore[assignment]  # a pipe was asked for
        self.replies: IO[bytes] = self.process.stdout  # type: ignore[assignment]
        if self.replies.readline() != b"ready\n":
            self.close()
            raise RuntimeError("the algebra worker did not start; is math-verify installed?")

    def ask(self, gold: str, answer: str, tolerance: float | None, decimals: int | None) -> str:
        try:
            self.requests.write(json.dumps([gold, answer, tolerance, decimals]).encode() + b"\n")
            self.requests.flush()
            return self.replies.readline().decode().strip()
        except BrokenPipeError:
            return ""

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.requests.close()
        self.replies.close()


_lock = threading.Condition()
_idle: list[_Worker] = []
_forked: list[_Worker] = []
_started = 0


def compare(gold: str, answer: str, tolerance: float | None = None, decimals: int | None = None) -> str:
    """Return ``equal``, ``different``, ``unparsable_gold``, ``unparsable_answer``, or ``timeout``.

    With a tolerance, ``equal`` means that the two values are numbers no further apart than it; with ``decimals``, that
    they are alike once every number in them is rounded to so many.
    ``timeout`` stands for every pair whose worker died of it: time over 5 s, or memory over 2 GiB.
    """
    worker = _take()
    try:
        status = worker.ask(gold, answer, tolerance, decimals)
    except BaseException:
        _drop(worker)  # a reply may still be under way; the next request must not read it
        raise
    if not status:
        _drop(worker)
        return "timeout"
    with _lock:
        _idle.append(worker)
        _lock.notify()
    return status


def _take() -> _Worker:
    global _started  # noqa: PLW0603  one pool per process is the point
    with _lock:
        while not _idle and _started >= MAX_WORKERS:
            _lock.wait()
        if _idle:
            return _idle.pop()
        _started += 1
    try:
        return _Worker(LIMIT_SECONDS)
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
