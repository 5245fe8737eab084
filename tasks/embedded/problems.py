"""Generators of the embedded items: six templates in each of four domains, with worked steps.

Every number is computed here, so that the gold is right by construction. Formulas in medicine are the published
ones: Cockcroft and Gault 1976 for creatinine clearance, Quetelet's index, diastolic plus a third of the pulse
pressure for mean arterial pressure.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

PER_TEMPLATE = 5


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An item with its worked steps and a plausible wrong answer."""

    id: str
    domain: str
    row: dict[str, Any]
    steps: tuple[str, ...]
    right: str
    wrong: str


Draft = tuple[dict[str, Any], list[str], str, str]
"""Row, steps, right answer, wrong answer."""


def problems(seed: int) -> Iterator[Problem]:
    """Yield all embedded items in order; the same seed gives the same items."""
    for domain, templates in _TEMPLATES.items():
        rng = random.Random(f"{seed}/{domain}")
        seen: set[str] = set()
        number = 0
        for template in templates:
            for _ in range(PER_TEMPLATE):
                row, steps, right, wrong = _fresh(template, rng, seen)
                identifier = f"{domain}-{number:02d}"
                number += 1
                row = {"id": identifier, **row}
                yield Problem(id=identifier, domain=domain, row=row, steps=tuple(steps), right=right, wrong=wrong)


def _fresh(template: Callable[[random.Random], Draft], rng: random.Random, seen: set[str]) -> Draft:
    """Draw until the item is new and its wrong answer is really wrong."""
    while True:
        draft = template(rng)
        text = str(draft[0])
        if text not in seen and draft[2] != draft[3]:
            seen.add(text)
            return draft


def _worded(question: str, answer: Any, steps: list[str], wrong: Any, **more: Any) -> Draft:
    return {"question": question, "answer": str(answer), **more}, steps, str(answer), str(wrong)


def _orchard(rng: random.Random) -> Draft:
    rows, trees, eaten = rng.randint(6, 19), rng.randint(7, 23), rng.randint(11, 41)
    total = rows * trees
    return _worded(
        f"An orchard keeper plants {rows} rows of {trees} pear trees beside the river. A late frost in April kills "
        f"{eaten} of the young trees before they can flower. How many pear trees are still alive in May?",
        total - eaten,
        [
            f"{rows} rows of {trees} trees are {rows} x {trees} = {total} trees.",
            f"{total} - {eaten} = {total - eaten}.",
        ],
        total + eaten,
    )


def _ferry(rng: random.Random) -> Draft:
    cars, vans, fare = rng.randint(12, 38), rng.randint(3, 11), rng.randint(7, 16)
    van_fare = fare + rng.randint(4, 9)
    takings = cars * fare + vans * van_fare
    return _worded(
        f"The morning ferry to the island carries {cars} cars and {vans} delivery vans. Each car pays {fare} crowns and "
        f"each van pays {van_fare} crowns at the gate. How many crowns does the gate keeper collect from this crossing?",
        takings,
        [
            f"Cars pay {cars} x {fare} = {cars * fare} crowns.",
            f"Vans pay {vans} x {van_fare} = {vans * van_fare} crowns.",
            f"Together {cars * fare} + {vans * van_fare} = {takings}.",
        ],
        (cars + vans) * fare,
    )


def _weaver(rng: random.Random) -> Draft:
    hours, rate, days = rng.randint(3, 8), rng.randint(14, 36), rng.randint(4, 12)
    woven = hours * rate * days
    return _worded(
        f"A weaver works {hours} hours a day at the big loom and weaves {rate} centimetres of linen in every hour. "
        f"The guild wants one long banner without a seam. How many centimetres of linen are on the loom after {days} days?",
        woven,
        [
            f"One day gives {hours} x {rate} = {hours * rate} cm.",
            f"{days} days give {days} x {hours * rate} = {woven}.",
        ],
        hours * rate + days,
    )


def _marbles(rng: random.Random) -> Draft:
    bags, per_bag, friends = rng.randint(4, 9), rng.randint(12, 30), rng.randint(3, 7)
    total = bags * per_bag
    each, left = divmod(total, friends)
    return _worded(
        f"Odile empties {bags} bags of glass marbles onto the carpet, and there were {per_bag} marbles in every bag. She "
        f"shares them equally among {friends} friends and keeps whatever cannot be shared. How many marbles does she keep?",
        left,
        [
            f"There are {bags} x {per_bag} = {total} marbles.",
            f"Each friend gets {each}, which uses {friends} x {each} = {friends * each}.",
            f"{total} - {friends * each} = {left} remain.",
        ],
        each,
    )


