r"""Mathematical answers as text: delimiters and decoration taken off, shape and parts seen, nothing evaluated.

Bare LaTeX, ``$...$``, ``\(...\)``, units, labels such as ``x =``, sets, tuples and intervals. Not here: algebra.
"""

import re
from functools import lru_cache

from rarl_eval.answers.extract import closing_brace
from rarl_eval.answers.notation import latin, typed
from rarl_eval.answers.units import is_unit

_DELIMITED = re.compile(r"\$\$(.+?)\$\$|(?<!\\)\$(.+?)(?<!\\)\$|\\\[(.+?)\\\]|\\\((.+?)\\\)", re.DOTALL)
_TEXT = re.compile(r"\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|mathsf|mbox|operatorname)\s*\{([^{}]*)\}")
_SPACING = re.compile(
    r"(?<!\\)\\[!,;:]|\\(?:quad|qquad|displaystyle|limits)(?![a-zA-Z])|(?<!\\)\\ |~|"
    r"\\(?:left|right|[bB]igg?[lr]?)(?![a-zA-Z])\.?"
)
_DEGREE = re.compile(r"\^\s*\{?\s*\\circ\s*\}?|\\degree\b|°")
_PERCENT = re.compile(r"\s*(?:\\?%|\\text\{\s*(?:percent|pct)\s*\}|\b(?:percent|pct)\b\.?)")

_PLAIN = (
    (re.compile(r"\\[dt]frac"), r"\\frac"),
    (re.compile(r"\\(?:mathrm|text|operatorname)\s*\{\s*(e|i|d)\s*\}"), r"\1"),
    (re.compile(r"\\(?:le|leqslant)(?![a-zA-Z])|<=|≤"), r"\\leq "),
    (re.compile(r"\\(?:ge|geqslant)(?![a-zA-Z])|>=|≥"), r"\\geq "),
    (re.compile(r"\\lt(?![a-zA-Z])"), "<"),
    (re.compile(r"\\gt(?![a-zA-Z])"), ">"),
    (re.compile(r"\\ne(?![a-zA-Z])|!=|≠"), r"\\neq "),
    (re.compile(r"\\(?:infin|infty)(?![a-zA-Z])|∞"), r"\\infty "),
    (re.compile(r"\\lbrace(?![a-zA-Z])"), r"\\{"),
    (re.compile(r"\\rbrace(?![a-zA-Z])"), r"\\}"),
    (re.compile(r"\\(?:cdot|times)(?![a-zA-Z])|×|·"), r"\\cdot "),
    (re.compile(r"π"), r"\\pi "),
    (re.compile(r"√\s*\(([^()]*)\)"), r"\\sqrt{\1}"),
    (re.compile(r"√\s*(\w+)"), r"\\sqrt{\1}"),
    (re.compile(r"\\sqrt\s*(\d+|[a-zA-Z])(?![a-zA-Z])"), r"\\sqrt{\1}"),
    (re.compile(r"\\frac\s*(\d)\s*(\d)(?!\d)"), r"\\frac{\1}{\2}"),
    (re.compile(r"\\frac\s*(\d)\s*\{"), r"\\frac{\1}{"),
    (re.compile(r"\\frac\s*(\\(?:pi|sqrt\s*\{\d+\}))\s*(\d)(?!\d)"), r"\\frac{\1}{\2}"),
    (re.compile(r"(?<=[\d}])\s*(?:\\(?:text|mathrm)\s*\{\s*degrees?\s*\}|degrees?\b(?!\s*[A-Z]))"), r"^{\\circ}"),
    (re.compile(r"\\frac\s*(\{[^{}]*\})\s*(\d)(?!\d)"), r"\\frac\1{\2}"),
    (re.compile(r"(?<=\d)\s*\{,\}\s*(?=\d{3}(?!\d))"), ""),
    (re.compile(r"(?<=\d)\s*\{,\}\s*(?=\d)"), "."),
)


