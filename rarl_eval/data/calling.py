"""A task's own functions, called so that what they raise, or return amiss, is a Fault and never the end of a run.

A task may be anybody's: its ``item``, ``prompt``, ``verify`` and ``score`` are held to what types.py says of them. A
verifier that does not come back is given up after RARL_EVAL_PATIENCE seconds (60); one that waits inside a single
regular expression cannot be interrupted.
"""

import contextvars
import ctypes
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from rarl_eval.errors import BadInput, Fault, attempt
from rarl_eval.types import Item, Message, Row, Task, Verdict

PATIENCE_SECONDS = 60.0

_ITEM = msgspec.json.Decoder(Item).decode
_VERDICT = msgspec.json.Decoder(Verdict).decode
_MESSAGES = msgspec.json.Decoder(tuple[Message, ...]).decode
_SCORES = msgspec.json.Decoder(dict[str, float | None]).decode


def ours(task: Task) -> bool:
    """Whether a task ships with the program, so that a row it cannot read is the file's fault and not the task's."""
    return str(getattr(task.item, "__module__", None)).startswith("rarl_eval.")


def item_of(task: Task, row: Row) -> Item | Fault | None:
    """Return the item that a row is; None for a row that is no question."""
    found = attempt("item", task.item, row)
    if found is None or isinstance(found, Fault) or ours(task):
        return found
    held = _held("item", found, Item, "an Item", _ITEM)
    return held if isinstance(held, Fault) else found  # as it was made: what meta holds is the task's own affair


def prompt_of(task: Task, item: Item) -> tuple[Message, ...] | Fault:
    """Return what a model is asked."""
    found = attempt("prompt", lambda: tuple(task.prompt(item)))
    if isinstance(found, Fault):
        return found
    messages: tuple[Message, ...] | Fault = _held("prompt", found, tuple, "a list of Message", _MESSAGES)
    return messages or Fault("prompt", "returned no message")


def verdict_of(task: Task, item: Item, answer: str) -> Verdict:
    """Return what the task's rule says of an answer; ``cannot_judge`` with the reason where it says nothing."""
    # A program that the sandbox runs has limits of its own, and our rules bound themselves.
    bounded = not (task.runs_code or ours(task))
    call = _in_time if bounded else _at_once
    found = attempt("verify", call, task.verify, item, answer)
    if not isinstance(found, Fault):
        found = _held("verify", found, Verdict, "a Verdict", _VERDICT)
    return Verdict(status="cannot_judge", reason=found.reason) if isinstance(found, Fault) else found


def scores_of(task: Task, item: Item, answer: str) -> dict[str, float | None] | Fault:
    """Return the benchmark's own scores of an answer; none where the task has none."""
    if task.score is None:
        return {}
    found = attempt("score", task.score, item, answer)
    if isinstance(found, Fault):
        return found
    plain = {k: _number(v) for k, v in found.items()} if isinstance(found, Mapping) else found
    scores: dict[str, float | None] | Fault = _held("score", plain, dict, "numbers by name", _SCORES)
    return scores


def _number(value: Any) -> Any:
    """Return a plain number of a truth value or another library's number."""
    return float(value) if isinstance(value, bool) or hasattr(value, "__float__") else value


def _held(what: str, found: Any, kind: type, told: str, decode: Callable[[bytes], Any]) -> Any:
    """Hold a result to its type, fields included, as it would be read back from a run."""
    if not isinstance(found, kind):
        return Fault(what, f"returned {type(found).__name__}, not {told}")
    again = attempt(what, lambda: decode(msgspec.json.encode(found)))
    if isinstance(again, Fault):
        return Fault(what, f"returned {told} that cannot be kept: {again.error}")
    return again


def _at_once(function: Callable[..., Any], *given: Any) -> Any:
    return function(*given)


def _in_time(function: Callable[..., Any], *given: Any) -> Any:
    """Call in a thread of its own, given up when it is late; raises TimeoutError then."""
    done: list[Any] = []
    context = contextvars.copy_context()

    def call() -> None:
        try:
            done.append(attempt("verify", context.run, function, *given))
        except BaseException as error:  # noqa: BLE001  an interrupt is the caller's, not this thread's
            done.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    limit = _patience()
    thread.join(limit)
    if not done:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
        return Fault("verify", f"returned nothing within {limit:g} s")
    if isinstance(done[0], BaseException):
        raise done[0]
    return done[0]


def _patience() -> float:
    told = os.environ.get("RARL_EVAL_PATIENCE", "")
    try:
        return float(told) if told else PATIENCE_SECONDS
    except ValueError as error:
        raise BadInput(f"RARL_EVAL_PATIENCE={told} is no number of seconds") from error
