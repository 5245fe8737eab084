"""Published layouts, damaged: fields missing or of any kind, bytes changed, lines torn. Read, or one sentence."""

import json
from functools import cache
from pathlib import Path

import pytest
from damaged import benchmark, folder, mutated
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from published import MAKERS, Answered

from rarl_eval.errors import BadInput
from rarl_eval.importers import read_log
from rarl_eval.importers.folders import open_logs
from rarl_eval.runs import store
from rarl_eval.score import score

FUZZ = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate]
)


@cache
def answers() -> tuple[Answered, ...]:
    first, second = benchmark().items[:2]
    return (
        Answered("0", first.question, first.gold, f"\\boxed{{{first.gold}}}", True, "Hm."),
        Answered("1", second.question, second.gold, "No idea.", False),
    )


def read_or_refused(path: Path) -> None:
    """The property: outputs whose texts are texts, rows that are named, or one sentence."""
    try:
        log = read_log(path)
        found = list(log.outputs)
    except BadInput as error:
        said = str(error)
        assert said.strip()
        assert "\n" not in said
    else:
        for output in found:
            output.text.encode()
            assert output.where.startswith(str(path))
        assert all("\n" not in one.reason for one in log.unread)


JSON = [form for form in MAKERS if form not in {"matharena-table", "lighteval-old"}]


@pytest.mark.parametrize("form", JSON)
@FUZZ
@given(draw=st.data())
def test_rows_with_anything_anywhere(form: str, draw: st.DataObject) -> None:
    """A field of any row, or of the file beside it, may be missing or hold anything that JSON can spell."""
    with folder() as here:
        made = next(iter(open_logs([MAKERS[form](here, list(answers()))]).logs))
        beside = [file for file in sorted(here.rglob("*.json*")) if file != made]
        for file in (made, *beside):
            text = file.read_text("utf-8")
            if file.suffix == ".jsonl":
                rows = [mutated(draw, json.loads(line)) for line in text.split("\n") if line]
                file.write_text("".join(json.dumps(row) + "\n" for row in rows))
            else:
                file.write_text(json.dumps(mutated(draw, json.loads(text))))
        read_or_refused(made)


@pytest.mark.parametrize("form", MAKERS)
@FUZZ
@given(draw=st.data())
def test_damaged_bytes(form: str, draw: st.DataObject) -> None:
    """Files that are cut off, or in which bytes were changed or put in."""
    with folder() as here:
        made = next(iter(open_logs([MAKERS[form](here, list(answers()))]).logs))
        content = bytearray(made.read_bytes())
        for _ in range(draw.draw(st.integers(1, 4))):
            place = draw.draw(st.integers(0, max(len(content) - 1, 0)))
            kind = draw.draw(st.sampled_from(["flip", "cut", "insert", "zero"]))
            if kind == "cut":
                del content[place:]
            elif kind == "insert":
                content[place:place] = draw.draw(st.binary(max_size=8))
            elif content:
                content[place] = 0 if kind == "zero" else content[place] ^ draw.draw(st.integers(1, 255))
        made.write_bytes(bytes(content))
        read_or_refused(made)


@pytest.mark.parametrize("form", MAKERS)
def test_a_torn_end_a_deep_nest_and_zeros_end_in_a_sentence(form: str, tmp_path: Path) -> None:
    """Scored as a user does: a run of what can be read, or one sentence and no run."""
    made = next(iter(open_logs([MAKERS[form](tmp_path / "log", list(answers()))]).logs))
    whole = made.read_bytes()
    broken = {
        "torn": whole[: -len(whole) // 3],
        "deep": whole + b"[" * 100_000 + b"\n",
        "zeros": whole + b"\x00" * 1000,
        "nothing": b"",
    }
    for name, content in broken.items():
        file = tmp_path / f"{name}{made.suffix}"
        file.write_bytes(content)
        out = tmp_path / f"run-{name}"
        try:
            done = score([file], benchmark(), out)
        except BadInput as error:
            said = str(error)
            assert "\n" not in said
            assert not out.exists()
        else:
            assert len(store.read_run(out).records) == done.matched > 0
