"""Fresh QT intervals, corrected for the heart's rate."""

import random
from decimal import Decimal

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, rounded
from rarl_eval.tasks.fresh.medicine.asking import ROUND


def bazett(rng: random.Random) -> Draft:
    """QTc by Bazett, over the mean of three RR intervals."""
    qt, middle = rng.randint(300, 520), rng.randint(500, 1250)
    beats = [middle + rng.randint(-60, 60) for _ in range(3)]
    if qt > 0.7 * min(beats) or len(set(beats)) < 3:
        raise Redraw

    def solve(say: Say) -> Decimal:
        one, two, three = beats
        mean = say(sum(beats) / 3, f"The mean RR interval is ({one} + {two} + {three}) / 3 =", "ms")
        seconds = say(mean / 1000, f"In seconds: {mean:.10g} / 1000 =", "s")
        root = say(seconds**0.5, f"Its root: {seconds:.10g} ^ 0.5 =")
        corrected = say(qt / root, f"The corrected interval is {qt} / {root:.10g} =", "ms")
        return say(rounded(corrected), "To two decimals:")

    told = f"{beats[0]}, {beats[1]} and {beats[2]} ms"
    asked = (
        f"An electrocardiogram shows a QT interval of {qt} ms and three successive RR intervals of {told}. What is the QTc in ms "
        f"by Bazett's formula, with the mean of the three RR intervals? {ROUND}"
    )
    again = (
        f"Three RR intervals in a row last {told}; the QT interval is {qt} ms. Correct the QT interval by Bazett, using the "
        f"average RR interval of those three: how many ms is the QTc? {ROUND}"
    )
    given = {"qt": qt, "beats": beats}
    source = "Bazett 1920, Heart 7:353"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)


def fridericia(rng: random.Random) -> Draft:
    """By how much a drug has changed the QTc by Fridericia."""
    rates, qts = [rng.randint(48, 110) for _ in range(2)], [rng.randint(310, 480) for _ in range(2)]
    if any(qt > 0.7 * 60_000 / rate for qt, rate in zip(qts, rates, strict=True)):
        raise Redraw

    def solve(say: Say) -> Decimal:
        found = []
        for qt, rate in zip(qts, rates, strict=True):
            seconds = say(60 / rate, f"The RR interval is 60 / {rate} =", "s")
            root = say(seconds ** (1 / 3), f"Its cube root: {seconds:.10g} ^ (1 / 3) =")
            found.append(say(qt / root, f"The corrected interval is {qt} / {root:.10g} =", "ms"))
        change = say(found[1] - found[0], f"The change is {found[1]:.10g} - {found[0]:.10g} =", "ms")
        return say(rounded(change), "To two decimals:")

    sign = f"Give a negative number if it became shorter. {ROUND}"
    asked = (
        f"Before a drug was given the QT interval was {qts[0]} ms at a heart rate of {rates[0]} a minute; under the drug it is "
        f"{qts[1]} ms at {rates[1]} a minute. By how many ms has the QTc by Fridericia's formula changed? {sign}"
    )
    again = (
        f"A patient's heart beats {rates[1]} times a minute with a QT interval of {qts[1]} ms while a drug is taken. Without the "
        f"drug it was {rates[0]} times a minute with a QT interval of {qts[0]} ms. What is the change under the drug, in ms, of "
        f"the QTc as corrected by Fridericia? {sign}"
    )
    source = "Fridericia 1920, Acta Med Scand 53:469"
    given = {"qt": qts, "rates": rates}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="quantity", source=source)
