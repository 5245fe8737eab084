"""The sandbox's nouns: a Program to judge, the Limits it runs under, the Outcome, and what a machine is capable of."""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from rarl_eval.errors import BadInput, RarlEvalError
from rarl_eval.sandbox.inside import codec

Tier = Literal["A", "B", "C", "command"]
RunStatus = Literal["correct", "incorrect", "timeout", "memory", "crash", "forbidden", "cannot_judge"]
STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)


PROGRAM_LANGUAGES = ("python", "cpp", "go", "java", "js", "rs")


class SandboxBroken(RarlEvalError):
    """The sandbox itself failed: nothing was judged, and nothing ran with fewer walls than promised."""


class CannotJudge(RarlEvalError):
    """A program's tests hold what cannot be handed to the sandbox, or are no Python: the verdict of that program."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one program may use; for programs of standard input each case has these limits anew."""

    seconds: float = 3.0
    """Processor time of the program, loading and tests together; 3 s is the HumanEval paper's."""
    wall_seconds: float | None = None
    """Wall-clock time behind that, for a program that waits; None: ``wall_of`` the processor time."""
    memory_bytes: int = 2**30
    """Address space beyond what the bare interpreter holds."""
    disk_bytes: int = 64 * 2**20
    """Its private folder, and its longest file."""
    output_bytes: int = 16 * 2**20
    """Standard output of a script; a longer one is wrong."""
    threads: int = 64
    files: int = 128
    """Open descriptors; the private folder holds at most sixteen times as many files."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and not 0 < value < 2**62:
                raise BadInput(f"limit {name} is {value}; it must be positive")


def wall_of(seconds: float) -> float:
    """Wall-clock time that a program of so much processor time may take: enough on a machine five times too busy."""
    return 5 * seconds + 5


@dataclass(frozen=True, kw_only=True)
class ProgramCase:
    """One call and what it must give; all plain data."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    expected: Any = None


@dataclass(frozen=True, kw_only=True)
class Script:
    """One run of a program of standard input, and the output it must give."""

    stdin: str
    stdout: str | None
    """None: whatever it prints is right, and stands in ``Outcome.output``."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """Model-written code and the benchmark's tests of it, which never share a process.

    Either ``scripts`` (the code is a script), or any of ``tests`` and ``cases`` (the code defines things to call).
    """

    code: str
    """What the model wrote, made whole by the benchmark (its prompt in front, say). Untrusted."""
    language: str = "python"
    """Or another of ``languages.LANGUAGES``, by MultiPL-E's names: cpp, go, java, js, rs."""
    tests: str = ""
    """Test code: asserts, or a function ``check(candidate)``. Names it does not define come from the program.
    In another language it goes on from the code, in one file, and is built and run with it."""
    entry: str | None = None
    """What is under test, as an expression over the program's names: ``add``, ``Solution().two_sum``."""
    cases: tuple[ProgramCase, ...] = ()
    """Calls of ``entry``."""
    scripts: tuple[Script, ...] = ()
    preamble: str = ""
    """The benchmark's own helpers that the tests use; the program cannot replace them."""
    names: tuple[str, ...] = ()
    """Names taken from the program even where they are a built-in's or a helper's: what it was asked to define."""
    seconds: float | None = None
    """Processor time for this program, where its benchmark sets one; None: the sandbox's."""
    case_seconds: float | None = None
    """Processor time for each of its cases, beside that for all; None: no bound of its own."""
    rtol: float = 0.0
    atol: float = 0.0
    """Tolerances on expected floats, of cases and of numbers in a script's output."""
    loose: bool = False
    """In cases a tuple stands for a list, as in expected values that were JSON."""
    plain: bool = False
    """Its answers are plain data, as their benchmark promises: what is none is wrong, and never used by a proxy."""
    functions: bool = False
    """With ``plain``: functions are taken, too."""

    def __post_init__(self) -> None:
        if bool(self.scripts) == bool(self.tests.strip() or self.cases):
            raise BadInput("a program needs tests or cases to call it, or scripts to run it, and not both")
        if self.seconds is not None and not 0 < self.seconds < 86400:
            raise BadInput(f"a program has {self.seconds} s; that must be more than 0 and less than a day")
        if self.language not in PROGRAM_LANGUAGES:
            raise BadInput(f"no programs of {self.language!r} are run; known: {', '.join(PROGRAM_LANGUAGES)}")
        if self.cases and self.entry is None:
            raise BadInput("a program with cases needs entry, the name of what they call")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a program."""

    status: RunStatus
    reason: str = ""
    """Why, in one bounded line: what was raised, what was answered."""
    failed: str | None = None
    """The first failing test: its line, or which case."""
    output: str = ""
    """A bounded excerpt of what a script printed, of the first failing run or the last."""
    seconds: float | None = None
    memory_bytes: int | None = None
    """Peak resident memory of the program's process, interpreter included."""
    tier: Tier = "A"
    stalled: bool = False
    """It ran out of wall-clock time with processor time left: it waited, or the machine was busy."""
    tries: int = 1
    """2 where it stalled and was run again with nothing of ours beside it."""

    @property
    def correct(self) -> bool:
        """Whether every test passed."""
        return self.status == "correct"


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a machine offers, as tried, not as read in its documentation."""

    tier: Tier
    """The best tier that works: A all walls; B without namespaces or without Landlock; C no safe way."""
    working: tuple[str, ...]
    missing: dict[str, str]
    """What does not work, and what the machine answered."""

    @property
    def summary(self) -> str:
        """One line for a person."""
        lacking = "; ".join(f"{name}: {why}" for name, why in self.missing.items())
        return f"sandbox tier {self.tier} ({', '.join(self.working) or 'nothing works'})" + (
            f"; missing {lacking}" if lacking else ""
        )


def fingerprint(program: Program, limits: Limits, tier: str, versions: str) -> str:
    """Key of a result: code, tests, limits, tier and interpreter."""
    digest = hashlib.blake2b(digest_size=20)
    words = repr((VERSION, {**vars(program), "cases": len(program.cases)}, limits, tier, versions))
    digest.update(words.encode("utf-8", "surrogatepass"))
    for case in program.cases:
        try:
            digest.update(codec.encode((case.args, case.kwargs, case.expected)))
        except codec.CodecError as error:  # it cannot be judged, whatever the program
            digest.update(str(error).encode())
    return digest.hexdigest()


VERSION = 5
"""Bumped whenever the same program could get another verdict."""
