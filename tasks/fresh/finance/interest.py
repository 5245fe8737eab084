"""Fresh compound interest and present values."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.finance.asking import CENTS, TEXT
from rarl_eval.tasks.fresh.make import Draft, Say, plain, rounded

_PERIODS = {"yearly": 1, "half-yearly": 2, "quarterly": 4, "monthly": 12}


def future_value(rng: random.Random) -> Draft:
    """One deposit at a nominal rate, compounded several times a year."""
    principal, rate, years = 50 * rng.randint(4, 900), rng.randint(4, 48) / 4, rng.randint(2, 15)
    how = rng.choice(list(_PERIODS))

    def solve(say: Say) -> Decimal:
        per_year = _PERIODS[how]
        periodic = say(rate / 100 / per_year, f"The rate per period is {rate} / 100 / {per_year} =")
        periods = say(years * per_year, f"The periods number {years} * {per_year} =")
        factor = say((1 + periodic) ** periods, f"The factor is (1 + {periodic:.10g}) ^ {periods} =")
        value = say(principal * factor, f"The value is {principal} * {factor:.10g} =")
        return say(rounded(value), "To two decimals:")

    asked = (
        f"{principal} euros are deposited at a nominal rate of {plain(rate)}% a year, compounded {how}. How many euros are "
        f"there after {years} years? {CENTS}"
    )
    again = (
        f"For {years} years an account earns a nominal {plain(rate)}% a year with {how} compounding. To how many euros does a "
        f"single deposit of {principal} euros grow? {CENTS}"
    )
    given = {"principal": principal, "rate": rate, "years": years, "per_year": _PERIODS[how]}
    return Draft(
        question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 2"
    )


def savings(rng: random.Random) -> Draft:
    """Equal deposits at the end of each year."""
    deposit, rate, years = 5 * rng.randint(20, 2000), rng.randint(4, 40) / 4, rng.randint(3, 20)

    def solve(say: Say) -> Decimal:
        r = say(rate / 100, f"The rate is {rate} / 100 =")
        factor = say((1 + r) ** years, f"In {years} years one euro becomes (1 + {r:.10g}) ^ {years} =")
        annuity = say((factor - 1) / r, f"The annuity factor is ({factor:.10g} - 1) / {r:.10g} =")
        value = say(deposit * annuity, f"The value is {deposit} * {annuity:.10g} =")
        return say(rounded(value), "To two decimals:")

    asked = (
        f"At the end of each year {deposit} euros are paid into an account that earns {plain(rate)}% a year. How many euros "
        f"are in it right after payment number {years}? {CENTS}"
    )
    again = (
        f"A saver puts {deposit} euros aside once a year, at the year's end, {years} times. Interest is {plain(rate)}% a year, "
        f"added yearly. What is saved, in euros, at the moment of the last payment, which is included? {CENTS}"
    )
    given = {"deposit": deposit, "rate": rate, "years": years}
    return Draft(
        question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 2"
    )


def uneven_flows(rng: random.Random) -> Draft:
    """Net present value of an outlay and its yearly returns."""
    flows = [10 * rng.randint(5, 400) for _ in range(rng.randint(3, 5))]
    outlay, rate = 10 * rng.randint(20, 1200), rng.randint(8, 60) / 4

    def solve(say: Say) -> Decimal:
        r, total = say(rate / 100, f"The rate is {rate} / 100 ="), float(-outlay)
        for year, flow in enumerate(flows, start=1):
            worth = say(flow / (1 + r) ** year, f"Year {year}: {flow} / (1 + {r:.10g}) ^ {year} =")
            total = say(total + worth, f"So far: {total:.10g} + {worth:.10g} =")
        return say(rounded(total), "To two decimals:")

    told = ", ".join(str(flow) for flow in flows)
    asked = (
        f"A project costs {outlay} euros today and returns {told} euros at the end of years 1 to {len(flows)}, in that order. "
        f"What is its net present value in euros, negative for a loss, at a discount rate of {plain(rate)}% a year? {CENTS}"
    )
    again = (
        f"Payments of {told} euros come in at the end of years 1 to {len(flows)}, in that order, for an outlay of {outlay} "
        f"euros now. With {plain(rate)}% a year as the discount rate, what is the net present value in euros (negative if the "
        f"outlay is worth more)? {CENTS}"
    )
    given = {"outlay": outlay, "flows": flows, "rate": rate}
    return Draft(
        question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 2"
    )


def equivalent_annuity(rng: random.Random) -> Draft:
    """Yearly cost that is worth as much as a machine's cost and running costs."""
    cost, running, rate = 100 * rng.randint(10, 900), 10 * rng.randint(5, 300), rng.randint(8, 60) / 4
    years = rng.randint(3, 15)

    def solve(say: Say) -> Decimal:
        r = say(rate / 100, f"The rate is {rate} / 100 =")
        discount = say((1 + r) ** -years, f"The discount factor is (1 + {r:.10g}) ^ (-{years}) =")
        annuity = say((1 - discount) / r, f"The annuity factor is (1 - {discount:.10g}) / {r:.10g} =")
        share = say(cost / annuity, f"The machine's yearly cost is {cost} / {annuity:.10g} =")
        whole = say(share + running, f"With running costs it is {share:.10g} + {running} =")
        return say(rounded(whole), "To two decimals:")

    asked = (
        f"A machine costs {cost} euros today, runs for {years} years and costs {running} euros at the end of each of them. "
        f"What equal payment at the end of each year has the same present value, at {plain(rate)}% a year? Answer in euros. "
        f"{CENTS}"
    )
    again = (
        f"At {plain(rate)}% a year, what is the equivalent annual cost in euros, paid at the end of each of {years} years, of "
        f"a machine bought for {cost} euros now with running costs of {running} euros at the end of every year? {CENTS}"
    )
    given = {"cost": cost, "running": running, "rate": rate, "years": years}
    return Draft(
        question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 2 and 6"
    )
