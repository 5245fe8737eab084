"""Judges with a prompt and a verdict of their own, as data: ``template:FORM:ADAPTER:NAME``, FORM a name or a TOML file.

A form says what is asked (``prompt``, with {question}, {response}, {reference}, {first}, {second} or {steps} in it),
where the verdict stands in the reply (``verdict``, an expression with one group; the last match counts) and what it
means: ``pass`` and ``fail`` words, a ``scale`` of numbers, or ``first``, ``second`` and ``tie`` of a pair. The shipped
ones name the public source of their form; their words are ours. Not here: how judges are reached (judging.py).
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.plain import digest
from rarl_eval.models import Model
from rarl_eval.rewards import Case, Group, Kind, Reach, RewardSource, cases
from rarl_eval.rewards.judges import pair_asks, pair_entries, response_of, steps_of
from rarl_eval.rewards.judging import VERSION, Ask, describe, open_judge, put
from rarl_eval.rewards.questions import question_text
from rarl_eval.rewards.steps import join_steps
from rarl_eval.runs.added import Entry
from rarl_eval.types import Item, Message

Words = tuple[str, ...]


class JudgeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a judge is asked and how its reply is read."""

    kind: Literal["pointwise", "pairwise", "steps"]
    source: str
    """Where the form was published."""
    prompt: str
    verdict: str
    """Regular expression, case aside, ``^`` and ``$`` at lines; its first group that matched is the verdict."""
    system: str = ""
    passes: Words = msgspec.field(default=(), name="pass")
    fails: Words = msgspec.field(default=(), name="fail")
    scale: tuple[float, float] | None = None
    """Lowest and highest mark, moved to 0 and 1."""
    first: Words = ()
    second: Words = ()
    tie: Words = ()
    step: str = "Step {n}: {text}"
    """How a step is shown, for forms of steps: a verdict for each, none needed after the first that fails."""


_NEEDS = {"pointwise": ("question", "response"), "pairwise": ("question", "first", "second"), "steps": ("steps",)}
_PLACES = re.compile(r"\{(question|response|reference|first|second|steps|n|text)\}")


