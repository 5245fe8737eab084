"""Intervals and tests that hold with few items, at 0 and at 1, and where items are not independent.

This package imports nothing heavy: what stands here needs the standard library alone. What needs numpy stands in
``stats.means`` (means, proportions, clustered standard errors), ``stats.resample`` (bootstrap over items) and
``stats.compare`` (paired differences, power). Not here: which numbers a report shows.
"""

from rarl_eval.stats.exact import Interval, critical, holm, mcnemar, newcombe, pass_at_k, wilson

__all__ = ["Interval", "critical", "holm", "mcnemar", "newcombe", "pass_at_k", "wilson"]
