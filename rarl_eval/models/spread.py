"""Spread requests over threads: for adapters whose engine takes one blocking call at a time for each slot."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator

from rarl_eval.models import Completion, Request

Work = Callable[[Request, threading.Event], Completion]
"""Answer one request; give up soon once the event is set."""


def spread(requests: Iterable[Request], work: Work, threads: int) -> Iterator[Completion]:
    """Yield the completions of ``work`` as they come, ``threads`` at a time; an exception in it is raised here."""
    wanted, lock, stopping = iter(requests), threading.Lock(), threading.Event()
    done: queue.Queue[Completion | BaseException | None] = queue.Queue()

    def serve() -> None:
        try:
            while not stopping.is_set():
                with lock:
                    request = next(wanted, None)
                if request is None:
                    break
                done.put(work(request, stopping))
        except BaseException as error:  # noqa: BLE001  the consumer's thread raises it
            done.put(error)
        done.put(None)

    pool = [threading.Thread(target=serve, daemon=True) for _ in range(threads)]
    try:
        for thread in pool:
            thread.start()
        yield from _results(done, threads)
    finally:
        stopping.set()
        for thread in pool:
            thread.join()


def _results(done: "queue.Queue[Completion | BaseException | None]", threads: int) -> Iterator[Completion]:
    while threads:
        result = done.get()
        if isinstance(result, BaseException):
            raise result
        if result is None:
            threads -= 1
        else:
            yield result
