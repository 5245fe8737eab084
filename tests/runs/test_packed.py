"""A record lies in its run with its text once, and comes back as it was."""

import msgspec
import pytest

from rarl_eval.runs.packed import packed, unpacked
from rarl_eval.types import Record, Reward, Trace, Verdict


def record(text: str, reasoning: str | None, answer: str) -> Record:
    trace = Trace(
        key="k", task="t", item_id="1", model="m", text=text, reasoning=reasoning, answer=answer, stop="end",
        meta={"original": {"harness": "x"}},
    )  # fmt: skip
    return Record(
        trace=trace,
        verdict=Verdict(status="correct", extracted="4"),
        rewards=(Reward(name="format", judge="rule", score=1.0),),
    )


THOUGHT = "2 and 2.\nThat is 4. "
CASES = [
    ("", None, ""),
    ("4", None, "4"),
    (f"<think>{THOUGHT}</think>\n\n4", THOUGHT.strip(), "4"),
    (f"<think>{THOUGHT}", THOUGHT.strip(), ""),
    (THOUGHT, THOUGHT, ""),
    ("4", "thought apart", "4"),
    ("<think>a<think>b</think>4", "ab", "4"),
    ("return 4", None, "def f():\n    return 4"),
    ("é\n\0\n[0,0,0,0]\n𝔽4", "é", "𝔽4"),
    ("4 4 4", "4", "4"),
]


@pytest.mark.parametrize(("text", "reasoning", "answer"), CASES)
def test_what_is_written_is_read(text: str, reasoning: str | None, answer: str) -> None:
    """Whatever reasoning and answer are of the text, none, a part, all or more, the record is the same."""
    made = record(text, reasoning, answer)
    assert unpacked(packed(made)) == made


def test_a_text_is_written_once() -> None:
    """Reasoning and answer that are parts of the text take no place of their own."""
    thought = "So 13 times 17 is 221. " * 400
    made = record(f"<think>{thought}</think>221", thought.strip(), "221")
    assert packed(made).count(b"So 13 times") == 400
    assert len(packed(made)) < len(made.trace.text) + 700


def test_records_of_older_runs_are_read() -> None:
    """Whole JSON, as it was written before, is the record."""
    made = record(f"<think>{THOUGHT}</think>4", THOUGHT, "4")
    assert unpacked(msgspec.json.encode(made)) == made


@pytest.mark.parametrize("cut", [b"", b"\n[1,2]\ntext", b"\n[0,1,2,3]\n\xff", b"\nno places\ntext"])
def test_what_is_damaged_is_no_record(cut: bytes) -> None:
    """A head without its end, places that are none and a text that is no UTF-8 raise the decoder's error."""
    head = packed(record("4", None, "4")).split(b"\n", 1)[0]
    with pytest.raises(msgspec.MsgspecError):
        unpacked(head[:-1] if not cut else head + cut)


def test_an_older_version_refuses() -> None:
    """A decoder of whole records does not misread what is packed."""
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(packed(record("4", None, "4")), type=Record)
