"""Fresh questions over a generated statement: a change over a year, a margin, leverage, a share.

The statement adds up; amounts are whole numbers of the unit that its heading names. Ratios as in Brealey, Myers &
Allen, Principles of Corporate Finance (13th ed.), ch. 28.
"""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rarl_eval.tasks.fresh.finance.asking import CENTS, PERCENT, SIGNED, TEXT
from rarl_eval.tasks.fresh.make import Draft, Kind, Redraw, Say, rounded

RATIOS = f"{TEXT}, ch. 28"
Statement = dict[str, list[int]]
_COMPANIES = ("Aldermoor", "Brackwater", "Cindervale", "Dunmarrow", "Eastholm", "Fennwick", "Garrowby", "Hollinside")
_SEGMENTS = ("Instruments", "Services", "Materials", "Software", "Logistics", "Optics")


def change_over_year(rng: random.Random) -> Draft:
    """Percentage change of a line from one year to the next."""
    table, statement, year = _statement(rng)
    line = rng.choice(list(statement))
    new, old = statement[line]
    if new == old:
        raise Redraw

    def solve(say: Say) -> Decimal:
        difference = say(new - old, f"The change is {new} - {old} =")
        percent = say(100 * difference / old, f"In percent of the year before: 100 * ({difference}) / {old} =")
        return say(rounded(percent), "To two decimals:")

    asked = f'By how many percent did "{line}" change from {year - 1} to {year}? {SIGNED}'
    again = f'What is the change of "{line}" in {year}, as a percentage of its amount in {year - 1}? {SIGNED}'
    return _draft((asked, again), table, solve, {"line": line, "year": year, "statement": statement}, "percent")


def margin(rng: random.Random) -> Draft:
    """Operating income in percent of sales."""
    table, statement, year = _statement(rng)
    place = rng.randint(0, 1)
    sales, cost, overhead = (statement[n][place] for n in ("Total sales", "Cost of sales", "Overhead"))

    def solve(say: Say) -> Decimal:
        gross = say(sales - cost, f"Gross profit is {sales} - {cost} =")
        income = say(gross - overhead, f"Operating income is {gross} - {overhead} =")
        percent = say(100 * income / sales, f"The margin is 100 * ({income}) / {sales} =")
        return say(rounded(percent), "To two decimals:")

    loss = PERCENT.replace("sign.", "sign, negative for a loss.")
    asked = (
        f"What was the operating margin (sales less cost of sales and overhead, over sales) in {year - place}? {loss}"
    )
    again = (
        f"Of the sales in {year - place}, what percentage was left after the cost of sales and the overhead of that year? "
        f"{loss}"
    )
    return _draft((asked, again), table, solve, {"year": year, "place": place, "statement": statement}, "percent")


def leverage(rng: random.Random) -> Draft:
    """Debt over equity, as a ratio."""
    table, statement, year = _statement(rng)
    place = rng.randint(0, 1)
    short, long, equity = (statement[n][place] for n in ("Short-term debt", "Long-term debt", "Equity"))

    def solve(say: Say) -> Decimal:
        debt = say(short + long, f"Debt is {short} + {long} =")
        ratio = say(debt / equity, f"Debt over equity is {debt} / {equity} =")
        return say(rounded(ratio), "To two decimals:")

    plain = f"Give a plain number, not a percentage. {CENTS}"
    asked = f"What was the ratio of debt (short-term and long-term) to equity at the end of {year - place}? {plain}"
    again = (
        f"Dividing all debt, short-term and long-term, by the equity, both of {year - place}: what is the debt-to-equity "
        f"ratio? {plain}"
    )
    return _draft((asked, again), table, solve, {"year": year, "place": place, "statement": statement}, "quantity")


def share_of_sales(rng: random.Random) -> Draft:
    """How far a segment's share of sales moved, in percentage points."""
    table, statement, year = _statement(rng)
    segment = rng.choice([name for name in statement if name in _SEGMENTS])
    (new, old), (all_new, all_old) = statement[segment], statement["Total sales"]

    def solve(say: Say) -> Decimal:
        now = say(100 * new / all_new, f"In {year} the share was 100 * {new} / {all_new} =")
        before = say(100 * old / all_old, f"In {year - 1} it was 100 * {old} / {all_old} =")
        moved = say(now - before, f"The change is {now:.10g} - {before:.10g} =")
        return say(rounded(moved), "To two decimals:")

    form = f"Give a number, negative for a fall. {CENTS}"
    asked = f'By how many percentage points did the share of "{segment}" in total sales change from {year - 1} to {year}? {form}'
    again = (
        f'In {year - 1} and in {year}, "{segment}" made up a share of total sales. By how many percentage points is the later '
        f"share above the earlier one? {form}"
    )
    return _draft((asked, again), table, solve, {"line": segment, "year": year, "statement": statement}, "quantity")


def _statement(rng: random.Random) -> tuple[str, Statement, int]:
    """Draw a statement: its table, its lines with the newer year first, and the newer year."""
    year, unit = rng.randint(2015, 2025), rng.choice(("thousands", "millions"))
    heading = f"{rng.choice(_COMPANIES)} plc, extracts, in {unit} of euros\nLine | {year} | {year - 1}"
    lines: Statement = {name: [rng.randint(210, 9800), rng.randint(210, 9800)] for name in rng.sample(_SEGMENTS, 3)}
    lines["Total sales"] = [sum(amounts) for amounts in zip(*lines.values(), strict=True)]
    for name, low, high in (("Cost of sales", 35, 75), ("Overhead", 5, 30)):
        lines[name] = [total * rng.randint(low, high) // 100 for total in lines["Total sales"]]
    for name, low, high in (("Short-term debt", 90, 2400), ("Long-term debt", 120, 7000), ("Equity", 800, 9000)):
        lines[name] = [rng.randint(low, high), rng.randint(low, high)]
    table = "\n".join([heading, *(f"{name} | {new:,} | {old:,}" for name, (new, old) in lines.items())])
    return table, lines, year


def _draft(
    wordings: tuple[str, str], table: str, solve: Callable[[Say], Decimal], given: dict[str, Any], kind: Kind
) -> Draft:
    asked, again = wordings
    return Draft(
        question=f"{table}\n\n{asked}",
        rewordings=(f"{again}\n\n{table}",),
        given=given,
        solve=solve,
        kind=kind,
        source=RATIOS,
        vast=True,
    )
