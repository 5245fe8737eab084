"""The codec: plain data comes through as it is, subclasses as what they hold, and garbage as one kind of error."""

import contextlib
import datetime as dt
import enum
import math
import pathlib
import re
import uuid
import zoneinfo
from array import array
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.sandbox.inside import codec

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
)
HASHABLE = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.tuples(st.integers(), st.text())
PLAIN = st.recursive(
    SCALARS | st.fractions() | st.decimals(allow_nan=False) | st.datetimes() | st.timedeltas(),
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.sets(HASHABLE) | st.frozensets(HASHABLE)
        | st.dictionaries(HASHABLE, inner) | st.lists(inner).map(deque)
    ),
    max_leaves=20,
)  # fmt: skip


@given(PLAIN)
def test_plain_data_comes_through(value):
    """Encoding and decoding gives a value of the same type and the same text."""
    back = codec.decode(codec.encode(value))
    assert type(back) is type(value)
    if not isinstance(value, (set, frozenset)):
        assert repr(back) == repr(value) or "nan" in repr(value) or "{" in repr(value)
    assert back == value or "nan" in repr(value)


@given(st.binary(max_size=400))
def test_bytes_of_anyone_are_a_value_or_one_kind_of_error(data):
    """No bytes raise anything but CodecError."""
    with contextlib.suppress(codec.CodecError):
        codec.decode(data)


@given(PLAIN, st.integers(0, 10**6), st.integers(0, 255))
def test_damaged_messages_are_a_value_or_one_kind_of_error(value, place, byte):
    """A message with one byte changed is another message or none."""
    data = bytearray(codec.encode(value))
    data[place % len(data)] = byte
    with contextlib.suppress(codec.CodecError):
        codec.decode(bytes(data))


class Number(enum.IntEnum):
    TWO = 2


class Liar(list):
    def __iter__(self):
        return iter([0])

    def __len__(self):
        return 1

    def __eq__(self, other):
        return True

    __hash__ = None


class Word(str):  # noqa: SLOT000 - as a program would write it
    def __str__(self):
        return "lie"


class Table(dict):
    def items(self):
        return [("lie", 0)]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Number.TWO, 2),
        (Liar([1, 2, 3]), [1, 2, 3]),
        (Word("truth"), "truth"),
        (Table(a=1), {"a": 1}),
        (type("F", (float,), {"__eq__": lambda s, o: True, "__hash__": None})(2.5), 2.5),
        (type("B", (bytes,), {})(b"x"), b"x"),
        (type("S", (set,), {"__iter__": lambda s: iter(())})({1}), {1}),
    ],
)
def test_a_subclass_is_sent_as_what_it_holds(value, plain):
    """None of a subclass's own methods speaks for it."""
    back = codec.decode(codec.encode(value))
    assert (type(back), back) == (type(plain), plain)


@pytest.mark.parametrize(
    "value",
    [
        Counter("aab"),
        OrderedDict(b=1, a=2),
        deque([1, "x"]),
        range(3, 30, 3),
        Decimal("1.50"),
        Fraction(-2, 3),
        dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29, 1, 2, 3, 4, dt.timezone(dt.timedelta(hours=2))),
        dt.time(1, 2, fold=1),
        dt.timedelta(days=-1, microseconds=5),
        int,
        type(None),
        ...,
        2**5000,
        -(2**63),
        2**63,
        [True, False, True, True],
        [1, 2, 3, 2**70],
        "\ud800\U0001f600",
    ],
)
def test_standard_types_keep_their_type(value):
    """Standard containers, numbers and dates arrive as themselves."""
    back = codec.decode(codec.encode(value))
    assert (type(back), back) == (type(value), value)


def test_arrays_and_numpy_numbers_come_through():
    """Numpy's arrays and numbers keep type and shape, its floats, times and texts among them."""
    np = pytest.importorskip("numpy")
    for value in (
        np.arange(6).reshape(2, 3),
        np.array([1.5, math.inf]),
        np.array([["a", "bc"]]),
        np.zeros((0, 2)),
        np.int8(3),
        np.float64(1.5),
        np.str_("x"),
        np.datetime64("2020-01-02"),
        np.array(["2020-01-02", "NaT"], "datetime64[D]")[:1],
        np.timedelta64(3, "h"),
    ):
        back = codec.decode(codec.encode(value))
        assert back.dtype == value.dtype
        assert back.shape == value.shape
        assert np.all(back == value)