def open_template(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``template:FORM:ADAPTER:NAME``."""
    named, _, judge = argument.partition(":")
    text, form = read_form(named)
    model = open_judge(judge, reach, f"{registered}:{named}")
    title = Path(named).stem if named.endswith(".toml") else named
    kind = Kind(
        name=reach.name or f"{title}:{model.describe()['name']}",
        judge="generative",
        grain="process" if form.kind == "steps" else "outcome",
        meaning="preference" if form.kind == "pairwise" else "accuracy",
    )
    pairs = form.kind == "pairwise"
    opened = {"pointwise": _pointwise, "pairwise": _pairwise, "steps": _steps}[form.kind]
    identity = {
        "form": registered,
        "template": title,
        "text": digest(text),
        "model": describe(model),
        "version": VERSION,
    }
    return RewardSource(
        kind=kind,
        score=lambda groups: opened(groups, form, kind, model, reach),
        identity=identity,
        whole=pairs,
        pairs=pairs,
        close=model.close,
    )


def shipped() -> list[str]:
    """Names of the forms that ship."""
    folder = resources.files("rarl_eval.rewards") / "forms"
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


def read_form(named: str) -> tuple[str, JudgeForm]:
    """Read a form by its shipped name or its file: its text, and what it says. Raises BadInput naming what is wrong."""
    if named.endswith(".toml"):
        if not Path(named).is_file():
            raise BadInput(f"the form {named} does not exist; check the path")
        text = Path(named).read_text("utf-8")
    elif named in shipped():
        text = (resources.files("rarl_eval.rewards") / "forms" / f"{named}.toml").read_text("utf-8")
    else:
        raise BadInput(f"no form is called {named!r}; there are {', '.join(shipped())}, or name a .toml file")
    try:
        form = msgspec.convert(tomllib.loads(text), JudgeForm)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"the form {named} cannot be read: {error}") from error
    _check(named, form)
    return text, form


def read_reply(form: JudgeForm, reply: str) -> str | None:
    """Return the verdict that a reply ends with, in the form's words turned into ours; None where none stands there.

    ``correct`` or ``incorrect``, a number, or ``A``, ``B`` and ``TIE``; for steps, one word for each that was judged.
    """
    found = [next((g for g in m.groups() if g is not None), "") for m in _expression(form).finditer(reply)]
    if form.kind == "steps":
        told = [_word(form, one) for one in found]
        return " ".join(word for word in told if word) if told and None not in told else None
    return _word(form, found[-1]) if found else None


def _word(form: JudgeForm, found: str) -> str | None:
    ours = {"correct": form.passes, "incorrect": form.fails, "A": form.first, "B": form.second, "TIE": form.tie}
    said = found.strip().casefold()
    if form.scale is not None:
        mark = float(said) if re.fullmatch(r"\d{1,4}(?:\.\d{1,4})?", said) else None
        return said if mark is not None and form.scale[0] <= mark <= form.scale[1] else None
    return next((word for word, theirs in ours.items() if said in {t.casefold() for t in theirs}), None)


def _pointwise(groups: Iterable[Group], form: JudgeForm, kind: Kind, model: Model, reach: Reach) -> Iterator[Entry]:
    def questions() -> Iterator[tuple[Case, list[Ask]]]:
        for case in cases(groups):
            shown = {"response": response_of(case)}
            yield case, _asks(form, case.item, shown)

    for case, judged in put(model, questions(), reach, lambda _, reply: read_reply(form, reply)):
        if not judged:
            yield kind.missing(case, "the form shows a reference answer, and the item has none")
            continue
        judgement = judged[0][1]
        yield kind.entry(
            case, _score(form, judgement.verdict), judgements=[judgement], failed=judgement.error is not None
        )


def _score(form: JudgeForm, verdict: str | None) -> float | None:
    if verdict is None:
        return None
    if form.scale is None:
        return {"correct": 1.0, "incorrect": 0.0}[verdict]
    low, high = form.scale
    return (float(verdict) - low) / (high - low)


def _pairwise(groups: Iterable[Group], form: JudgeForm, kind: Kind, model: Model, reach: Reach) -> Iterator[Entry]:
    def messages(item: Item, first: str, second: str) -> tuple[Message, ...]:
        return _messages(form, item, {"first": first, "second": second})

    asked = ((group, pair_asks(group, messages)) for group in groups)
    for group, judged in put(model, asked, reach, lambda _, reply: read_reply(form, reply)):
        yield from pair_entries(kind, group, judged)


def _steps(groups: Iterable[Group], form: JudgeForm, kind: Kind, model: Model, reach: Reach) -> Iterator[Entry]:
    def questions() -> Iterator[tuple[Case, list[Ask]]]:
        for case in cases(groups):
            steps = steps_of(case, reach.steps)
            lines = [_filled(form.step, {"n": str(n), "text": step}) for n, step in enumerate(steps, start=1)]
            yield case, _asks(form, case.item, {"steps": "\n".join(lines)}, len(steps)) if steps else []

    def read(ask: Ask, reply: str) -> str | None:
        verdict = read_reply(form, reply)
        return None if step_scores(verdict, ask.subject) is None else verdict

    for case, judged in put(model, questions(), reach, read):
        scores = step_scores(judged[0][1].verdict, judged[0][0].subject) if judged else None
        failed = any(j.error is not None for _, j in judged)
        joined = join_steps(scores, reach.aggregate) if scores else None
        yield kind.entry(case, joined, scores, [j for _, j in judged], failed=failed)


def step_scores(verdict: str | None, steps: int) -> list[float] | None:
    """Scores of the steps (k,): 1 or 0 as judged, 0 after a fault where judging stopped; None for another number."""
    told = [float(word == "correct") for word in verdict.split()] if verdict else []
    if not told or len(told) > steps or (len(told) < steps and told[-1] != 0):
        return None
    return told + [0.0] * (steps - len(told))


def _asks(form: JudgeForm, item: Item, shown: dict[str, str], subject: int = 0) -> list[Ask]:
    """One question; none where the form shows a reference that the item lacks."""
    if "{reference}" in form.prompt and not item.gold:
        return []
    return [Ask(part=form.kind, messages=_messages(form, item, shown), subject=subject)]


def _messages(form: JudgeForm, item: Item, shown: dict[str, str]) -> tuple[Message, ...]:
    filled = _filled(form.prompt.strip(), {"question": question_text(item), "reference": item.gold, **shown})
    system = (Message(role="system", content=form.system),) if form.system else ()
    return (*system, Message(role="user", content=filled))


def _filled(text: str, shown: dict[str, str]) -> str:
    """Put texts into their places, once: what a response says of places stays as it is."""
    return _PLACES.sub(lambda place: shown.get(place[1], place[0]), text)


def _expression(form: JudgeForm) -> re.Pattern[str]:
    return re.compile(form.verdict, re.IGNORECASE | re.MULTILINE)


def _check(named: str, form: JudgeForm) -> None:
    missing = [place for place in _NEEDS[form.kind] if f"{{{place}}}" not in form.prompt]
    if missing:
        raise BadInput(f"the form {named} shows no {{{missing[0]}}} in its prompt, as a {form.kind} one must")
    try:
        groups = _expression(form).groups
    except re.error as error:
        raise BadInput(f"the form {named} has a verdict that is no regular expression: {error}") from error
    meant = {"pairwise": form.first and form.second, "steps": form.passes and form.fails}
    told = meant.get(form.kind, (form.passes and form.fails) or form.scale)
    if not groups or not told or (form.scale and form.scale[0] >= form.scale[1]):
        needs = "first and second" if form.kind == "pairwise" else "pass and fail, or a scale"
        raise BadInput(f"the form {named} must say which words of its verdict's group mean what: {needs}")
