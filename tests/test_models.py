"""Adapters: what goes to a server, what is made of its replies, and faults that become data."""

import json
import socket
import threading
from typing import Any

import pytest
from server import Reply, answer, ok, serving

from rarl_eval.errors import BadInput, MissingField, NotInstalled
from rarl_eval.models import Options, Request, Sampling
from rarl_eval.models.arguments import parse_arguments, typed
from rarl_eval.models.doubles import open_echo, open_replay
from rarl_eval.models.openai import open_model
from rarl_eval.types import Message, Reward


def request(number: int = 0, **sampling: Any) -> Request:
    return Request(
        task="t",
        key=f"k{number}",
        item_id=str(number),
        sample=0,
        messages=(Message("user", f"question {number}"),),
        sampling=Sampling(**sampling),
        seed=number,
    )


def options(url: str, **more: Any) -> Options:
    return Options(base_url=url, retries=more.pop("retries", 0), timeout_seconds=more.pop("timeout", 5.0), **more)


def test_a_request_carries_sampling_and_its_own_seed() -> None:
    """Model, messages, temperature, budget, stop strings and the sample's seed go to the server."""
    with serving() as server:
        list(open_model("m", options(server.url)).generate([request(7, temperature=0.5, max_tokens=9, stop=("END",))]))
    assert server.bodies == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "question 7"}],
            "seed": 7,
            "temperature": 0.5,
            "max_tokens": 9,
            "stop": ["END"],
        }
    ]


def test_usage_and_finish_reason_are_read() -> None:
    """Tokens are split into reasoning and answer as the server counts them."""
    with serving() as server:
        (done,) = open_model("m", options(server.url)).generate([request()])
    assert (done.tokens.prompt, done.tokens.completion, done.tokens.reasoning, done.tokens.answer) == (11, 7, 3, 4)
    assert (done.tokens.counted_by, done.stop, done.meta) == ("server", "end", {"served_by": "served-model"})


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_given_apart_is_kept_apart(name: str) -> None:
    """Both field names that servers use for reasoning are read."""

    def reply(body: dict[str, Any]) -> Reply:
        message = {"content": "42", name: "thinking"}
        return 200, {}, json.dumps({"choices": [{"message": message, "finish_reason": "length"}]}).encode()

    with serving(reply) as server:
        (done,) = open_model("m", options(server.url)).generate([request()])
    assert (done.reasoning, done.text, done.stop, done.tokens.completion) == ("thinking", "42", "length", None)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ((500, {}, b"oops"), "HTTP 500: oops"),
        ((404, {}, b"no such model"), "HTTP 404: no such model"),
        ((200, {}, b'{"choices": ['), "DecodeError"),
        ((200, {}, b'{"choices": []}'), "IndexError"),
        ((200, {}, b"[]"), "ValidationError"),
        ((200, {}, b"\xff\xfe\x00"), "DecodeError"),
        ((200, {"Content-Length": "5000"}, b"{}"), ""),
    ],
)
def test_a_faulty_reply_is_an_error_and_no_answer(reply: Reply, said: str) -> None:
    """Whatever a server sends, the run goes on and the call is marked as failed."""
    with serving(lambda _: reply) as server:
        (done,) = open_model("m", options(server.url, timeout=0.5)).generate([request()])
    assert done.stop == "error"
    assert said in (done.error or "")


def test_retry_after_is_obeyed_and_other_refusals_are_final() -> None:
    """429 with Retry-After is asked again; 404 is not."""
    lock, seen = threading.Lock(), [0]

    def busy_twice(body: dict[str, Any]) -> Reply:
        with lock:
            seen[0] += 1
            return (429, {"Retry-After": "0"}, b"busy") if seen[0] <= 2 else ok(body)

    with serving(busy_twice) as server:
        (done,) = open_model("m", options(server.url, retries=3)).generate([request()])
        assert (done.stop, len(server.bodies)) == ("end", 3)
    with serving(lambda _: (404, {}, b"")) as server:
        list(open_model("m", options(server.url, retries=3)).generate([request()]))
        assert len(server.bodies) == 1


def test_a_server_that_is_not_there_is_an_error() -> None:
    """A refused connection is a failed call, not a crash."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (done,) = open_model("m", options(f"http://127.0.0.1:{port}/v1")).generate([request()])
    assert (done.stop, done.error is not None and "Connect" in done.error) == ("error", True)


def test_the_key_is_sent_and_never_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key goes into the header alone."""
    monkeypatch.setenv("MY_KEY", "sk-planted")
    with serving() as server:
        model = open_model("m", options(server.url, api_key_variable="MY_KEY"))
        (done,) = model.generate([request()])
    assert server.headers[0]["Authorization"] == "Bearer sk-planted"
    assert "sk-planted" not in repr(model.describe()) + repr(done)


