"""Is a recorded row an item's? Only where nothing that the row carries contradicts it.

Question and prompt find an item; ids and row numbers only propose one. Then everything else must agree: the prompt,
the gold, the options, the context. A row ends as ``proved`` (question and gold agree, or the item's content hash is
given), ``consistent`` (nothing contradicts, little is known), ``contradicted`` or ``unmatched``.
"""

import re
from typing import Any, Literal, NamedTuple

import msgspec

from rarl_eval.identity.evidence import Said, said_by
from rarl_eval.identity.golds import Order, agrees, order_of, shown_options
from rarl_eval.identity.index import LEAD, Hit, ItemIndex, covers, near
from rarl_eval.identity.wording import words
from rarl_eval.importers.outputs import Output
from rarl_eval.types import Item

State = Literal["proved", "consistent", "contradicted", "unmatched"]
How = Literal["content", "prompt", "id", "row", "key"]

SHOWN = 90
"""Characters of a question or gold that an example shows."""
_MANY = 8
_DEFINED = re.compile(r"^\s*(?:async\s+)?def\s+(\w+)\s*\(", re.MULTILINE)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row."""

    state: State
    item: Item | None = None
    """The item that the row answers, or that it was proposed to answer."""
    how: How | None = None
    """What found the item."""
    why: str = ""
    """What contradicts it, or is missing."""
    order: Order | None = None
    """Places of the log's options in the item, where they stand in another order."""
    evidence: bool = False
    """Whether more than an id or a row number joins the row to the item."""
    gold: str | None = None
    """The item's gold, where the row's agrees."""


class _Check(NamedTuple):
    """A row held against one item."""

    against: str = ""
    """What contradicts; "" where nothing does."""
    order: Order | None = None
    text: bool = False
    gold: bool | None = None


def decide(output: Output, index: ItemIndex, said: Said | None = None) -> Decision:
    """Decide whose answer a row is; ``said`` is what it says where something of that is to be left aside."""
    said = said_by(output) if said is None else said
    name = output.item_id if output.item_id is not None else output.number
    named = None if name is None else index.by_id.get(name)
    keyed = index.by_key.get(output.item_id) if output.item_id is not None else None
    if keyed is not None:
        check = _check(said, keyed, None, output, index)
        state: State = "contradicted" if check.against else "proved"
        return Decision(state=state, item=keyed, how="key", why=check.against, evidence=True, order=check.order)
    if index.states(output.text):
        return Decision(state="unmatched", why="its text is a question itself, and no answer")
    hit = index.last_in(said.prompt) if said.prompt is not None else None
    how, found = _candidates(said, hit, index)
    if not found:
        return _without(said, named, hit, output, index)
    checks = [(item, _check(said, item, hit, output, index)) for item in found]
    held = [(item, check) for item, check in checks if not check.against]
    if not held:
        item, check = next(((i, c) for i, c in checks if i is named), checks[0])
        return Decision(state="contradicted", item=item, how=how, why=check.against, evidence=True)
    chosen = _chosen(held, named)
    if chosen is None:
        return Decision(state="unmatched", why=f"{len(held)} items ask the same and nothing tells them apart")
    return _held(*chosen, "id" if len(held) > 1 else how)


def _candidates(said: Said, hit: Hit | None, index: ItemIndex) -> tuple[How, tuple[Item, ...]]:
    """Items that the row's texts find: its question, else the last one in its prompt, else any text of it."""
    if said.question is not None:
        found = _narrowed(index.asking(said.question), said, hit, index)
        within = None if found else index.last_in(said.question)
        if found or within:
            return "content", found or (within.items if within and not within.example else ())
        if len(words(said.question)) >= LEAD:
            return "content", ()
    if said.prompt is not None:
        if hit is not None:
            return "prompt", () if hit.example else hit.items
        if whole := index.asking(said.prompt):
            return "content", whole
        if len(words(said.prompt)) >= 2 * LEAD:
            return "prompt", ()
    return "content", next((found for text in said.others if (found := index.asking(text))), ())


def _narrowed(found: tuple[Item, ...], said: Said, hit: Hit | None, index: ItemIndex) -> tuple[Item, ...]:
    """Choose among many items that ask the same ("What is the diagnosis?") by the row's other texts."""
    if len(found) <= _MANY:
        return found
    texts = (t for t in (said.context, *said.others) if t is not None and t != said.question)
    told = {id(item) for text in texts for item in index.around(text)} | {id(i) for i in (hit.items if hit else ())}
    return tuple(item for item in found if id(item) in told)


def _without(said: Said, named: Item | None, hit: Hit | None, output: Output, index: ItemIndex) -> Decision:
    """Decide on a row whose texts find no item: its id may name one, and then nothing must contradict it."""
    stated = said.question or said.prompt
    if named is None or (stated and output.item_id is None):
        why = "another question follows the one it shows" if hit and hit.example else ""
        return Decision(
            state="unmatched", why=why or f"it asks none of the items: {_brief(stated)}" if stated else "it names none"
        )
    check = _check(said, named, hit, output, index)
    if not check.against:
        return _held(named, check, "id")
    if stated and not near(named, stated) and check.gold is not True:
        return Decision(state="unmatched", why=f"it asks none of the items: {_brief(stated)}")
    return Decision(state="contradicted", item=named, how="id", why=check.against, evidence=check.text)


