"""Dates as people write them: ``12/31/2019``, ``2019-12-31``, ``31.12.2019``, "December 31, 2019", "31st of Dec 2019".

With slashes the month comes first, as in the benchmarks; where that is no month, the day does. Not here: dates without
a year, fiscal periods and times of day.
"""

import re
from datetime import date

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_DATE = re.compile(
    rf"(?<![\w/])(?:(\d{{1,2}})/(\d{{1,2}})/(\d{{4}})|(\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}})|(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}})"
    rf"|({_MONTH})\s+{_DAY},?\s+(\d{{4}})|{_DAY}[\s-]+(?:of\s+)?({_MONTH})(?:,?\s+|-)(\d{{4}}))(?![\w/])",
    re.IGNORECASE,
)


def dates(text: str) -> list[tuple[date, int]]:
    """Return the dates of a text that the calendar has, and where each ends."""
    return [(day, found.end()) for found in _DATE.finditer(text) if (day := _day(found)) is not None]


def only_date(text: str) -> date | None:
    """Return the date that a text is, with nothing more than a stop or a weekday around it."""
    bare = re.sub(
        r"^(?:on\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?",
        "",
        text.strip(" .*\"'$"),
        flags=re.IGNORECASE,
    )
    found = _DATE.fullmatch(bare)
    return _day(found) if found else None


def told_date(text: str) -> date | None:
    """Return the one date that a short sentence ends in: "The year ended on March 31, 2020."."""
    whole = only_date(text)
    if whole is not None:
        return whole
    found = dates(text)
    if len(found) != 1 or _OTHER_DAY.search(text) or re.search(r"[^\s.*\"')$]", text[found[0][1] :]):
        return None
    return found[0][0]


_OTHER_DAY = re.compile(
    r"\b(?:not|or|before|after|prior|until|since|between|either|maybe|perhaps|possibly|except|days?|weeks?|months?)\b",
    re.IGNORECASE,
)


def _day(found: re.Match[str]) -> date | None:
    slash, iso, dots, named, said = (found.groups()[start : start + 3] for start in (0, 3, 6, 9, 12))
    if slash[0]:
        month, day, year = map(int, slash)
        month, day = (day, month) if month > 12 else (month, day)
    elif iso[0]:
        year, month, day = map(int, iso)
    elif dots[0]:
        day, month, year = map(int, dots)
    else:
        name, day, year = (
            (named[0], int(named[1]), int(named[2])) if named[0] else (said[1], int(said[0]), int(said[2]))
        )
        month = _MONTHS.index(name[:3].lower()) + 1
    try:
        return date(year, month, day)
    except ValueError:
        return None
