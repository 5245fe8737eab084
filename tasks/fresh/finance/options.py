"""Fresh options: what a position brings at expiry, and put-call parity."""

import math
import random
from decimal import Decimal

from rarl_eval.tasks.fresh.finance.asking import CENTS, TEXT
from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain, rounded

Leg = tuple[str, int, str, int, float]
"""Bought or written, how many, call or put, strike, and the price of one."""


def option_profit(rng: random.Random) -> Draft:
    """Profit at expiry of two or three legs on one share."""
    price = rng.randint(40, 160)
    legs: list[Leg] = [
        (
            rng.choice(("buys", "writes")),
            rng.choice((10, 20, 50, 100, 200)),
            rng.choice(("call", "put")),
            price + rng.randint(-20, 20),
            rng.randint(20, 900) / 100,
        )
        for _ in range(rng.randint(2, 3))
    ]
    end = round(price * rng.uniform(0.75, 1.3), 1)
    worths = [_worth(leg, end) for leg in legs]
    if len({(kind, strike) for _, _, kind, strike, _ in legs}) < len(legs) or not any(worths):
        raise Redraw

    def solve(say: Say) -> Decimal:
        total = 0.0
        for place, leg in enumerate(legs, start=1):
            side, count, kind, strike, premium = leg
            sides = f"{end} - {strike}" if kind == "call" else f"{strike} - {end}"
            worth = say(
                _worth(leg, end), f"Option {place} ends with the greater of 0 and the difference of {sides}, which is"
            )
            gain = worth - premium if side == "buys" else premium - worth
            told = f"{worth:.10g} - {premium}" if side == "buys" else f"{premium} - {worth:.10g}"
            one = say(gain, f"Who {side} one gains {told} =", "euros")
            total = say(total + count * one, f"So far: {total:.10g} + {count} * ({one:.10g}) =", "euros")
        return say(rounded(total), "To two decimals:")

    told = ", ".join(f"{s} {n} {k} options with strike {x} for {plain(p)} euros each" for s, n, k, x, p in legs)
    rules = "Every option is on one share of the same firm and expires on the same day; interest and fees are left out."
    asked = (
        f"An investor {told}. {rules} At expiry the share stands at {plain(end)} euros. What is the investor's profit in "
        f"euros, negative for a loss? {CENTS}"
    )
    again = (
        f"On the day of expiry a share costs {plain(end)} euros. {rules} What has an investor gained in euros (negative for a "
        f"loss) who earlier did the following: {told}? (Who writes an option gets its price.) {CENTS}"
    )
    given = {"legs": legs, "end": end}
    return Draft(
        question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=f"{TEXT}, ch. 21"
    )


def _worth(leg: Leg, end: float) -> float:
    _, _, kind, strike, _ = leg
    return float(max(0.0, end - strike if kind == "call" else strike - end))


def put_call_parity(rng: random.Random) -> Draft:
    """The price of a European option from that of its counterpart."""
    share, rate, months = rng.randint(200, 1800) / 10, rng.randint(2, 30) / 4, rng.randint(1, 18)
    strike = round(share) + rng.randint(-15, 15)
    wanted = rng.choice(("call", "put"))
    known = {"call": "put", "put": "call"}[wanted]
    price = rng.randint(50, 2400) / 100
    forward = share - strike * math.exp(-rate * months / 1200)
    other = price - forward if wanted == "put" else price + forward
    if other < 0.3 or price <= max(0.0, forward if known == "call" else -forward):
        raise Redraw  # no such prices without arbitrage

    def solve(say: Say) -> Decimal:
        time = say(months / 12, f"The time is {months} / 12 =", "years")
        power = say(rate / 100 * time, f"The rate times the time is {rate} / 100 * {time:.10g} =")
        worth = say(strike * math.exp(-power), f"The strike is worth today {strike} * exp(-{power:.10g}), which is")
        if wanted == "put":
            found = say(price - share + worth, f"The put costs {price} - {share} + {worth:.10g} =", "euros")
        else:
            found = say(price + share - worth, f"The call costs {price} + {share} - {worth:.10g} =", "euros")
        return say(rounded(found), "To two decimals:")

    asked = (
        f"A share that pays no dividend costs {plain(share)} euros. A European {known} on it with strike {strike} euros and "
        f"{months} months to expiry costs {plain(price)} euros. The risk-free rate is {plain(rate)}% a year, continuously "
        f"compounded; a month is a twelfth of a year. What does the European {wanted} with the same strike and expiry cost in "
        f"euros by put-call parity? {CENTS}"
    )
    again = (
        f"By put-call parity, what is the price in euros of a European {wanted} with strike {strike} euros and {months} months "
        f"(twelfths of a year) to expiry, if the {known} of the same strike and expiry is at {plain(price)} euros, the share at "
        f"{plain(share)} euros without dividends, and the continuously compounded risk-free rate at {plain(rate)}% a year? "
        f"{CENTS}"
    )
    given = {"share": share, "strike": strike, "rate": rate, "months": months, "price": price, "wanted": wanted}
    source = "Stoll 1969, J Finance 24:801"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)
