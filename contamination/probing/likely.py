"""The probes that need the probabilities of given texts: n-grams, Min-K%, and the order of the items."""

import random
from collections.abc import Callable, Iterator, Sequence

from rarl_eval.contamination.probing.asking import Scores
from rarl_eval.contamination.probing.formulas import min_k, min_k_plus, ngram_accuracy
from rarl_eval.data.calling import prompt_of
from rarl_eval.errors import Fault
from rarl_eval.models import Scored, Scorer, Text
from rarl_eval.types import Item, Task

Formula = Callable[[Scored], float | None]

SHARDS, SHARD_ITEMS, SHUFFLES = 30, 4, 8
"""Most shards of the order test, items in each, and shuffled orders that each is held against."""


def question_text(task: Task, item: Item) -> Text | None:  # noqa: ARG001  texts are made alike
    """Return the question alone, as a page of training data may hold it."""
    return Text(text=item.question) if item.question.strip() else None


def answer_text(task: Task, item: Item) -> Text | None:
    """Return the worked solution, or else the gold answer, as the reply to the task's own prompt."""
    answer, asked = item.solution or item.gold, prompt_of(task, item)
    return Text(text=answer, messages=asked) if answer.strip() and not isinstance(asked, Fault) else None


def score(
    model: Scorer, task: Task, items: Sequence[Item], text: Callable[[Task, Item], Text | None]
) -> tuple[dict[str, Scored], int]:
    """Score a text of each item; return what was scored by item key, and how many texts could not be."""
    texts = {item.key: found for item in items if (found := text(task, item)) is not None}
    scored = dict(zip(texts, model.score(list(texts.values())), strict=True))
    whole = {key: value for key, value in scored.items() if value.error is None}
    return whole, len(scored) - len(whole)


def by_formula(scored: dict[str, Scored], formula: Formula) -> Scores:
    """Apply a formula to each; items for which it has no value are left out."""
    return {key: value for key, one in sorted(scored.items()) if (value := formula(one)) is not None}


def min_k_of(scored: dict[str, Scored]) -> tuple[str, Formula]:
    """Return Min-K%++ where whole distributions are known, else Min-K%."""
    whole = all(one.means is not None for one in scored.values())
    return ("Min-K%++", min_k_plus) if whole and scored else ("Min-K%", min_k)


def ngrams_of(scored: dict[str, Scored]) -> tuple[str, Formula]:  # noqa: ARG001  formulas are chosen alike
    """Return the n-gram accuracy."""
    return "5-gram accuracy", ngram_accuracy


def order_differences(model: Scorer, items: Sequence[Item], seed: int) -> list[float]:
    """For each shard of neighbouring items, its log-probability in the benchmark's order less its mean when shuffled.

    The sharded test of Oren et al. (arXiv 2310.17623): if the model never saw the benchmark in its order,
    every order is as likely, and the mean difference is 0. Shards too long for the model are left out.
    """
    rng = random.Random(seed)  # noqa: S311  reproducible orders
    shards = [items[i : i + SHARD_ITEMS] for i in range(0, len(items) - SHARD_ITEMS + 1, SHARD_ITEMS)][:SHARDS]
    orders = [order for shard in shards for order in _orders(shard, rng)]
    sums = [
        sum(s.logprobs) if s.error is None else None for s in model.score([Text(text=o) for o in orders], moments=False)
    ]
    groups = (sums[i : i + 1 + SHUFFLES] for i in range(0, len(sums), 1 + SHUFFLES))
    return [group[0] - sum(group[1:]) / SHUFFLES for group in groups if None not in group]  # type: ignore[operator,arg-type]


def _orders(shard: Sequence[Item], rng: random.Random) -> Iterator[str]:
    """Yield the shard's text in its own order, then in shuffled ones."""
    texts = [f"{item.question}\n{item.solution or item.gold}" for item in shard]
    yield "\n\n".join(texts)
    for _ in range(SHUFFLES):
        yield "\n\n".join(rng.sample(texts, len(texts)))
