"""Fresh clinical calculations by their published formulas: doses, kidney function, corrected values, body size, scores.

Each template names its source. Drugs are not named: a dose is a number of the question, not advice.
"""

import math
import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Family, Say, rounded
from rarl_eval.tasks.fresh.scores import chads_vasc, curb65, meld

ROUND = "Round only the result, to two decimals."
DOSAGE = "Ogden & Fluharty, Calculation of Drug Dosages, 11th ed."
_SEXES = ("woman", "man")


def suspension(rng: random.Random) -> Draft:
    """Millilitres of a suspension per dose, from a daily dose per kilogram."""
    weight, per_kg, times = rng.randint(40, 400) / 10, rng.randint(5, 90), rng.randint(2, 4)
    strength = rng.choice((10, 15, 20, 25, 40, 50, 80))

    def solve(say: Say) -> Decimal:
        daily = say(weight * per_kg, f"A day's dose is {weight} * {per_kg} =", "mg")
        dose = say(daily / times, f"A single dose is {daily:.10g} / {times} =", "mg")
        volume = say(dose / strength, f"Its volume is {dose:.10g} / {strength} =", "mL")
        return say(rounded(volume), "To two decimals:")

    asked = (
        f"A child of {weight} kg is to get {per_kg} mg per kg and day of a drug, in {times} equal doses. The suspension holds "
        f"{strength} mg per mL. How many mL is one dose? {ROUND}"
    )
    given = {"weight": weight, "per_kg": per_kg, "times": times, "strength": strength}
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=DOSAGE)


def infusion(rng: random.Random) -> Draft:
    """Rate of a pump in mL per hour, from micrograms per kilogram and minute."""
    weight, rate = rng.randint(40, 120), rng.randint(2, 200) / 10
    amount, volume = rng.choice((50, 100, 200, 250, 400)), rng.choice((50, 100, 250, 500))

    def solve(say: Say) -> Decimal:
        minute = say(rate * weight, f"A minute's dose is {rate} * {weight} =", "micrograms")
        hour = say(minute * 60 / 1000, f"An hour's dose is {minute:.10g} * 60 / 1000 =", "mg")
        strength = say(amount / volume, f"The bag holds {amount} / {volume} =", "mg per mL")
        flow = say(hour / strength, f"The rate is {hour:.10g} / {strength:.10g} =", "mL per hour")
        return say(rounded(flow), "To two decimals:")

    asked = (
        f"A patient of {weight} kg is to get {rate} micrograms per kg and minute from a bag with {amount} mg of the drug in "
        f"{volume} mL. At how many mL per hour must the pump run? {ROUND}"
    )
    given = {"weight": weight, "rate": rate, "amount": amount, "volume": volume}
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=DOSAGE)


def maintenance(rng: random.Random) -> Draft:
    """Maintenance fluid of a child, by weight in three bands, over so many hours."""
    weight, hours = rng.randint(31, 600) / 10, rng.randint(2, 36)

    def solve(say: Say) -> Decimal:
        total = say(100 * min(weight, 10), f"The first 10 kg need 100 * {min(weight, 10):.10g} =", "mL a day")
        if weight > 10:
            next_ten = min(weight, 20) - 10
            more = say(50 * next_ten, f"The next 10 kg need 50 * {next_ten:.10g} =", "mL a day")
            total = say(total + more, f"Together {total:.10g} + {more:.10g} =", "mL a day")
        if weight > 20:
            rest = weight - 20
            more = say(20 * rest, f"What is above 20 kg needs 20 * {rest:.10g} =", "mL a day")
            total = say(total + more, f"Together {total:.10g} + {more:.10g} =", "mL a day")
        part = say(total * hours / 24, f"In {hours} hours: {total:.10g} * {hours} / 24 =", "mL")
        return say(rounded(part), "To two decimals:")

    asked = (
        f"How many mL of maintenance fluid does a child of {weight} kg need in {hours} hours by the rule of Holliday and "
        f"Segar (per day: 100 mL for each of the first 10 kg, 50 mL for each of the next 10 kg, 20 mL for each kg above)? "
        f"{ROUND}"
    )
    source = "Holliday & Segar 1957, Pediatrics 19:823"
    return Draft(question=asked, given={"weight": weight, "hours": hours}, solve=solve, kind="quantity", source=source)


