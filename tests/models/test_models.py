"""Adapters: what goes to a server, what is made of its replies, and faults that become data."""

import asyncio
import json
import socket
import threading
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from server import Reply, answer, ok, serving

from rarl_eval.errors import BadInput, MissingField, NotInstalled
from rarl_eval.judge import split
from rarl_eval.models import Completion, Options, Request, Sampling
from rarl_eval.models.arguments import parse_arguments, typed
from rarl_eval.models.doubles import open_echo, open_replay
from rarl_eval.models.openai import _retry_after, open_model
from rarl_eval.models.pace import Pace
from rarl_eval.runs import store
from rarl_eval.types import Message, Reward, Tokens


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


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ([{"id": "m", "root": "org/m", "created": 1, "permission": []}], {"id": "m", "root": "org/m"}),
        ([{"id": "m", "owned_by": "org", "created": 1}], {"id": "m", "owned_by": "org", "created": 1}),
        ([{"id": "m", "created": 2**40}], {"id": "m"}),
        ([{"id": "path.gguf", "meta": {"size": 9, "n_ctx": 4}}], {"id": "path.gguf", "meta": {"size": 9}}),
        ([{"id": "a", "root": "a"}, {"id": "b", "root": "b"}], None),
        ([{"id": 5, "meta": "none"}], None),
        (["m"], None),
        (None, None),
    ],
)
def test_a_server_says_what_it_has_loaded(listed: Any, told: dict[str, Any] | None) -> None:
    """The entry of the name, or the only one, without what changes from start to start; else nothing."""
    with serving() as server:
        server.models = listed
        described = open_model("m", options(server.url)).describe()
    assert described.get("served") == told
    assert described.get("alias", False) == (not told or not told.keys() & {"root", "meta"})


def test_a_server_that_cannot_be_reached_says_nothing() -> None:
    """A model is described without its server; its calls will fail."""
    with serving() as server:
        pass
    described = open_model("m", options(server.url)).describe()
    assert described == {"adapter": "openai", "name": "m", "base_url": server.url, "alias": True}


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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            {"choices": [{"message": {"content": {"a": 1}}}]},
            "TypeError: the content of the message is no text but dict",
        ),
        ({"choices": [{"message": {"content": [1]}}]}, "TypeError: the content of the message is no text but list"),
        ({"choices": [{"message": "text"}]}, "AttributeError"),
        ({"choices": [None]}, "TypeError"),
        ({"choices": None}, "TypeError"),
        ({"error": {"message": "overloaded"}}, "ValueError: the reply has no choices: {'error'"),
    ],
)
def test_json_that_is_no_reply_is_an_error(content: Any, said: str) -> None:
    """A reply of another shape is a failed call that says what was missing."""
    with serving(lambda _: (200, {}, json.dumps(content).encode())) as server:
        (done,) = open_model("m", options(server.url)).generate([request()])
    assert (done.stop, done.text) == ("error", "")
    assert (done.error or "").startswith(said)


@pytest.mark.parametrize(
    "reply",
    [
        (200, {}, json.dumps(answer({"messages": [{"content": "q"}]})).encode("utf-16")),
        (200, {}, '{"choices": [{"message": {"content": "é"}}]}'.encode("latin-1")),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"),
        (200, {}, b'{"choices": [{"message": {"content": "\\ud800"}}]}'),
        (200, {}, b""),
    ],
    ids=["utf-16", "latin-1", "no gzip", "half a surrogate pair", "nothing"],
)
def test_a_reply_in_a_wrong_encoding_is_an_error(reply: Reply) -> None:
    """Bytes that are no JSON in UTF-8 make a failed call, whatever the headers say."""
    with serving(lambda _: reply) as server:
        (done,) = open_model("m", options(server.url)).generate([request()])
    assert (done.stop, done.text) == ("error", "")


