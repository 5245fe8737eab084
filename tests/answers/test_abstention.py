"""Declining to answer is neither right nor a wrong answer, and hedging is no declining."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from rarl_eval.answers import abstention, declared, verify_choice, verify_number, verify_unanswerable
from rarl_eval.types import UNANSWERABLE, Item, Verdict

DECLINES = [
    "It cannot be determined from the given information.",
    "We can't calculate the total without knowing the price of a ticket.",
    "There is not enough information to answer.",
    "There isn't enough data in the table.",
    "The problem doesn't tell us how many boxes were sold. Let me know how many, and I can work it out!",
    "To find her age we need to know when she was born.",
    "**We need more information!**\n\nFor example:\n\n* **If he works 8 hours:** 8 * 4 = 32 calls\n* If 9: 36",
    "The length is 12 m. However, the width is not given, so the area cannot be calculated.",
    "Please provide the original price so that I can calculate the discount.",
    "Answer: insufficient information",
    "The answer is: cannot be determined",
    r"Therefore, the answer is \boxed{\text{cannot be determined}}.",
    '{"reasoning": "The speed is missing.", "answer": "Unknown"}',
    '{"answer": "N/A"}',
    "<answer>not specified</answer>",
    "I don't know.",
    "I'm sorry, but I can't help with that.",
    "As stated, the question is underspecified.",
    "根据题目条件无法确定答案。",
]
ANSWERS = [
    "The price cannot be determined directly, so we compute it from the total: 12 / 3 = 4. The answer is 4.",
    r"It is not stated, but assuming 5 days a week he earns \boxed{400}.",
    "The problem does not specify the currency. Therefore, the total is 40.",
    "Cannot be determined exactly, but assuming a rate of 3, the answer is 12",
    "I don't know if you want it rounded; the answer is 5.33.",
    "The unknown is x. Solving, x = 5.",
    "The insufficient funds fee is $35, so she owes $135.",
    "It is impossible to choose 4 of 3, so the number of ways is 0.",
    "There are not enough chairs for 3 guests, so 3 stand.",
    "She needs to know 40 words; she knows 25, so 15 are left.",
    "Mark left 105 questions incomplete in total.",
    "The answer is 24. Let me know if you'd like a diagram!",
    "The answer is 24. Let me know if you have any other questions.",
    r"The answer is \boxed{30}. Note: the problem does not give the height; 3 was assumed.",
    "No solution exists.",
    "The value is undefined at x = 0.",
    "Answer: none",
    "42",
    "",
]


@pytest.mark.parametrize("text", DECLINES)
def test_a_decline_is_recognised(text: str) -> None:
    """What openly says that it cannot or will not answer declines, in a box, a field, a phrase or the last words."""
    assert abstention(text) is not None


@pytest.mark.parametrize("text", ANSWERS)
def test_a_hedged_answer_is_an_answer(text: str) -> None:
    """A reply that commits itself, whatever it doubts before or after, declines nothing."""
    assert abstention(text) is None


def test_the_end_decides() -> None:
    """Of two opposite sentences the later one counts, and what lies far before the end is not read."""
    doubt, answer = "We cannot determine the price.", "Therefore, the price is 12."
    assert abstention(f"{doubt}\n{answer}") is None
    assert abstention(f"{answer}\n{doubt}") is not None
    assert abstention(doubt + "\nShe walks on." * 20) is None


def test_a_decline_is_kept_apart_from_a_wrong_answer() -> None:
    """A number in a decline is no answer, not even where it happens to be the gold."""
    item = Item(id="1", question="Ann has 18 eggs and eats some. How many are left?", gold="18")
    for text in ("It is impossible to determine how many are left of the 18", "Answer: cannot be determined"):
        verdict = declared(item, text, verify_number(item, text))
        assert (verdict.status, verdict.correct, verdict.extracted) == ("abstained", False, None)


def test_an_option_that_says_so_is_an_answer() -> None:
    """To choose "cannot be determined" among options is to answer, rightly or wrongly."""
    item = Item(id="1", question="Which is larger?", gold="A", choices=("x", "y", "cannot be determined"))
    for text, status in (("C. cannot be determined", "incorrect"), ("A", "correct")):
        assert declared(item, text, verify_choice(item, text)).status == status
    two = Item(id="1", question="Which is larger?", gold="A", choices=("x", "y"))
    told = "It cannot be determined from what is given."
    assert declared(two, told, verify_choice(two, told)).status == "abstained"


@pytest.mark.parametrize("status", ["correct", "timeout", "unparsable_gold", "crash"])
def test_other_verdicts_stay(status: str) -> None:
    """What is right is right, and what could not be judged stays so, however the reply reads."""
    item, verdict = Item(id="1", question="q", gold="1"), Verdict(status=status)
    assert declared(item, "It cannot be determined.", verdict) is verdict


UNANSWERABLES = [
    ("It cannot be determined.", "correct"),
    ("The total is 40.", "incorrect"),
    (r"\boxed{40}", "incorrect"),
    (r"\boxed{40", "no_answer"),
    ("", "no_answer"),
    ("The answer is either 7 or it cannot be determined.", "incorrect"),
    (r"\boxed{\text{cannot be determined}, 12}", "incorrect"),
    ("It cannot be determined from what is given, or it is 12 marbles.", "incorrect"),
    ("So it cannot be determined, perhaps 12.", "incorrect"),
    ("The answer is: cannot be determined or anything.", "incorrect"),
    ("It cannot be determined whether she has 9 or 12 marbles.", "correct"),
    ("She finds 9 more, but how many she has cannot be determined.", "correct"),
    ("It cannot be determined: with 3 at first she has 12, with 4 she has 13, and so on.", "correct"),
    ("With 2 or more unknowns the total cannot be determined.", "correct"),
]


@pytest.mark.parametrize(("text", "status"), UNANSWERABLES)
def test_where_nothing_can_be_known_declining_is_right(text: str, status: str) -> None:
    """A question whose gold says so is answered rightly by declining, wrongly by answering, not at all by a cut."""
    item = Item(id="1", question="How many are left?", gold=UNANSWERABLE)
    assert declared(item, text, verify_number(item, text)).status == status
    assert verify_unanswerable(item, text).status == status


def _loaded() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks/missing_premise.py"
    spec = importlib.util.spec_from_file_location("missing_premise", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["missing_premise"] = module
    spec.loader.exec_module(module)
    return module


def test_against_labels_of_real_replies(shared: Path) -> None:
    """On 1,258 labelled replies the rule and the authors' judge agree on 87.7 %; on 7,764 whole questions 7 are marked."""
    measured = _loaded()
    told = list(measured.labelled(shared / measured.FOLDER))
    both = sum(judge and rule for _, _, judge, rule in told)
    marked, labelled = sum(rule for *_, rule in told), sum(judge for _, _, judge, _ in told)
    assert (len(told), both, marked, labelled) == (1258, 332, 403, 416)
    assert measured.false_alarms(shared / measured.FOLDER) == (7764, 7)


def test_missing_premises_cost_reasoning_models_more(shared: Path, tmp_path: Path) -> None:
    """On MATH without a premise R1 answers 51 of 52 all the same at 2.8 times the length; Gemma answers 29."""
    measured = _loaded()
    rows = {row["model"]: row for row in measured.report(shared / measured.FOLDER, "math", tmp_path, 100)["rows"]}
    assert len(rows) == 13
    told = {name: row["abstention"]["missing_premise"] for name, row in rows.items()}
    assert round(52 * told["deepseekR1"]["answered"]["value"]) == 51
    assert round(told["deepseekR1"]["twins"]["ratio"]["value"], 2) == 2.79
    assert round(52 * told["Gemma227"]["answered"]["value"]) == 29
    assert {name: found["twins"]["pairs"] for name, found in told.items()} == dict.fromkeys(rows, 52)
