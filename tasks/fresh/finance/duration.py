"""Fresh duration: Macaulay's, in years, and the change of a price that the modified one tells."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.finance.asking import CENTS, SIGNED
from rarl_eval.tasks.fresh.make import Draft, Say, plain, rounded

SOURCE = "Macaulay 1938, Some Theoretical Problems, ch. 2; Brealey, Myers & Allen, 13th ed., ch. 3"


def _bond(rng: random.Random) -> tuple[int, float, float, int]:
    """Draw a face value in euros, coupon and yield in percent, and years."""
    return 100 * rng.randint(1, 50), rng.randint(4, 40) / 4, rng.randint(4, 40) / 4, rng.randint(2, 7)


def _duration(say: Say, face: int, coupon: float, rate: float, years: int) -> float:
    paid = say(face * coupon / 100, f"Each coupon is {face} * {coupon} / 100 =")
    y = say(rate / 100, f"The yield is {rate} / 100 =")
    price = weighted = 0.0
    for year in range(1, years + 1):
        flow = paid if year < years else paid + face
        worth = say(flow / (1 + y) ** year, f"Year {year}: {flow:.10g} / (1 + {y:.10g}) ^ {year} =")
        price = say(price + worth, f"The price so far: {price:.10g} + {worth:.10g} =")
        weighted = say(weighted + year * worth, f"Weighted by years: {weighted:.10g} + {year} * {worth:.10g} =")
    return say(weighted / price, f"The duration is {weighted:.10g} / {price:.10g} =", "years")


def _terms(face: int, coupon: float, rate: float, years: int) -> tuple[str, str]:
    one = (
        f"A bond with a face value of {face} euros pays a coupon of {plain(coupon)}% once a year, the next in one year, and is "
        f"repaid with the last one after {years} years; its yield to maturity is {plain(rate)}% a year, compounded yearly."
    )
    two = (
        f"Coupons of {plain(coupon)}% of a face value of {face} euros are paid at the end of each of the next {years} years, "
        f"the face value itself with the last of them. The bond that promises this yields {plain(rate)}% a year, compounded "
        "yearly."
    )
    return one, two


def macaulay(rng: random.Random) -> Draft:
    """Macaulay duration in years."""
    face, coupon, rate, years = _bond(rng)

    def solve(say: Say) -> Decimal:
        found = _duration(say, face, coupon, rate, years)
        return say(rounded(found), "To two decimals:")

    one, two = _terms(face, coupon, rate, years)
    asked, again = (
        f"{one} What is its Macaulay duration in years? {CENTS}",
        f"{two} How many years is its Macaulay duration? {CENTS}",
    )
    given = {"face": face, "coupon": coupon, "rate": rate, "years": years}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=SOURCE)


def price_change(rng: random.Random) -> Draft:
    """The change of the price in percent, by modified duration alone."""
    face, coupon, rate, years = _bond(rng)
    points = rng.choice([n for n in range(-150, 155, 5) if abs(n) >= 10])
    how = "rises" if points > 0 else "falls"

    def solve(say: Say) -> Decimal:
        found = _duration(say, face, coupon, rate, years)
        modified = say(found / (1 + rate / 100), f"Modified, it is {found:.10g} / (1 + {rate} / 100) =")
        change = say(-modified * points / 100, f"The change in percent is -{modified:.10g} * ({points}) / 100 =")
        return say(rounded(change), "To two decimals:")

    one, two = _terms(face, coupon, rate, years)
    asked = (
        f"{one} The yield {how} by {abs(points)} basis points. By how many percent does the price change, as estimated by the "
        f"modified duration alone (without convexity)? {SIGNED}"
    )
    again = (
        f"{two} Then the yield {how} by {abs(points)} basis points. To the first order, by modified duration and nothing else, "
        f"what is the change of its price in percent? {SIGNED}"
    )
    given = {"face": face, "coupon": coupon, "rate": rate, "years": years, "points": points}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="percent", source=SOURCE)
