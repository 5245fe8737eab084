"""What an answer costs: lengths of right and wrong answers, what is cut off, and accuracy against a budget.

All functions take arrays over traces (n,): ``lengths`` in one unit, ``correct`` 0 or 1, ``items`` numbering the
item of each trace. ``loops`` finds degenerate repetition, ``budget`` the accuracy-budget curve.
``fronts`` and ``equal_accuracy`` put models side by side, ``scores`` holds numbers that others publish.
Not here: which unit a row has (report.columns) and choosing between models.
"""

from rarl_eval.efficiency.budgets import Budget, budget, budget_range
from rarl_eval.efficiency.front import Front, equal_accuracy, fronts
from rarl_eval.efficiency.lengths import Lengths, cliffs_delta, common_median, measure_lengths
from rarl_eval.efficiency.repetition import loops

__all__ = [
    "Budget",
    "Front",
    "Lengths",
    "budget",
    "budget_range",
    "cliffs_delta",
    "common_median",
    "equal_accuracy",
    "fronts",
    "loops",
    "measure_lengths",
]
