"""Fresh finance again: period by period, by Horner's scheme, or by another closed form."""

import math
import re
from typing import Any

from .reading import read

CENTS = "Round only the result, to two decimals."
PERCENT = f"Give a percentage with its % sign. {CENTS}"
SIGNED = f"Give a percentage with its % sign, negative for a decrease. {CENTS}"
_PERIODS = {"yearly": 1, "half-yearly": 2, "quarterly": 4, "monthly": 12}


def future_value(text: str) -> Any:
    g = read(
        text,
        f"{{principal}} euros are deposited at a nominal rate of {{rate}}% a year, compounded <how>. How many euros are there "
        f"after {{years}} years? {CENTS}",
        f"For {{years}} years an account earns a nominal {{rate}}% a year with <how> compounding. To how many euros does a single "
        f"deposit of {{principal}} euros grow? {CENTS}",
    )
    value, each = float(g["principal"]), _PERIODS[g["how"]]
    for _ in range(g["years"] * each):
        value += value * g["rate"] / 100 / each
    return value


def savings(text: str) -> Any:
    g = read(
        text,
        f"At the end of each year {{deposit}} euros are paid into an account that earns {{rate}}% a year. How many euros are in "
        f"it right after payment number {{years}}? {CENTS}",
        f"A saver puts {{deposit}} euros aside once a year, at the year's end, {{years}} times. Interest is {{rate}}% a year, "
        f"added yearly. What is saved, in euros, at the moment of the last payment, which is included? {CENTS}",
    )
    value = 0.0
    for _ in range(g["years"]):
        value = value * (1 + g["rate"] / 100) + g["deposit"]
    return value


def uneven_flows(text: str) -> Any:
    """Horner's scheme from the last year."""
    g = read(
        text,
        f"A project costs {{outlay}} euros today and returns <flows> euros at the end of years 1 to {{last}}, in that order. What "
        f"is its net present value in euros, negative for a loss, at a discount rate of {{rate}}% a year? {CENTS}",
        f"Payments of <flows> euros come in at the end of years 1 to {{last}}, in that order, for an outlay of {{outlay}} euros "
        f"now. With {{rate}}% a year as the discount rate, what is the net present value in euros (negative if the outlay is "
        f"worth more)? {CENTS}",
    )
    flows, value = [int(flow) for flow in g["flows"].split(", ")], 0.0
    for flow in reversed(flows):
        value = (value + flow) / (1 + g["rate"] / 100)
    return value - g["outlay"] if len(flows) == g["last"] else None


def equivalent_annuity(text: str) -> Any:
    g = read(
        text,
        f"A machine costs {{cost}} euros today, runs for {{years}} years and costs {{running}} euros at the end of each of them. "
        f"What equal payment at the end of each year has the same present value, at {{rate}}% a year? Answer in euros. {CENTS}",
        f"At {{rate}}% a year, what is the equivalent annual cost in euros, paid at the end of each of {{years}} years, of a "
        f"machine bought for {{cost}} euros now with running costs of {{running}} euros at the end of every year? {CENTS}",
    )
    factors = [(1 + g["rate"] / 100) ** -year for year in range(1, g["years"] + 1)]
    return (g["cost"] + g["running"] * sum(factors)) / sum(factors)


def bond_price(text: str) -> Any:
    g = read(
        text,
        f"A bond with a face value of {{face}} euros pays a coupon of {{coupon}}% once a year, the next in one year, and is repaid "
        f"with the last one after {{years}} years. Its yield to maturity is {{rate}}% a year. What is its price in euros? {CENTS}",
        f"What is a bond worth in euros if the market asks for a yield of {{rate}}% a year, compounded yearly, and the bond pays "
        f"{{coupon}}% of its face value of {{face}} euros at the end of each of the next {{years}} years, and the face value "
        f"together with the last coupon? {CENTS}",
    )
    paid = [g["face"] * g["coupon"] / 100] * g["years"]
    paid[-1] += g["face"]
    return sum(flow / (1 + g["rate"] / 100) ** year for year, flow in enumerate(paid, start=1))


def zero_yield(text: str) -> Any:
    g = read(
        text,
        f"A bond without coupons costs {{price}} euros and repays {{face}} euros after {{years}} years. What is its yield to "
        f"maturity a year, compounded yearly? {PERCENT}",
        f"An investor pays {{price}} euros for a zero-coupon bond and gets {{face}} euros in {{years}} years, and nothing before. "
        f"Which yearly rate, compounded yearly, does the investor earn? {PERCENT}",
    )
    return 100 * math.expm1(math.log(g["face"] / g["price"]) / g["years"])