def test_a_server_that_hangs_is_given_up() -> None:
    """A reply that does not come in time is a failed call."""
    with serving(delay_seconds=1.0) as server:
        (done,) = open_model("m", options(server.url, timeout=0.2)).generate([request()])
    assert (done.stop, "Timeout" in (done.error or "")) == ("error", True)


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"])
def test_a_dropped_connection_is_an_error(after: bytes) -> None:
    """A connection closed before the reply, or in the middle of it, is a failed call."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drop() -> None:
            for _ in range(2):
                connection = listener.accept()[0]
                connection.recv(65536)
                connection.sendall(after)
                connection.close()

        thread = threading.Thread(target=drop, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        model = open_model("m", options(url))
        done = [*model.generate([request(0)]), *model.generate([request(1)])]
        thread.join()
    assert [d.stop for d in done] == ["error", "error"]


def counted(usage: Any, text: str = "The answer is 42.", **sampling: Any) -> Completion:
    """What is made of a reply with this usage."""
    reply = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": usage}
    with serving(lambda _: (200, {}, json.dumps(reply).encode())) as server:
        (done,) = open_model("m", options(server.url)).generate([request(**sampling)])
    return done


@pytest.mark.parametrize(
    ("usage", "sampling", "said"),
    [
        ({"completion_tokens": 0}, {}, "0 completion tokens for 17 bytes"),
        ({"completion_tokens": 900}, {"max_tokens": 100}, "900 completion tokens where 100 were allowed"),
        (
            {"completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 9}},
            {},
            "9 reasoning tokens of 5 completion tokens",
        ),
        (
            {"completion_tokens": 900, "completion_tokens_details": {"reasoning_tokens": 0}},
            {},
            "900 answer tokens for 17 bytes",
        ),
    ],
)
def test_a_count_that_cannot_be_true_is_none(usage: Any, sampling: dict[str, Any], said: str) -> None:
    """The answer stays, its tokens are unknown, and the claim is kept beside the doubt."""
    done = counted({"prompt_tokens": 11, **usage}, **sampling)
    assert (done.stop, done.text) == ("end", "The answer is 42.")
    assert (done.tokens.prompt, done.tokens.completion, done.tokens.counted_by) == (11, None, None)
    assert done.meta["doubts"] == [said]
    assert done.meta["claimed_tokens"] == {"prompt": 11, "completion": usage["completion_tokens"]}


@pytest.mark.parametrize("value", [-3, 2.5, "7", True, None, 10**30, [1]])
def test_a_count_that_is_no_count_is_none(value: Any) -> None:
    """Negative, broken, textual and absurd counts are no counts, and no reason for doubt."""
    done = counted({"prompt_tokens": value, "completion_tokens": value, "completion_tokens_details": value})
    assert (done.tokens, done.stop, done.meta) == (Tokens(), "end", {})


@pytest.mark.parametrize(("counted", "doubted"), [(11, True), (40, False), (75, False), (None, False)])
def test_a_prompt_that_may_have_been_cut_is_doubted(counted: int | None, doubted: bool) -> None:
    """Fewer tokens than half the prompt's words say that the server took a part of it, and did not tell."""
    long = Message("user", "one two three four five " * 15)
    asked = msgspec.structs.replace(request(), messages=(long,))
    usage = {"prompt_tokens": counted, "completion_tokens": 7}

    def reply(body: dict[str, Any]) -> Reply:
        return 200, {"Content-Type": "application/json"}, json.dumps(answer(body) | {"usage": usage}).encode()

    with serving(reply) as server:
        (done,) = open_model("m", options(server.url)).generate([asked])
    assert ("the server may have cut the prompt" in str(done.meta.get("doubts"))) is doubted
    assert done.tokens.prompt == counted


def test_tokens_that_hidden_reasoning_may_explain_are_kept_and_said() -> None:
    """More tokens than bytes, without a word on reasoning, may be reasoning that is not shown."""
    done = counted({"completion_tokens": 900})
    assert done.tokens.completion == 900
    assert done.meta["doubts"] == ["900 completion tokens for 17 bytes: hidden reasoning, or miscounted"]
    assert counted({"completion_tokens": 40}).meta == {}