def cockcroft_gault(rng: random.Random) -> Draft:
    """Creatinine clearance."""
    sex, age, weight, creatinine = (
        rng.choice(_SEXES),
        rng.randint(19, 92),
        rng.randint(42, 130),
        rng.randint(5, 60) / 10,
    )

    def solve(say: Say) -> Decimal:
        years = say(140 - age, f"140 - {age} =")
        top = say(years * weight, f"Times the weight: {years} * {weight} =")
        bottom = say(72 * creatinine, f"72 * {creatinine} =")
        clearance = say(top / bottom, f"{top} / {bottom:.10g} =", "mL/min")
        if sex == "woman":
            clearance = say(clearance * 0.85, f"For a woman {clearance:.10g} * 0.85 =", "mL/min")
        return say(rounded(clearance), "To two decimals:")

    asked = (
        f"A {sex} of {age} years weighs {weight} kg and has a serum creatinine of {creatinine} mg/dL. What is the creatinine "
        f"clearance in mL/min by the formula of Cockcroft and Gault? {ROUND}"
    )
    given = {"sex": sex, "age": age, "weight": weight, "creatinine": creatinine}
    return Draft(
        question=asked, given=given, solve=solve, kind="quantity", source="Cockcroft & Gault 1976, Nephron 16:31"
    )


def ckd_epi(rng: random.Random) -> Draft:
    """Estimated glomerular filtration rate, CKD-EPI 2021."""
    sex, age, creatinine = rng.choice(_SEXES), rng.randint(18, 95), rng.randint(40, 600) / 100
    kappa, alpha = (0.7, -0.241) if sex == "woman" else (0.9, -0.302)

    def solve(say: Say) -> Decimal:
        ratio = say(creatinine / kappa, f"Creatinine over kappa: {creatinine} / {kappa} =")
        low = say(min(ratio, 1.0) ** alpha, f"{min(ratio, 1.0):.10g} ^ ({alpha}) =")
        high = say(max(ratio, 1.0) ** -1.2, f"{max(ratio, 1.0):.10g} ^ (-1.2) =")
        aged = say(0.9938**age, f"0.9938 ^ {age} =")
        rate = say(142 * low * high * aged, f"142 * {low:.10g} * {high:.10g} * {aged:.10g} =")
        if sex == "woman":
            rate = say(rate * 1.012, f"For a woman {rate:.10g} * 1.012 =")
        return say(rounded(rate), "To two decimals:")

    asked = (
        f"A {sex} of {age} years has a serum creatinine of {creatinine} mg/dL. What is the estimated glomerular filtration "
        f"rate in mL/min per 1.73 m2 by the CKD-EPI creatinine equation of 2021? {ROUND}"
    )
    given = {"sex": sex, "age": age, "creatinine": creatinine}
    source = "Inker et al. 2021, N Engl J Med 385:1737"
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=source)


def anion_gap(rng: random.Random) -> Draft:
    """Anion gap, corrected for albumin."""
    sodium, chloride, bicarbonate = rng.randint(125, 155), rng.randint(90, 118), rng.randint(6, 32)
    albumin = rng.randint(12, 39) / 10

    def solve(say: Say) -> Decimal:
        anions = say(chloride + bicarbonate, f"Chloride and bicarbonate: {chloride} + {bicarbonate} =")
        gap = say(sodium - anions, f"The gap is {sodium} - {anions} =")
        missing = say(4.0 - albumin, f"Albumin is missing by 4.0 - {albumin} =", "g/dL")
        more = say(2.5 * missing, f"The correction is 2.5 * ({missing:.10g}) =")
        return say(rounded(gap + more), f"Corrected: {gap} + ({more:.10g}) =")

    asked = (
        f"Sodium is {sodium}, chloride {chloride} and bicarbonate {bicarbonate} mmol/L, albumin {albumin} g/dL. What is the "
        "anion gap (without potassium) in mmol/L, corrected by 2.5 for each g/dL of albumin below 4.0? Round to two decimals."
    )
    given = {"na": sodium, "cl": chloride, "hco3": bicarbonate, "albumin": albumin}
    return Draft(
        question=asked, given=given, solve=solve, kind="quantity", source="Figge et al. 1998, Crit Care Med 26:1807"
    )


def corrected_calcium(rng: random.Random) -> Draft:
    """Calcium corrected for albumin."""
    calcium, albumin = rng.randint(550, 1600) / 100, rng.randint(100, 399) / 100

    def solve(say: Say) -> Decimal:
        missing = say(4.0 - albumin, f"Albumin is missing by 4.0 - {albumin} =", "g/dL")
        more = say(0.8 * missing, f"The correction is 0.8 * ({missing:.10g}) =", "mg/dL")
        total = say(calcium + more, f"Corrected: {calcium} + ({more:.10g}) =", "mg/dL")
        return say(rounded(total), "To two decimals:")

    asked = (
        f"Total calcium is {calcium} mg/dL and albumin {albumin} g/dL. What is the calcium in mg/dL, corrected by Payne's rule "
        f"(0.8 mg/dL for each g/dL of albumin below 4.0)? {ROUND}"
    )
    return Draft(
        question=asked,
        given={"calcium": calcium, "albumin": albumin},
        solve=solve,
        kind="quantity",
        source="Payne et al. 1973, BMJ 4:643",
    )


