"""Answers in free text as models write it: what is announced, stressed, noted after it, or cut off."""

import json
from pathlib import Path

import pytest

from rarl_eval import answers
from rarl_eval.answers import final_answer, verify_choice, verify_literal, verify_math, verify_number, verify_within
from rarl_eval.types import Item

NUMBERS = [
    ("**42**", True),
    ("**42 apples**", True),
    ("## Solution\n6*7\n\n### Final Answer\n\n**42**", True),
    ("### Final Answer: 42", True),
    ("### Answer\n42 apples", True),
    ("**Final answer: 42**\n\n*Note: this assumes 30 days in a month.*", True),
    ("The answer is **42**. Let me know if you need 3 more!", True),
    ("| Item | Count |\n|---|---|\n| a | 7 |\n| **Total** | **42** |", True),
    ("✅ **Answer:** 42", True),
    ("\\[ \\boxed{42} \\]", True),
    ("\\[\n\\boxed{42}\n\\]\n\nThis answer is correct.", True),
    ("\\boxed{42}\n\nEach correct answer is worth 5 points.", True),
    ("Die Antwort ist 42.", True),
    ("Die richtige Antwort lautet: **42**", True),
    ("Antwort: 42 Äpfel", True),
    ("La réponse est 42.", True),
    ("Réponse : 42", True),
    ("La respuesta es 42", True),
    ("Respuesta: **42**", True),
    ("答案是 42", True),
    ("答案:42", True),
    ("**答案:42**", True),
    ("所以答案为42个", True),
    ("答え:42", True),
    ("정답: 42", True),
    ("Ответ: 42", True),
    ("The final answer is $42$.", True),
    ("The final answer is \\(42\\).", True),
    ("$$\n42\n$$", True),
    ("Total:\n\n$$\\text{Total} = 6 \\times 7 = 42$$", True),
    ("So there are 42 apples.\n\nConfidence: 95%", True),
    ("So there are 42 apples.\n\n(Note: 3 of them are bad.)", True),
    ("So there are 42 apples.\n\nI hope this helps!", True),
    ("**Answer:** There are **42** apples for the 6 people.", True),
    ("Answer: 6 people buy 42 apples in total.", True),
    ("#### 42", True),
    ("####42", True),
    ("#### $42", True),
    ("#### 42 apples", True),
    ("#### **42**", True),
    ("Step 1: 6\n#### Step 2: 7\nSo 42.", True),
    ("#### 1. Count\n6*7=42\n#### 2. Result\nThe result is 42.", True),
    ("<b>Answer:</b> 42", True),
    ("<p>The answer is <strong>42</strong></p>", True),
    ("Answer: \\text{42}", True),
    ("Answer - 42", True),
    ("Answer – 42", True),
    ("Answer is: 42", True),
    ("FINAL ANSWER: 42", True),
    ("**FINAL ANSWER**\n42", True),
    ("Final Answer: The final answer is $42$. I hope it is correct.", True),
    ("> **Answer:** 42", True),
    ("- **Answer**: 42", True),
    ("1. **Answer**: 42", True),
    ("**Answer:**\n\n```\n42\n```", True),
    ("The answer is `42`.", True),
    ("Therefore, the total is 42 apples ✅", True),
    ("*42*", True),
    ("__42__", True),
    ("# Answer: 42", True),
    ("Answer: 42.", True),
    ("The answer is: \n\n42", True),
    ("So the answer is 42 (6 people times 7).", True),
    ("42 is the answer.", True),
    ("Thus, 42 is the final answer to the problem.", True),
    ("**Answer**\n\nThere are 42 apples in total for the 6 people.", True),
    ("The correct answer is therefore 42.", True),
    ("Answer:42", True),
    ("Final answer → 42", True),
    ("The answer would be 42 apples.", True),
    ("x = 42", True),
    ("Result: **42**", True),
    ("= 42", True),
    ("So, 6 × 7 = **42**", True),
    ("**Total = 42**", True),
    ("The answer is $42.", True),
    ("**So the answer is 42!**", True),
    ("**The total number of apples is 42.** 🎉", True),
    ("Hence, the answer is 42.\n\n---\n\n**Explanation:** 6 people buy 7 apples each.", True),
    ("\\boxed{42}\n\n**Verification:** 42 / 7 = 6 ✓.", True),
    ("Answer: 42\n\nExplanation: 6 people each buy 7.", True),
    ("The answer is 42.<|im_end|>", True),
    ("The answer is 42</s>", True),
    ("Let the answer be x. Then x = 6*7 = 42.", True),
    ("If the answer is 40, then 40/6 is no whole number. So it is 42.", True),
    ("Is the answer 41? No. The total is 42.", True),
    ("**Conclusion:** With 7 apples for each of the 6 people, they have **42 apples**.", True),
    ("The answer is forty-two, i.e. 42.", True),
    ("There are **42** apples (**6** people × **7** apples).", True),
    ("Final answer: **6 × 7 = 42**", True),
    ("The student's answer is 40. The total is 42.", True),
    ("Ans: 42", True),
    ("Ans. 42", True),
    ("**Ans:** 42", True),
    ("Final Result: 42", True),
    ("The final result is 42.", True),
    ("Total apples: **42**\n\nLet me know if you'd like me to explain!", True),
    ("The final answer is:\n$$\n\\boxed{42}\n$$", True),
    ("Therefore, the answer is\n\n42", True),
    ("\\boxed{42}\\text{ apples}", True),
    ("$\\boxed{42}$ apples", True),
    ("The answer is approximately 42.", True),
    ("**A: 42**", True),
    ("A: 42", True),
    ("So we get 42.\n\n**Answer:** $\\mathbf{42}$", True),
    ("\\boxed{\\mathbf{42}}", True),
    ("\\(\\boxed{42}\\)", True),
    ("\\boxed{$42$}", True),
    ("\\boxed{x=42}", True),
    ("The answer is \\textbf{42}.", True),
    ("The answer is 42 or 43.", False),
    ("So the total is 6 * 7 =", False),
    ("\\[ x = 42", False),
    ("The total is \\(42", False),
    ("**Answer:** 40\n\nWait, that was 42 before.", False),
    ("#### Step 42", False),
    ("", False),
    ("**", False),
    ("The answer is **42** or **43**.", False),
    ("\\boxed{42} or \\boxed{43}", False),
    ("Maybe **42**, perhaps **43**.", False),
    ("$42$ or $43$", False),
    ("-\\boxed{42}", False),
    ("The answer is 42. No, the answer is 43.", False),
    ("\\boxed{42}\n\nActually the answer is 41.", False),
    ("Answer: 42 and 43", False),
    ("The answer cannot be determined from the 42 apples.", False),
    ("It is not 42.\n\nThe answer is 43.", False),
]


