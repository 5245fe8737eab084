"""Sixty-four bytes at once: what each of them is, as bit masks, by vector instructions that LLVM makes.

Bit k of a mask is about byte k. The loops of lexer.py and shapes.py go from set bit to set bit, so that what costs is a
word, not a byte: a branch per byte would be mispredicted at nearly every word.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

WIDTH = 64
_built: Any = intrinsic  # its type says nothing of how what it makes is called
_BYTE, _VECTOR, _MASK = ir.IntType(8), ir.VectorType(ir.IntType(8), WIDTH), ir.IntType(WIDTH)


def _load(context: Any, builder: Any, array_type: Any, array: Any, at: Any, kind: Any) -> Any:
    data = context.make_array(array_type)(context, builder, value=array).data
    return builder.load(builder.bitcast(builder.gep(data, [at]), kind.as_pointer()), align=1)


class _Bytes:
    """Tests on one vector of bytes, in the making of a function."""

    def __init__(self, builder: Any, vector: Any) -> None:
        self.builder, self.vector = builder, vector
        self.folded = builder.or_(vector, self._all(0x20))

    def _all(self, value: int) -> Any:
        return ir.Constant(_VECTOR, [ir.Constant(_BYTE, value)] * WIDTH)

    def among(self, chars: str) -> Any:
        """Which bytes are one of these."""
        each = [self.builder.icmp_unsigned("==", self.vector, self._all(ord(c))) for c in chars]
        return self.any(*each)

    def any(self, *masks: Any) -> Any:
        found = masks[0]
        for mask in masks[1:]:
            found = self.builder.or_(found, mask)
        return found

    def between(self, low: int, high: int, *, folded: bool = False) -> Any:
        """Which bytes lie in a range; ``folded`` for letters of either case."""
        moved = self.builder.sub(self.folded if folded else self.vector, self._all(low))
        return self.builder.icmp_unsigned("<=", moved, self._all(high - low))

    def letters(self) -> Any:
        return self.between(97, 122, folded=True)

    def digits(self) -> Any:
        return self.between(48, 57)

    def high(self) -> Any:
        return self.between(128, 255)


def _packed(context: Any, builder: Any, masks: list[Any]) -> Any:
    return context.make_tuple(
        builder, types.UniTuple(types.uint64, len(masks)), [builder.bitcast(mask, _MASK) for mask in masks]
    )


def _here_and_after(context: Any, builder: Any, signature: Any, arguments: Any) -> tuple[_Bytes, _Bytes]:
    """Give the bytes from a place, and those one further."""
    array, start = arguments
    further = builder.add(start, context.get_constant(types.intp, 1))
    loads = (_load(context, builder, signature.args[0], array, place, _VECTOR) for place in (start, further))
    here, after = (_Bytes(builder, vector) for vector in loads)
    return here, after


@_built
def text_masks(_: Any, buf: Any, at: Any) -> Any:
    """Tell what the 64 bytes from ``at`` are to words; reads 65 bytes.

    Returns (letters, digits, hard, backslash, backslash before another or before u, backslash before n, line end,
    double quote, sentence end, what may go on a word that ended before it, what may go on a number). Hard is what more
    than one byte decides.
    """

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        here, after = _here_and_after(context, builder, signature, arguments)
        high, backslash, ampersand = here.high(), here.among("\\"), here.among("&")
        begun = here.any(after.letters(), after.high())
        tag = builder.and_(here.among("<"), here.any(after.letters(), after.among("/")))
        joint = builder.and_(here.among("'-"), here.any(begun, after.among("\\\n\r")))
        full_stop = builder.and_(here.among("."), after.among(" \n\\"))
        grouped = builder.and_(here.among(",."), here.any(after.digits(), after.high()))
        masks = [
            here.letters(),
            here.digits(),
            here.any(high, tag, ampersand),
            backslash,
            builder.and_(backslash, after.among("\\u")),
            builder.and_(backslash, after.among("n")),
            here.among("\n"),
            here.among('"'),
            here.any(here.among("?!:"), full_stop),
            here.any(high, ampersand, joint),
            here.any(high, backslash, grouped),
        ]
        return _packed(context, builder, masks)

    return types.UniTuple(types.uint64, 11)(buf, at), make


@_built
def eight_bytes(_: Any, buf: Any, at: Any) -> Any:
    """Read eight bytes from ``at`` as one number, the first lowest."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, start = arguments
        return _load(context, builder, signature.args[0], array, start, _MASK)

    return types.uint64(buf, at), make


@_built
def trailing_zeros(_: Any, mask: Any) -> Any:
    """Count the zeros below the lowest set bit; 64 if none is set."""

    def make(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, 0))

    return types.int64(mask), make


@_built
def code_masks(_: Any, buf: Any, at: Any) -> Any:
    """Tell what the 64 bytes from ``at`` are to the shape of code; reads 65 bytes.

    Returns (parts of names, digits, dots, blanks, what begins a comment or a string, backslash, backslash before
    another, backslash before the letter of a blank).
    """

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        here, after = _here_and_after(context, builder, signature, arguments)
        backslash = here.among("\\")
        comment = here.any(here.among("#'\""), builder.and_(here.among("/"), after.among("/")))
        masks = [
            here.any(here.letters(), here.digits(), here.among("_")),
            here.digits(),
            here.among("."),
            here.any(here.between(0, 32), here.high()),
            comment,
            backslash,
            builder.and_(backslash, after.among("\\")),
            builder.and_(backslash, after.among("ntr")),
        ]
        return _packed(context, builder, masks)

    return types.UniTuple(types.uint64, 8)(buf, at), make


@_built
def literal_masks(_: Any, buf: Any, at: Any) -> Any:
    """Tell which of the 64 bytes from ``at`` may end a comment or a string: quotes, line ends, backslashes."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, start = arguments
        here = _Bytes(builder, _load(context, builder, signature.args[0], array, start, _VECTOR))
        return builder.bitcast(here.among("\"'\n\\"), _MASK)

    return types.uint64(buf, at), make
