"""Fresh twins: tasks whose items are made anew for each seed, so that no model can have seen them.

``FAMILIES`` are all of them by name; ``rows`` makes their items, ``item`` reads and ``verify`` judges them. Not here: which
families a name such as ``fresh:math@7`` asks for (tasks/generated.py).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice

import msgspec

from rarl_eval import prompts
from rarl_eval.answers import verify_literal, verify_number, verify_quantity
from rarl_eval.tasks.fresh import code, finance, math, medicine
from rarl_eval.tasks.fresh.make import Family, Instance, instances
from rarl_eval.types import Domain, Item, Message, Row, Verdict

FAMILIES: dict[str, Family] = {
    family.name: family for group in (math, code, finance, medicine) for family in group.FAMILIES
}
DOMAINS: tuple[Domain, ...] = ("math", "code", "finance", "medicine")
RUN = {"synthesis", "long_synthesis"}
"""Families whose answers are programs."""


def rows(families: tuple[Family, ...], seed: int, count: int) -> Iterator[Row]:
    """Yield ``count`` rows, the families in turn; a longer set of one seed begins with the shorter."""
    streams = [instances(family, seed) for family in families]
    return (row(instance) for instance in islice(_in_turn(streams), count))


def _in_turn(streams: list[Iterator[Instance]]) -> Iterator[Instance]:
    while True:
        for stream in streams:
            yield next(stream)


def row(instance: Instance) -> Row:
    """Write an instance as plain data."""
    draft = instance.draft
    return {
        "id": instance.id,
        "question": draft.question,
        "context": draft.context,
        "gold": instance.gold,
        "tests": draft.tests() if draft.tests else None,
        "meta": {
            **({} if instance.difficulty is None else {"difficulty": instance.difficulty, "wording": instance.wording}),
            "kind": draft.kind,
            "template": instance.template,
            "given": draft.given,
            "steps": list(instance.steps),
            "answer": instance.answer,
            "faulty": {**asdict(instance.faulty), "steps": list(instance.faulty.steps)},
            "source": draft.source,
        },
    }


def item(row: Row) -> Item:
    """Read a row of ``rows``; the worked steps are the solution."""
    return Item(
        id=row["id"],
        question=row["question"],
        context=row["context"],
        gold=row["gold"],
        solution="\n".join(row["meta"]["steps"]),
        tests=row["tests"],
        meta=dict(row["meta"]),
    )


def verify(item: Item, answer: str) -> Verdict:
    """Judge by the item's kind: exactly, to two decimals, as a literal, or by running the program."""
    kind = item.meta["kind"]
    if kind == "number":
        return verify_number(item, answer)
    if kind == "literal":
        return verify_literal(item, answer)
    if kind == "program":
        return _run(item, answer)
    verdict = verify_quantity(item, answer)
    if kind == "percent" and verdict.status == "incorrect" and not re.search("%|percent", verdict.extracted or ""):
        # The question asks for a percentage, so that the bare number says the same; a fraction of 1 was judged above.
        bare = verify_quantity(msgspec.structs.replace(item, gold=item.gold.removesuffix("%")), answer)
        return bare if bare.status == "correct" else verdict
    return verdict


def reads(item: Item) -> Callable[[Item, str], Verdict] | None:
    """Say which rule an item's answers are read by; None for programs."""
    return {"number": verify_number, "literal": verify_literal, "program": None}.get(item.meta["kind"], verify_quantity)


def _run(item: Item, answer: str) -> Verdict:
    from rarl_eval.sandbox import Program
    from rarl_eval.sandbox.grade import grade
    from rarl_eval.sandbox.replies import code_in

    written = code_in(answer, "f")
    tested = Program(code=written, tests=item.tests or "", names=("f",)) if written.strip() else None
    return grade(tested, written)


def prompt(item: Item) -> list[Message]:
    """Ask for worked steps and a final line in the form that the verifier reads."""
    told = 'Think step by step, then finish with "The answer is" followed by the value as a Python literal.'
    return _special(item, told) or prompts.worked(item)


def direct(item: Item) -> list[Message]:
    """Ask for the final line alone; a program is asked for as in ``prompt``."""
    told = 'Reply with "The answer is" followed by the value as a Python literal, and nothing else.'
    return _special(item, told) or prompts.boxed(item)


def _special(item: Item, told: str) -> list[Message]:
    """Ask for a program, or for a literal as ``told``; nothing for what is neither."""
    kind = item.meta["kind"]
    if kind == "program":
        return [Message(role="user", content=f"{item.question}\n\nReply with the code in one ```python block.")]
    if kind != "literal":
        return []
    return [Message(role="user", content=f"{item.question}\n\n{told}")]
