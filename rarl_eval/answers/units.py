"""Units of measure: which one follows a number, which one a question asks for, and what an amount is in that unit.

Written forms ("hrs", "mcg", "µg", "mL per minute") lead to pint's names, and pint says whether two units measure the
same and by what factor; it is loaded when two different ones meet. A compound unit counts whole: mL/min is not mL/h,
and kg/m² is not kg. Words that only count things (apples, people, tickets) are no units.
"""

import re
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

_FORMS: dict[str, str] = {
    "kilometer": "km kms kilometer kilometers kilometre kilometres",
    "meter": "m meter meters metre metres",
    "centimeter": "cm cms centimeter centimeters centimetre centimetres",
    "millimeter": "mm millimeter millimeters millimetre millimetres",
    "micrometer": "µm micrometer micrometers micron microns",
    "nanometer": "nm nanometer nanometers",
    "mile": "mi mile miles",
    "foot": "ft feet foot",
    "inch": "inch inches",
    "yard": "yd yds yard yards",
    "kilogram": "kg kgs kilo kilos kilogram kilograms",
    "gram": "g gm gms gram grams",
    "milligram": "mg mgs milligram milligrams",
    "microgram": "mcg mcgs µg ug microgram micrograms",
    "nanogram": "ng nanogram nanograms",
    "picogram": "pg picogram picograms",
    "pound": "lb lbs pound pounds",
    "ounce": "oz ounce ounces",
    "metric_ton": "tonne tonnes",
    "ton": "ton tons",
    "liter": "L l liter liters litre litres",
    "deciliter": "dL dl deciliter deciliters decilitre decilitres",
    "milliliter": "mL ml mls milliliter milliliters millilitre millilitres cc",
    "microliter": "µL µl uL microliter microliters microlitre microlitres",
    "gallon": "gal gallon gallons",
    "quart": "quart quarts",
    "cup": "cup cups",
    "tablespoon": "tbsp tablespoon tablespoons",
    "teaspoon": "tsp teaspoon teaspoons",
    "second": "s sec secs second seconds",
    "millisecond": "ms msec millisecond milliseconds",
    "minute": "min mins minute minutes",
    "hour": "h hr hrs hour hours hourly o'clock a.m p.m a.m. p.m. am pm",
    "day": "d day days daily everyday",
    "week": "wk week weeks weekly",
    "month": "month months monthly",
    "year": "yr yrs year years yearly annual annually",
    "degree": "degree degrees",
    "degree_Celsius": "celsius °C ℃ degrees_Celsius degrees_C",
    "degree_Fahrenheit": "fahrenheit °F ℉ degrees_Fahrenheit degrees_F",
    "kelvin": "kelvin kelvins",
    "mole": "mol mole moles",
    "millimole": "mmol millimole millimoles",
    "micromole": "µmol umol micromole micromoles",
    "nanomole": "nmol nanomole nanomoles",
    "picomole": "pmol picomole picomoles",
    "equivalent": "Eq equivalent",
    "milliequivalent": "mEq meq milliequivalent milliequivalents",
    "milliosmole": "mOsm mosm milliosmole milliosmoles",
    "international_unit": "IU iu",
    "millimeter_Hg": "mmHg mmhg mm_Hg torr",
    "centimeter_H2O": "cmH2O cmH₂O",
    "kilopascal": "kPa kpa kilopascal kilopascals",
    "pascal": "Pa pascal pascals",
    "atmosphere": "atm atmosphere atmospheres",
    "psi": "psi",
    "joule": "J joule joules",
    "kilojoule": "kJ kilojoule kilojoules",
    "kilocalorie": "kcal kilocalorie kilocalories",
    "calorie": "cal calorie calories",
    "watt": "W watt watts",
    "kilowatt": "kW kw kilowatt kilowatts",
    "kilowatt_hour": "kWh kwh",
    "newton": "N newton newtons",
    "volt": "V volt volts",
    "hertz": "Hz hertz",
    "mile/hour": "mph",
    "kilometer/hour": "kph kmph kmh",
    "beat/minute": "bpm",
    "revolution/minute": "rpm",
    "word/minute": "wpm",
    "byte": "byte bytes",
    "megabyte": "MB megabyte megabytes",
    "gigabyte": "GB gigabyte gigabytes",
    "dollar": "dollar dollars USD",
    "cent": "cent cents ¢",
    "euro": "euro euros EUR",
    "euro_cent": "eurocent eurocents",
    "rupee": "rupee rupees INR",
    "yen": "yen JPY",
    "dozen": "dozen dozens",
}
_NAME = {form.replace("_", " "): name for name, forms in _FORMS.items() for form in forms.split()}
_LOWER = {form.lower(): name for form, name in reversed(_NAME.items()) if len(form) > 2}
_FORM = "|".join(re.escape(form) for form in sorted(_NAME, key=len, reverse=True))
_POWER = r"(?:\s*\^\s*\{?(?P<raised>-?[234])\}?|(?P<sign>[²³])|(?P<flat>[23])(?!\d))?"
_ATOM = rf"(?:(?P<word>square|sq\.?|cubic)\s+)?(?P<form>(?i:{_FORM}))(?![A-Za-z'])"
_PART = re.compile(_ATOM + _POWER)
_BETWEEN = re.compile(
    r"\s*(?P<per>/|\bper\b|\bper\s+an?\b|\ban?\b(?=\s))\s*(?:1\.73\s*(?=m)|(?P<count>\d+)\s*)?|\s*[·⋅*]\s*|[\s-](?=hours?\b)"
)
_GAP = re.compile(r"[\s\-$*_\\)]*(?:(?:thousand|million|billion|trillion)s?\b)?\s*")
_SQUARED = {"²": 2, "³": 3}