@pytest.mark.parametrize(("answer", "right"), NUMBERS)
def test_a_number_in_free_text(answer: str, right: bool) -> None:
    """42 is read wherever it is the answer, and only there."""
    item = Item(id="", question="How many apples are there if 6 people buy 7 each?", gold="42")
    assert verify_number(item, answer).correct is right


LETTERS = [
    ("C", True),
    ("**C**", True),
    ("**C) Warfarin**", True),
    ("Answer: (C) because A and B are wrong", True),
    ("**Answer: C**", True),
    ("The correct answer is **C. Warfarin**.", True),
    ("### Answer: C", True),
    ("\\boxed{C}", True),
    ("\\boxed{\\text{C}}", True),
    ("$\\boxed{\\text{(C) Warfarin}}$", True),
    ("Antwort: C", True),
    ("Die richtige Antwort ist C.", True),
    ("La bonne réponse est C", True),
    ("La respuesta correcta es C", True),
    ("正确答案是C", True),
    ("故选C", True),
    ("答案:C", True),
    ("答案选C。", True),
    ("选C", True),
    ("Option C is the correct answer.", True),
    ("(C) Warfarin is the best choice.", True),
    ("A is wrong since X. B too.\n\n**Correct Option:** C", True),
    ("The answer is Warfarin.", True),
    ("**Warfarin**", True),
    ("Final Answer: C) Warfarin", True),
    ("So the best answer is option **C**.", True),
    ("Answer:\nC", True),
    ("**Final Answer**\n\n**C. Warfarin**", True),
    ("A. Aspirin: no\nB. Heparin: no\nC. Warfarin: yes\nD. Clopidogrel: no\n\nAnswer: C", True),
    ("The answer is C\n\nExplanation: A inhibits COX. B is given by injection.", True),
    ("✅ **C. Warfarin**", True),
    ("I would choose C.", True),
    ("Therefore, the correct choice is (C).", True),
    ("C is correct.", True),
    ("The correct answer is:\n\n**C) Warfarin**", True),
    ("Let's see. (A) no. (B) no. (D) no. So it must be (C).", True),
    ("Ответ: C", True),
    ("**Answer: C** – Warfarin", True),
    ("Answer: [C]", True),
    ("Answer: C/", True),
    ("The answer is **C**, not **B**.", True),
    ("<answer>C</answer>", True),
    ('{"answer": "C"}', True),
    ("Respuesta: C)", True),
    ("Based on the above, **C** is right and A is wrong.", True),
    ("**Correct answer: C**\n\nWhy not A: it is \\boxed{weak}?", True),
    ("C or D", False),
    ("A, B, C, D", False),
    ("The answer is either A) Aspirin or C) Warfarin.", False),
    ("Not C", False),
    ("The answer is B. C is wrong.", False),
    ("", False),
    ("**B** and **C**", False),
]


