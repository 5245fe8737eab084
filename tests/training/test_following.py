"""Following a training: a look costs what is new, and says what a look from the beginning would say."""

import json
from pathlib import Path

import dumped
import msgspec
import pytest

from rarl_eval.training import judging, taken
from rarl_eval.training.store import Store
from rarl_eval.training.taken import take
from rarl_eval.training.truth import truths
from rarl_eval.training.watch import Watching, WatchSettings, watch

SETTINGS = WatchSettings(truths=truths("number", None), window=4)


def looked(dump: Path, out: Path) -> Watching:
    """Take what is new and watch, as the command does."""
    store = Store(out / "w.sqlite", "x")
    try:
        take([dump], store, SETTINGS, lambda _: None)
        return watch(store, SETTINGS)
    finally:
        store.close()


def test_a_look_reads_the_steps_that_changed_and_the_ones_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing new: no rollout is read; one step more: it and the one before; a step rewritten: it and its neighbours."""
    dump, read = dumped.write_training(tmp_path / "d", 9), list[int | None]()
    looked(dump, tmp_path)
    plain = Store.rollouts
    monkeypatch.setattr(Store, "rollouts", lambda store, step: read.append(step) or plain(store, step))
    looked(dump, tmp_path)
    assert read == []
    dumped.write_training(tmp_path / "more", 10, seed=1)
    (tmp_path / "more" / "10.jsonl").rename(dump / "10.jsonl")
    looked(dump, tmp_path)
    assert set(read) == {9, 10}
    read.clear()
    (tmp_path / "more" / "6.jsonl").rename(dump / "6.jsonl")
    again = looked(dump, tmp_path)
    assert set(read) == {5, 6, 7}
    assert msgspec.json.encode(again) == msgspec.json.encode(looked(dump, tmp_path / "anew"))


def test_steps_in_any_order_say_the_same(tmp_path: Path) -> None:
    """Files that come late, grow, or scale the reward otherwise leave what a look from the beginning leaves."""
    whole = dumped.write_training(tmp_path / "whole", 8, hole_from=5)
    (tmp_path / "d").mkdir()
    for step in (3, 8, 1, 2, 7, 5, 4, 6):
        text = (whole / f"{step}.jsonl").read_text()
        lines = text.splitlines(keepends=True)
        (tmp_path / "d" / f"{step}.jsonl").write_text("".join(lines[:10]) + lines[10][:7])
        looked(tmp_path / "d", tmp_path)
        (tmp_path / "d" / f"{step}.jsonl").write_text(text)
    late = looked(tmp_path / "d", tmp_path)
    assert msgspec.json.encode(late) == msgspec.json.encode(looked(tmp_path / "d", tmp_path / "anew"))
    with (tmp_path / "d" / "2.jsonl").open("a") as file:
        file.write(
            json.dumps({"input": "What is 1 plus 1?", "gts": "2", "step": 2, "output": "2", "score": 4.0}) + "\n"
        )
    late = looked(tmp_path / "d", tmp_path)
    assert (late.scale.high, late.steps[0].reward == late.steps[0].less_truth) == (4.0, False)
    assert msgspec.json.encode(late) == msgspec.json.encode(looked(tmp_path / "d", tmp_path / "anew2"))


def test_a_look_that_is_broken_off_counts_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read of a file that was not done with is read again; files that were done with are not."""
    dump = dumped.write_training(tmp_path / "d", 6)
    plain, asked = taken._add, list[Path]()

    def breaks(event: taken._Read, *rest: object) -> None:
        asked.append(event.path)
        plain(event, *rest)  # type: ignore[arg-type]
        if len(asked) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(taken, "_add", breaks)
    with pytest.raises(KeyboardInterrupt):
        looked(dump, tmp_path)
    found = looked(dump, tmp_path)
    assert [path.stem for path in asked] == ["1", "2", "3", "4", "4", "5", "6"]
    assert msgspec.json.encode(found) == msgspec.json.encode(looked(dump, tmp_path / "anew"))


def test_processes_of_their_own_give_the_same_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file byte for byte, whoever judged."""
    dump = dumped.write_training(tmp_path / "d", 5, hole_from=3)
    here = looked(dump, tmp_path / "here")
    monkeypatch.setattr(judging, "MANY", 0)
    assert msgspec.json.encode(looked(dump, tmp_path / "there")) == msgspec.json.encode(here)


def test_of_a_runaway_answer_the_end_is_read(tmp_path: Path) -> None:
    """Three megabytes of one sentence and an answer: judged by its end."""
    text = "Then I add 12 and 13, which gives 25. " * 80_000 + r"It is \boxed{2}."
    row = {"input": "What is 1 plus 1?", "output": text, "gts": "2", "score": 1.0, "step": 1}
    (tmp_path / "1.jsonl").write_text(json.dumps(row) + "\n")
    (step,) = looked(tmp_path / "1.jsonl", tmp_path).steps
    assert (step.truth.value if step.truth else None, step.loops) == (1.0, 1.0)
