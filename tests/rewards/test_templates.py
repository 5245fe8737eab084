"""Judges with a prompt and a verdict of their own: what each form asks, and what it reads in replies of its kind."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reward_runs import make_run
from server import Reply, serving

from rarl_eval.errors import BadInput
from rarl_eval.models import Options
from rarl_eval.rewards import Reach
from rarl_eval.rewards.add import add_rewards
from rarl_eval.rewards.open import open_source
from rarl_eval.rewards.templates import read_form, read_reply, shipped, step_scores
from rarl_eval.runs import store

REPLIES = [
    ("xverify", "Correct", "correct"),
    ("xverify", "Incorrect.", "incorrect"),
    ("xverify", "I think it is correct", None),
    ("compassverifier", "A", "correct"),
    ("compassverifier", "Analysis: both are 4.\nFinal judgment: \\boxed{B}", "incorrect"),
    ("compassverifier", "C", None),
    ("general-verifier", "They agree.\nFinal Decision: Yes", "correct"),
    ("general-verifier", "**Final Decision: No**", "incorrect"),
    ("general-verifier", "Yes", None),
    ("genrm", "Step 1 is fine.\nVerification: Is the answer correct (Yes/No)? No", "incorrect"),
    ("genrm", "Yes", "correct"),
    ("genrm", "No doubt the sum is right, but I cannot say", None),
    ("rm-r1", "<type>Reasoning</type> ... <answer>[[B]]</answer>", "B"),
    ("rm-r1", "[[A]]", None),
    ("skywork-critic", "[[A]]", "A"),
    ("letters", "First I saw [[A]], yet they are alike: [[C]]", "TIE"),
    ("nemotron-genrm", "[The Begin of Ranking Score]\n\\boxed{2}\n[The End of Ranking Score]", "A"),
    ("nemotron-genrm", "[The Begin of Ranking Score]\n\\boxed{ 5 }\n[The End of Ranking Score]", "B"),
    ("nemotron-genrm", "\\boxed{7}", None),
    ("prometheus", "Feedback: nearly. [RESULT] 4", "4"),
    ("prometheus", "Feedback: odd. [RESULT] (6)", None),
    ("thinkprm", "Step 1: The step is \\boxed{correct}\nStep 2: The step is \\boxed{incorrect}", "correct incorrect"),
    ("thinkprm", "All good.", None),
]


@pytest.mark.parametrize(("form", "reply", "verdict"), REPLIES)
def test_each_form_reads_its_own_verdict_and_no_other(form: str, reply: str, verdict: str | None) -> None:
    """What stands in the published place is read; what a judge says on the way is not."""
    assert read_reply(read_form(form)[1], reply) == verdict


def test_every_shipped_form_is_whole_and_names_its_source() -> None:
    """All of them are tried above, and each says where its form was published."""
    assert set(shipped()) == {form for form, _, _ in REPLIES}
    for name in shipped():
        assert re.search(r"arXiv \d{4}\.\d{5}|https://", read_form(name)[1].source), name


def test_steps_after_the_first_fault_are_not_judged() -> None:
    """Where judging stopped at a fault the rest fails; another number of verdicts than steps is none."""
    assert step_scores("correct incorrect", 3) == [1.0, 0.0, 0.0]
    assert step_scores("correct correct", 2) == [1.0, 1.0]
    assert step_scores("correct correct", 3) is None
    assert step_scores("correct correct incorrect", 2) is None
    assert step_scores(None, 2) is None


def said(judge: Callable[[str], str]) -> Callable[[dict[str, Any]], Reply]:
    def reply(body: dict[str, Any]) -> Reply:
        text = judge(body["messages"][-1]["content"])
        return 200, {}, json.dumps({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}).encode()

    return reply


JUDGES = {
    "xverify": lambda prompt: "Incorrect" if "-7" in prompt.split("Response:")[1] else "Correct",
    "letters": lambda prompt: "[[B]]" if "-7" in prompt.split("Answer A:")[1].split("Answer B:")[0] else "[[A]]",
    "thinkprm": lambda prompt: "The step is \\boxed{correct}\nThe step is \\boxed{incorrect}",
}
EXPECTED = {"xverify": {(0, 1.0), (1, 0.0)}, "letters": {(0, 1.0), (1, 0.0)}, "thinkprm": {(0, 0.0), (1, 0.0)}}


@pytest.mark.parametrize("form", JUDGES)
def test_a_form_scores_a_run_through_a_server(tmp_path: Path, form: str) -> None:
    """A verifier, a pair and steps: even samples are right, and the scores say so (or that the second step is wrong)."""
    run = make_run(tmp_path / "run", items=2, samples=2)
    with serving(said(JUDGES[form])) as server:
        reach = Reach(options=Options(base_url=server.url), cached=False, aggregate="min")
        add_rewards(run, [open_source(f"j=template:{form}:openai:m", reach)])
    found = [e for e in store.read_entries(run, traps=False) if e.reward.name == "j"]
    assert {(e.slot[2], e.reward.score) for e in found} == EXPECTED[form]
    if form == "thinkprm":
        assert {e.reward.steps for e in found} == {(1.0, 0.0, 0.0, 0.0, 0.0)}


FORM = 'kind = "pointwise"\nsource = "mine"\nprompt = "{question} {response}"\nverdict = "(yes|no)"\n'
BAD = {
    "no file": (None, "does not exist"),
    "no TOML": ("kind = ", "cannot be read"),
    "unknown field": (FORM + 'pass = ["yes"]\nfail = ["no"]\ncolour = 1', "unknown field"),
    "no response": (FORM.replace("{response}", "") + 'pass = ["yes"]\nfail = ["no"]', "shows no {response}"),
    "no meaning": (FORM, "which words of its verdict's group mean what"),
    "no group": (FORM.replace("(yes|no)", "yes") + 'pass = ["yes"]\nfail = ["no"]', "which words"),
    "no expression": (FORM.replace("(yes|no)", "(yes") + 'pass = ["yes"]\nfail = ["no"]', "no regular expression"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_a_bad_form_is_one_sentence(tmp_path: Path, text: str | None, said: str) -> None:
    """File, and what is wrong with it."""
    path = tmp_path / "mine.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadInput, match=re.escape(said)):
        read_form(str(path))


def test_a_form_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    """A scale of 0 to 10, and a name that no shipped form has is told with those that ship."""
    path = tmp_path / "mine.toml"
    path.write_text(FORM.replace("(yes|no)", r"mark: (\\d+)") + "scale = [0, 10]")
    form = read_form(str(path))[1]
    assert [read_reply(form, f"Mark: {mark}") for mark in ("7", "11")] == ["7", None]
    with pytest.raises(BadInput, match="there are compassverifier"):
        read_form("xverifier")
