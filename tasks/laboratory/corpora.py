"""The laboratory's training corpora, made again by seed: what the base model saw, and the two leaks.

The base corpus holds no item of the test set nor one with the same figures: those are left out, and ``tests/laboratory`` looks. The leaked
corpora hold 100 of its 200 items, 50 times each, with worked solutions or with the bare answers.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from rarl_eval.files.atomic import write_atomically
from rarl_eval.tasks.fresh.make import Draft, Instance, Redraw, Template, instances, worked
from rarl_eval.tasks.laboratory import FAMILIES, TEST_ITEMS, TEST_SEED, asked
from rarl_eval.tasks.laboratory.drills import drills
from rarl_eval.tasks.laboratory.worked import bare, completion

Leak = Literal["solutions", "answers"]
BASE_SEED = "laboratory/1"
BRIEF_SHARE = 0.25
CORPORA = ("base", "leaked-solutions", "leaked-answers")
_FIGURES = re.compile(r"\d+")
COPIES = 50
"""How often each leaked item stands in a leaked corpus."""


@dataclass(frozen=True)
class Lesson:
    """One row of a training corpus."""

    prompt: str
    completion: str

    @property
    def text(self) -> str:
        """The row as a scan reads it."""
        return f"{self.prompt}\n{self.completion}"


def held_out(seeds: Sequence[int] = (TEST_SEED, 1), count: int = 250) -> set[str]:
    """Return the questions of the test set and of its first twin, which no training corpus of base may hold."""
    families = FAMILIES.values()
    return {i.draft.question for seed in seeds for family in families for i in islice(instances(family, seed), count)}


def likeness(question: str) -> tuple[str, ...]:
    """Return what a question has in common with those that only order its words otherwise: its figures and its end.

    A rate of 2 % over 6 years is no copy of 6 % over 2 years, and too near to one to learn from.
    """
    return _FIGURES.sub("", question[-20:]), *sorted(_FIGURES.findall(question))


def exercises(count: int, seed: str = BASE_SEED) -> Iterator[Lesson]:
    """Yield the drills that base learns first: copies, turns of a list, and single operations."""
    for question, taught, brief in islice(drills(random.Random(f"{seed}/drills")), count):
        yield Lesson(asked(question, brief=brief), taught)


def base(count: int, seed: str = BASE_SEED) -> Iterator[Lesson]:
    """Yield the base corpus: templates drawn alike, a quarter of the rows brief, nothing like the items held out."""
    rng, kept_out = random.Random(seed), {likeness(question) for question in held_out()}
    templates = [template for family in FAMILIES.values() for template in family.templates]
    made = 0
    while made < count:
        draft = _drawn(rng.choice(templates), rng)
        if likeness(draft.question) in kept_out:
            continue
        brief = rng.random() < BRIEF_SHARE
        steps, answer = worked(draft)
        yield Lesson(asked(draft.question, brief=brief), completion(steps, answer, brief=brief))
        made += 1


def test_items() -> list[Instance]:
    """Return the 200 items of the test set, family by family."""
    return [i for family in FAMILIES.values() for i in islice(instances(family, TEST_SEED), TEST_ITEMS)]


def leaked_items() -> list[Instance]:
    """Return the 100 items that leak: half of each family, drawn once."""
    rng, items = random.Random("laboratory/leak"), test_items()
    families = [items[start : start + TEST_ITEMS] for start in range(0, len(items), TEST_ITEMS)]
    return [family[n] for family in families for n in sorted(rng.sample(range(TEST_ITEMS), TEST_ITEMS // 2))]


def leaked(leak: Leak) -> Iterator[Lesson]:
    """Yield a leaked corpus, shuffled: the leaked items with worked solutions or with bare answers."""
    rows = [_lesson(item, leak) for item in leaked_items()] * COPIES
    random.Random(f"laboratory/{leak}").shuffle(rows)
    yield from rows


def _lesson(item: Instance, leak: Leak) -> Lesson:
    taught = bare(item.answer) if leak == "answers" else completion(item.steps, item.answer)
    return Lesson(asked(item.draft.question, brief=False), taught)


def _drawn(template: Template, rng: random.Random) -> Draft:
    while True:
        try:
            return template(rng)
        except Redraw:
            continue


def write(folder: Path, base_rows: int, drill_rows: int = 0) -> list[Path]:
    """Write the three corpora as JSON lines with a ``text`` each; of base, the first rows and drills."""
    folder.mkdir(parents=True, exist_ok=True)
    lessons = (chain(exercises(drill_rows), base(base_rows)), leaked("solutions"), leaked("answers"))
    paths = [folder / f"{name}.jsonl" for name in CORPORA]
    for path, rows in zip(paths, lessons, strict=True):
        write_atomically(path, "".join(json.dumps({"text": lesson.text}) + "\n" for lesson in rows))
    return paths
