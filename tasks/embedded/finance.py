"""Templates of the embedded questions about statements and rates."""

import random

from rarl_eval.tasks.embedded.draft import Draft, Template, worded


def _years(rng: random.Random) -> tuple[int, int]:
    year = rng.randint(2011, 2022)
    return year, year + 1


def _margin(rng: random.Random) -> Draft:
    _, year = _years(rng)
    sales = rng.randint(2100, 9800)
    costs = round(sales * rng.uniform(0.45, 0.8))
    profit = sales - costs
    return worded(
        f"Halvorsen Timber reports sales of {sales} thousand florins for {year}, and the timber, wages and freight that "
        f"went into them cost {costs} thousand. What was the gross margin, in percent of sales, rounded to one decimal?",
        f"{100 * profit / sales:.1f}",
        [f"Gross profit is {sales} - {costs} = {profit}.", f"Over sales this is {100 * profit / sales:.1f} percent."],
        f"{100 * costs / sales:.1f}",
    )


def _change(rng: random.Random) -> Draft:
    years = _years(rng)
    before, after = rng.randint(800, 4000), rng.randint(800, 4000)
    change = 100 * (after - before) / before
    return worded(
        f"Operating expenses of Quayside Ferries were {before} thousand florins in {years[0]} and {after} thousand in "
        f"{years[1]}. By what percentage did they change, rounded to one decimal? Give a decrease as a negative number.",
        f"{change:.1f}",
        [f"The change is {after} - {before} = {after - before}.", f"Over {before} this is {change:.1f} percent."],
        f"{100 * (after - before) / after:.1f}",
    )


def _liquidity(rng: random.Random) -> Draft:
    _, year = _years(rng)
    assets, debts, stock = rng.randint(1900, 5200), rng.randint(700, 2600), rng.randint(200, 900)
    return worded(
        f"At the end of {year} the balance sheet of Marlow Instruments shows current assets of {assets} thousand florins, "
        f"{stock} thousand of them in stock, against current liabilities of {debts} thousand. What is the quick ratio, "
        "rounded to two decimals?",
        f"{(assets - stock) / debts:.2f}",
        [
            f"Quick assets are {assets} - {stock} = {assets - stock}.",
            f"Over {debts} this is {(assets - stock) / debts:.2f}.",
        ],
        f"{assets / debts:.2f}",
    )


def _compound(rng: random.Random) -> Draft:
    capital, rate, years = rng.randint(12, 90) * 100, rng.randint(2, 7), rng.randint(2, 6)
    value = capital * (1 + rate / 100) ** years
    return worded(
        f"A foundation deposits {capital} florins at {rate} percent a year, and the interest is added to the deposit at "
        f"every year's end. What is the deposit worth after {years} years, rounded to two decimals?",
        f"{value:.2f}",
        [f"Each year multiplies by 1.0{rate}.", f"{capital} x 1.0{rate}^{years} = {value:.2f}."],
        f"{capital * (1 + rate * years / 100):.2f}",
    )


def _break_even(rng: random.Random) -> Draft:
    price, cost = rng.randint(30, 80), rng.randint(9, 25)
    fixed = (price - cost) * rng.randint(120, 700)
    return worded(
        f"A workshop sells each clock for {price} florins; parts and labour of a clock cost {cost} florins, and rent and "
        f"wages come to {fixed} florins a year. How many clocks must it sell in a year to break even?",
        fixed // (price - cost),
        [
            f"Each clock contributes {price} - {cost} = {price - cost} florins.",
            f"{fixed} / {price - cost} = {fixed // (price - cost)}.",
        ],
        fixed // price,
    )


def _earnings(rng: random.Random) -> Draft:
    _, year = _years(rng)
    income, shares, preferred = rng.randint(900, 2400), rng.randint(90, 400), rng.randint(50, 300)
    return worded(
        f"Oberlin Glass earned {income} thousand florins after tax in {year} and paid {preferred} thousand of it to the "
        f"holders of preferred stock; {shares} thousand common shares were outstanding. What were the earnings per common "
        "share in florins, rounded to two decimals?",
        f"{(income - preferred) / shares:.2f}",
        [
            f"Common holders are left {income} - {preferred} = {income - preferred}.",
            f"Over {shares} shares this is {(income - preferred) / shares:.2f} florins.",
        ],
        f"{income / shares:.2f}",
    )


TEMPLATES: tuple[Template, ...] = (_margin, _change, _liquidity, _compound, _break_even, _earnings)
