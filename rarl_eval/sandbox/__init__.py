"""Model-written code runs safely, and cannot lie about its result.

The program runs behind walls in one process and only answers calls, with plain data; the tests, and what they
expect, run in another that never imports the program. See docs/sandbox.md for what the walls keep out and what not.

    with Sandbox() as sandbox:
        outcome = sandbox.run(Program(code="def add(a, b): return a + b", tests="assert add(1, 2) == 3"))

``judge`` runs a program in the process's shared sandbox, which ``use`` replaces: tasks call it, commands set it up.
"""

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rarl_eval.sandbox.pool import Progress, Sandbox
from rarl_eval.sandbox.program import (
    STATUSES,
    Capabilities,
    Limits,
    Outcome,
    Program,
    ProgramCase,
    RunStatus,
    SandboxBroken,
    Script,
    Tier,
)
from rarl_eval.sandbox.tiers import examine, probe

__all__ = [
    "STATUSES",
    "Capabilities",
    "Limits",
    "Outcome",
    "Program",
    "ProgramCase",
    "Progress",
    "RunStatus",
    "Sandbox",
    "SandboxBroken",
    "Script",
    "Tier",
    "current",
    "current_tier",
    "examine",
    "judge",
    "probe",
    "use",
]

_lock = threading.Lock()
_shared: list[Sandbox] = []
_last = threading.local()


def judge(program: Program) -> Outcome:
    """Judge a program in the shared sandbox, made with default settings when first needed.

    A thread that asks again for the program it asked for last is told what it was told: verdict and scores are one run.
    """
    box, known = current(), getattr(_last, "known", None)
    if known is None or known[0] is not box or known[1] != program:
        known = _last.known = (box, program, box.run(program))
    found: Outcome = known[2]
    return found


def current_tier() -> Tier:
    """Tier of the shared sandbox, for the manifest of what it judges."""
    return current().tier


def current() -> Sandbox:
    """Return the shared sandbox, made with default settings when first needed."""
    with _lock:
        if not _shared:
            _shared.append(Sandbox())
            atexit.register(_shared[0].close)
        return _shared[-1]


@contextmanager
def use(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Make a sandbox the shared one for a while."""
    with _lock:
        _shared.append(sandbox)
    try:
        yield sandbox
    finally:
        with _lock:
            _shared.remove(sandbox)
