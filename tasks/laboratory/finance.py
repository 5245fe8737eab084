"""Fresh finance in whole numbers: simple interest, and an income from a short statement.

The families of ``fresh:finance`` divide to two decimals, which a model of the laboratory's size does not learn.
"""

import random

from rarl_eval.tasks.fresh.make import Draft, Say
from rarl_eval.tasks.laboratory.drawn import RATIOS

_COMPANIES = ("Aldermoor", "Brackwater", "Cindervale", "Dunmarrow", "Eastholm", "Fennwick", "Garrowby", "Hollinside")


def interest(rng: random.Random) -> Draft:
    """A deposit with simple interest, after some years."""
    hundreds, rate, years = rng.randint(11, 999), rng.randint(2, 9), rng.randint(2, 9)

    def solve(say: Say) -> int:
        yearly = say(hundreds * rate, f"A year brings {hundreds} * {rate} =", "euros")
        earned = say(yearly * years, f"The years bring {yearly} * {years} =", "euros")
        return say(100 * hundreds + earned, f"With the deposit it is {100 * hundreds} + {earned} =", "euros")

    question = (
        f"{100 * hundreds} euros earn simple interest of {rate}% a year, which is not added to the deposit. How many euros "
        f"are deposit and interest together after {years} years?"
    )
    given = {"principal": 100 * hundreds, "rate": rate, "years": years}
    return Draft(question=question, given=given, solve=solve, kind="number")


def operating_income(rng: random.Random) -> Draft:
    """Sales less two costs, of one of two years."""
    year, place = rng.randint(2015, 2025), rng.randint(0, 1)
    sales = [rng.randint(1200, 9800) for _ in range(2)]
    cost = [amount * rng.randint(35, 65) // 100 for amount in sales]
    overhead = [amount * rng.randint(5, 30) // 100 for amount in sales]

    def solve(say: Say) -> int:
        gross = say(sales[place] - cost[place], f"Gross profit is {sales[place]} - {cost[place]} =")
        return say(gross - overhead[place], f"Operating income is {gross} - {overhead[place]} =")

    table = _table(rng, year, {"Sales": sales, "Cost of sales": cost, "Overhead": overhead})
    question = f"What was the operating income (sales less cost of sales and overhead) in {year - place}?"
    given = {"sales": sales[place], "cost": cost[place], "overhead": overhead[place]}
    return Draft(question=question, given=given, solve=solve, kind="number", context=table, source=RATIOS)


def _table(rng: random.Random, year: int, lines: dict[str, list[int]]) -> str:
    heading = f"{rng.choice(_COMPANIES)} plc, extracts, in thousands of euros\nLine | {year} | {year - 1}"
    return "\n".join([heading, *(f"{name} | {new} | {old}" for name, (new, old) in lines.items())])
