"""A comparison as compare.json, as compare.md, and on a terminal."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import write_atomically
from rarl_eval.files.text import UNKNOWN, markdown, percent
from rarl_eval.report.figures import PERCENT, POINTS, Form, told
from rarl_eval.report.tables import Table, as_markdown
from rarl_eval.report.terminal import concluded
from rarl_eval.stats import Interval

MOST_SENTENCES = 20
MOST_FLIPS = 20
"""Shown; compare.json holds them all."""


def write_comparison(comparison: Mapping[str, Any], out: Path) -> None:
    """Write compare.json and compare.md into ``out``; raises BadInput where that cannot be written to."""
    try:
        write_atomically(out / "compare.md", _markdown(comparison).encode("utf-8", "backslashreplace"))
        text = json.dumps(comparison, indent=1, ensure_ascii=True, allow_nan=False) + "\n"
        write_atomically(out / "compare.json", text)
    except OSError as error:
        raise BadInput(f"{out} cannot be written to: {error}; choose another --out") from error


def render_comparison(comparison: Mapping[str, Any], width: int, *, full: bool = False) -> list[str]:
    """Return the lines of a comparison: its sentences, then the first table or, with ``full``, all."""
    every = tables(comparison)
    return concluded(sentences(comparison), every if full else every[:1], width)


def sentences(comparison: Mapping[str, Any]) -> list[str]:
    """Sentences to quote: every pair's where they are few, else how many differ; then costs and notes."""
    pairs = comparison["pairs"]
    alpha = comparison["settings"]["alpha"]
    found = [pair["sentence"] for pair in pairs[:MOST_SENTENCES]]
    if len(pairs) > MOST_SENTENCES:
        told = sum(pair["p_holm"] <= alpha for pair in pairs)
        found = [f"{told} of {len(pairs)} pairs differ after Holm; --json and --out have a sentence on each."]
    return [*found, *(s for c in comparison["compute"] if (s := _cost(c))), *comparison["notes"]]


def tables(comparison: Mapping[str, Any]) -> list[Table]:
    """Ranks, dates and flipped items as tables of text."""
    found = [_ranks(entry) for entry in comparison["ranks"]]
    if any(window["cutoff"] for window in comparison["windows"]):
        found.append(_cutoffs(comparison["windows"]))
    found += [_months(w) for w in comparison["windows"] if len(w["months"]) > 1]
    if comparison["flips"]:
        found.append(_flips(comparison["flips"]))
    return found


def _cost(found: Mapping[str, Any]) -> str:
    equal = found["equal_accuracy"]
    if equal is None:
        return ""
    said = (
        f"On {found['task']}, {100 * equal['accuracy']:.1f} % right takes a budget of {equal['tokens_a']:,.0f} tokens "
        f"a sample from {found['a']} and {equal['tokens_b']:,.0f} from {found['b']} (means {found['mean_a']:,.0f} and "
        f"{found['mean_b']:,.0f})"
    )
    if not found["equal_compute"]:
        return f"{said}."
    last = found["equal_compute"][-1]
    return (
        f"{said}; for {last['tokens']:,.0f} tokens an item, {found['a']} solves {100 * last['pass_a']:.1f} % in "
        f"{last['samples_a']} samples and {found['b']} {100 * last['pass_b']:.1f} % in {last['samples_b']}."
    )


def _ranks(entry: Mapping[str, Any]) -> Table:
    rows: list[tuple[str, ...]] = [
        (r["label"], str(r["rank"]), f"{r['low']} to {r['high']}", percent(r["accuracy"]), f"{r['n']:,}")
        for r in entry["rows"]
    ]
    return Table(f"{entry['task']}: ranks", ("model", "rank", "95 % interval", "accuracy", "n"), rows, 1)


def _cutoffs(found: Sequence[Mapping[str, Any]]) -> Table:
    header = ("model", "task", "cut-off", "before", "after", "drop", "p", "drop less the others'", "p")
    rows: list[tuple[str, ...]] = [
        (
            w["model"],
            w["task"],
            c["date"],
            f"{_interval(c['before'])} ({c['n_before']:,})",
            f"{_interval(c['after'])} ({c['n_after']:,})",
            _interval(c["drop"], POINTS),
            _p(c["p_value"]),
            _interval(c["drop_relative"], POINTS),
            _p(c["p_relative"]),
        )
        for w in found
        if (c := w["cutoff"])
    ]
    return Table("before and after the cut-off", header, rows, 2)


def _months(window: Mapping[str, Any]) -> Table:
    rows: list[tuple[str, ...]] = [(m["month"], f"{m['n']:,}", _interval(m["accuracy"])) for m in window["months"]]
    return Table(f"{window['task']}, {window['model']}: by month of release", ("month", "n", "accuracy"), rows, 1)


def _flips(found: Sequence[Mapping[str, Any]]) -> Table:
    header = ("item", "task", "right", "wrong", "gold", "right says", "wrong says", "question")
    rows: list[tuple[str, ...]] = [
        (
            f["id"],
            f["task"],
            *((f["a"], f["b"]) if f["right"] == f["a"] else (f["b"], f["a"])),
            _short(f["gold"]),
            *map(_short, (f["answer_a"], f["answer_b"])[:: 1 if f["right"] == f["a"] else -1]),
            _short(f["question"], 48),
        )
        for f in found[:MOST_FLIPS]
    ]
    shown = "" if len(found) <= MOST_FLIPS else f", the first {MOST_FLIPS}"
    return Table(f"{len(found):,} items flipped{shown}", header, rows, 8)


def _interval(found: Mapping[str, Any] | None, form: Form = PERCENT) -> str:
    return told(None if found is None else Interval(**found), form)


def _short(text: str, most: int = 24) -> str:
    line = " ".join(text.split()) or UNKNOWN
    return line if len(line) <= most else line[: most - 1] + "…"


def _p(value: float | None) -> str:
    return UNKNOWN if value is None else "<0.0001" if value < 1e-4 else f"{value:.2g}"


def _markdown(comparison: Mapping[str, Any]) -> str:
    parts = ["# Comparison", *map(markdown, sentences(comparison)), *map(as_markdown, tables(comparison))]
    return "\n\n".join(parts) + "\n"
