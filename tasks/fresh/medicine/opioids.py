"""Fresh opioid conversions: morphine equivalents of a day, and a rotation that a corrected calcium decides."""

import random
from collections.abc import Sequence
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain, rounded
from rarl_eval.tasks.fresh.medicine.asking import ROUND

_FACTORS = {
    "codeine": 0.15, "hydrocodone": 1.0, "hydromorphone": 5.0, "methadone": 4.7, "morphine": 1.0, "oxycodone": 1.5,
    "oxymorphone": 3.0, "tapentadol": 0.4, "tramadol": 0.2,
}  # fmt: skip
"""Milligrams of oral morphine for one milligram by mouth, CDC 2022, table of conversion factors."""
_PATCH = 2.4
"""Of transdermal fentanyl, for one microgram per hour."""
_DOSES = {
    "codeine": (15, 30, 60), "hydrocodone": (5, 7.5, 10), "hydromorphone": (2, 4, 8), "methadone": (2.5, 5, 7.5, 10),
    "morphine": (7.5, 10, 15, 20, 30, 60), "oxycodone": (5, 10, 15, 20, 30), "oxymorphone": (5, 7.5, 10, 15),
    "tapentadol": (50, 75, 100), "tramadol": (50, 75, 100),
}  # fmt: skip
_EQUAL = {"morphine": 25, "oxycodone": 20, "hydromorphone": 5, "oxymorphone": 10}
"""Oral doses in mg that count as equal."""
_TIMES = ("once", "twice", "3 times", "4 times", "5 times", "6 times")
Regimen = tuple[str, float, int]
"""Drug, mg of one dose, doses a day."""


def _told(regimen: Regimen) -> str:
    drug, dose, times = regimen
    return f"{plain(dose)} mg of {drug} by mouth {_TIMES[times - 1]} a day"


def morphine_equivalents(rng: random.Random) -> Draft:
    """Morphine milligram equivalents of all that is taken in a day."""
    drugs = rng.sample(list(_FACTORS), rng.randint(2, 3))
    taken: list[Regimen] = [(drug, rng.choice(_DOSES[drug]), rng.randint(1, 6)) for drug in drugs]
    patch = rng.choice((0, 12, 25, 37, 50, 62, 75, 87, 100))

    def solve(say: Say) -> Decimal:
        total = 0.0
        for drug, dose, times in taken:
            daily = say(dose * times, f"A day's {drug}: {plain(dose)} * {times} =", "mg")
            one = say(daily * _FACTORS[drug], f"In morphine: {daily:.10g} * {_FACTORS[drug]} =", "mg")
            total = say(total + one, f"So far: {total:.10g} + {one:.10g} =", "mg")
        if patch:
            one = say(patch * _PATCH, f"The patch: {patch} * {_PATCH} =", "mg")
            total = say(total + one, f"So far: {total:.10g} + {one:.10g} =", "mg")
        return say(rounded(total), "To two decimals:")

    listed = _listed([_told(one) for one in taken])
    worn = f"a fentanyl patch of {patch} micrograms per hour" if patch else "no patch"
    asked = (
        f"A patient takes {listed}, and wears {worn}. How many morphine milligram equivalents (MME) are that in a day, in mg, by "
        f"the conversion factors of the CDC guideline of 2022? {ROUND}"
    )
    again = (
        f"By the CDC's factors of 2022, what is the daily opioid dose in mg of oral morphine (MME) of somebody who wears {worn} "
        f"and takes {listed}? {ROUND}"
    )
    source = "Dowell et al. 2022, MMWR Recomm Rep 71(3):1"
    given = {"taken": taken, "patch": patch}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]])


def calcium_and_opioids(rng: random.Random) -> Draft:
    """The daily dose after a rotation, reduced by more where the corrected calcium is high."""
    calcium, albumin, limit = rng.randint(900, 1450) / 100, rng.randint(150, 390) / 100, rng.randint(22, 28) / 2
    before, after = rng.sample(list(_EQUAL), 2)
    taken = [
        (before, rng.choice(_DOSES[before]), rng.randint(2, 6)),
        (before, rng.choice(_DOSES[before]), rng.randint(1, 4)),
    ]
    more, less = rng.randint(8, 12) * 5, rng.randint(3, 7) * 5
    corrected = calcium + 0.8 * (4.0 - albumin)
    if abs(corrected - limit) < 0.05 or taken[0][1] <= taken[1][1]:
        raise Redraw

    def solve(say: Say) -> Decimal:
        missing = say(4.0 - albumin, f"Albumin is missing by 4.0 - {albumin} =", "g/dL")
        found = say(calcium + 0.8 * missing, f"Calcium is {calcium} + 0.8 * {missing:.10g} =", "mg/dL")
        cut = say(more if found > limit else less, f"The limit is {limit} mg/dL, so the dose is cut by", "percent")
        total = 0.0
        for drug, dose, times in taken:
            total = say(total + dose * times, f"Of {drug} so far: {total:.10g} + {plain(dose)} * {times} =", "mg")
        equal = say(total * _EQUAL[after] / _EQUAL[before],
            f"That equals {total:.10g} * {_EQUAL[after]} / {_EQUAL[before]} =", f"mg of {after}")  # fmt: skip
        new = say(equal * (1 - cut / 100), f"Reduced: {equal:.10g} * (1 - {cut} / 100) =", "mg")
        return say(rounded(new), "To two decimals:")

    regular, rescue = taken
    doses = (
        f"{_told(regular)} and, on average, {plain(rescue[1])} mg of {before} by mouth {_TIMES[rescue[2] - 1]} a day against "
        "breakthrough pain"
    )
    equal = f"{_EQUAL[before]} mg of {before} by mouth count as {_EQUAL[after]} mg of {after} by mouth"
    rule = f"The equal dose is reduced by {more}% if the corrected calcium is above {plain(limit)} mg/dL, and by {less}% otherwise"
    payne = "0.8 mg/dL for each g/dL of albumin below 4.0"
    asked = (
        f"A patient with bone metastases has a total calcium of {plain(calcium)} mg/dL and an albumin of {plain(albumin)} g/dL; "
        f"calcium is corrected by {payne}. The patient takes {doses}. All of it is to be replaced by {after}; {equal}. {rule}. "
        f"How many mg of {after} by mouth is the new daily dose? {ROUND}"
    )
    again = (
        f"All opioids of a patient who takes {doses} are changed to {after} by mouth, where {equal}. {rule}. Albumin is "
        f"{plain(albumin)} g/dL and total calcium {plain(calcium)} mg/dL, to be corrected by {payne}. What is the dose of {after} "
        f"for a day, in mg? {ROUND}"
    )
    given = {"calcium": [calcium, albumin, limit], "taken": taken, "after": after, "cuts": [more, less]}
    source = "Payne et al. 1973, BMJ 4:643; McPherson 2018, Demystifying Opioid Conversion Calculations, 2nd ed."
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)