def test_a_default_dict_keeps_its_items():
    """A default factory crosses where it is a built-in type; of any other the items do."""
    back = codec.decode(codec.encode(defaultdict(int, a=1)))
    assert (type(back), back, back["b"]) == (defaultdict, {"a": 1, "b": 0}, 0)
    back = codec.decode(codec.encode(defaultdict(lambda: 1, a=1)))
    assert (type(back), back, back.default_factory) == (defaultdict, {"a": 1}, None)


POINT = namedtuple("Point", "x y")  # noqa: PYI024 - as a program would write it


@pytest.mark.parametrize(
    "value",
    [
        re.compile("a+", re.IGNORECASE),
        pathlib.PurePosixPath("a/b"),
        uuid.UUID(int=7),
        array("i", [1, 2]),
        slice(1, None, 2),
        deque([1, 2], maxlen=2),
        ChainMap({"a": 1}, {"b": 2}),
        dt.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    ],
)
def test_more_of_the_standard_library_comes_through(value):
    """Patterns, paths, numbers with names, arrays, slices, bounded queues and zones are the same on the other side."""
    back = codec.decode(codec.encode(value))
    assert (type(back), back) == (type(value), value)


def test_tuples_with_names_and_views_come_through():
    """A named tuple keeps its names and nothing of its class; views of a dictionary are such views."""
    back = codec.decode(codec.encode(POINT(1, [2])))
    assert (back, back.x, back.y, type(back).__name__) == ((1, [2]), 1, [2], "Point")
    table = {"a": 1}
    for view in (table.keys(), table.items()):
        back = codec.decode(codec.encode(view))
        assert (type(back), back) == (type(view), view)
    assert list(codec.decode(codec.encode(table.values()))) == [1]


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        nested(codec.MAX_DEPTH + 1),
        [None] * (codec.MAX_ITEMS + 1),
        list(range(codec.MAX_ITEMS + 1)),
        b"x" * (codec.MAX_BYTES + 1),
        1 << (8 * codec.MAX_INT_BYTES + 8),
        object(),
        lambda: 1,
    ],
    ids=["deep", "many", "many numbers", "long", "huge integer", "object", "function"],
)
def test_what_is_too_much_is_refused(value):
    """Depth, count, size and kinds are bounded by the sender."""
    with pytest.raises(codec.CodecError):
        codec.encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"N" * 2,
        b"?",
        b"l\xff\xff\xff\xff",
        b"l\x01\x00\x00\x00" * (codec.MAX_DEPTH + 2) + b"N",
        b"s\x02\x00\x00\x00\xff\xff",
        b"d\x01\x00\x00\x00l\x00\x00\x00\x00N",
        b"x\x05\x00\x00\x00printt\x01\x00\x00\x00s\x01\x00\x00\x00x",
        b"x\x04\x00\x00\x00typet\x01\x00\x00\x00s\x04\x00\x00\x00eval",
        b"x\x05\x00\x00\x00numpyt\x03\x00\x00\x00s\x02\x00\x00\x00|ONl\x01\x00\x00\x00N",
        b"Pdq\x08\x00\x00\x0012345678",
        b"Plq\x07\x00\x00\x001234567",
        b"I" + (codec.MAX_INT_BYTES + 1).to_bytes(4, "little") + bytes(codec.MAX_INT_BYTES + 1),
        b"h\xff\x00\x00\x00\x00\x00\x00\x00\x00",
    ],
)
def test_hostile_messages_are_refused(data):
    """Each of these claims more than it holds, or asks for what the codec does not build."""
    with pytest.raises(codec.CodecError):
        codec.decode(data)


def test_a_short_message_cannot_take_much_memory(monkeypatch):
    """The worst of a message's bytes, empty sets, run into the limit on values."""
    monkeypatch.setattr(codec, "MAX_ITEMS", 10_000)
    data = b"l" + (20_000).to_bytes(4, "little") + b"S\x00\x00\x00\x00" * 20_000
    with pytest.raises(codec.CodecError, match="values"):
        codec.decode(data)
