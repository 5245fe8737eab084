"""Items that one entrant gets right and another does not, with what both answered."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from rarl_eval.compare.entrants import MOST_CHARACTERS, AnswerSaid, Entrant

MOSTLY = 0.5


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """An item that one of two entrants gets right in more than half of its samples, the other in at most half."""

    task: str
    key: str
    id: str
    question: str
    gold: str
    a: str
    b: str
    right: str
    """The label of the one that is right."""
    share_a: float
    share_b: float
    answer_a: str
    answer_b: str
    """The commonest final answer among its right samples, or its wrong ones; "" where none was given."""


def flips(a: Entrant, b: Entrant, keys: Sequence[str]) -> list[Flip]:
    """Items of ``keys`` on which a and b differ so, first those that ``a`` gets right, in the benchmark's order."""
    wanted = set(keys)
    found = [_flip(a, b, key) for key in a.columns.info.items if key in wanted]
    return sorted((flip for flip in found if flip is not None), key=lambda flip: flip.right != a.label)


def _flip(a: Entrant, b: Entrant, key: str) -> Flip | None:
    share_a, share_b = float(a.shares[a.place[key]]), float(b.shares[b.place[key]])
    if (share_a > MOSTLY) == (share_b > MOSTLY):
        return None
    item = a.columns.info.items[key]
    return Flip(
        task=a.task,
        key=key,
        id=item.id,
        question=item.question[:MOST_CHARACTERS],
        gold=item.gold[:MOST_CHARACTERS],
        a=a.label,
        b=b.label,
        right=a.label if share_a > share_b else b.label,
        share_a=share_a,
        share_b=share_b,
        answer_a=_commonest(a.answers[key], right=share_a > share_b),
        answer_b=_commonest(b.answers[key], right=share_b > share_a),
    )


def _commonest(answers: Sequence[AnswerSaid], *, right: bool) -> str:
    """Return the answer that makes the item flip: where half of the samples are right, the commonest may be either."""
    texts = [said.text for said in answers if said.right is right]
    return Counter(texts).most_common(1)[0][0] if texts else ""
