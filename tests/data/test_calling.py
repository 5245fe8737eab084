"""The boundary around a task's own functions: what they raise or return amiss is data, and only of that item."""

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rarl_eval import data, prompts
from rarl_eval.answers import verify_number
from rarl_eval.data.calling import PATIENCE_SECONDS, item_of, prompt_of, scores_of, verdict_of
from rarl_eval.data.check import check
from rarl_eval.errors import BadInput, Fault, NotInstalled
from rarl_eval.judge import judge
from rarl_eval.models.doubles import open_echo
from rarl_eval.run import Finished, Settings, run
from rarl_eval.runs import store
from rarl_eval.types import Item, Message, Source, Task, Trace, Verdict

ITEM = Item(id="1", question="How many legs have two cats?", gold="8")


def task(**changes: Any) -> Task:
    made = Task(
        name="legs",
        domain="general",
        source=Source(path="made:legs", split="all", licence="MIT", released=None),
        item=lambda row: Item(id=row["id"], question=row["q"], gold=row["a"]),
        verify=verify_number,
        prompt=prompts.worked,
        paper="https://example.org",
        generate=lambda: [{"id": "a", "q": "One cat?", "a": "4"}, {"id": "b", "q": "Two cats?", "a": "8"}],
    )
    return replace(made, **changes)


def raises(error: BaseException) -> Any:
    def function(*_: Any) -> Any:
        raise error

    return function


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    ("verify", "reason"),
    [
        (raises(ZeroDivisionError("boom")), "verify raised ZeroDivisionError: boom"),
        (raises(SystemExit(3)), "verify raised SystemExit: 3"),
        (raises(BadInput("not this one")), "verify raised BadInput: not this one"),
        (raises(Unspeakable()), "verify raised Unspeakable"),
        (lambda item, answer: True, "verify returned bool, not a Verdict"),
        (lambda item, answer: None, "verify returned NoneType, not a Verdict"),
        (lambda item, answer: Verdict(status="maybe"), "verify returned a Verdict that cannot be kept"),
        (lambda item, answer: Verdict(status="correct", extracted=8), "verify returned a Verdict that cannot be kept"),
        (lambda item, answer: Verdict(status="correct", reason="\ud800"), "verify returned a Verdict that cannot be"),
        (lambda item: None, "verify raised TypeError"),
    ],
)
def test_a_verifier_that_fails_judges_nothing(verify: Any, reason: str) -> None:
    """Whatever it raises or returns, the verdict is that it cannot judge: neither right nor wrong."""
    verdict = verdict_of(task(verify=verify), ITEM, "8")
    assert (verdict.status, verdict.correct) == ("cannot_judge", None)
    assert verdict.reason.startswith(reason)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), NotInstalled("a judge", "local")])
def test_an_interrupt_and_a_missing_package_end_the_run(error: BaseException) -> None:
    """What would befall every item, and the user's own Ctrl-C, are no verdicts."""
    with pytest.raises(type(error)):
        verdict_of(task(verify=raises(error)), ITEM, "8")


