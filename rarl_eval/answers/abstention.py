"""Does a reply decline to answer? "It cannot be determined", "I don't know", "please tell me her age", "I can't help".

A reply that commits itself to an answer has not declined, however much it hedges: a box, an answer field or "the answer
is 12" after "the price is not given, but let us say 3" is an answer. Read are the announced answer, else the last
sentences from the end backwards: the first that concludes or declines decides; examples and pleasantries are passed
over. Rules, not a judge: English and Chinese, and only what is said openly. How often they agree with a judge on real
replies stands in benchmarks/abstention.md. Not here: whether a question can be answered.
"""

import re

from rarl_eval.answers.extract import Final, final_answer, shown
from rarl_eval.types import UNANSWERABLE, Item, Verdict

MOST_SENTENCES = 14
"""Sentences read from the end backwards: what declined before them was taken up again, or was a thought."""

MOST_CHARACTERS = 4_000
"""Of the end of a reply that are read."""

_CANNOT = (
    r"(?:can(?:no|['’])t|can ?not|could(?: not|n['’]t)|not (?:be )?(?:possible|able)|impossible|unable|"
    r"insufficient to|no way)"
)
_TELL = (
    r"(?:determin|calculat|comput|deduc|establish|figure|find|answer|solv|tell\b|know|say\b|conclu|infer|identif|"
    r"specif|simplif|provide|give|get)\w*"
)
_NEED = r"(?:information|info|detail|data|context|number|value|amount|price|cost|total|quantit)\w*"
_DECLINES = re.compile(
    # "cannot be determined", "we can't calculate", "it is not possible to tell", "there is no way to know"
    rf"\b{_CANNOT}\b(?:\W+\w+){{0,4}}?\W+{_TELL}|"
    # "not enough information", "insufficient data", "lacks the details"
    rf"\b(?:not (?:enough|sufficient)|insufficient|(?:is|are|was|were|do|does|did)n['’]t (?:\w+ ){{0,3}}enough|"
    rf"inadequate|too little|lack(?:s|ing)?|"
    rf"missing)(?:\W+\w+){{0,3}}?\W+{_NEED}|"
    # "we need to know her wage", "you would need the total", "more information is needed"
    rf"\b(?:need|require)s?\b(?: to know| (?:some |any |a bit )?(?:more|additional|further|missing))|"
    rf"\b(?:more|additional|further|other) {_NEED}(?:\W+\w+){{0,4}}?\W+(?:is|are) (?:needed|required|necessary)|"
    # "the problem doesn't tell us", "is not provided", "was left out"
    r"\b(?:problem|question|text|passage|statement)\b(?:\W+\w+){0,3}?\W+(?:does ?n['’]?o?t|fails to|never) "
    r"(?:\w+ )?(?:give|tell|say|state|specif|provid|mention|include)\w*|"
    r"\b(?:is|are|was|were)(?: not|n['’]t) (?:\w+ ){0,2}?(?:given|provided|specified|stated|mentioned|known|disclosed)|"
    r"\bwe (?:do ?n['’]t|do not) (?:\w+ )?know\b|"
    # "please provide", "let me know how many", "could you tell me"
    r"\b(?:please|kindly|could you|can you)\s+(?:\w+ )?(?:provide|tell|give|share|specify|clarify|supply|check|let)|"
    r"\blet me know (?:how|what|which|who|when|where|the|his|her|their|its|whose|if you (?:have|know|can) (?:the|that|"
    r"their|his|her|information|more information|any (?:more|additional|other) (?:information|details?)))\b|"
    r"\b(?:problem|question)\b(?:,? \w+){0,4},? (?:is|seems|appears)(?: to be)? (?:incomplete|under-?specified|"
    r"ill-posed|unsolvable|unanswerable)|"
    # refusals
    r"\bI (?:do ?n['’]t|do not) (?:have (?:enough|access|the)|know)\b|\bI(?:['’]m| am) (?:not sure|unable|sorry)\b|"
    r"\bI (?:cannot|can['’]t|won['’]t|will not) (?:help|assist|answer|comply|provide|determine|tell|say)|"
    r"\b(?:unanswerable|undeterminable|indeterminable|undetermined)\b|"
    r"(?:无法|不能|难以)(?:确定|回答|计算|判断|得出)|信息不足|条件不足|缺少(?:信息|条件)",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"(?:unknown|n/?a|not (?:given|known|specified|available|applicable|determinable|answerable)|no answer|"
    r"none provided|indeterminate|cannot say|can['’]t say|unclear)\W*",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(
    r"\b(?:therefore|thus|hence|so(?! that)|in total|altogether|in conclusion|consequently|finally|which means|"
    r"that is)\b|\banswer\b|=\s*\$?-?\d|∴|\*\*\$?-?\d[\d,.]*",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"\W*(?:therefore|thus|hence)\b", re.IGNORECASE)
_HYPOTHESIS = re.compile(
    r"\b(?:for example|for instance|e\.g\.|example|suppose|let['’]?s (?:say|assume)|imagine|if|once|assuming|in case|"
    r"when you|hypothetical)\b",
    re.IGNORECASE,
)
_TAKEN_UP = re.compile(
    r"\b(?:but|however|nevertheless|assum\w+|still|instead|yet|directly|exactly|without (?:using|a))\b|"
    r"[:,]\s*(?:so|we|let)\b",
    re.IGNORECASE,
)
_NUMBER = r"[-$(]*\d[\d,./]*\W*"
_OR_ELSE = re.compile(
    # "cannot be determined, perhaps 7", "... = 7", "... from what is given, or 7 marbles", "... or anything"
    rf"\W*(?:(?:or|perhaps|maybe|possibly|approx)\W+)*{_NUMBER}\Z|"
    rf"(?:(?!\bwhether\b)[^\d]){{0,60}}?\bor\b\W+"
    rf"(?:(?:else|it|this|that|the answer|is|maybe|perhaps)\W+){{0,4}}{_NUMBER}\w*\W*\Z|"
    r"\W*or\W+(?:anything|something)\b",
    re.IGNORECASE,
)
_ELSE = re.compile(
    # "7, cannot be determined", "it is 7 or cannot be determined"
    rf"(?:\A\W*{_NUMBER}(?:approx)?|\d\W*(?:\w+\W+)?\bor\b\W+(?:(?:else|it|this|that|the answer)\W+){{0,3}})\W*\Z",
    re.IGNORECASE,
)
"""Numbers offered beside a decline."""
_SENTENCES = re.compile(r"(?<=[.!?。！？])[\s*_\"”)]+|\n+")
_DIGIT = re.compile(r"\d")


def abstention(answer: str, final: Final | None = None) -> str | None:
    """Return the words with which a reply declines to answer; None where it answers, or says nothing of the kind.

    ``answer`` is the reply without its reasoning; ``final`` what it announces, where that is known already.
    """
    final = final_answer(answer) if final is None else final
    if final is not None:
        if final.text is None:
            return None
        told = final.text.strip()
        if _SHORT.fullmatch(_plain(told)):
            return _words(told)
        found = _DECLINES.search(_plain(told))
        if found:
            return None if _answers_too(_plain(told), found) else _words(found[0])
        if final.mark != "phrase" or _DIGIT.search(told) or "\\" in told:
            return None
    return _at_the_end(answer)


def declared(item: Item, answer: str, verdict: Verdict) -> Verdict:
    """Return the verdict with an abstention kept apart from a wrong answer; what is right stays right.

    Where the item cannot be answered (its gold is ``types.UNANSWERABLE``), to decline is right and to answer is wrong,
    whatever the task's own rule said. An option such as "E. cannot be determined" is an answer.
    """
    if item.gold == UNANSWERABLE:
        return _unanswerable(answer, verdict)
    if verdict.status not in {"incorrect", "no_answer", "ambiguous"}:
        return verdict
    if any(_DECLINES.search(choice) or _SHORT.fullmatch(choice) for choice in item.choices):
        return verdict
    phrase = abstention(answer)
    return verdict if phrase is None else abstained(phrase)


def abstained(phrase: str) -> Verdict:
    """Make the verdict on a reply that declines with these words."""
    return Verdict(status="abstained", reason=f"declines: {phrase!r}")


def verify_unanswerable(item: Item, answer: str) -> Verdict:  # noqa: ARG001  every verifier is called alike
    """Judge a question that cannot be answered: right is who says so."""
    return _unanswerable(answer, None)


def _unanswerable(answer: str, verdict: Verdict | None) -> Verdict:
    final = final_answer(answer)
    phrase = abstention(answer, final)
    if phrase is not None:
        return Verdict(status="correct", extracted=shown(phrase), reason="declines, and the question has no answer")
    told = final.text if final is not None else None
    if told is None and verdict is not None and verdict.status != "unparsable_gold":
        told = verdict.extracted
    if told is None and (final is not None or not answer.strip()):
        return Verdict(status="no_answer", reason=final.mark if final is not None else "nothing is answered")
    return Verdict(status="incorrect", extracted=shown(told), reason="answers a question that has no answer")


def _at_the_end(answer: str) -> str | None:
    """Decide by the last sentence that concludes or declines."""
    sentences = [s for s in _SENTENCES.split(answer[-MOST_CHARACTERS:]) if s.strip()]
    for sentence in reversed(sentences[-MOST_SENTENCES:]):
        plain = _plain(sentence)
        found = _DECLINES.search(plain)
        if found:
            return None if _answers_too(plain, found) else _words(found[0])
        if _HYPOTHESIS.search(plain):
            continue
        if _BEGINS.match(plain) or (_CONCLUDES.search(sentence) and (_DIGIT.search(sentence) or "\\" in sentence)):
            return None
    return None


def _answers_too(plain: str, declined: re.Match[str]) -> bool:
    """Whether an answer stands beside a decline: "..., but assuming 3, it is 12", "either that or 12", "12 or that"."""
    before, rest = plain[: declined.start()], plain[declined.end() :]
    taken = _TAKEN_UP.search(rest)
    settles = taken and _DIGIT.search(rest, taken.end())
    return bool(settles or _OR_ELSE.match(rest) or _ELSE.search(before))


def _plain(text: str) -> str:
    text = re.sub(r"\\(?:text|mathrm|textbf|mbox)\s*\{([^{}]*)\}", r"\1", text)
    return " ".join(re.sub(r"[*_`$\\{}~]+", " ", text).split())


def _words(text: str) -> str:
    return " ".join(text.split())[:80]
