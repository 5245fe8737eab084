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


def split(text: str) -> list[str]:
    """Words and signs of a folded text, in order."""
    return _TOKEN.findall(text)


def words(text: str) -> list[str]:
    """Words and signs of a text, in order."""
    return split(folded(text))


def normal(text: str) -> str:
    """Words and signs of a text with single spaces between them."""
    return " ".join(words(text))


def around(text: str, begins: int, ends: int) -> tuple[str, str]:
    """Return what stands before word number ``begins`` of a folded text, and behind its ``ends`` first ones."""
    before, rest = len(text), 0
    for number, token in enumerate(_TOKEN.finditer(text)):
        if number == begins:
            before = token.start()
        if number == ends - 1:
            rest = token.end()
            break
    return text[:before], text[rest:]
