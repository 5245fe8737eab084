"""Fresh mathematics: word problems, number theory, algebra, probability. Every answer is exact."""

import random
from fractions import Fraction
from itertools import count

from rarl_eval.tasks.fresh.make import Draft, Family, Redraw, Say

_NAMES = ("Amara", "Bojan", "Chiara", "Dawit", "Elif", "Farid", "Greta", "Hana", "Ivo", "Jun", "Katya", "Leila")


def purchase(rng: random.Random) -> Draft:
    """Several articles, a discount, and the change from a note."""
    name, pens, books = rng.choice(_NAMES), rng.randint(2, 14), rng.randint(2, 9)
    pen, book, off = rng.randint(2, 9), rng.randint(11, 38), rng.randint(1, 9)
    given = {"pens": pens, "books": books, "pen": pen, "book": book, "off": off}
    paid = 50 * (1 + (pens * pen + books * book - off) // 50)

    def solve(say: Say) -> int:
        of_pens = say(pens * pen, f"The pens cost {pens} * {pen} =", "crowns")
        of_books = say(books * book, f"The books cost {books} * {book} =", "crowns")
        total = say(of_pens + of_books, f"Together that is {of_pens} + {of_books} =", "crowns")
        price = say(total - off, f"After the voucher it is {total} - {off} =", "crowns")
        return say(paid - price, f"The change is {paid} - {price} =", "crowns")

    asked = (
        f"{name} buys {pens} pens at {pen} crowns each and {books} books at {book} crowns each, hands in a voucher worth "
        f"{off} crowns and pays with {paid} crowns. How many crowns does {name} get back?"
    )
    return Draft(question=asked, given=given | {"paid": paid}, solve=solve, kind="number")


def journey(rng: random.Random) -> Draft:
    """Two legs at two speeds, and the distance left."""
    name, fast, slow = rng.choice(_NAMES), rng.randint(41, 95), rng.randint(12, 39)
    hours, more, left = rng.randint(2, 7), rng.randint(2, 6), rng.randint(5, 120)
    whole = fast * hours + slow * more + left

    def solve(say: Say) -> int:
        first = say(fast * hours, f"The first leg is {fast} * {hours} =", "km")
        second = say(slow * more, f"The second leg is {slow} * {more} =", "km")
        done = say(first + second, f"So far that is {first} + {second} =", "km")
        return say(whole - done, f"What is left is {whole} - {done} =", "km")

    asked = (
        f"{name} has to travel {whole} km. For {hours} hours the train makes {fast} km an hour, then a bus makes {slow} km "
        f"an hour for {more} hours. How many km are left?"
    )
    given = {"whole": whole, "fast": fast, "slow": slow, "hours": hours, "more": more}
    return Draft(question=asked, given=given, solve=solve, kind="number")


def shares(rng: random.Random) -> Draft:
    """A sum divided in a ratio, after a fixed part is taken off."""
    one, two, three = (rng.randint(1, 9) for _ in range(3))
    unit, fixed = rng.randint(3, 60), rng.randint(5, 90)
    whole = (one + two + three) * unit + fixed
    names = rng.sample(_NAMES, 3)

    def solve(say: Say) -> Fraction:
        rest = say(whole - fixed, f"After the fee there are {whole} - {fixed} =", "crowns")
        parts = say(one + two + three, f"The ratio has {one} + {two} + {three} =", "parts")
        part = say(Fraction(rest, parts), f"One part is {rest} / {parts} =", "crowns")
        return say(part * two, f"{names[1]} gets {part} * {two} =", "crowns")

    asked = (
        f"{names[0]}, {names[1]} and {names[2]} earn {whole} crowns together. They pay a fee of {fixed} crowns and divide "
        f"the rest in the ratio {one} : {two} : {three}, in that order. How many crowns does {names[1]} get?"
    )
    return Draft(
        question=asked, given={"whole": whole, "fixed": fixed, "ratio": [one, two, three]}, solve=solve, kind="number"
    )


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
    return Draft(question=asked, given={"a": one, "b": two}, solve=solve, kind="number")


def power_remainder(rng: random.Random) -> Draft:
    """A power modulo a number, by repeated squaring."""
    base, exponent, modulus = rng.randint(2, 60), rng.randint(9, 240), rng.randint(11, 199)

    def solve(say: Say) -> int:
        result = say(base % modulus, f"{exponent} is {exponent:b} in binary; {base} mod {modulus} =")
        for digit in f"{exponent:b}"[1:]:
            result = say(result * result % modulus, f"{result} * {result} mod {modulus} =")
            if digit == "1":
                result = say(result * base % modulus, f"{result} * {base} mod {modulus} =")
        return result

    asked = f"What is the remainder when {base}^{exponent} is divided by {modulus}?"
    return Draft(question=asked, given={"a": base, "n": exponent, "m": modulus}, solve=solve, kind="number")


def two_remainders(rng: random.Random) -> Draft:
    """The least number with two given remainders (Chinese remainder theorem, by sieving)."""
    p, q = rng.sample((7, 8, 9, 11, 13, 17, 19, 23, 25, 29, 31, 37, 41), 2)
    p, q = min(p, q), max(p, q)
    a, b = rng.randint(1, p - 1), rng.randint(1, q - 1)

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
    return Draft(question=asked, given={"p": p, "q": q, "a": a, "b": b}, solve=solve, kind="number")


def linear_system(rng: random.Random) -> Draft:
    """Two linear equations by Cramer's rule."""
    a, b, c, d = (rng.choice([n for n in range(-9, 10) if n]) for _ in range(4))
    x, y = rng.randint(-12, 12), rng.randint(-12, 12)
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

    asked = f"Given {a}x {b:+d}y = {e} and {c}x {d:+d}y = {f}, what is the product xy?"
    return Draft(question=asked, given={"rows": [[a, b, e], [c, d, f]]}, solve=solve, kind="number")


def root_squares(rng: random.Random) -> Draft:
    """Sum of the squares of a quadratic's roots, by Vieta."""
    a, b, c = rng.randint(1, 9), rng.randint(-30, 30), rng.randint(-30, 30)
    if b * b - 4 * a * c <= 0:
        raise Redraw

    def solve(say: Say) -> Fraction:
        total = say(Fraction(-b, a), f"The roots add up to -({b}) / {a} =")
        product = say(Fraction(c, a), f"Their product is ({c}) / {a} =")
        square = say(total * total, f"The square of the sum is ({total}) * ({total}) =")
        twice = say(2 * product, f"Twice the product is 2 * ({product}) =")
        return say(square - twice, f"The sum of squares is ({square}) - ({twice}) =")

    asked = (
        f"What is the sum of the squares of the two roots of {a}x^2 {b:+d}x {c:+d} = 0? Give an integer or a fraction."
    )
    return Draft(question=asked, given={"a": a, "b": b, "c": c}, solve=solve, kind="number")


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
    given = {"i": i, "j": j, "at_i": at_i, "at_j": at_j, "n": n}
    return Draft(question=asked, given=given, solve=solve, kind="number")


def urn(rng: random.Random) -> Draft:
    """Exactly so many of a colour, drawn without replacement, drawing by drawing."""
    red, blue, draws = rng.randint(3, 30), rng.randint(3, 30), rng.randint(2, 4)
    wanted = rng.randint(0, draws)
    if wanted > red or draws - wanted > blue:
        raise Redraw

    def solve(say: Say) -> Fraction:
        ways = say(_choose(draws, wanted), f"The orders in which {wanted} of {draws} can be red number")
        chance, reds, blues = Fraction(1), red, blue
        for turn in range(draws):
            left = reds if turn < wanted else blues
            whole = reds + blues
            chance = say(chance * Fraction(left, whole), f"Draw {turn + 1}: {chance} * {left}/{whole} =")
            reds, blues = (reds - 1, blues) if turn < wanted else (reds, blues - 1)
        return say(ways * chance, f"All orders together: {ways} * {chance} =")

    asked = (
        f"An urn holds {red} red and {blue} blue balls. {draws} balls are drawn without putting any back. What is the "
        f"probability that exactly {wanted} of them are red? Give a fraction in lowest terms."
    )
    given = {"red": red, "blue": blue, "draws": draws, "wanted": wanted}
    return Draft(question=asked, given=given, solve=solve, kind="number")


def dice(rng: random.Random) -> Draft:
    """Probability that two unlike dice add up to at least a number."""
    one, two = rng.randint(4, 40), rng.randint(4, 40)
    least = rng.randint(max(4, one + two - 12), one + two - 1)

    def solve(say: Say) -> Fraction:
        good = 0
        for face in range(max(1, least - two), one + 1):
            rest = min(two, two - (least - face) + 1)
            good = say(good + rest, f"With {face} on the first die {rest} of the second are enough: {good} + {rest} =")
        whole = say(one * two, f"All outcomes: {one} * {two} =")
        return say(Fraction(good, whole), f"The probability is {good}/{whole} =")

    asked = (
        f"A fair die with {one} faces (1 to {one}) and a fair die with {two} faces (1 to {two}) are thrown. What is the "
        f"probability that they add up to at least {least}? Give a fraction in lowest terms."
    )
    return Draft(question=asked, given={"one": one, "two": two, "least": least}, solve=solve, kind="number")


def inspection(rng: random.Random) -> Draft:
    """Probability of a cause given its sign, by Bayes."""
    base, hit, false = (
        Fraction(rng.randint(1, 40), 100),
        Fraction(rng.randint(60, 99), 100),
        Fraction(rng.randint(1, 30), 100),
    )

    def solve(say: Say) -> Fraction:
        sound = say(1 - base, f"The share without the fault is 1 - {base} =")
        both = say(base * hit, f"Faulty and flagged: {base} * {hit} =")
        wrongly = say(sound * false, f"Sound and flagged: {sound} * {false} =")
        flagged = say(both + wrongly, f"Flagged in all: {both} + {wrongly} =")
        return say(both / flagged, f"Faulty among the flagged: ({both}) / ({flagged}) =")

    asked = (
        f"{100 * base}% of the parts of a line are faulty. A test flags {100 * hit}% of the faulty parts and "
        f"{100 * false}% of the sound ones. A part is flagged. What is the probability that it is faulty? Give a fraction "
        "in lowest terms."
    )
    given = {"base": str(base), "hit": str(hit), "false": str(false)}
    return Draft(question=asked, given=given, solve=solve, kind="number")


def _choose(n: int, k: int) -> int:
    result = 1
    for i in range(k):
        result = result * (n - i) // (i + 1)
    return result


FAMILIES = (
    Family(name="word_problems", domain="math", templates=(purchase, journey, shares)),
    Family(name="number_theory", domain="math", templates=(common_divisor, power_remainder, two_remainders)),
    Family(name="algebra", domain="math", templates=(linear_system, root_squares, arithmetic_sum)),
    Family(name="probability", domain="math", templates=(urn, dice, inspection)),
)
