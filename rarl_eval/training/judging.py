"""Who judges a training's rollouts: this process's threads, and once there are many, processes of their own.

A process is a fresh interpreter that talks over two pipes and ends when they close, as for algebra (answers/pool.py):
nothing of the caller's main module is imported again, and no running thread is copied. One that ends amiss loses
nothing: its part is judged here. A rule of the user's own is judged here always, since it need not be importable.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import IO

import msgspec

from rarl_eval.judge import in_parallel
from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.truth import Truth, Truths, truths

MANY = 4096
"""Rollouts from which on processes are worth their start (1 to 2 s each)."""
PART = 64
"""Rollouts that a process is given at a time."""
_SIZE_BYTES = 8

Judging = Mapping[bytes, Future[list[Truth]] | Truth]
"""By content: the verdict, or who is at work on the part that holds it, in that part's order."""


class Judges:
    """Judges by one rule; ``close`` ends their processes."""

    def __init__(self, rule: Truths) -> None:
        self._rule, self._count = rule, 0
        self._threads: ThreadPoolExecutor | None = None
        self._idle: SimpleQueue[_Process] = SimpleQueue()

    def ask(self, fresh: Mapping[bytes, Rollout]) -> Judging:
        """Return the verdicts, or who is working on them."""
        self._count += len(fresh)
        if self._rule.rule is None or self._count < MANY:
            found = in_parallel(partial(self._rule.judged, rollout) for rollout in fresh.values())
            return dict(zip(fresh, found, strict=True))
        if self._threads is None:
            self._threads = self._started(self._rule.rule)
        keys, asked = list(fresh), dict[bytes, Future[list[Truth]] | Truth]()
        for at in range(0, len(keys), PART):
            part = self._threads.submit(self._judged, [fresh[key] for key in keys[at : at + PART]])
            asked.update(dict.fromkeys(keys[at : at + PART], part))
        return asked

    def _started(self, rule: str) -> ThreadPoolExecutor:
        count = max(1, min(8, os.cpu_count() or 1))
        for _ in range(count):
            self._idle.put(_Process(rule))
        return ThreadPoolExecutor(count)

    def _judged(self, rollouts: Sequence[Rollout]) -> list[Truth]:
        process = self._idle.get()
        try:
            found = process.ask(rollouts)
        finally:
            self._idle.put(process)
        return [self._rule.judged(rollout) for rollout in rollouts] if found is None else found

    def close(self) -> None:
        """End the processes."""
        if self._threads is None:
            return
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().close()


class _Process:
    """One interpreter and its pipes."""

    def __init__(self, rule: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rarl_eval.training.judging", rule],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )

    def ask(self, rollouts: Sequence[Rollout]) -> list[Truth] | None:
        """Return the verdicts; None where the process is no more."""
        asking, answering = self._process.stdin, self._process.stdout
        try:
            if asking is None or answering is None:
                return None
            _write(asking, msgspec.msgpack.encode(rollouts))
            told = _read(answering)
        except (BrokenPipeError, ValueError):  # a pipe that has ended, or was closed
            return None
        return None if told is None else msgspec.msgpack.decode(told, type=list[Truth])

    def close(self) -> None:
        """End it."""
        with suppress(BrokenPipeError):
            self._process.communicate()


def _write(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(_SIZE_BYTES, "big") + message)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes | None:
    """Return the next message; None where the pipe has ended."""
    size = int.from_bytes(pipe.read(_SIZE_BYTES), "big")
    message = pipe.read(size)
    return message if size and len(message) == size else None


def main(rule: str) -> None:
    """Judge what comes in on the standard input until it ends."""
    judges, asking, answering = truths(rule, None), sys.stdin.buffer, sys.stdout.buffer
    while (message := _read(asking)) is not None:
        rollouts = msgspec.msgpack.decode(message, type=list[Rollout])
        _write(answering, msgspec.msgpack.encode([judges.judged(rollout) for rollout in rollouts]))


if __name__ == "__main__":
    main(sys.argv[1])
