"""Fresh scores of severity: Child-Pugh of the liver, SOFA of six organs.

Values on which published tables of a score differ, such as a bilirubin of exactly 2.0 mg/dL, are drawn again.
"""

import random
from collections.abc import Sequence

from rarl_eval.tasks.fresh.make import Draft, Redraw
from rarl_eval.tasks.fresh.medicine.scores import scored

_ASCITES = (("no ascites", 1), ("slight ascites", 2), ("moderate ascites", 3))
_ENCEPHALOPATHY = (
    ("no encephalopathy", 1), ("grade 1 encephalopathy", 2), ("grade 2 encephalopathy", 2),
    ("grade 3 encephalopathy", 3), ("grade 4 encephalopathy", 3),
)  # fmt: skip


def _above(value: float, limits: Sequence[float]) -> int:
    """Count the limits that a value reaches."""
    return sum(value >= limit for limit in limits)


def child_pugh(rng: random.Random) -> Draft:
    """Points of Child-Pugh, with the INR for the prothrombin time."""
    bilirubin, albumin, inr = rng.randint(5, 80) / 10, rng.randint(18, 46) / 10, rng.randint(9, 35) / 10
    (ascites, wet), (mind, dull) = rng.choice(_ASCITES), rng.choice(_ENCEPHALOPATHY)
    if bilirubin in {2.0, 3.0} or albumin in {2.8, 3.5} or inr in {1.7, 2.3}:
        raise Redraw
    findings = [
        (f"Bilirubin {bilirubin} mg/dL", 1 + _above(bilirubin, (2, 3))),
        (f"Albumin {albumin} g/dL", 3 - _above(albumin, (2.8, 3.5))),
        (f"INR {inr}", 1 + _above(inr, (1.7, 2.3))),
        (ascites, wet),
        (mind, dull),
    ]
    bands = "with the INR scored as below 1.7, 1.7 to 2.3, or above 2.3"
    asked = (
        f"A patient with cirrhosis has {ascites} and {mind}; bilirubin is {bilirubin} mg/dL, albumin {albumin} g/dL and the INR "
        f"{inr}. How many points is the Child-Pugh score, {bands}? Give the number of points alone."
    )
    again = (
        f"Cirrhosis: INR {inr}, albumin {albumin} g/dL, bilirubin {bilirubin} mg/dL, {mind}, {ascites}. Add up the points of "
        f"Child-Pugh, {bands}. Give the sum alone."
    )
    given = {"bilirubin": bilirubin, "albumin": albumin, "inr": inr, "ascites": ascites, "mind": mind}
    return scored((asked, again), given, findings, "Pugh et al. 1973, Br J Surg 60:646")


_DOSE = "micrograms per kg and minute"


def _circulation(rng: random.Random) -> tuple[str, int]:
    """Draw how the circulation is, in words, and its points."""
    pressure = rng.randint(52, 96)
    drug = rng.choice(("", "", "dobutamine", "dopamine", "norepinephrine"))
    if not drug:
        return f"a mean arterial pressure of {pressure} mmHg without vasopressors", int(pressure < 70)
    dose = rng.randint(2, 60) / 100 if drug == "norepinephrine" else rng.randint(4, 40) / 2
    points = {
        "dobutamine": 2,
        "dopamine": 2 + (dose > 5) + (dose > 15),
        "norepinephrine": 3 + (dose > 0.1),
    }[drug]
    return f"a mean arterial pressure of {pressure} mmHg under {drug} at {dose:g} {_DOSE}", points


def sofa(rng: random.Random) -> Draft:
    """Points of SOFA, six organs."""
    oxygen, share, ventilated = rng.randint(50, 130), rng.choice((21, 30, 40, 50, 60, 80, 100)), rng.random() < 0.5
    platelets, bilirubin, creatinine = rng.randint(8, 320), rng.randint(3, 160) / 10, rng.randint(5, 70) / 10
    (circulation, pump), coma = _circulation(rng), rng.randint(3, 15)
    ratio = 100 * oxygen / share
    if bilirubin == 12.0 or creatinine == 5.0 or ratio > 520 or (share > 60 and not ventilated):
        raise Redraw
    lungs = 4 - _above(ratio, (100, 200, 300, 400))
    findings = [
        (
            f"PaO2/FiO2 {ratio:.4g}, {'ventilated' if ventilated else 'not ventilated'}",
            lungs if ventilated else min(lungs, 2),
        ),
        (f"Platelets {platelets}", 4 - _above(platelets, (20, 50, 100, 150))),
        (f"Bilirubin {bilirubin} mg/dL", _above(bilirubin, (1.2, 2.0, 6.0, 12.0))),
        (circulation, pump),
        (f"Glasgow coma scale {coma}", 4 - _above(coma, (6, 10, 13, 15))),
        (f"Creatinine {creatinine} mg/dL", _above(creatinine, (1.2, 2.0, 3.5, 5.0))),
    ]
    breath = "with mechanical ventilation" if ventilated else "without any ventilatory support"
    rules = "The urine output is normal."
    asked = (
        f"A patient in intensive care has a PaO2 of {oxygen} mmHg at an FiO2 of {share}% {breath}, {platelets} x 10^9 platelets "
        f"per L, a bilirubin of {bilirubin} mg/dL, {circulation}, a Glasgow coma scale of {coma} and a creatinine of {creatinine} "
        f"mg/dL. {rules} What is the SOFA score of 1996? Give the number of points alone."
    )
    again = (
        f"Add up SOFA (Vincent 1996) for this patient: creatinine {creatinine} mg/dL, Glasgow coma scale {coma}, {circulation}, "
        f"bilirubin {bilirubin} mg/dL, platelets {platelets} x 10^9 per L, PaO2 {oxygen} mmHg at an FiO2 of {share}% {breath}. "
        f"{rules} Give the sum alone."
    )
    given = {
        "lungs": [oxygen, share, ventilated], "platelets": platelets, "bilirubin": bilirubin, "circulation": circulation,
        "coma": coma, "creatinine": creatinine,
    }  # fmt: skip
    return scored((asked, again), given, findings, "Vincent et al. 1996, Intensive Care Med 22:707")
