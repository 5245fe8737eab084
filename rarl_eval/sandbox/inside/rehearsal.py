"""A run of our own, before any other: the interpreter rewrites code that it runs often, and a rehearsal does so early.

It happens in the zygote, for all the processes it will make; it reads nothing of a sample, and leaves nothing that a
program or a test would find otherwise.
"""

import marshal
import sys
from collections.abc import Callable
from typing import Any

from . import codec, judge, solution
from .peer import Peer
from .proxies import Desk

_CODE = """
def scale(values, by=2):
    return [value * by for value in sorted(values) if value > 0]
"""
_TESTS = """
def check(candidate):
    assert candidate([1.0, 2.5], by=2) == [2.0, 5.0]
"""
_VALUES: Any = (1, -2.5, "text", b"x", None, True, [1, 2, 3, 4], {"a": (1, {2})}, [[1.5, "b"], []])
_JOB: dict[str, Any] = {
    "tests": marshal.dumps(compile(_TESTS, "tests.py", "exec")),
    "text": _TESTS,
    "entry": marshal.dumps(compile("scale", "tests.py", "eval")),
    "entry_text": "scale",
    "preamble": None,
    "wanted": ["scale"],
    "library": {},
    "listen": [],
    "needs": (None, False),
    "seed": 0,
    "rtol": 0.0,
    "atol": 0.0,
    "loose": False,
    "plain": False,
    "functions": False,
    "timed": False,
}


def rehearse() -> None:
    """Judge a program of our own, both sides in this process; RuntimeError where that goes wrong."""
    before = {name: sys.modules.get(name) for name in ("__main__", "solution")}
    words = codec.decode(codec.encode({"code": _CODE, "seed": 0}))
    side, desk = solution._Side(words["code"]), Desk()
    theirs, ours = _End(), _End()
    theirs.other, ours.other = ours, theirs
    side.peer = Peer(theirs, side.serve, side.keep, side.resolve)  # type: ignore[arg-type]
    desk.peer = Peer(ours, desk.serve, desk.keep, desk.resolve)  # type: ignore[arg-type]
    ours.wait = side.peer.serve_once
    side.begin()
    solution.seed(0)
    case = codec.encode(([1.0, 2.5], {"by": 2}, _VALUES))
    told = codec.decode(codec.encode(judge.judge(_JOB, iter(()), desk)))
    if told["status"] != "correct" or len(codec.decode(case)) != 3:
        raise RuntimeError(f"the rehearsal failed: {told}")
    for name, module in before.items():
        if module is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module


class _End:
    """One end of a channel between two sides that take turns in one process."""

    other: "_End"
    wait: Callable[[], None]
    """Lets the other side answer."""

    def __init__(self) -> None:
        self.unread = bytearray()

    def sendall(self, data: bytes) -> None:
        self.other.unread += data

    def recv(self, _size: int) -> bytes:
        if not self.unread:
            self.wait()
        data = bytes(self.unread)
        self.unread.clear()
        return data
