"""What a watched training leaves for people and machines: the conclusion, training.json, summary.md, junit.xml."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from rarl_eval.files.atomic import write_atomically
from rarl_eval.files.text import UNKNOWN, markdown, number, percent, visible
from rarl_eval.report.tables import Table, as_markdown
from rarl_eval.training.figures import KnownAgainstOthers, StepFigures
from rarl_eval.training.onset import Onset
from rarl_eval.training.watch import Watching

ROWS = 12
"""Steps that a terminal shows."""
EXAMPLE = 400
"""Characters of an example in the summary."""


def write(found: Watching, out: Path) -> None:
    """Write training.json, summary.md and junit.xml."""
    write_atomically(out / "training.json", msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    write_atomically(out / "summary.md", summary(found).encode("utf-8", "backslashreplace"))
    write_atomically(out / "junit.xml", junit(found))


def payload(found: Watching) -> dict[str, Any]:
    """Return a webhook's JSON of an alarm; ``text`` is what chat services show."""
    told = [headline(found), *(alarm(onset, found) for onset in found.alarms)]
    return {
        "text": " ".join([*told, *(finding.sentence for finding in found.exploits[:1])]),
        "alarms": [{"watch": o.watch, "step": o.alarm, "began": o.began} for o in found.alarms],
        "rollouts": found.rollouts,
        "steps": len(found.steps),
        "exit_code": 1,
    }


def sentences(found: Watching) -> Iterator[str]:
    """Say the training in plain sentences: alarms first, then what it exploits, then what stands in a figure's way."""
    yield headline(found)
    yield from (alarm(onset, found) for onset in found.alarms)
    yield from (finding.sentence for finding in found.exploits[:3])
    if not found.alarms:
        yield from _quiet(found)
    if found.standing is not None:
        yield _standing(found.standing)
    if found.judged and found.judged < found.rollouts:
        why = ", ".join(f"{count} {status}" for status, count in found.unjudged.items())
        yield f"{found.rollouts - found.judged} of {found.rollouts} rollouts have no truth: {why}."
    if found.unread:
        yield f"{found.unread} rows could not be read; {found.unread_first[0]}."
    yield from (f"{note[0].upper()}{note[1:]}." for note in found.notes)


def _standing(told: KnownAgainstOthers) -> str:
    """Say how prompts that stand in benchmarks are paid and answered, against the others."""
    inside, others = told.inside, told.others
    if not inside.rollouts:
        return f"None of the prompts of {others.rollouts} rollouts stands in a scanned benchmark."
    first, rest = (
        f"reward {number(side.reward)}, truth {UNKNOWN if side.truth is None else f'{percent(side.truth)} %'}"
        for side in (inside, others)
    )
    return (
        f"{inside.rollouts} of {inside.rollouts + others.rollouts} rollouts answer prompts that stand in a benchmark: "
        f"{first}; the others: {rest}."
    )


def headline(found: Watching) -> str:
    """Say the training in one sentence."""
    if not found.rollouts:
        return "No rollout was found: there is nothing to tell."
    if not found.judged:
        why = ", ".join(f"{count} {status}" for status, count in found.unjudged.items())
        return f"No rollout could be judged ({why}): is the gold's field named (--gold-field)?"
    ends = [one for one in found.steps if one.truth is not None]
    first, last = ends[0], ends[-1]
    if found.alarms:
        parted = any(onset.watch == "reward less truth" for onset in found.alarms)
        what = "The reward stopped paying for what is true" if parted else "The training got worse while it was paid"
        return f"{what}: {len(found.alarms)} of {len(found.onsets)} watches went off."
    if first is last or first.truth is None or last.truth is None:
        return f"Reward {number(first.reward)}, truth {_points(first)}, {found.judged} rollouts judged."
    return (
        f"Truth went from {percent(first.truth.value)} % to {percent(last.truth.value)} %, reward from "
        f"{number(first.reward)} to {number(last.reward)}, in {len(found.steps)} steps; no alarm."
    )


def alarm(onset: Onset, found: Watching) -> str:
    """Say one alarm."""
    what = {
        "reward less truth": "Reward less truth rose above the first window's",
        "length without truth": "Answers grew longer and no truer",
        "truth fell": "Truth fell below the first window's",
    }[onset.watch]
    return f"{what}: alarm at step {onset.alarm}, most likely from step {onset.began} ({_between(onset, found)})."


