"""What a night leaves for people and machines: summary.md, junit.xml, the CI's step summary, a webhook."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from rarl_eval.files.atomic import write_atomically
from rarl_eval.files.text import UNKNOWN, markdown, number, percent, visible
from rarl_eval.nightly.cells import shown
from rarl_eval.nightly.gate import Test
from rarl_eval.nightly.history import ResultRow
from rarl_eval.nightly.outcome import NightOutcome
from rarl_eval.report.tables import Table

MOST_ITEMS = 10
"""Fallen items that the summary names."""


def write_outputs(outcome: NightOutcome, folders: Mapping[str, Path]) -> None:
    """Write summary.md and junit.xml into each of ``folders``."""
    for folder in folders.values():
        write_atomically(folder / "summary.md", summary(outcome).encode("utf-8", "backslashreplace"))
        write_atomically(folder / "junit.xml", junit(outcome))


def append_step_summary(outcome: NightOutcome) -> None:
    """Append the summary to the file that GITHUB_STEP_SUMMARY names, where it is set."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(summary(outcome))


def payload(outcome: NightOutcome) -> dict[str, Any]:
    """Return the webhook's JSON; ``text`` is what chat services show."""
    return {
        "text": headline(outcome),
        "night": outcome.night,
        "status": outcome.status,
        "exit_code": outcome.code,
        "false_alarm_rate": outcome.false_alarm_rate,
        "cells": [
            {
                "model": row.model,
                "task": row.task,
                "budget": row.budget,
                "status": row.status,
                "reason": row.reason,
                "accuracy": row.accuracy,
                "doubt": outcome.doubted.get(row.cell),
                "baseline_difference": row.baseline_difference,
            }
            for row in outcome.results
        ],
        "failures": outcome.failures,
        "trainings": outcome.alarms,
    }


def headline(outcome: NightOutcome) -> str:
    """Say the night in a sentence."""
    cells = len(outcome.results)
    counts = {name: sum(row.status == name for row in outcome.results) for name in ("regression", "failure")}
    bad = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items() if count]
    bad += (
        [f"{len(outcome.alarms)} alarm{'s' if len(outcome.alarms) > 1 else ''} of trainings"] if outcome.alarms else []
    )
    bad += [f"{len(outcome.failures)} failed scans or rewards"] if outcome.failures else []
    told = ", ".join(bad) or ("nothing fell" if outcome.tests else "nothing to compare with yet")
    return f"Night {outcome.night}: {told}; {cells} cell{'s' if cells != 1 else ''}, {len(outcome.tests)} tests."


def summary(outcome: NightOutcome) -> str:
    """Return the summary as Markdown."""
    alarms = [markdown(_alarm(row, outcome)) for row in outcome.results if row.status == "regression"]
    alarms += [markdown(f"{told[0].upper()}{told[1:]}.") for told in outcome.alarms]
    parts = [f"# {headline(outcome)}", *alarms, _promise(outcome), _table(outcome)]
    told = [f"{shown(row.cell)}: {row.reason}." for row in outcome.results if row.status == "failure"]
    told += [f"{failure}." for failure in outcome.failures]
    parts += [_list("Failures", told), _list("Notes", [*_misread(outcome), *outcome.notes])]
    return "\n\n".join(part for part in parts if part) + "\n"


def _promise(outcome: NightOutcome) -> str:
    return (
        f"False-alarm rate: at most {100 * outcome.false_alarm_rate:g} % a night, over all "
        f"{len(outcome.tests)} tests of tonight together (randomisation within items, one-sided, Holm). A cell without "
        "an alarm may still have fallen by less than the drop in its column `finds`, which is found 4 times in 5."
    )


def _table(outcome: NightOutcome) -> str:
    found = cells(outcome)
    lines = [f"| {' | '.join(found.header)} |", f"|{'---|' * 4}{'---:|' * (len(found.header) - 4)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(markdown, row))} |" for row in found.rows)])


def cells(outcome: NightOutcome) -> Table:
    """Return the night's table, a row for each cell."""
    header = (
        "model", "task", "budget", "status", "n", "accuracy", "baseline", "p", "last nights", "p", "finds", "tokens",
        "cut", "clean",
    )  # fmt: skip
    return Table("", header, [_row(row, outcome) for row in outcome.results], 4)


