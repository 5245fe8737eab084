"""Items of a benchmark of any size: the same few or many, in memory or on disk."""

import pickle
from collections.abc import Iterable, Sequence

import pytest

from rarl_eval import data
from rarl_eval.data import items
from rarl_eval.types import Benchmark, Item, Source, Task, Verdict


def made(count: int) -> list[Item]:
    return [Item(id=str(n), question=f"q{n % (count - 2)}", gold="1", meta={"n": n}) for n in range(count)]


@pytest.fixture(params=[4096, 3], ids=["in memory", "on disk"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Sequence[Item]:
    """Ten items, the last two of which ask what the first two asked."""
    monkeypatch.setattr(items, "IN_MEMORY", request.param)
    monkeypatch.setattr(items, "CHUNK", 4)
    found = items.keep(made(10))
    assert isinstance(found, items.Stored) == (request.param == 3)
    return found


def test_items_come_back_in_order_and_what_occurs_again_is_numbered(kept: Sequence[Item]) -> None:
    """The tenth item asks what the second did: its repeat is 1 and its key another."""
    assert [item.id for item in kept] == [str(n) for n in range(10)]
    assert [item.repeat for item in kept] == [0] * 8 + [1, 1]
    assert len({item.key for item in kept}) == len(kept) == 10
    assert kept[9].meta == {"n": 9}
    assert kept[-1] == kept[9]


def test_slices_and_copies_hold_the_same(kept: Sequence[Item]) -> None:
    """A slice is a sequence of items, and pickling keeps contents and order."""
    assert list(kept[2:4]) == [kept[2], kept[3]]
    assert list(kept[:8]) == list(kept)[:8]
    assert list(pickle.loads(pickle.dumps(kept))) == list(kept)
    with pytest.raises(IndexError):
        kept[10]


def test_a_benchmark_knows_its_items_by_key(kept: Sequence[Item]) -> None:
    """Each key finds its item, and what is no key finds none."""
    known = benchmark(kept).by_key
    assert {key: item.id for key, item in known.items()} == {item.key: item.id for item in kept}
    assert len(known) == 10
    assert "0" * 32 not in known
    assert "no key" not in known


def test_three_times_the_same_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """On disk as in memory, the n-th occurrence has repeat n - 1."""
    monkeypatch.setattr(items, "IN_MEMORY", 2)
    same = [Item(id=str(n), question="q", gold="1") for n in range(4)]
    assert [item.repeat for item in items.keep(same)] == [0, 1, 2, 3]


def test_the_fingerprint_does_not_depend_on_where_items_are(kept: Sequence[Item]) -> None:
    """One content, one fingerprint."""
    assert data.fingerprint(kept) == data.fingerprint(items.keep(made(10)))


def benchmark(asked: Iterable[Item]) -> Benchmark:
    task = Task(
        name="t",
        domain="math",
        source=Source(path="x", split="test", licence="MIT", released="2026-01-01"),
        item=lambda row: None,
        verify=lambda item, answer: Verdict(status="correct"),
        prompt=lambda item: [],
        paper="",
    )
    return Benchmark(task=task, items=asked, origin="here", revision=None, fingerprint="f")  # type: ignore[arg-type]
