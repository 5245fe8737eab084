"""Fresh clinical calculations again, formulas by another arrangement."""

import math
from typing import Any

from .reading import read

ROUND = "Round only the result, to two decimals."
PERCENT = f"Give a percentage with its % sign. {ROUND}"


def suspension(text: str) -> Any:
    g = read(
        text,
        f"A child of {{weight}} kg is to get {{per_kg}} mg per kg and day of a drug, in {{times}} equal doses. The suspension holds "
        f"{{strength}} mg per mL. How many mL is one dose? {ROUND}",
        f"A drug comes as a suspension of {{strength}} mg in each mL. The daily dose of {{per_kg}} mg per kg is divided into "
        f"{{times}} equal doses. What volume in mL does a child of {{weight}} kg get at a time? {ROUND}",
    )
    return g["weight"] * g["per_kg"] / (g["times"] * g["strength"])


def infusion(text: str) -> Any:
    g = read(
        text,
        f"A patient of {{weight}} kg is to get {{rate}} micrograms per kg and minute from a bag with {{amount}} mg of the drug in "
        f"{{volume}} mL. At how many mL per hour must the pump run? {ROUND}",
        f"In a bag of {{volume}} mL there are {{amount}} mg of a drug, of which a patient who weighs {{weight}} kg needs {{rate}} "
        f"micrograms per kg and minute. What is the rate of the pump in mL per hour? {ROUND}",
    )
    return 60 * g["rate"] * g["weight"] * g["volume"] / (1000 * g["amount"])


def maintenance(text: str) -> Any:
    """The lines through the corners of the rule: 100 w, 500 + 50 w, 1100 + 20 w."""
    rule = "(per day: 100 mL for each of the first 10 kg, 50 mL for each of the next 10 kg, 20 mL for each kg above)"
    g = read(
        text,
        f"A child of {{weight}} kg is to get {{part}}% of its maintenance fluid by the rule of Holliday and Segar {rule}. How many "
        f"mL are that in {{hours}} hours? {ROUND}",
        f"By Holliday and Segar a child needs maintenance fluid by its weight {rule}. One of {{weight}} kg gets {{part}}% of that, "
        f"at an even rate. What volume in mL does it get in {{hours}} hours? {ROUND}",
    )
    w = g["weight"]
    return min(100 * w, 500 + 50 * w, 1100 + 20 * w) / 24 * g["hours"] * g["part"] / 100


def cockcroft_gault(text: str) -> Any:
    g = read(
        text,
        f"A <sex> of {{age}} years weighs {{weight}} kg and has a serum creatinine of {{creatinine}} mg/dL. What is the creatinine "
        f"clearance in mL/min by the formula of Cockcroft and Gault, with this weight as it is? {ROUND}",
        f"Estimate the creatinine clearance in mL/min with the Cockcroft-Gault formula and the actual body weight for a <sex>: "
        f"creatinine {{creatinine}} mg/dL, weight {{weight}} kg, age {{age}} years. {ROUND}",
    )
    return (140 - g["age"]) * g["weight"] / 72 / g["creatinine"] * {"woman": 0.85, "man": 1.0}[g["sex"]]


def ckd_epi(text: str) -> Any:
    """The equation by cases and in logarithms."""
    g = read(
        text,
        f"A <sex> had a serum creatinine of {{c}} mg/dL at {{a}} years and has one of {{d}} mg/dL at {{b}} years. By how many mL/min "
        f"per 1.73 m2 has the estimated glomerular filtration rate fallen, by the CKD-EPI creatinine equation of 2021 (without "
        f"race)? {ROUND}",
        f"With the CKD-EPI 2021 equation for creatinine alone, compare the estimated glomerular filtration rates of one <sex> at "
        f"the ages of {{a}} and {{b}} years, when the serum creatinine was {{c}} and {{d}} mg/dL. How much lower is the later "
        f"rate, in mL/min per 1.73 m2? {ROUND}",
    )
    kappa, alpha, factor = {"woman": (0.7, -0.241, 1.012), "man": (0.9, -0.302, 1.0)}[g["sex"]]

    def rate(age: float, creatinine: float) -> float:
        power = alpha if creatinine <= kappa else -1.2
        return 142 * factor * math.exp(power * (math.log(creatinine) - math.log(kappa)) + age * math.log(0.9938))

    return rate(g["a"], g["c"]) - rate(g["b"], g["d"])


