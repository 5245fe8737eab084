"""Shards shared among processes that are forked from this one and hold the same index without a copy of it.

Python runs one thread at a time wherever no kernel runs, so threads alone stop helping after a few. What a shard gives
depends on no process: their number changes no byte of a scan. Threads share the blocks of a shard where there are more
jobs than shards, and do all of it where there is little to scan, where standard input is read, and where this process
could not be forked safely: it has other threads, or the system is not Linux.
"""

import gc
import multiprocessing
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import wait
from typing import Any

import msgspec

from rarl_eval.contamination.corpus.readers import Block
from rarl_eval.contamination.corpus.shards import Shard
from rarl_eval.contamination.streaming import Scanner, ShardResult
from rarl_eval.errors import BadInput

SMALL = 32 * 2**20
"""Bytes of a corpus for which threads do."""
Read = Callable[[int], None]
_Pipe = Any
"""A multiprocessing Connection, which ``wait`` takes and gives among other things."""


def scan_shards(scanner: Scanner, shards: Sequence[Shard], read: Read) -> Iterator[tuple[int, ShardResult]]:
    """Yield (position, result) of each shard as it is finished; ``read`` is told of bytes read.

    ``scanner.jobs`` is how many are scanned at once. Raises BadInput where a process ends before its work does.
    """
    processes = _processes(shards, scanner.jobs)
    if processes < 2:
        yield from enumerate(scanner.shards(shards, read))
        return
    _warm(scanner)
    gc.freeze()  # else collections would go through the index, and so copy it, in every process
    crew: dict[_Pipe, _Hand] = {}
    try:
        for n in range(processes):
            threads = scanner.jobs // processes + (n < scanner.jobs % processes)
            hand = _Hand(replace(scanner, jobs=threads), shards, tuple(crew))
            crew[hand.pipe] = hand
        yield from _shared(crew, shards, read)
    finally:
        for hand in crew.values():
            hand.close()
        gc.unfreeze()


def _processes(shards: Sequence[Shard], jobs: int) -> int:
    if sum(map(_size, shards)) < SMALL or any(s.kind == "stdin" for s in shards):
        return 1
    return min(jobs, len(shards)) if sys.platform == "linux" and not _other_threads() else 1


def _other_threads() -> int:
    return threading.active_count() - 1


def _size(shard: Shard) -> int:
    return shard.size


def _warm(scanner: Scanner) -> None:
    """Have the kernels loaded, or compiled, once rather than in each process."""
    if scanner.index.items:
        text = scanner.index.items[0][1].question.encode("utf-8", "surrogatepass")
        scanner.block(Block(text, json=False, name="", line=None), 0)


def _shared(crew: dict[_Pipe, "_Hand"], shards: Sequence[Shard], read: Read) -> Iterator[tuple[int, ShardResult]]:
    left = deque(sorted(range(len(shards)), key=lambda n: -_size(shards[n])))  # the last to end should be short
    for hand in crew.values():
        hand.take(left)
    while busy := [pipe for pipe, hand in crew.items() if hand.shard is not None]:
        for pipe in wait(busy):
            hand = crew[pipe]
            number, told = hand.told()
            if isinstance(told, int):
                read(told)
            else:
                yield number, told
                hand.take(left)


class _Hand:
    """One process that scans shards, and the pipe to it."""

    def __init__(self, scanner: Scanner, shards: Sequence[Shard], others: Sequence[_Pipe]) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, far = context.Pipe()
        self.process = context.Process(target=_serve, args=(far, scanner, shards, (*others, self.pipe)), daemon=True)
        with warnings.catch_warnings():  # of threads: Python's are one, and the libraries' stop at a fork
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process.start()
        far.close()
        self.shard: int | None = None
        self.shards = shards

    def take(self, left: deque[int]) -> None:
        """Ask for the next shard, if one is left."""
        self.shard = left.popleft() if left else None
        if self.shard is not None:
            with suppress(BrokenPipeError):  # told() says what happened
                self.pipe.send_bytes(msgspec.msgpack.encode(self.shard))

    def told(self) -> tuple[int, int | ShardResult]:
        """Position of the shard that was asked for, with bytes that were read of it or what it gave."""
        number = self.shard or 0
        try:
            return number, msgspec.msgpack.decode(self.pipe.recv_bytes(), type=int | ShardResult)
        except (EOFError, ConnectionResetError):
            self.process.join()
            status = self.process.exitcode or 0
            why = f"by signal {-status}; is there memory for --jobs?" if status < 0 else f"with status {status}"
            raise BadInput(
                f"{self.shards[number].name}: the process that scanned it ended {why}; "
                "finished shards are kept, go on with --resume"
            ) from None

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: _Pipe, scanner: Scanner, shards: Sequence[Shard], others: Sequence[_Pipe]) -> None:
    """Scan the shards that are asked for until the pipe closes, and tell of each the bytes read and what it gave."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the process that asks, which ends this one
    for other in others:  # else a pipe would stay open here after the process that asks has been killed
        other.close()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            shard = shards[msgspec.msgpack.decode(pipe.recv_bytes(), type=int)]
            (result,) = scanner.shards([shard], lambda n: pipe.send_bytes(msgspec.msgpack.encode(n)))
            pipe.send_bytes(msgspec.msgpack.encode(result))
