"""Fresh word problems: a purchase, a journey, shares."""

import random
from fractions import Fraction
from math import gcd

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say

_NAMES = ("Amara", "Bojan", "Chiara", "Dawit", "Elif", "Farid", "Greta", "Hana", "Ivo", "Jun", "Katya", "Leila")


def purchase(rng: random.Random) -> Draft:
    """Several articles, a discount, and the change from a note."""
    name, pens, books = rng.choice(_NAMES), rng.randint(2, 24), rng.randint(2, 15)
    pen, book, off = rng.randint(2, 12), rng.randint(13, 48), rng.randint(2, 15)
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
    again = (
        f"A pen costs {pen} crowns and a book {book} crowns. {name} takes {pens} pens and {books} books; a voucher takes "
        f"{off} crowns off the sum. {name} hands over {paid} crowns. How many crowns is the change?"
    )
    given = {"pens": pens, "books": books, "pen": pen, "book": book, "off": off, "paid": paid}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


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
    again = (
        f"Of a way of {whole} km, {name} covers a first part in {hours} hours by a train that makes {fast} km an hour, and a "
        f"second part in {more} hours by a bus that makes {slow} km an hour. How many km remain?"
    )
    given = {"whole": whole, "fast": fast, "slow": slow, "hours": hours, "more": more}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")


def shares(rng: random.Random) -> Draft:
    """A sum divided in a ratio, after a fixed part is taken off."""
    ratio = [rng.randint(1, 9) for _ in range(3)]
    unit, fixed, who = rng.randint(3, 60), rng.randint(5, 90), rng.randrange(3)
    if gcd(*ratio) > 1 or len(set(ratio)) == 1:
        raise Redraw
    whole = sum(ratio) * unit + fixed
    names = rng.sample(_NAMES, 3)
    told = " : ".join(map(str, ratio))

    def solve(say: Say) -> Fraction:
        rest = say(whole - fixed, f"After the fee there are {whole} - {fixed} =", "crowns")
        parts = say(sum(ratio), f"The ratio has {' + '.join(map(str, ratio))} =", "parts")
        part = say(Fraction(rest, parts), f"One part is {rest} / {parts} =", "crowns")
        return say(part * ratio[who], f"{names[who]} gets {part} * {ratio[who]} =", "crowns")

    asked = (
        f"{names[0]}, {names[1]} and {names[2]} earn {whole} crowns together. They pay a fee of {fixed} crowns and divide "
        f"the rest in the ratio {told}, in that order. How many crowns does {names[who]} get?"
    )
    again = (
        f"From {whole} crowns a fee of {fixed} crowns is paid. What is left goes to {names[0]}, {names[1]} and {names[2]} as "
        f"{told}, in that order. How many crowns are the part of {names[who]}?"
    )
    given = {"whole": whole, "fixed": fixed, "ratio": ratio, "who": who}
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number")