_BARE_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@lru_cache(maxsize=4096)
def expression(text: str) -> str:
    r"""Take delimiters, a surrounding box, sentence punctuation and spacing off; write variants one way."""
    text = text.strip().replace("\u2212", "-").replace("\u2013", "-").replace('\\"', "").strip('"“”')
    if _BARE_NUMBER.fullmatch(text):
        return text  # most answers; nothing below would change it
    text = _ANNOUNCED.sub("", text)
    if r"\begin" not in text:  # where it is no row of a matrix, a double backslash is LaTeX escaped twice
        text = re.sub(r"\\\\(?=[a-zA-Z{}()\[\]])", r"\\", text)
    whole = _DELIMITED.fullmatch(text.rstrip(" .,;"))
    if whole:
        text = next(group for group in whole.groups() if group is not None)
    text = _DELIMITED.sub(lambda m: next(g for g in m.groups() if g is not None), text)
    text = re.sub(r"(?<!\\)\$", "", text)
    # Thousands as 12,\!000 lose their comma before spacing goes, so that "32, 349" stays a list.
    text = re.sub(r"(?<=\d),\\!\s*(?=\d{3}(?!\d))", "", text)
    text = latin(text)
    for pattern, plain in _PLAIN:
        text = pattern.sub(plain, text)
    text = typed(text)
    text = _SPACING.sub(" ", text)
    text = re.sub(r"\\\\\s*(?=\\end\b)|\\+\Z", "", text)  # an empty last row of a matrix; a stray backslash
    text = _SPACED_THOUSANDS.sub(lambda m: m[0].replace(" ", ""), text)
    text = " ".join(text.split()).replace(" ,", ",").rstrip(" .;,")
    return _ungrouped(text)


_ANNOUNCED = re.compile(r"^(?:the\s+)?(?:final\s+)?(?:answer|result|solution)\s*(?::|\bis\b|=)\s*(?=\S)", re.IGNORECASE)
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")


def _ungrouped(text: str) -> str:
    """Take off braces that only group: ``{1,3}`` is a list, not a set."""
    if text.startswith("{") and text.endswith("}") and closing_brace(text, 1) == len(text) - 1:
        return _ungrouped(text[1:-1].strip())
    return text


def without_thousands(text: str) -> str:
    """Take the commas out of numbers such as 12,345 that stand outside of every bracket."""
    depth = 0
    kept = []
    for part in re.split(r"([(\[{}\])])", text):
        depth += (part in {"(", "[", "{"}) - (part in {")", "]", "}"})
        kept.append(_THOUSANDS.sub(lambda m: m[0].replace(",", ""), part) if depth == 0 else part)
    return "".join(kept)


_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")


def unlabelled(text: str) -> tuple[str, str]:
    r"""Split ``x = 5`` into ("x", "5") where the left side only names something; ("", text) otherwise."""
    found = re.match(r"\s*([^=<>]*?)\s*(?:=|\\in(?![a-zA-Z])|\\approx(?![a-zA-Z])|≈)\s*", text)
    if found and found[1] and found[1].count("(") == found[1].count(")") and _is_name(found[1]):
        return found[1], text[found.end() :]
    return "", text


_FUNCTIONS = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc|log|ln|exp|arc\w+|sqrt|sum|int|lim|pi|infty)(?![a-zA-Z])")
_NAME_PART = re.compile(
    r"\\(?:angle|overline|triangle|measuredangle|widehat|vec|overrightarrow|hat|bar|mathbf|mathrm|text|frac|mathbb|"
    r"alpha|beta|gamma|delta|epsilon|varepsilon|theta|lambda|mu|omega|phi|varphi|rho|sigma|tau|Delta|Omega|ell|circ)"
)


def _is_name(text: str) -> bool:
    """Whether a left side is a name: ``x``, ``f(2)``, ``|AB|``, ``(p,q)``, ``x_{1}``, ``V_1:V_2``, ``NO/BO``."""
    if _FUNCTIONS.search(text):
        return False
    bare = re.sub(r"_\s*(?:\{[^{}]*\}|\w)", "", _TEXT.sub(lambda m: m[1].replace(" ", ""), text))
    bare = _NAME_PART.sub("", bare)
    bare = re.sub(r"(?<=[A-Za-z])'*\([^()]*\)", "", bare)
    return (
        bool(re.fullmatch(r"[\sA-Za-z'|(),:/{}\[\]]*[A-Za-z][\sA-Za-z'|(),:/{}\[\]]*|[\s(){},|:]*", bare))
        and len(text) <= 60
    )


