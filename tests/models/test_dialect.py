"""Servers that refuse: what is learnt from a refusal, and when they are asked no more."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from server import Reply, answer, ok, serving

from rarl_eval.errors import BadInput
from rarl_eval.models import Options, Request, Sampling
from rarl_eval.models.arguments import parse_headers
from rarl_eval.models.breaker import Breaker
from rarl_eval.models.dialect import Dialect
from rarl_eval.models.openai import open_model
from rarl_eval.types import Message

FULL = {
    "model": "m",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "q"}],
    "seed": 1,
    "temperature": 0.0,
    "max_tokens": 9,
    "stop": ["END"],
}


def request(number: int = 0, **sampling: Any) -> Request:
    return Request(
        task="t",
        key=f"k{number}",
        item_id=str(number),
        sample=0,
        messages=(Message("system", "Be brief."), Message("user", f"question {number}")),
        sampling=Sampling(**sampling),
        seed=number,
    )


def refused(status: int, message: str) -> Reply:
    return status, {"Content-Type": "application/json"}, json.dumps({"error": {"message": message}}).encode()


@pytest.mark.parametrize(
    ("status", "words", "adapted"),
    [
        (400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens"),
        (400, "'temperature' does not support 0.0 with this model. Only the default (1) value is supported.", "temperature"),
        (422, '{"loc":["body","seed"],"type":"extra_forbidden","msg":"Extra inputs are not permitted"}', "seed"),
        (400, 'Invalid JSON payload received. Unknown name "seed": Cannot find field.', "seed"),
        (400, "This model does not support the system role in its messages.", "system"),
        (400, "This model's maximum context length is 4096 tokens; reduce max_tokens.", None),
        (400, "temperature must be at most 1.", None),
        (400, "Unsupported parameter: stop", None),
        (400, '{"error": {"message": "Unsupported value; you sent seed, temperature", "param": "temperature"}}', "temperature"),
        (404, "The model `seed` does not exist or is not available", None),
        (500, "Unsupported parameter: seed", None),
    ],
)  # fmt: skip
def test_what_a_refusal_teaches(status: int, words: str, adapted: str | None) -> None:
    """A field goes only where the refusal says that it is not taken; budgets are renamed, stop strings stay."""
    dialect = Dialect()
    assert dialect.learn(status, words, FULL) is (adapted is not None)
    assert set(dialect.adapted) == ({adapted} if adapted else set())
    told = dialect.spoken(FULL)
    assert told["stop"] == ["END"]
    assert told.get("max_tokens", told.get("max_completion_tokens")) == 9
    if adapted == "system":
        assert told["messages"] == [{"role": "user", "content": "Be brief.\n\nq"}]


def test_a_server_that_refuses_three_fields_is_asked_without_them() -> None:
    """Each refusal is learnt once for all requests, costs no try, and stands in every completion."""

    def picky(body: dict[str, Any]) -> Reply:
        if "max_tokens" in body:
            return refused(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        if body.get("temperature", 1) != 1:
            return refused(400, "Unsupported value: 'temperature' does not support 0.0 with this model.")
        return refused(422, "seed: extra fields not permitted") if "seed" in body else ok(body)

    with serving(picky) as server:
        model = open_model("m", Options(base_url=server.url, retries=0, concurrency=1))
        done = list(model.generate([request(n, temperature=0.0, max_tokens=9) for n in range(3)]))
    assert [d.stop for d in done] == ["end"] * 3
    assert len(server.bodies) == 6
    assert server.bodies[-1].keys() == {"model", "messages", "max_completion_tokens"}
    assert done[2].meta["adapted"] == {
        "max_tokens": "sent as max_completion_tokens", "temperature": "not sent", "seed": "not sent",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "no key"), (404, "The model `x` does not exist"), (429, "You exceeded your current quota"), (402, "Pay")],
)
def test_a_server_that_refuses_everybody_is_asked_three_times(status: int, message: str) -> None:
    """The reason is told once, at the first call; the last failure says that no more is asked."""
    heard: list[str] = []
    with serving(lambda _: refused(status, message)) as server:
        model = open_model("m", Options(base_url=server.url, concurrency=1, notice=heard.append))
        done = list(model.generate(request(n) for n in range(1000)))
    assert [d.last for d in done] == [False, False, True]
    assert len(heard) == 1
    assert message in heard[0]


def test_a_server_that_is_not_there_is_given_up_after_one_call_has_had_its_tries() -> None:
    """Later calls are not tried again while nothing was ever answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    model = open_model("m", Options(base_url=url, concurrency=1, retries=1))
    assert [d.stop for d in model.generate(request(n) for n in range(50))] == ["error"] * 3


