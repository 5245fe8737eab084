"""Fresh number bases: from decimal, to decimal, and a sum within a base."""

import random

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say

_DIGITS = "0123456789ABCDEF"
ALONE = "Give the digits alone, as one number, without the base."


def written(number: int, base: int) -> str:
    """Write a positive number in a base from 2 to 16."""
    text = ""
    while number:
        number, digit = divmod(number, base)
        text = _DIGITS[digit] + text
    return text


def to_base(rng: random.Random) -> Draft:
    """A decimal number in a base below ten, by repeated division."""
    number, base = rng.randint(300, 60_000), rng.randint(2, 9)

    def solve(say: Say) -> int:
        left, digits = number, ""
        while left:
            if len(digits) > 40:
                raise ValueError("a changed quotient that never ends")
            digit = say(left % base, f"{left} mod {base} =")
            left, digits = say(left // base, f"{left} // {base} ="), f"{digit}{digits}"
        return say(int(digits), "The remainders from the last to the first are")

    asked = f"Write the decimal number {number} in base {base}. {ALONE}"
    again = f"What does the number whose decimal form is {number} look like in base {base}? {ALONE}"
    given = {"number": number, "base": base}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def from_base(rng: random.Random) -> Draft:
    """The decimal value of digits in a base up to 16, by Horner's scheme."""
    number, base = rng.randint(300, 60_000), rng.choice([n for n in range(3, 17) if n != 10])
    digits = written(number, base)
    letters = f" (A to {_DIGITS[base - 1]} stand for 10 to {base - 1}.)" if base > 11 else " (A stands for 10.)"
    told = letters if base > 10 else ""

    def solve(say: Say) -> int:
        value = say(_DIGITS.index(digits[0]), f"The first digit is {digits[0]}, which is")
        for digit in digits[1:]:
            one = _DIGITS.index(digit)
            value = say(value * base + one, f"The next is {digit}: {value} * {base} + {one} =")
        return value

    asked = f"What is the decimal value of the base-{base} number {digits}?{told}"
    again = f"{digits} is a number in base {base}. Which number is it in decimal?{told}"
    given = {"digits": digits, "base": base}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def base_sum(rng: random.Random) -> Draft:
    """The sum of two numbers in a base below ten, column by column."""
    one, two, base = rng.randint(200, 20_000), rng.randint(200, 20_000), rng.randint(3, 9)
    if one <= two:
        raise Redraw
    first = written(one, base)
    second = written(two, base)

    def solve(say: Say) -> int:
        carry, digits = 0, ""
        for place in range(1, len(first) + 1):
            a, b = int(first[-place]), int(second[-place]) if place <= len(second) else 0
            column = say(a + b + carry, f"Column {place}: {a} + {b} + {carry} =")
            digits = f"{say(column % base, f'Its digit is {column} mod {base} =')}{digits}"
            carry = say(column // base, f"The carry is {column} // {base} =")
        return say(int(f"{carry}{digits}"), "The last carry, if any, and the digits together are")

    asked = f"Add the base-{base} numbers {first} and {second}. Give the sum in base {base}. {ALONE}"
    again = f"In base {base}, what is {first} + {second}? The answer is wanted in base {base}, too. {ALONE}"
    given = {"numbers": [first, second], "base": base}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")