def without_text(text: str) -> str:
    r"""Replace ``\text{...}`` and its kin by what they hold."""
    return _TEXT.sub(r" \1 ", text) if "\\" in text else text


def words(text: str) -> str | None:
    r"""Return a worded answer such as ``\text{Evelyn}`` or "odd" in lower case, None where it is mathematics."""
    bare = without_text(text).replace("\\", " ").strip(" ${}().'\"")
    if re.search(r"\\(?!text|mathrm|mbox|mathbf|operatorname)", _TEXT.sub("", text)):
        return None
    if re.fullmatch(r"[A-Za-z]|[^\W\d_]{2,}(?:[\s',-]+[^\W\d_]+)*", bare) and (
        len(bare) > 3 or text != bare or bare.lower() in _WORDS
    ):
        return " ".join(bare.lower().replace(",", " ").split())
    return None


_WORDS = {"yes", "no", "odd", "even", "all", "two", "one", "six", "ten", "mon", "tue", "red", "sun"}


def split_top(text: str, separators: str = ",;") -> list[str]:
    """Split at separators that stand outside of every bracket."""
    parts, depth, start, index = [], 0, 0, 0
    while index < len(text):
        character = text[index]
        if character == "\\" and index + 1 < len(text):
            character = text[index + 1]
            index += 1
        depth += (character in "([{") - (character in ")]}")
        if depth <= 0 and character in separators and text[index - 1] != "\\":
            parts.append(text[start:index])
            start = index + 1
        index += 1
    return [part.strip() for part in [*parts, text[start:]]]


_JOINT = re.compile(
    r"\\(?:text|mbox|mathrm|textrm)\s*\{\s*,?\s*(and|or)\s*,?\s*\}|(?:(?<=[\s\d})])|^)(and|or)(?=[\s\d({\\-]|"
    r"[A-Z]\s*[(=]|$)"
)


def values(text: str) -> list[str]:
    """Split an answer that lists several values (commas, semicolons, "and", "or") into them."""
    text = re.sub(r",\s*,", ",", joints(text, ","))
    return [part for part in split_top(text) if part]


def joints(text: str, mark: str) -> str:
    """Write a mark for each "and" or "or" between values."""
    return _JOINT.sub(mark, text)


def brackets(text: str) -> str:
    r"""Name the bracket pair around a whole answer: ``()``, ``[)``, ``{}`` for ``\{\}``, "" for none."""
    bare = text.replace(r"\{", "⦃").replace(r"\}", "⦄")
    if len(bare) < 2 or bare[0] not in "([⦃" or bare[-1] not in ")]⦄":
        return ""
    depth = 0
    for position, character in enumerate(bare):
        depth += (character in "([⦃") - (character in ")]⦄")
        if depth == 0 and position < len(bare) - 1:
            return ""
    return (bare[0] + bare[-1]).replace("⦃", "{").replace("⦄", "}")


_RELATION = re.compile(r"(<|>|\\leq|\\geq)")


def interval(text: str) -> str:
    r"""Write ``a < x \leq b`` or ``x \geq a`` as the interval that it says; other texts stay as they are."""
    parts = [part.strip() for part in _RELATION.split(text)]
    if len(parts) == 5 and _is_name(parts[2]) and {parts[1], parts[3]} <= {"<", r"\leq"}:
        return ("(" if parts[1] == "<" else "[") + f"{parts[0]},{parts[4]}" + (")" if parts[3] == "<" else "]")
    if len(parts) == 3 and _is_name(parts[2]) and not _is_name(parts[0]):
        flipped = {"<": ">", ">": "<", r"\leq": r"\geq", r"\geq": r"\leq"}
        parts = [parts[2], flipped[parts[1]], parts[0]]
    if len(parts) == 3 and _is_name(parts[0]):
        low = {">": f"({parts[2]},\\infty)", r"\geq": f"[{parts[2]},\\infty)"}
        high = {"<": f"(-\\infty,{parts[2]})", r"\leq": f"(-\\infty,{parts[2]}]"}
        return {**low, **high}[parts[1]]
    return text


