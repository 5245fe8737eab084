"""Fresh probability: an urn, two dice, the cause behind a sign."""

import random
from fractions import Fraction
from math import comb

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, plain

LOWEST = "Give a fraction in lowest terms."


def urn(rng: random.Random) -> Draft:
    """Exactly so many of a colour, drawn without replacement, drawing by drawing."""
    red, blue, green, draws = rng.randint(3, 40), rng.randint(3, 40), rng.randint(3, 40), rng.randint(2, 4)
    wanted, others = rng.randint(1, draws), blue + green
    if wanted > red:
        raise Redraw

    def solve(say: Say) -> Fraction:
        ways = say(comb(draws, wanted), f"The orders in which {wanted} of {draws} can be red number")
        chance, reds, rest = Fraction(1), red, say(others, f"Not red are {blue} + {green} =")
        for turn in range(draws):
            left = reds if turn < wanted else rest
            whole = reds + rest
            chance = say(chance * Fraction(left, whole), f"Draw {turn + 1}: {chance} * {left}/{whole} =")
            reds, rest = (reds - 1, rest) if turn < wanted else (reds, rest - 1)
        return say(ways * chance, f"All orders together: {ways} * {chance} =")

    asked = (
        f"An urn holds {red} red, {blue} blue and {green} green balls. {draws} balls are drawn without putting any back. What "
        f"is the probability that exactly {wanted} of them {'is' if wanted == 1 else 'are'} red? {LOWEST}"
    )
    again = (
        f"There are {red} red, {blue} blue and {green} green balls in a bag, and {draws} of them are taken out at once, at "
        f"random. How probable is it that the number of red balls among those is {wanted}? {LOWEST}"
    )
    given = {"red": red, "blue": blue, "green": green, "draws": draws, "wanted": wanted}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def dice(rng: random.Random) -> Draft:
    """Probability that two unlike dice add up to at least a number."""
    one, two = rng.randint(4, 40), rng.randint(4, 40)
    low, start = rng.randint(1, 12), rng.randint(1, 12)
    least = rng.randint(max(4, one + two - 12), one + two - 1) + low + start - 2
    top_one, top_two = low + one - 1, start + two - 1

    def solve(say: Say) -> Fraction:
        good = 0
        for face in range(max(low, least - top_two), top_one + 1):
            rest = min(two, top_two - (least - face) + 1)
            good = say(good + rest, f"With {face} on the first die {rest} of the second are enough: {good} + {rest} =")
        whole = say(one * two, f"All outcomes: {one} * {two} =")
        return say(Fraction(good, whole), f"The probability is {good}/{whole} =")

    asked = (
        f"A fair die has the numbers {low} to {top_one} on its {one} faces, another one {start} to {top_two} on its {two}. Both "
        f"are thrown. What is the probability that they add up to at least {least}? {LOWEST}"
    )
    again = (
        f"One number is drawn evenly from the {one} whole numbers {low} to {top_one}, a second one, independently, from the "
        f"{two} whole numbers {start} to {top_two}. How probable is a sum of {least} or more? {LOWEST}"
    )
    given = {"faces": [one, two], "from": [low, start], "least": least}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def inspection(rng: random.Random) -> Draft:
    """Probability of a cause given its sign, by Bayes."""
    base, hit, false = (
        Fraction(rng.randint(2, 80), 200),
        Fraction(rng.randint(120, 199), 200),
        Fraction(rng.randint(1, 60), 200),
    )
    in_base, in_hit, in_false = (f"{plain(float(100 * part))}%" for part in (base, hit, false))

    def solve(say: Say) -> Fraction:
        sound = say(1 - base, f"The share without the fault is 1 - {base} =")
        both = say(base * hit, f"Faulty and flagged: {base} * {hit} =")
        wrongly = say(sound * false, f"Sound and flagged: {sound} * {false} =")
        flagged = say(both + wrongly, f"Flagged in all: {both} + {wrongly} =")
        return say(both / flagged, f"Faulty among the flagged: ({both}) / ({flagged}) =")

    asked = (
        f"{in_base} of the parts of a line are faulty. A test flags {in_hit} of the faulty parts and {in_false} of the sound "
        f"ones. A part is flagged. What is the probability that it is faulty? {LOWEST}"
    )
    again = (
        f"A test flags a faulty part with probability {in_hit} and a sound part with probability {in_false}; {in_base} of all "
        f"parts are faulty. How probable is it that a part that was flagged is faulty? {LOWEST}"
    )
    given = {"base": str(base), "hit": str(hit), "false": str(false)}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")