def _cistern(rng: random.Random) -> Draft:
    inflow, leak, hours = rng.randint(20, 45), rng.randint(3, 14), rng.randint(5, 12)
    start = rng.randint(40, 160)
    level = start + (inflow - leak) * hours
    return _worded(
        f"A stone cistern holds {start} litres at dawn. The spring brings {inflow} litres an hour while a crack in the "
        f"wall loses {leak} litres an hour. How many litres are in the cistern {hours} hours after dawn?",
        level,
        [
            f"Each hour adds {inflow} - {leak} = {inflow - leak} litres.",
            f"{hours} hours add {(inflow - leak) * hours} litres.",
            f"{start} + {(inflow - leak) * hours} = {level}.",
        ],
        start + inflow * hours,
    )


def _lanterns(rng: random.Random) -> Draft:
    first, step, nights = rng.randint(3, 9), rng.randint(2, 6), rng.randint(6, 11)
    last = first + step * (nights - 1)
    total = nights * (first + last) // 2
    return _worded(
        f"On the first night of the harvest feast the children hang {first} paper lanterns along the wall, and on every "
        f"following night they hang {step} more than the night before. How many lanterns hang there after {nights} nights?",
        total,
        [
            f"The last night adds {first} + {step} x {nights - 1} = {last} lanterns.",
            f"The sum is {nights} x ({first} + {last}) / 2 = {total}.",
        ],
        first + step * nights,
    )


_PROGRAMS: tuple[tuple[str, Callable[[random.Random], Any]], ...] = (
    (
        "def f(words):\n    kept = []\n    for word in words:\n        if word[0] not in {k[0] for k in kept}:\n"
        "            kept.append(word)\n    return kept",
        lambda rng: rng.sample(["oak", "elm", "otter", "ash", "ember", "adder", "fir", "finch"], 5),
    ),
    (
        "def f(numbers):\n    best = here = numbers[0]\n    for n in numbers[1:]:\n        here = max(n, here + n)\n"
        "        best = max(best, here)\n    return best",
        lambda rng: [rng.randint(-9, 9) for _ in range(7)],
    ),
    (
        "def f(text):\n    counts = {}\n    for letter in text:\n        counts[letter] = counts.get(letter, 0) + 1\n"
        "    return {k: v for k, v in counts.items() if v > 1}",
        lambda rng: "".join(rng.choice("mnopq") for _ in range(8)),
    ),
    (
        "def f(grid):\n    turned = [list(row) for row in zip(*grid[::-1])]\n    return [sum(row) for row in turned]",
        lambda rng: [[rng.randint(0, 9) for _ in range(3)] for _ in range(3)],
    ),
    (
        "def f(queue):\n    stack = []\n    while queue:\n        head = queue.pop(0)\n        if stack and stack[-1] > head:\n"
        "            queue.append(stack.pop())\n        stack.append(head)\n        if len(stack) > 6:\n            break\n"
        "    return stack",
        lambda rng: rng.sample(range(1, 12), 5),
    ),
    (
        "def f(n):\n    trail = [n]\n    while n != 1 and len(trail) < 9:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n"
        "        trail.append(n)\n    return tuple(trail)",
        lambda rng: rng.randint(3, 40),
    ),
)


def _program(source: str, draw: Callable[[random.Random], Any]) -> Callable[[random.Random], Draft]:
    """Trace a function of ours: the gold is what running it returns."""

    def template(rng: random.Random) -> Draft:
        given = draw(rng)
        shown = repr(given)
        scope: dict[str, Any] = {}
        exec(source, scope)  # noqa: S102  our own source, above
        output = scope["f"](given)
        steps = [f"f is called with {shown}.", f"Following the loop line by line, it returns {output!r}."]
        return {"code": source, "input": shown, "output": repr(output)}, steps, repr(output), repr(_spoiled(output))

    return template


def _spoiled(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dict):
        return {**value, "z": 2}
    return type(value)([*value[1:], value[0]]) if len(set(map(str, value))) > 1 else type(value)([*value, value[0]])


def _years(rng: random.Random) -> tuple[int, int]:
    year = rng.randint(2011, 2022)
    return year, year + 1


