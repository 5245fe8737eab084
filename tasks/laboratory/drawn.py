"""The templates of the laboratory as its models learnt them: nothing here may change, since what was recorded asks it.

They are the first version of templates of ``tasks/fresh``, which have gone on since; one of their faults stands here,
too: the pressure "under treatment" that ``chads_vasc`` names is no finding, and scores nothing.
"""

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from rarl_eval.tasks.fresh.make import Draft, Say

RATIOS = "Brealey, Myers & Allen, Principles of Corporate Finance, 13th ed., ch. 28"
Finding = tuple[str, int]
"""A finding in words and its points."""
_NAMES = ("Amara", "Bojan", "Chiara", "Dawit", "Elif", "Farid", "Greta", "Hana", "Ivo", "Jun", "Katya", "Leila")


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


def double_ended(rng: random.Random) -> Draft:
    """A deque under pushes, pops and rotations."""
    start = [rng.randint(0, 30) for _ in range(rng.randint(2, 4))]
    size, ops = len(start), []
    for _ in range(rng.randint(5, 8)):
        op = rng.choice(("append", "appendleft", "pop", "popleft", "rotate") if size > 1 else ("append", "appendleft"))
        size += {"append": 1, "appendleft": 1, "rotate": 0}.get(op, -1)
        value = rng.randint(-2, 3) if op == "rotate" else rng.randint(0, 30)
        ops.append((op, value if op in {"append", "appendleft", "rotate"} else None))
    lines = [f"d.{op}({'' if value is None else value})" for op, value in ops]
    code = "\n".join(["from collections import deque", f"d = deque({start})", *lines]) + "\n"

    def solve(say: Say) -> list[int]:
        now = list(start)
        for (op, value), line in zip(ops, lines, strict=True):
            now = say(_after(now, op, value), f"{now} after {line} is")
        return now

    return Draft(question="list(d)", given={"code": code}, solve=solve, kind="literal", context=code)


def _after(now: list[int], op: str, value: int | None) -> list[int]:
    if value is None:
        return now[:-1] if op == "pop" else now[1:]
    if op == "rotate":
        turn = -value % len(now) if now else 0
        return now[turn:] + now[:turn]
    return [*now, value] if op == "append" else [value, *now]


def chads_vasc(rng: random.Random) -> Draft:
    """CHA2DS2-VASc of a patient with atrial fibrillation."""
    age, sex, pressure = rng.randint(40, 95), rng.choice(("woman", "man")), rng.randint(104, 138)
    history = {
        "heart failure": 1,
        "hypertension": 1,
        "diabetes": 1,
        "an earlier stroke": 2,
        "peripheral artery disease": 1,
    }
    has = [name for name in history if rng.random() < 0.45]
    distractors = rng.sample(("gout", "asthma", "migraine", "hay fever", "gallstones", "psoriasis"), 2)
    listed = rng.sample([*has, *distractors], len(has) + 2)
    findings: list[Finding] = [
        (f"Age {age}", 2 if age >= 75 else 1 if age >= 65 else 0),
        (f"A {sex}", int(sex == "woman")),
        *((name.capitalize(), history.get(name, 0)) for name in listed),
    ]
    asked = (
        f"A {sex} of {age} years with atrial fibrillation has {_told(listed)}; systolic pressure under treatment is {pressure} "
        "mmHg. What is the CHA2DS2-VASc score?"
    )
    given = {"age": age, "sex": sex, "has": has}
    return _scored(asked, given, findings, "Lip et al. 2010, Chest 137:263")


def curb65(rng: random.Random) -> Draft:
    """CURB-65 of a patient with pneumonia."""
    age, confused, urea = rng.randint(30, 92), rng.random() < 0.4, rng.randint(25, 160) / 10
    breaths, systolic, diastolic = rng.randint(14, 42), rng.randint(74, 150), rng.randint(45, 90)
    findings = [
        ("Confused" if confused else "Oriented", int(confused)),
        (f"Urea {urea} mmol/L", int(urea > 7)),
        (f"{breaths} breaths a minute", int(breaths >= 30)),
        (f"Blood pressure {systolic}/{diastolic}", int(systolic < 90 or diastolic <= 60)),
        (f"Age {age}", int(age >= 65)),
    ]
    asked = (
        f"A patient of {age} years with pneumonia is {'newly confused' if confused else 'oriented'}; urea is {urea} mmol/L, the "
        f"respiratory rate {breaths} a minute and the blood pressure {systolic}/{diastolic} mmHg. What is the CURB-65 score?"
    )
    given = {"age": age, "confused": confused, "urea": urea, "rr": breaths, "sbp": systolic, "dbp": diastolic}
    return _scored(asked, given, findings, "Lim et al. 2003, Thorax 58:377")


def _scored(asked: str, given: dict[str, Any], findings: Sequence[Finding], source: str) -> Draft:
    def solve(say: Say) -> int:
        total = 0
        for name, points in findings:
            told = say(points, f"{name}:", "points")
            total = say(total + told, f"So far {total} + {told} =", "points")
        return total

    return Draft(question=asked, given=given, solve=solve, kind="number", source=source)


def _told(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
