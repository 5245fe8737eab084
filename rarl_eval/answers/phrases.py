"""Answers that words announce, in many languages: "the answer is 42", "Answer: C", a title "Final Answer".

An announcement commits itself where a value follows it: a number, mathematics, a letter, quoted or stressed words, or
a short text behind a colon. "This answer is correct" and "each answer is worth 5 points" announce nothing. A sentence
that only leads up to a value ("The answer is the sum of both, 12") counts where nothing else is said after it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rarl_eval.answers.fields import Announcement, Final
from rarl_eval.answers.hashes import hashes
from rarl_eval.answers.markdown import Line, Page
from rarl_eval.answers.sentences import closes, one_stressed, sentence, tidy


def announcements(page: Page, options: tuple[str, ...] = ()) -> Iterator[Announcement]:
    """Yield what words and ``####`` announce, the last first; ``options`` are texts that answer the question."""
    low = page.text.lower()
    if len(low) != len(page.text):  # a letter whose small form has two
        low = page.text
    places: list[_Place | Announcement] = [
        place for start, end in _words(low) for place in _announced(page, start, end)
    ]
    places += [*_signs(page), *hashes(page)]
    if "answer" in low or "choice" in low or "option" in low:
        places += _reversed(page)
    for place in sorted(places, key=lambda place: place.start, reverse=True):
        read = place if isinstance(place, Announcement) else _told(page, place, options)
        if read is not None:
            yield read


def _told(page: Page, place: "_Place", options: tuple[str, ...]) -> Announcement | None:
    """Read a place, unless it is said of something else than the answer."""
    if _of_something_else(page, place) or (place.word in _CHOOSING and not _of_the_answer(page, place, options)):
        return None
    return _read(page, place, options)


_NAMES = (
    "answer", "option", "choice", "solution", "antwort", "lösung", "réponse", "reponse", "respuesta", "risposta",
    "resposta", "antwoord", "svaret", "svar", "odpowied", "odpověď", "cevap", "yanıt", "jawaban", "đáp án",
    "câu trả lời",
    "vastaus", "válasz", "ответ", "відповідь", "απάντηση", "الجواب", "الإجابة", "उत्तर", "คำตอบ", "final result",
)  # fmt: skip
_ASCII_NAMES = tuple(name for name in _NAMES if name.isascii())
_IDEOGRAMS = re.compile(
    r"(?:答案|正解|正确(?:答案|选项)|最终答案|最后结果|答)(?:應該|应该|应|應)?(?:是|为|為|选择|选|選|[:：])\s*[:：]?|"
    r"(?:故|应|應|所以|因此|因而|本题|本題)(?:本题|正确答案|答案)?(?:选择|选|選擇|選)\s*[:：]?|"
    r"(?:^|(?<=[\s，,。:：]))(?:选|選)\s*(?=[A-J])|"
    r"(?:最終的な)?(?:答え|解答|回答)(?:は|[:：])\s*|(?:정답|답|최종 답)(?:은|는|\s*[:：])\s*",
    re.MULTILINE,
)
_IS = (
    r"(?:is|are|was|would be|must be|should be|will be|comes (?:out )?to|equals|ist|lautet|wäre|est|serait|es|"
    r"sería|è|é|"
    r"är|brzmi)"
)
_SPOKEN = re.compile(
    # "the answer is", "the correct option would be", "answer = ", "the answer to this question is"
    r"s?\b(?:\s+(?:choice|correct[ae]?|richtige?|juste|finale?))?"
    r"(?:\s+(?:to|for|of|in)\s+(?:this|the|your|our)\s+(?:\w+ )?(?:question|problem|exercise|case))?"
    rf"(?:,?\s+(?:then|therefore|thus|hence|here)\b,?)?\s*(?:\b{_IS}(?!\w)|=|[—–](?= ))\s*:?",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:^|[.!?:*|)…])[ \t>#*_]*(?:(?:the|my|so|thus|therefore|hence|die|la|le|el|o|a|il)[,\s]+)*"
    r"(?:(?:final|correct|right|best|short|direct|numeric(?:al)?|selected|chosen|predicted|richtige|korrekte|"
    r"endgültige|bonne|finale?|correcta|corretta|correta|endelig|окончательный|правильный)\s+)?\Z",
    re.IGNORECASE,
)
_COLON = re.compile(
    r"(?:\s+(?:finale?|correct[ae]?|choice))?(?:\s+to (?:the|this) (?:question|"
    r"problem))?(?:\s*\([^()\n]{0,40}\))?[*_`\s]*"
    r"(?:[:：|]|->|→|[—–](?= )|(?<= )-(?= ))[*_ \t]*",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"[*_ \t]*$", re.MULTILINE)