def sodium_excretion(text: str) -> Any:
    """Clearance of sodium over that of creatinine."""
    molar = "µmol/L" in text
    plain = text.replace(" (1 mg/dL of creatinine is 88.4 µmol/L)", "").replace("µmol/L", "mg/dL")
    g = read(
        plain,
        f"Sodium is {{una}} mmol/L in urine and {{pna}} mmol/L in serum, creatinine {{ucr}} mg/dL in urine and {{pcr}} mg/dL in "
        f"serum. What is the fractional excretion of sodium (FENa)? {PERCENT}",
        f"A patient in acute kidney failure has a serum creatinine of {{pcr}} mg/dL and a serum sodium of {{pna}} mmol/L. A spot "
        f"urine shows a sodium of {{una}} mmol/L and a creatinine of {{ucr}} mg/dL. What percentage of the filtered sodium is "
        f"excreted? {PERCENT}",
    )
    return 100 * g["una"] * g["pcr"] / (g["pna"] * g["ucr"]) / (88.4 if molar else 1)


def urea_excretion(text: str) -> Any:
    g = read(
        text,
        f"Urea nitrogen is {{uun}} mg/dL in urine and {{pun}} mg/dL in serum, creatinine {{ucr}} mg/dL in urine and {{pcr}} mg/dL in "
        f"serum. What is the fractional excretion of urea? {PERCENT}",
        f"A patient on a diuretic has a serum creatinine of {{pcr}} mg/dL and a serum urea nitrogen of {{pun}} mg/dL. A spot urine "
        f"shows a urea nitrogen of {{uun}} mg/dL and a creatinine of {{ucr}} mg/dL. What percentage of the filtered urea is "
        f"excreted (FEurea)? {PERCENT}",
    )
    return 100 * g["uun"] * g["pcr"] / (g["pun"] * g["ucr"])


def anion_gap(text: str) -> Any:
    rule = "corrected by 2.5 mmol/L for each g/dL of albumin below 4.0"
    g = read(
        text,
        f"Sodium is {{na}}, chloride {{cl}} and bicarbonate {{hco3}} mmol/L, albumin {{albumin}} g/dL. What is the anion gap (without "
        f"potassium) in mmol/L, {rule}? {ROUND}",
        f"A patient's albumin is {{albumin}} g/dL; in mmol/L, bicarbonate is {{hco3}}, sodium {{na}} and chloride {{cl}}. Leaving "
        f"potassium out, how many mmol/L is the anion gap, {rule}? {ROUND}",
    )
    return g["na"] - g["cl"] - g["hco3"] + 10 - 2.5 * g["albumin"]


def corrected_calcium(text: str) -> Any:
    rule = "0.8 mg/dL for each g/dL of albumin below 4.0"
    g = read(
        text,
        f"Total calcium is {{calcium}} mg/dL and albumin {{albumin}} g/dL. What is the calcium in mg/dL, corrected by Payne's rule "
        f"({rule})? {ROUND}",
        f"With an albumin of {{albumin}} g/dL, a laboratory reports a total calcium of {{calcium}} mg/dL. Correct it for albumin by "
        f"{rule}; what is it then in mg/dL? {ROUND}",
    )
    return g["calcium"] + 3.2 - 0.8 * g["albumin"]


def osmolality(text: str) -> Any:
    rule = "2 Na + glucose/18 + BUN/2.8"
    g = read(
        text,
        f"Sodium is {{na}} mmol/L, glucose {{glucose}} mg/dL, urea nitrogen {{bun}} mg/dL and the measured osmolality {{measured}} "
        f"mOsm/kg. What is the osmolal gap (measured less calculated, which may be negative) in mOsm/kg, with the calculated "
        f"osmolality {rule}? {ROUND}",
        f"The osmometer shows {{measured}} mOsm/kg in a serum with a glucose of {{glucose}} mg/dL, a urea nitrogen (BUN) of {{bun}} "
        f"mg/dL and a sodium of {{na}} mmol/L. By how many mOsm/kg is that above the calculated osmolality, {rule}? Give a "
        f"negative number if it is below. {ROUND}",
    )
    return g["measured"] - (252 * g["na"] + 7 * g["glucose"] + 45 * g["bun"]) / 126


def mosteller(text: str) -> Any:
    g = read(
        text,
        f"A patient is {{height}} cm tall and weighs {{weight}} kg. What is a dose of {{per_area}} mg per m2 of body surface in mg, "
        f"with the surface by Mosteller's formula? {ROUND}",
        f"A protocol gives {{per_area}} mg per m2. By Mosteller's formula for the body surface, how many mg is that for a patient "
        f"of {{weight}} kg and {{height}} cm? {ROUND}",
    )
    return g["per_area"] * math.exp(0.5 * math.log(g["height"] * g["weight"])) / 60


def du_bois(text: str) -> Any:
    g = read(
        text,
        f"A patient of {{height}} cm and {{weight}} kg has a cardiac output of {{output}} L/min. What is the cardiac index in L/min "
        f"per m2, with the body surface by the formula of Du Bois? {ROUND}",
        f"The heart of a patient pumps {{output}} L/min. Weight is {{weight}} kg, height {{height}} cm, and the body surface is "
        f"taken from the formula of Du Bois and Du Bois. How many L/min per m2 is the cardiac index? {ROUND}",
    )
    return g["output"] / math.exp(math.log(0.007184) + 0.425 * math.log(g["weight"]) + 0.725 * math.log(g["height"]))


