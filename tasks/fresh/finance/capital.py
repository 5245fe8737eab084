"""Fresh cost of capital: weighted by market values, or with the cost of equity from a beta."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.finance.asking import PERCENT, TEXT
from rarl_eval.tasks.fresh.make import Draft, Say, plain, rounded

SOURCE = f"{TEXT}, ch. 8 and 19"


def _weighted(say: Say, shares: tuple[float, float], of_equity: float, of_debt: float, tax: int) -> Decimal:
    equity, debt = shares
    after = say(of_debt * (1 - tax / 100), f"Debt costs after tax {of_debt:.10g} * (1 - {tax} / 100) =", "percent")
    whole = say(equity * of_equity + debt * after,
        f"The average is {equity:.10g} * {of_equity:.10g} + {debt:.10g} * {after:.10g} =")  # fmt: skip
    return say(rounded(whole), "To two decimals:")


def weighted_capital(rng: random.Random) -> Draft:
    """After-tax weighted average cost of capital from market values."""
    equity, debt, tax = rng.randint(40, 900), rng.randint(10, 700), rng.randint(10, 35)
    of_equity, of_debt = rng.randint(60, 160) / 10, rng.randint(15, 58) / 10

    def solve(say: Say) -> Decimal:
        whole = say(equity + debt, f"The firm is worth {equity} + {debt} =", "million euros")
        one = say(equity / whole, f"The share of equity is {equity} / {whole} =")
        two = say(debt / whole, f"The share of debt is {debt} / {whole} =")
        return _weighted(say, (one, two), of_equity, of_debt, tax)

    asked = (
        f"A firm's equity has a market value of {equity} million euros and costs {plain(of_equity)}% a year; its debt has a "
        f"market value of {debt} million euros and costs {plain(of_debt)}% a year before tax. The tax rate is {tax}%, and "
        f"interest is deductible. What is the after-tax weighted average cost of capital (WACC)? {PERCENT}"
    )
    again = (
        f"Lenders of a firm ask for {plain(of_debt)}% a year before tax, its shareholders for {plain(of_equity)}%. At market "
        f"values there are {debt} million euros of debt and {equity} million euros of equity. Interest lowers a tax of {tax}%. "
        f"What does the firm's capital cost on average, after tax and weighted by market values (WACC)? {PERCENT}"
    )
    given = {"equity": equity, "debt": debt, "tax": tax, "of_equity": of_equity, "of_debt": of_debt}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="percent", source=SOURCE)


def levered_capital(rng: random.Random) -> Draft:
    """The same with the capital asset pricing model and a ratio of debt to equity."""
    free, premium, beta = rng.randint(5, 45) / 10, rng.randint(35, 75) / 10, rng.randint(50, 180) / 100
    ratio, spread, tax = rng.randint(10, 150) / 100, rng.randint(5, 30) / 10, rng.randint(10, 35)

    def solve(say: Say) -> Decimal:
        of_equity = say(free + beta * premium, f"Equity costs {free} + {beta} * {premium} =", "percent")
        of_debt = say(free + spread, f"Debt costs {free} + {spread} =", "percent")
        one = say(1 / (1 + ratio), f"The share of equity is 1 / (1 + {ratio}) =")
        two = say(1 - one, f"The share of debt is 1 - {one:.10g} =")
        return _weighted(say, (one, two), of_equity, of_debt, tax)

    asked = (
        f"The risk-free rate is {plain(free)}% a year and the market risk premium {plain(premium)}%. A firm has an equity beta "
        f"of {plain(beta)}, a ratio of debt to equity of {plain(ratio)} at market values, and borrows at {plain(spread)} "
        f"percentage points above the risk-free rate before tax; interest is deductible at a tax rate of {tax}%. What is its "
        f"after-tax WACC, with the cost of equity by the CAPM? {PERCENT}"
    )
    again = (
        f"By the CAPM, what is the after-tax weighted average cost of capital of a firm with an equity beta of {plain(beta)}, "
        f"if a risk-free investment brings {plain(free)}% a year, the market {plain(premium)} percentage points more than that, "
        f"the firm's debt costs {plain(spread)} percentage points more than a risk-free investment before a deductible tax of "
        f"{tax}%, and at market values there are {plain(ratio)} euros of debt for each euro of equity? {PERCENT}"
    )
    given = {"free": free, "premium": premium, "beta": beta, "ratio": ratio, "spread": spread, "tax": tax}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="percent", source=SOURCE)
