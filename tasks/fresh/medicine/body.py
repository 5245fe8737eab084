"""Fresh body surface: a dose by Mosteller, a cardiac index by Du Bois."""

import math
import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain, rounded
from rarl_eval.tasks.fresh.medicine.asking import ROUND

_INDEX = 13, 48
"""Body mass index (kg/m²) of people, low and high."""


def _body(rng: random.Random, heights: tuple[int, int], weights: tuple[int, int]) -> tuple[int, int]:
    """Draw a height in cm and a weight in kg that may be one person's."""
    height, weight = rng.randint(*heights), rng.randint(*weights)
    if not _INDEX[0] < weight / (height / 100) ** 2 < _INDEX[1]:
        raise Redraw
    return height, weight


def mosteller(rng: random.Random) -> Draft:
    """A dose per body surface, by Mosteller."""
    (height, weight), per_area = _body(rng, (95, 205), (12, 140)), rng.randint(10, 400)

    def solve(say: Say) -> Decimal:
        inside = say(height * weight / 3600, f"{height} * {weight} / 3600 =")
        area = say(math.sqrt(inside), f"The body surface is {inside:.10g} ^ 0.5 =", "m2")
        dose = say(per_area * area, f"The dose is {per_area} * {area:.10g} =", "mg")
        return say(rounded(dose), "To two decimals:")

    asked = (
        f"A patient is {height} cm tall and weighs {weight} kg. What is a dose of {per_area} mg per m2 of body surface in mg, "
        f"with the surface by Mosteller's formula? {ROUND}"
    )
    again = (
        f"A protocol gives {per_area} mg per m2. By Mosteller's formula for the body surface, how many mg is that for a patient "
        f"of {weight} kg and {height} cm? {ROUND}"
    )
    given = {"height": height, "weight": weight, "per_area": per_area}
    source = "Mosteller 1987, N Engl J Med 317:1098"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


def du_bois(rng: random.Random) -> Draft:
    """Cardiac index from a cardiac output, with the surface by Du Bois."""
    (height, weight), output = _body(rng, (140, 205), (40, 140)), rng.randint(20, 95) / 10

    def solve(say: Say) -> Decimal:
        heavy = say(weight**0.425, f"{weight} ^ 0.425 =")
        tall = say(height**0.725, f"{height} ^ 0.725 =")
        area = say(0.007184 * heavy * tall, f"The body surface is 0.007184 * {heavy:.10g} * {tall:.10g} =", "m2")
        index = say(output / area, f"The index is {output} / {area:.10g} =")
        return say(rounded(index), "To two decimals:")

    asked = (
        f"A patient of {height} cm and {weight} kg has a cardiac output of {plain(output)} L/min. What is the cardiac index in "
        f"L/min per m2, with the body surface by the formula of Du Bois? {ROUND}"
    )
    again = (
        f"The heart of a patient pumps {plain(output)} L/min. Weight is {weight} kg, height {height} cm, and the body surface is "
        f"taken from the formula of Du Bois and Du Bois. How many L/min per m2 is the cardiac index? {ROUND}"
    )
    given = {"height": height, "weight": weight, "output": output}
    source = "Du Bois & Du Bois 1916, Arch Intern Med 17:863"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)
