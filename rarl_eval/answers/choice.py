"""Judge the answer to a multiple-choice question: an option's letter, its text, or both if they agree.

Two letters, a letter beside another option's text, or all options listed again are ``ambiguous``.
"""

import re
import string

from rarl_eval.answers.extract import final_answer, shown, tidy
from rarl_eval.answers.markdown import Line, read
from rarl_eval.answers.numeric import repeats_question
from rarl_eval.answers.sentences import closes
from rarl_eval.types import Item, Status, Verdict

_ALONE = re.compile(r"^\W*(?:(?:option|choice|answer|letter)\s*)?[(\[]?([A-Za-z])[)\]]?\W*$", re.IGNORECASE)
_LEADING = re.compile(
    r"^[^\w(\[]*(?:(?:option|choice|answer|letter)\s+)?(?:[(\[]([A-Z])[)\]]|([A-Z])(?=\s*(?:[().:,;–—-]|\*\*)))"
)
# A letter that names an option: in brackets or bold, before a mark, or alone; "A" and "I" where no word is meant.
_NAMED = re.compile(
    r"[(\[]([A-Z])[)\]]|\*\*([A-Z])[).:]?\*\*|\b(?:option|choice|answer)\s+([A-Z])\b|(?<![\w'’])([B-HJ-Z])(?![\w'’])|"
    r"(?<![\w'’])([AI])(?=\s*(?:[().:,;=/*&+|]|\Z|or\b|and\b|[A-J](?![\w'’]|\s+[a-z])))|(?:\b(?:or|and|either|is|be)|"
    r"[=/,])\s*([AI])(?![\w'’]|\s+[a-z])"
)
_ENDS = re.compile(r"\b(?:not|can't|cannot|because|since|rather than|instead of|whereas|while|unlike)\b", re.IGNORECASE)
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mathsf)\s*\{([^{}]*)\}")


def verify_choice(item: Item, answer: str) -> Verdict:
    """Judge by the option's letter; ``item.gold`` is a letter and ``item.choices`` the options in order."""
    letters = string.ascii_uppercase[: len(item.choices)]
    gold = item.gold.strip().upper()
    if len(gold) != 1 or gold not in letters:
        return Verdict(status="unparsable_gold", reason=f"gold {item.gold!r} is none of the letters {letters}")
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    text, mark = _span(answer, item.choices)
    if text is None:
        return Verdict(status="no_answer", reason=mark)
    told = "".join(sorted(chosen(text, item.choices)))
    if len(told) != 1 and mark in {"whole answer", "last line"}:
        told = _concluded(text, item.choices) or told
    if told in {"", "?"}:
        return Verdict(status="no_answer", extracted=shown(text), reason=f"{mark}: no option of {letters}")
    if len(told) > 1:
        return Verdict(status="ambiguous", extracted=shown(text), reason=f"{mark}: options {told}")
    status: Status = "correct" if told == gold else "incorrect"
    return Verdict(status=status, extracted=told, reason=f"{mark}: {told}, gold is {gold}")


def _span(answer: str, choices: tuple[str, ...]) -> tuple[str | None, str]:
    final = final_answer(answer, choices)
    if final is not None:
        return final.text, final.mark
    page = read(answer)
    text = page.text.strip()
    if not text:
        return None, "empty"
    stressed = _stressed(page.lines[-1])
    if stressed:
        return stressed, "stressed letter"
    if len(text) <= 200:
        return text, "whole answer"
    lines = [line.text for line in page.lines if not closes(line)] or [line.text for line in page.lines]
    listed = {found[1] or found[2] for found in map(_LEADING.match, lines) if found}
    if len(listed) > 1:
        lines = [line for line in lines if not _LEADING.match(line)]
        if not lines:
            return " or ".join(sorted(listed)), "options listed again"
    first, last = lines[0], lines[-1]
    return (first, "first line") if _LEADING.match(first) or _ALONE.match(first) else (last, "last line")


_CONCLUSION = re.compile(
    r"\s*(?:so|therefore|thus|hence|in conclusion|consequently|it must|also ist|donc|por lo tanto)\b", re.IGNORECASE
)


def _concluded(text: str, choices: tuple[str, ...]) -> str | None:
    """Return the one letter that a last sentence such as "So it must be (C)" names, after others were talked of."""
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])|\n", text.strip())
    concludes = _CONCLUSION.match(sentences[-1]) if len(sentences) > 1 else None
    told = chosen(sentences[-1][concludes.end() :].strip(" ,"), choices) if concludes else set()
    return "".join(told) if len(told) == 1 else None


