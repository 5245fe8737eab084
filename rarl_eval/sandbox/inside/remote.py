"""What stands in the tests for a thing that stays in the program: a function, class, object or iterator.

It can be called, walked and read, and each thing read is again plain data or such a stand-in. It is never asked whether
it equals a value, is true, or contains something: that would let the program judge itself. Only an object the tests
made themselves, by calling a class, answers for operators its class defines; and a class is what the tests spell with a
capital, so that a program cannot put one where a function was asked for.
"""

import inspect
import types
from collections.abc import Callable, Generator, Iterator
from functools import cache
from typing import Any

from . import codec

_READABLE = frozenset(
    {
        "__name__", "__qualname__", "__module__", "__annotations__", "__defaults__", "__kwdefaults__", "__wrapped__",
        "__version__", "__members__", "__mro__", "__bases__", "__func__", "__self__",
    }
)  # fmt: skip
"""Names with underscores that say what a thing is, and lead to nothing of the tests."""


class Remote:
    """A thing in the program, by its number there."""

    __slots__ = ("__weakref__", "_desk", "_handle", "_made", "_makes")

    def __init__(self, desk: Any, handle: codec.Handle, *, made: bool = False, makes: bool = False) -> None:
        object.__setattr__(self, "_desk", desk)
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_made", made)
        object.__setattr__(self, "_makes", makes)

    def __getattr__(self, name: str) -> Any:
        if name == "__signature__" and self._handle.can & 1:
            return _signature(self._desk.ask("signature", self))
        if name == "__code__" and self._handle.kind == "function":
            return types.SimpleNamespace(**self._desk.ask("code", self))
        if name.startswith("__") and name not in _READABLE:
            raise AttributeError(f"{self._handle.name} has no {name} that a test may use")
        return self._desk.read(self, name)

    @property
    def __doc__(self) -> Any:  # type: ignore[override]
        return self._desk.ask("get", self, "__doc__")

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return self._desk.ask("get", self, "__dict__")

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        known = _CLASSES.get(self._handle.name) if self._handle.kind in {"function", "iterator"} else None
        return known or (types.FunctionType if self._handle.kind == "function" else type(self))

    def __setattr__(self, name: str, value: Any) -> None:
        self._desk.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._desk.ask("unset", self, name)

    def __mro_entries__(self, _bases: Any) -> Any:
        raise self._desk.cannot("a class of the tests that is a kind of a program's class cannot cross")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Remote) or other._handle is None:
            return False
        same = self._handle.number == other._handle.number
        return same or _truth(self._desk.ask("operator", "eq", [self, other]))

    def __hash__(self) -> int:
        if self._made:
            found = self._desk.ask("hash", self)
            if type(found) is int:
                return found
        return hash(self._handle.number)

    def __bool__(self) -> bool:
        return _truth(self._desk.ask("operator", "truth", [self])) if self._made else self._desk.plain_truth(self)

    def __str__(self) -> str:
        return _text(self._desk.ask("text", self))

    def __repr__(self) -> str:
        return _text(self._desk.ask("repr", self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec) if not self._made else _text(self._desk.ask("format", self, spec))

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, Remote) and _truth(self._desk.ask("isinstance", value, self))

    def __subclasscheck__(self, value: Any) -> bool:
        return isinstance(value, Remote) and _truth(self._desk.ask("issubclass", value, self))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._own("__setitem__", "put", key, value)

    def __delitem__(self, key: Any) -> None:
        self._own("__delitem__", "drop", key)

    def __copy__(self) -> Any:
        return self._desk.as_made(self, self._desk.ask("copy", self, False))

    def __deepcopy__(self, _memo: Any) -> Any:
        return self._desk.as_made(self, self._desk.ask("copy", self, True))

    def __reduce_ex__(self, _protocol: Any) -> Any:
        raise self._desk.cannot(f"a {self._handle.name} of the program cannot be pickled by a test")

    def _own(self, name: str, verb: str, *operands: Any) -> Any:
        if not (self._made or self._makes):
            raise TypeError(f"the answer is a {self._handle.name}, no plain data: a test may not use its {name}")
        return self._desk.ask(verb, self, *operands)


_CLASSES: dict[str, type] = {
    "generator": types.GeneratorType,
    "builtin_function_or_method": types.BuiltinFunctionType,
    "method": types.MethodType,
    "async_generator": types.AsyncGeneratorType,
    **{kind.__name__: kind for kind in (map, filter, zip, enumerate, reversed)},
}


def _call(self: Any, *args: Any, **kwargs: Any) -> Any:
    return self._desk.call(self, args, kwargs)


def _iter(self: Any) -> Iterator[Any]:
    if self._handle.kind == "iterator":
        return self  # type: ignore[no-any-return]
    walk = self._desk.ask("iter", self)
    if not isinstance(walk, Remote):
        raise TypeError(f"{self._handle.name} has no iterator")
    return walk


def _next(self: Any) -> Any:
    found = self._desk.ask("next", self)
    if type(found) is not tuple or len(found) > 1:
        raise TypeError("an iterator gives one value at a time")
    if not found:
        raise StopIteration
    return found[0]


