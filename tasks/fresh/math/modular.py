"""Fresh modular arithmetic: inverses, linear congruences with a common divisor, sums of powers."""

import random
from math import gcd

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say
from rarl_eval.tasks.fresh.math.numbers import power

_MOST_ROUNDS = 60


def inverse(rng: random.Random) -> Draft:
    """A multiplicative inverse, by the extended algorithm of Euclid."""
    modulus = rng.randint(50, 1500)
    number = rng.randint(3, modulus - 2)
    if gcd(number, modulus) > 1 or number * number % modulus == 1 or 2 * number == modulus + 1:
        raise Redraw

    def solve(say: Say) -> int:
        (old, new), (of_old, of_new) = (modulus, number), (0, 1)
        for _ in range(_MOST_ROUNDS):
            if new == 1:
                return say(of_new % modulus, f"{of_new} mod {modulus} =")
            times = say(old // new, f"{old} // {new} =")
            old, new = new, say(old - times * new, f"The remainder is {old} - {times} * {new} =")
            of_old, of_new = of_new, say(of_old - times * of_new, f"Its factor is {of_old} - {times} * ({of_new}) =")
        raise ValueError("a changed remainder that never ends in 1")

    asked = f"What is the multiplicative inverse of {number} modulo {modulus}, as a number from 1 to {modulus - 1}?"
    again = f"Which number n from 1 to {modulus - 1} makes {number} * n leave remainder 1 when divided by {modulus}?"
    given = {"number": number, "modulus": modulus}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def congruence(rng: random.Random) -> Draft:
    """The least solution of a linear congruence whose numbers share a divisor."""
    shared, small = rng.randint(2, 12), rng.randint(11, 120)
    a, b, modulus = shared * rng.randint(2, small - 1), shared * rng.randint(1, small - 1), shared * small
    if gcd(a, modulus) != shared or b % a == 0:
        raise Redraw

    def solve(say: Say) -> int:
        common = say(gcd(a, modulus), f"The greatest common divisor of {a} and {modulus} is")
        one = say(a // common, f"{a} // {common} =")
        two = say(b // common, f"{b} // {common} =")
        rest = say(modulus // common, f"{modulus} // {common} =")
        turned = say(pow(one, -1, rest), f"The inverse of {one} modulo {rest} is")
        return say(turned * two % rest, f"{turned} * {two} mod {rest} =")

    asked = (
        f"What is the smallest non-negative integer x for which {a}x leaves remainder {b} when divided by {modulus}?"
    )
    again = f"Find the least integer x >= 0 that solves the congruence {a}x = {b} (mod {modulus})."
    given = {"a": a, "b": b, "modulus": modulus}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def power_sum(rng: random.Random) -> Draft:
    """The remainder of a sum of two powers."""
    modulus = rng.randint(11, 150)
    (a, n), (b, k) = ((rng.randint(2, 40), rng.randint(9, 120)) for _ in range(2))
    if a == b or {a % modulus, b % modulus} & {0, 1, modulus - 1}:
        raise Redraw

    def solve(say: Say) -> int:
        first = power(say, a, n, modulus)
        second = power(say, b, k, modulus)
        return say((first + second) % modulus, f"Together: ({first} + {second}) mod {modulus} =")

    asked = f"What is the remainder when {a}^{n} + {b}^{k} is divided by {modulus}?"
    again = f"What is ({a}^{n} + {b}^{k}) mod {modulus}, as a number from 0 to {modulus - 1}?"
    given = {"a": a, "n": n, "b": b, "k": k, "modulus": modulus}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")