def test_a_faulty_server_leaves_a_run_whose_accuracy_is_of_its_answers(cli: Any, tmp_path: Any) -> None:
    """With every fault among the replies the run ends, marks those calls, and counts none as a wrong answer."""
    faults: list[Reply] = [
        (429, {"Retry-After": "0"}, b"busy"),
        (500, {}, b"oops"),
        (200, {}, b'{"choices": ['),
        (200, {}, b'{"choices": []}'),
        (200, {}, b"\xff\xfe"),
        (200, {"Content-Length": "500"}, b"{}"),
    ]

    def sometimes(body: dict[str, Any]) -> Reply:
        number = body["seed"] % 10
        if number < len(faults):
            return faults[number]
        lie = {"completion_tokens": 0 if number == 9 else 7}
        reply = {"choices": [{"message": {"content": "It is 12"}, "finish_reason": "stop"}], "usage": lie}
        return 200, {}, json.dumps(reply).encode()

    with serving(sometimes) as server:
        ask = ("run", "-t", "demo_math", "-k", "4", "-m", "openai:m", "--base-url", server.url, "--retries", "0")
        done = cli(*ask, "--timeout", "2", "-o", tmp_path / "run")
    assert done.returncode == 1
    records = store.read_run(tmp_path / "run").records
    seeds = [r.trace.seed or 0 for r in records]
    assert len(records) == 120
    assert [r.trace.stop == "error" for r in records] == [seed % 10 < len(faults) for seed in seeds]
    assert [r.verdict is None for r in records] == [r.trace.stop == "error" for r in records]
    assert ["doubts" in r.trace.meta for r in records] == [seed % 10 == 9 for seed in seeds]
    failed = sum(seed % 10 < len(faults) for seed in seeds)
    assert f"{failed} calls failed: go on with --resume" in done.stderr
    assert f"{sum(seed % 10 == 9 for seed in seeds)} replies have token counts that do not fit" in done.stderr


def test_thinking_logprobs_and_further_fields_go_to_the_server() -> None:
    """The thinking switch goes to the chat template, and --model-arg adds fields; what the run sets is refused."""
    with serving() as server:
        model = open_model("m", options(server.url, arguments={"top_p": "0.95", "reasoning_effort": "low"}))
        list(model.generate([request(thinking=False, logprobs=True)]))
    (body,) = server.bodies
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert (body["logprobs"], body["top_p"], body["reasoning_effort"]) == (True, 0.95, "low")
    assert model.describe()["arguments"] == {"top_p": "0.95", "reasoning_effort": "low"}
    with pytest.raises(BadInput, match=r"--model-arg seed=\.\.\. is set by the run"):
        open_model("m", options(server.url, arguments={"seed": "1"}))


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ({"content": [{"logprob": -0.5}, {"logprob": -1}]}, {"logprobs": [-0.5, -1.0]}),
        ({"content": [{"logprob": "x"}]}, {}),
        (None, {}),
    ],
)
def test_log_probabilities_are_kept_where_they_are_numbers(found: Any, kept: dict[str, Any]) -> None:
    """One number for each token, as the ``logprob`` reward reads them."""
    reply = {"choices": [{"message": {"content": "42"}, "finish_reason": "stop", "logprobs": found}]}
    with serving(lambda _: (200, {}, json.dumps(reply).encode())) as server:
        (done,) = open_model("m", options(server.url)).generate([request(logprobs=True)])
    assert done.meta == kept