def _len(self: Any) -> int:
    size = self._own("__len__", "size")
    if type(size) is not int:
        raise TypeError("a length is an integer")
    return size


def _contains(self: Any, item: Any) -> bool:
    if not (self._made or self._makes):
        self._own("__contains__", "operator")
    return _truth(self._desk.ask("operator", "contains", [self, item]))


def _await(self: Any) -> Generator[None, None, Any]:
    yield from ()
    return self._desk.ask("run", self)


def _enter(self: Any) -> Any:
    entered = self._desk.ask("get", self, "__enter__")()
    return self if isinstance(entered, Remote) and entered._handle.number == self._handle.number else entered


def _exit(self: Any, *error: Any) -> Any:
    told = error[0] is not None and "told"
    return self._desk.ask("leave", self, error[0].__name__ if told else None, str(error[1]) if told else "")


async def _anext(self: Any) -> Any:
    found = self._desk.ask("anext", self)
    if type(found) is not tuple or len(found) > 1:
        raise TypeError("an iterator gives one value at a time")
    if not found:
        raise StopAsyncIteration
    return found[0]


async def _aenter(self: Any) -> Any:
    return await self._desk.ask("get", self, "__aenter__")()


async def _aexit(self: Any, *_error: Any) -> Any:
    return await self._desk.ask("get", self, "__aexit__")(None, None, None)


_ABLE: dict[str, Any] = {
    "__call__": _call,
    "__iter__": _iter,
    "__next__": _next,
    "__len__": _len,
    "__contains__": _contains,
    "__reversed__": lambda self: self._own("__reversed__", "reversed"),
    "__await__": _await,
    "__aiter__": lambda self: self,
    "__anext__": _anext,
    "__enter__": _enter,
    "__exit__": _exit,
    "__aenter__": _aenter,
    "__aexit__": _aexit,
    "__getitem__": None,
}


@cache
def _kind(can: int, name: str) -> type[Remote]:
    """Return the class of things that Python may do so much with, under the name of their own."""
    able = {name: _ABLE[name] for bit, name in enumerate(codec.ABILITIES) if can >> bit & 1 and _ABLE[name]}
    own = {name: vars(Remote)[name] for name in ("__doc__", "__dict__", "__class__")}
    return type(name, (Remote,), {"__slots__": (), **own, **able})


def remote(desk: Any, handle: codec.Handle, *, made: bool = False, makes: bool = False) -> Remote:
    """Return what stands for a thing of the program."""
    name = handle.name if handle.kind == "object" else handle.kind
    return _kind(handle.can, name)(desk, handle, made=made, makes=makes)


def known_as(name: str, value: Any) -> Any:
    """Return a thing of the program as the tests spell it: a class whose name has a capital makes objects of theirs."""
    if isinstance(value, Remote) and value._handle.kind in {"class", "exception"} and name.lstrip("_")[:1].isupper():
        return remote(value._desk, value._handle, makes=True)
    return value


def _signature(told: Any) -> inspect.Signature:
    """Return a signature of names, kinds and plain defaults."""
    if type(told) is not list or any(type(part) is not tuple or len(part) != 5 for part in told):
        raise TypeError("a signature is a list of parameters")
    empty = inspect.Parameter.empty
    made = [
        inspect.Parameter(
            name,
            inspect._ParameterKind(kind),
            default=default if has else empty,
            annotation=empty if note is None else note,
        )
        for name, kind, has, default, note in told
    ]
    return inspect.Signature(made)


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError("a comparison gives True or False")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("the text of an object is a str")
    return value


def _operator(name: str, *, swapped: bool) -> Callable[[Remote, Any], Any]:
    def apply(self: Remote, other: Any) -> Any:
        dunder = f"__{'r' if swapped else ''}{name}__"
        operands = [other, self] if swapped else [self, other]
        if not (self._made or (self._makes and name == "getitem") or (isinstance(other, Remote) and other._made)):
            return self._own(dunder, "operator")
        result = self._desk.ask("operator", name, operands)
        return remote(self._desk, result._handle, made=True) if isinstance(result, Remote) else result

    return apply


def _unary(name: str) -> Callable[[Remote], Any]:
    def apply(self: Remote, *more: Any) -> Any:
        return self._desk.as_made(self, self._own(f"__{name}__", "unary", name, *more))

    return apply


# The names are those of the operator module, which applies them in the program.
for _name in (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift", "rshift",
):  # fmt: skip
    _plain = _name.rstrip("_")
    setattr(Remote, f"__{_plain}__", _operator(_name, swapped=False))
    setattr(Remote, f"__r{_plain}__", _operator(_name, swapped=True))
for _name in ("lt", "le", "gt", "ge", "getitem"):
    setattr(Remote, f"__{_name}__", _operator(_name, swapped=False))
for _name in ("neg", "pos", "abs", "invert", "int", "float", "complex", "round", "index"):
    setattr(Remote, f"__{_name}__", _unary(_name))