def _stressed(line: Line) -> str | None:
    """Return the letters that a line stresses: "C" of "so **C** is right", "B or C" of "**B** / **C**"."""
    found = [_ONE_LETTER.match(line.text[start:end]) for start, end in line.strong]
    spans = [span for span, letter in zip(line.strong, found, strict=True) if letter]
    if spans and _ENDS.search(line.text[spans[0][1] : spans[-1][0]]):  # **B** is right, while **A** is not
        found = found[:1]
    letters = dict.fromkeys(letter[1] for letter in found if letter)
    return " or ".join(letters) or None


_ONE_LETTER = re.compile(r"\W*(?:option\s+)?[(\[]?([A-J])(?:[)\]]\W*|[.:]?\W*$|[.:]\s.*)$", re.IGNORECASE)


def chosen(text: str, choices: tuple[str, ...]) -> set[str]:
    """Return the letters of the options that a final span chooses; empty if it chooses none, several if unclear."""
    letters = set(string.ascii_uppercase[: len(choices)])
    span = _BUT.sub("", _unspaced(tidy(_LATEX_TEXT.sub(r"\1", text)).strip("$ ")))
    if _REJECTS.search(span):
        return set()
    alone = _ALONE.match(span)
    if alone and alone[1].upper() in letters:
        return {alone[1].upper()}
    same = _by_text(span, choices, whole=True)
    if same:
        return same
    leading = _LEADING.match(span)
    if leading and (leading[1] or leading[2]) in letters:
        return _with_beside(leading[1] or leading[2], span[leading.end() :], choices)
    rest = _ENDS.split(span)[0]
    found = _letters(_without_options(rest, choices)) & letters
    return (found or _by_text(rest, choices)) | (
        {"?"} if re.search(r"\bor\b", _without_options(rest, choices)) else set()
    )


_BUT = re.compile(r"^(?:is\s+)?not\s+(?:option\s+)?\(?[A-Z]\)?[^.\n]{0,60}?\bbut\s+(?:rather\s+)?", re.IGNORECASE)
"""Of "not B but C" what is said is C."""
_REJECTS = re.compile(
    r"\b(?:rules?|ruled|ruling)\s+(?:out\s+)?(?:option\s+)?\(?[A-J]\)?(?:\s+out)?\W*\Z|"
    r"\b(?:eliminat\w+|exclud\w+|reject\w*)\s+(?:option\s+)?\(?[A-J]\)?\W*\Z",
)
_IDEOGRAM = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_BESIDE_IDEOGRAMS = re.compile(rf"(?<={_IDEOGRAM})(?=[A-J])|(?<=[A-J])(?={_IDEOGRAM})")


def _unspaced(text: str) -> str:
    """Part letters from the words of languages that write no spaces: "B입니다"."""
    return text if text.isascii() else _BESIDE_IDEOGRAMS.sub(" ", text)


def _with_beside(letter: str, rest: str, choices: tuple[str, ...]) -> set[str]:
    """Return a leading letter, and what the text beside it says else: other letters, another option's words."""
    own = string.ascii_uppercase.index(letter)
    beside = rest.strip(" ).:-–—*")
    if _plain(beside) == _plain(choices[own]):
        return {letter}
    other = _by_text(_ENDS.split(beside)[0].strip(" ()"), choices, whole=True)
    without = _without_options(_ENDS.split(rest)[0], (choices[own],))
    letters = _letters(without) & set(string.ascii_uppercase[: len(choices)])
    offers = {"?"} if re.search(r"\bor\b", without) and not _by_text(beside, (choices[own],)) else set()
    return {letter} | other | letters | offers


def _letters(text: str) -> set[str]:
    return {letter for groups in _NAMED.findall(text) for letter in groups if letter}


def _without_options(text: str, choices: tuple[str, ...]) -> str:
    """Take the options' own words out, so that letters and "or" inside of them are not read as choices."""
    for choice in sorted(choices, key=len, reverse=True):
        if len(choice) > 2:
            text = re.sub(re.escape(choice), " ", text, flags=re.IGNORECASE)
    return text


def _by_text(span: str, choices: tuple[str, ...], *, whole: bool = False) -> set[str]:
    """Options whose text the span is, or holds as whole words; of two where one holds the other, the longer."""
    told = _plain(span)
    plain = [_plain(choice) for choice in choices]
    same = {string.ascii_uppercase[i] for i, option in enumerate(plain) if option and option == told}
    if same or whole:
        return same
    held = [i for i, option in enumerate(plain) if option and re.search(rf"(?<!\w){re.escape(option)}(?!\w)", told)]
    longest = [i for i in held if not any(plain[i] != plain[j] and plain[i] in plain[j] for j in held)]
    return {string.ascii_uppercase[i] for i in longest}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s.%/+<>=-]", " ", text.lower()).split()).strip(" .")