@pytest.mark.parametrize(
    ("text", "finish", "thinking", "inside"),
    [
        ("so far so", "length", True, True),
        ("so far so", "length", None, False),
        ("It is 42", "stop", True, False),
        ("so</think>It", "length", True, False),
    ],
)
def test_a_thinking_model_cut_off_without_a_marker_has_no_answer(
    text: str, finish: str, thinking: bool | None, inside: bool
) -> None:
    """With --thinking, what was cut off before any marker is all reasoning: its template had opened it."""
    reply = {"choices": [{"message": {"content": text}, "finish_reason": finish}]}
    with serving(lambda _: (200, {}, json.dumps(reply).encode())) as server:
        (done,) = open_model("m", options(server.url)).generate([request(thinking=thinking)])
    assert done.inside == inside
    if inside:
        assert split(done.text, done.reasoning, inside=done.inside) == (text, "")


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def turns(pace: Pace, clock: Clock, count: int, tokens: float = 0.0, used: float | None = None) -> list[float]:
    """When each of some requests, one after another, is let through."""

    async def ask() -> list[float]:
        times = []
        for _ in range(count):
            await pace.turn(tokens)
            times.append(clock.now - 100.0)
            pace.settle(tokens, tokens if used is None else used)
        return times

    return asyncio.run(ask())


def test_turns_are_spread_over_the_minute() -> None:
    """30 requests a minute are one every two seconds; 600 tokens a minute are 100 every ten; without limits none waits."""
    clock = Clock()
    assert turns(Pace(30, clock=clock.time, sleep=clock.sleep), clock, 4) == [0.0, 2.0, 4.0, 6.0]
    clock = Clock()
    assert turns(Pace(None, 600, clock=clock.time, sleep=clock.sleep), clock, 3, 100) == [0.0, 10.0, 20.0]
    clock = Clock()
    assert turns(Pace(None, 600, clock=clock.time, sleep=clock.sleep), clock, 3, 100, 50) == [0.0, 5.0, 10.0]
    clock = Clock()
    assert turns(Pace(clock=clock.time, sleep=clock.sleep), clock, 3, 100) == [0.0, 0.0, 0.0]


def test_a_pause_holds_everybody() -> None:
    """What a server asks for in Retry-After is waited for by the next turn, whoever takes it."""
    clock = Clock()
    pace = Pace(clock=clock.time, sleep=clock.sleep)
    pace.pause(7.0)
    pace.pause(3.0)
    assert turns(pace, clock, 2) == [7.0, 7.0]


def test_every_try_takes_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request waits for its turn before each try, with four characters a token and its budget as the estimate."""
    taken: list[float] = []

    async def turn(self: Pace, tokens: float) -> None:
        taken.append(tokens)

    monkeypatch.setattr(Pace, "turn", turn)
    monkeypatch.setattr("rarl_eval.models.openai._backoff", lambda attempt: 0.0)
    with serving(lambda _: (500, {}, b"")) as server:
        model = open_model("m", options(server.url, retries=2, requests_per_minute=600.0))
        list(model.generate([request(max_tokens=50)]))
    assert taken == [len("question 0") / 4 + 50] * 3


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("nan", None), ("inf", None), ("", None), ("soon", None),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20.0), ("Thu, 01 Jan 1970 01:01:30 +0100", 0.0),
    ],
)  # fmt: skip
def test_what_retry_after_asks_for(monkeypatch: pytest.MonkeyPatch, asked: str, seconds: float | None) -> None:
    """A number of seconds or a date, which is held against the clock (here 100 s into 1970); anything else is nothing."""
    monkeypatch.setattr("time.time", lambda: 100.0)
    assert _retry_after(SimpleNamespace(headers={"Retry-After": asked})) == seconds  # type: ignore[arg-type]


def test_retry_after_may_be_a_date() -> None:
    """A date that has passed is no wait; the request is made again."""
    seen: list[int] = []

    def busy_once(body: dict[str, Any]) -> Reply:
        seen.append(1)
        past = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
        return (503, past, b"busy") if len(seen) == 1 else ok(body)

    with serving(busy_once) as server:
        (done,) = open_model("m", options(server.url, retries=1)).generate([request()])
    assert (done.stop, len(seen)) == ("end", 2)


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
