"""Fresh mathematics again: by enumerating, sieving, simulating, or another formula."""

import re
from fractions import Fraction
from math import comb, gcd
from typing import Any

from .reading import read


def purchase(text: str) -> Any:
    g = read(
        text,
        "<n> buys {pens} pens at {pen} crowns each and {books} books at {book} crowns each, hands in a voucher worth {off} "
        "crowns and pays with {paid} crowns. How many crowns does <m> get back?",
        "A pen costs {pen} crowns and a book {book} crowns. <n> takes {pens} pens and {books} books; a voucher takes {off} "
        "crowns off the sum. <m> hands over {paid} crowns. How many crowns is the change?",
    )
    basket = [g["pen"]] * g["pens"] + [g["book"]] * g["books"] + [-g["off"]]
    return g["paid"] - sum(basket) if g["n"] == g["m"] else None


def journey(text: str) -> Any:
    g = read(
        text,
        "<n> has to travel {whole} km. For {hours} hours the train makes {fast} km an hour, then a bus makes {slow} km an "
        "hour for {more} hours. How many km are left?",
        "Of a way of {whole} km, <n> covers a first part in {hours} hours by a train that makes {fast} km an hour, and a "
        "second part in {more} hours by a bus that makes {slow} km an hour. How many km remain?",
    )
    left = g["whole"]
    for speed in [g["fast"]] * g["hours"] + [g["slow"]] * g["more"]:
        left -= speed
    return left


def shares(text: str) -> Any:
    g = read(
        text,
        "<one>, <two> and <three> earn {whole} crowns together. They pay a fee of {fixed} crowns and divide the rest in the "
        "ratio {a} : {b} : {c}, in that order. How many crowns does <who> get?",
        "From {whole} crowns a fee of {fixed} crowns is paid. What is left goes to <one>, <two> and <three> as {a} : {b} : "
        "{c}, in that order. How many crowns are the part of <who>?",
    )
    part = g["abc"[[g["one"], g["two"], g["three"]].index(g["who"])]]
    return Fraction(part, g["a"] + g["b"] + g["c"]) * (g["whole"] - g["fixed"])


def common_divisor(text: str) -> Any:
    g = read(
        text,
        "What is the greatest common divisor of {a} and {b}?",
        "By what largest whole number can both {a} and {b} be divided without a remainder?",
    )
    return gcd(g["a"], g["b"])


def power_remainder(text: str) -> Any:
    g = read(
        text,
        "What is the remainder when {a}^{n} is divided by {m}?",
        "The number {a}^{n} is divided by {m}. What remainder is left, from 0 to {last}?",
    )
    return g["a"] ** g["n"] % g["m"] if g.get("last", g["m"] - 1) == g["m"] - 1 else None


def two_remainders(text: str) -> Any:
    g = read(
        text,
        "What is the least positive integer that leaves remainder {a} when divided by {p} and {b} when divided by {q}?",
        "Of all positive integers n with n mod {p} = {a} and n mod {q} = {b}, which is the smallest?",
    )
    p, q = g["p"], g["q"]
    return (g["a"] * q * pow(q, -1, p) + g["b"] * p * pow(p, -1, q)) % (p * q)


def _side(text: str) -> dict[str, Fraction]:
    """Read ``-4x - y`` as the numbers before its letters."""
    found: dict[str, Fraction] = {}
    for sign, size, letter in re.findall(r"(-?)\s*\+?\s*(\d*)(x\^2|x|y)?(?=\s|$)", text.replace("- ", "-")):
        if size or letter:
            found[letter] = Fraction(f"{sign}{size or 1}")
    return found


