"""Fresh bonds: a price from a yield, a yield from a price."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.finance.asking import CENTS, PERCENT, TEXT
from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain, rounded


def bond_price(rng: random.Random) -> Draft:
    """Price of a coupon bond from its yield."""
    face, years = 100 * rng.randint(1, 50), rng.randint(2, 12)
    coupon, rate = rng.randint(4, 40) / 4, rng.randint(4, 40) / 4
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
        f"A bond with a face value of {face} euros pays a coupon of {plain(coupon)}% once a year, the next in one year, and is "
        f"repaid with the last one after {years} years. Its yield to maturity is {plain(rate)}% a year. What is its price in "
        f"euros? {CENTS}"
    )
    again = (
        f"What is a bond worth in euros if the market asks for a yield of {plain(rate)}% a year, compounded yearly, and the "
        f"bond pays {plain(coupon)}% of its face value of {face} euros at the end of each of the next {years} years, and the "
        f"face value together with the last coupon? {CENTS}"
    )
    given = {"face": face, "coupon": coupon, "rate": rate, "years": years}
    return Draft(
        question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 3"
    )


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
        f"A bond without coupons costs {plain(price)} euros and repays {face} euros after {years} years. What is its yield to "
        f"maturity a year, compounded yearly? {PERCENT}"
    )
    again = (
        f"An investor pays {plain(price)} euros for a zero-coupon bond and gets {face} euros in {years} years, and nothing "
        f"before. Which yearly rate, compounded yearly, does the investor earn? {PERCENT}"
    )
    given = {"face": face, "price": price, "years": years}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="percent", source=f"{TEXT}, ch. 3")
