"""The program's side: load the model's code, then answer calls on what it defined, until the tests hang up.

Nothing here is trusted, since the program shares the process: it may forge any answer, but an answer is plain data,
and what it should be is known only elsewhere.
"""

import _socket
import builtins
import contextlib
import operator
import os
import sys
import types
from collections.abc import Callable
from typing import Any

from . import codec
from .peer import Gone, Peer, Refused

_IMMUTABLE = (int, float, complex, str, bytes, bool, type(None))


def main(handles: list[int]) -> int:
    """Serve the tests; descriptors: the code, the channel."""
    job = codec.decode(read_all(handles[0]))
    channel = _socket.socket(fileno=handles[1])
    seed(job["seed"])
    side = _Side(job["code"])
    peer = Peer(channel, side.serve, side.keep, side.resolve)
    side.peer = peer
    side.begin()
    with contextlib.suppress(Gone):
        peer.serve_forever()
    return 0


def read_all(handle: int) -> bytes:
    """Everything in a file in memory, whose descriptor is then closed."""
    content = os.pread(handle, os.fstat(handle).st_size, 0)
    os.close(handle)
    return content


def seed(number: int) -> None:
    """Start the random generators from the job's own number, so that a run can be repeated."""
    import random

    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number % 2**32)


class _Side:
    """The program's names, and what of it the tests hold handles to."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.module = types.ModuleType("solution")
        self.held: dict[int, Any] = {}
        self.peer: Peer | None = None
        self.failed: BaseException | None = None

    def begin(self) -> None:
        """Run the program's text; the module is known by its own name, as dataclasses and pickle expect.

        Names are asked for later, and whatever this raised is the answer.
        """
        sys.modules["solution"] = self.module
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            exec(compile(self.code, "solution.py", "exec", dont_inherit=True), self.module.__dict__)
        except BaseException as error:
            self.failed = error

    def serve(self, verb: str, operands: list[Any]) -> Any:
        return _VERBS[verb](self, *operands)

    def keep(self, value: Any) -> codec.Handle:
        if type(value) is _Callback:
            return codec.Handle("yours", value.number, "")
        number = len(self.held)
        self.held[number] = value
        kind, name = _kind(value), type(value).__name__
        if kind in {"class", "function"}:
            name = getattr(value, "__name__", name)
        if kind == "exception":
            name = f"{value.__name__}:{next(b.__name__ for b in value.__mro__ if b.__module__ == 'builtins')}"
        return codec.Handle(kind, number, str(name))

    def resolve(self, handle: codec.Handle) -> Any:
        if handle.kind == "yours":
            return self.held[handle.number]
        return _Callback(self, handle.number)

    def load(self, wanted: list[str]) -> dict[str, Any]:
        """Give names that the program defines."""
        if self.failed is not None:
            raise self.failed
        defined = self.module.__dict__
        return {name: defined[name] for name in wanted if name in defined}

    def call(self, target: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return target(*args, **kwargs)

    def affect(self, target: Any, args: list[Any], kwargs: dict[str, Any]) -> tuple[Any, list[Any]]:
        """Call for the effect on the arguments, which go back as they are afterwards."""
        result = target(*args, **kwargs)
        return result, [None if isinstance(arg, _IMMUTABLE) else arg for arg in args]

    def next(self, target: Any) -> tuple[Any, ...]:
        try:
            return (next(target),)
        except StopIteration:
            return ()

    def run(self, target: Any) -> Any:
        import asyncio

        async def whole() -> Any:
            return await target

        return asyncio.run(whole())


class _Callback:
    """A function of the tests, handed to the program."""

    def __init__(self, side: _Side, number: int) -> None:
        self._side = side
        self.number = number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        assert self._side.peer is not None
        try:
            return self._side.peer.ask("call", self, list(args), kwargs)
        except Refused as error:
            kind = getattr(builtins, error.builtin, Exception)
            raise kind(error.text) from None


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return "exception" if issubclass(value, Exception) else "class"
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, types.CoroutineType):
        return "coroutine"
    if hasattr(type(value), "__next__") and hasattr(type(value), "__iter__"):
        return "iterator"
    return "function" if (callable(value) and not hasattr(value, "__dict__")) or _is_function(value) else "object"


def _is_function(value: Any) -> bool:
    return isinstance(value, (types.FunctionType, types.MethodType, types.BuiltinFunctionType))


_VERBS: dict[str, Callable[..., Any]] = {
    "load": _Side.load,
    "still there": lambda _: None,
    "call": _Side.call,
    "affect": _Side.affect,
    "next": _Side.next,
    "run": _Side.run,
    "iter": lambda _, target: iter(target),
    "get": lambda _, target, name: getattr(target, name),
    "set": lambda _, target, name, value: setattr(target, name, value),
    "isinstance": lambda _, target, kind: isinstance(target, kind),
    "operator": lambda _, name, args: getattr(operator, name)(*args),
    "text": lambda _, target: str(target),
    "repr": lambda _, target: repr(target),
    "put": lambda _, target, key, value: operator.setitem(target, key, value),
    "drop": lambda _, target, key: operator.delitem(target, key),
    "size": lambda _, target: len(target),
}
