"""Prompts of a training that stand in benchmarks, by a scan of the training's prompts (``rarl-eval scan``).

A scan says which items of a benchmark stand in a corpus; here it is asked the other way round: a prompt stands in a
benchmark where most of a flagged item's question stands in it, word for word in runs of eight.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from rarl_eval.evidence.scans import ItemStatus, read_scan
from rarl_eval.identity.wording import words
from rarl_eval.training.seen import number_of

RUN = 8
"""Words of a run; a question of fewer is one run."""
FEWEST = 4
"""Words of a question: shorter ones stand in any text."""
MOST_OF = 0.6
"""Share of a question's runs that makes a prompt hold it."""
REMEMBERED = 4096
"""Prompts whose answer is kept: samples of one stand together."""


class KnownPrompts:
    """The questions that scans flagged, indexed by their runs of words."""

    def __init__(self, scans: Sequence[Path]) -> None:
        """Read scan directories; raises BadInput for what is none."""
        found = [item for path in scans for item in read_scan(path).items.values()]
        questions = sorted({text for item in found for text in _question(item)})
        self._runs: dict[int, list[int]] = defaultdict(list)
        self._sizes = []
        for number, text in enumerate(questions):
            runs = set(_runs(words(text), RUN))
            self._sizes.append(len(runs))
            for run in runs:
                self._runs[run].append(number)
        self._lengths = sorted({min(RUN, len(words(text))) for text in questions})
        self.name = f"{len(questions)} {number_of(repr(questions))}"
        """What tells these questions from others."""
        self.holds = lru_cache(REMEMBERED)(self._holds)

    def _holds(self, prompt: str) -> bool:
        """Whether a prompt holds a question."""
        told = words(prompt)
        met = Counter(
            number for length in self._lengths for run in set(_runs(told, length)) for number in self._runs.get(run, ())
        )
        return any(count >= MOST_OF * self._sizes[number] for number, count in met.items())


def _question(item: ItemStatus) -> Iterator[str]:
    """Yield what of a flagged item can stand in a prompt."""
    text = item.text if item.part != "answer" else None
    if item.status == "flagged" and text and len(words(text)) >= FEWEST:
        yield text


def _runs(told: Sequence[str], length: int) -> Iterator[int]:
    """Yield runs of ``length`` words, or all of fewer as one."""
    size = min(length, len(told))
    for at in range(len(told) - size + 1):
        yield hash(tuple(told[at : at + size]))
