"""CONTRIBUTING.md's pages, taken apart for the tests that follow them literally."""

import re
import shlex
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text("utf-8")

ROWS = [
    {"country": "Peru", "capital": "Lima", "others": ["Quito", "Sucre"]},
    {"country": "France", "capital": "Paris", "others": ["Lyon", "Nice"]},
]
"""Rows of the benchmark that the page adds first."""


def section(title: str) -> str:
    """The text under a heading."""
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def code(title: str) -> str:
    """The one block of Python under a heading."""
    (block,) = re.findall(r"```python\n(.*?)```", section(title), re.DOTALL)
    return str(block)


def file(title: str) -> str:
    """The name under which the block is to be saved."""
    return re.findall(r"`(\w+\.py)`", section(title))[0]


def commands(title: str) -> list[list[str]]:
    """Arguments of each command under a heading."""
    lines = (line.strip() for line in section(title).split("\n") if line.startswith("    rarl-eval "))
    return [shlex.split(line)[1:] for line in lines]