def osmolality(rng: random.Random) -> Draft:
    """Serum osmolality and its gap."""
    sodium, glucose, urea = rng.randint(120, 158), rng.randint(60, 900), rng.randint(5, 120)
    measured = round(2 * sodium + glucose / 18 + urea / 2.8) + rng.randint(-4, 60)

    def solve(say: Say) -> Decimal:
        salts = say(2 * sodium, f"2 * {sodium} =")
        sugar = say(glucose / 18, f"{glucose} / 18 =")
        nitrogen = say(urea / 2.8, f"{urea} / 2.8 =")
        total = say(salts + sugar + nitrogen, f"Calculated: {salts} + {sugar:.10g} + {nitrogen:.10g} =", "mOsm/kg")
        gap = say(measured - total, f"The gap is {measured} - {total:.10g} =", "mOsm/kg")
        return say(rounded(gap), "To two decimals:")

    asked = (
        f"Sodium is {sodium} mmol/L, glucose {glucose} mg/dL, urea nitrogen {urea} mg/dL and the measured osmolality "
        f"{measured} mOsm/kg. What is the osmolal gap in mOsm/kg, with the calculated osmolality 2 Na + glucose/18 + "
        f"BUN/2.8? {ROUND}"
    )
    given = {"na": sodium, "glucose": glucose, "bun": urea, "measured": measured}
    source = "Smithline & Gardner 1976, JAMA 236:1594"
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=source)


def mosteller(rng: random.Random) -> Draft:
    """A dose per body surface, by Mosteller."""
    height, weight, per_area = rng.randint(95, 205), rng.randint(14, 130), rng.randint(10, 400)

    def solve(say: Say) -> Decimal:
        inside = say(height * weight / 3600, f"{height} * {weight} / 3600 =")
        area = say(math.sqrt(inside), f"The body surface is {inside:.10g} ^ 0.5 =", "m2")
        dose = say(per_area * area, f"The dose is {per_area} * {area:.10g} =", "mg")
        return say(rounded(dose), "To two decimals:")

    asked = (
        f"A patient is {height} cm tall and weighs {weight} kg. What is a dose of {per_area} mg per m2 of body surface in mg, "
        f"with the surface by Mosteller's formula? {ROUND}"
    )
    given = {"height": height, "weight": weight, "per_area": per_area}
    return Draft(
        question=asked, given=given, solve=solve, kind="quantity", source="Mosteller 1987, N Engl J Med 317:1098"
    )


def du_bois(rng: random.Random) -> Draft:
    """Cardiac index from a cardiac output, with the surface by Du Bois."""
    height, weight, output = rng.randint(140, 205), rng.randint(40, 130), rng.randint(20, 95) / 10

    def solve(say: Say) -> Decimal:
        heavy = say(weight**0.425, f"{weight} ^ 0.425 =")
        tall = say(height**0.725, f"{height} ^ 0.725 =")
        area = say(0.007184 * heavy * tall, f"The body surface is 0.007184 * {heavy:.10g} * {tall:.10g} =", "m2")
        index = say(output / area, f"The index is {output} / {area:.10g} =")
        return say(rounded(index), "To two decimals:")

    asked = (
        f"A patient of {height} cm and {weight} kg has a cardiac output of {output} L/min. What is the cardiac index in L/min "
        f"per m2, with the body surface by the formula of Du Bois? {ROUND}"
    )
    given = {"height": height, "weight": weight, "output": output}
    source = "Du Bois & Du Bois 1916, Arch Intern Med 17:863"
    return Draft(question=asked, given=given, solve=solve, kind="quantity", source=source)


FAMILIES = (
    Family(name="dosing", domain="medicine", templates=(suspension, infusion, maintenance)),
    Family(name="kidney", domain="medicine", templates=(cockcroft_gault, ckd_epi)),
    Family(name="corrected_values", domain="medicine", templates=(anion_gap, corrected_calcium, osmolality)),
    Family(name="body_surface", domain="medicine", templates=(mosteller, du_bois)),
    Family(name="risk_scores", domain="medicine", templates=(chads_vasc, curb65, meld)),
)