def _row(row: ResultRow, outcome: NightOutcome) -> tuple[str, ...]:
    tests = {test.reference: test for test in outcome.tests if test.cell == row.cell}
    return (
        f"{row.model} ?" if row.cell in outcome.doubted else row.model,
        row.task,
        UNKNOWN if row.budget is None else f"{row.budget:,}",
        row.status,
        f"{row.n:,}",
        _accuracy(row),
        *_told(tests.get("baseline")),
        *_told(tests.get("last nights")),
        _finds(tests),
        number(row.mean_tokens),
        percent(row.truncated),
        percent(row.clean),
    )


def sentences(outcome: NightOutcome) -> list[str]:
    """Say the night in plain sentences: the headline, every alarm, every failure, and what may be misread."""
    told = [headline(outcome), *(_alarm(row, outcome) for row in outcome.results if row.status == "regression")]
    told += [f"{alarm[0].upper()}{alarm[1:]}." for alarm in outcome.alarms]
    told += [f"{shown(row.cell)}: {row.reason}." for row in outcome.results if row.status == "failure"]
    return [*told, *(f"{failure}." for failure in outcome.failures), *_misread(outcome)]


def _misread(outcome: NightOutcome) -> list[str]:
    return [f"{shown(cell)} may be misread: {why}." for cell, why in outcome.doubted.items()]


def _accuracy(row: ResultRow) -> str:
    if row.accuracy is None:
        return UNKNOWN
    if row.accuracy_low is None or row.accuracy_high is None:
        return percent(row.accuracy)
    return f"{percent(row.accuracy)} [{percent(row.accuracy_low)}, {percent(row.accuracy_high)}]"


def _told(test: Test | None) -> tuple[str, str]:
    if test is None:
        return UNKNOWN, UNKNOWN
    return f"{100 * test.difference.value:+.1f}", "<0.0001" if test.p_holm < 1e-4 else f"{test.p_holm:.2g}"


def _finds(tests: Mapping[str, Test]) -> str:
    found = [test.minimum_detectable for test in tests.values() if test.minimum_detectable is not None]
    return f"{100 * min(found):.1f}" if found else UNKNOWN


def _alarm(row: ResultRow, outcome: NightOutcome) -> str:
    fell = outcome.fallen.get(row.cell, [])
    named = ", ".join(fell[:MOST_ITEMS])
    rest = f" and {len(fell) - MOST_ITEMS:,} more" if len(fell) > MOST_ITEMS else ""
    items = f" Mostly right before and not tonight: {named}{rest}." if fell else ""
    return f"Regression: {shown(row.cell)} is {row.reason}.{items}"


def _list(title: str, told: list[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {markdown(line)}" for line in told)]) if told else ""


def junit(outcome: NightOutcome) -> bytes:
    """Return JUnit XML, a case for each cell: regressions fail, failures are errors, without reference is skipped."""
    cases = [(f"{row.task}", shown(row.cell), row) for row in outcome.results]
    failed = sum(row.status == "regression" for row in outcome.results) + len(outcome.alarms)
    errors = sum(row.status == "failure" for row in outcome.results) + len(outcome.failures)
    suite = ET.Element(
        "testsuite",
        name="rarl-eval nightly",
        tests=str(len(cases) + len(outcome.failures) + len(outcome.alarms)),
        failures=str(failed),
        errors=str(errors),
        skipped=str(sum(_without_reference(row, outcome) for row in outcome.results)),
        timestamp=outcome.started,
    )
    for task, name, row in cases:
        case = ET.SubElement(suite, "testcase", classname=visible(task), name=visible(name))
        if row.status == "regression":
            ET.SubElement(case, "failure", message=visible(row.reason))
        elif row.status == "failure":
            ET.SubElement(case, "error", message=visible(row.reason))
        elif _without_reference(row, outcome):
            ET.SubElement(case, "skipped", message="nothing to compare with yet")
    for alarm in outcome.alarms:
        case = ET.SubElement(suite, "testcase", classname="nightly", name=visible(alarm.partition(":")[0]))
        ET.SubElement(case, "failure", message=visible(alarm))
    for failure in outcome.failures:
        case = ET.SubElement(suite, "testcase", classname="nightly", name=visible(failure.partition(":")[0]))
        ET.SubElement(case, "error", message=visible(failure))
    root = ET.Element("testsuites")
    root.append(suite)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode").encode() + b"\n"


def _without_reference(row: ResultRow, outcome: NightOutcome) -> bool:
    return row.status == "ok" and not any(test.cell == row.cell for test in outcome.tests)
