"""Fresh options and currencies again: by cases, by a portfolio, by another order of the same exchanges."""

import math
import re
from typing import Any

from .reading import read

CENTS = "Round only the result, to two decimals."
SIGNED = f"Give a percentage with its % sign, negative for a decrease. {CENTS}"


def option_profit(text: str) -> Any:
    """Cash paid and got at the start, then cash at the end, leg by leg."""
    rules = "Every option is on one share of the same firm and expires on the same day; interest and fees are left out."
    g = read(
        text,
        f"An investor <legs>. {rules} At expiry the share stands at {{end}} euros. What is the investor's profit in euros, "
        f"negative for a loss? {CENTS}",
        f"On the day of expiry a share costs {{end}} euros. {rules} What has an investor gained in euros (negative for a loss) who "
        f"earlier did the following: <legs>? (Who writes an option gets its price.) {CENTS}",
    )
    cash = 0.0
    legs = [
        re.fullmatch(r"(buys|writes) (\d+) (call|put) options with strike (\d+) for ([\d.]+) euros each", leg)
        for leg in g["legs"].split(", ")
    ]
    for leg in legs:
        side, count, kind, strike, premium = leg.groups()  # type: ignore[union-attr]
        exercised = g["end"] > int(strike) if kind == "call" else g["end"] < int(strike)
        value = abs(g["end"] - int(strike)) if exercised else 0.0
        cash += (value - float(premium)) * int(count) * {"buys": 1, "writes": -1}[side]
    return cash


def put_call_parity(text: str) -> Any:
    """What makes a call, a bond and a written put worth the share."""
    g = read(
        text,
        f"A share that pays no dividend costs {{share}} euros. A European <known> on it with strike {{strike}} euros and "
        f"{{months}} months to expiry costs {{price}} euros. The risk-free rate is {{rate}}% a year, continuously compounded; a "
        f"month is a twelfth of a year. What does the European <wanted> with the same strike and expiry cost in euros by "
        f"put-call parity? {CENTS}",
        f"By put-call parity, what is the price in euros of a European <wanted> with strike {{strike}} euros and {{months}} months "
        f"(twelfths of a year) to expiry, if the <known> of the same strike and expiry is at {{price}} euros, the share at "
        f"{{share}} euros without dividends, and the continuously compounded risk-free rate at {{rate}}% a year? {CENTS}",
    )
    assert {g["known"], g["wanted"]} == {"call", "put"}
    bond = g["strike"] / math.exp(g["rate"] / 100) ** (g["months"] / 12)
    return g["price"] + (bond - g["share"]) * (1 if g["wanted"] == "put" else -1)


def cross_rate(text: str) -> Any:
    g = read(
        text,
        f"One euro costs {{first}} <one> and {{second}} <two>. A customer changes {{amount}} <from> into euros and those into "
        f"<to>; the bank keeps {{fee}}% of the <kept> as its fee and asks for nothing else. How many <asked> does the customer "
        f"get? {CENTS}",
        f"A bank buys and sells at these middle rates: {{second}} <two> for a euro, {{first}} <one> for a euro. From the <kept> "
        f"that it pays out it deducts {{fee}}%. How many <asked> are paid out for {{amount}} <from>? {CENTS}",
    )
    assert g["one"] == g["from"] != g["two"] == g["kept"] == g["asked"] == g.get("to", g["two"])
    return g["amount"] * (g["second"] / g["first"]) * (100 - g["fee"]) / 100


def forward(text: str) -> Any:
    """Euros lent today that grow to those needed, and the loan that pays for them."""
    g = read(
        text,
        f"One euro costs {{spot}} <one> today. For {{months}} months, interest in euros is {{home}}% a year and interest in <two> "
        f"{{other}}% a year, both simple, a month being a twelfth of a year. By covered interest parity, how many <three> does "
        f"it cost to buy {{amount}} euros forward in {{again}} months? {CENTS}",
        f"A firm needs {{amount}} euros in {{months}} months and fixes the price now. The spot rate is {{spot}} <one> for a euro; "
        f"money is lent at {{other}}% a year in <two> and at {{home}}% a year in euros, with simple interest by twelfths of a "
        f"year. How many <three> will the firm pay, if covered interest parity holds? {CENTS}",
    )
    assert g["one"] == g["two"] == g["three"]
    assert g.get("again", g["months"]) == g["months"]
    lent = g["amount"] / (1 + g["home"] / 100 / 12 * g["months"])
    borrowed = lent * g["spot"]
    return borrowed + borrowed * g["other"] / 100 / 12 * g["months"]


def abroad(text: str) -> Any:
    """A hundred euros followed there and back."""
    g = read(
        re.sub(r"(\d) years?\b", r"\1 years", text),
        f"An investor changes euros into <one> at {{before}} for a euro, earns {{rate}}% a year for {{years}} years, compounded "
        f"yearly, and changes everything back at {{after}} <two> for a euro. By how many percent have the euros changed over the "
        f"whole time? {SIGNED}",
        f"A euro cost {{before}} <one> when a deposit in <two> was made, and {{after}} <three> when it was taken out after "
        f"{{years}} years at {{rate}}% a year with yearly compounding. What is its whole return in euros, as a percentage of the "
        f"euros paid in? {SIGNED}",
    )
    assert g["one"] == g["two"] == g.get("three", g["two"])
    money = 100.0 * g["before"]
    for _ in range(g["years"]):
        money += money * g["rate"] / 100
    return money / g["after"] - 100