def _margin(rng: random.Random) -> Draft:
    _, year = _years(rng)
    sales = rng.randint(2100, 9800)
    costs = round(sales * rng.uniform(0.45, 0.8))
    profit = sales - costs
    return _worded(
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
    return _worded(
        f"Operating expenses of Quayside Ferries were {before} thousand florins in {years[0]} and {after} thousand in "
        f"{years[1]}. By what percentage did they change, rounded to one decimal? Give a decrease as a negative number.",
        f"{change:.1f}",
        [f"The change is {after} - {before} = {after - before}.", f"Over {before} this is {change:.1f} percent."],
        f"{100 * (after - before) / after:.1f}",
    )


def _liquidity(rng: random.Random) -> Draft:
    _, year = _years(rng)
    assets, debts, stock = rng.randint(1900, 5200), rng.randint(700, 2600), rng.randint(200, 900)
    return _worded(
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
    return _worded(
        f"A foundation deposits {capital} florins at {rate} percent a year, and the interest is added to the deposit at "
        f"every year's end. What is the deposit worth after {years} years, rounded to two decimals?",
        f"{value:.2f}",
        [f"Each year multiplies by 1.0{rate}.", f"{capital} x 1.0{rate}^{years} = {value:.2f}."],
        f"{capital * (1 + rate * years / 100):.2f}",
    )


def _break_even(rng: random.Random) -> Draft:
    price, cost = rng.randint(30, 80), rng.randint(9, 25)
    fixed = (price - cost) * rng.randint(120, 700)
    return _worded(
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
    return _worded(
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


def _options(question: str, value: float, decimals: int, unit: str, steps: list[str], rng: random.Random) -> Draft:
    """Four options around the right value; the letter is the gold."""
    texts = [f"{value * factor:.{decimals}f} {unit}" for factor in (1.0, 0.5, 1.5, 2.2)]
    order = rng.sample(range(4), 4)
    choices = [texts[i] for i in order]
    right = "ABCD"[order.index(0)]
    wrong = "ABCD"[order.index(1)]
    return {"question": question, "choices": choices, "answer": right}, steps, right, wrong


def _dose(rng: random.Random) -> Draft:
    weight, dose, times = rng.randint(9, 34), rng.choice([10, 15, 20, 25, 30, 40]), rng.choice([2, 3, 4])
    each = weight * dose / times
    return _options(
        f"A child who weighs {weight} kg is to receive {dose} mg per kg of body weight a day of an antibiotic, divided into "
        f"{times} equal doses. How much is a single dose?",
        each,
        1,
        "mg",
        [f"A day's amount is {weight} x {dose} = {weight * dose} mg.", f"Divided by {times} this is {each:.1f} mg."],
        rng,
    )


def _drip(rng: random.Random) -> Draft:
    volume, hours, factor = rng.choice([500, 750, 1000, 1250]), rng.randint(4, 12), rng.choice([15, 20])
    rate = volume * factor / (hours * 60)
    return _options(
        f"An infusion of {volume} mL is to run over {hours} hours through a set that gives {factor} drops per mL. At how "
        "many drops per minute should it run?",
        rate,
        1,
        "drops per minute",
        [f"{volume} mL are {volume * factor} drops.", f"Over {hours * 60} minutes this is {rate:.1f} a minute."],
        rng,
    )


def _gap(rng: random.Random) -> Draft:
    sodium, chloride, bicarbonate = rng.randint(132, 148), rng.randint(92, 106), rng.randint(8, 22)
    gap = sodium - chloride - bicarbonate
    return _options(
        f"The laboratory reports sodium {sodium} mmol/L, chloride {chloride} mmol/L and bicarbonate {bicarbonate} mmol/L. "
        "What is the anion gap, without potassium?",
        gap,
        1,
        "mmol/L",
        [f"{sodium} - ({chloride} + {bicarbonate}) = {gap} mmol/L."],
        rng,
    )


def _body_mass(rng: random.Random) -> Draft:
    weight, height = rng.randint(48, 118), rng.randint(150, 196)
    index = weight / (height / 100) ** 2
    return _options(
        f"An adult patient weighs {weight} kg and is {height} cm tall. What is the body mass index?",
        index,
        1,
        "kg/m2",
        [f"{weight} / {height / 100:.2f}^2 = {index:.1f} kg/m2."],
        rng,
    )


def _clearance(rng: random.Random) -> Draft:
    age, weight, creatinine = rng.randint(41, 84), rng.randint(52, 96), rng.choice([0.8, 1.1, 1.4, 1.9, 2.5])
    clearance = (140 - age) * weight / (72 * creatinine)
    return _options(
        f"A man of {age} years weighs {weight} kg and has a serum creatinine of {creatinine} mg/dL. What is his creatinine "
        "clearance by the formula of Cockcroft and Gault?",
        clearance,
        1,
        "mL/min",
        [f"(140 - {age}) x {weight} / (72 x {creatinine}) = {clearance:.1f} mL/min."],
        rng,
    )


def _pressure(rng: random.Random) -> Draft:
    systolic, diastolic = rng.randint(104, 178), rng.randint(58, 98)
    mean = diastolic + (systolic - diastolic) / 3
    return _options(
        f"A patient's blood pressure is {systolic} over {diastolic} mmHg. What is the mean arterial pressure, estimated as "
        "the diastolic pressure plus a third of the pulse pressure?",
        mean,
        1,
        "mmHg",
        [f"{diastolic} + ({systolic} - {diastolic}) / 3 = {mean:.1f} mmHg."],
        rng,
    )


_TEMPLATES: dict[str, tuple[Callable[[random.Random], Draft], ...]] = {
    "math": (_orchard, _ferry, _weaver, _marbles, _cistern, _lanterns),
    "code": tuple(_program(source, draw) for source, draw in _PROGRAMS),
    "finance": (_margin, _change, _liquidity, _compound, _break_even, _earnings),
    "medicine": (_dose, _drip, _gap, _body_mass, _clearance, _pressure),
}
