"""Runs and scans in, one report out: a row for each model, task and run, with the same columns everywhere.

``build.build_report`` makes the object that docs/report.md describes, ``write.write_report`` writes it as report.json,
report.md and report.csv, ``terminal.render_terminal`` shows it. The same input gives the same bytes: no clock, seeded
resampling, rows sorted. Not here: figures (measures). ``catalogue`` holds every column that any table shows,
``row_types`` the types of the file.
"""
