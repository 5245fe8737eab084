"""Fresh foreign exchange: a cross rate with a fee, a forward by covered interest parity, an investment abroad."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.finance.asking import CENTS, SIGNED, TEXT
from rarl_eval.tasks.fresh.make import Draft, Say, plain, rounded

SOURCE = f"{TEXT}, ch. 27"
_PER_EURO = {
    "US dollars": (1.02, 1.20, 4),
    "Swiss francs": (0.92, 1.02, 4),
    "British pounds": (0.83, 0.92, 4),
    "Swedish kronor": (10.2, 11.9, 3),
    "Polish zlotys": (4.15, 4.75, 4),
    "Canadian dollars": (1.40, 1.62, 4),
    "Japanese yen": (125.0, 172.0, 2),
}
"""Units of a currency that one euro bought between 2021 and 2025, low and high, and the decimals of a quote."""


def _quote(rng: random.Random, currency: str) -> float:
    low, high, places = _PER_EURO[currency]
    return round(rng.uniform(low, high), places)


def cross_rate(rng: random.Random) -> Draft:
    """From one currency to another through the euro, less a fee."""
    one, two = rng.sample(list(_PER_EURO), 2)
    first, second = _quote(rng, one), _quote(rng, two)
    amount, fee = 50 * rng.randint(4, 2000), rng.randint(1, 30) / 20

    def solve(say: Say) -> Decimal:
        euros = say(amount / first, f"The {one} bring {amount} / {first} =", "euros")
        other = say(euros * second, f"Those bring {euros:.10g} * {second} =")
        left = say(other * (1 - fee / 100), f"After the fee there are {other:.10g} * (1 - {fee} / 100) =")
        return say(rounded(left), "To two decimals:")

    asked = (
        f"One euro costs {plain(first)} {one} and {plain(second)} {two}. A customer changes {amount} {one} into euros and those "
        f"into {two}; the bank keeps {plain(fee)}% of the {two} as its fee and asks for nothing else. How many {two} does the "
        f"customer get? {CENTS}"
    )
    again = (
        f"A bank buys and sells at these middle rates: {plain(second)} {two} for a euro, {plain(first)} {one} for a euro. From "
        f"the {two} that it pays out it deducts {plain(fee)}%. How many {two} are paid out for {amount} {one}? {CENTS}"
    )
    given = {"currencies": [one, two], "rates": [first, second], "amount": amount, "fee": fee}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=SOURCE)


def forward(rng: random.Random) -> Draft:
    """The cost of euros on a later day, by covered interest parity with simple interest."""
    currency, months = rng.choice(list(_PER_EURO)), rng.randint(1, 12)
    spot, amount = _quote(rng, currency), 10 * rng.randint(50, 2000)
    at_home, abroad_ = rng.randint(2, 30) / 4, rng.randint(2, 30) / 4

    def solve(say: Say) -> Decimal:
        today = say(amount * spot, f"Today the euros cost {amount} * {spot} =", currency)
        other = say(1 + abroad_ * months / 1200, f"In {currency} money grows by 1 + {abroad_} * {months} / 1200 =")
        euro = say(1 + at_home * months / 1200, f"In euros it grows by 1 + {at_home} * {months} / 1200 =")
        later = say(today * other / euro, f"The forward costs {today:.10g} * {other:.10g} / {euro:.10g} =")
        return say(rounded(later), "To two decimals:")

    asked = (
        f"One euro costs {plain(spot)} {currency} today. For {months} months, interest in euros is {plain(at_home)}% a year and "
        f"interest in {currency} {plain(abroad_)}% a year, both simple, a month being a twelfth of a year. By covered interest "
        f"parity, how many {currency} does it cost to buy {amount} euros forward in {months} months? {CENTS}"
    )
    again = (
        f"A firm needs {amount} euros in {months} months and fixes the price now. The spot rate is {plain(spot)} {currency} for "
        f"a euro; money is lent at {plain(abroad_)}% a year in {currency} and at {plain(at_home)}% a year in euros, with simple "
        f"interest by twelfths of a year. How many {currency} will the firm pay, if covered interest parity holds? {CENTS}"
    )
    given = {"currency": currency, "months": months, "spot": spot, "amount": amount, "rates": [at_home, abroad_]}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=SOURCE)


def abroad(rng: random.Random) -> Draft:
    """What an investment abroad brought in euros, in percent."""
    currency, years, rate = rng.choice(list(_PER_EURO)), rng.randint(1, 5), rng.randint(2, 32) / 4
    before, after = _quote(rng, currency), _quote(rng, currency)

    def solve(say: Say) -> Decimal:
        grown = say((1 + rate / 100) ** years, f"In {currency} it grew by (1 + {rate} / 100) ^ {years} =")
        change = say(before / after, f"The exchange multiplies it by {before} / {after} =")
        whole = say(grown * change, f"Together {grown:.10g} * {change:.10g} =")
        percent = say(100 * (whole - 1), f"In percent: 100 * ({whole:.10g} - 1) =")
        return say(rounded(percent), "To two decimals:")

    span = f"{years} year{'s' if years > 1 else ''}"
    asked = (
        f"An investor changes euros into {currency} at {plain(before)} for a euro, earns {plain(rate)}% a year for {span}, "
        f"compounded yearly, and changes everything back at {plain(after)} {currency} for a euro. By how many percent have the "
        f"euros changed over the whole time? {SIGNED}"
    )
    again = (
        f"A euro cost {plain(before)} {currency} when a deposit in {currency} was made, and {plain(after)} {currency} when it "
        f"was taken out after {span} at {plain(rate)}% a year with yearly compounding. What is its whole return in euros, as a "
        f"percentage of the euros paid in? {SIGNED}"
    )
    given = {"currency": currency, "years": years, "rate": rate, "quotes": [before, after]}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="percent", source=SOURCE)
