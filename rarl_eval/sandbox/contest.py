"""Contest problems as LiveCodeBench stores them: tests packed in text, judged by script or by method."""

import base64
import io
import json
import pickle
import re
import zlib
from typing import Any

from rarl_eval.sandbox.program import Program, ProgramCase, Script
from rarl_eval.sandbox.replies import joined

_MOST_BYTES = 2**28
SECONDS = 6.0
"""Processor time of each test, as in the benchmark's own runner."""
STDIO_TOLERANCE, CALL_TOLERANCE = 1e-6, 1e-5
"""What contests allow a number with a point to differ by: Codeforces and AtCoder mostly, LeetCode always."""
_MODULES = (
    "string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random",
    "statistics", "itertools", "functools", "operator", "io", "sys", "json", "builtins", "typing",
)  # fmt: skip
PRELUDE = ";".join(
    [
        *(f"from {name} import *" for name in _MODULES),
        f"import {', '.join(_MODULES)}",
        "sys.setrecursionlimit(50000)",
        "sys.set_int_max_str_digits(50000)",
    ]
)
"""What the benchmark's own runner has in front of every program (testing_util.py, commit 28fef95), on one line."""


class _TextOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise ValueError(f"private tests name {module}.{name}; only text is read")


def private_tests(stored: str) -> list[dict[str, str]]:
    """Read tests of JSON, or of base64 of zlib of a pickled string of JSON, without running the pickle."""
    if stored.lstrip().startswith("["):
        return list(json.loads(stored))
    content = zlib.decompressobj().decompress(base64.b64decode(stored), _MOST_BYTES)
    return list(json.loads(_TextOnly(io.BytesIO(content)).load()))


def contest_program(code: str, tests: str, entry: str | None, *, tolerant: bool = False) -> Program:
    """Return a script for tests of standard input; else calls of a function, whose arguments stand one a line as JSON.

    The function is a method of ``Solution`` where the code has such a class, else one of its own. ``tolerant`` lets
    numbers with a point differ as contests do; LiveCodeBench's published rule does not.
    """
    whole = joined(f"{PRELUDE}\n", code)
    listed = json.loads(tests)
    if entry is None:
        allowed = STDIO_TOLERANCE if tolerant else 0.0
        scripts = tuple(Script(stdin=t["input"], stdout=t["output"]) for t in listed)
        return Program(code=whole, scripts=scripts, seconds=SECONDS, rtol=allowed, atol=allowed)
    allowed = CALL_TOLERANCE if tolerant else 0.0
    cases = [
        ProgramCase(args=tuple(map(value_of, filter(None, t["input"].split("\n")))), expected=value_of(t["output"]))
        for t in listed
    ]
    return Program(
        code=whole,
        entry=f"Solution().{entry}" if _SOLUTION.search(code) else entry,
        cases=tuple(cases),
        loose=True,
        seconds=(SECONDS + 1) * len(cases) + 5,
        case_seconds=SECONDS,
        rtol=allowed,
        atol=allowed,
    )


_SOLUTION = re.compile(r"^class[ \t]+Solution\b", re.MULTILINE)


def value_of(text: str) -> Any:
    """Read JSON whose integers may have any number of digits."""
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int:
    """Return an integer, in pieces that Python's limit of digits lets through."""
    sign, bare, found = (-1 if digits.startswith("-") else 1), digits.lstrip("-"), 0
    for at in range(0, len(bare), _PIECE):
        piece = bare[at : at + _PIECE]
        found = found * 10 ** len(piece) + int(piece)
    return sign * found


_PIECE = 4000
