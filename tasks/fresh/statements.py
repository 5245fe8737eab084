"""Fresh questions over a generated statement: a change over a year, a margin, leverage, a share.

The statement adds up; amounts are whole numbers of the unit that its heading names. Ratios as in Brealey, Myers &
Allen, Principles of Corporate Finance (13th ed.), ch. 28.
"""

import random
from collections.abc import Callable
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Kind, Say, rounded

RATIOS = "Brealey, Myers & Allen, Principles of Corporate Finance, 13th ed., ch. 28"
PERCENT = "Give a percentage with its % sign, rounded to two decimals."
Statement = dict[str, list[int]]
_COMPANIES = ("Aldermoor", "Brackwater", "Cindervale", "Dunmarrow", "Eastholm", "Fennwick", "Garrowby", "Hollinside")
_SEGMENTS = ("Instruments", "Services", "Materials", "Software", "Logistics", "Optics")


def change_over_year(rng: random.Random) -> Draft:
    """Percentage change of a line from one year to the next."""
    heading, statement, year = _statement(rng)
    line = rng.choice([name for name in statement if statement[name][1]])
    new, old = statement[line]

    def solve(say: Say) -> Decimal:
        difference = say(new - old, f"The change is {new} - {old} =")
        percent = say(100 * difference / old, f"In percent of the year before: 100 * ({difference}) / {old} =")
        return say(rounded(percent), "To two decimals:")

    asked = f"By how many percent did {line.lower()} change from {year - 1} to {year}? {PERCENT}"
    return _draft(asked, heading, statement, solve, {"numerator": [new, -old], "denominator": [old]}, "percent")


def margin(rng: random.Random) -> Draft:
    """Operating income in percent of sales."""
    heading, statement, year = _statement(rng)
    sales, cost, overhead = (statement[n][0] for n in ("Total sales", "Cost of sales", "Overhead"))

    def solve(say: Say) -> Decimal:
        gross = say(sales - cost, f"Gross profit is {sales} - {cost} =")
        income = say(gross - overhead, f"Operating income is {gross} - {overhead} =")
        percent = say(100 * income / sales, f"The margin is 100 * ({income}) / {sales} =")
        return say(rounded(percent), "To two decimals:")

    asked = f"What was the operating margin (sales less cost of sales and overhead, over sales) in {year}? {PERCENT}"
    given = {"numerator": [sales, -cost, -overhead], "denominator": [sales]}
    return _draft(asked, heading, statement, solve, given, "percent")


def leverage(rng: random.Random) -> Draft:
    """Debt over equity, as a ratio."""
    heading, statement, year = _statement(rng)
    place = rng.randint(0, 1)
    short, long, equity = (statement[n][place] for n in ("Short-term debt", "Long-term debt", "Equity"))

    def solve(say: Say) -> Decimal:
        debt = say(short + long, f"Debt is {short} + {long} =")
        ratio = say(debt / equity, f"Debt over equity is {debt} / {equity} =")
        return say(rounded(ratio), "To two decimals:")

    asked = f"What was the ratio of debt (short-term and long-term) to equity at the end of {year - place}? Round to two decimals."
    given = {"numerator": [short, long], "denominator": [equity]}
    return _draft(asked, heading, statement, solve, given, "quantity")


def share_of_sales(rng: random.Random) -> Draft:
    """How far a segment's share of sales moved, in percentage points."""
    heading, statement, year = _statement(rng)
    segment = rng.choice([name for name in statement if name in _SEGMENTS])
    (new, old), (all_new, all_old) = statement[segment], statement["Total sales"]

    def solve(say: Say) -> Decimal:
        now = say(100 * new / all_new, f"In {year} the share was 100 * {new} / {all_new} =")
        before = say(100 * old / all_old, f"In {year - 1} it was 100 * {old} / {all_old} =")
        moved = say(now - before, f"The change is {now:.10g} - {before:.10g} =")
        return say(rounded(moved), "To two decimals:")

    asked = (
        f"By how many percentage points did the share of {segment} in total sales change from {year - 1} to {year}? Give a "
        "number, negative for a fall. Round only the result, to two decimals."
    )
    given = {"numerator": [new, all_new], "denominator": [old, all_old]}
    return _draft(asked, heading, statement, solve, given, "quantity")


def _statement(rng: random.Random) -> tuple[str, Statement, int]:
    """Draw a heading, lines with the newer year first, and the newer year."""
    year, unit = rng.randint(2015, 2025), rng.choice(("thousands", "millions"))
    heading = f"{rng.choice(_COMPANIES)} plc, extracts, in {unit} of euros"
    lines: Statement = {name: [rng.randint(210, 9800), rng.randint(210, 9800)] for name in rng.sample(_SEGMENTS, 3)}
    lines["Total sales"] = [sum(amounts) for amounts in zip(*lines.values(), strict=True)]
    for name, low, high in (("Cost of sales", 35, 75), ("Overhead", 5, 30)):
        lines[name] = [total * rng.randint(low, high) // 100 for total in lines["Total sales"]]
    for name, low, high in (("Short-term debt", 90, 2400), ("Long-term debt", 120, 7000), ("Equity", 800, 9000)):
        lines[name] = [rng.randint(low, high), rng.randint(low, high)]
    return f"{heading}\nLine | {year} | {year - 1}", lines, year


def _draft(
    asked: str,
    heading: str,
    statement: Statement,
    solve: Callable[[Say], Decimal],
    given: dict[str, list[int]],
    kind: Kind,
) -> Draft:
    table = "\n".join([heading, *(f"{name} | {new:,} | {old:,}" for name, (new, old) in statement.items())])
    return Draft(question=asked, given=given, solve=solve, kind=kind, context=table, source=RATIOS)
