"""How one side names what stays on the other."""

from typing import NamedTuple


class Handle(NamedTuple):
    """Something that stays on its own side: what it is, its number there, and its type's name."""

    kind: str
    number: int
    name: str
    can: int = 0
    """What Python may do with it, as bits: see ``ABILITIES``."""


ABILITIES = (
    "__call__", "__iter__", "__next__", "__len__", "__contains__", "__reversed__", "__await__", "__aiter__",
    "__anext__", "__enter__", "__exit__", "__aenter__", "__aexit__", "__getitem__",
)  # fmt: skip
"""What a thing's class has or not, which tests may ask (``callable``, ``isinstance(x, Iterable)``)."""


KINDS = ("object", "iterator", "function", "class", "exception", "coroutine", "module", "yours")
"""What a handle can be, as its maker says; ``yours`` gives back one of the receiver's own."""
