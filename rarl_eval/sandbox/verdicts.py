"""What a run's processes reported, as an Outcome; and whether a script printed what it should."""

import re
import signal
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any

from rarl_eval.sandbox import worker
from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.inside.judge import of_program
from rarl_eval.sandbox.inside.program import END, MARK
from rarl_eval.sandbox.program import STATUSES, Limits, Outcome, Program, RunStatus, Script, Tier
from rarl_eval.sandbox.worker import Call
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


def of_call(run: Call, limits: Limits, tier: Tier) -> Outcome:
    """Outcome of tests that called a program, from the tests' words and how both processes ended."""
    result = run.result
    spent: dict[str, Any] = {"seconds": run.seconds, "memory_bytes": run.memory_bytes, "tier": tier}
    if result is not None and result["status"] in STATUSES:
        return Outcome(status=result["status"], reason=result["reason"], failed=result["failed"], **spent)
    assert run.ends is not None
    judge, program = run.ends
    if program.late or judge.late:
        return Outcome(status="timeout", reason=f"no verdict within {judge.seconds:.3g} s", **spent)
    if result is None:
        return Outcome(status="incorrect", reason=f"the tests did not survive the answers ({_ended(judge)})", **spent)
    status, reason = of_end(program, limits)
    return Outcome(status=status, reason=f"{reason} before the tests were done", **spent)


def of_end(report: ZygoteReport, limits: Limits) -> tuple[RunStatus, str]:
    """Status and reason of a process that ended when it should not have."""
    if report.late:
        return "timeout", f"still running after {report.seconds:.3g} s"
    if report.full:
        return "memory", f"wrote more than {limits.disk_bytes} bytes or too many files"
    if report.code == -signal.SIGSYS:
        return "forbidden", "made a system call that no exercise needs, and was ended"
    if report.code == -signal.SIGKILL:
        return "memory", "was ended by the kernel, most likely for its memory,"
    if report.code == -signal.SIGXCPU:
        return "timeout", "used up its processor time"
    return "crash", _ended(report)


def of_script(
    run: worker.WorkerScript, script: Script, number: int, program: Program, limits: Limits, tier: Tier
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
        status, reason = _last_words(run.stderr) or of_end(report, limits)
        return Outcome(status=status, reason=reason, failed=case, **seen)
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
    LiveCodeBench's checker has it (testing_util.py, commit 28fef95).
    """
    pairs = zip_longest(_lines(printed), _lines(expected))
    for number, (got, want) in enumerate(pairs, start=1):
        if got is None or want is None:
            which = "ends before" if got is None else "goes on after"
            return f"output {which} line {number}: {(want if got is None else got)[:_EXCERPT]!r}"
        if got != want and not _same_numbers(got, want, rtol, atol):
            return f"line {number} is {got[:_EXCERPT]!r}, not {want[:_EXCERPT]!r}"
    return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


def _same_numbers(got: str, want: str, rtol: float, atol: float) -> bool:
    mine, theirs = got.split(), want.split()
    return len(mine) == len(theirs) and all(
        a == b or _same_number(a, b, rtol, atol) for a, b in zip(mine, theirs, strict=True)
    )


def _same_number(got: str, want: str, rtol: float, atol: float) -> bool:
    try:
        mine, theirs = Decimal(got), Decimal(want)
        if rtol or atol:
            allowed = max(Decimal(atol), Decimal(rtol) * max(abs(mine), abs(theirs)))
            return bool(mine == theirs or abs(mine - theirs) <= allowed)
        return bool(mine == theirs)
    except (InvalidOperation, ArithmeticError, ValueError):
        return False


def _last_words(stderr: bytes) -> tuple[RunStatus, str] | None:
    """Return what a script said it died of."""
    size, mark = END.unpack(stderr[-END.size :]) if len(stderr) >= END.size else (0, b"")
    if mark != MARK:
        return None
    try:
        told = codec.decode(stderr[-END.size - size : -END.size])
        if type(told) is tuple and len(told) == 5:
            status, reason = of_program(*told)
            return ("crash" if status not in {"memory", "forbidden"} else status), reason  # type: ignore[return-value]
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
