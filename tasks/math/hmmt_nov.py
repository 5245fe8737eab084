"""HMMT November 2025, as MathArena publishes it: 30 problems.

Layout and number: evalscope 1.14.1, benchmarks/hmmt/hmmt_nov25_adapter.py. Rule: equal as mathematics.
"""

from rarl_eval import prompts
from rarl_eval.answers import verify_math
from rarl_eval.tasks.math.hmmt_feb import item, source
from rarl_eval.types import Task

TASK = Task(
    name="hmmt_nov",
    domain="math",
    source=source("hmmt_nov_2025", 30, None),
    item=item,
    verify=verify_math,
    prompt=prompts.worked,
    paper="https://matharena.ai",
)