def linear_system(text: str) -> Any:
    """Elimination by rows, where the solver uses determinants."""
    g = read(
        text,
        "Given <one> = {e} and <two> = {f}, what is the product xy?",
        "The numbers x and y solve both <one> = {e} and <two> = {f}. What does x times y come to?",
    )
    rows = [
        [*(_side(g[name])[letter] for letter in "xy"), Fraction(g[end])] for name, end in (("one", "e"), ("two", "f"))
    ]
    top, low = sorted(rows, key=lambda row: -abs(row[0]))
    low = [b - a * low[0] / top[0] for a, b in zip(top, low, strict=True)]
    y = low[2] / low[1]
    return y * (top[2] - top[1] * y) / top[0]


def root_squares(text: str) -> Any:
    g = read(
        text,
        "What is the sum of the squares of the two roots of <left> = 0? Give an integer or a fraction.",
        "The equation <left> = 0 has the two solutions r and s. What is r^2 + s^2? Give an integer or a fraction.",
    )
    side = _side(g["left"])
    a, b, c = (side[letter] for letter in ("x^2", "x", ""))
    return (b * b - 2 * a * c) / (a * a) if b * b > 4 * a * c else None


def arithmetic_sum(text: str) -> Any:
    g = read(
        text,
        "In an arithmetic sequence, term {i} is {at_i} and term {j} is {at_j}. What is the sum of the first {n} terms?",
        "The terms of a sequence, counted from term 1, grow by the same number each time (it may be negative); term {i} is "
        "{at_i}, term {j} is {at_j}. What do its first {n} terms add up to?",
    )
    step = Fraction(g["at_j"] - g["at_i"], g["j"] - g["i"])
    return sum(g["at_i"] + (term - g["i"]) * step for term in range(1, g["n"] + 1))


def urn(text: str) -> Any:
    """Hypergeometric by binomial coefficients, where the solver multiplies drawing by drawing."""
    g = read(
        text.replace("of them is red", "of them are red"),
        "An urn holds {red} red, {blue} blue and {green} green balls. {draws} balls are drawn without putting any back. What is "
        "the probability that exactly {wanted} of them are red? Give a fraction in lowest terms.",
        "There are {red} red, {blue} blue and {green} green balls in a bag, and {draws} of them are taken out at once, at "
        "random. How probable is it that the number of red balls among those is {wanted}? Give a fraction in lowest terms.",
    )
    others = g["blue"] + g["green"]
    ways = comb(g["red"], g["wanted"]) * comb(others, g["draws"] - g["wanted"])
    return Fraction(ways, comb(g["red"] + others, g["draws"]))


def dice(text: str) -> Any:
    g = read(
        text,
        "A fair die has the numbers {a} to {b} on its {one} faces, another one {c} to {d} on its {two}. Both are thrown. What is "
        "the probability that they add up to at least {least}? Give a fraction in lowest terms.",
        "One number is drawn evenly from the {one} whole numbers {a} to {b}, a second one, independently, from the {two} whole "
        "numbers {c} to {d}. How probable is a sum of {least} or more? Give a fraction in lowest terms.",
    )
    one, two = range(g["a"], g["b"] + 1), range(g["c"], g["d"] + 1)
    if (len(one), len(two)) != (g["one"], g["two"]):
        return None
    return Fraction(sum(x + y >= g["least"] for x in one for y in two), len(one) * len(two))


def inspection(text: str) -> Any:
    """Counts among a million parts."""
    g = read(
        text,
        "{base}% of the parts of a line are faulty. A test flags {hit}% of the faulty parts and {false}% of the sound ones. A "
        "part is flagged. What is the probability that it is faulty? Give a fraction in lowest terms.",
        "A test flags a faulty part with probability {hit}% and a sound part with probability {false}%; {base}% of all parts "
        "are faulty. How probable is it that a part that was flagged is faulty? Give a fraction in lowest terms.",
    )
    base, hit, false = (Fraction(str(g[name])) for name in ("base", "hit", "false"))
    faulty = 10_000 * base
    hits, alarms = faulty * hit / 100, (10**6 - faulty) * false / 100
    return hits / (hits + alarms)