_LETTER_A = re.compile(r"^[ \t]*A[ \t]*:[ \t]*", re.MULTILINE)


@dataclass(frozen=True)
class _Place:
    """Where words announce something."""

    start: int
    end: int
    titled: bool
    """By a colon or a title, not by a verb."""
    final: bool = False
    word: str = ""


def announces(text: str) -> bool:
    """Whether a text can announce anything at all."""
    if "####" in text or next(_words(text.lower()), None) is not None or _LETTER_A.search(text):
        return True
    return not text.isascii() and _IDEOGRAMS.search(text) is not None


def _words(low: str) -> Iterator[tuple[int, int]]:
    """Yield where words for an answer stand in a text of small letters."""
    for name in _ASCII_NAMES if low.isascii() else _NAMES:
        at = low.find(name)
        while at >= 0:
            if not (at and low[at - 1].isalnum() and low[at - 1].isascii()):
                yield at, at + len(name)
            at = low.find(name, at + len(name))


def _announced(page: Page, start: int, end: int) -> Iterator[_Place]:
    """Yield the announcement that a word makes with what stands around it, if it makes one."""
    line = page.lines[page.line_at(start)]
    before = page.text[max(line.start, start - 80) : start]
    word = page.text[start:end].lower()
    final = re.search(r"final|correct|endgültig", before, re.IGNORECASE) is not None or word == "final result"
    spoken = _SPOKEN.match(page.text, end)
    if spoken and word not in {"solution", "svar"}:
        yield _Place(start, spoken.end(), titled=False, final=final, word=word)
    titled = _BEFORE.search(before)
    colon = titled and (_COLON.match(page.text, end) or _LINE_END.match(page.text, end))
    if colon and (colon.re is _COLON or line.text.startswith(before.strip())) and not (spoken and word == "option"):
        yield _Place(start, colon.end(), titled=True, final=final, word=word)


def _signs(page: Page) -> Iterator[_Place]:
    """Yield announcements that no word of an alphabet makes: "A:", and those of Chinese, Japanese and Korean."""
    text = page.text
    if "A:" in text or "A :" in text:
        for found in _LETTER_A.finditer(text):
            if not re.search(r"^[ \t]*B[ \t]*:", text, re.MULTILINE):
                yield _Place(found.start(), found.end(), titled=True)
    if not text.isascii():
        for found in _IDEOGRAMS.finditer(text):
            yield _Place(found.start(), found.end(), titled=False, final="最" in found[0])


_OTHERS = re.compile(
    r"\b(?:each|every|any|per|wrong|incorrect|another|previous|initial|other|if|whether|assuming|suppose|"
    r"student['’]?s?|"
    r"checks?(?: (?:if|that))?|verify(?: (?:if|that))?)\W+(?:\w+\W+){0,2}\Z|\bno\s+(?:\w+\s+)?\Z",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\W*(?:p\.?s\.?|note|nb|remark|caveat|disclaimer|hint|confidence|certainty|anmerkung|hinweis|remarque|nota|注|备注)\b"
    r"[\w ]{0,20}[:：\-–—]",
    re.IGNORECASE,
)


def _of_something_else(page: Page, place: _Place) -> bool:
    """Whether it is said of any answer, in a condition, in an aside, or in a program."""
    line = page.lines[page.line_at(place.start)]
    clause = re.split(r"[.;:!?\n]", page.text[max(line.start, place.start - 60) : place.start])[-1]
    if _HYPOTHETICAL.match(page.text, place.start) and re.search(
        r"\bif\b", page.text[line.start : place.start][-160:], re.IGNORECASE
    ):
        return True
    return line.kind == "code" or _OTHERS.search(clause) is not None or _ASIDE.match(line.text) is not None


