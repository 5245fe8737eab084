"""Fresh kidney function: clearance, filtration rate, fractional excretions."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain, rounded
from rarl_eval.tasks.fresh.medicine.asking import ROUND, SEXES

MICROMOLES = 88.4
"""µmol/L of creatinine in 1 mg/dL."""


def cockcroft_gault(rng: random.Random) -> Draft:
    """Creatinine clearance."""
    sex, age = rng.choice(SEXES), rng.randint(19, 92)
    weight, creatinine = rng.randint(42, 130), rng.randint(5, 60) / 10

    def solve(say: Say) -> Decimal:
        years = say(140 - age, f"140 - {age} =")
        top = say(years * weight, f"Times the weight: {years} * {weight} =")
        bottom = say(72 * creatinine, f"72 * {creatinine} =")
        clearance = say(top / bottom, f"{top} / {bottom:.10g} =", "mL/min")
        if sex == "woman":
            clearance = say(clearance * 0.85, f"For a woman {clearance:.10g} * 0.85 =", "mL/min")
        return say(rounded(clearance), "To two decimals:")

    asked = (
        f"A {sex} of {age} years weighs {weight} kg and has a serum creatinine of {plain(creatinine)} mg/dL. What is the "
        f"creatinine clearance in mL/min by the formula of Cockcroft and Gault, with this weight as it is? {ROUND}"
    )
    again = (
        f"Estimate the creatinine clearance in mL/min with the Cockcroft-Gault formula and the actual body weight for a {sex}: "
        f"creatinine {plain(creatinine)} mg/dL, weight {weight} kg, age {age} years. {ROUND}"
    )
    given = {"sex": sex, "age": age, "weight": weight, "creatinine": creatinine}
    source = "Cockcroft & Gault 1976, Nephron 16:31"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


def ckd_epi(rng: random.Random) -> Draft:
    """Fall of the estimated glomerular filtration rate between two years, CKD-EPI 2021."""
    sex, age, later = rng.choice(SEXES), rng.randint(18, 85), rng.randint(1, 10)
    first = rng.randint(50, 250) / 100
    second = round(first + rng.randint(10, 200) / 100, 2)

    def solve(say: Say) -> Decimal:
        before = _rate(say, sex, age, first)
        after = _rate(say, sex, age + later, second)
        fall = say(before - after, f"The fall is {before:.10g} - {after:.10g} =")
        return say(rounded(fall), "To two decimals:")

    asked = (
        f"A {sex} had a serum creatinine of {plain(first)} mg/dL at {age} years and has one of {plain(second)} mg/dL at "
        f"{age + later} years. By how many mL/min per 1.73 m2 has the estimated glomerular filtration rate fallen, by the "
        f"CKD-EPI creatinine equation of 2021 (without race)? {ROUND}"
    )
    again = (
        f"With the CKD-EPI 2021 equation for creatinine alone, compare the estimated glomerular filtration rates of one {sex} at "
        f"the ages of {age} and {age + later} years, when the serum creatinine was {plain(first)} and {plain(second)} mg/dL. How "
        f"much lower is the later rate, in mL/min per 1.73 m2? {ROUND}"
    )
    given = {"sex": sex, "ages": [age, age + later], "creatinine": [first, second]}
    source = "Inker et al. 2021, N Engl J Med 385:1737"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


def _rate(say: Say, sex: str, age: int, creatinine: float) -> float:
    kappa, alpha = (0.7, -0.241) if sex == "woman" else (0.9, -0.302)
    ratio = say(creatinine / kappa, f"Creatinine over kappa: {creatinine} / {kappa} =")
    low = say(min(ratio, 1.0) ** alpha, f"{min(ratio, 1.0):.10g} ^ ({alpha}) =")
    high = say(max(ratio, 1.0) ** -1.2, f"{max(ratio, 1.0):.10g} ^ (-1.2) =")
    aged = say(0.9938**age, f"0.9938 ^ {age} =")
    rate: float = say(142 * low * high * aged, f"142 * {low:.10g} * {high:.10g} * {aged:.10g} =")
    if sex == "woman":
        rate = say(rate * 1.012, f"For a woman {rate:.10g} * 1.012 =")
    return rate


def sodium_excretion(rng: random.Random) -> Draft:
    """Fractional excretion of sodium, serum creatinine in either unit."""
    in_urine, in_serum = rng.randint(5, 150), rng.randint(122, 152)
    urine, serum = rng.randint(15, 250), rng.randint(7, 70) / 10
    molar = rng.random() < 0.5
    told = f"{round(serum * MICROMOLES)} µmol/L" if molar else f"{plain(serum)} mg/dL"
    known = round(serum * MICROMOLES) if molar else serum
    if not 0.1 < 100 * in_urine * serum / (in_serum * urine) < 20:
        raise Redraw

    def solve(say: Say) -> Decimal:
        value = say(known / MICROMOLES, f"Serum creatinine is {known} / {MICROMOLES} =", "mg/dL") if molar else known
        sodium = say(in_urine / in_serum, f"Sodium, urine over serum: {in_urine} / {in_serum} =")
        creatinine = say(urine / value, f"Creatinine, urine over serum: {urine} / {value:.10g} =")
        percent = say(100 * sodium / creatinine, f"In percent: 100 * {sodium:.10g} / {creatinine:.10g} =")
        return say(rounded(percent), "To two decimals:")

    hint = " (1 mg/dL of creatinine is 88.4 µmol/L)" if molar else ""
    form = f"Give a percentage with its % sign. {ROUND}"
    asked = (
        f"Sodium is {in_urine} mmol/L in urine and {in_serum} mmol/L in serum, creatinine {urine} mg/dL in urine and {told} in "
        f"serum{hint}. What is the fractional excretion of sodium (FENa)? {form}"
    )
    again = (
        f"A patient in acute kidney failure has a serum creatinine of {told}{hint} and a serum sodium of {in_serum} mmol/L. A "
        f"spot urine shows a sodium of {in_urine} mmol/L and a creatinine of {urine} mg/dL. What percentage of the filtered "
        f"sodium is excreted? {form}"
    )
    given = {"sodium": [in_urine, in_serum], "creatinine": [urine, told]}
    source = "Espinel 1976, JAMA 236:579"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="percent", source=source)


def urea_excretion(rng: random.Random) -> Draft:
    """Fractional excretion of urea."""
    in_urine, in_serum = rng.randint(80, 1400), rng.randint(12, 140)
    urine, serum = rng.randint(15, 250), rng.randint(7, 70) / 10
    if not 5 < 100 * in_urine * serum / (in_serum * urine) < 80:
        raise Redraw

    def solve(say: Say) -> Decimal:
        urea = say(in_urine / in_serum, f"Urea nitrogen, urine over serum: {in_urine} / {in_serum} =")
        creatinine = say(urine / serum, f"Creatinine, urine over serum: {urine} / {serum} =")
        percent = say(100 * urea / creatinine, f"In percent: 100 * {urea:.10g} / {creatinine:.10g} =")
        return say(rounded(percent), "To two decimals:")

    form = f"Give a percentage with its % sign. {ROUND}"
    asked = (
        f"Urea nitrogen is {in_urine} mg/dL in urine and {in_serum} mg/dL in serum, creatinine {urine} mg/dL in urine and "
        f"{plain(serum)} mg/dL in serum. What is the fractional excretion of urea? {form}"
    )
    again = (
        f"A patient on a diuretic has a serum creatinine of {plain(serum)} mg/dL and a serum urea nitrogen of {in_serum} mg/dL. "
        f"A spot urine shows a urea nitrogen of {in_urine} mg/dL and a creatinine of {urine} mg/dL. What percentage of the "
        f"filtered urea is excreted (FEurea)? {form}"
    )
    given = {"urea": [in_urine, in_serum], "creatinine": [urine, serum]}
    source = "Carvounis et al. 2002, Kidney Int 62:2223"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="percent", source=source)
