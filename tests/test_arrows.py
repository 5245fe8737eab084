"""The shape: who may import whom, what is light, and what the wheel and the tree promise."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEAVES = ("tasks", "contamination", "leaderboards")
ENGINE = sorted((ROOT / "rarl_eval").rglob("*.py"))
EVERY = [*ENGINE, *(path for leaf in LEAVES for path in sorted((ROOT / leaf).rglob("*.py")))]

LOWER = {
    "errors": set(),
    "types": set(),
    "files": set(),
    "rows": {"errors"},
    "registry": {"errors", "types"},
    "repositories": {"errors", "files"},
    "items": {"errors", "types"},
    "data": {"errors", "files", "items", "repositories", "rows", "types"},
    "entries": {"types"},
    "database": {"errors"},
    "folders": {"errors"},
    "store": {"database", "entries", "errors", "files", "types"},
    "rewards": {"answers", "cache", "entries", "errors", "hashing", "models", "registry", "rows", "store", "types"},
    "stats": {"errors", "types"},
    "answers": {"errors", "types"},
    "scan": {"errors", "types", "files"},
}
"""Modules near the ground, and all of the engine that each may import."""


def imports(path: Path) -> set[str]:
    """Dotted names a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # The sandbox's inside is copied into the sandbox as a package of its own.
            assert node.level == 0 or "inside" in path.parts, f"{path} imports relatively"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("path", ENGINE, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_engine_imports_no_leaf(path: Path) -> None:
    """Tasks, scanner and leaderboards are reached through the registry, by name."""
    assert not {name for name in imports(path) if name.startswith(tuple(f"rarl_eval.{leaf}" for leaf in LEAVES))}


@pytest.mark.parametrize("leaf", LEAVES)
def test_leaves_do_not_import_each_other(leaf: str) -> None:
    """A leaf may use the engine's nouns and helpers, and no other leaf."""
    others = tuple(f"rarl_eval.{other}" for other in LEAVES if other != leaf)
    for path in (ROOT / leaf).rglob("*.py"):
        assert not {name for name in imports(path) if name.startswith(others)}, path


def test_no_second_copy_of_a_leaf() -> None:
    """Nobody imports `tasks` and its like as top-level packages."""
    for path in [*EVERY, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]:
        assert not {name.split(".")[0] for name in imports(path)} & set(LEAVES), path


@pytest.mark.parametrize(("module", "allowed"), LOWER.items(), ids=LOWER)
def test_the_ground_imports_only_what_lies_below(module: str, allowed: set[str]) -> None:
    """Nouns and helpers do not know the verbs that use them."""
    file = ROOT / "rarl_eval" / f"{module}.py"
    for path in [file] if file.is_file() else sorted((ROOT / "rarl_eval" / module).rglob("*.py")):
        used = {name.split(".")[1] for name in imports(path) if name.startswith("rarl_eval.")}
        assert used <= allowed | {module}, path


HEAVY = (
    "pandas",
    "datasets",
    "numba",
    "torch",
    "scipy",
    "sklearn",
    "sympy",
    "statsmodels",
    "pyarrow",
    "numpy",
    "rich",
    "aiohttp",
)


def test_help_loads_nothing_heavy() -> None:
    """`rarl-eval --help` and `rarl-eval run --help` import no heavy package."""
    code = (
        "import sys; from rarl_eval.cli import main\n"
        "for arguments in (['--help'], ['run', '--help']):\n"
        "    try: main(arguments)\n"
        "    except SystemExit as stop: assert stop.code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_tracked_words_speak_of_the_project_alone() -> None:
    """No path of a developer's machine stands in a tracked text file."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    pattern = "/(wor[k]|roo[t])/[a-z]"
    done = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!tests/hostile", ":!*sandbox*"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.stdout == ""
