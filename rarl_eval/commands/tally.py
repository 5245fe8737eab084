"""What a run has so far, as a sentence for a person and as lines for a job."""

import json
import sys
import time
from collections.abc import Callable

from rarl_eval.stats import wilson
from rarl_eval.types import Record, Trace

LINE_SECONDS = 5.0


class TallyLine:
    """Counts of the records seen since it was made."""

    def __init__(self, cost: Callable[[Trace], float]) -> None:
        self._cost = cost
        self._began = time.monotonic()
        self.done = self.judged = self.right = self.failed = self.tokens = 0
        self.cost = 0.0

    def add(self, record: Record) -> None:
        """Count a record."""
        correct = record.verdict.correct if record.verdict else None
        self.done += 1
        self.judged += correct is not None
        self.right += bool(correct)
        self.failed += record.trace.stop == "error"
        self.tokens += record.trace.tokens.completion or 0
        self.cost += self._cost(record.trace)

    def sentence(self) -> str:
        """Accuracy with its interval (samples of an item taken as independent), speed, cost, failures."""
        parts = []
        found = wilson(self.right, self.judged)
        if found:
            parts.append(f"{found.value:.1%} right [{found.low or 0:.1%}, {found.high or 0:.1%}]")
        if self.tokens:
            parts.append(f"{self.tokens / max(1e-9, time.monotonic() - self._began):,.0f} tokens/s")
        if self.cost:
            parts.append(f"cost {self.cost:.2f}")
        parts.append(f"{self.failed} failed")
        return ", ".join(parts)

    def lines(self) -> Callable[[Record, int], None]:
        """Return a progress function that writes a JSON line every few seconds and at the end."""
        last = 0.0

        def update(record: Record, total: int) -> None:
            nonlocal last
            self.add(record)
            if self.done == total or time.monotonic() - last >= LINE_SECONDS:
                last = time.monotonic()
                print(json.dumps(self._line(total)), file=sys.stderr, flush=True)

        return update

    def _line(self, total: int) -> dict[str, float | int | None]:
        found = wilson(self.right, self.judged)
        return {
            "done": self.done,
            "total": total,
            "failed": self.failed,
            "accuracy": found.value if found else None,
            "low": found.low if found else None,
            "high": found.high if found else None,
            "tokens": self.tokens,
            "cost": round(self.cost, 6),
            "seconds": round(time.monotonic() - self._began, 1),
        }
