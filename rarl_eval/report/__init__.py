"""Runs and scans in, one report out: a row for each model, task and run, with the same columns everywhere.

``build_report`` returns the object that docs/report.md describes, ``write_report`` writes it as report.json,
report.md and report.csv, ``render_terminal`` shows it. The same input gives the same bytes: no clock, seeded
resampling, rows sorted. Not here: figures (measures). ``catalogue`` holds
every column that any table shows, ``row_types`` the types of the file.
"""

from rarl_eval.report.believing import RewardedBy
from rarl_eval.report.build import build_report
from rarl_eval.report.terminal import render_terminal
from rarl_eval.report.write import write_report

__all__ = ["RewardedBy", "build_report", "render_terminal", "write_report"]
