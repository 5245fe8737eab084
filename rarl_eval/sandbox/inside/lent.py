"""What the program is given of the tests: functions to call and iterators to walk, and nothing else of them."""

import builtins
from typing import Any

from .peer import Refused


class Lent:
    """A thing of the tests, handed to the program."""

    def __init__(self, side: Any, number: int) -> None:
        self._side = side
        self.number = number

    def _ask(self, verb: str, *operands: Any) -> Any:
        assert self._side.peer is not None
        try:
            return self._side.peer.ask(verb, self, *operands)
        except Refused as error:
            kind = getattr(builtins, error.builtin, Exception)
            raise kind(error.text) from None


class Callback(Lent):
    """A function of the tests."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("call", list(args), kwargs)


class LentIterator(Lent):
    """An iterator of the tests."""

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        found = self._ask("next")
        if not found:
            raise StopIteration
        return found[0]