_DEFINITIONS = (
    "dollar = [currency]",
    "cent = dollar / 100",
    "euro = [money_of_europe]",
    "euro_cent = euro / 100",
    "rupee = [money_of_india]",
    "yen = [money_of_japan]",
    "equivalent = [chemical_equivalent]",
    "milliequivalent = equivalent / 1000",
    "osmole = [osmotic_amount]",
    "milliosmole = osmole / 1000",
    "beat = [beats]",
    "word = [words]",
    "dozen = 12",
)


@cache
def _registry() -> Any:
    """Return pint's registry, exact in fractions; half a second, paid when two different units first meet."""
    import pint

    registry: Any = pint.UnitRegistry(non_int_type=Fraction, on_redefinition="ignore")
    for line in _DEFINITIONS:
        registry.define(line)
    return registry


@lru_cache(maxsize=4096)
def factor(unit: str, wanted: str) -> Fraction | None:
    """Return what one ``unit`` is in ``wanted``: 1/1000 for microgram in milligram, None for kPa in mL."""
    if unit == wanted:
        return Fraction(1)
    if "degree_" in unit + wanted or "kelvin" in unit + wanted:
        return None  # a temperature and a difference of two convert differently
    import pint

    registry = _registry()
    try:
        return Fraction(registry.Quantity(Fraction(1), unit).to(wanted).magnitude)
    except (pint.PintError, TypeError, ValueError, ArithmeticError, AttributeError):
        return None


def measure_after(text: str, position: int) -> str | None:
    """Name the unit that follows a number directly: ``hour`` for "5 hrs", ``meter`` for "5 m", None for "5 apples"."""
    found = _unit_at(text, _GAP.match(text, position).end())  # type: ignore[union-attr]  # it matches the empty text
    return found[0] if found else None


def measure_named(unit: str) -> str | None:
    """Name the unit that a text begins with: ``centimeter`` for "cm", None for "apples" or ""."""
    found = _unit_at(unit.strip(), 0)
    return found[0] if found else None


def is_unit(text: str) -> bool:
    """Whether a text is a unit and nothing else."""
    found = _unit_at(text.strip(), 0)
    return found is not None and found[1] == len(text.strip())


def _unit_at(text: str, start: int) -> tuple[str, int] | None:
    """Read a unit, with all that is divided and multiplied in it, and where it ends."""
    first = _PART.match(text, start)
    if first is None or not (name := _named(first)):
        return None
    parts, end = [name], first.end()
    while (between := _BETWEEN.match(text, end)) is not None:
        part = _PART.match(text, between.end())
        if part is None or not (name := _named(part)):
            break
        over = "/" if between["per"] else "*"
        count = f"{between['count']}*" if between["count"] else ""
        parts.append(f"{over}({count}{name})" if "/" in name or count else over + name)
        end = part.end()
    return "".join(parts), end


def _named(part: re.Match[str]) -> str | None:
    form = part["form"]
    name = _NAME.get(form) or (_LOWER.get(form.lower()) if len(form) > 2 else None)
    if name is None:
        return None
    word = part["word"]
    power = (
        3 if word == "cubic" else 2 if word else int(part["raised"] or part["flat"] or _SQUARED.get(part["sign"], 1))
    )
    return name if power == 1 else f"{name}**{power}"