def test_failures_between_answers_do_not_end_a_run() -> None:
    """A few items that a server cannot take are errors, and the rest is asked."""

    def some(body: dict[str, Any]) -> Reply:
        number = int(body["messages"][-1]["content"].split()[-1])
        return refused(400, "maximum context length") if number % 5 in {1, 2, 3} else ok(body)

    with serving(some) as server:
        model = open_model("m", Options(base_url=server.url, concurrency=1))
        assert len(list(model.generate(request(n) for n in range(50)))) == 50


def test_a_server_that_goes_down_later_is_given_up_after_a_row_of_failures() -> None:
    """After answers, as many failures in a row as twice the calls under way, and at least eight."""
    breaker = Breaker(2, lambda _: None)
    breaker.answered()
    assert [breaker.failed(f"HTTP 503: busy {n}") for n in range(8)] == [False] * 7 + [True]
    breaker.begin()
    assert not breaker.open
    mixed = Breaker(2, lambda _: None)
    assert not any(mixed.failed(why) for why in ("HTTP 500: a", "TimeoutError: b") * 10)


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "4"}]}, "4", "Hm."),
        ({"content": "4", "reasoning": None, "reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]}, "4", "Hm."),
        ({"content": "4", "reasoning_details": [{"type": "reasoning.summary", "summary": "Hm."}]}, "4", "Hm."),
        ({"content": ["The answer ", "is 4"]}, "The answer is 4", None),
        ({"content": None, "refusal": "I cannot help."}, "I cannot help.", None),
        ({"content": "4", "thinking": "Hm."}, "4", "Hm."),
    ],
)  # fmt: skip
def test_parts_of_a_message_are_kept(message: dict[str, Any], text: str, reasoning: str | None) -> None:
    """Reasoning in parts, lists of strings and refusals are read as text and reasoning."""
    body = answer({"messages": [{"content": "q"}]}) | {"choices": [{"message": message, "finish_reason": "stop"}]}
    with serving(lambda _: (200, {}, json.dumps(body).encode())) as server:
        (done,) = open_model("m", Options(base_url=server.url)).generate([request()])
    assert (done.text, done.reasoning) == (text, reasoning)


@pytest.mark.parametrize("finish", ["error", "network_error", "insufficient_system_resource"])
def test_a_reply_that_broke_off_is_asked_for_again(finish: str) -> None:
    """Status 200 with a reason to end that is a failure is no answer."""
    replies = iter([finish, "stop"])

    def breaking(body: dict[str, Any]) -> Reply:
        told = answer(body)
        told["choices"][0]["finish_reason"] = next(replies)
        return 200, {}, json.dumps(told).encode()

    with serving(breaking) as server:
        (done,) = open_model("m", Options(base_url=server.url, retries=1)).generate([request()])
    assert (done.stop, len(server.bodies)) == ("end", 2)


def test_addresses_and_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's address, a query behind it and further headers are used; a bare host is one sentence."""
    monkeypatch.setenv("GATE", "s3cret")
    with serving() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}?api-version=2")
        headers = parse_headers(["X-Team: eval", "api-key: env:GATE"])
        model = open_model("m", Options(headers=headers))
        assert next(model.generate([request()])).stop == "end"
        assert "s3cret" not in str(model.describe())
    assert (server.headers[0]["X-Team"], server.headers[0]["api-key"]) == ("eval", "s3cret")
    with pytest.raises(BadInput, match="does not begin with http"):
        open_model("m", Options(base_url="localhost:8000/v1"))
    for wrong in ("no colon", "X:", "a b: c", "X: a\nb", "X: env:NOT_SET"):
        with pytest.raises(BadInput, match="is not NAME:VALUE"):
            parse_headers([wrong])


def test_no_seed_is_sent_where_none_is_wanted() -> None:
    """``--model-arg seed=null`` leaves it out; a seed of the user's own is refused."""
    with serving() as server:
        list(open_model("m", Options(base_url=server.url, arguments={"seed": "null"})).generate([request(7)]))
    assert "seed" not in server.bodies[0]
    with pytest.raises(BadInput, match="only seed=null"):
        open_model("m", Options(arguments={"seed": "5"}))


def test_a_run_says_why_its_calls_failed(cli: Any, tmp_path: Path) -> None:
    """The reason stands on the terminal and in the manifest, and the rest is left for --resume."""
    with serving(lambda _: refused(401, "You didn't provide a key \x1b[2J")) as server:
        done = cli("run", "-t", "fresh:math", "--limit", "60", "-m", "openai:m", "--base-url", server.url, "--no-cache",
                   "--concurrency", "1", "-o", tmp_path / "r")  # fmt: skip
    assert done.returncode == 1
    assert "3 traces asked" in done.stderr
    assert "57 not asked, the model is asked no more: go on with --resume" in done.stderr
    assert "3 x HTTP 401" in done.stderr
    assert "\x1b" not in done.stderr
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert list(manifest["failures"].values()) == [3]
