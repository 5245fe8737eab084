"""What a run's processes reported, as an Outcome; and whether a script printed what it should."""

import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any

from rarl_eval.sandbox import worker
from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.inside.judge import of_program
from rarl_eval.sandbox.inside.program import END, MARK
from rarl_eval.sandbox.program import STATUSES, Limits, Outcome, Program, RunStatus, Script, Tier
from rarl_eval.sandbox.worker import Call, Time
from rarl_eval.sandbox.zygote import ZygoteReport

_EXCERPT = 400
_UNSEEN = re.compile(r"[^\S\n\t ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What moves a terminal's cursor, turns text round, or cannot be written out."""


def legible(outcome: Outcome) -> Outcome:
    """Return an outcome whose words, a program's own in part, do nothing but be read."""
    reason, output = _shown(outcome.reason), _shown(outcome.output)
    return replace(outcome, reason=reason, output=output, failed=outcome.failed and _shown(outcome.failed))


def _shown(text: str) -> str:
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def of_call(run: Call, limits: Limits, time: Time, tier: Tier) -> Outcome:
    """Outcome of tests that called a program, from the tests' words and how both processes ended."""
    result = run.result
    spent: dict[str, Any] = {"seconds": run.seconds, "memory_bytes": run.memory_bytes, "tier": tier}
    if result is not None and result["status"] in STATUSES:
        return Outcome(status=result["status"], reason=result["reason"], failed=result["failed"], **spent)
    assert run.ends is not None
    judge, program = run.ends
    if program.late or judge.late:
        late = program if program.late else judge._replace(cpu_seconds=program.cpu_seconds)
        return Outcome(status="timeout", reason=_late(late, time), stalled=late.late == _WALL, **spent)
    if result is None:
        return Outcome(status="incorrect", reason=f"the tests did not survive the answers ({_ended(judge)})", **spent)
    status, reason = of_end(program, limits, time)
    return Outcome(status=status, reason=f"{reason} before the tests were done", **spent)


def of_end(report: ZygoteReport, limits: Limits, time: Time) -> tuple[RunStatus, str]:
    """Status and reason of a process that ended when it should not have."""
    if report.late:
        return "timeout", _late(report, time)
    if report.full:
        return "memory", f"wrote more than {limits.disk_bytes} bytes or too many files"
    if report.code == -signal.SIGSYS:
        return "forbidden", "made a system call that no exercise needs, and was ended"
    if report.code == -signal.SIGKILL:
        return "memory", "was ended by the kernel, most likely for its memory,"
    if report.code == -signal.SIGXCPU:
        return "timeout", "used up its processor time"
    return "crash", _ended(report)


def _late(report: ZygoteReport, time: Time) -> str:
    used = f"used {report.cpu_seconds:.3g} s of processor time; the limit is {time.cpu:g} s"
    if report.late == _WALL:
        return f"no verdict within {report.seconds:.3g} s of the wall clock, whose limit is {time.wall:g} s; {used}"
    return used


def of_script(
    run: worker.WorkerScript, script: Script, number: int, program: Program, limits: Limits, time: Time, tier: Tier
) -> Outcome:
    """Outcome of one run of a script: how it ended, then what it printed."""
    report = run.report
    text = run.stdout.decode("utf-8", "replace")
    seen: dict[str, Any] = {
        "output": text[:_EXCERPT],
        "seconds": report.seconds,
        "memory_bytes": report.memory_bytes,
        "tier": tier,
    }
    case = f"input {number}: {script.stdin[:_EXCERPT]!r}"
    if report.code != 0 or report.late or report.full:
        status, reason = _last_words(run.stderr) or of_end(report, limits, time)
        return Outcome(status=status, reason=reason, failed=case, stalled=report.late == _WALL, **seen)
    if run.size > limits.output_bytes:
        reason = f"printed {run.size} bytes; the limit is {limits.output_bytes}"
        return Outcome(status="incorrect", reason=reason, failed=case, **seen)
    if script.stdout is None:
        return Outcome(status="correct", **seen)
    difference = first_difference(text, script.stdout, program.rtol, program.atol)
    if difference is None:
        return Outcome(status="correct", **seen)
    return Outcome(status="incorrect", reason=difference, failed=case, **seen)


def first_difference(printed: str, expected: str, rtol: float = 0.0, atol: float = 0.0) -> str | None:
    """Return the first line that differs, in words; None where there is none.

    White space at the ends of lines and of the text does not count, and numbers are equal by value, as
    LiveCodeBench's checker has it (testing_util.py, commit 28fef95), where both are written as numbers are: ``007``,
    ``1_0``, digits of another script, and ``1e3`` where none was expected, are other strings. With tolerances a number
    that was expected with a point may differ by them.
    """
    mine, theirs = _lines(printed), _lines(expected)
    for number, (got, want) in enumerate(zip_longest(mine, theirs), start=1):
        if got is None or want is None:
            which = "ends before" if got is None else "goes on after"
            return f"output {which} line {number}: {(want if got is None else got)[:_EXCERPT]!r}"
        if got != want and not _same_numbers(got, want, rtol, atol):
            return f"line {number} is {got[:_EXCERPT]!r}, not {want[:_EXCERPT]!r}"
    return None


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, stripped, one at a time: millions of short ones are never held together."""
    first = re.search(r"\S", text)
    start, end = first.start() if first else 0, len(text.rstrip())
    while start <= end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield text[start:stop].strip()
        start = stop + 1


def _same_numbers(got: str, want: str, rtol: float, atol: float) -> bool:
    mine, theirs = got.split(), want.split()
    return len(mine) == len(theirs) and all(
        a == b or _same_number(a, b, rtol, atol) for a, b in zip(mine, theirs, strict=True)
    )


def _same_number(got: str, want: str, rtol: float, atol: float) -> bool:
    asked, given = _NUMBER.fullmatch(want), _NUMBER.fullmatch(got)
    loose = bool(rtol or atol) and any(found and (found["point"] or found["bare"]) for found in (asked, given))
    if asked is None or given is None or (given["power"] and not (asked["power"] or loose)):
        return False
    try:
        mine, theirs = Decimal(got), Decimal(want)
        if loose:
            allowed = max(Decimal(atol), Decimal(rtol) * max(abs(mine), abs(theirs)))
            return bool(mine == theirs or abs(mine - theirs) <= allowed)
        return bool(mine == theirs)
    except (InvalidOperation, ArithmeticError, ValueError):
        return False


_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?P<point>\.[0-9]*)?|(?P<bare>\.[0-9]+))(?P<power>[eE][+-]?[0-9]+)?")
_WALL = 2
"""What a report says of a process whose wall-clock time was over."""


def _last_words(stderr: bytes) -> tuple[RunStatus, str] | None:
    """Return what a script said it died of."""
    size, mark = END.unpack(stderr[-END.size :]) if len(stderr) >= END.size else (0, b"")
    if mark != MARK:
        return None
    try:
        told = codec.decode(stderr[-END.size - size : -END.size])
        if type(told) is tuple and len(told) == 5:
            status, reason = of_program(*told)
            return ("crash" if status not in {"memory", "forbidden", "cannot_judge"} else status), reason  # type: ignore[return-value]
    except (codec.CodecError, TypeError):
        pass
    return None


def _ended(report: ZygoteReport) -> str:
    code = report.code
    if code >= 0:
        return f"ended itself with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
