"""Contest problems as LiveCodeBench stores them: tests packed in text, judged by script or by method."""

import base64
import io
import json
import pickle
import zlib
from typing import Any

from rarl_eval.sandbox.program import Program, ProgramCase, Script

_MOST_BYTES = 2**28
_IMPORTS = """\
from typing import *
from collections import *
from itertools import *
from functools import *
from heapq import *
from bisect import *
from math import *
import bisect, collections, functools, heapq, itertools, math, re, string
"""
"""What the contest site imports for a method."""


class _TextOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise ValueError(f"private tests name {module}.{name}; only text is read")


def private_tests(stored: str) -> list[dict[str, str]]:
    """Read tests of JSON, or of base64 of zlib of a pickled string of JSON, without running the pickle."""
    if stored.lstrip().startswith("["):
        return list(json.loads(stored))
    content = zlib.decompressobj().decompress(base64.b64decode(stored), _MOST_BYTES)
    return list(json.loads(_TextOnly(io.BytesIO(content)).load()))


def contest_program(code: str, tests: str, entry: str | None) -> Program:
    """Return a script for tests of standard input; else calls of a method, whose arguments stand one a line as JSON.

    Six seconds a script, as in the benchmark's own runner, and one more a call, thirty at most.
    """
    listed = json.loads(tests)
    if entry is None:
        return Program(
            code=code, scripts=tuple(Script(stdin=t["input"], stdout=t["output"]) for t in listed), seconds=6
        )
    cases = [
        ProgramCase(
            args=tuple(json.loads(line) for line in t["input"].split("\n") if line), expected=json.loads(t["output"])
        )
        for t in listed
    ]
    seconds = min(30, 6 + len(cases))
    return Program(code=_IMPORTS + code, entry=f"Solution().{entry}", cases=tuple(cases), loose=True, seconds=seconds)
