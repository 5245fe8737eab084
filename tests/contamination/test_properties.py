"""What must hold for any text: planted items are never lost, whatever stands around them and however it is written."""

import json
import random
import tempfile
import unicodedata
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rarl_eval.contamination.corpus.readers import Block
from rarl_eval.contamination.matching.index import build
from rarl_eval.contamination.matching.look import Eye, look
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.streaming import Scanner
from tests.contamination.made import benchmark, problems, run

ITEMS = problems(20, seed=31)
INDEX = build([benchmark(ITEMS)], Thresholds())
EYE = Eye(INDEX, Thresholds())
SCANNER = Scanner(INDEX, Thresholds())
FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
WRITTEN = [str.upper, str.lower, str.title, lambda t: t.replace(" ", " \n\t "), lambda t: t.replace(" ", "\u00a0")]


def seen(text: str) -> set[int]:
    """Items that a close look finds whole."""
    return {INDEX.parts[s.part].item for s in look(EYE, text, "d", (0,)) if s.whole}


def passed(row: object) -> set[int]:
    """Items that the stream, then the close look, find whole in a JSON line."""
    line = json.dumps(row).encode() + b"\n"
    result = SCANNER.block(Block(line, json=True, name="c", line=1), 0)
    return {INDEX.parts[s.part].item for s in result.sightings if s.whole}


around = st.text(max_size=300)


@given(st.integers(0, 19), around, around, st.sampled_from(FORMS), st.sampled_from(WRITTEN))
def test_text_around_and_form_lose_nothing(n: int, before: str, after: str, form: str, written) -> None:
    """Whatever stands around an item, and in whatever case, spacing and Unicode form, it is seen whole."""
    text = f"{before}\n{unicodedata.normalize(form, written(ITEMS[n].question))}\n{after}"
    assert n in seen(text)
    assert n in passed({"text": text})


@given(st.integers(0, 19), st.integers(1, 35), around)
def test_an_item_split_over_fields_is_whole(n: int, cut: int, other: str) -> None:
    """A question whose halves stand in consecutive fields of a row is seen whole."""
    words = ITEMS[n].question.split()
    row = {"id": other, "instruction": " ".join(words[:cut]), "input": " ".join(words[cut:]), "output": other}
    assert n in passed(row)


@given(st.lists(st.integers(0, 19), min_size=1, max_size=6), around)
def test_items_one_after_another_are_all_seen(numbers: list[int], between: str) -> None:
    """A document of several items holds each of them."""
    assert set(numbers) <= passed({"turns": [{"content": f"{ITEMS[n].question} {between}"} for n in numbers]})


@given(around)
def test_any_text_can_be_looked_at(text: str) -> None:
    """Text without an item has no whole item."""
    assert seen(text) == set()


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 19), min_size=1, max_size=8), st.integers(0, 8), st.randoms(use_true_random=False))
def test_a_scan_is_the_union_of_its_parts_in_any_order(numbers: list[int], cut: int, rng: random.Random) -> None:
    """The scan of a concatenation is the union of scans; the order of rows does not matter."""
    lines = [json.dumps({"text": ITEMS[n].question}) + "\n" for n in numbers]
    turned = rng.sample(lines, len(lines))
    with tempfile.TemporaryDirectory() as folder:
        told = [flagged(Path(folder), part) for part in (lines[:cut], lines[cut:], turned)]
    assert told[0] | told[1] == told[2] == {str(n) for n in numbers}


def flagged(folder: Path, lines: list[str]) -> set[str]:
    (folder / "c.jsonl").write_text("".join(lines))
    result = run([benchmark(ITEMS)], [folder / "c.jsonl"], folder / "out")[0]
    return {i.id for i in result.items.values() if i.status == "flagged"}
