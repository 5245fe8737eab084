"""Names of models and tasks come from anywhere: how they are shown, and which file stands for each."""

import hashlib
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

MAX_SLUG = 80
"""File names stay far below the 255 bytes that file systems take."""

_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]*[A-Za-z0-9])?")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|index)(?:\..*)?")
_LOOKS_HASHED = re.compile(r"-[0-9a-f]{10}$")
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_MAX_MARKS = 3
_SPACES = str.maketrans("\n\r\t", "   ")


def shown(text: str) -> str:
    r"""Text with what a reader could not see spelled out: controls, bidi marks, zero-width characters, surrogates.

    ``a\u202eb`` becomes ``a⟨U+202E⟩b``. Newlines and tabs become spaces, and of more than three combining marks in a
    row the rest is left out, so that a name cannot paint over its neighbours.
    """
    return _spelled(text if text.isprintable() else text.translate(_SPACES))


def shown_block(text: str) -> str:
    r"""Text of several lines as ``shown`` has it, with its newlines and tabs."""
    if text.isascii() and text.isprintable():
        return text
    return "\n".join("\t".join(map(_spelled, line.split("\t"))) for line in text.replace("\r\n", "\n").split("\n"))


def _spelled(text: str) -> str:
    printable = text.isprintable()  # knows every hidden character, and is much faster than looking for them
    if printable and text.isascii():
        return text
    hidden, marks, every_mark = _patterns()
    if not printable:
        text = hidden.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)
    return text if every_mark.isdisjoint(text) else marks.sub(lambda match: match[1], text)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    """Patterns of one hidden character and of combining marks beyond the third in a row, and all such marks."""
    kinds: dict[str, list[str]] = {"hidden": [], "mark": []}
    for char in map(chr, range(sys.maxunicode + 1)):
        category = unicodedata.category(char)
        if category in _HIDDEN:
            kinds["hidden"].append(char)
        elif category[0] == "M":
            kinds["mark"].append(char)
    hidden, mark = ("[" + "".join(rf"\U{ord(char):08x}" for char in found) + "]" for found in kinds.values())
    return re.compile(hidden), re.compile(f"({mark}{{{_MAX_MARKS}}}){mark}+"), frozenset(kinds["mark"])


def shortened(text: str, limit: int = 60) -> str:
    """Shown text of at most ``limit`` characters; of a longer one the beginning and the end."""
    text = shown(text)
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Return a file name (without suffix) for each name, safe on every file system and no two alike, even case-blind.

    A name of plain letters, digits, ``.``, ``_``, ``@`` and ``-`` is its own file name, and ``org/name`` becomes
    ``org--name``; anything else gets a hash of the exact name behind what is left of it, so that a page keeps its
    address whatever other names appear.
    """
    unique = sorted(set(names))
    plain = {name: _plain(name) for name in unique}
    folded = Counter(slug.casefold() for slug in plain.values() if slug)
    return {name: slug if slug and folded[slug.casefold()] == 1 else _hashed(name) for name, slug in plain.items()}


def _plain(name: str) -> str | None:
    """Return the slug that needs no hash, or None."""
    slug = name.replace("/", "--") if name.count("/") == 1 and "--" not in name else name
    if len(slug) > MAX_SLUG or not _SAFE.fullmatch(slug) or ".." in slug:
        return None
    return None if _RESERVED.fullmatch(slug) or _LOOKS_HASHED.search(slug) else slug


def _hashed(name: str) -> str:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-")[: MAX_SLUG - 11].strip("-")
    return f"{kept or 'x'}-{digest}"
