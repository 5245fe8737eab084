"""Two models that are no models: ``replay`` gives recorded traces back, ``echo`` says what it was told.

They make every stage testable offline, and let outputs made elsewhere go through the run engine.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.files.rows import read_rows
from rarl_eval.models import Completion, Options, Request
from rarl_eval.types import Reward, Tokens


def open_echo(name: str, options: Options) -> "Echo":  # noqa: ARG001  every adapter is opened alike
    """Open ``echo:`` (answers with the prompt) or ``echo:TEXT`` (answers with TEXT)."""
    return Echo(name)


def open_replay(name: str, options: Options) -> "Replay":  # noqa: ARG001
    """Open ``replay:FILE``: rows with ``id`` or ``key``, ``text``, and optionally ``task``, ``sample`` and the rest."""
    if not name:
        raise BadInput("--model replay: needs a file, e.g. replay:outputs.jsonl")
    return Replay(Path(name))


class Echo:
    """Says what it was told."""

    def __init__(self, text: str) -> None:
        self._text = text

    def describe(self) -> dict[str, Any]:
        """Return the adapter and the text."""
        return {"adapter": "echo", "name": self._text or "echo"}

    def close(self) -> None:
        """Nothing to let go of."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Answer each request with the fixed text, or with its last message."""
        for request in requests:
            text = self._text or request.messages[-1].content
            yield Completion(request=request, text=text, stop="end", seconds=0.0)


class Replay:
    """Recorded traces, by task, item and sample."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = path.stem
        self._rows: dict[tuple[str | None, str, int], dict[str, Any]] = {}
        for number, row in read_rows(path):
            item = row.get("key") or row.get("id")
            if item is None or not isinstance(row.get("text"), str):
                raise MissingField(
                    f"{path} row {number} needs 'text' and 'id' or 'key' (it has {', '.join(sorted(row))})"
                )
            self._rows[row.get("task"), str(item), int(row.get("sample", 0))] = row
            self._name = str(row.get("model") or self._name)

    def describe(self) -> dict[str, Any]:
        """Return adapter and the recorded model's name."""
        return {"adapter": "replay", "name": self._name, "file": self._path.name}

    def close(self) -> None:
        """Nothing to let go of."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Give each request its recorded trace, or an error where none was recorded."""
        for request in requests:
            row = self._find(request)
            if row is None:
                yield Completion(request=request, stop="error", error=f"{self._path.name} has no trace of this sample")
            else:
                yield _completion(request, row)

    def _find(self, request: Request) -> dict[str, Any] | None:
        slots = (
            (task, item, request.sample) for task in (request.task, None) for item in (request.key, request.item_id)
        )
        return next((self._rows[slot] for slot in slots if slot in self._rows), None)


def _completion(request: Request, row: dict[str, Any]) -> Completion:
    counts = row.get("tokens") or {}
    tokens = Tokens(
        prompt=counts.get("prompt"),
        reasoning=counts.get("reasoning"),
        answer=counts.get("answer"),
        completion=counts.get("completion"),
        counted_by=counts.get("counted_by", "recorded") if counts else None,
    )
    return Completion(
        request=request,
        text=row["text"],
        reasoning=row.get("reasoning"),
        tokens=tokens,
        stop=row.get("stop"),
        seconds=row.get("seconds"),
        rewards=tuple(Reward(**reward) for reward in row.get("rewards", ())),
    )
