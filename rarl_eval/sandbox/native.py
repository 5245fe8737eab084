"""Programs of other languages judged: built once, run on each input or with their tests, told as any other's."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from rarl_eval.sandbox import verdicts
from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.languages import LANGUAGES, Native, lacks, native_of, tools_of
from rarl_eval.sandbox.program import Limits, Outcome, Program, RunStatus, Script, Tier
from rarl_eval.sandbox.worker import Time, Worker, WorkerScript

BUILD = Time(60.0, 180.0, 0.0)
"""What a build may take."""
_TESTS = Script(stdin="", stdout=None)
_FAILED = re.compile(r"[Aa]ssertion(?:Error| [`(]|:)|--- FAIL")
"""What a failed test says in these languages."""


_TRIALS = {
    "cpp": "#include <iostream>\nint main() { std::cout << 42; }",
    "go": "package main\nfunc main() { print() }",
    "java": "class Main { public static void main(String[] x) { System.out.println(42); } }",
    "js": "console.log(42)",
    "rs": 'fn main() { println!("42"); }',
}
"""Programs that show that a language works."""


def examine(run: Callable[[Program], Outcome]) -> dict[str, str]:
    """Return which languages work here, by their titles: a small program of each is built and run, or why not."""
    found = {}
    for name, language in LANGUAGES.items():
        wanted = None if name == "go" else "42"
        outcome = run(Program(code=_TRIALS[name], language=name, scripts=(Script(stdin="", stdout=wanted),)))
        found[language.title] = "works" if outcome.correct else f"missing: {outcome.reason}"
    return found


def unjudged(program: Program, tier: Tier) -> str | None:
    """Return why no program of this language can be judged here; None where one can."""
    language = LANGUAGES[program.language]
    if tools_of(program.language) is None:
        return f"{language.title} needs {language.tool}, which is not here"
    if tier == "B":
        return f"{language.title} starts programs of its own, which tier B has no wall around; it needs tier A"
    if program.cases or not (program.scripts or program.tests.strip()):
        return f"{language.title} is judged by scripts or by a test program"
    return None


def judge(worker: Worker, program: Program, limits: Limits, time: Time, tier: Tier) -> Outcome:
    """Build a program and run it on each input until one fails, or once with its tests."""
    word = secrets.token_hex(16)
    native = native_of(program, limits.memory_bytes, word)
    job = codec.encode(_words(native))
    built = worker.build(job, BUILD) if native.build else b""
    if isinstance(built, WorkerScript):
        return _not_built(program, built, limits, tier)
    if program.tests.strip():
        run = worker.script(job, b"", time, built)
        return _of_tests(run, word, program, limits, time, tier)
    for number, script in enumerate(program.scripts, start=1):
        run = worker.script(job, script.stdin.encode("utf-8", "surrogateescape"), time, built)
        outcome = verdicts.of_script(run, script, number, program, limits, time, tier)
        outcome = _lacking(program, run, outcome)
        if not outcome.correct:
            break
    return outcome


def _words(native: Native) -> dict[str, Any]:
    files = {name: text.encode("utf-8", "surrogateescape") for name, text in native.files.items()}
    build = None if native.build is None else list(native.build)
    return {"files": files, "build": build, "run": list(native.run), "environment": native.environment}


def _not_built(program: Program, run: WorkerScript, limits: Limits, tier: Tier) -> Outcome:
    """Return the outcome of a program that does not compile."""
    said = (run.stdout + run.stderr).decode("utf-8", "replace")
    if package := lacks(program, said):
        return Outcome(status="cannot_judge", reason=f"the program needs {package}, which is not there", tier=tier)
    report = run.report
    if report.late or report.full or report.code < 0:
        status, reason = verdicts.of_end(report, limits, BUILD)
        return Outcome(status=status, reason=f"its build {reason}", tier=tier)
    first = next((line for line in said.splitlines() if "error" in line.lower()), said.strip()[:300])
    return Outcome(status="crash", reason=f"did not compile: {first.strip()[:300]}", tier=tier)


def _of_tests(run: WorkerScript, word: str, program: Program, limits: Limits, time: Time, tier: Tier) -> Outcome:
    """Return the outcome of a test program: it must end well, and say the word of its tests' end."""
    outcome = verdicts.of_script(run, _TESTS, 1, program, limits, time, tier)
    said = [run.stdout.decode("utf-8", "replace"), run.stderr.decode("utf-8", "replace")]
    shown = {"failed": None, "output": said[0].replace(word, "").strip()[:400], "seconds": outcome.seconds}
    more: dict[str, Any] = {**shown, "memory_bytes": outcome.memory_bytes, "tier": tier, "stalled": outcome.stalled}
    if outcome.correct and word in _lines(said):
        return Outcome(status="correct", **more)
    outcome = _lacking(program, run, outcome)
    if outcome.status == "crash" and (failed := next((line for line in _lines(said) if _FAILED.search(line)), None)):
        return Outcome(status="incorrect", reason=failed[:400], **more)
    if outcome.correct:
        return Outcome(status="incorrect", reason="ended before the tests did", **more)
    return Outcome(status=outcome.status, reason=outcome.reason, **more)


def _lacking(program: Program, run: WorkerScript, outcome: Outcome) -> Outcome:
    if outcome.status == "crash":
        said = run.stderr.decode("utf-8", "replace")
        if package := lacks(program, said):
            status: RunStatus = "cannot_judge"
            return Outcome(status=status, reason=f"the program needs {package}, which is not there", tier=outcome.tier)
        last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
        return Outcome(
            **{**vars(outcome), "reason": f"{outcome.reason}: {last.strip()[:300]}" if last else outcome.reason}
        )
    return outcome


def _lines(texts: list[str]) -> list[str]:
    return [line.strip() for text in texts for line in text.splitlines()]
