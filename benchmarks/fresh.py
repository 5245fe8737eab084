"""Fresh items measured: time, repeats within and between seeds 0 to 9, and agreement with another computation.

    python benchmarks/fresh.py [--items 1000]

Writes benchmarks/fresh.md. The other computations are those of tests/fresh/checks.py: each reads the question's text,
and runs the program, simulates, enumerates, or uses another formula.
"""

import argparse
import importlib.util
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rarl_eval.tasks import fresh  # noqa: E402  the checkout is measured
from rarl_eval.tasks.fresh.make import OWN_PARTS, Family  # noqa: E402

COLUMNS = ("domain", "family", "difficulty", "templates", "items", "ms an item", "repeats", "same numbers", "disagree")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=1000, help="Of each family and seed.")
    given = parser.parse_args()
    out = Path(__file__).with_suffix(".md")
    out.write_text("\n".join(_page(given.items)) + "\n", encoding="utf-8")
    print(out.read_text(encoding="utf-8"))


def _page(items: int) -> Iterator[str]:
    checks = _checks()
    yield "# Fresh items measured\n"
    yield (
        f"Command: `python benchmarks/fresh.py --items {items}`. Seeds 0 to {OWN_PARTS - 1}, {items} items of each "
        "family and seed.\n"
    )
    yield (
        "`repeats`: questions that were asked before, by the same seed or another. `same numbers`: items with the "
        "numbers of an\nearlier one, in other words or with other names. `disagree`: golds that another computation "
        "from the text rejects.\n"
    )
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|"
    for family in fresh.FAMILIES.values():
        yield _line(family, items, checks)


def _line(family: Family, items: int, checks: ModuleType) -> str:
    asked, numbers = set(), set()
    seconds, wrong = 0.0, 0
    for seed in range(OWN_PARTS):
        start = time.perf_counter()
        rows = list(fresh.rows((family,), seed, items))
        seconds += time.perf_counter() - start
        asked.update(hash(row["question"]) for row in rows)
        numbers.update(hash(f"{row['meta']['template']} {row['meta']['given']}") for row in rows)
        wrong += sum(not checks.agrees(row) for row in rows)
    whole = OWN_PARTS * items
    cells = (
        family.domain, family.name, family.difficulty, len(family.templates), whole, f"{1000 * seconds / whole:.2f}",
        whole - len(asked), whole - len(numbers), wrong,
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _checks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("checks", ROOT / "tests" / "fresh" / "checks.py")
    if spec is None or spec.loader is None:
        raise SystemExit("tests/fresh/checks.py is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
