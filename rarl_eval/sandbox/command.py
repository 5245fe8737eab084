"""Programs judged by an outside runner: one JSON object a line out, one a line back (docs/sandbox.md).

The same protocol is served by ``python -m rarl_eval.sandbox``, so that a container or another machine with this
package in it is a runner.
"""

import contextlib
import json
import os
import secrets
import select
import shlex
import subprocess
import time
from dataclasses import asdict
from typing import IO, Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.sandbox.inside import codec
from rarl_eval.sandbox.program import STATUSES, Limits, Outcome, Program, ProgramCase, SandboxBroken, Script, wall_of

PROTOCOL = 2
_GRACE_SECONDS = 30.0
_LONGEST_REPLY_BYTES = 2**20


class CommandRunner:
    """One running command; one program at a time."""

    def __init__(self, command: str) -> None:
        words = shlex.split(command)
        if not words:
            raise BadInput("--sandbox command: names no command; give one, as in command:docker run -i --rm IMAGE")
        self._command = command
        self._number = ""
        self._unread = b""
        try:
            self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise BadInput(f"the sandbox command {command!r} cannot be started: {error}") from error

    def run(self, program: Program, limits: Limits) -> Outcome:
        """Have one program judged; SandboxBroken where no proper reply comes in time."""
        self._number = secrets.token_hex(8)  # no runner can reply to a question before it is asked
        assert self._process.stdout is not None
        if self._unread or select.select([self._process.stdout], [], [], 0)[0]:
            raise SandboxBroken(f"the sandbox command {self._command!r} wrote before it was asked, or ended")
        asked = {"protocol": PROTOCOL, "id": self._number, "program": words_of(program), "limits": asdict(limits)}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise SandboxBroken(f"the sandbox command {self._command!r} ended: {error}") from error
        seconds = program.seconds or limits.seconds
        longest = max(limits.wall_seconds or 0, wall_of(seconds)) * max(1, len(program.scripts))
        return self._outcome(self._reply(2 * longest + _GRACE_SECONDS))  # what stalls is tried twice

    def close(self) -> None:
        """End the command."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _reply(self, seconds: float) -> bytes:
        assert self._process.stdout is not None
        deadline, handle = time.monotonic() + seconds, self._process.stdout.fileno()
        while b"\n" not in self._unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([handle], [], [], left)[0]:
                raise SandboxBroken(f"the sandbox command {self._command!r} gave no reply within {seconds:.0f} s")
            piece = os.read(handle, 65536)
            self._unread += piece
            if not piece or len(self._unread) > _LONGEST_REPLY_BYTES:
                why = "ended without a reply" if not piece else f"wrote a line longer than {_LONGEST_REPLY_BYTES} bytes"
                raise SandboxBroken(f"the sandbox command {self._command!r} {why}")
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _outcome(self, line: bytes) -> Outcome:
        try:
            reply = msgspec.json.decode(line, type=dict[str, Any])
            if reply.get("id") != self._number:
                raise SandboxBroken(
                    f"the sandbox command {self._command!r} replied to another question: {line[:200]!r}"
                )
            if "error" in reply:
                raise SandboxBroken(f"the sandbox command {self._command!r} says: {str(reply['error'])[:500]}")
            if reply.get("status") not in STATUSES:
                raise SandboxBroken(f"the sandbox command {self._command!r} gave no known status: {line[:200]!r}")
            known = {name: reply.get(name) for name in ("reason", "failed", "output", "seconds", "memory_bytes")}
            given = {name: value for name, value in known.items() if value is not None}
            return msgspec.convert({"status": reply["status"], **given, "tier": "command"}, Outcome)
        except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
            raise SandboxBroken(f"the sandbox command {self._command!r} gave no proper reply: {error}") from error


def words_of(program: Program) -> dict[str, Any]:
    """Return a program as JSON; cases, which may hold any plain data, in the codec's bytes as hexadecimal text."""
    words = {name: getattr(program, name) for name in _PLAIN}
    cases = [(case.args, case.kwargs, case.expected) for case in program.cases]
    return {**words, "scripts": [asdict(s) for s in program.scripts], "cases": codec.encode(cases).hex()}


def program_of(words: dict[str, Any]) -> Program:
    """Return the program that ``words_of`` wrote."""
    try:
        cases = tuple(
            ProgramCase(args=args, kwargs=kwargs, expected=expected)
            for args, kwargs, expected in codec.decode(bytes.fromhex(words["cases"]))
        )
        scripts = tuple(Script(**script) for script in words["scripts"])
        plain = {name: words[name] for name in _PLAIN if name != "language" or name in words}
        names = plain.pop("names")
        return Program(**plain, names=tuple(names), scripts=scripts, cases=cases)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"not a program: {type(error).__name__}: {error}") from error


_PLAIN = (
    "code", "tests", "entry", "preamble", "names", "seconds", "case_seconds", "rtol", "atol", "loose", "plain",
    "functions", "language",
)  # fmt: skip


def _check_protocol(asked: dict[str, Any]) -> None:
    if asked.get("protocol") != PROTOCOL:
        raise BadInput(f"protocol {asked.get('protocol')!r} is not {PROTOCOL}")


def serve(lines: IO[bytes], replies: IO[bytes], sandbox_of: Any) -> None:
    """Be a runner: read questions, write replies, until the input ends. ``sandbox_of`` makes a Sandbox of Limits."""
    known: dict[Limits, Any] = {}
    for line in lines:
        number = None
        try:
            asked = msgspec.json.decode(line, type=dict[str, Any])
            number = asked.get("id")
            _check_protocol(asked)
            limits = msgspec.convert(asked.get("limits", {}), Limits)
            if limits not in known:
                known[limits] = sandbox_of(limits)
            reply = {"id": number, **asdict(known[limits].run(program_of(asked["program"])))}
        except Exception as error:  # noqa: BLE001 - a question that cannot be answered must not end the runner
            reply = {"id": number, "error": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()
    for sandbox in known.values():
        sandbox.close()
