"""Fresh corrected values: anion gap and calcium for albumin, the osmolal gap."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain, rounded
from rarl_eval.tasks.fresh.medicine.asking import ROUND


def anion_gap(rng: random.Random) -> Draft:
    """Anion gap, corrected for albumin."""
    sodium, chloride, bicarbonate = rng.randint(125, 155), rng.randint(90, 118), rng.randint(6, 32)
    albumin = rng.randint(12, 39) / 10
    if not 4 <= sodium - chloride - bicarbonate <= 40:
        raise Redraw

    def solve(say: Say) -> Decimal:
        anions = say(chloride + bicarbonate, f"Chloride and bicarbonate: {chloride} + {bicarbonate} =")
        gap = say(sodium - anions, f"The gap is {sodium} - {anions} =")
        missing = say(4.0 - albumin, f"Albumin is missing by 4.0 - {albumin} =", "g/dL")
        more = say(2.5 * missing, f"The correction is 2.5 * ({missing:.10g}) =")
        return say(rounded(gap + more), f"Corrected: {gap} + ({more:.10g}) =")

    rule = "corrected by 2.5 mmol/L for each g/dL of albumin below 4.0"
    asked = (
        f"Sodium is {sodium}, chloride {chloride} and bicarbonate {bicarbonate} mmol/L, albumin {plain(albumin)} g/dL. What is "
        f"the anion gap (without potassium) in mmol/L, {rule}? {ROUND}"
    )
    again = (
        f"A patient's albumin is {plain(albumin)} g/dL; in mmol/L, bicarbonate is {bicarbonate}, sodium {sodium} and chloride "
        f"{chloride}. Leaving potassium out, how many mmol/L is the anion gap, {rule}? {ROUND}"
    )
    given = {"na": sodium, "cl": chloride, "hco3": bicarbonate, "albumin": albumin}
    source = "Figge et al. 1998, Crit Care Med 26:1807"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


def corrected_calcium(rng: random.Random) -> Draft:
    """Calcium corrected for albumin."""
    calcium, albumin = rng.randint(550, 1600) / 100, rng.randint(100, 399) / 100

    def solve(say: Say) -> Decimal:
        missing = say(4.0 - albumin, f"Albumin is missing by 4.0 - {albumin} =", "g/dL")
        more = say(0.8 * missing, f"The correction is 0.8 * ({missing:.10g}) =", "mg/dL")
        total = say(calcium + more, f"Corrected: {calcium} + ({more:.10g}) =", "mg/dL")
        return say(rounded(total), "To two decimals:")

    rule = "0.8 mg/dL for each g/dL of albumin below 4.0"
    asked = (
        f"Total calcium is {plain(calcium)} mg/dL and albumin {plain(albumin)} g/dL. What is the calcium in mg/dL, corrected by "
        f"Payne's rule ({rule})? {ROUND}"
    )
    again = (
        f"With an albumin of {plain(albumin)} g/dL, a laboratory reports a total calcium of {plain(calcium)} mg/dL. Correct it "
        f"for albumin by {rule}; what is it then in mg/dL? {ROUND}"
    )
    given = {"calcium": calcium, "albumin": albumin}
    source = "Payne et al. 1973, BMJ 4:643"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


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

    rule = "2 Na + glucose/18 + BUN/2.8"
    asked = (
        f"Sodium is {sodium} mmol/L, glucose {glucose} mg/dL, urea nitrogen {urea} mg/dL and the measured osmolality "
        f"{measured} mOsm/kg. What is the osmolal gap (measured less calculated, which may be negative) in mOsm/kg, with the "
        f"calculated osmolality {rule}? {ROUND}"
    )
    again = (
        f"The osmometer shows {measured} mOsm/kg in a serum with a glucose of {glucose} mg/dL, a urea nitrogen (BUN) of {urea} "
        f"mg/dL and a sodium of {sodium} mmol/L. By how many mOsm/kg is that above the calculated osmolality, {rule}? Give a "
        f"negative number if it is below. {ROUND}"
    )
    given = {"na": sodium, "glucose": glucose, "bun": urea, "measured": measured}
    source = "Smithline & Gardner 1976, JAMA 236:1594"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)
