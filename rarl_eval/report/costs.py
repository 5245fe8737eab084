"""Tables of what answers cost and of who declines to give one."""

from collections.abc import Mapping, Sequence

from rarl_eval.files.text import UNKNOWN, number, percent
from rarl_eval.report.cells import Row, Table, interval, name


def lengths(rows: Sequence[Row]) -> Table:
    """Lengths of all rows, and how answers ended."""
    header = ("task", "model", "median", "p95", "right", "wrong", "common", "turned", "per right", "delta", "front",
              "cut", "none", "loop")  # fmt: skip
    units = {row["length"]["unit"] for row in rows}
    cells = [
        (row["task"], *_length(row, name(row, rows), "" if len(units) == 1 else f" {row['length']['unit']}"))
        for row in rows
    ]
    return Table(f"length of answers in {' or '.join(sorted(units))}", header, cells, 2)


def _length(row: Row, label: str, unit: str) -> tuple[str, ...]:
    length = row["length"]
    names = ("p95", "median_correct", "median_wrong", "median_common_correct")
    turned = length["order_flips"]
    median = number(length["median"])
    return (
        f"{label} *" if length["hidden"] else label,
        median if median == UNKNOWN else median + unit,
        *(number(length[field]) for field in names),
        UNKNOWN if turned is None else str(len(turned)),
        number(length["per_correct"]),
        UNKNOWN if length["delta"] is None else f"{length['delta']:+.2f}",
        UNKNOWN if (front := length["pareto"]) is None else percent(front["chance"], 0),
        percent(length["truncated"]),
        percent(row["no_answer"]),
        str(row["stops"]["loop"]),
    )


def reference(rows: Sequence[Row]) -> Table:
    """Lengths by the reference tokenizer, one unit for all models."""
    header = ("task", "model", "mean", "median", "p95", "common", "per right")
    found = [(row, row["length"]["reference"]) for row in rows if row["length"]["reference"]]
    cells: list[tuple[str, ...]] = [
        (
            row["task"],
            name(row, rows),
            *(_spanned(length[field]) for field in ("mean", "median", "p95")),
            number(length["median_common_correct"]),
            _spanned(length["per_correct"]),
        )
        for row, length in found
    ]
    return Table(f"tokens of the answers by {found[0][1]['tokenizer']}", header, cells, 2)


def optional(rows: Sequence[Row]) -> Table:
    """Scores of accuracy and length together that were asked for."""
    header = ("task", "model", "OckScore", "AUC_OAA", "within budget", "beyond it", "AES")
    cells: list[tuple[str, ...]] = [
        (
            row["task"],
            name(row, rows),
            number(length["ock_score"]),
            interval((length["auc_oaa"] or {}).get("area"), scale=1),
            interval((length["adherence"] or {}).get("within")),
            number((length["adherence"] or {}).get("beyond")),
            interval((length["aes"] or {}).get("score"), scale=1, signed=True),
        )
        for row in rows
        for length in [row["length"]]
    ]
    return Table("accuracy and length in one number", header, cells, 2)


def _spanned(found: Mapping[str, float] | None) -> str:
    if found is None:
        return UNKNOWN
    low, high = found["low"], found["high"]
    return number(found["value"]) + ("" if low is None or high is None else f" [{number(low)}, {number(high)}]")


def abstention(rows: Sequence[Row]) -> Table:
    """Who declines, and who answers what lacks a premise."""
    header = ("task", "model", "declined", "right of the rest", "lacking", "answered all the same", "length",
              "times twin", "twins right", "twins declined", "per decline")  # fmt: skip
    several = len({row["length"]["unit"] for row in rows}) > 1
    cells = [
        (row["task"], name(row, rows), *_declined(row["abstention"], f" {row['length']['unit']}" if several else ""))
        for row in rows
    ]
    return Table("declining to answer", header, cells, 2)


def _declined(found: Row, unit: str) -> tuple[str, ...]:
    own = (interval(found["share"]), interval(found["accuracy_attempted"]))
    lacking = found["missing_premise"]
    if lacking is None:
        return *own, *[UNKNOWN] * 7
    twins = lacking["twins"] or {}
    return (
        *own,
        str(lacking["items"]),
        interval(lacking["answered"]),
        number(_of(lacking["length"])) + unit,
        interval(twins.get("ratio"), scale=1),
        interval(twins.get("accuracy")),
        interval(twins.get("abstained")),
        number(_of(lacking["per_abstention"])),
    )


def unsupported(rows: Sequence[Row]) -> Table:
    """Answers with numbers that their context does not support."""
    cells: list[tuple[str, ...]] = [
        (row["task"], name(row, rows), str(row["unsupported"]["n"]), interval(row["unsupported"]["share"]))
        for row in rows
        if row["unsupported"]
    ]
    return Table("answers with a number that the context does not support", ("task", "model", "n", "percent"), cells, 2)


def _of(found: Mapping[str, float] | None) -> float | None:
    return None if found is None else found["value"]
