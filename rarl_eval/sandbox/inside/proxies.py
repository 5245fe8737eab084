"""What the tests exchange with the program: calls, what they hand over, and what each does to the other's things.

A call's result and what it did to its arguments are both seen. An argument crosses as a copy; what became of it is
written back once the statement that made the call is done, so that within one statement a program cannot spoil the
value it is compared with. What the tests do to a container that they read off an object goes back before the next
question. Prints, warnings and log records of the program reach tests that look for them.
"""

import builtins
import contextlib
import copy
import logging
import sys
import threading
import warnings
from typing import Any, NoReturn

from . import codec, raised, written
from .peer import Peer, Refused
from .remote import Remote, known_as, remote

_MUTABLE = (list, dict, set, bytearray)
_MOST_LENT = 100
_NOTHING = object()


class CannotCross(BaseException):
    """A test needs what the wall does not let through, whatever the program; no test may catch this."""


class Desk:
    """Where the tests keep what they exchange with the program."""

    def __init__(self) -> None:
        self.peer: Peer | None = None
        self.calls = 0
        self.plain = False
        """Whether answers must be plain data; set once the program's names are here."""
        self.functions = False
        self.last: tuple[str, tuple[Any, ...], dict[str, Any], Any] | None = None
        self.raised: BaseException | None = None
        self.cause: tuple[Any, ...] | None = None
        self.space: dict[str, Any] = {}
        """The names the tests run in, of which the program's globals are followed."""
        self._lent: dict[int, Any] = {}
        self._exceptions: dict[str, type[BaseException]] = {}
        self._pending: list[tuple[Any, Any]] = []
        self._was: dict[int, tuple[Any, Any]] = {}
        self._copies: list[tuple[Any, Any]] = []
        self._read: list[tuple[Remote, str, Any, bytes]] = []
        self._turn = threading.RLock()

    def ask(self, verb: str, *operands: Any) -> Any:
        """Ask the program; what it raises there is raised here, as the same built-in type."""
        assert self.peer is not None
        with self._turn:
            if self._read:
                self._give_back()
            self.peer.begin(verb, *operands)
            return self.finish()

    def finish(self) -> Any:
        """Return the answer to the question that the peer sent."""
        assert self.peer is not None
        try:
            return self.peer.finish()
        except Refused as error:
            self._raise(error)

    def cannot(self, why: str) -> CannotCross:
        """Return what ends the tests without a verdict."""
        return CannotCross(why)

    def call(self, target: Remote, args: tuple[Any, ...], kwargs: dict[str, Any], *, watched: bool = False) -> Any:
        """Call a thing of the program; ``watched`` where the tests may look at the arguments afterwards."""
        self.calls += 1
        self.last = (target._handle.name, args, kwargs, _NOTHING)
        answer = self.ask("affect" if watched else "call", target, list(args), kwargs)
        if type(answer) is not tuple or len(answer) != 2 or type(answer[1]) not in {dict, type(None)}:
            raise TypeError("a call gives its result and what it did")
        result, did = answer
        self.last = (target._handle.name, args, kwargs, result)
        if did:
            result = self._done(did, args, kwargs, result)
        if target._makes and isinstance(result, Remote):
            return remote(self, result._handle, made=True)
        return result

    def observed(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a function with what the tests may look at again; one of the tests' own is called as it is."""
        if not isinstance(function, Remote):
            return function(*args, **kwargs)
        return self.call(function, args, kwargs, watched=True)

    def settled(self, value: Any) -> Any:
        """Write back what calls did to their arguments: the statement that made them is done."""
        while self._pending:
            own, after = self._pending.pop(0)
            with contextlib.suppress(Exception):  # what cannot be copied is looked at as it is
                self._was[id(own)] = (own, copy.deepcopy(own))
            written.write_back(own, after)
        return value

    def before(self, value: Any) -> Any:
        """Return what a value was before the program changed it, or things in it."""
        if not self._was:
            return value
        known = self._was.get(id(value))
        if known is not None:
            return known[1]
        if type(value) in {list, tuple}:
            parts = [self.before(part) for part in value]
            changed = any(new is not old for new, old in zip(parts, value, strict=True))
            return type(value)(parts) if changed else value
        if type(value) is dict:
            pairs = {key: self.before(part) for key, part in value.items()}
            return pairs if any(pairs[key] is not value[key] for key in value) else value
        return value

    def type_of(self, thing: Any) -> Any:
        """Return the class of a thing; the program's own, as the tests know it, of one of its things."""
        if isinstance(thing, Remote) and thing._handle.kind == "object":
            return self.ask("get", thing, "__class__")
        return type(thing)

    def is_same(self, left: Any, right: Any) -> bool:
        """Whether two things of a test are one: where the program gave back what it was given, they are."""
        if isinstance(left, Remote) and isinstance(right, Remote):
            return bool(left._handle.number == right._handle.number)
        real = [next((own for copy, own in self._copies if copy is side), side) for side in (left, right)]
        return real[0] is real[1]

    def read(self, target: Remote, name: str) -> Any:
        """Read an attribute; a container is watched, for what the tests do to it goes back."""
        value = self.ask("get", target, name)
        if type(value) in _MUTABLE:
            self._read = [*self._read[1 - _MOST_LENT :], (target, name, value, codec.encode(value, self.keep))]
        return known_as(name, value)

    def as_made(self, source: Remote, value: Any) -> Any:
        """Return a thing that came of an object of the tests' making as one, too."""
        return remote(self, value._handle, made=source._made) if isinstance(value, Remote) else value

    def serve(self, verb: str, operands: list[Any]) -> Any:
        """Answer the program: it may call or walk what it was given, and nothing else."""
        if not operands or all(operands[0] is not lent for lent in self._lent.values()):
            raise raised.ProgramError("a program may only use what it was given")
        if verb == "next" and len(operands) == 1:
            try:
                return (next(operands[0]),)
            except StopIteration:
                return ()
        if verb != "call" or len(operands) != 3 or not callable(operands[0]):
            raise raised.ProgramError("a program may only call what it was given")
        function, args, kwargs = operands
        if type(args) is not list or type(kwargs) is not dict:
            raise raised.ProgramError("a program may only call what it was given")
        return function(*args, **kwargs)

    def keep(self, value: Any) -> codec.Handle:
        """Return a handle for what a test hands over: functions, iterators, and the program's own things back."""
        if isinstance(value, Remote):
            return codec.Handle("yours", value._handle.number, "")
        walks = hasattr(type(value), "__next__") and not hasattr(value, "read")
        if not walks and (not callable(value) or _is_mock(value)):
            raise CannotCross(f"a {type(value).__name__} of the tests cannot be handed to the program")
        number = next((n for n, lent in self._lent.items() if lent is value), len(self._lent))
        self._lent[number] = value
        return codec.Handle("iterator" if walks else "function", number, str(getattr(value, "__name__", "function")))

    def resolve(self, handle: codec.Handle) -> Any:
        """Return what stands here for a handle the program sent."""
        if self.plain and not (self.functions and handle.kind == "function"):
            raise codec.CodecError(f"the answer holds a {handle.name or handle.kind}, which is no plain data")
        if handle.kind == "yours":
            if handle.number not in self._lent:
                raise codec.CodecError("the program gave back what it was never given")
            return self._lent[handle.number]
        if handle.kind == "exception":
            return self._exception(*handle.name.partition(":")[::2])
        thing = remote(self, handle)
        if self.plain:  # it can be called, and nothing of it be read
            return lambda *args, **kwargs: self.call(thing, args, kwargs)
        return _waited_for(thing) if handle.kind == "coroutine" else thing

    def plain_truth(self, answer: Remote) -> bool:
        """Say that an object is true; one whose class has its own idea of truth is no answer a test may lean on."""
        for name in ("__bool__", "__len__"):
            try:
                self.ask("get", answer, name)
            except AttributeError:
                continue
            raise TypeError(f"the answer is a {answer._handle.name}, no plain data: its truth is its own code")
        return True

    def _done(self, did: dict[Any, Any], args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Any:
        """Take in what a call did besides giving its result."""
        given = [*args, *kwargs.values()]
        after = did.get("args")
        if type(after) is dict:
            self._pending += [(given[n], value) for n, value in after.items() if type(n) is int and 0 <= n < len(given)]
        same = did.get("same")
        if type(same) is int and 0 <= same < len(given) and type(result) is type(given[same]):
            self._copies = [*self._copies[-_MOST_LENT:], (result, given[same])]
        names = did.get("names")
        for name, value in names.items() if type(names) is dict else ():
            self._follow(name, value)
        self._tell(did)
        return result

    def _follow(self, name: str, value: Any) -> None:
        """Let the tests see that a global of the program has another value now."""
        known = self.space.get(name, _NOTHING)
        if known is _NOTHING or isinstance(known, Remote):
            return
        if type(known) in _MUTABLE and type(value) is type(known):
            written.write_back(known, value)
        else:
            self.space[name] = value

    def _tell(self, did: dict[Any, Any]) -> None:
        """Say here what the program printed, warned of and logged."""
        if type(printed := did.get("out")) is str:
            sys.stdout.write(printed)
        for entry in did["warned"] if type(did.get("warned")) is list else ():
            kind, text = entry
            found = getattr(builtins, kind, UserWarning)
            known = isinstance(found, type) and issubclass(found, Warning)
            warnings.warn(str(text), found if known else UserWarning, stacklevel=4)
        for entry in did["logged"] if type(did.get("logged")) is list else ():
            name, level, text = entry
            if type(name) is str and type(level) is int and type(text) is str:
                logging.getLogger(name).log(level, "%s", text)

    def _give_back(self) -> None:
        """Send the program what the tests did to containers they read off its objects."""
        read, self._read = self._read, []
        for target, name, value, was in read:
            now = codec.encode(value, self.keep)
            if now != was:
                assert self.peer is not None
                self.peer.begin("restore", target, name, value)
                self.finish()
            self._read.append((target, name, value, now))

    def _exception(self, names: str, builtin: str) -> type[BaseException]:
        """Return the class that stands for one of the program's exceptions, a kind of those it is a kind of there."""
        base = raised.ordinary(builtin)
        for name in reversed(names.split("/")):
            if name not in self._exceptions:
                self._exceptions[name] = type(name, (base,), {"__str__": raised.own_text})
            base = self._exceptions[name]
        return base

    def _raise(self, error: Any) -> NoReturn:
        family = (error.state or {}).get("")
        kind = self._exceptions.get(error.name) or raised.of_library(error.name, error.module)
        if kind is None and type(family) is str and ":" in family:
            kind = self._exception(*family[:400].partition(":")[::2])
        kind = kind or raised.ordinary(error.builtin)
        found = raised.made(kind, error)
        self.raised = found
        self.cause = (error.name, error.builtin, error.text, error.number, error.line)
        raise found


async def _waited_for(thing: Any) -> Any:
    return thing._desk.ask("run", thing)


def _is_mock(value: Any) -> bool:
    return type(value).__module__.startswith("unittest.mock")
