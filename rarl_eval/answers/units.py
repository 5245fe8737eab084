"""Units of measure that change what a number says: which one follows a number, and whether a question speaks of it.

Words that only count things (apples, people, tickets) are no measure. Not here: converting one unit into another.
"""

import re

_MEASURES: dict[str, str] = {
    "kilometre": r"km|kilomet(?:er|re)s?|kph|kmph",
    "metre": r"m|met(?:er|re)s?",
    "centimetre": r"cm|centimet(?:er|re)s?",
    "millimetre": r"mm|millimet(?:er|re)s?",
    "mile": r"mi|miles?|mph",
    "foot": r"ft|feet|foot",
    "inch": r"inch(?:es)?",
    "yard": r"yds?|yards?",
    "kilogram": r"kgs?|kilos?|kilograms?",
    "gram": r"g|grams?",
    "milligram": r"mg|milligrams?",
    "pound": r"lbs?|pounds?",
    "ounce": r"oz|ounces?",
    "ton": r"tons?|tonnes?",
    "litre": r"l|lit(?:er|re)s?",
    "millilitre": r"ml|millilit(?:er|re)s?",
    "gallon": r"gal|gallons?",
    "second": r"s|secs?|seconds?",
    "minute": r"mins?|minutes?|[wbr]pm",
    "hour": r"h|hrs?|hours?|hourly|mph|kph|o'clock|[ap]\.?m\b\.?",
    "day": r"days?|daily|everyday",
    "week": r"weeks?|weekly",
    "month": r"months?|monthly",
    "year": r"years?|yearly|annual(?:ly)?|yrs?",
    "degree": r"degrees?",
    "celsius": r"celsius",
    "kelvin": r"kelvin",
    "joule": r"joules?|kj",
    "watt": r"watts?|kw",
    "newton": r"newtons?",
    "volt": r"volts?",
}
_UNIT = {name: re.compile(rf"(?:{forms})(?![\w'])", re.IGNORECASE) for name, forms in _MEASURES.items()}
_SPOKEN = {
    name: re.compile(rf"(?<![A-Za-z])(?:{forms})(?![A-Za-z])", re.IGNORECASE) for name, forms in _MEASURES.items()
}
_GAP = re.compile(r"[\s\-$*_\\)]*(?:(?:thousand|million|billion)s?\b)?\s*")


def measure_after(text: str, position: int) -> str | None:
    """Name the unit of measure that follows a number directly: ``hour`` for "5 hrs", None for "5 apples"."""
    start = _GAP.match(text, position).end()  # type: ignore[union-attr]  # it matches the empty text
    return next((name for name, unit in _UNIT.items() if unit.match(text, start)), None)


def same_measure_in(text: str, measure: str) -> bool:
    """Whether a text speaks of a unit of measure, in any of its forms."""
    return _SPOKEN[measure].search(text) is not None


def measure_named(unit: str) -> str | None:
    """Name the unit of measure that a text is: ``centimetre`` for "cm", None for "apples" or ""."""
    return next((name for name, form in _UNIT.items() if form.match(unit)), None)
