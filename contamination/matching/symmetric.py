r"""Whether a place that copies a problem of mathematics is that problem: what each has and the other lacks counts.

Problems of one template share nearly all their words, so that shares of words do not tell them apart. Here what is only
in the item and what is only in its copy are held together: figures, variables, functions, signs and the words that
decide must agree; other words may differ a little, in a long text that was edited all over, more. Where the givens
agree and only the question put to them differs, the two are siblings. Not here: where the copy stands (align.py).
"""

from functools import lru_cache
from typing import Literal

from rarl_eval.contamination.matching.problems import (
    LATEX,
    Differing,
    bare,
    differing,
    opposites,
    other_figure,
    parted,
    read,
)
from rarl_eval.contamination.matching.values import deciding

Relation = Literal["same", "sibling", "other"]
PLAIN_WORDS = 20
"""Words of a problem without formulas from which it may have been edited all over and stay itself."""
FORMULA = 0.02
"""Share of figures, variables, functions and signs that may differ, missing and surplus over those of both: a slip in a
long formula, nothing in a short one."""
WORDS = 0.2
"""The same of the words of a problem that is held strictly."""
EDITED = 0.4
"""The same of one that may have been edited."""
SWAPPED = 0.025
"""The same of words that stand in place of others: one in twenty on either side."""
REPLACED = 2
"""Words that stand in place of others in any text that was edited all over."""
GIVENS = 0.15
"""The same of the givens of two siblings."""
ASKED = 0.34
"""The same of what is asked, from which another question is asked."""
LEAST_GIVENS = 5
"""Words and signs that givens must have to be shared by siblings."""
WORKED = 0.2
"""What may differ of the words, or of the formulas, of a worked solution."""
IN_FORMULA = 3
"""Signs, variables and functions of a problem that is written in formulas."""
IN_ASKED = 0.6
"""Share of what differs in a text edited nowhere but in its question."""


def related(item: str, copy: str) -> Relation:
    """Say whether a copy is the problem, the same givens with another question, or another problem."""
    if other_figure(item, copy) or opposites(item) != opposites(copy):
        return "other"
    whole = differing(item, copy)
    givens, asked = ((parted(item)[n], parted(copy)[n]) for n in (0, 1))
    at_givens, at_asked = differing(*givens), differing(*asked)
    strict = _is_strict(item)
    siblings = _shared(givens, at_givens) and _asks_another(whole, at_asked, strict=strict)
    if siblings:
        return "sibling"
    if not strict:
        lost = whole.swapped < REPLACED and whole.values[0] > 1 and 2 * whole.values[0] >= read(item).formula.total()
        turned = whole.turned[1] and 2 * sum(whole.turned) >= whole.words
        return "other" if whole.share() > EDITED or whole.values[1] or lost or turned else "same"
    slip = whole.formula <= FORMULA * whole.of[0] and not all(whole.values)
    few = whole.share() <= WORDS and whole.swapped <= SWAPPED * whole.of[1]
    return "same" if slip and few and not sum(whole.turned) else "other"


def same_formulas(item: str, copy: str) -> bool:
    """Whether a copy with all of an item's words has its signs and fractions, too."""
    told = differing(item, copy)
    return told.formula <= FORMULA * told.of[0]


def worked_alike(solution: str, copy: str) -> bool:
    """Whether a worked solution has hardly another formula or word in its copy."""
    told = differing(solution, copy)
    return told.formula <= WORKED * max(1, told.of[0]) and told.share() <= WORKED


def _shared(givens: tuple[str, str], differing: Differing) -> bool:
    return (
        read(givens[0]).size >= LEAST_GIVENS
        and differing.formula <= FORMULA * differing.of[0]
        and not sum(differing.turned)
        and differing.share() <= GIVENS
    )


def _asks_another(whole: Differing, asked: Differing, *, strict: bool) -> bool:
    """Whether the questions put to shared givens differ: in a formula or a word that decides, or in most words."""
    decides = asked.formula > 0 or sum(asked.turned) > 0
    if strict:
        return decides or asked.of_all() >= ASKED
    alone = whole.total > 0 and asked.total >= IN_ASKED * whole.total
    nothing_else = asked.total == whole.total
    return alone and (
        (asked.swapped >= REPLACED + (not nothing_else) and asked.share() >= (ASKED if nothing_else else EDITED))
        or (decides and (nothing_else or asked.of_all() >= WORDS))
    )


@lru_cache(maxsize=4096)
def _is_strict(item: str) -> bool:
    told = deciding(bare(item))
    signs = sum(token not in {"-", "/"} for token in told.formula)
    return signs >= IN_FORMULA or bool(LATEX.search(bare(item))) or len(bare(item).split()) < PLAIN_WORDS
