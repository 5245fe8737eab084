r"""The process that does the algebra: reads (gold, answer) pairs, answers whether they are equal.

It is killed by its own kernel timers when a pair takes too much processor time, whatever library code it is in, and
its memory is bounded. Run by pool.py as ``python -m rarl_eval.answers.worker PROCESSOR_SECONDS WALL_SECONDS``; one JSON
line in, one out. What a library raises is a reply, too: ``crash`` and the reason.
"""

import json
import os
import re
import resource
import signal
import sys
from functools import lru_cache
from typing import Any

from rarl_eval.answers import equality, regions

MEMORY_BYTES = 2 * 2**30


def main() -> None:
    """Serve until standard input ends."""
    processor_seconds, wall_seconds = map(float, sys.argv[1:3])
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Parsers print warnings of their own; only replies may go to the pipe.
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  a device, not a file
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    import math_verify  # noqa: F401  loaded before the first request, outside of its time limit

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for timer in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(timer, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides; the pipe's end is the signal to stop
    replies.write(b"ready\n")
    replies.flush()
    for line in requests:
        # Of processors, so that a busy machine changes no verdict; the wall's limit is for a process that only waits.
        signal.setitimer(signal.ITIMER_PROF, processor_seconds)
        signal.setitimer(signal.ITIMER_REAL, wall_seconds)
        reply = _reply(json.loads(line))
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        replies.write(" ".join(reply.split()).encode() + b"\n")
        replies.flush()


def _reply(request: tuple[str, str, str, float | None]) -> str:
    kind, gold, answer, option = request
    try:
        if kind == "close" and option is not None:
            return close(gold, answer, option)
        if kind == "region":
            return same_region(gold, answer)
        return compare(gold, answer, None if option is None else int(option))
    except MemoryError:
        return "timeout"
    except Exception as error:  # noqa: BLE001  the boundary to two libraries: a reply, never a verdict
        return f"crash: {type(error).__name__}: {error}"[:300]


def compare(gold: str, answer: str, decimals: int | None = None) -> str:
    """Return ``equal``, ``different``, ``unparsable_gold`` or ``unparsable_answer``."""
    gold, answer = _told_apart(gold, answer)
    parsed_gold = _gold(gold)
    if not parsed_gold:
        return "unparsable_gold"
    parsed = _parse(answer)
    if not parsed:
        return "unparsable_answer"
    # Equality of intervals, sets and relations is not symmetric in Math-Verify 0.9; both ways must agree.
    same = _equal(parsed_gold, parsed, decimals) and _equal(parsed, parsed_gold, decimals)
    return "equal" if same else "different"


def same_region(gold: str, answer: str) -> str:
    """Return ``equal`` or ``different`` for two parts of the real line, ``unknown`` where one is not read as such."""
    one, other = _region(gold), _region(answer)
    told = None if one is None or other is None else regions.same(one, other)
    return "unknown" if told is None else "equal" if told else "different"


@lru_cache(maxsize=1024)
def _region(text: str) -> Any:
    return regions.region(text, lambda part: next(iter(_parse(part)), None))


_LETTER = re.compile(r"\\[a-zA-Z]+(?:\s*\{[a-z]+\*?\})?|[a-zA-Z]")
_SPARE_NAMES = (r"\xi", r"\zeta", r"\eta", r"\kappa", r"\nu", r"\chi", r"\psi", r"\tau", r"\rho", r"\phi")


def _told_apart(gold: str, answer: str) -> tuple[str, str]:
    """Rename capitals whose small letter occurs too: the grammar writes all names small, so that M/m would be 1."""
    letters = set("".join(found for found in _LETTER.findall(gold + " " + answer) if len(found) == 1))
    clashing = {letter for letter in letters if letter.isupper() and letter.lower() in letters}

    unused = [name for name in _SPARE_NAMES if name not in gold + answer]
    names = dict(zip(sorted(clashing), unused, strict=False))

    def renamed(found: re.Match[str]) -> str:
        return f"{names[found[0]]} " if found[0] in names else found[0]

    return (_LETTER.sub(renamed, gold), _LETTER.sub(renamed, answer)) if clashing else (gold, answer)


def close(gold: str, answer: str, tolerance: float) -> str:
    """Return ``equal`` if both are numbers no further apart than the tolerance, else ``different``.

    Expressions with variables are compared at a few points, where a coefficient's error weighs as much as its variable.
    """
    parsed = [_parse(text) for text in (gold, answer)]
    try:
        one, other = (part[0].doit() for part in parsed)
        names = sorted(one.free_symbols | other.free_symbols, key=str)
        near = all(_near(one, other, dict(zip(names, points, strict=False)), tolerance) for points in _turns(names))
    except Exception:  # noqa: BLE001  as below: what cannot be evaluated has no value
        return "different"
    return "equal" if near else "different"


_POINTS = (0.7310585786, 1.6180339887, 2.2360679775, 0.5772156649, 1.3247179572, 3.3598856662)


def _turns(names: list[Any]) -> list[tuple[float, ...]]:
    """Points for the variables, three times in another order; one empty point where there is none."""
    if not names or len(names) > len(_POINTS):
        return [()] * (not names)
    return [_POINTS[i:] + _POINTS[:i] for i in range(3)]


def _near(one: Any, other: Any, at: dict[Any, float], tolerance: float) -> bool:
    values = [complex(e.evalf(20, subs=at)) for e in (one, other)]
    return abs(values[0] - values[1]) <= tolerance * max(1.0, *at.values(), 1.0)


@lru_cache(maxsize=4096)
def _gold(text: str) -> tuple[Any, ...]:
    parsed = _parse(text)
    return parsed if parsed and _equal(parsed, parsed) else ()


# Names that the grammar does not take for names: a subscripted E is Euler's number to it.
_PLAIN_NAMES = {"E_": r"\Upsilon_", r"\hbar": r"h_{b}", r"\odot": "o"}
_ODD_NAMES = re.compile(r"(?<![a-zA-Z\\])E_|\\hbar(?![a-zA-Z])|\\odot(?![a-zA-Z])")


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[Any, ...]:
    from math_verify import LatexExtractionConfig, parse

    text = _ODD_NAMES.sub(lambda found: _PLAIN_NAMES[found[0]], text)
    try:
        found = parse(f"${text}$", [LatexExtractionConfig()], parsing_timeout=None)
    except Exception:  # noqa: BLE001  sympy and the grammar raise anything; what they cannot read is not an answer
        return ()
    # A text alone, without an expression, was not understood, and equality of texts is not algebra.
    return tuple(_complex(part, text) for part in found if not isinstance(part, str))


def _complex(part: Any, text: str) -> Any:
    """Read a lone i as the imaginary unit, unless it counts: the index of a sum, or one in a subscript."""
    from sympy import I, Symbol

    if "i" not in text or re.search(r"_\s*\{?\s*i(?![a-z])|(?<![a-z])i\s*=", text) or not hasattr(part, "subs"):
        return part
    units = [name for name in part.free_symbols if isinstance(name, Symbol) and name.name == "i"]
    return part.subs(dict.fromkeys(units, I)) if units else part


def _equal(one: tuple[Any, ...], other: tuple[Any, ...], decimals: int | None = None) -> bool:
    from math_verify import verify

    if any(a == b for a in one for b in other):
        return True
    told = [equality.same(a, b) for a in one for b in other]
    if decimals is None and (True in told or set(told) == {False}):
        return True in told
    try:
        rounding = {} if decimals is None else {"float_rounding": decimals}
        return bool(verify(list(one), list(other), timeout_seconds=None, **rounding))
    except (TypeError, ValueError, AttributeError, NotImplementedError, KeyError, IndexError):
        return False  # what cannot be compared is not the same; anything else is a crash, and said so


if __name__ == "__main__":
    main()