@pytest.mark.parametrize(("answer", "right"), LETTERS)
def test_a_letter_in_free_text(answer: str, right: bool) -> None:
    """C is read wherever it is the choice, in several languages; two letters are none."""
    item = Item(id="", question="q?", gold="C", choices=("Aspirin", "Heparin", "Warfarin", "Clopidogrel"))
    assert verify_choice(item, answer).correct is right


MATHEMATICS = [
    ("$$x = 42$$", True),
    ("**42**", True),
    ("\\[ x = 42 \\]", True),
    ("The answer is $42$", True),
    ("**Answer:** $x = 42$", True),
    ("## Answer\n\n$$\\boxed{42}$$", True),
    ("Thus\n\\begin{align*}\nx &= 6 \\cdot 7 \\\\\n&= 42\n\\end{align*}", True),
    ("So $x=\\boxed{42}$.\n\nThis answer is consistent with 6 times 7.", True),
    ("Antwort: $42$", True),
    ("Die Lösung ist $x = 42$", True),
    ("Hence x equals **42**.", True),
    ("Therefore, the value of $x$ is $42$.", True),
    ("\\begin{align*}\n&= 42 \\tan^", False),
    ("$x = 42 +", False),
    ("\\[ x = 42", False),
    ("x = \\frac{42}{", False),
]


@pytest.mark.parametrize(("answer", "right"), MATHEMATICS)
def test_mathematics_in_free_text(answer: str, right: bool) -> None:
    """Display and stressed mathematics is read; a formula that breaks off is no answer."""
    assert verify_math(Item(id="", question="Find x.", gold="42"), answer).correct is right


LITERALS = [
    "So f returns **[1, 2]**.",
    "f returns [1, 2]",
    "The output is `[1, 2]`.",
    "~~~python\n[1, 2]\n~~~",
    "```python\r\n[1, 2]\r\n```",
    "**Answer:** `[1, 2]`",
    "assert f(1) == [1, 2]",
    "````\n[1, 2]\n````",
    "Therefore, the function returns `[1, 2]`.",
    "The final answer is [1, 2].",
    "1. do\n\n   ```python\n   [1, 2]\n   ```",
    "> [1, 2]",
    "So the result is **`[1, 2]`**",
    "Output: [1, 2]",
    "\\boxed{[1, 2]}",
    "<answer>[1, 2]</answer>",
]


@pytest.mark.parametrize("answer", LITERALS)
def test_a_literal_in_free_text(answer: str) -> None:
    """A literal is read from a sentence, a quotation, and fences of any kind and line end."""
    assert verify_literal(Item(id="", question="f(1)", gold="[1, 2]"), answer).correct


# Answer, text of the final answer.
LAST = [
    ("\\boxed{1}\n\nOn reflection, the answer is 2.", "2"),
    ("The answer is 1.\n\n#### 2", "2"),
    ("#### 1\n\n**Answer:** 2", "2"),
    ('{"answer": "1"}\n\nI made a mistake. The final answer is 2.', "2"),
    ('{"answer": "1", "reasoning": "not that the answer is 2"}', "1"),
    ("<answer>1</answer>\n\nFinal answer: 2", "2"),
    ("**Answer: 1**\n\nSo \\boxed{2}", "2"),
    ("### Final Answer: 1\n\nThe answer is **2**", "2"),
    ("\\boxed{1}\n\nThe answer is consistent with 2 and 3.", "1"),
    ("\\boxed{1}\n\nThis answer is correct.", "1"),
    ("\\boxed{1}\n\nNote: if we assume 3 more, the answer would be 4.", "1"),
    ("If it falls, the answer would be 1. So the answer is either 1 or 2.", "either 1 or 2"),
    ("The answer is 1.\n\nIf there were more of them, the answer would be 2.", "1"),
    ("The answer is 1.\n\nIf the answer is 2, nothing fits.", "1"),
    ("The answer is 1.\n\nA wrong answer is 2 points off.", "1"),
    ("The answer is 1.\n\nCorrect answer = 5 points, wrong answer = -1 point.", "1"),
    ("The answer is 1.\n\n```python\nanswer = 2\n```", "1"),
    ("The answer is 1.\n\nA convenient choice is t = 2.", "1"),
    ("#### Step 1: add\n\nThe answer is 2.\n\n#### Step 3: done", "2"),
    ("The answer is the sum of 3 and 4, that is 7.", "the sum of 3 and 4, that is 7"),
    ("-\\boxed{5}", "-5"),
    ("a rise of $\\boxed{12.5}\\%$", "12.5 %"),
    ("\\boxed{3}$ million", "3 million"),
    ("x - \\boxed{5}", "5"),
    ("**Answer:** Dr. Lee paid $5 to Acme Inc. in all.", "Dr. Lee paid $5 to Acme Inc. in all"),
]


