"""The nouns: what identity means."""

import msgspec
import pytest

from rarl_eval.types import Item, Record, Reward, Tokens, Trace, Verdict


def test_key_is_a_fixed_hash_of_the_content() -> None:
    """The key of a known item never changes: runs, scans and boards of all versions join on it."""
    assert Item(id="1", question="2+2?", gold="4").key == "26ff17409f2317e1b93a1b25ca932915"


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"id": "another"}, True),
        ({"question": " What  is\n2+2? "}, True),
        ({"meta": {"unit": "kg"}}, True),
        ({"question": "What is 2+3?"}, False),
        ({"gold": "5"}, False),
        ({"choices": ("4", "5")}, False),
        ({"context": "In base 3:"}, False),
        ({"repeat": 1}, False),
    ],
)
def test_key_follows_what_is_asked_and_what_is_right(change: dict[str, object], same: bool) -> None:
    """White space, ids and meta do not change a key; question, context, choices, gold and repetition do."""
    item = Item(id="1", question="What is 2+2?", gold="4")
    assert (msgspec.structs.replace(item, **change).key == item.key) is same


def test_parts_cannot_run_into_each_other() -> None:
    """Moving text from the question to the context is another item."""
    one = Item(id="1", question="b", context="a", gold="c")
    other = Item(id="1", question="a b", gold="c")
    assert one.key != other.key


def test_lone_surrogates_have_a_key() -> None:
    """Hostile text does not break identity."""
    assert len(Item(id="1", question="\ud800", gold="x").key) == 32


@pytest.mark.parametrize(
    ("status", "correct"),
    [
        ("correct", True),
        ("incorrect", False),
        ("no_answer", False),
        ("ambiguous", False),
        ("timeout", False),
        ("unparsable_gold", None),
    ],
)
def test_a_verdict_is_true_false_or_unknown(status: str, correct: bool | None) -> None:
    """Only a gold that cannot be judged against leaves correctness unknown."""
    assert msgspec.convert({"status": status}, Verdict).correct is correct


def test_a_record_survives_json() -> None:
    """Every field of a record comes back as it was."""
    record = Record(
        trace=Trace(
            key="k", task="t", item_id="1", model="m", tokens=Tokens(completion=3, counted_by="server"), stop="length"
        ),
        verdict=Verdict(status="no_answer", reason="cut off"),
        rewards=(Reward(name="r", judge="self", grain="process", steps=(0.5, 1.0)),),
    )
    assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record
