"""The agreement report as files and as words: agreement.json, agreement.md, and the findings in a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.files.atomic import write_atomically
from rarl_eval.files.text import markdown
from rarl_eval.report.tables import Table, as_markdown

_PARTS = ("clean", "flagged", "unscanned")


def write_agreement(report: Mapping[str, Any], out: Path) -> None:
    """Write agreement.json and agreement.md into ``out``, each whole or not there."""
    text = msgspec.json.format(msgspec.json.encode(report), indent=1)
    write_atomically(out / "agreement.json", text + b"\n")
    write_atomically(out / "agreement.md", "\n".join(_markdown(report)) + "\n")


def findings(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield every finding with where it was made, in the report's order."""
    for entry in report["rewards"]:
        for said in entry["findings"]:
            yield f"{entry['task']}, {entry['model']}: {said}"


def summary(report: Mapping[str, Any]) -> list[list[str]]:
    """Rows for people: header first, then one for each reward and each policy of a model and task."""
    shown = [(e, e["reward"], e["all"]) for e in report["rewards"]]
    shown += [(p, f"policy {p['policy']}", p) for p in report["policies"] if not p["policy"].startswith("shuffled:")]
    header = ["task", "model", "reward", "n", "right", "AUROC", "in item", "ECE", "accuracy", "kappa", "false pass"]
    names = ("n", "base_rate", "auroc", "auroc_within", "ece", "accuracy", "kappa", "false_pass")
    return [
        header,
        *([_cell(v) for v in (e["task"], e["model"], name, *(a[n] for n in names))] for e, name, a in shown),
    ]


def _markdown(report: Mapping[str, Any]) -> Iterator[str]:
    yield "# Rewards against verdicts"
    if report["synthetic"]:
        yield "\nSome of this is synthetic: items or answers written for a demonstration."
    yield "\n## Findings\n"
    yield from (f"- {markdown(said)}" for said in findings(report))
    header, *rows = summary(report)
    yield from _section("Agreement and baseline policies", header, rows)
    for part in (_parts, _domains, _shifts, _scaling, _equal, _gains, _traps, _verifiers, _corrected):
        yield from part(report)


def _parts(report: Mapping[str, Any]) -> Iterator[str]:
    header = ["task", "model", "reward", *(f"{p} n" for p in _PARTS), *(f"{p} AUROC" for p in _PARTS)]
    rows = [
        [e["task"], e["model"], e["reward"], *(e[p]["n"] for p in _PARTS), *(e[p]["auroc"] for p in _PARTS)]
        for e in report["rewards"]
        if e["clean"]["n"] or e["flagged"]["n"]
    ]
    return _section("Clean and flagged items", header, rows)


def _domains(report: Mapping[str, Any]) -> Iterator[str]:
    names = ("n", "auroc", "accuracy", "false_pass")
    rows = [[d["reward"], d["domain"], *(d["agreement"][n] for n in names)] for d in report["domains"]]
    return _section("By domain", ["reward", "domain", "n", "AUROC", "accuracy", "false pass"], rows)


def _shifts(report: Mapping[str, Any]) -> Iterator[str]:
    rows = [[s["reward"], s["to"], s["base"], s["difference"]] for s in report["shifts"] if s["metric"] == "auroc"]
    return _section("AUROC in one domain less in another", ["reward", "in", "less in", "difference"], rows)


def _scaling(report: Mapping[str, Any]) -> Iterator[str]:
    for row in report["scaling"]:
        points = [p for p in row["points"] if p["k"] in {1, 2, 4, 8} or p is row["points"][-1]]
        if len(row["points"]) > 1:
            names = list(points[0]["best_of"])
            chosen = [*(f"best of k, {n}" for n in names), *(f"vote, {n}" for n in names)]
            title = f"k samples: {row['task']}, {row['model']} ({row['items']} items, {row['dropped']} left out)"
            yield from _section(
                title, ["k", row["unit"], "pass@k", "maj@k", *chosen], [_point(p, names) for p in points]
            )


def _equal(report: Mapping[str, Any]) -> Iterator[str]:
    for found in report["equal_compute"]:
        names = sorted({name for row in found["rows"] for name in row["best_of"]})
        title = f"At equal compute: {found['task']}, {found['budget']:,.0f} {found['unit']} a question"
        rows = [
            [r["model"], r["k"], r["spent"], r["pass_at_k"], r["majority"], *(r["best_of"].get(n) for n in names)]
            for r in found["rows"]
        ]
        yield from _section(
            title, ["model", "k", "spent", "pass@k", "maj@k", *(f"best of k, {n}" for n in names)], rows
        )


def _point(p: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    ways = [*(p["best_of"][n] for n in names), *(p["weighted"].get(n) for n in names)]
    return [p["k"], p["lengths"], p["pass_at_k"], p["majority"], *ways]


def _gains(report: Mapping[str, Any]) -> Iterator[str]:
    tail = ("n", "difference", "only_a", "only_b", "p_value")
    rows = [[s["task"], s["picked"], s["base"], *(s[n] for n in tail)] for s in report["selected"]]
    for e in report["rewards"]:
        gain = e["selection_gain"]
        if gain is not None:
            picked = f"{e['model']}, best of {gain['k']} by {e['reward']}"
            rows.append([e["task"], picked, e["model"], *(gain[n] for n in tail)])
    header = ["task", "picked", "less", "items", "gain", "only picked", "only base", "p"]
    return _section("What choosing gives", header, rows)


def _traps(report: Mapping[str, Any]) -> Iterator[str]:
    names = ("probe", "n", "expected", "passed", "change")
    rows = [[e["task"], e["reward"], *(p[n] for n in names)] for e in report["rewards"] for p in e["probes"]]
    return _section("Probes", ["task", "reward", "probe", "n", "must", "passed", "change"], rows)


def _verifiers(report: Mapping[str, Any]) -> Iterator[str]:
    names = ("n", "agreed", "passed_alone", "failed_alone", "accuracy")
    shown = [e for e in report["rewards"] if e["verifier"] is not None and e["judge"] != "self"]
    rows = [[e["task"], e["model"], e["reward"], *(e["verifier"][n] for n in names)] for e in shown]
    header = ["task", "model", "second verifier", "n", "agree", "it alone passes", "it alone fails"]
    return _section("The verdict and other verifiers", [*header, "accuracy, whoever errs"], rows)


def _corrected(report: Mapping[str, Any]) -> Iterator[str]:
    names = ("task", "model", "labelled", "corrected_accuracy")
    rows = [[v[n] for n in names] for v in report["verdicts"] if v["labelled"]]
    return _section("Accuracy with the verdict's error in it", ["task", "model", "labelled", "accuracy"], rows)


def _section(title: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    if rows:
        cells = [tuple(_cell(v) for v in row) for row in rows]
        yield "\n" + as_markdown(Table(title, tuple(map(markdown, header)), cells, len(header)))


def _cell(value: Any) -> str:
    """Show a value: intervals with their bounds, shares to three digits, the unknown as a dash."""
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        bounds = "" if value["low"] is None else f" ({value['low']:.3f} to {value['high']:.3f})"
        return f"{value['value']:.3f}{bounds}"
    if isinstance(value, list):
        return " to ".join(f"{v:.3f}" for v in value)
    return f"{value:.3g}" if isinstance(value, float) else str(value)
