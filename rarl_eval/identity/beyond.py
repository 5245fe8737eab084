"""What a row says beyond its item's question: a scaffold, or a condition that makes it another question.

Which of the two it is only the whole file can tell (match.py). Not looked at: items with options or a passage, and
programs, beside whose questions options, passages and tests stand that differ from row to row.
"""

from rarl_eval.identity.evidence import Said
from rarl_eval.identity.index import ItemIndex
from rarl_eval.identity.wording import split
from rarl_eval.types import Item

FEWEST = 5
"""Words; less is a label, a number, a source."""
SHOWN = 90
"""Characters that are kept."""


def beyond(said: Said, item: Item, index: ItemIndex) -> str:
    """Return the words around the question in its field, or in its line of the prompt and behind; "" for few."""
    if item.choices or item.context or index.benchmark.task.runs_code:
        return ""
    text = ""
    if said.question is not None and (hit := index.last_in(said.question)) is not None:
        text = f"{hit.before} {hit.rest}"
    elif said.question is None and said.prompt is not None and (hit := index.last_in(said.prompt)) is not None:
        line = hit.before.rpartition("\n")[2]  # examples and system prompts stand on lines of their own
        text = f"{line} {hit.rest}"
    told = [word for word in split(text) if word.isalpha()]  # a scaffold may number its questions
    return " ".join(told)[:SHOWN] if len(told) >= FEWEST else ""
