"""Names of models and tasks come from anywhere: how they are shown, and which file stands for each."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

MAX_SLUG = 80
"""File names stay far below the 255 bytes that file systems take."""

_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@-]*[A-Za-z0-9])?")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|index)(?:\..*)?")
_LOOKS_HASHED = re.compile(r"-[0-9a-f]{10}$")
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_MAX_MARKS = 3


def shown(text: str) -> str:
    r"""Text with what a reader could not see spelled out: controls, bidi marks, zero-width characters, surrogates.

    ``a\u202eb`` becomes ``a⟨U+202E⟩b``. Newlines and tabs become spaces, and of more than three combining marks in a
    row the rest is left out, so that a name cannot paint over its neighbours.
    """
    pieces = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category[0] == "M" else 0
        if char in "\n\r\t":
            pieces.append(" ")
        elif category in _HIDDEN:
            pieces.append(f"⟨U+{ord(char):04X}⟩")
        elif marks <= _MAX_MARKS:
            pieces.append(char)
    return "".join(pieces)


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
