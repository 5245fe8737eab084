"""Which item does each row of a file answer, and how far is that proved? One decision a row, and what they come to.

Row by row it is identity.py that decides. Here stands what only a whole file can tell: a prompt that every row repeats
is a template, rows without ids or texts may be in the benchmark's order, and golds that agree throughout are evidence.
Outputs are gone through once and not kept.
"""

import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.identity.answers import log_chance, right
from rarl_eval.identity.beyond import beyond
from rarl_eval.identity.decide import Decision, How, State, decide
from rarl_eval.identity.evidence import OfRow, of_row, said_by
from rarl_eval.identity.golds import agrees
from rarl_eval.identity.index import ItemIndex
from rarl_eval.importers.outputs import Output
from rarl_eval.types import Benchmark

STATES: tuple[State, ...] = ("proved", "consistent", "contradicted", "unmatched")
MOST = 0.02
"""A file of whose rows that name an item a larger share contradicts it is of another benchmark or version."""
CHANCE = 1e-3
"""Golds that would all agree with the items' by chance this seldom are evidence for ids or row numbers."""
EXAMPLES = 3
ROWS = 3
"""Different texts beyond a question from which on they are no scaffold."""


class ShownRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row and what became of it."""

    where: str
    item: str | None = None
    """Id of the item that it was held against."""
    how: How | None = None
    why: str = ""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is proved that the rows of a run are answers to its items."""

    rows: int
    proved: int = 0
    """Question and gold agree, or the row names its item by content hash."""
    consistent: int = 0
    """Nothing that the row carries contradicts the item, and not enough is there to prove it."""
    contradicted: int = 0
    unmatched: int = 0
    alone: int = 0
    """Of the consistent ones those that an id or a row number alone names: not joined unless on trust."""
    on_trust: int = 0
    """Rows joined because the user said so: by an id or a row number alone, or against what they carry."""
    examples: dict[str, tuple[ShownRow, ...]] = {}
    """The first rows of each state."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """One decision for each output of a file, in order."""

    decisions: tuple[Decision, ...]
    places: tuple[str, ...]
    """Where each output stands."""
    models: tuple[str | None, ...]
    """Which model each output names."""
    trusted: bool = False

    @property
    def how(self) -> How:
        """What found most items."""
        found = Counter(d.how for d in self.decisions if d.how is not None and d.item is not None)
        return max(found, key=lambda how: found[how]) if found else "content"

    def joined(self, decision: Decision) -> bool:
        """Whether a row with this decision is judged."""
        return decision.item is not None and (self.trusted or _believed(decision))


def match(outputs: Iterable[Output], benchmark: Benchmark, *, trusted: bool = False) -> Matched:
    """Decide on every output of a file; with ``trusted`` ids and row numbers are believed."""
    index = ItemIndex(benchmark)
    found = _Found()
    row: OfRow | None = None
    for place, output in enumerate(outputs):
        row = row if row is not None and row.row is output.row else of_row(output.row)
        said = said_by(output, row)
        decision = decide(output, index, said)
        if output.vouched and bare(decision):
            decision = msgspec.structs.replace(decision, evidence=True)
        found.add(output, decision)
        if output.named and not trusted and decision.item is not None and bare(decision):
            found.answered[place] = right(benchmark, decision.item, output)
        bare_said = said._replace(prompt=None)
        if bare_said.silent:
            found.silent[place] = said.gold
        elif decision.item is not None and decision.state != "contradicted":
            found.more[place] = beyond(said, decision.item, index)
        if said.prompt is not None and decision.state in {"contradicted", "unmatched"}:
            found.prompts[place] = (hash(said.prompt), decide(output, index, bare_said))
    _without_templates(found)
    _without_conditions(found)
    _by_row(found, index)
    _borne_out(found, index)
    return Matched(
        decisions=tuple(found.decisions), places=tuple(found.places), models=tuple(found.models), trusted=trusted
    )


@dataclass
class _Found:
    """What is known while a file is gone through."""

    decisions: list[Decision] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    models: list[str | None] = field(default_factory=list)
    silent: dict[int, Any] = field(default_factory=dict)
    """Golds of outputs that hold no text but perhaps a prompt."""
    answered: dict[int, bool] = field(default_factory=dict)
    """Outputs that an id of their asker's alone names, and whether they are right."""
    prompts: dict[int, tuple[int, Decision]] = field(default_factory=dict)
    """Prompts that fit no item, and what the row is without its prompt."""

    more: dict[int, str] = field(default_factory=dict)
    """What outputs whose text finds their item say beyond its question."""

    def add(self, output: Output, decision: Decision) -> None:
        """Take down one output."""
        self.decisions.append(decision)
        self.places.append(output.where)
        self.positions.append(output.position)
        self.models.append(None if output.model is None else sys.intern(output.model))


def _without_templates(found: _Found) -> None:
    """Leave prompts aside that are the same in every row: they are no question."""
    if len(found.prompts) > 1 and len({prompt for prompt, _ in found.prompts.values()}) == 1:
        for place, (_, decision) in found.prompts.items():
            found.decisions[place] = decision
    else:
        for place in found.prompts:
            found.silent.pop(place, None)


