"""Fresh clinical scores and opioid conversions again, from tables of findings; a finding that no table knows is an error."""

import math
import re
from typing import Any

from .reading import read

ROUND = "Round only the result, to two decimals."
_HISTORY = {
    "heart failure": "C", "a left ventricular ejection fraction of 32%": "C", "diabetes mellitus": "D",
    "type 2 diabetes treated with tablets": "D", "an earlier ischaemic stroke": "SS",
    "an earlier transient ischaemic attack": "SS", "an earlier systemic embolism": "SS", "peripheral artery disease": "V",
    "an earlier myocardial infarction": "V", "an aortic plaque": "V", "gout": "", "asthma": "", "migraine": "",
    "hay fever": "", "gallstones": "", "psoriasis": "", "hypothyroidism": "", "glaucoma": "", "tinnitus": "",
    "osteoarthritis of the hip": "", "a hiatal hernia": "", "an earlier appendectomy": "",
}  # fmt: skip


def chads_vasc(text: str) -> Any:
    """The letters of the score that the findings spell; a pressure counts where it is treated, and is low where not."""
    form = "as published in 2010, with the point for female sex"
    g = read(
        text,
        f"A <sex> of {{age}} years with atrial fibrillation has <history>. The blood pressure is {{upper}}/{{lower}} mmHg <how>. "
        f"What is the CHA2DS2-VASc score, {form}? Give the number of points alone.",
        f"Atrial fibrillation has been found in a <sex> aged {{age}} years, whose blood pressure is {{upper}}/{{lower}} mmHg <how>. "
        f"The history names <history>. How many points are that by CHA2DS2-VASc, {form}? Give the number alone.",
    )
    treated = {"under treatment for hypertension": "H", "without treatment and was never raised": ""}[g["how"]]
    letters = treated + "".join(_HISTORY[name] for name in re.split(", | and ", g["history"]))
    letters += {"woman": "F", "man": ""}[g["sex"]] + "A" * ((g["age"] > 64) + (g["age"] > 74))
    assert g["upper"] < 140
    assert all(letters.count(letter) <= 1 for letter in "CHDVF")
    return len(letters)


def curb65(text: str) -> Any:
    g = read(
        text,
        "A patient of {age} years with pneumonia is <mind>; urea is {urea} mmol/L, the respiratory rate {rr} a minute and the blood "
        "pressure {sbp}/{dbp} mmHg. What is the CURB-65 score? Give the number of points alone.",
        "Pneumonia: blood pressure {sbp}/{dbp} mmHg, respiratory rate {rr} a minute, urea {urea} mmol/L, age {age} years, the "
        "patient is <mind>. How many points are that by CURB-65? Give the number alone.",
    )
    confused = {"newly confused": 1, "oriented": 0}[g["mind"]]
    return confused + (g["urea"] > 7) + (g["rr"] > 29) + (g["sbp"] < 90 or g["dbp"] < 61) + (g["age"] > 64)


def meld(text: str) -> Any:
    """The score as one logarithm of a product of powers."""
    rule = (
        "3.78 ln(bilirubin) + 11.2 ln(INR) + 9.57 ln(creatinine) + 6.43, with values below 1.0 set to 1.0 and creatinine above "
        "4.0 set to 4.0"
    )
    g = read(
        text,
        f"Bilirubin is {{b}} mg/dL, INR {{r}} and creatinine {{c}} mg/dL; there is no dialysis. What is the MELD score without "
        f"sodium, {rule}, rounded to a whole number?",
        f"A patient who is not on dialysis waits for a liver: creatinine {{c}} mg/dL, bilirubin {{b}} mg/dL, INR {{r}}. By {rule}, "
        f"what is the MELD score (without sodium) as a whole number?",
    )
    b, r, c = (max(1.0, g[name]) for name in "brc")
    return math.log(b**3.78 * r**11.2 * min(4.0, c) ** 9.57 * math.exp(6.43))


def child_pugh(text: str) -> Any:
    bands = "with the INR scored as below 1.7, 1.7 to 2.3, or above 2.3"
    g = read(
        text,
        f"A patient with cirrhosis has <ascites> ascites and <mind> encephalopathy; bilirubin is {{b}} mg/dL, albumin {{a}} g/dL and "
        f"the INR {{i}}. How many points is the Child-Pugh score, {bands}? Give the number of points alone.",
        f"Cirrhosis: INR {{i}}, albumin {{a}} g/dL, bilirubin {{b}} mg/dL, <mind> encephalopathy, <ascites> ascites. Add up the "
        f"points of Child-Pugh, {bands}. Give the sum alone.",
    )
    three = {"no": 1, "slight": 2, "moderate": 3}[g["ascites"]]
    four = {"no": 1, "grade 1": 2, "grade 2": 2, "grade 3": 3, "grade 4": 3}[g["mind"]]
    by_blood = [(g["b"] < 2, g["b"] <= 3), (g["a"] > 3.5, g["a"] >= 2.8), (g["i"] < 1.7, g["i"] <= 2.3)]
    return three + four + sum(1 if best else 2 if middle else 3 for best, middle in by_blood)


