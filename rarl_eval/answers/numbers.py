"""Numbers as people and models write them, read exactly.

Thousands separators, currency, percent, scale words, units, fractions, mixed numbers, LaTeX fractions, scientific
notation and Unicode forms; the value is a Fraction, so nothing is rounded. Not here: which number is the answer.
"""

import ast
import operator
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

MAX_DIGITS = 400
"""A longer number, or a larger exponent, is no answer; it would cost time to read."""

SCALES = {
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "lakh": 10**5,
    "crore": 10**7,
}


@dataclass(frozen=True)
class Number:
    """One number in a text."""

    value: Fraction
    """The number as written, its scale word multiplied in; percent is not divided."""
    text: str
    start: int
    end: int
    percent: bool = False
    currency: str | None = None
    scale: str | None = None


_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|HKD|SGD|NZD|KRW|BRL|MXN|ZAR|SEK|NOK|DKK|PLN|TRY|RUB|THB|AED|SAR|ILS|TWD"
)
CURRENCY = rf"(?:US|AU?|CA?|HK|NZ|S)?\$|[€£¥₹₩₽]|(?:{_CODES})(?![a-z])|Rs\.?(?![a-z])"
# In this order: 1.234,5 and 1.234.567 as in Europe, 1,20,000 as in India, 1'234 as in Switzerland, then plain.
_PLAIN = (
    r"(?:\d{1,3}(?:\.\d{3})+,\d+(?![\d.,]*\d)|\d{1,3}(?:\.\d{3}){2,}(?![\d.,]*\d)|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d+)?"
    r"|\d{1,3}(?:'\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+,\d{1,2}(?=\s?(?:%|€|EUR\b|euros?\b))(?<!,\d\d,\d)"
    r"|\d+(?:\.\d+)?|\.\d+)"
)
_SHORT = {
    **dict.fromkeys(("k",), "thousand"),
    **dict.fromkeys(("m", "mm", "mn", "mio"), "million"),
    **dict.fromkeys(("b", "bn", "bio"), "billion"),
    **dict.fromkeys(("t", "tn", "trn"), "trillion"),
}
"""What stands for a scale word behind an amount of money."""
_NUMBER = re.compile(
    rf"(?<![\w.])(?:(?P<glued>(?!(?:{_CODES}|Rs)\d)[A-Za-z]+\d{{1,3}}(?:,\d{{3}})+)|"
    rf"(?P<sign>(?<![)%\]}}])(?:-(?=\s?(?:[\d.]|{CURRENCY}))|\+))?\s?(?:(?P<currency>{CURRENCY})\s?(?P<sign2>-)?)?"
    rf"(?:(?P<whole>\d+)[ ]+(?P<top>\d+)/(?P<bottom>\d+)"
    rf"|(?P<num>{_PLAIN})\s?/\s?(?P<den>\d+(?:\.\d+)?)(?![\d/])"
    rf"|(?P<plain>(?(currency)\d+,\d{{1,2}}(?![\d,])|(?!))|{_PLAIN})"
    r"(?:[eE](?P<exp>[+-]?\d+)|\s?(?:[x×*]|\\times|\\cdot)\s?10\s?\^\s?\{?(?P<power>[+-]?\d+)\}?)?)"
    r"(?P<clock>:00)?"
    r"(?:(?P<percent>\s?%|\s?per\s?cent\b|\s?pct\b|\s?percentage[\s-]points?\b)|\s?(?P<scale>hundred|thousand|million|billion|trillion|lakh|crore)s?\b"
    r"|(?(currency)\s?(?P<short>mio|mm|mn|m|bio|bn|b|k|trn|tn|t)\b|(?!)))?)",
    re.IGNORECASE,
)

_VULGAR = {c: unicodedata.normalize("NFKC", c).replace("\u2044", "/") for c in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"}
_LATEX = (
    (re.compile(r"\\left|\\right|\\displaystyle|\\!|\\,|\\;|\\:|~|\*\*"), ""),
    (re.compile(r"\\[dt]frac"), r"\\frac"),
    (re.compile(r"\\frac\s*(\d)\s*(\d)(?!\d)"), r"\\frac{\1}{\2}"),
    (re.compile(r"(?<=\d)\s*\\frac\s*\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\}"), r" \1/\2"),
    (re.compile(r"\\frac\s*\{\s*(-?[\d.,]+)\s*\}\s*\{\s*([\d.]+)\s*\}"), r"\1/\2"),
    (re.compile(r"\{,\}(?=\d{3}(?!\d))|(?<!\d)\{,\}"), ","),
    (re.compile(r"\{,\}"), "."),
    (re.compile(r"\\([$%#&_{}])"), r"\1"),
    (re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox|textrm)\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))"), ""),
    (re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?=\d)"), " "),  # no spaces between their words
)
_SAID_MINUS = re.compile(r"(?<![\d)\]}%] )\b(?:negative|minus)\s(?=(?:[A-Z]{0,3}\s?[$€£¥])?\s?\d)", re.IGNORECASE)
_SPACED_COMMA = re.compile(r"(?<![\d.,])(\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3}){1,5}),(\d{1,2})(?!\d)")