@pytest.mark.parametrize(("answer", "text"), LAST)
def test_the_last_announcement_that_commits_itself_counts(answer: str, text: str) -> None:
    """Whatever marks it; a remark on answers, a condition, a note and a program announce nothing."""
    final = final_answer(answer)
    assert final is not None
    assert final.text == text


# Question, closing words, gold, right.
SENTENCES = [
    ("How many miles does Ann run in 7 weeks of 3 runs?", "Therefore, Ann runs 84 miles in 7 weeks.", "84", True),
    ("How many miles does Ann run in 7 weeks of 3 runs?", "Therefore, in 7 weeks Ann runs 84 miles.", "84", True),
    (
        "How many miles does Ann run in 7 weeks of 3 runs?",
        "Answer: In 7 weeks of 3 runs Ann runs 84 miles.",
        "84",
        True,
    ),
    ("How many miles does Ann run in 7 weeks?", "She runs 84 miles in 7 weeks, which is 12 miles a week.", "84", False),
    ("He has 9 eggs and eats 4. How many are left?", "After eating 4 of his 9 eggs, 5 are left.", "5", True),
    ("He buys 6 and gets half as many free. How many?", "He buys 6 for a total of 9.", "9", True),
    (
        "A child of 40 inches grows. In how many years is it tall enough?",
        "After **4 years** it is 48 inches tall.",
        "4",
        True,
    ),
    ("How many hours?", "Half of 10 is 5, so it takes 5 hours.", "5", True),
    ("How many balls are red?", "12 or 13 of the balls in the bag are red.", "12", False),
    ("How many fish have stripes?", "So 30 fish have either red stripes or blue ones.", "30", True),
    ("How old is Ann?", "Ann is 30 years old.", "30", True),
    ("How long does it take?", "\\boxed{\\frac{1}{3} \\approx 0.333}", "1/3", True),
    ("How long does it take?", "\\boxed{\\frac{1}{3} \\approx 0.334}", "1/3", False),
]


@pytest.mark.parametrize(("question", "answer", "gold", "right"), SENTENCES)
def test_the_number_of_a_sentence_is_not_one_of_the_question(
    question: str,
    answer: str,
    gold: str,
    right: bool,
) -> None:
    """Of a closing sentence the stressed number counts, else the one that the question does not hold."""
    assert verify_number(Item(id="", question=question, gold=gold), answer).correct is right


def test_approximately_is_no_alternative() -> None:
    """A number of the sentence beside an approximate one does not make two answers of it."""
    item = Item(id="", question="Price it.", gold="50.5", meta={"low": "50", "high": "51"})
    assert verify_within(item, "So the option on 3 shares costs approximately 50.5.").correct
    assert verify_within(item, "So the option costs 50.5 or 60.5.").status == "ambiguous"


KINDS = {
    "bold_last", "bold_sentence", "display_last", "h4_heading", "inline_hashes", "box_in_step_then_letter",
    "sentence_bold", "mr", "worth_points", "approx_restated", "approximately", "percent_outside_box", "truncated_a",
    "minus_outside", "german", "returns",
}  # fmt: skip


def test_handed_answers_in_free_text(shared: Path) -> None:
    """The answers that were handed over as wrongly read are read rightly."""
    path = shared.parent / "cases/answers/answers.jsonl"
    if not path.exists():
        pytest.skip("the handed answers are not here")
    rows = [row for row in map(json.loads, path.read_text("utf-8").splitlines()) if row["id"] in KINDS]
    told = {row["id"]: getattr(answers, f"verify_{row['verifier']}")(_item(row), row["answer"]).correct for row in rows}
    assert told == {row["id"]: row["right"] == "correct" for row in rows}


def _item(row: dict[str, object]) -> Item:
    fields = {name: row[name] for name in ("id", "question", "gold", "meta") if name in row}
    return Item(choices=tuple(row.get("choices") or ()), **fields)  # type: ignore[arg-type,call-overload]
