"""Languages besides Python: which tools they need, how a program is built and started, where its tests say they ended.

As MultiPL-E builds and starts them (evaluation/src), with an optimising build for programs of standard input. Tests and
program are one process there, so that tests end by printing a word drawn anew, behind everything: a program that ends
itself before has not passed. Not here: the walls, and what runs behind them (inside/native.py).
"""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rarl_eval.sandbox.program import Program

_SYSTEM = ("/usr/bin", "/usr/lib/gcc", "/usr/libexec/gcc", "/usr/include", "/usr/local/include", "/etc/alternatives")
"""A C compiler's, which others link with."""
MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Native:
    """A program made ready: its files, the commands that build and start it."""

    files: dict[str, str]
    build: tuple[str, ...] | None
    run: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language by its name in ``Program.language``."""

    title: str
    tool: str
    """The program that must be there."""
    reads: Callable[[str], tuple[str, ...]]
    """Folders of the machine that it needs, by the tool's real path."""
    made: Callable[[str, str, bool, int], Native]
    """Makes a whole text ready, by the tool's path, whether it holds tests, and the memory in MiB."""
    ended: Callable[[str, str], str]
    """Puts the word into tests, to be printed behind them."""
    lacking: re.Pattern[str]
    """What its build or start says of a package that is not there."""
    stack_bytes: int = 64 * MIB
    """Of each thread."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    """A language's tools on this machine."""

    path: str
    folders: tuple[str, ...]
    stack_bytes: int


@cache
def tools_of(name: str) -> Tools | None:
    """Return where a language's tools are; None where they are not here."""
    language = LANGUAGES[name]
    found = shutil.which(language.tool)
    if found is None:
        return None
    path = os.path.realpath(found)
    folders = tuple(dict.fromkeys(f for f in (*language.reads(path), *_SYSTEM) if Path(f).exists()))
    return Tools(path=_proxied(path, language.tool), folders=folders, stack_bytes=language.stack_bytes)


