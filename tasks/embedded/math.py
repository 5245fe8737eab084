"""Templates of the embedded word problems."""

import random

from rarl_eval.tasks.embedded.draft import Draft, Template, worded


def _orchard(rng: random.Random) -> Draft:
    rows, trees, eaten = rng.randint(6, 19), rng.randint(7, 23), rng.randint(11, 41)
    total = rows * trees
    return worded(
        f"An orchard keeper plants {rows} rows of {trees} pear trees beside the river. A late frost in April kills "
        f"{eaten} of the young trees before they can flower. How many pear trees are still alive in May?",
        total - eaten,
        [
            f"{rows} rows of {trees} trees are {rows} x {trees} = {total} trees.",
            f"{total} - {eaten} = {total - eaten}.",
        ],
        total + eaten,
    )


def _ferry(rng: random.Random) -> Draft:
    cars, vans, fare = rng.randint(12, 38), rng.randint(3, 11), rng.randint(7, 16)
    van_fare = fare + rng.randint(4, 9)
    takings = cars * fare + vans * van_fare
    return worded(
        f"The morning ferry to the island carries {cars} cars and {vans} delivery vans. Each car pays {fare} crowns and "
        f"each van pays {van_fare} crowns at the gate. How many crowns does the gate keeper collect from this crossing?",
        takings,
        [
            f"Cars pay {cars} x {fare} = {cars * fare} crowns.",
            f"Vans pay {vans} x {van_fare} = {vans * van_fare} crowns.",
            f"Together {cars * fare} + {vans * van_fare} = {takings}.",
        ],
        (cars + vans) * fare,
    )


def _weaver(rng: random.Random) -> Draft:
    hours, rate, days = rng.randint(3, 8), rng.randint(14, 36), rng.randint(4, 12)
    woven = hours * rate * days
    return worded(
        f"A weaver works {hours} hours a day at the big loom and weaves {rate} centimetres of linen in every hour. "
        f"The guild wants one long banner without a seam. How many centimetres of linen are on the loom after {days} days?",
        woven,
        [
            f"One day gives {hours} x {rate} = {hours * rate} cm.",
            f"{days} days give {days} x {hours * rate} = {woven}.",
        ],
        hours * rate + days,
    )


def _marbles(rng: random.Random) -> Draft:
    bags, per_bag, friends = rng.randint(4, 9), rng.randint(12, 30), rng.randint(3, 7)
    total = bags * per_bag
    each, left = divmod(total, friends)
    return worded(
        f"Odile empties {bags} bags of glass marbles onto the carpet, and there were {per_bag} marbles in every bag. She "
        f"shares them equally among {friends} friends and keeps whatever cannot be shared. How many marbles does she keep?",
        left,
        [
            f"There are {bags} x {per_bag} = {total} marbles.",
            f"Each friend gets {each}, which uses {friends} x {each} = {friends * each}.",
            f"{total} - {friends * each} = {left} remain.",
        ],
        each,
    )


def _cistern(rng: random.Random) -> Draft:
    inflow, leak, hours = rng.randint(20, 45), rng.randint(3, 14), rng.randint(5, 12)
    start = rng.randint(40, 160)
    level = start + (inflow - leak) * hours
    return worded(
        f"A stone cistern holds {start} litres at dawn. The spring brings {inflow} litres an hour while a crack in the "
        f"wall loses {leak} litres an hour. How many litres are in the cistern {hours} hours after dawn?",
        level,
        [
            f"Each hour adds {inflow} - {leak} = {inflow - leak} litres.",
            f"{hours} hours add {(inflow - leak) * hours} litres.",
            f"{start} + {(inflow - leak) * hours} = {level}.",
        ],
        start + inflow * hours,
    )


def _lanterns(rng: random.Random) -> Draft:
    first, step, nights = rng.randint(3, 9), rng.randint(2, 6), rng.randint(6, 11)
    last = first + step * (nights - 1)
    total = nights * (first + last) // 2
    return worded(
        f"On the first night of the harvest feast the children hang {first} paper lanterns along the wall, and on every "
        f"following night they hang {step} more than the night before. How many lanterns hang there after {nights} nights?",
        total,
        [
            f"The last night adds {first} + {step} x {nights - 1} = {last} lanterns.",
            f"The sum is {nights} x ({first} + {last}) / 2 = {total}.",
        ],
        first + step * nights,
    )


TEMPLATES: tuple[Template, ...] = (_orchard, _ferry, _weaver, _marbles, _cistern, _lanterns)