def _band(value: float, bands: str) -> int:
    """Points of a value by a table such as ``150 100 50 20``, the better values first."""
    limits = [float(limit) for limit in bands.split()]
    falling = limits[0] > limits[-1]
    return sum(value < limit if falling else value >= limit for limit in limits)


def _pump(told: str) -> int:
    """Points of the circulation, as the table of 1996 has them."""
    found = re.fullmatch(
        r"(\d+) mmHg (?:without vasopressors|under (\w+) at ([\d.]+) micrograms per kg and minute)", told
    )
    pressure, drug, dose = found.groups()  # type: ignore[union-attr]
    if drug is None:
        return int(int(pressure) < 70)
    if drug == "norepinephrine":
        return 3 if float(dose) <= 0.1 else 4
    return 2 if drug == "dobutamine" or float(dose) <= 5 else 3 if float(dose) <= 15 else 4


def sofa(text: str) -> Any:
    g = read(
        text,
        "A patient in intensive care has a PaO2 of {o2} mmHg at an FiO2 of {share}% <breath>, {plt} x 10^9 platelets per L, a "
        "bilirubin of {bili} mg/dL, a mean arterial pressure of <pump>, a Glasgow coma scale of {gcs} and a creatinine of {cr} "
        "mg/dL. The urine output is normal. What is the SOFA score of 1996? Give the number of points alone.",
        "Add up SOFA (Vincent 1996) for this patient: creatinine {cr} mg/dL, Glasgow coma scale {gcs}, a mean arterial pressure of "
        "<pump>, bilirubin {bili} mg/dL, platelets {plt} x 10^9 per L, PaO2 {o2} mmHg at an FiO2 of {share}% <breath>. The urine "
        "output is normal. Give the sum alone.",
    )
    most = {"with mechanical ventilation": 4, "without any ventilatory support": 2}[g["breath"]]
    return (
        min(most, _band(g["o2"] / (g["share"] / 100), "400 300 200 100"))
        + _band(g["plt"], "150 100 50 20")
        + _band(g["bili"], "1.2 2.0 6.0 12.0")
        + _pump(g["pump"])
        + _band(g["gcs"], "15 13 10 6")
        + _band(g["cr"], "1.2 2.0 3.5 5.0")
    )


_MORPHINE = {
    "tramadol": 20, "codeine": 15, "tapentadol": 40, "morphine": 100, "hydrocodone": 100, "oxycodone": 150, "oxymorphone": 300,
    "methadone": 470, "hydromorphone": 500,
}  # fmt: skip
"""Hundredths of a milligram of oral morphine for a milligram."""
_OFTEN = {"once": 1, "twice": 2, "3 times": 3, "4 times": 4, "5 times": 5, "6 times": 6}
_INTAKE = re.compile(r"([\d.]+) mg of (\w+) by mouth (once|twice|\d times) a day")


def morphine_equivalents(text: str) -> Any:
    g = read(
        text,
        f"A patient takes <taken>, and wears <worn>. How many morphine milligram equivalents (MME) are that in a day, in mg, by the "
        f"conversion factors of the CDC guideline of 2022? {ROUND}",
        f"By the CDC's factors of 2022, what is the daily opioid dose in mg of oral morphine (MME) of somebody who wears <worn> and "
        f"takes <taken>? {ROUND}",
    )
    assert _INTAKE.sub("", g["taken"]).replace(",", "").replace("and", "").strip() == ""
    patch = 0 if g["worn"] == "no patch" else read(g["worn"], "a fentanyl patch of {rate} micrograms per hour")["rate"]
    swallowed = sum(float(dose) * _OFTEN[often] * _MORPHINE[drug] for dose, drug, often in _INTAKE.findall(g["taken"]))
    return (swallowed + 240 * patch) / 100


def calcium_and_opioids(text: str) -> Any:
    payne = "0.8 mg/dL for each g/dL of albumin below 4.0"
    rule = (
        "{equal} mg of <from> by mouth count as {new} mg of <to> by mouth. The equal dose is reduced by {more}% if the corrected "
        "calcium is above {limit} mg/dL, and by {less}% otherwise."
    )
    g = read(
        text,
        f"A patient with bone metastases has a total calcium of {{ca}} mg/dL and an albumin of {{alb}} g/dL; calcium is corrected by "
        f"{payne}. The patient takes <taken> against breakthrough pain. All of it is to be replaced by <drug>; {rule} How many mg "
        f"of <other> by mouth is the new daily dose? {ROUND}",
        f"All opioids of a patient who takes <taken> against breakthrough pain are changed to <drug> by mouth, where {rule} Albumin "
        f"is {{alb}} g/dL and total calcium {{ca}} mg/dL, to be corrected by {payne}. What is the dose of <other> for a day, in "
        f"mg? {ROUND}",
    )
    taken = _INTAKE.findall(g["taken"])
    assert len(taken) == 2
    assert {drug for _, drug, _ in taken} == {g["from"]} != {g["to"]}
    assert g["drug"] == g["other"] == g["to"]
    kept = 100 - (g["more"] if g["ca"] + 3.2 - 0.8 * g["alb"] > g["limit"] else g["less"])
    return sum(float(dose) * _OFTEN[often] for dose, _, often in taken) / g["equal"] * g["new"] * kept / 100
