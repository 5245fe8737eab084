"""Fresh algebra: a linear system, the roots of a quadratic, an arithmetic sequence."""

import random
from fractions import Fraction
from math import gcd

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say


def linear_system(rng: random.Random) -> Draft:
    """Two linear equations by Cramer's rule."""
    a, b, c, d = (rng.choice([n for n in range(-9, 10) if n]) for _ in range(4))
    x, y = (rng.choice([n for n in range(-12, 13) if n]) for _ in range(2))
    e, f = a * x + b * y, c * x + d * y
    if a * d == b * c:
        raise Redraw

    def solve(say: Say) -> Fraction:
        whole = say(a * d - b * c, f"The determinant is {a} * ({d}) - ({b}) * ({c}) =")
        of_x = say(e * d - b * f, f"That for x is {e} * ({d}) - ({b}) * ({f}) =")
        of_y = say(a * f - e * c, f"That for y is {a} * ({f}) - ({e}) * ({c}) =")
        first = say(Fraction(of_x, whole), f"x = {of_x} / ({whole}) =")
        second = say(Fraction(of_y, whole), f"y = {of_y} / ({whole}) =")
        return say(first * second, f"x * y = ({first}) * ({second}) =")

    one, two = f"{terms((a, 'x'), (b, 'y'))} = {e}", f"{terms((c, 'x'), (d, 'y'))} = {f}"
    asked = f"Given {one} and {two}, what is the product xy?"
    again = f"The numbers x and y solve both {one} and {two}. What does x times y come to?"
    given = {"rows": [[a, b, e], [c, d, f]]}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def terms(*parts: tuple[int, str]) -> str:
    """Write a sum of terms as people do: no coefficient 1, no term 0."""
    text = ""
    for number, letter in parts:
        if not number:
            continue
        size = f"{'' if letter and abs(number) == 1 else abs(number)}{letter}"
        sign = ("-" if number < 0 else "") if not text else " - " if number < 0 else " + "
        text += f"{sign}{size}"
    return text


def root_squares(rng: random.Random) -> Draft:
    """Sum of the squares of a quadratic's roots, by Vieta."""
    a = rng.randint(1, 20)
    b, c = (rng.choice([n for n in range(-90, 91) if n]) for _ in range(2))
    if b * b - 4 * a * c <= 0 or gcd(a, b, c) > 1:
        raise Redraw

    def solve(say: Say) -> Fraction:
        total = say(Fraction(-b, a), f"The roots add up to -({b}) / {a} =")
        product = say(Fraction(c, a), f"Their product is ({c}) / {a} =")
        square = say(total * total, f"The square of the sum is ({total}) * ({total}) =")
        twice = say(2 * product, f"Twice the product is 2 * ({product}) =")
        return say(square - twice, f"The sum of squares is ({square}) - ({twice}) =")

    equation = f"{terms((a, 'x^2'), (b, 'x'), (c, ''))} = 0"
    asked = f"What is the sum of the squares of the two roots of {equation}? Give an integer or a fraction."
    again = f"The equation {equation} has the two solutions r and s. What is r^2 + s^2? Give an integer or a fraction."
    return Draft(question=asked, rewordings=(again,), given={"a": a, "b": b, "c": c}, solve=solve, kind="number")


def arithmetic_sum(rng: random.Random) -> Draft:
    """Sum of the terms of an arithmetic sequence from two known terms."""
    start, step = rng.randint(-40, 60), rng.choice([n for n in range(-9, 14) if n])
    i, j, n = rng.randint(3, 9), rng.randint(10, 19), rng.randint(20, 60)
    at_i, at_j = start + (i - 1) * step, start + (j - 1) * step

    def solve(say: Say) -> Fraction:
        d = say(Fraction(at_j - at_i, j - i), f"The difference is ({at_j} - ({at_i})) / ({j} - {i}) =")
        first = say(at_i - (i - 1) * d, f"The first term is {at_i} - ({i} - 1) * ({d}) =")
        last = say(first + (n - 1) * d, f"Term {n} is {first} + ({n} - 1) * ({d}) =")
        return say(n * (first + last) / 2, f"The sum is {n} * ({first} + ({last})) / 2 =")

    asked = (
        f"In an arithmetic sequence, term {i} is {at_i} and term {j} is {at_j}. What is the sum of the first {n} terms?"
    )
    again = (
        f"The terms of a sequence, counted from term 1, grow by the same number each time (it may be negative); term {i} is "
        f"{at_i}, term {j} is {at_j}. What do its first {n} terms add up to?"
    )
    given = {"i": i, "j": j, "at_i": at_i, "at_j": at_j, "n": n}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")
