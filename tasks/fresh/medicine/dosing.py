"""Fresh dosing: a suspension, an infusion pump, maintenance fluid."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain, rounded
from rarl_eval.tasks.fresh.medicine.asking import ROUND

DOSAGE = "Ogden & Fluharty, Calculation of Drug Dosages, 11th ed."
_MOST_ML = 30
"""A dose of more is no dose of a suspension."""
_MOST_FLOW = 250
"""mL per hour that a pump for drugs is set to, at most."""


def suspension(rng: random.Random) -> Draft:
    """Millilitres of a suspension per dose, from a daily dose per kilogram."""
    weight, per_kg, times = rng.randint(40, 400) / 10, rng.randint(5, 90), rng.randint(2, 4)
    strength = rng.choice((10, 15, 20, 25, 40, 50, 80))
    if not 0.5 < weight * per_kg / times / strength < _MOST_ML:
        raise Redraw

    def solve(say: Say) -> Decimal:
        daily = say(weight * per_kg, f"A day's dose is {weight} * {per_kg} =", "mg")
        dose = say(daily / times, f"A single dose is {daily:.10g} / {times} =", "mg")
        volume = say(dose / strength, f"Its volume is {dose:.10g} / {strength} =", "mL")
        return say(rounded(volume), "To two decimals:")

    asked = (
        f"A child of {plain(weight)} kg is to get {per_kg} mg per kg and day of a drug, in {times} equal doses. The suspension "
        f"holds {strength} mg per mL. How many mL is one dose? {ROUND}"
    )
    again = (
        f"A drug comes as a suspension of {strength} mg in each mL. The daily dose of {per_kg} mg per kg is divided into {times} "
        f"equal doses. What volume in mL does a child of {plain(weight)} kg get at a time? {ROUND}"
    )
    given = {"weight": weight, "per_kg": per_kg, "times": times, "strength": strength}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=DOSAGE)


def infusion(rng: random.Random) -> Draft:
    """Rate of a pump in mL per hour, from micrograms per kilogram and minute."""
    weight, rate = rng.randint(80, 240) / 2, rng.randint(2, 200) / 10
    amount, volume = rng.choice((50, 100, 200, 250, 400)), rng.choice((50, 100, 250, 500))
    if not 0.5 < 60 * rate * weight * volume / (1000 * amount) < _MOST_FLOW:
        raise Redraw

    def solve(say: Say) -> Decimal:
        minute = say(rate * weight, f"A minute's dose is {rate} * {weight} =", "micrograms")
        hour = say(minute * 60 / 1000, f"An hour's dose is {minute:.10g} * 60 / 1000 =", "mg")
        strength = say(amount / volume, f"The bag holds {amount} / {volume} =", "mg per mL")
        flow = say(hour / strength, f"The rate is {hour:.10g} / {strength:.10g} =", "mL per hour")
        return say(rounded(flow), "To two decimals:")

    asked = (
        f"A patient of {plain(weight)} kg is to get {plain(rate)} micrograms per kg and minute from a bag with {amount} mg of "
        f"the drug in {volume} mL. At how many mL per hour must the pump run? {ROUND}"
    )
    again = (
        f"In a bag of {volume} mL there are {amount} mg of a drug, of which a patient who weighs {plain(weight)} kg needs "
        f"{plain(rate)} micrograms per kg and minute. What is the rate of the pump in mL per hour? {ROUND}"
    )
    given = {"weight": weight, "rate": rate, "amount": amount, "volume": volume}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=DOSAGE)


def maintenance(rng: random.Random) -> Draft:
    """Maintenance fluid of a child, a part or a multiple of it, by weight in three bands, over so many hours."""
    weight, hours, part = rng.randint(50, 600) / 10, rng.randint(2, 36), 5 * rng.randint(12, 30)

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
        some = say(total * hours / 24, f"In {hours} hours: {total:.10g} * {hours} / 24 =", "mL")
        wanted = say(some * part / 100, f"Of that {part} percent: {some:.10g} * {part} / 100 =", "mL")
        return say(rounded(wanted), "To two decimals:")

    rule = "per day: 100 mL for each of the first 10 kg, 50 mL for each of the next 10 kg, 20 mL for each kg above"
    asked = (
        f"A child of {plain(weight)} kg is to get {part}% of its maintenance fluid by the rule of Holliday and Segar ({rule}). "
        f"How many mL are that in {hours} hours? {ROUND}"
    )
    again = (
        f"By Holliday and Segar a child needs maintenance fluid by its weight ({rule}). One of {plain(weight)} kg gets {part}% "
        f"of that, at an even rate. What volume in mL does it get in {hours} hours? {ROUND}"
    )
    given = {"weight": weight, "hours": hours, "part": part}
    source = "Holliday & Segar 1957, Pediatrics 19:823"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)
