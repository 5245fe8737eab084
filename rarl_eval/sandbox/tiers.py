"""What this machine's kernel lets a sandbox do, found by doing it."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from rarl_eval.sandbox import cgroup
from rarl_eval.sandbox.languages import Tools
from rarl_eval.sandbox.program import Capabilities, Limits, SandboxBroken, Tier
from rarl_eval.sandbox.zygote import Package, Plan, Zygote

_WALLS = ("namespaces", "landlock", "seccomp")
_USER = "another user"
_PLANS: tuple[tuple[Tier, frozenset[str]], ...] = (
    ("A", frozenset({*_WALLS, _USER})),
    ("A", frozenset(_WALLS)),
    ("B", frozenset({"landlock", "seccomp", _USER})),
    ("B", frozenset({"landlock", "seccomp"})),
    ("B", frozenset({"namespaces", "seccomp", _USER})),
    ("B", frozenset({"namespaces", "seccomp"})),
)
"""Tiers from best to worst, and the walls each stands on: B wants one of the two that hide the machine's files.

Another user is only for the administrator to become, and a help, not a wall: the others hold without it.
"""


@cache
def probe(tier: Tier | None = None) -> Capabilities:
    """Return the best tier that works (or a given one, where it works), each wall tried by a process behind it.

    About 0.1 s where everything works; every wall is tried by itself where something does not.
    """
    for name, walls in _plans():
        if tier in {None, name} and _stands(walls) is None:
            missing = {} if walls == _plans()[0][1] else _missing()
            return Capabilities(tier=name, working=tuple(w for w in _WALLS if w in walls), missing=missing)
    missing = _missing()
    return Capabilities(tier="C", working=tuple(w for w in _WALLS if w not in missing), missing=missing)


@cache
def plan_of(tier: Tier, packages: tuple[Package, ...] = (), tools: Tools | None = None) -> Plan:
    """Return the walls of a tier, of those that work here."""
    if tier == "C":
        return Plan(namespaces=False, landlock=False, seccomp=False, user=False, packages=packages, tools=tools)
    return replace(_plan(next(w for name, w in _plans() if name == tier and _stands(w) is None), packages), tools=tools)


def examine() -> dict[str, str]:
    """Return what each thing that the sandbox stands on or makes use of does here, tried by itself, by name."""
    tried = (*_WALLS, _USER) if _administrator() else _WALLS
    reasons = {name: _stands(frozenset({name})) for name in tried}
    found = {name: "works" if why is None else f"missing: {why}" for name, why in reasons.items()}
    found.setdefault(_USER, "not needed: you are not root")
    return {**found, **{name: _said(attempt) for name, attempt in _HELPS.items()}}


def _administrator() -> bool:
    return os.getuid() == 0


def _plans() -> list[tuple[Tier, frozenset[str]]]:
    """Return the plans that differ for who runs this."""
    return [(name, walls) for name, walls in _PLANS if _administrator() or _USER not in walls]


def _plan(walls: frozenset[str], packages: tuple[Package, ...]) -> Plan:
    namespaces, landlock, seccomp = (name in walls for name in _WALLS)
    return Plan(namespaces=namespaces, landlock=landlock, seccomp=seccomp, user=_USER in walls, packages=packages)


@cache
def _stands(walls: frozenset[str]) -> str | None:
    """Return what goes wrong with these walls; None where they stand and hold."""
    try:
        Zygote(_plan(walls, ()), Limits()).close()
    except (SandboxBroken, OSError) as error:
        return str(error).removeprefix("the sandbox could not be closed: ").removesuffix("; run rarl-eval doctor")
    return None


def _missing() -> dict[str, str]:
    wanted = (*_WALLS, _USER) if _administrator() else _WALLS
    tried = {name: _stands(frozenset({name})) for name in wanted}
    return {name: why for name, why in tried.items() if why is not None}


def _said(attempt: Callable[[], str]) -> str:
    try:
        return attempt()
    except OSError as error:
        return f"missing: {error}"


def _groups() -> str:
    group = cgroup.Group(Limits(), 1)
    known = [str(folder) for folder in group.folders]
    group.close()
    return "works" if known else "missing: no control group can be made here; each program's own limits hold without"


def _pidfd() -> str:
    os.close(os.pidfd_open(os.getpid()))
    return "works"


def _memfd() -> str:
    os.close(os.memfd_create("doctor"))
    return "works"


def _proc() -> str:
    Path("/proc/self/status").read_bytes()
    return "works"


_HELPS: dict[str, Callable[[], str]] = {
    "control groups": _groups,
    "pidfd": _pidfd,
    "memfd": _memfd,
    "/proc": _proc,
}
"""What the sandbox does without where it is missing: by looking often, by files on disk, by cautious guesses."""