def take_percent(text: str) -> tuple[str, bool]:
    """Take a percent sign off the end."""
    found = re.search(_PERCENT.pattern + r"\s*\Z", text)
    return (text[: found.start()].rstrip(" {"), True) if found else (text, False)


def take_degree(text: str, *, radians: bool = False) -> str:
    """Take the degree sign off an angle that is one number, where it may be left out; elsewhere write radians."""
    bare = _DEGREE.sub("", text)
    if not radians and re.fullmatch(r"(?:[^=]*=)?\s*(?:-?[\d.]+|-?\\frac\{\d+\}\{\d+\})", bare.strip()):
        return bare
    return re.sub(r"(\d+(?:\.\d+)?)\s*(?:" + _DEGREE.pattern + ")", r"\\frac{\1\\pi}{180}", text)


_UNIT_TAIL = re.compile(
    r"(?:\\(?:text|mathrm|textbf|mbox|textnormal|"
    r"textrm)\s*\{\s*([A-Za-z][A-Za-z\s./^°\d²³-]*)\s*\}(\s*\^\s*\{?[23]\}?)?"
    r"|(?<=[\d\s}])([A-Za-z]{2,}(?:\s+[a-z]+)*[²³]?))\s*\Z"
)


def take_unit(text: str) -> tuple[str, str]:
    r"""Split ``15\mbox{ cm}^2`` into ("15", "cm"); ("text", "") where no unit stands at the end of a value."""
    temperature = _TEMPERATURE.search(text)
    if temperature:
        return text[: temperature.start()].strip(), f"°{temperature[1]}"
    plain = _PLAIN_UNIT.fullmatch(text)
    if plain and is_unit(plain[2]):
        return plain[1], plain[2]
    found = _UNIT_TAIL.search(text)
    head = text[: found.start()].strip() if found else ""
    if not found or not re.search(r"[\w})\]]\Z", head) or _JOINT.search(found[0]):
        return text, ""
    return head, " ".join(((found[1] or found[3]) + (found[2] or "")).split())


_TEMPERATURE = re.compile(r"(?:\^\s*\{?\s*\\circ\s*\}?|\\degree|°)\s*(?:\\(?:text|mathrm)\s*\{\s*~?)?([CF])\s*\}?\s*\Z")
_PLAIN_UNIT = re.compile(r"(-?(?:[\d.,]+|\\frac\{\d+\}\{\d+\}))\s+([A-Za-zµ°][^\\]*)")


def maths(text: str) -> list[str]:
    """Return the delimited pieces of mathematics in a text."""
    return [next(group for group in found.groups() if group is not None) for found in _DELIMITED.finditer(text)]


def last_math(text: str) -> str | None:
    """Return the last delimited piece of mathematics in a text."""
    found = maths(text)
    return found[-1] if found else None


def prose(text: str) -> bool:
    """Whether a text has words around its mathematics."""
    outside = _TEXT.sub(" ", _DELIMITED.sub(" ", text))
    outside = re.sub(r"\\(?:begin|end)\s*(?:\{[^{}]*\})+|\\[a-zA-Z]+", " ", outside)
    found = re.findall(r"(?<![A-Za-z])[A-Za-z][a-z]+(?![A-Za-z(])", outside)
    plain = sum(len(word) > 3 or word.lower() in _SMALL for word in found)
    return plain >= 2 or (len(found) >= 2 and not _PRODUCTS.search(outside))


_SMALL = frozenset(
    [
        "all",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "can",
        "do",
        "for",
        "get",
        "go",
        "had",
        "has",
        "he",
        "her",
        "his",
        "how",
        "if",
        "in",
        "is",
        "it",
        "its",
        "let",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "one",
        "or",
        "our",
        "out",
        "she",
        "six",
        "so",
        "ten",
        "the",
        "to",
        "two",
        "up",
        "us",
        "was",
        "we",
        "who",
        "why",
        "yes",
        "you",
    ]
)
_PRODUCTS = re.compile(r"[a-z]\s*(?:[-+/^=]|\*(?!\*))|(?:[-+/^=]|(?<!\*)\*)\s*\d*[a-z]")
"""Letters beside an operator are products, as in ab + ac."""