def _without_conditions(found: _Found) -> None:
    """Hold against their items what most rows say beyond the question, where each says something else.

    A scaffold is the same for many questions; a condition that was added to one is another question.
    """
    items: dict[str, set[str]] = {}
    for place, more in found.more.items():
        item = found.decisions[place].item
        if more and item is not None:
            items.setdefault(more, set()).add(item.key)
    alone = [place for place, more in found.more.items() if more and len(items[more]) == 1]
    if len(items) < ROWS or 2 * len(alone) <= len(found.more):
        return
    for place in alone:
        why = f"beyond the item's question it says {found.more[place]!r}"
        found.decisions[place] = msgspec.structs.replace(found.decisions[place], state="contradicted", why=why)


def _by_row(found: _Found, index: ItemIndex) -> None:
    """Propose items by order where the file has one row for each (a skipped demonstration row is no row)."""
    ranks = {position: rank for rank, position in enumerate(dict.fromkeys(found.positions))}
    items = index.benchmark.items
    if len(ranks) != len(items):
        return
    for place, gold in found.silent.items():
        if found.decisions[place].item is not None:
            continue
        item = items[ranks[found.positions[place]]]
        same = None if gold is None else agrees(index.benchmark, item, gold, None)
        state: State = "contradicted" if same is False else "consistent"
        why = f"its gold is {str(gold)[:60]!r}, the item's {item.gold[:60]!r}" if same is False else ""
        found.decisions[place] = Decision(state=state, item=item, how="row", why=why, gold=item.gold if same else None)


def _borne_out(found: _Found, index: ItemIndex) -> None:
    """Let golds that agree bear ids and row numbers out, and right answers their asker's ids; chance would hardly."""
    places = [place for place, d in enumerate(found.decisions) if bare(d) and d.gold is not None]
    chance = math.fsum(math.log(index.chance(found.decisions[place].gold or "") or 1) for place in places)
    if chance < math.log(CHANCE):
        _believe(found, places)
    right_ones = [found.decisions[place].item for place, ok in found.answered.items() if ok]
    chances = [index.chance(item.gold) for item in right_ones if item is not None]
    if chances and log_chance(chances, len(found.answered)) < math.log(CHANCE):
        _believe(found, found.answered)


def _believe(found: _Found, places: Iterable[int]) -> None:
    for place in places:
        found.decisions[place] = msgspec.structs.replace(found.decisions[place], evidence=True)


def _believed(decision: Decision) -> bool:
    return decision.state in {"proved", "consistent"} and not bare(decision)


def bare(decision: Decision) -> bool:
    """Whether an id or a row number alone joins a row to its item."""
    return decision.state == "consistent" and decision.how in {"id", "row"} and not decision.evidence


def identity_of(matches: Mapping[Any, Matched]) -> Identity:
    """Count what the rows of all files came to, with the first examples of each state."""
    rows = [(d, where, m) for m in matches.values() for d, where in zip(m.decisions, m.places, strict=True)]
    counts = Counter(d.state for d, _, _ in rows)
    shown: dict[str, list[ShownRow]] = {}
    for decision, where, _ in rows:
        for name in (decision.state, *(["alone"] if bare(decision) else [])):
            told = shown.setdefault(name, [])
            if len(told) < EXAMPLES:
                item = decision.item.id if decision.item else None
                told.append(ShownRow(where=where, item=item, how=decision.how, why=decision.why))
    return Identity(
        rows=len(rows),
        alone=sum(bare(d) for d, _, _ in rows),
        on_trust=sum(m.joined(d) and (d.state == "contradicted" or bare(d)) for d, _, m in rows),
        examples={state: tuple(shown[state]) for state in (*STATES, "alone") if state in shown},
        **{state: counts[state] for state in STATES},
    )


def hold(identity: Identity) -> None:
    """Raise BadInput where too many rows contradict their items, or hang on an id or a row number alone."""
    against, alone = identity.contradicted, identity.alone
    for count, told, state in (
        (against, "contradict the item that they would be joined to: is it this benchmark, and this version?",
         "contradicted"),
        (alone, "hold no text of their question, and an id or a row number alone proves nothing", "alone"),
    ):  # fmt: skip
        if count > MOST * (identity.rows - identity.unmatched):
            shown = "; ".join(f"{e.where} (item {e.item}) {e.why}".rstrip() for e in identity.examples[state])
            raise BadInput(
                f"{count} of {identity.rows} rows {told}: {shown}; name the right fields (--question-field, "
                "--gold-field, --id-field), or say --trust-ids to join them all the same, which marks the run"
            )


def told_of(identity: Identity) -> list[str]:
    """Say what the rows came to, and show the first of each state."""
    lines = [", ".join(f"{getattr(identity, state)} {state}" for state in STATES)]
    for state in STATES:
        shown = [f"{e.where}{f' as item {e.item}' if e.item else ''}{f': {e.why}' if e.why else ''}"
                 for e in identity.examples.get(state, ())]  # fmt: skip
        if shown:
            lines.append(f"{state}, first: {'; '.join(shown)}")
    if identity.on_trust:
        lines.append(
            f"{identity.on_trust} rows are joined on trust (--trust-ids): nothing proves whose answers they are"
        )
    return lines
