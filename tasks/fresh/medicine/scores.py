"""Fresh clinical scores: points by criteria, and one by logarithms.

Every finding that a question names is scored: what would be a criterion, and is none here, is not in the text.
"""

import math
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rarl_eval.tasks.fresh.make import Draft, Redraw, Say, rounded
from rarl_eval.tasks.fresh.medicine.asking import SEXES

MOST_MELD = 40.4
"""The score is capped at 40; values whose score would need the cap are drawn again."""
Finding = tuple[str, int]
"""A finding in words and its points."""
_CRITERIA = (
    ("heart failure", "a left ventricular ejection fraction of 32%"),
    ("diabetes mellitus", "type 2 diabetes treated with tablets"),
    ("an earlier ischaemic stroke", "an earlier transient ischaemic attack", "an earlier systemic embolism"),
    ("peripheral artery disease", "an earlier myocardial infarction", "an aortic plaque"),
)
_STROKE = 2
"""Place of the criterion that counts two points."""
_IDLE = (
    "gout", "asthma", "migraine", "hay fever", "gallstones", "psoriasis", "hypothyroidism", "glaucoma", "tinnitus",
    "osteoarthritis of the hip", "a hiatal hernia", "an earlier appendectomy",
)  # fmt: skip


def chads_vasc(rng: random.Random) -> Draft:
    """CHA2DS2-VASc of a patient with atrial fibrillation."""
    age, sex = rng.randint(40, 95), rng.choice(SEXES)
    upper, lower, treated = rng.randint(104, 138), rng.randint(62, 84), rng.random() < 0.5
    has = [(rng.choice(names), 1 + (place == _STROKE)) for place, names in enumerate(_CRITERIA) if rng.random() < 0.45]
    listed = rng.sample([*has, *((name, 0) for name in rng.sample(_IDLE, 2))], len(has) + 2)
    pressure = f"{upper}/{lower} mmHg"
    told = f"{pressure} {'under treatment for hypertension' if treated else 'without treatment and was never raised'}"
    findings: list[Finding] = [
        (f"Age {age}", 2 if age >= 75 else 1 if age >= 65 else 0),
        (f"A {sex}", int(sex == "woman")),
        (f"Blood pressure {told}", int(treated)),
        *listed,
    ]
    history, form = _told([name for name, _ in listed]), "as published in 2010, with the point for female sex"
    asked = (
        f"A {sex} of {age} years with atrial fibrillation has {history}. The blood pressure is {told}. What is the CHA2DS2-VASc "
        f"score, {form}? Give the number of points alone."
    )
    again = (
        f"Atrial fibrillation has been found in a {sex} aged {age} years, whose blood pressure is {told}. The history names "
        f"{history}. How many points are that by CHA2DS2-VASc, {form}? Give the number alone."
    )
    given = {"age": age, "sex": sex, "pressure": told, "history": [name for name, _ in listed]}
    return scored((asked, again), given, findings, "Lip et al. 2010, Chest 137:263")


def curb65(rng: random.Random) -> Draft:
    """CURB-65 of a patient with pneumonia."""
    age, confused, urea = rng.randint(30, 92), rng.random() < 0.4, rng.randint(25, 160) / 10
    breaths, systolic, diastolic = rng.randint(14, 42), rng.randint(74, 150), rng.randint(45, 90)
    if not 20 <= systolic - diastolic <= 80 or urea == 7.0:
        raise Redraw
    mind = "newly confused" if confused else "oriented"
    findings = [
        (mind, int(confused)),
        (f"Urea {urea} mmol/L", int(urea > 7)),
        (f"{breaths} breaths a minute", int(breaths >= 30)),
        (f"Blood pressure {systolic}/{diastolic}", int(systolic < 90 or diastolic <= 60)),
        (f"Age {age}", int(age >= 65)),
    ]
    asked = (
        f"A patient of {age} years with pneumonia is {mind}; urea is {urea} mmol/L, the respiratory rate {breaths} a minute and "
        f"the blood pressure {systolic}/{diastolic} mmHg. What is the CURB-65 score? Give the number of points alone."
    )
    again = (
        f"Pneumonia: blood pressure {systolic}/{diastolic} mmHg, respiratory rate {breaths} a minute, urea {urea} mmol/L, age "
        f"{age} years, the patient is {mind}. How many points are that by CURB-65? Give the number alone."
    )
    given = {"age": age, "confused": confused, "urea": urea, "rr": breaths, "sbp": systolic, "dbp": diastolic}
    return scored((asked, again), given, findings, "Lim et al. 2003, Thorax 58:377")


def scored(wordings: tuple[str, str], given: dict[str, Any], findings: Sequence[Finding], source: str) -> Draft:
    """Ask for the sum of the findings' points."""

    def solve(say: Say) -> int:
        total = 0
        for name, points in findings:
            told = say(points, f"{name[0].upper()}{name[1:]}:", "points")
            total = say(total + told, f"So far {total} + {told} =", "points")
        return total

    asked, again = wordings
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number", source=source)


def _told(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])


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

    rule = (
        "3.78 ln(bilirubin) + 11.2 ln(INR) + 9.57 ln(creatinine) + 6.43, with values below 1.0 set to 1.0 and creatinine above "
        "4.0 set to 4.0"
    )
    asked = (
        f"Bilirubin is {bilirubin} mg/dL, INR {inr} and creatinine {creatinine} mg/dL; there is no dialysis. What is the MELD "
        f"score without sodium, {rule}, rounded to a whole number?"
    )
    again = (
        f"A patient who is not on dialysis waits for a liver: creatinine {creatinine} mg/dL, bilirubin {bilirubin} mg/dL, INR "
        f"{inr}. By {rule}, what is the MELD score (without sodium) as a whole number?"
    )
    given = {"bilirubin": bilirubin, "inr": inr, "creatinine": creatinine}
    source = "Kamath et al. 2001, Hepatology 33:464"
    return Draft(question=asked, rewordings=(again,), given=given, solve=solve, kind="number", source=source)
