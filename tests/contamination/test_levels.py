"""What each change to a planted item is called."""

import random
import re
from pathlib import Path

import pytest

from rarl_eval.contamination.matching.look import Sighting
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.streaming import likeliest
from rarl_eval.types import Item
from tests.contamination.made import benchmark, problems, prose, run, write_jsonl

ITEM = problems(1, seed=11)[0]
OTHERS = problems(40, seed=12)
SOLUTION = (
    "First count the parts that stayed in the workshop, then add those that came back on the second day; "
    "the difference between both sums, halved, is what the question asks for."
)


def words(text: str) -> list[str]:
    return text.split()


def edited(text: str, share: float, seed: int = 1) -> str:
    rng = random.Random(seed)
    told = words(text)
    plain = [n for n, w in enumerate(told) if not any(c.isdigit() for c in w)]
    for at in rng.sample(plain, round(share * len(told))):
        told[at] = rng.choice(["zebra", "octopus", "walnut", "granite", "yonder"])
    return " ".join(told)


def renumbered(text: str) -> str:
    return re.sub(r"\d+", lambda m: str(int(m[0]) + 7), text)


def sentences_turned(text: str) -> str:
    return " ".join(reversed(re.split(r"(?<=[.?])\s+", text)))


@pytest.mark.parametrize(
    ("planted", "level"),
    [
        (ITEM.question, "exact"),
        (ITEM.question.upper(), "exact"),
        (ITEM.question.replace(" ", "\n"), "exact"),
        (f"<p><b>{ITEM.question}</b></p>", "exact"),
        (edited(ITEM.question, 0.1), "near"),
        (edited(ITEM.question, 0.2), "near"),
        (sentences_turned(ITEM.question), "near"),
        (renumbered(ITEM.question), "variant"),
        (" ".join(words(ITEM.question)[:22]), "partial"),
        (" ".join(words(ITEM.question)[-22:]), "partial"),
        (" ".join(words(ITEM.question)[:6]), None),
        (edited(ITEM.question, 0.7), None),
        ("", None),
    ],
)
def test_a_change_has_its_level(tmp_path: Path, planted: str, level: str | None) -> None:
    """Copies are exact or near, other numbers make a variant, a half is partial, a phrase is nothing."""
    rng = random.Random(5)
    rows = [{"text": f"{prose(rng)} . {planted} . {prose(rng)}"}, *({"text": prose(rng)} for _ in range(20))]
    result, _, _ = run([benchmark([ITEM, *OTHERS])], [write_jsonl(tmp_path / "c.jsonl", rows)], tmp_path / "out")
    found = result.items["made", ITEM.key]
    assert found.level == level
    assert found.status == ("flagged" if level in {"exact", "near"} else "clean")
    assert found.document == (None if level is None else "c.jsonl:1")
    assert all(result.items["made", other.key].status == "clean" for other in OTHERS)


def test_offset_and_excerpt_show_the_place(tmp_path: Path) -> None:
    """The offset is in characters of the document's text, and the excerpt begins a few words before it."""
    before = "Ünïcödé wörds stand hére. "
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": "nothing"}, {"text": before + ITEM.question}])
    found = run([benchmark([ITEM])], [corpus], tmp_path / "out")[0].items["made", ITEM.key]
    assert (found.document, found.offset) == ("c.jsonl:2", len(before))
    assert found.excerpt is not None
    assert ITEM.question.rstrip("?") in found.excerpt


@pytest.mark.parametrize(("beside", "level"), [("\nAnswer: blue whale", "exact"), ("", None)])
def test_a_short_question_needs_its_answer_beside_it(tmp_path: Path, beside: str, level: str | None) -> None:
    """Four words are common text until the answer stands beside them."""
    item = Item(id="1", question="Largest animal ever known?", gold="blue whale")
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": "Largest animal ever known?" + beside}])
    found = run([benchmark([item, *OTHERS])], [corpus], tmp_path / "out")[0].items["made", item.key]
    assert found.level == level
    assert found.status == ("flagged" if level else "too_short")