def test_a_key_that_the_server_repeats_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that echoes the key in its refusal does not get it into the run."""
    monkeypatch.setenv("MY_KEY", "sk-planted")
    with serving(lambda _: (401, {}, b"the key sk-planted is not known")) as server:
        (done,) = open_model("m", options(server.url, api_key_variable="MY_KEY")).generate([request()])
    assert done.error == "HTTP 401: the key [key] is not known"


def test_each_request_is_answered_once() -> None:
    """With many at once, every request comes back with its own answer."""
    with serving() as server:
        done = list(open_model("m", options(server.url, concurrency=8)).generate(request(n) for n in range(100)))
    assert sorted(int(d.request.item_id) for d in done) == list(range(100))
    for d in done:
        body = {"messages": [{"content": d.request.messages[0].content}], "seed": d.request.seed}
        assert d.text == answer(body)["choices"][0]["message"]["content"]


def test_stopping_early_ends_the_thread() -> None:
    """A consumer that goes away leaves no worker behind."""
    with serving() as server:
        before = threading.active_count()
        stream = open_model("m", options(server.url)).generate(request(n) for n in range(10_000))
        next(iter(stream))
        stream.close()  # type: ignore[attr-defined]
        names = [t.name for t in threading.enumerate() if "_loop" in t.name]
    assert (names, threading.active_count() <= before) == ([], True)


def test_echo_says_what_it_was_told() -> None:
    """`echo:` gives the prompt back, `echo:TEXT` the text."""
    assert [c.text for c in open_echo("", Options()).generate([request(3)])] == ["question 3"]
    assert [c.text for c in open_echo("hi", Options()).generate([request(3)])] == ["hi"]


def test_replay_finds_traces_by_id_and_by_key(tmp_path: Any) -> None:
    """Recorded traces are found by item id or key; a missing one is a failed call."""
    path = tmp_path / "r.jsonl"
    rows = [
        {"id": "0", "text": "zero", "model": "old", "stop": "length", "tokens": {"completion": 5}},
        {"key": "k1", "task": "t", "text": "one", "rewards": [{"name": "rm", "judge": "self", "score": 0.5}]},
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    model = open_replay(str(path), Options())
    zero, one, two = model.generate([request(0), request(1), request(2)])
    assert (zero.text, zero.stop, zero.tokens.completion, zero.tokens.counted_by) == ("zero", "length", 5, "recorded")
    assert one.rewards == (Reward(name="rm", judge="self", score=0.5),)
    assert (two.stop, model.describe()["name"]) == ("error", "old")
    path.write_text('{"text": "x"}\n')
    with pytest.raises(MissingField, match="row 1 needs 'text' and 'id'"):
        open_replay(str(path), Options())


@pytest.mark.parametrize("module", ["vllm", "lm_eval"])
def test_a_missing_package_is_one_sentence_with_the_pip_line(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adapters of optional packages say how to install them."""
    import importlib
    import sys

    monkeypatch.setitem(sys.modules, module, None)
    opener = importlib.import_module(f"rarl_eval.models.{module}").open_model
    with pytest.raises(NotInstalled, match=r"pip install 'rarl-eval\["):
        opener("x", Options())


def test_model_arguments_are_typed() -> None:
    """Numbers, truth values and null are read as such; the rest is text."""
    given = parse_arguments(["n=2", "x=0.5", "b=True", "o=null", "s=float32", "u=a=b"])
    assert typed(given) == {"n": 2, "x": 0.5, "b": True, "o": None, "s": "float32", "u": "a=b"}
    with pytest.raises(BadInput, match="NAME=VALUE"):
        parse_arguments(["n"])


def test_the_environments_proxy_is_used_but_not_for_what_it_excepts(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY sends requests through a proxy, NO_PROXY names the hosts it is not used for."""
    with serving() as proxy:
        address = proxy.url.removesuffix("/v1")
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.setenv("no_proxy", "")
        (done,) = open_model("m", options("http://model.invalid/v1")).generate([request()])
        assert (done.stop, len(proxy.bodies)) == ("end", 1)
        monkeypatch.setenv("no_proxy", "model.invalid")
        (failed,) = open_model("m", options("http://model.invalid/v1")).generate([request()])
        assert (failed.stop, len(proxy.bodies)) == ("error", 1)
