"""Read the numbers and words of a question's text."""

import re
from typing import Any

_NUMBER = r"-?\d+(?:\.\d+)?"


def read(text: str, *wordings: str) -> dict[str, Any]:
    """Return what stands at the places of the first wording that the whole text follows.

    ``{name}`` stands for a number, ``<name>`` for words, ``...`` for anything. Raises ValueError where none fits.
    """
    for wording in wordings:
        if found := re.fullmatch(_pattern(wording), text, re.DOTALL):
            return {name: _value(told) for name, told in found.groupdict().items()}
    raise ValueError(f"no wording is known of: {text}")


def _pattern(wording: str) -> str:
    parts = re.split(r"(\{\w+\}|<\w+>|\.\.\.)", wording)
    return "".join(map(_part, parts))


def _part(part: str) -> str:
    if part == "...":
        return ".*"
    if found := re.fullmatch(r"\{(\w+)\}", part):
        return f"(?P<{found[1]}>{_NUMBER})"
    if found := re.fullmatch(r"<(\w+)>", part):
        return f"(?P<{found[1]}>.+?)"
    return re.escape(part)


def _value(told: str) -> Any:
    if not re.fullmatch(_NUMBER, told):
        return told
    return float(told) if "." in told else int(told)
