"""Change one place of the product at a time and ask the tests whether anybody notices.

    python benchmarks/mutants.py [--places 20] [--seed 0] [--least 18] [--resume] [--few N] [--whole] [--workers 2]

Places are drawn by a seed from all comparisons, conditions, sums and small constants of the product code, each by a
hash of what it says and where, so that a change elsewhere moves none of the others. A place is noticed if a test
fails. Asked, in a copy of the tree, are the nearest first: the tests that name its module, those of its room, those
that name a module which imports it, and with ``--whole`` all others; the first failure ends the asking.
The table beside this file is written after each place: ``--resume`` asks only for places that it lacks, and ``--few``
for so many of them at a time. Exit 1 where fewer than ``--least`` are noticed.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = ("rarl_eval", "tasks", "contamination", "leaderboards")
COPIED = (*PRODUCT, "tests", "docs", "examples", "benchmarks")
TABLE = Path(__file__).with_suffix(".md")
LIMIT_SECONDS = 1800
"""A change after which the tests run for longer than this makes them hang: somebody would notice."""

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One change: a node's text and what stands there instead."""

    file: Path
    line: int
    start: int
    end: int
    before: str
    after: str


def places(file: Path) -> Iterator[Place]:
    """Yield every change of one line that can be made in a file."""
    text = file.read_text("utf-8")
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(text)
    skipped = {id(inner) for node in ast.walk(tree) for part in _unmeant(node) for inner in ast.walk(part)}
    for node in ast.walk(tree):
        changed = None if id(node) in skipped else _changed(node)
        if changed is None or not isinstance(node, ast.expr) or node.lineno != node.end_lineno:
            continue
        start, end = starts[node.lineno - 1] + node.col_offset, starts[node.lineno - 1] + (node.end_col_offset or 0)
        before = text.encode()[start:end].decode()
        yield Place(file, node.lineno, start, end, before, f"({changed})")


