"""What an answer costs: lengths of right and wrong answers, what is cut off, and accuracy against a budget.

All functions take arrays over traces (n,): ``lengths`` in one unit, ``correct`` 0 or 1, ``items`` numbering the
item of each trace. ``loops`` finds degenerate repetition, ``budget`` the accuracy-budget curve.
Not here: which unit a row has (report.columns) and choosing between models.
"""

from rarl_eval.efficiency.budgets import Budget, budget, budget_range
from rarl_eval.efficiency.lengths import Lengths, cliffs_delta, common_median, measure_lengths
from rarl_eval.efficiency.repetition import loops

__all__ = [
    "Budget",
    "Lengths",
    "budget",
    "budget_range",
    "cliffs_delta",
    "common_median",
    "loops",
    "measure_lengths",
]
