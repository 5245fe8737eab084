"""A text as the words and signs by which two copies of it are held to be one: what a copy may lose is left out.

Case, quotes, brackets, the spelling of spaces and dashes go; digits, signs of arithmetic and the points inside numbers
stay, so that a question with another number or another sign is another question.
"""

import re
import unicodedata

_TOKEN = re.compile(
    r"[^\W_]+"
    r"|(?<=\d)[.,](?=\d)"
    r"|(?<![^\W\d_]{2})-|-(?![^\W\d_]{2})"  # a hyphen between two words is no minus
    r"|[+*/^=<>%!±×÷≤≥≠√]"
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–−", "-"))


def folded(text: str) -> str:
    """Text in one case and one Unicode form."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().translate(_DASHES)


def words(text: str) -> list[str]:
    """Words and signs of a text, in order."""
    return _TOKEN.findall(folded(text))


def normal(text: str) -> str:
    """Words and signs of a text with single spaces between them."""
    return " ".join(words(text))


def behind(text: str, count: int) -> str:
    """Return what stands behind the first ``count`` words of a folded text."""
    for number, token in enumerate(_TOKEN.finditer(text), start=1):
        if number == count:
            return text[token.end() :]
    return text if count == 0 else ""


def starts(text: str, count: int) -> int:
    """Where in a folded text its word number ``count``, from 0, begins."""
    return next((t.start() for n, t in enumerate(_TOKEN.finditer(text)) if n == count), len(text))