def test_a_solution_alone_is_found(tmp_path: Path) -> None:
    """The worked answer without its question flags the item, and says that it is the answer."""
    item = Item(id="1", question=ITEM.question, gold="4", solution=SOLUTION)
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"completion": SOLUTION}])
    found = run([benchmark([item])], [corpus], tmp_path / "out")[0].items["made", item.key]
    assert (found.level, found.part, found.status) == ("exact", "answer", "flagged")


def test_question_and_solution_together_are_both(tmp_path: Path) -> None:
    """Question and answer in one document are part ``both``."""
    item = Item(id="1", question=ITEM.question, gold="4", solution=SOLUTION)
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"prompt": ITEM.question, "response": SOLUTION}])
    assert run([benchmark([item])], [corpus], tmp_path / "out")[0].items["made", item.key].part == "both"


def test_options_alone_are_reported_and_do_not_flag(tmp_path: Path) -> None:
    """Options without their question are partial evidence."""
    choices = tuple(" ".join(words(o.question)[:9]) for o in OTHERS[:4])
    item = Item(id="1", question="Which of these did the maker say last?", gold="A", choices=choices)
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": "\n".join(choices)}])
    found = run([benchmark([item])], [corpus], tmp_path / "out")[0].items["made", item.key]
    assert (found.level, found.part, found.status) == ("partial", "choices", "clean")


def test_a_passage_alone_does_not_flag_questions_about_it(tmp_path: Path) -> None:
    """A source passage is reported as context; a short question about it counts where both stand."""
    passage = " ".join(p.question for p in OTHERS[:3])
    item = Item(id="1", question="How many ferry parts came on that day?", gold="12", context=passage, group="p")
    for text, level in ((passage, "partial"), (passage + " " + item.question, "exact"), (item.question, "partial")):
        corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": text}])
        assert run([benchmark([item])], [corpus], tmp_path / "out")[0].items["made", item.key].level == level


def test_what_is_read_off_a_passage_does_not_flag_where_the_passage_stands(tmp_path: Path) -> None:
    """An answer that is a span of its passage, and a question in the passage's words, are no leak of the item."""
    passage = " ".join(p.question for p in OTHERS[:3])
    span = " ".join(OTHERS[1].question.split()[:20])
    item = Item(id="1", question=f"Which {span.lower()} is that?", gold=span, context=passage, group="p")
    for text, level in (
        (passage, "partial"),
        (f"{passage}\n{item.question}\n{span}", "exact"),
        (item.question, "exact"),
    ):
        corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": text}])
        assert run([benchmark([item])], [corpus], tmp_path / "out")[0].items["made", item.key].level == level, text


def test_a_stock_question_about_a_passage_needs_more_than_its_own_words(tmp_path: Path) -> None:
    """Sixteen words that anyone may ask of a table flag with the table or the answer beside them, never alone."""
    table = "\n".join(f"{p.question.split('.')[0]} | {n}" for n, p in enumerate(OTHERS[:4]))
    question = "What was the percentage change in the total operating income of the company from 2015 to 2016?"
    item = Item(id="1", question=question, gold="17.35 percent", context=table, group="p")
    unasked = prose(random.Random(5), 300)
    for text, level in (
        (question, "partial"),
        (f"{table}\n{question}", "exact"),
        (f"{question} It was 17.35 percent.", "exact"),
        (f"{question} {unasked} 17.35 percent", "partial"),
    ):
        corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": text}])
        found = run([benchmark([item], domain="finance")], [corpus], tmp_path / "out")[0].items["made", item.key]
        assert found.level == level, text
    alone = Item(id="2", question=question, gold="17.35 percent")
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": question}])
    assert run([benchmark([alone])], [corpus], tmp_path / "out")[0].items["made", alone.key].level == "exact"


