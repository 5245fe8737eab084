"""Templates of the embedded calculations at the bedside.

Formulas are the published ones: Cockcroft and Gault 1976 for creatinine clearance, Quetelet's index, diastolic plus a
third of the pulse pressure for mean arterial pressure.
"""

import random

from rarl_eval.tasks.embedded.draft import Draft, Template


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


TEMPLATES: tuple[Template, ...] = (_dose, _drip, _gap, _body_mass, _clearance, _pressure)
