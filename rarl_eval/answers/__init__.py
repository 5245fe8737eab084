"""Verification of answers: pure functions from (item, answer) to a Verdict that says why.

``split_reasoning`` keeps a chain of thought from being graded, ``final_answer`` finds what is announced as the
answer, and the verifiers judge it: numbers exactly or within limits, amounts, program results, dates, option letters,
literals, mathematics. ``declared`` keeps replies that decline to answer apart from wrong ones; what only a judge model
can tell is ``unjudged``.
Importing this loads no algebra; ``verify_math`` does that on its first call.
"""

from rarl_eval.answers.abstention import abstention, declared, verify_unanswerable
from rarl_eval.answers.algebra import verify_math
from rarl_eval.answers.choice import verify_choice
from rarl_eval.answers.clinical import verify_calculated
from rarl_eval.answers.executed import verify_executed
from rarl_eval.answers.extract import Final, final_answer
from rarl_eval.answers.judged import verify_judged, verify_or_wait
from rarl_eval.answers.kinds import by_rule, option_or_limits, verify_numbers
from rarl_eval.answers.lenient import second_reading
from rarl_eval.answers.literal import verify_literal
from rarl_eval.answers.numbers import Number, parse_number
from rarl_eval.answers.numeric import verify_number
from rarl_eval.answers.quantity import verify_quantity, with_scale
from rarl_eval.answers.thinking import opens_reasoning, reasoning_end, split_reasoning
from rarl_eval.answers.within import limits_around, verify_within

__all__ = [
    "Final",
    "Number",
    "abstention",
    "by_rule",
    "declared",
    "final_answer",
    "limits_around",
    "opens_reasoning",
    "option_or_limits",
    "parse_number",
    "reasoning_end",
    "second_reading",
    "split_reasoning",
    "verify_calculated",
    "verify_choice",
    "verify_executed",
    "verify_judged",
    "verify_literal",
    "verify_math",
    "verify_number",
    "verify_numbers",
    "verify_or_wait",
    "verify_quantity",
    "verify_unanswerable",
    "verify_within",
    "with_scale",
]
