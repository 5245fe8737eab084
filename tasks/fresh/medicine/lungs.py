"""Fresh gas exchange: the alveolar-arterial gradient of oxygen, and what of it age does not explain."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain, rounded
from rarl_eval.tasks.fresh.medicine.asking import ROUND

RULE = "alveolar PO2 = FiO2 x (barometric pressure - 47 mmHg) - PaCO2 / 0.8"


def _gradient(say: Say, share: float, air: int, carbon: int, oxygen: int) -> float:
    moist = say(air - 47, f"Without water vapour there are {air} - 47 =", "mmHg")
    breathed = say(share * moist / 100, f"The inspired oxygen is {share} * {moist} / 100 =", "mmHg")
    given_off = say(carbon / 0.8, f"Carbon dioxide takes {carbon} / 0.8 =", "mmHg")
    alveolar = say(breathed - given_off, f"In the alveoli there are {breathed:.10g} - {given_off:.10g} =", "mmHg")
    return say(alveolar - oxygen, f"The gradient is {alveolar:.10g} - {oxygen} =", "mmHg")


def alveolar_gradient(rng: random.Random) -> Draft:
    """The gradient under a share of oxygen and a barometric pressure."""
    share, air = rng.choice((21, 24, 28, 30, 35, 40, 45, 50, 55, 60, 70, 80, 90, 100)), rng.randint(600, 775)
    carbon, oxygen = rng.randint(20, 75), rng.randint(42, 320)
    if not 3 < share * (air - 47) / 100 - carbon / 0.8 - oxygen < 550:
        raise Redraw

    def solve(say: Say) -> Decimal:
        found = _gradient(say, share, air, carbon, oxygen)
        return say(rounded(found), "To two decimals:")

    asked = (
        f"A patient breathes {share}% oxygen at a barometric pressure of {air} mmHg; PaO2 is {oxygen} mmHg and PaCO2 {carbon} "
        f"mmHg. What is the alveolar-arterial (A-a) oxygen gradient in mmHg, with {RULE}? {ROUND}"
    )
    again = (
        f"An arterial sample shows a PaCO2 of {carbon} mmHg and a PaO2 of {oxygen} mmHg. It was taken at an FiO2 of "
        f"{plain(share / 100)} and a barometric pressure of {air} mmHg. With {RULE}, how many mmHg lie between the alveolar and "
        f"the arterial PO2? {ROUND}"
    )
    given = {"share": share, "air": air, "carbon": carbon, "oxygen": oxygen}
    source = "Fenn, Rahn & Otis 1946, Am J Physiol 146:637"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


def expected_gradient(rng: random.Random) -> Draft:
    """How far the gradient in room air is above the one expected at an age."""
    age, air = rng.randint(18, 90), rng.randint(600, 775)
    carbon, oxygen = rng.randint(20, 70), rng.randint(38, 100)
    if not 3 < 0.21 * (air - 47) - carbon / 0.8 - oxygen < 90:
        raise Redraw

    def solve(say: Say) -> Decimal:
        found = _gradient(say, 21, air, carbon, oxygen)
        aged = say(2.5 + 0.21 * age, f"At this age it may be 2.5 + 0.21 * {age} =", "mmHg")
        beyond = say(found - aged, f"The excess is {found:.10g} - {aged:.10g} =", "mmHg")
        return say(rounded(beyond), "To two decimals:")

    norm = "2.5 + 0.21 x age in years (mmHg)"
    asked = (
        f"A patient of {age} years breathes room air (21% oxygen) at a barometric pressure of {air} mmHg; PaO2 is {oxygen} mmHg "
        f"and PaCO2 {carbon} mmHg. By how many mmHg is the alveolar-arterial oxygen gradient, with {RULE}, above the one "
        f"expected by Mellemgaard, {norm}? Give a negative number if it is below. {ROUND}"
    )
    again = (
        f"By Mellemgaard the A-a gradient of oxygen is expected to be {norm}. In room air (FiO2 0.21), at {air} mmHg of "
        f"barometric pressure, a patient aged {age} years has a PaCO2 of {carbon} mmHg and a PaO2 of {oxygen} mmHg. With {RULE}, "
        f"what is the measured gradient less the expected one, in mmHg (negative if it is smaller)? {ROUND}"
    )
    given = {"age": age, "air": air, "carbon": carbon, "oxygen": oxygen}
    source = "Mellemgaard 1966, Acta Physiol Scand 67:10"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)