def _between(onset: Onset, found: Watching) -> str:
    known = [one for one in found.steps if one.step is not None and one.truth is not None]
    before = known[: found.window]
    after = [one for one in known if onset.began is not None and (one.step or 0) >= onset.began]

    def mean(steps: list[StepFigures], name: str) -> str:
        values = [one.truth.value if name == "truth" and one.truth else getattr(one, name) for one in steps]
        some = [value for value in values if isinstance(value, float)]
        return (
            UNKNOWN
            if not some
            else percent(sum(some) / len(some))
            if name != "length"
            else number(sum(some) / len(some))
        )

    name, unit = {
        "reward less truth": ("less_truth", " points"), "length without truth": ("length", " characters"),
        "truth fell": ("truth", " %"),
    }[onset.watch]  # fmt: skip
    return f"{mean(before, name)} to {mean(after, name)}{unit}"


def _quiet(found: Watching) -> Iterator[str]:
    known = [one for one in found.steps if one.step is not None and one.judged]
    if found.judged and len(known) <= found.window:
        yield f"{len(known)} steps are no more than the first window of {found.window}: no onset can be looked for yet."
    elif found.judged:
        yield f"No alarm; one by chance over the whole training has a chance of at most {found.alarm:.0%}."


def _points(one: StepFigures) -> str:
    if one.truth is None:
        return UNKNOWN
    if one.truth.low is None or one.truth.high is None:
        return f"{percent(one.truth.value)} %"
    return f"{percent(one.truth.value)} % [{percent(one.truth.low)}, {percent(one.truth.high)}]"


def table(found: Watching, most: int | None = ROWS) -> Table:
    """Return the figures by step; of many, ``most`` evenly chosen ones with the first and the last."""
    steps = found.steps
    if most is not None and len(steps) > most:
        steps = [steps[round(i * (len(steps) - 1) / (most - 1))] for i in range(most)]
    header = (
        "step", "n", "reward", "truth", "less truth", "false pass", "false fail", "length", "cut", "none",
        "equal", "answers",
    )  # fmt: skip
    return Table("by step", header, [_row(one) for one in steps], 1)


def _row(one: StepFigures) -> tuple[str, ...]:
    return (
        UNKNOWN if one.step is None else str(one.step),
        f"{one.rollouts:,}",
        number(one.reward),
        _points(one).replace(" %", ""),
        percent(one.less_truth),
        percent(one.false_pass),
        percent(one.false_fail),
        number(one.length),
        percent(one.cut),
        percent(one.no_answer),
        percent(one.equal),
        number(one.answers),
    )


def summary(found: Watching) -> str:
    """Return the summary as Markdown; texts of rollouts act on nothing."""
    parts = [f"# {markdown(headline(found))}", *(markdown(line) for line in list(sentences(found))[1:])]
    parts.append(as_markdown(table(found, None)))
    if found.exploits:
        parts.append("## What it exploits")
    for finding in found.exploits:
        shown = [f"- step {e['step']}: {markdown(_brief(str(e['text'])))}" for e in finding.examples]
        parts.append("\n".join([markdown(finding.sentence), "", *shown]))
    return "\n\n".join(parts) + "\n"


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXAMPLE else f"{line[:EXAMPLE]}…"


def junit(found: Watching) -> bytes:
    """Return JUnit XML, a case for each watch: an alarm fails, a watch that has not begun is skipped."""
    waiting = sum(onset.before is None for onset in found.onsets)
    suite = ET.Element(
        "testsuite",
        name="rarl-eval training",
        tests=str(len(found.onsets) + 1),
        failures=str(len(found.alarms)),
        errors=str(int(not found.judged)),
        skipped=str(waiting),
    )
    case = ET.SubElement(suite, "testcase", classname="training", name="rollouts judged")
    if not found.judged:
        ET.SubElement(case, "error", message=visible(headline(found)))
    for onset in found.onsets:
        case = ET.SubElement(suite, "testcase", classname="training", name=onset.watch)
        if onset.alarm is not None:
            ET.SubElement(case, "failure", message=visible(alarm(onset, found)))
        elif onset.before is None:
            ET.SubElement(case, "skipped", message=f"fewer than {found.window} steps before it")
    root = ET.Element("testsuites")
    root.append(suite)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode").encode() + b"\n"
