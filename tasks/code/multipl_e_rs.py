"""MultiPL-E's HumanEval in Rust (Cassano et al. 2022); see _multipl_e.py."""

from rarl_eval.tasks.code._multipl_e import task

TASK = task("rs")