def bazett(text: str) -> Any:
    g = read(
        text,
        f"An electrocardiogram shows a QT interval of {{qt}} ms and three successive RR intervals of {{a}}, {{b}} and {{c}} ms. What "
        f"is the QTc in ms by Bazett's formula, with the mean of the three RR intervals? {ROUND}",
        f"Three RR intervals in a row last {{a}}, {{b}} and {{c}} ms; the QT interval is {{qt}} ms. Correct the QT interval by "
        f"Bazett, using the average RR interval of those three: how many ms is the QTc? {ROUND}",
    )
    return g["qt"] * math.sqrt(3000 / (g["a"] + g["b"] + g["c"]))


def fridericia(text: str) -> Any:
    sign = f"Give a negative number if it became shorter. {ROUND}"
    g = read(
        text,
        f"Before a drug was given the QT interval was {{q}} ms at a heart rate of {{a}} a minute; under the drug it is {{r}} ms at "
        f"{{b}} a minute. By how many ms has the QTc by Fridericia's formula changed? {sign}",
        f"A patient's heart beats {{b}} times a minute with a QT interval of {{r}} ms while a drug is taken. Without the drug it "
        f"was {{a}} times a minute with a QT interval of {{q}} ms. What is the change under the drug, in ms, of the QTc as "
        f"corrected by Fridericia? {sign}",
    )
    return g["r"] * math.cbrt(g["b"] / 60) - g["q"] * math.cbrt(g["a"] / 60)


_AIR = "alveolar PO2 = FiO2 x (barometric pressure - 47 mmHg) - PaCO2 / 0.8"


def alveolar_gradient(text: str) -> Any:
    g = read(
        text,
        f"A patient breathes {{share}}% oxygen at a barometric pressure of {{air}} mmHg; PaO2 is {{o2}} mmHg and PaCO2 {{co2}} mmHg. "
        f"What is the alveolar-arterial (A-a) oxygen gradient in mmHg, with {_AIR}? {ROUND}",
        f"An arterial sample shows a PaCO2 of {{co2}} mmHg and a PaO2 of {{o2}} mmHg. It was taken at an FiO2 of {{part}} and a "
        f"barometric pressure of {{air}} mmHg. With {_AIR}, how many mmHg lie between the alveolar and the arterial PO2? {ROUND}",
    )
    part = g["part"] if "part" in g else g["share"] / 100
    return part * g["air"] - 47 * part - 1.25 * g["co2"] - g["o2"]


def expected_gradient(text: str) -> Any:
    norm = "2.5 + 0.21 x age in years (mmHg)"
    g = read(
        text,
        f"A patient of {{age}} years breathes room air (21% oxygen) at a barometric pressure of {{air}} mmHg; PaO2 is {{o2}} mmHg and "
        f"PaCO2 {{co2}} mmHg. By how many mmHg is the alveolar-arterial oxygen gradient, with {_AIR}, above the one expected by "
        f"Mellemgaard, {norm}? Give a negative number if it is below. {ROUND}",
        f"By Mellemgaard the A-a gradient of oxygen is expected to be {norm}. In room air (FiO2 0.21), at {{air}} mmHg of "
        f"barometric pressure, a patient aged {{age}} years has a PaCO2 of {{co2}} mmHg and a PaO2 of {{o2}} mmHg. With {_AIR}, "
        f"what is the measured gradient less the expected one, in mmHg (negative if it is smaller)? {ROUND}",
    )
    return 0.21 * (g["air"] - 47 - g["age"]) - 2.5 - 1.25 * g["co2"] - g["o2"]


def fib4(text: str) -> Any:
    g = read(
        text,
        f"A patient of {{age}} years has an AST of {{ast}} U/L, an ALT of {{alt}} U/L and {{plt}} x 10^9 platelets per L. What is the "
        f"FIB-4 index? {ROUND}",
        f"Work out FIB-4 for someone aged {{age}} years: platelets {{plt}} x 10^9 per L, ALT {{alt}} U/L, AST {{ast}} U/L. {ROUND}",
    )
    return math.exp(math.log(g["age"]) + math.log(g["ast"]) - math.log(g["plt"]) - 0.5 * math.log(g["alt"]))


def apri(text: str) -> Any:
    g = read(
        text,
        f"AST is {{ast}} U/L with an upper limit of normal of {{limit}} U/L, and there are {{plt}} x 10^9 platelets per L. What is "
        f"the APRI (AST to platelet ratio index)? {ROUND}",
        f"A laboratory whose upper limit for AST is {{limit}} U/L finds {{plt}} x 10^9 platelets per L and an AST of {{ast}} U/L. "
        f"How large is the AST to platelet ratio index (APRI)? {ROUND}",
    )
    return 100 * g["ast"] / (g["limit"] * g["plt"])
