"""Change one place of the product at a time and ask the tests whether anybody notices.

    python benchmarks/mutants.py [--places 20] [--seed 0] [--least 18]

Places are drawn by a seed from all comparisons, conditions, sums and small constants of the product code; a place is
noticed if a test fails. Asked are the tests of its room and those that name its module, in a copy of the tree.
Exit 1 where fewer than ``--least`` are noticed. The table is written beside this file.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = ("rarl_eval", "tasks", "contamination", "leaderboards")
COPIED = (*PRODUCT, "tests", "docs", "examples", "benchmarks")
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


def tests_of(file: Path) -> list[str]:
    """Return the tests of a file's room and those that name its module."""
    relative = file.relative_to(ROOT).with_suffix("")
    parts = relative.parts if relative.parts[0] == "rarl_eval" else ("rarl_eval", *relative.parts)
    module = ".".join(parts).removesuffix(".__init__")
    package, _, name = module.rpartition(".")
    mirrored = [folder for part in parts[1:-1] if (folder := ROOT / "tests" / part).is_dir()]
    mirrored += list((ROOT / "tests").rglob(f"test_{parts[-1]}*.py"))
    named = [
        path
        for path in (ROOT / "tests").rglob("test_*.py")
        if module in (text := path.read_text("utf-8")) or f"from {package} import {name}\n" in text
    ]
    chosen = {p for p in (*mirrored, *named) if "heavy" not in p.parts}
    return [str(p.relative_to(ROOT)) for p in sorted(chosen)] or ["tests"]


def noticed(place: Place, tree: Path) -> bool:
    """Run the place's tests in the copied tree with the change made; put the file back."""
    copy = tree / place.file.relative_to(ROOT)
    whole = place.file.read_bytes()
    copy.write_bytes(whole[: place.start] + place.after.encode() + whole[place.end :])
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "2", "-m", "not heavy", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        asked = [*command, *tests_of(place.file)]
        done = subprocess.run(asked, cwd=tree, env=environment, capture_output=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    finally:
        copy.write_bytes(whole)
    if done.returncode not in {0, 1, 2}:  # 2: the first failure ended the other workers, or the tests do not load
        raise SystemExit(f"the tests of {place.file} could not be run: {done.stdout.decode(errors='replace')[-500:]}")
    return done.returncode != 0


def main() -> int:
    """Draw, change, ask, and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--places", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--least", type=int, default=18)
    wanted = parser.parse_args()
    every = [p for top in PRODUCT for file in sorted((ROOT / top).rglob("*.py")) for p in places(file)]
    drawn = random.Random(wanted.seed).sample(every, wanted.places)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
        for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "LICENSE"):
            shutil.copy(ROOT / name, tree / name)
        for place in drawn:
            found = noticed(place, tree)
            where = f"{place.file.relative_to(ROOT)}:{place.line}"
            rows.append((where, place.before, place.after, "yes" if found else "no"))
            print(*rows[-1], sep="  ", flush=True)
    seen = sum(row[3] == "yes" for row in rows)
    table = "\n".join(f"| {w} | `{b}` | `{a}` | {n} |".replace("||", "\\|\\|") for w, b, a, n in rows)
    Path(__file__).with_suffix(".md").write_text(
        "# Changes that the tests notice\n\n"
        f"`python benchmarks/mutants.py --places {wanted.places} --seed {wanted.seed}`: "
        f"{seen} of {len(rows)} places drawn from {len(every):,} are noticed.\n\n"
        f"| place | before | after | noticed |\n|---|---|---|---|\n{table}\n",
        "utf-8",
    )
    print(f"{seen} of {len(rows)} noticed")
    return int(seen < wanted.least)


if __name__ == "__main__":
    sys.exit(main())
