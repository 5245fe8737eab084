"""Fresh bases, modular arithmetic, counting and long sequences again: by enumerating, simulating, or running."""

import re
from functools import cache
from itertools import count
from typing import Any

from .reading import read

_ALONE = "Give the digits alone, as one number, without the base."


def to_base(text: str) -> Any:
    """The digits whose value in the base is the number, found from the greatest power down."""
    g = read(
        text,
        f"Write the decimal number {{n}} in base {{b}}. {_ALONE}",
        f"What does the number whose decimal form is {{n}} look like in base {{b}}? {_ALONE}",
    )
    return _digits(g["n"], g["b"])


def _digits(number: int, base: int) -> int:
    power = max(base**k for k in range(20) if base**k <= number)
    text = ""
    while power:
        text += str(number // power)
        number, power = number % power, power // base
    return int(text)


def from_base(text: str) -> Any:
    g = read(
        re.sub(r" \(A .*\)", "", text),
        "What is the decimal value of the base-{b} number <digits>?",
        "<digits> is a number in base {b}. Which number is it in decimal?",
    )
    return int(str(g["digits"]), g["b"])


def base_sum(text: str) -> Any:
    g = read(
        text,
        f"Add the base-{{b}} numbers {{x}} and {{y}}. Give the sum in base {{again}}. {_ALONE}",
        f"In base {{b}}, what is {{x}} + {{y}}? The answer is wanted in base {{again}}, too. {_ALONE}",
    )
    return _digits(int(str(g["x"]), g["b"]) + int(str(g["y"]), g["again"]), g["b"])


def inverse(text: str) -> Any:
    g = read(
        text,
        "What is the multiplicative inverse of {a} modulo {m}, as a number from 1 to {last}?",
        "Which number n from 1 to {last} makes {a} * n leave remainder 1 when divided by {m}?",
    )
    return pow(g["a"], -1, g["m"]) if g["last"] == g["m"] - 1 else None


def congruence(text: str) -> Any:
    g = read(
        text,
        "What is the smallest non-negative integer x for which {a}x leaves remainder {b} when divided by {m}?",
        "Find the least integer x >= 0 that solves the congruence {a}x = {b} (mod {m}).",
    )
    return next(x for x in count() if g["a"] * x % g["m"] == g["b"])


def power_sum(text: str) -> Any:
    g = read(
        text,
        "What is the remainder when {a}^{n} + {b}^{k} is divided by {m}?",
        "What is ({a}^{n} + {b}^{k}) mod {m}, as a number from 0 to {last}?",
    )
    return (g["a"] ** g["n"] + g["b"] ** g["k"]) % g["m"]


def multiples(text: str) -> Any:
    g = read(
        text,
        "How many integers from {low} to {high} (both included) are divisible by {p} or by {q} (or both) but not by {r}?",
        "Of the integers n with {low} <= n <= {high}, those are counted that are multiples of at least one of {p} and {q} and "
        "no multiples of {r}. How many are there?",
    )
    numbers = range(g["low"], g["high"] + 1)
    return sum(1 for n in numbers if n % g["r"] and not (n % g["p"] and n % g["q"]))


def handed_out(text: str) -> Any:
    """By the number of ways in which so many can be held so far, child by child."""
    g = read(
        text,
        "{n} like coins are handed out to {k} children: <told> and at most {most}. In how many ways can that be done, if only "
        "the number of coins that each child gets matters?",
        "Each of {k} children gets a whole number of marbles, {n} together: <told> and at most {most}. How many different "
        "distributions are there?",
    )
    least = [int(number) for number in re.findall(r"at least (\d+)", g["told"])]
    limits = [(few, g["n"]) for few in least[:-1]] + [(least[-1], g["most"])]
    ways = {0: 1}
    for low, high in limits:
        more: dict[int, int] = {}
        for held, number in ways.items():
            for one in range(low, min(high, g["n"] - held) + 1):
                more[held + one] = more.get(held + one, 0) + number
        ways = more
    return ways.get(g["n"], 0) if len(limits) == g["k"] else None


def paths(text: str) -> Any:
    """Point by point, along the grid."""
    g = read(
        text,
        "On a grid, a path from (0, 0) to ({x}, {y}) goes one to the right or one up at each step. How many such paths go "
        "through ({a}, {b}) and not through ({c}, {d})?",
        "A counter moves from (0, 0) to ({x}, {y}); each move adds 1 to one of the two coordinates. It must visit ({a}, {b}) and "
        "must not visit ({c}, {d}). How many ways can it go?",
    )

    @cache
    def ways(x: int, y: int, seen: bool) -> int:
        if x > g["x"] or y > g["y"] or (x, y) == (g["c"], g["d"]):
            return 0
        seen = seen or (x, y) == (g["a"], g["b"])
        if (x, y) == (g["x"], g["y"]):
            return int(seen)
        return ways(x + 1, y, seen) + ways(x, y + 1, seen)

    return ways(0, 0, False)


_PYTHON = {
    r"add (\d+)": "n += {}", r"subtract (\d+)": "n -= {}", r"multiply by (\d+)": "n *= {}",
    r"divide by (\d+) and drop the remainder": "n = (n - n % {0}) // {0}",
    r"keep only the remainder on division by (\d+)": "n %= {}",
}  # fmt: skip


def operations(text: str) -> Any:
    """The steps written as Python and run."""
    numbered, told = (
        re.search(r"in order\. (.*) Which number", text),
        re.search(r"in this order: (.*)\. What does", text),
    )
    if numbered:
        steps = [step.lower() for step in re.findall(r"\d+\. (.*?)\.(?= |$)", numbered[1])]
        if len(steps) != int(re.search(r"these (\d+) steps", text)[1]):  # type: ignore[index]
            return None
    else:
        steps = told[1].split("; ")  # type: ignore[index]
    space = {"n": int(re.match(r"(?:Begin with the number|A counter shows) (\d+)", text)[1])}  # type: ignore[index]
    exec("\n".join(_translated(step, _PYTHON) for step in steps), space)
    return space["n"] if len(steps) > 20 else None


def _translated(step: str, table: dict[str, str]) -> str:
    for pattern, python in table.items():
        if found := re.fullmatch(pattern, step):
            return python.format(*found.groups())
    raise ValueError(step)


_MOVES = {
    r"add ([ab]) to ([ab])": "{1} += {0}", r"add (\d+) to a": "a += {}", r"multiply b by (\d+)": "b *= {}",
    r"replace ([ab]) by its remainder modulo (\d+)": "{0} %= {1}", r"replace a by the distance between a and b": "a = abs(a - b)",
}  # fmt: skip


def registers(text: str) -> Any:
    start = re.search(r"a = (\d+) and b = (\d+)\.", text)
    if numbered := re.search(r"in order: (.*)\. What is a \+ b", text):
        steps = re.split(r";? ?\(\d+\) ", numbered[1])[1:]
    else:
        steps = re.search(r"the following: (.*)\. What is the sum", text)[1].split(", then ")  # type: ignore[index]
    space = {"a": int(start[1]), "b": int(start[2])}  # type: ignore[index]
    exec("\n".join(_translated(step, _MOVES) for step in steps), space)
    return space["a"] + space["b"] if len(steps) > 20 else None
