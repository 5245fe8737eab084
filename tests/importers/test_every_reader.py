"""For every reader there is: whatever is done to a log, all at once, no row is joined to another item than its own.

Rows are shuffled and their ids moved; of some the question is another row's, of some a number or an option is another,
of some the gold is, and options stand in any order. A row is joined where its question is an item's, and everything
else that its layout tells agrees; nothing else is joined.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import pytest
from published import MAKERS, Answered, lines
from written import WRITERS, Said

from rarl_eval import data, registry
from rarl_eval.exporters import export
from rarl_eval.files.rows import read_rows
from rarl_eval.identity.match import match
from rarl_eval.importers import Format
from rarl_eval.importers.folders import open_logs
from rarl_eval.importers.formats import FORMATS
from rarl_eval.runs import store
from rarl_eval.score import score
from rarl_eval.types import Benchmark, Item

WITHOUT_GOLD = {"openai-batch", "anthropic-batch", "livecodebench", "alpaca-eval", "alpaca-eval-annotations",
                "rewardbench"}  # fmt: skip
SUMS = [(f"A mill grinds {n + 3} sacks an hour. How many sacks does it grind in {n + 2} hours?", (n + 3) * (n + 2))
        for n in range(9)]  # fmt: skip
CAPITALS = [
    ("Which of these towns is the capital of Peru?", ("Lima", "Cusco", "Quito", "La Paz"), "A"),
    ("Which of these towns is the capital of Kenya?", ("Mombasa", "Nairobi", "Kisumu", "Kampala"), "B"),
    ("Which of these towns is the capital of Chile?", ("Arica", "Valparaiso", "Santiago", "Iquique"), "C"),
    ("Which of these towns is the capital of Ghana?", ("Kumasi", "Tamale", "Tema", "Accra"), "D"),
    ("Which of these towns is the capital of Norway?", ("Bergen", "Oslo", "Tromso", "Malmo"), "B"),
    ("Which of these towns is the capital of Nepal?", ("Kathmandu", "Pokhara", "Patan", "Thimphu"), "A"),
]


@dataclass(frozen=True)
class Row:
    """One row of a log; its text names it."""

    number: int
    question: str
    gold: str
    text: str
    options: tuple[str, ...] = ()


Layout = Callable[[Path, list[Row]], Path]


def published(name: str) -> Layout:
    def write(folder: Path, rows: list[Row]) -> Path:
        return MAKERS[name](folder, [Answered(str(r.number), shown(r), r.gold, r.text, True) for r in rows])

    return write


def shown(row: Row) -> str:
    return "\n".join([row.question, *(f"{letter}. {o}" for letter, o in zip("ABCD", row.options, strict=False))])


def written(writer: Callable[[Path, list[Said]], Path]) -> Layout:
    def write(folder: Path, rows: list[Row]) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return writer(folder, [
            Said(number=r.number, question=r.question, gold=r.gold, text=r.text, choices=r.options) for r in rows
        ])  # fmt: skip

    return write


LAYOUTS: dict[str, Layout] = {name: published(name) for name in MAKERS}
LAYOUTS |= {writer.__name__: written(writer) for writer in WRITERS}
layouts = pytest.mark.parametrize("name", LAYOUTS)


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    rows = [{"question": asked, "answer": f"So.\n#### {gold}"} for asked, gold in SUMS]
    path = lines(tmp_path_factory.mktemp("sums") / "b.jsonl", rows)
    return data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(path)})


@pytest.fixture(scope="module")
def capitals(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    rows = [
        {"realidx": n, "question": asked, "options": dict(zip("ABCD", options, strict=True)), "answer_idx": gold}
        for n, (asked, options, gold) in enumerate(CAPITALS)
    ]
    path = lines(tmp_path_factory.mktemp("capitals") / "b.jsonl", rows)
    return data.load(registry.tasks("medqa")[0], {"medqa": str(path)})


def wild(benchmark: Benchmark, drawn: random.Random) -> list[Row]:
    """A log of right answers, with things done to some of its rows."""
    rows = []
    for n, item in enumerate(benchmark.items):
        row = Row(n, item.question, item.gold, f"Of {n}: the answer is {item.gold}.", item.choices)
        if item.choices:
            row = turned(row, drawn)
        rows.append(row)
    for n in drawn.sample(range(len(rows)), 5):
        other = rows[drawn.randrange(len(rows))]
        changes: list[dict[str, object]] = [
            {"question": other.question},
            {"question": re.sub(r"\d+|of \w+", lambda m: f"{m[0]}7", rows[n].question, count=1)},
            {"gold": other.gold},
            {"options": tuple("Ayacucho" if k == 1 else o for k, o in enumerate(rows[n].options))},
        ]
        rows[n] = replace(rows[n], **drawn.choice(changes))  # type: ignore[arg-type]
    moved = drawn.randrange(1, len(rows))
    drawn.shuffle(rows)
    return [replace(row, number=(row.number + moved) % len(rows)) for row in rows]


def turned(row: Row, drawn: random.Random) -> Row:
    """The row with its options in another order, and the letters that they have then."""
    options = tuple(drawn.sample(row.options, len(row.options)))
    gold = "ABCD"[options.index(row.options["ABCD".index(row.gold)])]
    return replace(row, options=options, gold=gold, text=f"Of {row.number}: the answer is {gold}.")


def own(row: Row, benchmark: Benchmark, *, golds: bool) -> Item | None:
    """The item that a row answers by all that it says."""
    item = next((i for i in benchmark.items if i.question == row.question), None)
    if item is None or sorted(item.choices) != sorted(row.options):
        return None
    if not golds:
        return item
    same = row.options["ABCD".index(row.gold)] == item.choices["ABCD".index(item.gold)] if row.options else (
        row.gold == item.gold)  # fmt: skip
    return item if same else None


def test_every_reader_is_tried(sums: Benchmark, tmp_path: Path) -> None:
    """The layouts here, with our own export, are those of all formats that can be read."""
    rows = wild(sums, random.Random(1))
    read = {log.harness for name, layout in LAYOUTS.items()
            for log in open_logs([layout(tmp_path / name, rows)]).logs.values()}  # fmt: skip
    assert read | {"rarl-eval"} == {*FORMATS, *get_args(Format)} - {"auto"}


@layouts
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["sums", "capitals"])
def test_rows_are_joined_to_their_own_items_or_to_none(
    name: str, seed: int, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Each row is joined to what all that it says names, and a row that contradicts itself to nobody."""
    benchmark = request.getfixturevalue(kind)
    rows = wild(benchmark, random.Random(f"{seed}{kind}"))
    told = {row.text: own(row, benchmark, golds=name not in WITHOUT_GOLD) for row in rows}
    seen = {}
    for log in open_logs([LAYOUTS[name](tmp_path, rows)]).logs.values():
        outputs = list(log.outputs)
        found = match(outputs, benchmark)
        seen |= {o.text.strip(): d.item if found.joined(d) else None
                 for o, d in zip(outputs, found.decisions, strict=True)}  # fmt: skip
    of_rows = {text: seen.get(text) for text in told}
    assert of_rows == told
    if name == "rewardbench":
        return
    assert any(told.values())
    assert len(seen) == len(told)


def test_our_own_export_names_items_by_content(sums: Benchmark, tmp_path: Path) -> None:
    """Rows of an export come back to their items in any order, and a benchmark with other numbers has none of them."""
    rows = [Row(n, item.question, item.gold, f"Of {n}: {item.gold}.") for n, item in enumerate(sums.items)]
    score([LAYOUTS["plain"](tmp_path / "log", rows)], sums, tmp_path / "run", model="m")
    (table,) = (f for f in export(tmp_path / "run", "parquet", tmp_path / "out") if f.suffix == ".parquet")
    turned_round = [row for _, row in read_rows(table)][::-1]
    file = lines(tmp_path / "turned.jsonl", turned_round)
    score([file], sums, tmp_path / "again", model="m")
    texts = {r.trace.key: r.trace.text for r in store.read_run(tmp_path / "again").records}
    assert texts == {item.key: f"Of {n}: {item.gold}." for n, item in enumerate(sums.items)}
    others = [{"question": re.sub(r"\d+", "61", asked), "answer": f"So.\n#### {gold}"} for asked, gold in SUMS]
    path = lines(tmp_path / "others.jsonl", others)
    found = match(open_logs([file]).logs[file].outputs, data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(path)}))
    assert not any(map(found.joined, found.decisions))
