"""Fresh finance: compound interest, bonds, net present value, ratios over a generated statement.

Formulas are those of Brealey, Myers & Allen, Principles of Corporate Finance (13th ed.): ch. 2 for compounding,
annuities and net present value, ch. 3 for bonds, ch. 28 for ratios.
"""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Family, Redraw, Say, rounded
from rarl_eval.tasks.fresh.statements import change_over_year, leverage, margin, share_of_sales

TEXT = "Brealey, Myers & Allen, Principles of Corporate Finance, 13th ed."
CENTS = "Round only the result, to two decimals."
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
        f"{principal} euros are deposited at a nominal rate of {rate}% a year, compounded {how}. How many euros are there "
        f"after {years} years? {CENTS}"
    )
    given = {"principal": principal, "rate": rate, "years": years, "per_year": _PERIODS[how]}
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 2")


def savings(rng: random.Random) -> Draft:
    """Equal deposits at the end of each year."""
    deposit, rate, years = 25 * rng.randint(4, 400), rng.randint(4, 40) / 4, rng.randint(3, 20)

    def solve(say: Say) -> Decimal:
        r = say(rate / 100, f"The rate is {rate} / 100 =")
        factor = say((1 + r) ** years, f"In {years} years one euro becomes (1 + {r:.10g}) ^ {years} =")
        annuity = say((factor - 1) / r, f"The annuity factor is ({factor:.10g} - 1) / {r:.10g} =")
        value = say(deposit * annuity, f"The value is {deposit} * {annuity:.10g} =")
        return say(rounded(value), "To two decimals:")

    asked = (
        f"At the end of each year {deposit} euros are paid into an account that earns {rate}% a year. How many euros are in "
        f"it right after payment number {years}? {CENTS}"
    )
    given = {"deposit": deposit, "rate": rate, "years": years}
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 2")


def bond_price(rng: random.Random) -> Draft:
    """Price of a coupon bond from its yield."""
    face, coupon, rate, years = (
        100 * rng.randint(1, 50),
        rng.randint(4, 40) / 4,
        rng.randint(4, 40) / 4,
        rng.randint(2, 12),
    )
    if coupon == rate:
        raise Redraw

    def solve(say: Say) -> Decimal:
        paid = say(face * coupon / 100, f"Each coupon is {face} * {coupon} / 100 =")
        y = say(rate / 100, f"The yield is {rate} / 100 =")
        discount = say((1 + y) ** -years, f"The last payment is discounted by (1 + {y:.10g}) ^ (-{years}) =")
        annuity = say((1 - discount) / y, f"The annuity factor is (1 - {discount:.10g}) / {y:.10g} =")
        coupons = say(paid * annuity, f"The coupons are worth {paid:.10g} * {annuity:.10g} =")
        repaid = say(face * discount, f"The face value is worth {face} * {discount:.10g} =")
        price = say(coupons + repaid, f"The price is {coupons:.10g} + {repaid:.10g} =")
        return say(rounded(price), "To two decimals:")

    asked = (
        f"A bond with a face value of {face} euros pays a coupon of {coupon}% once a year, the next in one year, and is "
        f"repaid with the last one after {years} years. Its yield to maturity is {rate}% a year. What is its price in "
        f"euros? {CENTS}"
    )
    given = {"face": face, "coupon": coupon, "rate": rate, "years": years}
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 3")


def zero_yield(rng: random.Random) -> Draft:
    """Yield of a bond without coupons."""
    face, years = 100 * rng.randint(5, 60), rng.randint(2, 20)
    price = round(face * rng.uniform(0.35, 0.97), 1)

    def solve(say: Say) -> Decimal:
        ratio = say(face / price, f"The bond grows by {face} / {price} =")
        root = say(ratio ** (1 / years), f"In one year it grows by {ratio:.10g} ^ (1 / {years}) =")
        percent = say(100 * (root - 1), f"In percent: 100 * ({root:.10g} - 1) =")
        return say(rounded(percent), "To two decimals:")

    asked = (
        f"A bond without coupons costs {price} euros and repays {face} euros after {years} years. What is its yield to "
        f"maturity a year, compounded yearly? Give a percentage with its % sign. {CENTS}"
    )
    given = {"face": face, "price": price, "years": years}
    return Draft(question=asked, given=given, solve=solve, kind="percent", source=f"{TEXT}, ch. 3")


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
        f"What is its net present value in euros at a discount rate of {rate}% a year? {CENTS}"
    )
    given = {"outlay": outlay, "flows": flows, "rate": rate}
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 2")


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
        f"A machine costs {cost} euros today, runs for {years} years and costs {running} euros at the end of each of them. What "
        f"equal payment at the end of each year has the same present value, at {rate}% a year? Answer in euros. {CENTS}"
    )
    given = {"cost": cost, "running": running, "rate": rate, "years": years}
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 2 and 6")


FAMILIES = (
    Family(name="compound_interest", domain="finance", templates=(future_value, savings)),
    Family(name="bonds", domain="finance", templates=(bond_price, zero_yield)),
    Family(name="present_value", domain="finance", templates=(uneven_flows, equivalent_annuity)),
    Family(name="statements", domain="finance", templates=(change_over_year, margin, leverage, share_of_sales)),
)
