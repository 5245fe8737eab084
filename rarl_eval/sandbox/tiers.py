"""What this machine's kernel lets a sandbox do, found by doing it."""

from functools import cache

from rarl_eval.sandbox.program import Capabilities, Limits, SandboxBroken, Tier
from rarl_eval.sandbox.zygote import Package, Plan, Zygote

_WALLS = ("namespaces", "landlock", "seccomp")
_PLANS: tuple[tuple[Tier, frozenset[str]], ...] = (
    ("A", frozenset(_WALLS)),
    ("B", frozenset({"landlock", "seccomp"})),
    ("B", frozenset({"namespaces", "seccomp"})),
)
"""Tiers from best to worst, and the walls each stands on: B wants one of the two that hide the machine's files."""


@cache
def probe(tier: Tier | None = None) -> Capabilities:
    """Return the best tier that works (or a given one, where it works), each wall tried by a process behind it.

    About 0.1 s where everything works; every wall is tried by itself where something does not.
    """
    for name, walls in _PLANS:
        if tier in {None, name} and _stands(walls) is None:
            missing = {} if name == "A" else _missing()
            return Capabilities(tier=name, working=tuple(w for w in _WALLS if w in walls), missing=missing)
    missing = _missing()
    return Capabilities(tier="C", working=tuple(w for w in _WALLS if w not in missing), missing=missing)


@cache
def plan_of(tier: Tier, packages: tuple[Package, ...] = ()) -> Plan:
    """Return the walls of a tier, of those that work here."""
    if tier == "C":
        return Plan(namespaces=False, landlock=False, seccomp=False, packages=packages)
    walls = next(w for name, w in _PLANS if name == tier and (tier == "A" or _stands(w) is None))
    return _plan(walls, packages)


def _plan(walls: frozenset[str], packages: tuple[Package, ...]) -> Plan:
    namespaces, landlock, seccomp = (name in walls for name in _WALLS)
    return Plan(namespaces=namespaces, landlock=landlock, seccomp=seccomp, packages=packages)


@cache
def _stands(walls: frozenset[str]) -> str | None:
    """Return what goes wrong with these walls; None where they stand and hold."""
    try:
        Zygote(_plan(walls, ()), Limits()).close()
    except SandboxBroken as error:
        return str(error)
    return None


def _missing() -> dict[str, str]:
    tried = {name: _stands(frozenset({name})) for name in _WALLS}
    return {name: why for name, why in tried.items() if why is not None}
