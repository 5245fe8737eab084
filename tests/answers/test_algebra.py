r"""Algebra on forms of one answer: ``pairs_same.txt`` and ``pairs_different.txt`` hold a gold and an answer a line.

The pairs are our own; the kinds are those of the public suites: intervals and conditions, sets, equations, matrices,
bases, complex numbers, decimals, units, words.
"""

import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from rarl_eval.answers import pool, verify_math, worker
from rarl_eval.answers.notation import spelled, typed
from rarl_eval.types import Item

HERE = Path(__file__).parent


def pairs(name: str) -> list[list[str]]:
    return [line.split("  ≟  ") for line in (HERE / name).read_text("utf-8").splitlines()]


def judge(gold: str, answer: str, question: str = "") -> str:
    return verify_math(Item(id="1", question=question, gold=gold), answer).status


@pytest.mark.parametrize(("gold", "answer"), pairs("pairs_same.txt"))
def test_one_answer_in_two_forms(gold: str, answer: str) -> None:
    """Bare or in a box, another form of the gold is right."""
    assert [judge(gold, answer), judge(gold, f"Thus \\boxed{{{answer}}}.")] == ["correct", "correct"]


@pytest.mark.parametrize(("gold", "answer"), pairs("pairs_different.txt"))
def test_two_answers_that_look_alike(gold: str, answer: str) -> None:
    """Bare or in a box, what is near the gold and is not it does not pass."""
    assert "correct" not in {judge(gold, answer), judge(gold, f"Thus \\boxed{{{answer}}}.")}


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("5", "10^{9}!"), ("10^{9}!", "10^{8}!"), ("7", "2^{10^{9}}"), ("7", "\\binom{10^9}{10^8}")],
)
def test_huge_numbers_are_not_worked_out(gold: str, answer: str) -> None:
    """Sizes are compared without writing the number down; the limit of time is not reached."""
    assert judge(gold, f"\\boxed{{{answer}}}") == "incorrect"


def test_a_crash_of_the_worker_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a library raises, or a process that dies, leaves the answer unjudged, with the reason."""
    monkeypatch.setattr(pool, "_asked", lambda request: "crash: OverflowError: too large")
    verdict = verify_math(Item(id="1", question="", gold="x^2"), "\\boxed{x+1}")
    assert (verdict.status, verdict.correct) == ("unjudged", None)
    assert "OverflowError: too large" in verdict.reason


def test_what_a_library_raises_is_a_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker answers with the error and lives on."""

    def fails(*_: object) -> str:
        raise OverflowError("too large")

    monkeypatch.setattr(worker, "compare", fails)
    assert worker._reply(("equal", "1", "2", None)) == "crash: OverflowError: too large"


@pytest.mark.parametrize(
    ("code", "status"),
    [(-signal.SIGPROF, "timeout"), (-signal.SIGALRM, "waited"), (-signal.SIGSEGV, "crash"), (3, "crash")],
)
def test_a_worker_says_what_it_died_of(code: int, status: str) -> None:
    """Its processor's limit is a timeout; the wall's limit is the machine's fault; anything else is a crash."""
    dead = SimpleNamespace(process=SimpleNamespace(wait=lambda: code))
    assert pool._Worker._end(dead).split(":")[0] == status  # type: ignore[arg-type]  # only its process is asked


def test_a_pair_over_the_limit_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time a pair that took too long is asked, no worker is."""
    pool.close()
    monkeypatch.setattr(pool, "LIMIT_SECONDS", 0.2)
    monkeypatch.setattr(pool, "_ends", {})
    assert judge("x^{3}", "\\boxed{(2+x)^{100000} + 1}") == "timeout"
    monkeypatch.setattr(pool, "_take", lambda: pytest.fail("a worker was asked"))
    assert judge("x^{3}", "\\boxed{(2+x)^{100000} + 1}") == "timeout"
    monkeypatch.undo()
    pool.close()


def test_bases_are_judged_by_the_question() -> None:
    """A base that the question names may be left out, and no other may stand there."""
    asked = "Write 11 in base 2."
    assert [judge("1011", answer, asked) for answer in ("1011_2", "1011", "1011_3")] == [
        "correct", "correct", "incorrect",
    ]  # fmt: skip


def test_typed_mathematics_is_written_as_latex() -> None:
    """Powers, roots, repeating decimals and combinations come out one way; words stay."""
    texts = ["x^10", "2**n", "sqrt(x+(1/2))", "0.(6)", "0.1666...", "C_6^2", "Roy has **$42"]
    assert [" ".join(typed(text).split()) for text in texts] == [
        "x^{10}", "2^n", "\\sqrt{x+(1/2)}", "\\frac{6}{9}", "\\frac{15}{90}", "\\binom{6}{2}", "Roy has **$42",
    ]  # fmt: skip
    assert [spelled(text) for text in ("seven", "twenty-one", "forty two", "one of", "twenty ten")] == [
        7, 21, 42, None, None,
    ]  # fmt: skip
