"""The laboratory: families easy enough for a language model of less than a million parameters, and its truth known.

``fresh:lab`` asks the four families in turn, ``fresh:lab_math`` and so on one of them, for worked steps; the same names
with ``_brief`` ask the same items for a short answer. Seed 0 is the test set, half of which two of the shipped
models were made to memorise; seed 1 is a twin that none of them has seen. What is here measures the harness.
It is no benchmark, and its models are fixtures that stand on no leaderboard.
"""

import random
from dataclasses import replace
from functools import wraps

from rarl_eval.tasks.fresh.make import Draft, Family, Template
from rarl_eval.tasks.laboratory.drawn import chads_vasc, curb65, double_ended, journey, shares
from rarl_eval.tasks.laboratory.finance import interest, operating_income
from rarl_eval.types import Item, Message


def self_contained(template: Template) -> Template:
    """Return the template with its table or program inside the question.

    A question such as ``list(d)`` says nothing alone: it stands in the corpus whether or not the item does.
    """

    @wraps(template)
    def draw(rng: random.Random) -> Draft:
        draft = template(rng)
        return replace(draft, question=f"{draft.context.rstrip()}\n{draft.question}", context="")

    return draw


FAMILIES = {
    family.name: family
    for family in (
        Family(name="lab_math", domain="math", templates=(journey, shares)),
        Family(name="lab_code", domain="code", templates=(self_contained(double_ended),)),
        Family(name="lab_finance", domain="finance", templates=(interest, self_contained(operating_income))),
        Family(name="lab_medicine", domain="medicine", templates=(chads_vasc, curb65)),
    )
}
GROUPS = {"lab": tuple(FAMILIES.values()), **{name: (family,) for name, family in FAMILIES.items()}}
"""What may be asked for: all families in turn, or one."""
BRIEF = "_brief"
"""Ends the name of a family whose items are asked for a short answer."""
TOLD = {False: "Think step by step.", True: "Be brief."}
TEST_SEED = 0
TEST_ITEMS = 50
"""Items of each family in the test set."""


def asked(question: str, *, brief: bool) -> str:
    """Return the text of a prompt; the models were trained on exactly this."""
    return f"{question}\n{TOLD[brief]}"


def prompt(item: Item) -> list[Message]:
    """Ask for worked steps."""
    return [Message(role="user", content=asked(item.question, brief=False))]


def prompt_brief(item: Item) -> list[Message]:
    """Ask for a short answer."""
    return [Message(role="user", content=asked(item.question, brief=True))]
