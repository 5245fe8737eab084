"""Fresh clinical scores: points by criteria, and one by logarithms."""

import math
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, rounded

MOST_MELD = 40.4
"""The score is capped at 40; values whose score would need the cap are drawn again."""
Finding = tuple[str, int]
"""A finding in words and its points."""


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


def meld(rng: random.Random) -> Draft:
    """MELD score with the bounds of the United Network for Organ Sharing, before sodium."""
    bilirubin, inr, creatinine = rng.randint(3, 280) / 10, rng.randint(8, 45) / 10, rng.randint(4, 60) / 10

    def solve(say: Say) -> Decimal:
        b, r, c = max(bilirubin, 1.0), max(inr, 1.0), min(max(creatinine, 1.0), 4.0)
        one = say(3.78 * math.log(b), f"3.78 * ln({b}) =")
        two = say(11.2 * math.log(r), f"11.2 * ln({r}) =")
        three = say(9.57 * math.log(c), f"9.57 * ln({c}) =")
        total = say(one + two + three + 6.43, f"{one:.10g} + {two:.10g} + {three:.10g} + 6.43 =")
        if total > MOST_MELD:
            raise Redraw
        return say(rounded(total, 0), "To a whole number:")

    asked = (
        f"Bilirubin is {bilirubin} mg/dL, INR {inr} and creatinine {creatinine} mg/dL; there is no dialysis. What is the MELD "
        "score without sodium: 3.78 ln(bilirubin) + 11.2 ln(INR) + 9.57 ln(creatinine) + 6.43, with values below 1.0 set to "
        "1.0 and creatinine above 4.0 set to 4.0, rounded to a whole number?"
    )
    given = {"bilirubin": bilirubin, "inr": inr, "creatinine": creatinine}
    return Draft(
        question=asked, given=given, solve=solve, kind="number", source="Kamath et al. 2001, Hepatology 33:464"
    )
