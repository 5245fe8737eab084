"""Tasks whose items are made when they are asked for: fresh twins, and the laboratory's.

``fresh:math`` holds the families of a domain in turn, ``fresh:algebra`` one family, ``fresh:lab`` the laboratory's. A
seed and a number of items may follow, ``fresh:math@7`` or ``fresh:math@7:5000``; a run records the name with its seed,
which makes the items again.
"""

import re
from collections.abc import Callable
from functools import partial

from rarl_eval.errors import BadInput, UnknownName
from rarl_eval.tasks import fresh, laboratory
from rarl_eval.tasks.fresh.make import Family
from rarl_eval.types import Item, Message, Source, Task

PUBLIC_SEED = 0
"""The seed that is used where none is given: its items are everybody's, and may leak like any public benchmark's."""
ITEMS = 1000
MOST_ITEMS = 100_000
MOST_SEED = 10**18
VERSION = 2
"""Of the four domains: other questions than those of version 1, in two wordings and with a stated difficulty."""
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
        item=fresh.item,
        verify=fresh.verify,
        reads=fresh.reads,
        prompt=ask,
        direct=short,
        paper="https://arxiv.org/abs/2410.05229",
        version=1 if families[0].difficulty is None else VERSION,  # the laboratory's items are the first ones still
        runs_code=any(family.name in fresh.RUN for family in families),
        generate=partial(fresh.rows, families, own, count),
    )


def _found(what: str) -> tuple[tuple[Family, ...], Ask, Ask]:
    families = tuple(family for family in fresh.FAMILIES.values() if what in {family.name, family.domain})
    if families:
        return families, fresh.prompt, fresh.direct
    if what.removesuffix(laboratory.BRIEF) in laboratory.GROUPS:
        ask = laboratory.prompt_brief if what.endswith(laboratory.BRIEF) else laboratory.prompt
        return laboratory.GROUPS[what.removesuffix(laboratory.BRIEF)], ask, laboratory.prompt_brief
    raise UnknownName("family of fresh tasks", what, [*fresh.FAMILIES, *fresh.DOMAINS, *laboratory.GROUPS])