def test_a_verifier_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer whose verifier does not come back cannot be judged; the next one can."""
    monkeypatch.setenv("RARL_EVAL_PATIENCE", "0.2")

    def verify(item: Item, answer: str) -> Verdict:
        while answer == "forever":
            time.sleep(0.01)
        return Verdict(status="correct")

    late = verdict_of(task(verify=verify), ITEM, "forever")
    assert (late.status, late.reason) == ("cannot_judge", "verify returned nothing within 0.2 s")
    assert verdict_of(task(verify=verify), ITEM, "8").status == "correct"
    assert PATIENCE_SECONDS == 60


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (raises(KeyError("q")), "item raised KeyError: 'q'"),
        (dict, "item returned dict, not an Item"),
        (lambda row: Item(id="1", question="?", gold=8), "item returned an Item that cannot be kept"),
    ],
)
def test_a_row_that_an_item_function_fails_on_is_a_fault(item: Any, reason: str) -> None:
    """Errors and results of a wrong type are told in one clause."""
    found = item_of(task(item=item), {"id": "1"})
    assert isinstance(found, Fault)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("prompt", "good"),
    [
        (lambda item: [Message("user", item.question)], True),
        (lambda item: [{"role": "user", "content": item.question}], True),
        (lambda item: item.question, False),
        (lambda item: [], False),
        (raises(IndexError("no")), False),
    ],
)
def test_a_prompt_is_messages_or_a_fault(prompt: Any, good: bool) -> None:
    """Messages may be given as plain objects; anything else asks nothing."""
    found = prompt_of(task(prompt=prompt), ITEM)
    assert found == (Message("user", ITEM.question),) if good else isinstance(found, Fault)


@pytest.mark.parametrize(
    ("score", "found"),
    [
        (lambda item, answer: {"f1": 0.5, "exact": True}, {"f1": 0.5, "exact": 1.0}),
        (lambda item, answer: {"f1": float("nan")}, {"f1": None}),
        (lambda item, answer: [0.5], None),
        (lambda item, answer: {"f1": "high"}, None),
        (raises(RuntimeError("no")), None),
    ],
)
def test_own_scores_are_numbers_or_a_fault(score: Any, found: Any) -> None:
    """Unknown stays unknown, and a wrong type is a fault."""
    told = scores_of(task(score=score), ITEM, "8")
    assert told == found if found is not None else isinstance(told, Fault)


def test_a_failing_score_leaves_the_verdict_as_it_is() -> None:
    """The answer is right whatever the benchmark's own scores do; the reason says that they failed."""
    record = judge(
        task(score=raises(RuntimeError("no"))),
        ITEM,
        Trace(key=ITEM.key, task="legs", item_id="1", model="m", answer="8"),
    )
    assert record.verdict is not None
    assert record.verdict.status == "correct"
    assert "score raised RuntimeError: no" in record.verdict.reason


def asked(made: Task, out: Path, *, resume: bool = False) -> tuple[Finished, dict[str, str]]:
    done = run([data.load(made)], open_echo("8", None), out, Settings(samples=2), resume=resume)  # type: ignore[arg-type]
    return done, {r.trace.item_id: r.verdict.status if r.verdict else "error" for r in store.read_run(out).records}


def test_one_bad_item_ends_no_run_and_no_resumption(tmp_path: Path) -> None:
    """The other items are asked and judged, and a resumed run finds nothing left to do."""

    def verify(item: Item, answer: str) -> Verdict:
        return verify_number(item, answer) if item.id == "b" else 1 / 0  # type: ignore[return-value]

    def prompt(item: Item) -> list[Message]:
        return prompts.worked(item) if item.id == "b" else {}["no"]

    for name, broken in (("verify", task(verify=verify)), ("prompt", task(prompt=prompt))):
        done, statuses = asked(broken, tmp_path / name)
        assert statuses == {"a": "cannot_judge", "b": "correct"}
        assert (done.asked, done.beyond, done.left) == (4, 2, 0)
        assert name in done.why
        again, same = asked(broken, tmp_path / name, resume=True)
        assert (again.asked, again.kept, same) == (0, 4, statuses)
        assert store.read_manifest(tmp_path / name)["finished"]


def test_rows_that_a_users_task_fails_on_are_counted_and_left_out() -> None:
    """The rest is a benchmark; the check calls it unsound; none at all is an error with the reason."""
    rows = [{"id": "a", "q": "One cat?", "a": "4"}, {"id": "b"}]
    found = data.load(task(generate=lambda: rows))
    assert [u.row for u in found.unread] == [2]
    assert re.fullmatch(r"item raised KeyError: 'q' \(test_calling.py line \d+\)", found.unread[0].reason)
    assert [item.id for item in found.items] == ["a"]
    (told,) = check([found])
    assert (told.sound, told.unread) == (False, found.unread)
    with pytest.raises(BadInput, match=r"holds no item of legs: row 1: item raised KeyError: 'q'"):
        data.load(task(generate=lambda: rows[1:]))


def test_a_check_tells_items_that_cannot_be_asked() -> None:
    """A prompt that fails spoils its item."""
    (told,) = check([data.load(task(prompt=raises(ValueError("no"))))])
    assert (len(told.faults), told.sound, told.lengths.longest) == (2, False, 0)
    assert msgspec.json.encode(told)