@lru_cache(maxsize=512)
def units_in(text: str) -> tuple[str, ...]:
    """Return all units that a text speaks of, compound ones whole, in order."""
    found, position = [], 0
    for start in re.finditer(rf"(?<![A-Za-z'])(?:(?:square|sq\.?|cubic)\s+)?(?i:{_FORM})(?![A-Za-z'])", text):
        if start.start() < position:
            continue
        unit = _unit_at(text, start.start())
        if unit:
            found.append(unit[0])
            position = unit[1]
    return tuple(dict.fromkeys([*found, *(name for sign, name in _SIGNS.items() if sign in text)]))


_SIGNS = {"$": "dollar", "€": "euro", "₹": "rupee", "¥": "yen"}


def _atoms(unit: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", unit))


def same_measure_in(text: str, measure: str) -> bool:
    """Whether a text speaks of a unit in any of its forms, or of all that it is made of: of miles and hours for mph."""
    spoken = units_in(text)
    return measure in spoken or _atoms(measure) <= {atom for unit in spoken for atom in _atoms(unit)}


_ASKS = re.compile(
    r"\bhow (?:many|much)\s+(?:more\s+|total\s+|extra\s+)?|\bin\s+(?=[A-Za-zµ°])|\((?:in\s+)?", re.IGNORECASE
)


_MONEY = {"dollar", "cent", "euro", "euro_cent", "rupee", "yen"}


@lru_cache(maxsize=512)
def asked_unit(question: str) -> str | None:
    """Return the unit that a question wants the answer in: after "how many", "in" or a bracket of its last sentence."""
    sentence = re.split(r"(?<=[.?!])\s+(?=[A-Z])", question.strip())[-1]
    found = [unit[0] for start in _ASKS.finditer(sentence) if (unit := _unit_at(sentence, start.end()))]
    return found[-1] if found else None


def in_asked_unit(value: Fraction, measure: str, question: str, context: str = "") -> Fraction | str:
    """Write an amount in the unit that the question wants; a text says why its unit is foreign to the question."""
    wanted = asked_unit(question)
    if wanted is not None and (times := factor(measure, wanted)) is not None:
        return value * times
    if wanted is not None and _part_of(measure, wanted, question):
        return f"the unit {measure} is only a part of {wanted}"
    return _in_words(value, measure, question, f"{question}\n{context}")


def _in_words(value: Fraction, measure: str, question: str, asked: str) -> Fraction | str:
    """Read an amount where the question wants no unit of its kind, but may speak of some."""
    if same_measure_in(asked, measure):
        return value
    known = units_in(asked)
    found = {times for unit in known if (times := factor(measure, unit)) is not None}
    if len(found) == 1:
        return value * found.pop()
    if measure in _MONEY and not _MONEY & set(known):
        return value / 100 if measure.endswith("cent") else value  # money needs no unit where there is one only
    # "What is the duration?" "4.5 years"
    return value if not known and _of_its_kind(measure, question) else f"the unit {measure} is not of the question"


def _of_its_kind(measure: str, question: str) -> bool:
    return any(re.search(kind, question, re.IGNORECASE) and factor(measure, unit) for kind, unit in _KINDS.items())


_KINDS = {
    r"\b(?:duration|maturity|period|time|how long)\b": "year",
    r"\b(?:length|distance|height|width|perimeter|circumference|radius|how (?:far|tall))\b": "meter",
    r"\barea\b": "meter**2",
    r"\bvolume\b": "liter",
    r"\b(?:weight|mass|weigh)\b": "kilogram",
    r"\b(?:speed|velocity)\b": "meter/second",
    r"\bpressure\b": "pascal",
}
"""What a question asks for that names no unit, and a unit of that kind."""


def _part_of(measure: str, wanted: str, question: str) -> bool:
    """Whether a unit is made of parts of the one wanted, kg of kg/m².

    mL/min may leave the body's surface out, and where the question says it in words ("hours a week"), the first part
    may stand for all.
    """
    if measure in _MONEY or ("/" in measure and measure + "/meter**2" == wanted):
        return False
    if wanted.startswith(measure + "/") and not re.search(r"[A-Za-zµ²]\s?/\s?[A-Za-z1]", question):
        return False
    return _atoms(measure) <= _atoms(wanted)
