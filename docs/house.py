"""Draw the house: its rooms, who imports whom, and which nouns each room makes, read from the code.

    python docs/house.py            writes docs/architecture.svg
    python docs/house.py --check    exit 1 where the picture is not the code's

A room is a package, or a single file at the root of ``rarl_eval``. Arrows that a longer way also tells are left out of
the picture, not out of the test (tests/test_arrows.py), which reads the same graph.
"""

import argparse
import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
LEAVES = ("tasks", "contamination", "leaderboards")
NOUNS = ("Item", "Benchmark", "Trace", "Verdict", "Reward", "Record")
"""What flows, in order (types.py); a room that calls one of them makes it."""
GROUND = ("errors", "types")
"""Imported everywhere: no arrow is drawn to them."""

Graph = dict[str, set[str]]


def sources() -> dict[str, Path]:
    """Dotted module name to file, for every file of the package but what runs inside the sandbox."""
    found = {}
    for top in (ROOT / "rarl_eval", *(ROOT / leaf for leaf in LEAVES)):
        for path in sorted(top.rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts if parts[0] == "rarl_eval" else ("rarl_eval", *parts))
            if "inside" not in parts:
                found[name.removesuffix(".__init__")] = path
    return found


def room_of(module: str, files: Mapping[str, Path]) -> str:
    """Name of the room that a module stands in, without ``rarl_eval.``; the package's face is ``rarl_eval``.

    A room of a leaf is one room with what it holds.
    """
    path = files[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    room = (module if package == "rarl_eval" else package).removeprefix("rarl_eval.")
    return ".".join(room.split(".")[:2])


def arrows() -> Graph:
    """Room to the rooms that it imports, wherever in its files, but for what only a type checker reads."""
    files = sources()
    graph: Graph = {room_of(module, files): set() for module in files}
    for module, path in files.items():
        for imported in _imports(path, files):
            if room_of(imported, files) != room_of(module, files):
                graph[room_of(module, files)].add(room_of(imported, files))
    return graph


def between_files() -> Graph:
    """Return, for each module, the modules that it imports."""
    files = sources()
    return {module: {other for other in _imports(path, files) if other != module} for module, path in files.items()}


def circles(graph: Graph) -> list[list[str]]:
    """Return the sets of rooms that reach each other, each sorted; a house without circles has none."""
    reached = {room: _reachable(graph, room) for room in graph}
    found = {tuple(sorted({a, *(b for b in reached[a] if a in reached[b])})) for a in graph if a in reached[a]}
    return [list(circle) for circle in sorted(found)]


def makers() -> dict[str, list[str]]:
    """Room to the nouns that its files make, in the order of ``NOUNS``."""
    files = sources()
    made: dict[str, set[str]] = {}
    for module, path in files.items():
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NOUNS:
                made.setdefault(room_of(module, files), set()).add(node.func.id)
    return {room: sorted(nouns, key=NOUNS.index) for room, nouns in sorted(made.items())}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _imports(path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    tree = _tree(path)
    unread = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level and id(node) not in unread:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found = name if name in files else node.module
                if found in files:
                    yield found


def _reachable(graph: Graph, room: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[room])
    while waiting:
        other = waiting.pop()
        if other not in seen:
            seen.add(other)
            waiting += graph[other]
    return seen


def folded(graph: Graph) -> Graph:
    """Return the graph that is drawn: one box for each leaf, and no box for the ground and the package's face."""

    def box(room: str) -> str | None:
        top = room.split(".", maxsplit=1)[0]
        return top if top in LEAVES else None if room in {*GROUND, "rarl_eval", "__main__"} else room

    drawn: Graph = {name: set() for room in graph if (name := box(room))}
    for room, others in graph.items():
        for other in others:
            start, end = box(room), box(other)
            if start and end and start != end:
                drawn[start].add(end)
    return drawn


def floors(graph: Graph) -> dict[str, int]:
    """Height of each room: one above the highest that it imports; 0 for those that import none."""
    heights: dict[str, int] = {}

    def height(room: str) -> int:
        if room not in heights:
            heights[room] = max((height(other) + 1 for other in sorted(graph[room])), default=0)
        return heights[room]

    return {room: height(room) for room in sorted(graph)}


def draw() -> str:
    """Draw the house as SVG, highest floor on top."""
    graph, made = folded(arrows()), makers()
    heights = floors(graph)
    wide, high, gap = 132, 44, 18
    rows: dict[int, list[str]] = {}
    for room, floor in heights.items():
        rows.setdefault(floor, []).append(room)
    width = max(len(rooms) for rooms in rows.values()) * (wide + gap) + gap
    top = max(rows)
    place = {}
    for floor, rooms in rows.items():
        start = (width - len(rooms) * (wide + gap) + gap) / 2
        for i, room in enumerate(rooms):
            place[room] = (start + i * (wide + gap), gap + (top - floor) * (high + 34))
    lines = [_arrow(place[a], place[b], wide, high) for a, b in _needed(graph)]
    boxes = [_box(room, spot, wide, high, made) for room, spot in sorted(place.items())]
    height = gap * 2 + (top + 1) * (high + 34) - 34
    return _SVG.format(width=width, height=height, body="\n".join([*lines, *boxes]))


def _needed(graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield the arrows that no longer way tells."""
    for room in sorted(graph):
        beyond = set().union(*(_reachable(graph, other) for other in graph[room]))
        yield from ((room, other) for other in sorted(graph[room] - beyond))


def _arrow(start: tuple[float, float], end: tuple[float, float], wide: int, high: int) -> str:
    x1, y1, x2, y2 = start[0] + wide / 2, start[1] + high, end[0] + wide / 2, end[1]
    bend = (y2 - y1) / 2
    curve = f"M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2 - 5:.0f}"
    return f'<path d="{curve}" marker-end="url(#tip)"/>'


def _box(room: str, spot: tuple[float, float], wide: int, high: int, made: Mapping[str, list[str]]) -> str:
    nouns = sorted(
        {noun for name, all_of in made.items() if _stands_in(name, room) for noun in all_of}, key=NOUNS.index
    )
    x, y = spot
    shape = f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide}" height="{high}" rx="6"/>'
    name = f'<text x="{x + wide / 2:.0f}" y="{y + (18 if nouns else 27):.0f}">{escape(room)}</text>'
    told = f'<text class="n" x="{x + wide / 2:.0f}" y="{y + 34:.0f}">{escape(", ".join(nouns))}</text>' if nouns else ""
    return shape + name + told


def _stands_in(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">
<title>Rooms of rarl-eval, who imports whom, and the nouns that each makes</title>
<style>
rect {{ fill: #fff; stroke: #446; }}
path {{ fill: none; stroke: #99a; }}
text {{ font: 13px sans-serif; fill: #112; text-anchor: middle; }}
.n {{ font-size: 10px; fill: #567; }}
</style>
<defs><marker id="tip" markerWidth="7" markerHeight="7" refX="3" refY="3" orient="auto">
<path d="M0 0L6 3L0 6"/></marker></defs>
<rect width="100%" height="100%" style="fill:#fafaff;stroke:none"/>
{body}
</svg>
"""


def main() -> int:
    """Write the picture, or check it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the picture is old")
    picture = draw()
    if parser.parse_args().check:
        return int(picture != PICTURE.read_text("utf-8"))
    PICTURE.write_text(picture, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