_POWER_OF_UNIT = re.compile(r"(?<=[a-zA-Z])\}?\s?\^\s?\{?([23])\}?|(?:/|\bper\b)\s?1\.73\s?m(?=[²2^\s}])")
_RAISED = {"1": "", "2": "²", "3": "³"}
_OVER = re.compile(
    r"(?<=[a-zA-Zµμ¹²³])\s?[·⋅*]?\s?(?:1\.73\s?)?\b([a-zA-Z]{1,4})(?:⁻([¹²³])|\s?\^\s?(?:\{\s?-([123])\s?\}|-([123])(?!\d)))"
)
_FLAT = {"¹": "", "²": "²", "³": "³"}


def normalised(text: str) -> str:
    r"""Write LaTeX numbers and Unicode forms as plain ones: ``\frac{1}{2}`` as 1/2, ``14{,}916`` as 14,916."""
    if not text.isascii():
        text = "".join(f" {_VULGAR[c]}" if c in _VULGAR else c for c in text)
        text = text.translate(
            {0x2212: "-", 0x2013: "-", 0x2010: "-", 0x2011: "-", 0xFF05: "%", 0xFF0C: ",", 0xFF04: "$"}
        )
        text = re.sub(r"[０-９．]", lambda m: unicodedata.normalize("NFKC", m[0]), text)
    if " " in text or not text.isascii():
        text = _SPACED_COMMA.sub(lambda m: re.sub(r"\s", "", m[1]) + "." + m[2], text)
        text = _SAID_MINUS.sub("-", text)
    if "⁻" in text or "^" in text:  # kg·m⁻² is kg/m²
        text = _OVER.sub(lambda m: "/" + m[1] + (_FLAT[m[2]] if m[2] else _RAISED[m[3] or m[4]]), text)
    if "1.73" in text or "^" in text:
        text = _POWER_OF_UNIT.sub(lambda m: _RAISED[m[1]] if m[1] else "/m", text)
    if "\\" in text or "{" in text or "~" in text or "**" in text or not text.isascii():
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
    return text


def numbers(text: str) -> Iterator[Number]:
    """Yield the numbers of a normalised text, in order; impossible ones (1/0, a million digits) are left out."""
    for found in _NUMBER.finditer(text):
        value = _value(found)
        if value is None:
            continue
        negative = bool(found["sign"] == "-") != bool(found["sign2"])
        scale = found["scale"].lower() if found["scale"] else _SHORT.get((found["short"] or "").lower())
        yield Number(
            value=(-value if negative else value) * (SCALES[scale] if scale else 1),
            text=found[0].strip(),
            start=found.start(),
            end=found.end(),
            percent=bool(found["percent"]),
            currency=found["currency"],
            scale=scale,
        )


def _value(found: re.Match[str]) -> Fraction | None:
    if len(found[0]) > MAX_DIGITS or found["glued"]:
        return None
    try:
        if found["whole"] is not None:
            return int(found["whole"]) + Fraction(int(found["top"]), int(found["bottom"]))
        if found["num"] is not None:
            return _read(found["num"]) / Fraction(found["den"])
        exponent = int(found["exp"] or found["power"] or 0)
        if abs(exponent) > MAX_DIGITS:
            return None
        return _read(found["plain"]) * Fraction(10) ** exponent
    except ZeroDivisionError:
        return None


_EUROPEAN = re.compile(r"\d+,\d{1,2}|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}")


def _read(digits: str) -> Fraction:
    if digits.isdecimal():
        return Fraction(int(digits))
    if _EUROPEAN.fullmatch(digits):
        return Fraction(digits.replace(".", "").replace(",", "."))
    return Fraction(digits.replace(",", "").replace("'", ""))


def decimal_comma(text: str) -> Fraction | None:
    """Read the one number of a text that is written with a decimal comma, ``3,5``; a list of two looks the same."""
    found = re.fullmatch(r"[^\d,]*?(-?)\s?(\d+),((?!\d{3}(?!\d))\d+|(?<=\b0,)\d+)[^\d,]*", normalised(text))
    return Fraction(f"{found[1]}{found[2]}.{found[3]}") if found and len(text) <= MAX_DIGITS else None


def parse_number(text: str) -> Number | None:
    """Read a text that is one number and nothing more than currency, percent, scale and delimiters around it."""
    text = normalised(text).strip()
    text = text.strip("$") if text.endswith("$") else text
    text = text if "," in text else text.strip("() ")  # (1,234) is a pair
    found = list(numbers(text))
    if len(found) != 1 or text[: found[0].start].strip() or text[found[0].end :].strip(" .$%"):
        return None
    return found[0]


_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def arithmetic(text: str) -> Fraction | None:
    """Work out a text that is sums, differences, products and quotients of numbers; None for anything else."""
    if len(text) > MAX_DIGITS:
        return None
    plain = normalised(text).strip(" $")
    for number in reversed(list(numbers(plain))):
        sign = number.text[0] if number.text[0] in "+-" else ""
        value = f"{sign}({abs(number.value.numerator)}/{number.value.denominator})"
        plain = plain[: number.start] + value + plain[number.end :]
    plain = re.sub(r"\\(?:cdot|times)|[×·]|(?<=[\s)])x(?=[\s(])", "*", plain).replace("\\div", "/").replace("÷", "/")
    if not re.fullmatch(r"[\d()+*/\s-]+", plain) or "**" in plain or "//" in plain:
        return None
    try:
        return _evaluated(ast.parse(plain.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _evaluated(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return Fraction(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _evaluated(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return Fraction(_OPERATORS[type(node.op)](_evaluated(node.left), _evaluated(node.right)))
    raise ValueError("no arithmetic")
