r"""Mathematics as people type it, written as LaTeX: Unicode signs, ``sqrt(2)``, ``x^10``, ``0.(3)``, ``5C2``.

One way of writing for what has several, so that everything after it reads one. Not here: delimiters and decoration
(latex.py), and what anything means.
"""

import re

_SIGNS = {
    "≤": r"\leq ",
    "≥": r"\geq ",
    "⩽": r"\leq ",
    "⩾": r"\geq ",
    "≠": r"\neq ",
    "∞": r"\infty ",
    "×": r"\cdot ",
    "·": r"\cdot ",
    "⋅": r"\cdot ",
    "∙": r"\cdot ",
    "÷": "/",
    "∕": "/",
    "⁄": "/",
    "±": r"\pm ",
    "∪": r"\cup ",
    "∩": r"\cap ",
    "∈": r"\in ",
    "∅": r"\emptyset ",
    "∖": r"\setminus ",
    "ℝ": r"\mathbb{R}",
    "ℤ": r"\mathbb{Z}",
    "ℕ": r"\mathbb{N}",
    "ℚ": r"\mathbb{Q}",
    "≡": r"\equiv ",
    "⟨": r"\langle ",
    "⟩": r"\rangle ",
    "⌊": r"\lfloor ",
    "⌋": r"\rfloor ",
    "⌈": r"\lceil ",
    "⌉": r"\rceil ",
    "∣": "|",
    "½": r"\frac{1}{2}",
    "⅓": r"\frac{1}{3}",
    "⅔": r"\frac{2}{3}",
    "¼": r"\frac{1}{4}",
    "¾": r"\frac{3}{4}",
    "⅛": r"\frac{1}{8}",
    "⅜": r"\frac{3}{8}",
    "⅝": r"\frac{5}{8}",
    "⅞": r"\frac{7}{8}",
    "∠": r"\angle ",
    "△": r"\triangle ",
    "′": "'",
    "…": r"\ldots ",
    **{
        letter: f"\\{name} "
        for letter, name in zip(
            "αβγδεζηθικλμνξρστφχψωΓΔΘΛΞΠΣΦΨΩπ",
            [
                "alpha",
                "beta",
                "gamma",
                "delta",
                "epsilon",
                "zeta",
                "eta",
                "theta",
                "iota",
                "kappa",
                "lambda",
                "mu",
                "nu",
                "xi",
                "rho",
                "sigma",
                "tau",
                "varphi",
                "chi",
                "psi",
                "omega",
                "Gamma",
                "Delta",
                "Theta",
                "Lambda",
                "Xi",
                "Pi",
                "Sigma",
                "Phi",
                "Psi",
                "Omega",
                "pi",
            ],
            strict=True,
        )
    },
}
_TABLE = str.maketrans(_SIGNS)
_RAISED, _LOWERED = (
    dict(zip(signs, plain, strict=True))
    for signs, plain in (("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n"), ("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
)
_RAISED_RUN, _LOWERED_RUN = (re.compile(f"[{''.join(signs)}]+") for signs in (_RAISED, _LOWERED))


def latin(text: str) -> str:
    """Write Unicode signs, raised and lowered digits as LaTeX."""
    if text.isascii():
        return text
    text = _RAISED_RUN.sub(lambda m: "^{" + "".join(_RAISED[c] for c in m[0]) + "}", text)
    text = _LOWERED_RUN.sub(lambda m: "_{" + "".join(_LOWERED[c] for c in m[0]) + "}", text)
    return text.translate(_TABLE)


_FUNCTIONS = "arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log|exp"
_TYPED = (
    # Powers first: LaTeX takes one character of x^10 for the exponent, which nobody who types it means.
    (re.compile(r"(?<=[\w)}])\*\*(?=[\w({\\-])"), "^"),
    (re.compile(r"\^\s*(-\d+|\d{2,})"), r"^{\1}"),
    (re.compile(r"\^\s*\(([^(){}]*)\)"), r"^{(\1)}"),
    (re.compile(rf"(?<![\\a-zA-Z{{.])({_FUNCTIONS})(?=\s*[(\d\\^_]|\s+[a-z]\b)"), r"\\\1 "),
    (re.compile(r"(?<![\\a-zA-Z{])(?:infinity|inf|oo)(?![a-zA-Z])"), r"\\infty "),
    (re.compile(r"(?<![\\a-zA-Z{])pi(?![a-zA-Z])"), r"\\pi "),
    (re.compile(r"(?<![\\a-zA-Z{])sqrt\s*(\d+)"), r"\\sqrt{\1}"),
    (re.compile(r"(?<=[\d)}a-zA-Z])\s*\*\s*(?=[\d({\\a-zA-Z])"), r" \\cdot "),
    (re.compile(r"(?<=\d)\s*[x]\s*(?=10\s*\^)"), r" \\cdot "),
    (re.compile(r"\.\.\.|\\(?:dots|cdots|dotsc)(?![a-zA-Z])"), r"\\ldots "),
    (re.compile(r"\+\s*[cK]\s*\Z"), "+ C"),  # the constant of integration
    # Notation that no grammar knows.
    (re.compile(r"\\overline\s*\{\s*([A-Z]{2,3})\s*\}"), r"\1"),
    (re.compile(r"\\[lr]v?[vV]ert(?![a-zA-Z])|\\v?vert(?![a-zA-Z])"), "|"),
    (re.compile(r"\\langle(?![a-zA-Z])|\\lang(?![a-zA-Z])"), "("),
    (re.compile(r"\\rangle(?![a-zA-Z])|\\rang(?![a-zA-Z])"), ")"),
    (re.compile(r"\\(?:varnothing|O)(?![a-zA-Z])|\\\{\s*\\\}|(?<![a-zA-Z])\{\s*\}\Z"), r"\\emptyset "),
    (re.compile(r"\\(?:mathbf|bold|Bbb|mathbb)\s*\{?([RZNQC])\}?(?![a-zA-Z])"), r"\\mathbb{\1}"),
    (re.compile(r"\\(?:backslash|smallsetminus)(?![a-zA-Z])"), r"\\setminus "),
    (re.compile(r"\\over(?![a-zA-Z])"), "/"),
    (re.compile(r"\\sqrt\s*\[\s*(\d?[13579])\s*\]\s*\{\s*-\s*(\d+)\s*\}"), r"(-\\sqrt[\1]{\2})"),  # the real root
    (re.compile(r"\\(arc)?tg(?![a-zA-Z])"), r"\\\1tan "),
    (re.compile(r"\\ctg(?![a-zA-Z])"), r"\\cot "),
    (re.compile(r"\\lg(?![a-zA-Z])"), r"\\log_{10}"),
    (re.compile(r"\\cfrac|\\tfrac|\\dfrac"), r"\\frac"),
    (re.compile(r"\\(?:dbinom|tbinom)"), r"\\binom"),
    (re.compile(r"\{\s*([^{}]*?)\s*\\choose(?![a-zA-Z])\s*([^{}]*?)\s*\}"), r"\\binom{\1}{\2}"),
    (re.compile(r"(?:\{\s*\})?\^\s*\{?(\d+)\}?\s*(?:\\mathrm\{C\}|C)\s*_\s*\{?(\d+)\}?"), r"\\binom{\1}{\2}"),
    (re.compile(r"(?:\{\s*\})?_\s*\{?(\d+)\}?\s*(?:\\mathrm\{C\}|C)\s*_\s*\{?(\d+)\}?"), r"\\binom{\1}{\2}"),
)  # fmt: skip
_CHOSEN = re.compile(
    r"(?<![a-zA-Z\\{])(?:\\(?:mathrm|text)\{\s*C\s*\}|C)\s*_\s*\{?(\d+)\}?\s*\^\s*\{?(\d+)\}?|"
    r"(?<![a-zA-Z\\{])nCr\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)"
)
_REPEATING = re.compile(
    r"(?<![\d.,])(\d*)\.(\d*)(?:\\(?:overline|bar|dot)\s*(?:\{(\d+)\}|(\d))|\((\d+)\))(?:\\ldots|\.\.\.)?"
)
_DOTTED = re.compile(r"(?<![\d.,])(\d*)\.(\d{0,8}?)(\d{1,6}?)\3{2,}+\s*(?:\\ldots|\\dots|\\cdots|\.\.\.)")
_CALL = re.compile(r"(?<![\\a-zA-Z{])(sqrt|abs|binom)\s*\(|√\s*\(")


def typed(text: str) -> str:
    r"""Write typed mathematics as LaTeX: ``sqrt(2)`` as ``\sqrt{2}``, ``0.(3)`` as a fraction, ``x^10`` with braces."""
    if not re.search(r"[a-zA-Z^*\\√(]|\.\.", text):
        return text
    text = _REPEATING.sub(_repeating, text)
    text = _DOTTED.sub(_dotted, text)
    text = _calls(text)
    for pattern, plain in _TYPED:
        text = pattern.sub(plain, text)
    return _CHOSEN.sub(_chosen, text)


def _calls(text: str) -> str:
    """Write ``sqrt(...)`` and ``abs(...)`` with the braces and bars of LaTeX, whatever is nested in them."""
    for _ in range(text.count("(")):
        found = _CALL.search(text)
        end = _closing(text, found.end()) if found else None
        if found is None or end is None:
            break
        inside, name = text[found.end() : end], found[1] or "sqrt"
        if name == "binom":
            top, _, bottom = inside.partition(",")
            new = f"\\binom{{{top}}}{{{bottom}}}"
        else:
            new = f"\\sqrt{{{inside}}}" if name == "sqrt" else f"|{inside}|"
        text = text[: found.start()] + new + text[end + 1 :]
    return text


def _closing(text: str, start: int) -> int | None:
    depth = 1
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place
    return None


def _repeating(found: re.Match[str]) -> str:
    return _fraction(found[1] or "0", found[2], found[3] or found[4] or found[5])


def _dotted(found: re.Match[str]) -> str:
    return _fraction(found[1] or "0", found[2], found[3])


def _fraction(whole: str, fixed: str, again: str) -> str:
    """Write a repeating decimal as the fraction that it is: 0.1(6) is (16 - 1)/90."""
    top = int(whole + fixed + again) - int(whole + fixed)
    return f"\\frac{{{top}}}{{{'9' * len(again)}{'0' * len(fixed)}}}"


def _chosen(found: re.Match[str]) -> str:
    """Write a number of combinations; where both stand as indices, the larger is the one chosen from."""
    low, high = sorted((int(found[1] or found[3]), int(found[2] or found[4])))
    return f"\\binom{{{high}}}{{{low}}}"


_SPELLED = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ],
        range(21),
        strict=True,
    )
) | {tens: 10 * n for n, tens in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 3)}


def spelled(text: str) -> int | None:
    """Return the number that a text is in words, 0 to 99: 21 for "twenty-one"; None for anything else."""
    parts = re.split(r"[\s-]+", text.strip().lower())
    values = [_SPELLED.get(part) for part in parts]
    if len(values) == 1:
        return values[0]
    tens, ones = values[0], values[-1]
    if len(values) == 2 and tens is not None and ones is not None and tens >= 20 and tens % 10 == 0 and 0 < ones < 10:
        return tens + ones
    return None
