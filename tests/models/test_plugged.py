"""Adapters of installed packages: what they raise is the failed call of one request."""

from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from rarl_eval import registry
from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Options, Request, Sampling
from rarl_eval.models.plugged import Held, open_model
from rarl_eval.registry.claims import Owner


def request(number: int) -> Request:
    return Request(task="t", key=str(number), item_id=str(number), sample=0, messages=(), sampling=Sampling(), seed=0)


REQUESTS = [request(n) for n in range(6)]


def held(generate: Any) -> Held:
    return Held(SimpleNamespace(generate=generate, describe=dict, close=lambda: 1 / 0), "adapter")  # type: ignore[arg-type]


def answered(requests: Iterable[Request], bad: str, most: int = 99) -> Iterator[Completion]:
    """Answer in order, and break at one request; ``most`` are pulled at a time."""
    for r in requests:
        if r.key == bad:
            raise RuntimeError("boom")
        yield Completion(request=r, text=r.key)


def batched(requests: Iterable[Request]) -> Iterator[Completion]:
    """Take everything first, and break if one of them is bad."""
    taken = list(requests)
    if any(r.key == "3" for r in taken):
        raise SystemExit("no")
    yield from (Completion(request=r, text=r.key) for r in taken)


def refuse(requests: Iterable[Request]) -> Iterator[Completion]:
    raise RuntimeError("never")


def silent(requests: Iterable[Request]) -> Iterator[Completion]:
    return iter([Completion(request=r, text=r.key) for r in requests if r.key != "3"])


def odd(requests: Iterable[Request]) -> Iterator[Any]:
    return ("text" if r.key == "3" else Completion(request=r, text=r.key) for r in requests)


@pytest.mark.parametrize(
    ("generate", "failed", "error"),
    [
        (lambda requests: answered(requests, "3"), {"3"}, "adapter raised RuntimeError: boom"),
        (batched, {"3"}, "adapter raised SystemExit: no"),
        (refuse, {"0", "1", "2", "3", "4", "5"}, "adapter raised RuntimeError: never"),
        (silent, {"3"}, "adapter gave no completion"),
        (odd, {"3"}, "adapter returned str, not a Completion"),
    ],
)
def test_a_failing_adapter_fails_on_single_requests(generate: Any, failed: set[str], error: str) -> None:
    """Each request is answered once; those that it breaks on are failed calls with the reason."""
    model = held(generate)
    found = list(model.generate(REQUESTS))
    assert sorted(c.request.key for c in found) == [r.key for r in REQUESTS]
    assert {c.request.key for c in found if c.stop == "error"} == failed
    assert all((c.error or "").startswith(error) for c in found if c.stop == "error")
    assert list(model.generate([])) == []
    model.close()


def test_an_adapter_that_does_not_open_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the package; our own errors pass as they are."""
    owner = Owner("mine", "json:dumps", "mine 1")
    monkeypatch.setattr(registry, "owner", lambda group, name: owner)
    with pytest.raises(BadInput, match=r"the model mine:x did not open: json:dumps \(mine 1\) raised TypeError"):
        open_model("mine", "x", Options())
