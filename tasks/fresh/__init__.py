"""Fresh twins: tasks whose items are made anew for each seed, so that no model can have seen them.

``fresh:math`` holds the families of a domain in turn, ``fresh:algebra`` one family. A seed and a number of items may
follow, ``fresh:math@7`` or ``fresh:math@7:5000``; a run records the name with its seed, which makes the items again.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import islice

import msgspec

from rarl_eval import prompts
from rarl_eval.answers import verify_literal, verify_number, verify_quantity
from rarl_eval.errors import BadInput, UnknownName
from rarl_eval.tasks.fresh import code, finance, math, medicine
from rarl_eval.tasks.fresh.make import Family, Instance, instances
from rarl_eval.types import Domain, Item, Message, Row, Source, Task, Verdict

FAMILIES: dict[str, Family] = {
    family.name: family for group in (math, code, finance, medicine) for family in group.FAMILIES
}
DOMAINS: tuple[Domain, ...] = ("math", "code", "finance", "medicine")
PUBLIC_SEED = 0
"""The seed that is used where none is given: its items are everybody's, and may leak like any public benchmark's."""
ITEMS = 1000
MOST_ITEMS = 100_000
MOST_SEED = 10**18
VERSION = 2
"""Of the four domains: other questions than those of version 1, in two wordings and with a stated difficulty."""
RUN = {"synthesis", "long_synthesis"}
"""Families whose answers are programs."""
Ask = Callable[[Item], list[Message]]
_NAME = re.compile(r"fresh:(?P<what>[a-z0-9_]+)(?:@(?P<seed>\d{1,18}))?(?::(?P<count>\d{1,9}))?")


def task(name: str, seed: int | None = None) -> Task:
    """Return the task of a name such as ``fresh:math@7``; ``seed`` is used where the name has none."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise BadInput(f"--task {name!r} is not fresh:NAME, fresh:NAME@SEED or fresh:NAME@SEED:COUNT")
    what, own = found["what"], int(found["seed"] or (PUBLIC_SEED if seed is None else seed))
    if not 0 <= own < MOST_SEED:
        raise BadInput(f"--task {name!r} with seed {own}: a seed is a whole number from 0 to {MOST_SEED - 1}")
    families, ask, short = _found(what)
    count = int(found["count"] or ITEMS)
    if not 0 < count <= MOST_ITEMS:
        raise BadInput(f"--task {name!r} asks for {count} items; ask for 1 to {MOST_ITEMS}")
    full = f"fresh:{what}@{own}" + (f":{count}" if count != ITEMS else "")
    return Task(
        name=full,
        domain=families[0].domain if len({family.domain for family in families}) == 1 else "general",
        source=Source(path=full, split="generated", licence="Apache-2.0", released="2026-11-23"),
        item=item,
        verify=verify,
        prompt=ask,
        direct=short,
        paper="https://arxiv.org/abs/2410.05229",
        version=1 if families[0].difficulty is None else VERSION,  # the laboratory's items are the first ones still
        runs_code=any(family.name in RUN for family in families),
        generate=partial(rows, families, own, count),
    )


def _found(what: str) -> tuple[tuple[Family, ...], Ask, Ask]:
    # The laboratory's templates are made with this package, so that it cannot be imported above.
    from rarl_eval.tasks import laboratory

    families = tuple(family for family in FAMILIES.values() if what in {family.name, family.domain})
    if families:
        return families, prompt, direct
    if what.removesuffix(laboratory.BRIEF) in laboratory.GROUPS:
        ask = laboratory.prompt_brief if what.endswith(laboratory.BRIEF) else laboratory.prompt
        return laboratory.GROUPS[what.removesuffix(laboratory.BRIEF)], ask, laboratory.prompt_brief
    raise UnknownName("family of fresh tasks", what, [*FAMILIES, *DOMAINS, *laboratory.GROUPS])


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
