"""The shape: who may import whom, what is light, and what the wheel and the tree promise."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LEAVES = ("tasks", "contamination", "leaderboards")
ENGINE = sorted((ROOT / "rarl_eval").rglob("*.py"))
house = _module(ROOT / "docs" / "house.py")
EVERY = [*ENGINE, *(path for leaf in LEAVES for path in sorted((ROOT / leaf).rglob("*.py")))]

FLOORS = (
    {"rarl_eval", "errors", "types"},
    {"answers", "files", "prompts", "sandbox", "stats", "windows"},
    {"cli", "registry"},
    {"__main__", "data", "evidence", "importers", "models", "site", "tasks"},
    {"identity", "judge", "runs"},
    {"exporters", "measures", "rewards", "run", "show"},
    {"belief", "contamination", "score", "verify"},
    {"report"},
    {"agreement", "compare", "training"},
    {"demo", "nightly", "preference"},
    {"leaderboards"},
    {"api", "commands"},
)
"""Every room, from the ground up: one may import those on the floors below its own, and none beside or above it."""

INNER = {
    "contamination": (
        {"contamination.words"},
        {"contamination.corpus", "contamination.matching"},
        {"contamination.paraphrase"},
        {"contamination", "contamination.probing"},
    ),
    "tasks": (
        {
            "tasks.code",
            "tasks.finance",
            "tasks.fresh",
            "tasks.general",
            "tasks.math",
            "tasks.medicine",
            "tasks.science",
        },
        {"tasks.laboratory"},
        {"tasks"},
    ),
}
"""The rooms of the leaves, likewise."""


def imports(path: Path) -> set[str]:
    """Dotted names a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # Inside the sandbox, and for whoever checks fresh golds, these are packages of their own.
            assert node.level == 0 or {"inside", "recomputed"} & set(path.parts), f"{path} imports relatively"
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


def test_every_room_stands_on_a_floor() -> None:
    """The floors name every room of the house once, and no other."""
    named = [room for floor in FLOORS for room in floor]
    inner = [room for floors in INNER.values() for floor in floors for room in floor]
    rooms = set(house.arrows())
    assert sorted({*named, *inner}) == sorted({*rooms, *LEAVES})
    assert len(named) == len(set(named))
    assert len(inner) == len(set(inner))


def test_arrows_between_rooms_point_down() -> None:
    """A room imports what lies below it; so there is no circle."""
    height = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    graph = house.arrows()
    top = {room: room.split(".", maxsplit=1)[0] for room in graph}
    wrong = {(a, b) for a in graph for b in graph[a] if top[a] != top[b] and height[top[a]] <= height[top[b]]}
    assert wrong == set()


@pytest.mark.parametrize("leaf", INNER)
def test_arrows_inside_a_leaf_point_down(leaf: str) -> None:
    """The rooms of a leaf stand on floors, too."""
    height = {room: floor for floor, rooms in enumerate(INNER[leaf]) for room in rooms}
    graph = house.arrows()
    assert {(a, b) for a in height for b in graph[a] if b in height and height[a] <= height[b]} == set()


def test_no_files_import_each_other_in_a_circle() -> None:
    """Inside a room, too, nothing turns back."""
    assert house.circles(house.between_files()) == []


def test_the_picture_of_the_house_is_the_codes() -> None:
    """docs/architecture.svg shows the rooms and arrows of today; `python docs/house.py` draws it anew."""
    assert house.PICTURE.read_text("utf-8") == house.draw()


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


def test_a_public_class_has_a_name_of_its_own() -> None:
    """Who reads a name in an error or a signature knows which class it is: no two files define one of the same name."""
    owners: dict[str, list[str]] = {}
    for path in EVERY:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                owners.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in owners.items() if len(files) > 1} == {}
