"""Fresh items measured: time for 10,000 a family, repeats, and agreement with another computation.

    python benchmarks/fresh.py [--seed 7] [--items 10000]

Writes benchmarks/fresh.md. The other computations are those of tests/fresh/checks.py: running the program, simulating,
enumerating, or another formula.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--items", type=int, default=10_000)
    given = parser.parse_args()
    out = Path(__file__).with_suffix(".md")
    out.write_text("\n".join(_page(given.seed, given.items)) + "\n", encoding="utf-8")
    print(out.read_text(encoding="utf-8"))


def _page(seed: int, items: int) -> Iterator[str]:
    checks = _checks()
    yield "# Fresh items measured\n"
    yield f"Command: `python benchmarks/fresh.py --seed {seed} --items {items}`. Last output:\n"
    yield "| domain | family | templates | items | seconds | repeats | disagree with another computation |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for name, family in fresh.FAMILIES.items():
        start = time.perf_counter()
        rows = list(fresh.rows((fresh.FAMILIES[name],), seed, items))
        seconds = time.perf_counter() - start
        repeats = len(rows) - len({(row["context"], row["question"]) for row in rows})
        wrong = sum(not checks.agrees(row) for row in rows)
        cells = (family.domain, name, len(family.templates), len(rows), f"{seconds:.2f}", repeats, wrong)
        yield "| " + " | ".join(map(str, cells)) + " |"


def _checks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("checks", ROOT / "tests" / "fresh" / "checks.py")
    if spec is None or spec.loader is None:
        raise SystemExit("tests/fresh/checks.py is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