def test_a_header_that_all_items_share_flags_none(tmp_path: Path) -> None:
    """A prompt header of thirty words before each question is common text, however much of the item it makes up."""
    header = " ".join(prose(random.Random(2), 40).split())
    items = [Item(id=o.id, question=f"{header} {' '.join(words(o.question)[:12])}", gold="1") for o in OTHERS]
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": f"{header} What is this?"} for _ in range(5)])
    result = run([benchmark(items)], [corpus], tmp_path / "out")[0]
    assert {i.status for i in result.items.values()} == {"clean"}


def test_an_item_copied_a_thousand_times_keeps_its_weight(tmp_path: Path) -> None:
    """Repetition of the whole item does not make it boilerplate."""
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": edited(ITEM.question, 0.1, seed=n)} for n in range(1000)])
    assert run([benchmark([ITEM])], [corpus], tmp_path / "out")[0].items["made", ITEM.key].status == "flagged"


def test_code_with_other_names_is_found_by_its_shape(tmp_path: Path) -> None:
    """Renamed variables and functions leave the shape, which is reported as partial."""
    code = (
        "def merge(left, right):\n    out = []\n    i = j = 0\n    while i < len(left) and j < len(right):\n"
        "        if left[i] <= right[j]:\n            out.append(left[i])\n            i += 1\n        else:\n"
        "            out.append(right[j])\n            j += 1\n    return out + left[i:] + right[j:]\n"
    )
    other = code
    for name, new in (
        ("merge", "alpha"),
        ("left", "beta"),
        ("right", "gamma"),
        ("out", "delta"),
        ("i", "m"),
        ("j", "n"),
    ):
        other = re.sub(rf"\b{name}\b", new, other)
    item = Item(id="1", question="Write a function that merges two sorted lists into one.", gold="merge", solution=code)
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": "Some words.\n\n" + other}, {"text": "return of the king"}])
    found = run([benchmark([item], domain="code")], [corpus], tmp_path / "out")[0].items["made", item.key]
    assert (found.level, found.part, found.document, found.status) == ("partial", "answer", "c.jsonl:1", "clean")


def test_counts_and_sweep_say_what_the_lines_say(tmp_path: Path) -> None:
    """scan.json counts what items.jsonl lists, and the sweep falls as the threshold rises."""
    rows = [{"text": OTHERS[n].question} for n in range(10)] + [
        {"text": edited(OTHERS[n].question, 0.2)} for n in range(10, 15)
    ]
    result = run([benchmark(OTHERS)], [write_jsonl(tmp_path / "c.jsonl", rows)], tmp_path / "out")[0]
    counts = result.report["counts"]["made"]
    assert (counts["n"], counts["exact"], counts["near"], counts["clean"]) == (40, 10, 5, 25)
    swept = [row["flagged"]["made"] for row in result.report["sweep"]]
    assert swept == sorted(swept, reverse=True)
    assert (swept[0], swept[-1]) == (15, 10)


def seen(document: str, size: int, *, whole: bool = False, changed: int = 0, answer: bool = False) -> Sighting:
    return Sighting(
        part=0, document=document, order=(0, len(document)), offset=0, grams=(), words=((0, size),), whole=whole,
        changed=changed, answer=answer, beside=(), excerpt="",
    )  # fmt: skip


def test_the_places_kept_of_a_part_are_the_likeliest() -> None:
    """Whole ones first, then those with the same numbers, with the answer beside them, and the longest."""
    sightings = [
        seen("short", 5), seen("answered", 6, answer=True), seen("long", 20), seen("renumbered", 30, changed=1),
        seen("whole", 10, whole=True), seen("middling", 12),
    ]  # fmt: skip
    ranked = ["whole", "answered", "long", "middling", "short", "renumbered"]
    for kept in range(1, 7):
        assert [s.document for s in likeliest(sightings, Thresholds(evidence_kept=kept))] == ranked[:kept]
