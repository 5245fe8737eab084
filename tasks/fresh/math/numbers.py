"""Fresh number theory: greatest common divisors, remainders of powers, numbers with two remainders."""

import random
from itertools import count
from math import gcd

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say


def common_divisor(rng: random.Random) -> Draft:
    """Greatest common divisor by Euclid's algorithm."""
    factor = rng.randint(2, 60)
    one, two = factor * rng.randint(20, 400), factor * rng.randint(20, 400)
    if one <= two or one % two == 0:
        raise Redraw

    def solve(say: Say) -> int:
        a, b = one, two
        while b:
            rest = say(a % b, f"{a} mod {b} =")
            a, b = b, rest
        return say(a, "The last remainder above 0, or the divisor where there was none, is")

    asked = f"What is the greatest common divisor of {one} and {two}?"
    again = f"By what largest whole number can both {one} and {two} be divided without a remainder?"
    given = {"a": one, "b": two}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def power_remainder(rng: random.Random) -> Draft:
    """A power modulo a number, by repeated squaring."""
    base, exponent, modulus = rng.randint(2, 60), rng.randint(9, 240), rng.randint(11, 199)
    if base % modulus in {0, 1, modulus - 1}:
        raise Redraw

    def solve(say: Say) -> int:
        return power(say, base, exponent, modulus)

    asked = f"What is the remainder when {base}^{exponent} is divided by {modulus}?"
    again = f"The number {base}^{exponent} is divided by {modulus}. What remainder is left, from 0 to {modulus - 1}?"
    given = {"a": base, "n": exponent, "m": modulus}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def power(say: Say, base: int, exponent: int, modulus: int) -> int:
    """Say the steps of repeated squaring; return the remainder."""
    result = say(base % modulus, f"{exponent} is {exponent:b} in binary; {base} mod {modulus} =")
    for digit in f"{exponent:b}"[1:]:
        result = say(result * result % modulus, f"{result} * {result} mod {modulus} =")
        if digit == "1":
            result = say(result * base % modulus, f"{result} * {base} mod {modulus} =")
    return result


def two_remainders(rng: random.Random) -> Draft:
    """The least number with two given remainders (Chinese remainder theorem, by sieving)."""
    p, q = rng.choice((7, 8, 9, 11, 13, 17, 19, 23)), rng.randint(24, 240)
    if gcd(p, q) > 1:
        raise Redraw
    a, b = rng.randint(1, p - 1), rng.randint(1, q - 1)
    if b % p == a:
        raise Redraw  # the second remainder is the answer

    def solve(say: Say) -> int:
        number = b
        for tries in count():
            if tries > p:
                raise ValueError("a changed remainder that no number has")
            rest = say(number % p, f"{number} mod {p} =")
            if rest == a:
                return say(number, f"The wanted remainder is {a}, so the number is")
            number += q
        raise ValueError

    asked = (
        f"What is the least positive integer that leaves remainder {a} when divided by {p} and {b} when divided by {q}?"
    )
    again = f"Of all positive integers n with n mod {p} = {a} and n mod {q} = {b}, which is the smallest?"
    given = {"p": p, "q": q, "a": a, "b": b}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")
