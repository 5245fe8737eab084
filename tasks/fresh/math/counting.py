"""Fresh counting with constraints: multiples, shares with bounds, paths through one point and round another."""

import random
from math import comb, gcd

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say

Point = tuple[int, int]


def multiples(rng: random.Random) -> Draft:
    """Integers of a range that two numbers divide, one or the other, and a third does not."""
    p, q, r = rng.sample(range(2, 20), 3)
    low, more = rng.randint(10, 500), rng.randint(200, 1500)
    high = low + more
    if gcd(p, q) > 1 or gcd(p * q, r) > 1 or p > q:
        raise Redraw

    def solve(say: Say) -> int:
        def between(number: int) -> int:
            return say(
                high // number - (low - 1) // number,
                f"Divisible by {number}: {high} // {number} - {low - 1} // {number} =",
            )

        one, two, both = between(p), between(q), between(p * q)
        either = say(one + two - both, f"By {p} or {q}: {one} + {two} - {both} =")
        less, also, twice = between(p * r), between(q * r), between(p * q * r)
        left_out = say(less + also - twice, f"Of those by {r}, too: {less} + {also} - {twice} =")
        return say(either - left_out, f"The rest is {either} - {left_out} =")

    asked = f"How many integers from {low} to {high} (both included) are divisible by {p} or by {q} (or both) but not by {r}?"
    again = (
        f"Of the integers n with {low} <= n <= {high}, those are counted that are multiples of at least one of {p} and {q} "
        f"and no multiples of {r}. How many are there?"
    )
    given = {"range": [low, high], "either": [p, q], "not": r}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def handed_out(rng: random.Random) -> Draft:
    """Ways to hand out like things, each with a least number, one with a greatest number as well."""
    names = rng.sample(("Ada", "Ben", "Cem", "Dua", "Eli", "Fay"), rng.randint(3, 5))
    least = [rng.randint(0, 6) for _ in names]
    free = rng.randint(6, 24)
    whole, most = sum(least) + free, least[-1] + rng.randint(1, free - 1)
    if whole < 10 or not any(least):
        raise Redraw

    def solve(say: Say) -> int:
        kinds = len(names)
        rest = say(whole - sum(least), f"After the least numbers there are left {whole} - {sum(least)} =")
        every = say(comb(rest + kinds - 1, kinds - 1), f"To hand {rest} to {kinds} freely the ways number")
        over = say(most - least[-1] + 1, f"{names[-1]} has too many from {most} - {least[-1]} + 1 =", "more on")
        beyond = say(rest - over, f"Then there are left {rest} - {over} =")
        bad = say(comb(beyond + kinds - 1, kinds - 1), f"To hand {beyond} to {kinds} freely the ways number")
        return say(every - bad, f"Without those: {every} - {bad} =")

    bounds = [f"{name} at least {few}" for name, few in zip(names, least, strict=True)]
    told = f"{', '.join(bounds)} and at most {most}"
    asked = (
        f"{whole} like coins are handed out to {len(names)} children: {told}. In how many ways can that be done, if only "
        "the number of coins that each child gets matters?"
    )
    again = (
        f"Each of {len(names)} children gets a whole number of marbles, {whole} together: {told}. How many different "
        "distributions are there?"
    )
    given = {"whole": whole, "least": least, "most": most}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def paths(rng: random.Random) -> Draft:
    """Shortest paths on a grid through one point that avoid another."""
    end = rng.randint(5, 15), rng.randint(5, 15)
    through, round_ = ((rng.randint(1, end[0] - 1), rng.randint(1, end[1] - 1)) for _ in range(2))
    if through == round_ or not (_before(through, round_) or _before(round_, through)):
        raise Redraw
    stops = [through, round_] if _before(through, round_) else [round_, through]

    def solve(say: Say) -> int:
        start = say(_ways((0, 0), through), f"From (0, 0) to {through} the paths number")
        on = say(_ways(through, end), f"From {through} to {end} they number")
        every = say(start * on, f"Through {through} lead {start} * {on} =")
        legs = [((0, 0), stops[0]), (stops[0], stops[1]), (stops[1], end)]
        one, two, three = (say(_ways(a, b), f"From {a} to {b} the paths number") for a, b in legs)
        bad = say(one * two * three, f"Through {round_}, too, lead {one} * {two} * {three} =")
        return say(every - bad, f"That leaves {every} - {bad} =")

    asked = (
        f"On a grid, a path from (0, 0) to {end} goes one to the right or one up at each step. How many such paths go through "
        f"{through} and not through {round_}?"
    )
    again = (
        f"A counter moves from (0, 0) to {end}; each move adds 1 to one of the two coordinates. It must visit {through} and "
        f"must not visit {round_}. How many ways can it go?"
    )
    given = {"end": end, "through": through, "avoid": round_}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def _before(one: Point, two: Point) -> bool:
    return one[0] <= two[0] and one[1] <= two[1]


def _ways(one: Point, two: Point) -> int:
    return comb(two[0] - one[0] + two[1] - one[1], two[0] - one[0])
