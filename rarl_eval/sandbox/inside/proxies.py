"""What stands in the tests for things that stay in the program: functions, classes, objects, iterators.

An answer that is no plain data can be called, walked and read, and each thing read is again plain data or a proxy.
It is never asked whether it equals a value, is true, or contains something: that would let the program judge itself.
Only an object the tests made themselves, by calling a class, answers for operators its class defines; and a class is
what the tests spell with a capital, so that a program cannot put one where a function was asked for.
"""

import builtins
from collections.abc import Callable, Generator, Iterator
from typing import Any, NoReturn

from . import codec
from .peer import Peer, Refused

_NOT_RAISED = (StopIteration, StopAsyncIteration, Warning)
"""Exceptions that a test's own loop would take for its end, or that are none."""


class ProgramError(Exception):
    """The program raised something that is no ordinary built-in exception."""


class Remote:
    """A thing in the program, by its number there."""

    __slots__ = ("_desk", "_handle", "_made", "_makes")

    def __init__(self, desk: "Desk", handle: codec.Handle, *, made: bool = False, makes: bool = False) -> None:
        object.__setattr__(self, "_desk", desk)
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_made", made)
        object.__setattr__(self, "_makes", makes)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._desk.call(self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{self._handle.name} has no {name} that a test may use")
        return known_as(name, self._desk.ask("get", self, name))

    def __setattr__(self, name: str, value: Any) -> None:
        self._desk.ask("set", self, name, value)

    def __iter__(self) -> Iterator[Any]:
        if self._handle.kind == "iterator":
            return self
        walk: Iterator[Any] = self._desk.ask("iter", self)
        if not isinstance(walk, Remote):
            raise TypeError(f"{self._handle.name} has no iterator")
        return walk

    def __next__(self) -> Any:
        found = self._desk.ask("next", self)
        if type(found) is not tuple or len(found) > 1:
            raise TypeError("an iterator gives one value at a time")
        if not found:
            raise StopIteration
        return found[0]

    def __await__(self) -> Generator[None, None, Any]:
        yield from ()
        return self._desk.ask("run", self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not Remote:
            return False
        return self is other or _truth(self._desk.ask("operator", "eq", [self, other]))

    def __hash__(self) -> int:
        return hash(self._handle.number)

    def __bool__(self) -> bool:
        return _truth(self._desk.ask("operator", "truth", [self])) if self._made else self._desk.plain_truth(self)

    def __len__(self) -> int:
        size = self._own("__len__", "size")
        if type(size) is not int:
            raise TypeError("a length is an integer")
        return size

    def __str__(self) -> str:
        return _text(self._desk.ask("text", self))

    def __repr__(self) -> str:
        return _text(self._desk.ask("repr", self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, Remote) and _truth(self._desk.ask("isinstance", value, self))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._own("__setitem__", "put", key, value)

    def __delitem__(self, key: Any) -> None:
        self._own("__delitem__", "drop", key)

    def __enter__(self) -> Any:
        return self._desk.ask("get", self, "__enter__")()

    def __exit__(self, *_: object) -> None:
        self._desk.ask("get", self, "__exit__")(None, None, None)

    def _own(self, name: str, verb: str, *operands: Any) -> Any:
        if not self._made:
            raise TypeError(f"the answer is a {self._handle.name}, no plain data: a test may not use its {name}")
        return self._desk.ask(verb, self, *operands)


def known_as(name: str, value: Any) -> Any:
    """Return a thing of the program as the tests spell it: a class whose name has a capital makes objects of theirs."""
    if type(value) is Remote and value._handle.kind == "class" and name.lstrip("_")[:1].isupper():
        return Remote(value._desk, value._handle, makes=True)
    return value


class Desk:
    """Where the tests keep what they exchange with the program."""

    def __init__(self) -> None:
        self.peer: Peer | None = None
        self.calls = 0
        self.last: tuple[str, tuple[Any, ...], dict[str, Any], Any] | None = None
        self.raised: BaseException | None = None
        self.cause: tuple[str, str, str, int | None, int | None] | None = None
        self._lent: dict[int, Callable[..., Any]] = {}
        self._exceptions: dict[str, type[Exception]] = {}

    def ask(self, verb: str, *operands: Any) -> Any:
        """Ask the program; what it raises there is raised here, as the same built-in type."""
        assert self.peer is not None
        self.peer.begin(verb, *operands)
        return self.finish()

    def finish(self) -> Any:
        """Return the answer to the question that the peer sent."""
        assert self.peer is not None
        try:
            return self.peer.finish()
        except Refused as error:
            self._raise(error)

    def call(self, target: Remote, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.calls += 1
        self.last = (target._handle.name, args, kwargs, _NOTHING)
        result = self.ask("call", target, list(args), kwargs)
        self.last = (target._handle.name, args, kwargs, result)
        if target._makes and isinstance(result, Remote):
            return Remote(self, result._handle, made=True)
        return result

    def effect(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a function whose value the test throws away: what it did to its arguments is what counts."""
        if type(function) is not Remote:
            return function(*args, **kwargs)
        self.calls += 1
        self.last = (function._handle.name, args, kwargs, _NOTHING)
        answer = self.ask("affect", function, list(args), kwargs)
        if type(answer) is not tuple or len(answer) != 2 or type(answer[1]) is not list or len(answer[1]) != len(args):
            raise TypeError("a call gives its result and its arguments")
        for before, after in zip(args, answer[1], strict=True):
            _write_back(before, after)
        return answer[0]

    def serve(self, verb: str, operands: list[Any]) -> Any:
        """Answer the program: it may call the functions it was given, and nothing else."""
        if verb != "call" or len(operands) != 3 or not callable(operands[0]):
            raise ProgramError("a program may only call what it was given")
        function, args, kwargs = operands
        if (
            all(function is not lent for lent in self._lent.values())
            or type(args) is not list
            or type(kwargs) is not dict
        ):
            raise ProgramError("a program may only call what it was given")
        return function(*args, **kwargs)

    def keep(self, value: Any) -> codec.Handle:
        """Return a handle for what a test hands over; only functions, and the program's own things back."""
        if type(value) is Remote:
            return codec.Handle("yours", value._handle.number, "")
        if not callable(value):
            raise codec.CodecError(f"a {type(value).__name__} of the tests cannot be handed to the program")
        number = len(self._lent)
        self._lent[number] = value
        return codec.Handle("function", number, getattr(value, "__name__", "function"))

    def resolve(self, handle: codec.Handle) -> Any:
        """Return what stands here for a handle the program sent."""
        if handle.kind == "yours":
            if handle.number not in self._lent:
                raise codec.CodecError("the program gave back what it was never given")
            return self._lent[handle.number]
        if handle.kind == "exception":
            return self._exception(*handle.name.partition(":")[::2])
        return Remote(self, handle)

    def plain_truth(self, answer: Remote) -> bool:
        """Say that an object is true; one whose class has its own idea of truth is no answer a test may lean on."""
        for name in ("__bool__", "__len__"):
            try:
                self.ask("get", answer, name)
            except AttributeError:
                continue
            raise TypeError(f"the answer is a {answer._handle.name}, no plain data: its truth is its own code")
        return True

    def _exception(self, name: str, builtin: str) -> type[Exception]:
        if name not in self._exceptions:
            self._exceptions[name] = type(name, (_ordinary(builtin),), {})
        return self._exceptions[name]

    def _raise(self, error: Any) -> NoReturn:
        kind = self._exceptions.get(error.name) or _ordinary(error.builtin)
        try:
            raised = kind(error.text)
        except TypeError:
            raised = ProgramError(f"{error.name}: {error.text}")
        self.raised = raised
        self.cause = (error.name, error.builtin, error.text, error.number, error.line)
        raise raised


_NOTHING = object()


def _ordinary(name: str) -> type[Exception]:
    """Return the built-in exception of a name, where a test may meet it without harm; else ProgramError."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, _NOT_RAISED):
        return kind
    return ProgramError


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError("a comparison gives True or False")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("the text of an object is a str")
    return value


def _write_back(before: Any, after: Any) -> None:
    if type(before) is not type(after):
        return
    if type(before) in {list, bytearray}:
        before[:] = after
    elif type(before) in {dict, set}:
        before.clear()
        before.update(after)


def _operator(name: str, *, swapped: bool) -> Callable[[Remote, Any], Any]:
    def apply(self: Remote, other: Any) -> Any:
        dunder = f"__{'r' if swapped else ''}{name}__"
        operands = [other, self] if swapped else [self, other]
        if not (self._made or (isinstance(other, Remote) and other._made)):
            return self._own(dunder, "operator")
        result = self._desk.ask("operator", name, operands)
        return Remote(self._desk, result._handle, made=True) if isinstance(result, Remote) else result

    return apply


# The names are those of the operator module, which applies them in the program.
for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and_",
    "or_",
    "xor",
    "lshift",
    "rshift",
):
    _plain = _name.rstrip("_")
    setattr(Remote, f"__{_plain}__", _operator(_name, swapped=False))
    setattr(Remote, f"__r{_plain}__", _operator(_name, swapped=True))
for _name in ("lt", "le", "gt", "ge", "getitem", "contains"):
    setattr(Remote, f"__{_name}__", _operator(_name, swapped=False))