def _unmeant(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that no test is meant to see: annotations, messages of errors, pages of text."""
    if isinstance(node, ast.AnnAssign):
        yield node.annotation
    elif isinstance(node, ast.FunctionDef):
        yield from (a.annotation for a in (*node.args.args, *node.args.kwonlyargs) if a.annotation)
        yield from node.decorator_list
        if node.returns:
            yield node.returns
    elif isinstance(node, ast.Raise):
        yield node
    elif isinstance(node, ast.JoinedStr):
        yield from node.values
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        yield node


def _changed(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Compare | ast.BoolOp | ast.BinOp | ast.UnaryOp | ast.Constant):
        return None
    copied: ast.expr = ast.parse(ast.unparse(node), mode="eval").body
    if isinstance(copied, ast.Compare) and len(copied.ops) == 1 and type(copied.ops[0]) in _SWAPS:
        copied.ops = [_SWAPS[type(copied.ops[0])]()]  # type: ignore[list-item]
    elif isinstance(copied, ast.BoolOp | ast.BinOp) and type(copied.op) in _SWAPS:
        copied.op = _SWAPS[type(copied.op)]()  # type: ignore[assignment]
    elif isinstance(copied, ast.UnaryOp) and isinstance(copied.op, ast.Not):
        copied = copied.operand
    elif isinstance(copied, ast.Constant) and isinstance(copied.value, bool):
        copied = ast.Constant(not copied.value)
    elif isinstance(copied, ast.Constant) and copied.value in {0, 1, 2} and isinstance(copied.value, int):
        copied = ast.Constant(copied.value + 1)
    else:
        return None
    return ast.unparse(copied)


def drawn(seed: int, number: int) -> tuple[list[Place], int]:
    """Draw places of the product; return them and how many there are to draw from."""
    ranks: dict[bytes, Place] = {}
    for top in PRODUCT:
        for file in sorted((ROOT / top).rglob("*.py")):
            lines = file.read_text("utf-8").split("\n")
            for place in places(file):
                told = f"{seed} {place.file.relative_to(ROOT)} {lines[place.line - 1].strip()} {place.before}"
                again = 0
                while (rank := sha256(f"{told} {again}".encode()).digest()) in ranks:
                    again += 1
                ranks[rank] = place
    return [ranks[rank] for rank in sorted(ranks)[:number]], len(ranks)


def module_of(file: Path) -> str:
    """Return the name that a file of the product has when it is imported."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts if parts[0] == "rarl_eval" else ("rarl_eval", *parts)).removesuffix(".__init__")


@cache
def _imported(file: Path) -> frozenset[str]:
    """Return every module, or name in a module, that a file imports."""
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


@cache
def _tests() -> tuple[Path, ...]:
    return tuple(p for p in sorted((ROOT / "tests").rglob("test_*.py")) if "heavy" not in p.parts)


def tests_of(file: Path, *, whole: bool) -> list[list[str]]:
    """Return the tests to ask about a file, in turns, nearest first; each once."""
    module, room = module_of(file), {part for part in file.relative_to(ROOT).parts[:-1] if part != "rarl_eval"}
    own = [t for t in _tests() if t.stem.startswith(f"test_{file.stem}") and room & {*t.parts}]
    users = {module_of(other) for top in PRODUCT for other in (ROOT / top).rglob("*.py") if module in _imported(other)}
    turns = [
        [*own, *(t for t in _tests() if module in _imported(t) or module in t.read_text("utf-8"))],
        [t for t in _tests() if room & {*t.relative_to(ROOT).parts[:-1]}],
        [t for t in _tests() if users & _imported(t)],
        list(_tests()) if whole else [],
    ]
    asked: dict[Path, None] = {}
    chosen = []
    for turn in turns:
        chosen.append([str(t.relative_to(ROOT)) for t in dict.fromkeys(turn) if t not in asked])
        asked.update(dict.fromkeys(turn))
    return [turn for turn in chosen if turn] or [["tests"]]


def noticed(place: Place, tree: Path, wanted: argparse.Namespace) -> str:
    """Make the change in the copied tree, ask turn after turn, put the file back; return the test that failed."""
    copy = tree / place.file.relative_to(ROOT)
    whole = place.file.read_bytes()
    copy.write_bytes(whole[: place.start] + place.after.encode() + whole[place.end :])
    try:
        failures = (_failure(turn, tree, wanted.workers) for turn in tests_of(place.file, whole=wanted.whole))
        return next(filter(None, failures), "")
    finally:
        copy.write_bytes(whole)


def _failure(tests: list[str], tree: Path, workers: int) -> str:
    """Return which test fails, if one does."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not heavy", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        asked = [*command, f"-n{workers}", *tests]
        done = subprocess.run(asked, cwd=tree, env=environment, capture_output=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "hangs"
    told = done.stdout.decode(errors="replace")
    if done.returncode not in {0, 1, 2, 5}:  # 2: the first failure ended the other workers, or the tests do not load
        raise SystemExit(f"{tests} could not be run: {told[-500:]}")
    named = re.search(r"^(?:FAILED|ERROR) (?:tests/)?(\S+)", told, re.MULTILINE)
    return "" if done.returncode in {0, 5} else named[1] if named else "does not load"


def _kept() -> dict[tuple[str, ...], str]:
    """Return what the table says already: where, before and after, and by which test it was noticed."""
    rows = (line.strip("| ").split(" | ") for line in TABLE.read_text("utf-8").split("\n") if line.startswith("| "))
    return {tuple(row[:3]): row[3] for row in rows if len(row) == 4 and row[0] != "place"}


def _told(place: Place) -> tuple[str, ...]:
    before, after = (text.replace("|", "\\|") for text in (place.before, place.after))
    return f"{place.file.relative_to(ROOT)}:{place.line}", f"`{before}`", f"`{after}`"


def _write(rows: dict[tuple[str, ...], str], every: int, wanted: argparse.Namespace) -> int:
    """Write the table; return how many places are noticed."""
    seen = sum(found != "no" for found in rows.values())
    table = "\n".join(f"| {' | '.join(told)} | {found} |" for told, found in rows.items())
    TABLE.write_text(
        "# Changes that the tests notice\n\n"
        f"`python benchmarks/mutants.py --places {wanted.places} --seed {wanted.seed}`: "
        f"{seen} of {len(rows)} places drawn from {every:,} are noticed.\n\n"
        f"| place | before | after | noticed by |\n|---|---|---|---|\n{table}\n",
        "utf-8",
    )
    return seen


def main() -> int:
    """Draw, change, ask, and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    for name, default in (("places", 20), ("seed", 0), ("least", 18), ("few", 1_000), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--whole", action="store_true")
    wanted = parser.parse_args()
    chosen, every = drawn(wanted.seed, wanted.places)
    kept = _kept() if wanted.resume and TABLE.exists() else {}
    rows = {told: kept[told] for told in map(_told, chosen) if told in kept}
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("build"))
        for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "LICENSE"):
            shutil.copy(ROOT / name, tree / name)
        for place in [place for place in chosen if _told(place) not in rows][: wanted.few]:
            rows[_told(place)] = noticed(place, tree, wanted) or "no"
            print(*_told(place), rows[_told(place)], sep="  ", flush=True)
            seen = _write(rows, every, wanted)
    print(f"{seen} of {len(rows)} noticed")
    return int(seen < wanted.least)


if __name__ == "__main__":
    sys.exit(main())