def native_of(program: Program, memory_bytes: int, word: str) -> Native:
    """Return a program of another language made ready; its tests, if any, print ``word`` when they are done."""
    language, tools = LANGUAGES[program.language], tools_of(program.language)
    assert tools is not None
    tests = language.ended(program.tests, word) if program.tests.strip() else ""
    whole = f"{program.code}\n{tests}" if tests else program.code
    return language.made(tools.path, whole, bool(tests), max(64, memory_bytes // MIB))


def lacks(program: Program, said: str) -> str | None:
    """Return the package that a build or start misses."""
    found = LANGUAGES[program.language].lacking.search(said)
    return next(part for part in found.groups() if part) if found else None


def _proxied(path: str, tool: str) -> str:
    """Return the compiler behind rustup's stand-in, which starts another program."""
    if Path(path).name != "rustup":
        return path
    return str(Path(_rust_root(path)) / "bin" / tool)


@cache
def _rust_root(path: str) -> str:
    """Return the tool chain that rustup starts by default."""
    home = Path(os.environ.get("RUSTUP_HOME") or Path.home() / ".rustup")
    named = re.search(r'^default_toolchain\s*=\s*"([^"]+)"', _text(home / "settings.toml"), re.MULTILINE)
    chains = sorted((home / "toolchains").glob(f"{named[1]}*" if named else "*"))
    return str(chains[0]) if chains else str(Path(path).parent)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _cpp(tool: str, text: str, tested: bool, _memory: int) -> Native:
    build = (tool, "-std=c++17", *(() if tested else ("-O2",)), "-w", "-o", "main", "main.cpp")
    return Native(files={"main.cpp": text}, build=build, run=("./main",), environment={})


def _js(tool: str, text: str, _tested: bool, memory: int) -> Native:
    # A program that changed what the tests compare with would judge itself.
    frozen = 'Object.freeze(require("node:assert")); Object.freeze(require("node:assert").strict); '
    run = (tool, f"--max-old-space-size={memory}", "--stack-size=7000", "main.js")
    return Native(files={"main.js": frozen + text}, build=None, run=run, environment={"UV_USE_IO_URING": "0"})


def _java(tool: str, text: str, _tested: bool, memory: int) -> Native:
    public = re.search(
        r"^[ \t]*public\s+(?:final\s+|abstract\s+)*(?:class|record|enum|interface)\s+(\w+)", text, re.MULTILINE
    )
    before = text[: found.start()] if (found := re.search(r"\bstatic\s+(?:final\s+)?void\s+main\s*\(", text)) else text
    classes = re.findall(r"\b(?:class|record|enum)\s+(\w+)", before)
    jar, name = _tuples(), public[1] if public else "Main"
    if jar is None and not _TUPLES.search(text):
        text = text.replace("import org.javatuples.*;", "")
    path = f".:{jar}" if jar else "."
    quick = ("-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1")
    compiled = ("-encoding", "UTF8", "-nowarn", "-proc:none", "-cp", path, "-d", ".", f"{name}.java")
    started = (*quick, f"-Xmx{memory}m", "-Xss64m", "-ea", "-cp", path, (classes or [name])[-1])
    return Native(
        files={f"{name}.java": text},
        build=(tool, *(f"-J{word}" for word in quick), *compiled),
        run=(str(Path(tool).with_name("java")), *started),
        environment=_libraries(tool),
    )


_TUPLES = re.compile(r"\b(?:Unit|Pair|Triplet|Quartet|Quintet|Sextet|Septet|Octet|Ennead|Decade)\b")
"""Classes of org.javatuples, which MultiPL-E's programs import whether they use it or not."""


def _tuples() -> str | None:
    places = [*os.environ.get("CLASSPATH", "").split(":"), "/usr/multiple/javatuples-1.2.jar"]
    return next((p for p in places if Path(p).name.startswith("javatuples") and Path(p).is_file()), None)


def _go(tool: str, text: str, tested: bool, _memory: int) -> Native:
    file = "main_test.go" if tested else "main.go"
    build = (tool, *(("test", "-c") if tested else ("build",)), "-o", "main", file)
    own = {"GO111MODULE": "off", "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-p=2", "GOTELEMETRY": "off"}
    return Native(files={file: text}, build=build, run=("./main",), environment=own)


def _rust(tool: str, text: str, tested: bool, _memory: int) -> Native:
    # Rust's own linker looks for itself in /proc, which is not there.
    quiet = ("-A", "warnings", "-C", "link-arg=-fuse-ld=bfd")
    build = (tool, "--edition", "2021", *(() if tested else ("-O",)), *quiet, "-o", "main", "main.rs")
    return Native(files={"main.rs": text}, build=build, run=("./main",), environment=_libraries(tool))


def _libraries(tool: str) -> dict[str, str]:
    """Say where a tool's own libraries are, which it finds by /proc otherwise."""
    return {"LD_LIBRARY_PATH": str(Path(tool).parents[1] / "lib")}


def _before_last(text: str, said: str, back: int) -> str:
    """Put a statement before the last closing brace but so many."""
    at = len(text)
    for _ in range(back):
        at = text.rfind("}", 0, at)
    return text if at < 0 else f"{text[:at]}\n{said}\n{text[at:]}"


def _cpp_ended(tests: str, word: str) -> str:
    # ``assert`` is what the library says it is, whatever the program made of it.
    own = "#undef NDEBUG\n#undef main\n#undef assert\n#include <assert.h>\n"
    closing = re.match(r"\s*\}", tests)
    at = closing.end() if closing else 0
    return _before_last(f"{tests[:at]}\n{own}{tests[at:]}", f'__builtin_printf("\\n{word}\\n");', 1)


def _js_ended(tests: str, word: str) -> str:
    return f'{tests}\nconsole.log("\\n{word}");\n'


def _java_ended(tests: str, word: str) -> str:
    return _before_last(tests, f'System.out.println("\\n{word}");', 2)


def _go_ended(tests: str, word: str) -> str:
    return f'{tests}\nfunc TestMain(m *testing.M) {{ if m.Run() == 0 {{ println("\\n{word}") }} }}\n'


def _rust_ended(tests: str, word: str) -> str:
    own = re.sub(r"(?<![\w:])(assert(?:_eq|_ne)?!)", r"::std::\1", tests)
    return _before_last(own, f'::std::println!("\\n{word}");', 1)


LANGUAGES: dict[str, Language] = {
    "cpp": Language(
        title="C++",
        tool="g++",
        reads=lambda _: (),
        made=_cpp,
        ended=_cpp_ended,
        lacking=re.compile(r"fatal error: ((?:boost|openssl|gmp\w*|Eigen)[\w./+]*): No such file"),
    ),
    "java": Language(
        title="Java",
        tool="javac",
        reads=lambda path: (str(Path(path).parents[1]), *_configured(Path(path).parents[1])),
        made=_java,
        ended=_java_ended,
        lacking=re.compile(r"package (org\.javatuples) does not exist"),
        stack_bytes=8 * MIB,
    ),
    "js": Language(
        title="JavaScript",
        tool="node",
        reads=lambda path: (path,),
        made=_js,
        ended=_js_ended,
        lacking=re.compile(r"Cannot find (?:module|package) '((?:@[\w-]+/)?[a-z][\w.-]*)'"),
        stack_bytes=8 * MIB,
    ),
    "go": Language(
        title="Go",
        tool="go",
        reads=lambda path: (str(Path(path).parents[1]), "/usr/share/go-1.19", "/usr/lib/go-1.19"),
        made=_go,
        ended=_go_ended,
        lacking=re.compile(r'(?:cannot find package "|provides package )([\w./-]+\.[\w./-]+)'),
    ),
    "rs": Language(
        title="Rust",
        tool="rustc",
        reads=lambda path: (str(Path(_proxied(path, "rustc")).parents[1]),),
        made=_rust,
        ended=_rust_ended,
        lacking=re.compile(r"\b(?:crate|module|import)[^\n`]*`(rand|regex|md5|itertools|num\w*|serde\w*|chrono)\b"),
    ),
}  # fmt: skip
"""By the names that MultiPL-E gives them."""


def _configured(root: Path) -> tuple[str, ...]:
    """Return the folders outside that a Java installation keeps its settings in, by links."""
    real = {Path(os.path.realpath(link)).parent for link in (root / "conf").rglob("*") if link.is_symlink()}
    outside = sorted(str(path) for path in real if path.is_dir() and root not in path.parents)
    return tuple(path for path in outside if not any(path.startswith(f"{other}/") for other in outside))
