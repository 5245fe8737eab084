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
from collections import deque
from collections.abc import Callable
from typing import Any

from . import codec, overheard
from .lent import Callback, Lent, LentIterator
from .peer import Gone, Peer, lineage


def main(handles: list[int]) -> int:
    """Serve the tests; descriptors: the code, the channel."""
    job = codec.decode(read_all(handles[0]))
    channel = _socket.socket(fileno=handles[1])
    seed(job["seed"])
    side = _Side(job["code"])
    peer = Peer(channel, side.serve, side.keep, side.resolve, exact=job["plain"])
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
        self.numbers: dict[int, int] = {}
        self.peer: Peer | None = None
        self.failed: BaseException | None = None
        self.followed: dict[str, bytes] = {}
        """Globals that the tests read, as they were last told."""
        self.heard = overheard.Overheard()

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
        if isinstance(value, Lent):
            return codec.Handle("yours", value.number, "")
        number = self.numbers.setdefault(id(value), len(self.held))
        self.held[number] = value
        kind, name = _kind(value), type(value).__name__
        if kind in {"class", "function"}:
            name = getattr(value, "__name__", name)
        if kind == "function" and not isinstance(value, types.FunctionType):
            name = type(value).__name__
        if kind == "exception":
            name = lineage(value)
        return codec.Handle(kind, number, str(name), _abilities(value))

    def resolve(self, handle: codec.Handle) -> Any:
        if handle.kind == "yours":
            return self.held[handle.number]
        return (LentIterator if handle.kind == "iterator" else Callback)(self, handle.number)

    def load(self, wanted: list[str], listen: list[str]) -> dict[str, Any]:
        """Give names that the program defines, and follow those that are plain data."""
        if self.failed is not None:
            raise self.failed
        self.heard.listen(listen)
        defined = self.module.__dict__
        given = {name: defined[name] for name in wanted if name in defined}
        self.followed = {name: seen for name, value in given.items() if (seen := _bytes_of(value)) is not None}
        return given

    def call(self, target: Any, args: list[Any], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        result = target(*args, **kwargs)
        return result, self._did(result, [*args, *kwargs.values()])

    def affect(self, target: Any, args: list[Any], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        """Call where the tests may look at the arguments again: what became of them goes back."""
        given = [*args, *kwargs.values()]
        before = {n: _bytes_of(arg) for n, arg in enumerate(given) if _can_change(arg)}
        result = target(*args, **kwargs)
        changed = {n: given[n] for n, was in before.items() if was is None or _bytes_of(given[n]) != was}
        return result, self._did(result, given, changed)

    def _did(self, result: Any, given: list[Any], changed: dict[int, Any] | None = None) -> dict[str, Any] | None:
        """Return what a call did besides giving its result; None, mostly."""
        did: dict[str, Any] = self.heard.since()
        if changed:
            did["args"] = changed
        if _can_change(result):
            same = next((n for n, arg in enumerate(given) if arg is result), None)
            if same is not None:
                did["same"] = same
        names = {}
        for name, was in self.followed.items():
            now = _bytes_of(self.module.__dict__.get(name))
            if now is not None and now != was:
                names[name], self.followed[name] = self.module.__dict__[name], now
        if names:
            did["names"] = names
        return did or None

    def restore(self, target: Any, name: str, value: Any) -> None:
        """Make a container of an object hold what the tests made of their copy."""
        own = getattr(target, name)
        if isinstance(own, (list, bytearray)):
            own[:] = value
        elif isinstance(own, (dict, set)):
            own.clear()
            own.update(value)
        else:
            setattr(target, name, value)

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

    def anext(self, target: Any) -> tuple[Any, ...]:
        try:
            return (self.run(anext(target)),)
        except StopAsyncIteration:
            return ()

    def leave(self, target: Any, kind: str | None, text: str) -> bool:
        """End a ``with``; an error of the tests is one of the same built-in type here."""
        error = None if kind is None else getattr(builtins, kind, Exception)(text)
        return bool(target.__exit__(type(error) if error else None, error, None))


_MUTABLE = (list, dict, set, bytearray, deque)


def _can_change(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return isinstance(value, _MUTABLE) or (numpy is not None and isinstance(value, numpy.ndarray))


def _bytes_of(value: Any) -> bytes | None:
    """Return plain data as bytes; None for what is none."""
    try:
        return codec.encode(value)
    except (codec.CodecError, RecursionError):
        return None


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


def _abilities(value: Any) -> int:
    defined = [vars(kind) for kind in type(value).__mro__]
    return sum(
        1 << bit
        for bit, name in enumerate(codec.ABILITIES)
        if next((names[name] for names in defined if name in names), None) is not None
    )


def _is_function(value: Any) -> bool:
    return isinstance(value, (types.FunctionType, types.MethodType, types.BuiltinFunctionType))


def _signature(_: _Side, target: Any) -> list[tuple[Any, ...]]:
    """Name, kind, default and annotation of each parameter, the last two where they are plain."""
    import inspect

    told = []
    for p in inspect.signature(target).parameters.values():
        has = p.default is not p.empty
        default = p.default if has and _bytes_of(p.default) is not None else None
        note = p.annotation if p.annotation is not p.empty and _bytes_of(p.annotation) is not None else None
        told.append((p.name, int(p.kind), has, default, note))
    return told


def _code(_: _Side, target: Any) -> dict[str, Any]:
    names = ("co_name", "co_flags", "co_argcount", "co_kwonlyargcount", "co_varnames", "co_names")
    return {name: getattr(target.__code__, name) for name in names}


def _copy(_: _Side, target: Any, deep: bool) -> Any:
    import copy

    return copy.deepcopy(target) if deep else copy.copy(target)


_VERBS: dict[str, Callable[..., Any]] = {
    "load": _Side.load,
    "still there": lambda _: None,
    "call": _Side.call,
    "affect": _Side.affect,
    "restore": _Side.restore,
    "next": _Side.next,
    "run": _Side.run,
    "anext": _Side.anext,
    "leave": _Side.leave,
    "signature": _signature,
    "code": _code,
    "copy": _copy,
    "seed": lambda _, what, number: sys.modules[what].seed(number) if what in sys.modules else None,
    "iter": lambda _, target: iter(target),
    "reversed": lambda _, target: reversed(target),
    "get": lambda _, target, name: getattr(target, name),
    "set": lambda _, target, name, value: setattr(target, name, value),
    "unset": lambda _, target, name: delattr(target, name),
    "isinstance": lambda _, target, kind: isinstance(target, kind),
    "issubclass": lambda _, target, kind: issubclass(target, kind),
    "operator": lambda _, name, args: getattr(operator, name)(*args),
    "unary": lambda _, target, name, *more: getattr(type(target), f"__{name}__")(target, *more),
    "hash": lambda _, target: hash(target),
    "format": lambda _, target, spec: format(target, spec),
    "text": lambda _, target: str(target),
    "repr": lambda _, target: repr(target),
    "put": lambda _, target, key, value: operator.setitem(target, key, value),
    "drop": lambda _, target, key: operator.delitem(target, key),
    "size": lambda _, target: len(target),
}