def _held(item: Item, check: _Check, how: How) -> Decision:
    return Decision(
        state="proved" if check.text and check.gold else "consistent",
        item=item,
        how=how,
        order=check.order,
        evidence=check.text,
        gold=item.gold if check.gold else None,
    )


def _chosen(held: list[tuple[Item, _Check]], named: Item | None) -> tuple[Item, _Check] | None:
    """Choose among items that ask the same: the one that the gold or the id tells, the first of equal ones."""
    proved = [pair for pair in held if pair[1].gold] or held
    by_name = [pair for pair in proved if pair[0] is named]
    same = {(i.question, i.context, i.choices, i.gold) for i, _ in proved}
    if by_name or len(same) == 1:
        return (by_name or proved)[0]
    return None


def _check(said: Said, item: Item, hit: Hit | None, output: Output, index: ItemIndex) -> _Check:
    """Hold everything that a row says against an item."""
    asked, against = _asks(said, item, hit, index)
    listed = hit if said.question is None or (hit is not None and item in hit.items) else index.last_in(said.question)
    order, other = _options(said, item, listed)  # a question's field may list the options as well
    gold = None if said.gold is None else _same_gold(index, item, said.gold, order)
    if said.gold is None and said.hint is not None:
        gold = _same_gold(index, item, said.hint, order) or None
    if gold is False:
        against = against or f"its gold is {_brief(str(said.gold))}, the item's {_brief(item.gold)}"
    against = against or _context(said, item, index, asked=asked)
    turned = order if order and order != tuple(range(len(order))) else None
    return _Check(against or other, turned, asked or _defines(output, item), gold)


def _context(said: Said, item: Item, index: ItemIndex, *, asked: bool) -> str:
    """Say what contradicts the item's context: a passage of the row's own, or numbers in it or in its prompt."""
    if not item.context:
        return ""
    told = index.context_of(item)
    if said.context is not None:
        shown = words(said.context)
        if covers(told, shown) is False or (len(shown) < 2 * len(told) and covers(shown, told) is False):
            return "its context has other numbers than the item's"
        if 2 * len(shown) >= len(told) and 2 * len(set(told) - set(shown)) > len(set(told)):
            return f"its context is another: {_brief(said.context)}"
    if asked and said.prompt is not None and covers(told, words(said.prompt)) is False:
        return "the context in its prompt has other numbers than the item's"
    return ""


def _same_gold(index: ItemIndex, item: Item, gold: Any, order: Order | None) -> bool | None:
    name = (item.question, item.gold, repr(gold), repr(order), *item.choices)
    if name not in index.golds_held:
        index.golds_held[name] = agrees(index.benchmark, item, gold, order)
    return index.golds_held[name]


def _asks(said: Said, item: Item, hit: Hit | None, index: ItemIndex) -> tuple[bool, str]:
    """Whether question and prompt are the item's, and what contradicts it."""
    stated = None
    if said.question is not None:
        stated = item in index.asking(said.question) or _inside(said.question, item, index)
        if stated is False:
            return False, f"it asks {_brief(said.question)}"
    if said.prompt is None:
        if stated is None and said.question is None:
            stated = any(item in index.asking(text) for text in said.others)
        return bool(stated), ""
    shown = _in_prompt(said.prompt, item, hit, index)
    if shown is False:
        asked = hit.items[0].question if hit is not None and not hit.example else said.prompt[-400:]
        return False, f"its prompt asks {_brief(asked)}"
    return bool(stated or shown), ""


def _in_prompt(prompt: str, item: Item, hit: Hit | None, index: ItemIndex) -> bool | None:
    """Whether a prompt asks an item last of all; None where it is too short to tell, or the item's question is."""
    if hit is None:
        if item in index.asking(prompt):
            return True
        return None if len(words(item.question)) < LEAD or len(words(prompt)) < 2 * LEAD else False
    if hit.example:
        return False
    return item in hit.items


def _inside(question: str, item: Item, index: ItemIndex) -> bool | None:
    """Whether a stated question holds the item's, or is the better part of it; None where it is too short to tell."""
    found = index.last_in(question)
    if found is not None:
        return item in found.items and not found.example
    said, whole = words(question), words(f"{item.context} {item.question}")
    if len(said) < LEAD:
        return None if len(words(item.question)) >= LEAD else False
    text = f" {' '.join(said)} "
    return 2 * len(said) >= len(words(item.question)) and text in f" {' '.join(whole)} "


def _options(said: Said, item: Item, hit: Hit | None) -> tuple[Order | None, str]:
    """Order of the log's options in the item, and what contradicts them."""
    if not item.choices:
        return None, ""
    shown, others = (None, False) if hit is None or item not in hit.items else shown_options(hit.rest, item, hit.before)
    if not said.choices:
        return shown, _NOT_ITS_OPTIONS if others else ""
    order = order_of(said.choices, item)
    if order is None:
        return None, f"its {len(said.choices)} options are not the item's {len(item.choices)}"
    if shown is not None and shown != order:
        return None, "its prompt lists the options in another order than its field of options"
    return order, _NOT_ITS_OPTIONS if others else ""


_NOT_ITS_OPTIONS = "the options in its prompt are not the item's, or in another order under marks that are no letters"


def _defines(output: Output, item: Item) -> bool:
    """Whether an answer that is a program defines the function that the item asks for."""
    entry = item.meta.get("entry") if isinstance(item.meta, dict) else None
    return isinstance(entry, str) and len(entry) > 1 and entry in _DEFINED.findall(output.text)


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= SHOWN else f"{line[:SHOWN]}…")