_HYPOTHETICAL = re.compile(r"\w+ (?:would|could|might) be\b", re.IGNORECASE)
_CHOOSING = {"option", "choice"}
_THE_ONE = re.compile(
    r"\b(?:correct|right|best|final|my|selected|chosen|answer|appropriate|likely|suitable)\s*\Z", re.IGNORECASE
)
_ANY_ONE = re.compile(
    r"\b(?:an?|another|one|convenient|natural|good|simple|possible|second|next|last)\s+(?:\w+\s+)?\Z", re.IGNORECASE
)


def _of_the_answer(page: Page, place: _Place, options: tuple[str, ...]) -> bool:
    """Whether "choice" or "option" means the answer: "a convenient choice is t = 6" does not."""
    before = page.text[max(0, place.start - 40) : place.start]
    return place.titled or _THE_ONE.search(before) is not None or (bool(options) and _ANY_ONE.search(before) is None)


_COMMENT = re.compile(
    r"(?:\W|\b(?:also|indeed|therefore|thus|very|quite|always|then)\b)*(?:correct|right|wrong|incorrect|worth|"
    r"reasonable|valid|"
    r"consistent|found|obtained|given|in (?:the|a|its|simplest)|as follows|based|confirmed|verified|plausible|"
    r"below|above|"
    r"rounded|expressed|written|clear|simple|straightforward|within|supported|likely|marked|graded|calculated|derived|"
    r"determined|computed|helpful|positive integer|what|how|why|left|to\b)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(r"[-+−]?\d+ (?:points?|marks?)\b,")  # a rule of scoring: "correct answer = 5 points, ..."
_DIRECT = re.compile(
    r"(?:[\s\"'“”‘’(\[{≈~*_=:]|[$€£¥](?=\s?[-\d.\\])|\\[\[($]|\b(?:about|approximately|roughly|exactly|around|"
    r"option|choice|letter|"
    r"answer|simply|just|clearly|indeed|therefore|thus|x|ist|est|es|is|either|both|between|maybe|perhaps|possibly|"
    r"probably|most|likely|actually|really|still|now|not|equal|to|a total of|given by)\b)*"
    r"(?:[-+−±]?\s?(?:[$€£¥₹]|US\$|USD|EUR|CHF|GBP|Rs\.?)?\s?[-−]?\.?\d|\$|\\[a-zA-Z(\[]|[√∞π∅]|"
    r"[(\[][A-Ja-j][)\]]|[A-J](?=[\s.):,;*]*(?:$|\n))|"
    r"[A-J][).:,](?!\d)|[A-J](?=\s+(?:because|since|as|and|or|with|weil|car|porque|[–—(-]))|[a-zA-Z](?:\([a-z]\))?\s*=|"
    r"['\"`\[{]|(?:yes|no|true|false|none|unknown|undefined|infinity|infinite|impossible|indeterminate|zero|"
    r"one|two|three|"
    r"four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    r"twenty|thirty|forty|fifty|hundred|ja|nein|oui|non|sí)\b)",
)
_REASONS = re.compile(
    r"\W*(?:to (?:\w+ )?(?:find|solve|determine|calculate|answer|get|compute|figure)|let['’]?s?\b|we (?:need|"
    r"know|have|can|are|first|start)|"
    r"first(?:ly)?\b|step\b|given\b|since\b|start\b|we['’]re\b|here['’]?s\b|here is how|i(?:'ll| will|"
    r" need)\b|first of all|"
    r"in order to|um\b|zuerst|pour\b|d'abord|para\b|首先|要)",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(
    r"\W*(?:explanation|reason(?:ing|s)?|justification|because|why|rationale|note|solution|details?|proof|"
    r"check|verification|"
    r"begründung|erklärung|explication|explicación|解析|解释|说明|here['’]?s (?:how|why)|this is because)\b",
    re.IGNORECASE,
)
MOST_WORDS = 14
"""Words of a text that a colon announces as the answer itself; a longer one is a sentence about it."""


def _read(page: Page, place: _Place, options: tuple[str, ...]) -> Announcement | None:
    """Read what follows an announcement, on its line or the next."""
    text = page.text
    start = _LEAD.match(text, place.end).end()  # type: ignore[union-attr]  # it matches the empty text
    if start >= len(text):
        return Announcement(place.start, Final(None, "answer cut off"), commits=True)
    if not place.titled and "\n" in text[place.end : start] and ":" not in text[place.start : start]:
        return None
    number = page.line_at(start)
    line = page.lines[number]
    content, at = _content(page, number, start)
    told = sentence(content[:MOST_CHARACTERS])
    if not place.titled and (_COMMENT.match(told) or _POINTS.match(told)) and not _leads(told, options):
        return None
    follows = page.lines[number + 1 : number + 1 + MOST_LINES]
    final = Final(tidy(_stressed(line, told, at)), "phrase")
    commits = _commits(told, line, at, options) or (place.titled and _states(place, told, follows))
    if not commits and not all(map(closes, follows)) and not (follows and _EXPLAINED.match(follows[0].text)):
        return None  # a title above a whole solution, or a sentence in the midst of one
    return Announcement(place.start, final, commits=commits)


MOST_CHARACTERS = 2_000
"""Of a line that are read as an answer."""
MOST_LINES = 12
"""Lines behind an announcement that may all be notes and pleasantries."""
_LEAD = re.compile(r"[ \t:*_|=\n]*")


def _content(page: Page, number: int, start: int) -> tuple[str, int]:
    """Return what stands from a position to the end of its line, or short items of a list, and where in the line."""
    line = page.lines[number]
    at = start - line.start
    if line.kind == "item" and at == 0:
        items = [line.text]
        for other in page.lines[number + 1 :]:
            if other.kind != "item" or len(other.text) > 60 or len(items) > 20:
                break
            items.append(other.text)
        if len(items) > 1 and len(line.text) <= 60:
            return "\n".join(items), at
    return line.text[at:], at


def _leads(told: str, options: tuple[str, ...]) -> bool:
    plain = told.lower().lstrip(" \"'“‘*_(")
    return any(plain.startswith(option.lower().strip()) for option in options if option.strip())


def _commits(told: str, line: Line, at: int, options: tuple[str, ...]) -> bool:
    """Whether a value follows at once."""
    stressed = any(start <= at + 1 and at < end for start, end in line.strong)
    return bool(_DIRECT.match(told)) or (stressed and len(told.split()) <= MOST_WORDS) or _leads(told, options)


def _states(place: _Place, told: str, follows: tuple[Line, ...]) -> bool:
    """Whether what a title or colon announces is an answer, not the beginning of a solution."""
    if _REASONS.match(told):
        return False
    ends = all(map(closes, follows)) or _EXPLAINED.match(follows[0].text) is not None
    if place.word == "solution":
        return ends and len(told.split()) <= MOST_WORDS and not told.rstrip().endswith(":")
    return ends or place.final


def _stressed(line: Line, told: str, at: int) -> str:
    """Of a sentence, take its one stressed value: "can mine **43,200 pounds** of ore"."""
    if len(told.split()) < 4:
        return told
    spans = [(start - at, end - at) for start, end in line.strong if start >= at and end - at <= len(told)]
    return one_stressed(told, spans) or told


_IS_THE_ANSWER = re.compile(
    r"(?<!\s)\s+(?:is|are|seems|must be|would be)\s+(?:(?:therefore|thus|indeed|clearly|probably|most likely|likely|"
    r"also|hence)\s+)?(?:the\s+)?"
    r"(?:(?:final|correct|right|best|most \w+)\s+)?(?:answer|option|choice)\b(?!\s+(?:to|for|of)\s+(?!th(?:e|is)\b))",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:^|[\s,:])(?:(?:option|choice|answer|letter)\s+)?([(\[]?[A-J][)\].:]?(?:\s+[^\n.!?,;:]{1,60})?|"
    r"\$?-?[\d.,]+%?|\\\(.{1,60}\\\)|\$.{1,60}\$)$"
)


def _reversed(page: Page) -> Iterator[Announcement]:
    """Read "(C) Vitamin C is the correct answer"."""
    for found in _IS_THE_ANSWER.finditer(page.text):
        line = page.lines[page.line_at(found.start())]
        before = page.text[max(line.start, found.start() - 120) : found.start()]
        clause = re.split(r"(?<=[.!?])\s+(?=[A-Z(])", before)[-1]
        subject = _SUBJECT.search(clause.rstrip())
        if subject and not _OTHERS.search(clause) and line.kind != "code" and not re.search(r"\bnot\b", found[0]):
            yield Announcement(found.start(), Final(tidy(subject[1]), "phrase"), commits=True)