def _table(text: str) -> tuple[dict[tuple[str, int], int], str]:
    """Read the lines of the statement, and return the rest of the question."""
    header = re.search(r"^Line \| (\d+) \| (\d+)$", text, re.MULTILINE)
    lines = re.findall(r"^([A-Z][\w -]+) \| ([\d,]+) \| ([\d,]+)$", text, re.MULTILINE)
    years = [int(year) for year in header.groups()]  # type: ignore[union-attr]
    table = {
        (name, year): int(cell.replace(",", ""))
        for name, *cells in lines
        for year, cell in zip(years, cells, strict=True)
        if name != "Line"
    }
    segments = [name for name, _ in table][::2][:3]
    assert all(table["Total sales", year] == sum(table[name, year] for name in segments) for year in years)
    return table, re.sub(r"^.* plc, extracts, in \w+ of euros$|^.* \| .* \| .*$", "", text, flags=re.MULTILINE).strip()


def change_over_year(text: str) -> Any:
    table, asked = _table(text)
    g = read(
        asked,
        f'By how many percent did "<line>" change from {{old}} to {{new}}? {SIGNED}',
        f'What is the change of "<line>" in {{new}}, as a percentage of its amount in {{old}}? {SIGNED}',
    )
    return 100 * (table[g["line"], g["new"]] / table[g["line"], g["old"]] - 1)


def margin(text: str) -> Any:
    table, asked = _table(text)
    form = f"Give a percentage with its % sign, negative for a loss. {CENTS}"
    year = read(
        asked,
        f"What was the operating margin (sales less cost of sales and overhead, over sales) in {{year}}? {form}",
        f"Of the sales in {{year}}, what percentage was left after the cost of sales and the overhead of that year? {form}",
    )["year"]
    return 100 - 100 * (table["Cost of sales", year] + table["Overhead", year]) / table["Total sales", year]


def leverage(text: str) -> Any:
    table, asked = _table(text)
    form = f"Give a plain number, not a percentage. {CENTS}"
    year = read(
        asked,
        f"What was the ratio of debt (short-term and long-term) to equity at the end of {{year}}? {form}",
        f"Dividing all debt, short-term and long-term, by the equity, both of {{year}}: what is the debt-to-equity ratio? {form}",
    )["year"]
    equity = table["Equity", year]
    return table["Short-term debt", year] / equity + table["Long-term debt", year] / equity


def share_of_sales(text: str) -> Any:
    table, asked = _table(text)
    form = f"Give a number, negative for a fall. {CENTS}"
    g = read(
        asked,
        f'By how many percentage points did the share of "<line>" in total sales change from {{old}} to {{new}}? {form}',
        f'In {{old}} and in {{new}}, "<line>" made up a share of total sales. By how many percentage points is the later share '
        f"above the earlier one? {form}",
    )
    old, new = (table[g["line"], g[year]] / table["Total sales", g[year]] for year in ("old", "new"))
    return 100 * (new - old)


_EXACT = "Do not round payments or balances; round only the result, to two decimals."


def _plan(text: str, *asked: str) -> tuple[dict[str, Any], list[tuple[float, float, float]]]:
    """Read a loan; return it with interest, repayment and what is then owed of each month."""
    one = (
        "A loan of {amount} euros at a nominal rate of {rate}% a year, a twelfth of it for each month, is repaid in {months} "
        "equal monthly payments, the first one month after the loan."
    )
    two = (
        "A bank lends {amount} euros. At the end of each of the next {months} months the same payment is made, which repays the "
        "loan in full; the interest for a month is one twelfth of {rate}% of what is owed."
    )
    g = read(text, f"{one} {asked[0]}", f"{two} {asked[1]}")
    r, owed, rows = g["rate"] / 1200, float(g["amount"]), []
    worth = sum((1 + r) ** -month for month in range(1, g["months"] + 1))
    payment = owed / worth
    for _ in range(g["months"]):
        interest = owed * r
        owed = owed + interest - payment
        rows.append((interest, payment - interest, owed))
    assert abs(owed) < 1e-3
    return g, rows


def loan_payment(text: str) -> Any:
    _, rows = _plan(text, f"How many euros is one payment? {CENTS}", f"What is that payment in euros? {CENTS}")
    return rows[0][0] + rows[0][1]


def loan_interest(text: str) -> Any:
    g, rows = _plan(
        text,
        f"How many euros of payment number {{number}} are <part>? {_EXACT}",
        f"Of payment number {{number}}, how many euros are <part>? {_EXACT}",
    )
    return rows[g["number"] - 1][("interest", "repayment of the loan").index(g["part"])]


def loan_balance(text: str) -> Any:
    g, rows = _plan(
        text,
        f"How many euros are still owed right after payment number {{paid}}? {_EXACT}",
        f"What is the debt in euros just after payment number {{paid}} has been made? {_EXACT}",
    )
    return rows[g["paid"] - 1][2]


def _duration(text: str, *asked: str) -> tuple[dict[str, Any], float]:
    """Duration in years by the closed form of a level coupon bond."""
    one = (
        "A bond with a face value of {face} euros pays a coupon of {coupon}% once a year, the next in one year, and is repaid with "
        "the last one after {years} years; its yield to maturity is {rate}% a year, compounded yearly."
    )
    two = (
        "Coupons of {coupon}% of a face value of {face} euros are paid at the end of each of the next {years} years, the face "
        "value itself with the last of them. The bond that promises this yields {rate}% a year, compounded yearly."
    )
    g = read(text, f"{one} {asked[0]}", f"{two} {asked[1]}")
    y, c, n = g["rate"] / 100, g["coupon"] / 100, g["years"]
    return g, (1 + y) / y - (1 + y + n * (c - y)) / (c * ((1 + y) ** n - 1) + y)


def macaulay(text: str) -> Any:
    return _duration(
        text, f"What is its Macaulay duration in years? {CENTS}", f"How many years is its Macaulay duration? {CENTS}"
    )[1]


def price_change(text: str) -> Any:
    g, years = _duration(
        text,
        f"The yield <how> by {{points}} basis points. By how many percent does the price change, as estimated by the modified "
        f"duration alone (without convexity)? {SIGNED}",
        f"Then the yield <how> by {{points}} basis points. To the first order, by modified duration and nothing else, what is "
        f"the change of its price in percent? {SIGNED}",
    )
    sign = {"rises": -1, "falls": 1}[g["how"]]
    return sign * years * g["points"] / (100 + g["rate"])


def weighted_capital(text: str) -> Any:
    """Euros paid in a year, over all that is invested."""
    g = read(
        text,
        f"A firm's equity has a market value of {{equity}} million euros and costs {{of_equity}}% a year; its debt has a market "
        f"value of {{debt}} million euros and costs {{of_debt}}% a year before tax. The tax rate is {{tax}}%, and interest is "
        f"deductible. What is the after-tax weighted average cost of capital (WACC)? {PERCENT}",
        f"Lenders of a firm ask for {{of_debt}}% a year before tax, its shareholders for {{of_equity}}%. At market values there "
        f"are {{debt}} million euros of debt and {{equity}} million euros of equity. Interest lowers a tax of {{tax}}%. What does "
        f"the firm's capital cost on average, after tax and weighted by market values (WACC)? {PERCENT}",
    )
    interest = g["debt"] * g["of_debt"]
    return (g["equity"] * g["of_equity"] + interest - interest * g["tax"] / 100) / (g["equity"] + g["debt"])


def levered_capital(text: str) -> Any:
    g = read(
        text,
        f"The risk-free rate is {{free}}% a year and the market risk premium {{premium}}%. A firm has an equity beta of {{beta}}, "
        f"a ratio of debt to equity of {{ratio}} at market values, and borrows at {{spread}} percentage points above the "
        f"risk-free rate before tax; interest is deductible at a tax rate of {{tax}}%. What is its after-tax WACC, with the cost "
        f"of equity by the CAPM? {PERCENT}",
        f"By the CAPM, what is the after-tax weighted average cost of capital of a firm with an equity beta of {{beta}}, if a "
        f"risk-free investment brings {{free}}% a year, the market {{premium}} percentage points more than that, the firm's debt "
        f"costs {{spread}} percentage points more than a risk-free investment before a deductible tax of {{tax}}%, and at market "
        f"values there are {{ratio}} euros of debt for each euro of equity? {PERCENT}",
    )
    equity, interest = g["free"] + g["beta"] * g["premium"], g["ratio"] * (g["free"] + g["spread"])
    return (equity + interest * (100 - g["tax"]) / 100) / (1 + g["ratio"])
