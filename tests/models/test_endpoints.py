"""What a server is sent beside chat: texts to continue, streams, system messages; and what is made of the pieces."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server import Reply, ok, serving

from rarl_eval.models import Completion, Options, Request, Sampling
from rarl_eval.models.openai import open_model
from rarl_eval.runs import store
from rarl_eval.types import Message

Cli = Callable[..., Any]


def request(*messages: Message, **sampling: Any) -> Request:
    asked = messages or (Message("user", "question"),)
    return Request(task="t", key="k", item_id="0", sample=0, messages=asked, sampling=Sampling(**sampling), seed=3)


def ask(url: str, asked: Request | None = None, **how: Any) -> Completion:
    (done,) = open_model("m", Options(base_url=url, retries=0, timeout_seconds=5, **how)).generate([asked or request()])
    return done


def events(*chunks: Any, done: bool = True) -> Reply:
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"] * done
    return 200, {"Content-Type": "text/event-stream"}, "".join([": awake\n\n", *lines]).encode()


def delta(finish: str | None = None, **said: Any) -> dict[str, Any]:
    return {"model": "served", "choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


USAGE = {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 9}}


def test_a_base_model_is_asked_to_continue_a_text() -> None:
    """Turns become one text, a budget is always sent, and text, end and log-probabilities are read."""
    choice = {"text": " 4 and", "finish_reason": "length", "logprobs": {"token_logprobs": [-0.5, -1.25]}}
    content = json.dumps({"model": "base", "choices": [choice], "usage": {"completion_tokens": 2}}).encode()
    with serving(lambda _: (200, {"Content-Type": "application/json"}, content)) as server:
        turns = (Message("user", "2+2?"), Message("assistant", "4"), Message("user", "1+3?"))
        done = ask(server.url, request(*turns, logprobs=True), endpoint="completions")
    assert server.bodies == [
        {"model": "m", "seed": 3, "prompt": "2+2?\n\n4\n\n1+3?", "max_tokens": 2048, "logprobs": 1}
    ]
    assert (done.text, done.stop, done.meta["logprobs"]) == (" 4 and", "length", [-0.5, -1.25])


def test_a_stream_is_put_together() -> None:
    """Reasoning, text, a tool's arguments, usage and the end of a stream are those of one reply."""
    call = {"index": 0, "function": {"name": "final"}}
    rest = {"index": 0, "function": {"arguments": '{"x": 1}'}}
    pieces = [delta(role="assistant"), delta(reasoning_content="I "), delta(reasoning_content="think."),
              delta(content="The answer "), delta(content="is 4."), delta(tool_calls=[call]),
              delta("stop", tool_calls=[rest]), USAGE]  # fmt: skip
    with serving(lambda _: events(*pieces)) as server:
        done = ask(server.url, stream=True)
    assert (server.bodies[0]["stream"], server.bodies[0]["stream_options"]) == (True, {"include_usage": True})
    assert (done.text, done.reasoning, done.stop) == ("The answer is 4.", "I think.", "end")
    assert (done.tokens.completion, done.meta["served_by"]) == (9, "served")
    assert done.meta["tool_calls"] == [{"name": "final", "arguments": '{"x": 1}'}]


def test_a_server_that_streams_unasked_is_read_too() -> None:
    """What a reply is follows from what the server calls it."""
    with serving(lambda _: events(delta(content="4"), delta("stop"))) as server:
        assert ask(server.url).text == "4"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (events(delta(content="The ans"), done=False), "the stream broke off before its end"),
        (events(delta(content="The"), {"error": {"message": "upstream died"}}), "upstream died"),
        (events("no object"), "ValidationError"),
    ],
)
def test_half_a_stream_is_a_failed_call(reply: Reply, said: str) -> None:
    """A text that breaks off is no answer."""
    with serving(lambda _: reply) as server:
        done = ask(server.url, stream=True)
    assert done.stop == "error"
    assert said in str(done.error)


def test_a_stream_in_which_something_is_said_is_not_given_up() -> None:
    """The time-out of a stream is of silence, not of the whole; without a stream it is of the whole."""
    assert open_model("m", Options(stream=True)).describe()["adapter"] == "openai"
    with serving(lambda _: events(delta(content="4"), delta("stop")), delay_seconds=0.2) as server:
        began = time.monotonic()
        assert ask(server.url, stream=True).text == "4"
    assert time.monotonic() - began >= 0.2


def test_a_refusal_of_stream_options_is_learnt() -> None:
    """A server that knows streams and not their options is asked without them."""

    def strict(body: dict[str, Any]) -> Reply:
        if "stream_options" in body:
            said = {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs"}]}
            return 422, {"Content-Type": "application/json"}, json.dumps(said).encode()
        return events(delta(content="4"), delta("stop"))

    with serving(strict) as server:
        done = ask(server.url, stream=True)
    assert (done.text, done.meta["adapted"]) == ("4", {"stream_options": "not sent"})


@pytest.fixture
def rows(tmp_path: Path) -> str:
    path = tmp_path / "gsm8k.jsonl"
    path.write_text(
        '{"question": "2+2?", "answer": "2+2=4\\n#### 4"}\n{"question": "1+2?", "answer": "1+2=3\\n#### 3"}\n'
    )
    return f"gsm8k={path}"


def test_a_system_message_stands_before_each_prompt_and_in_the_manifest(cli: Cli, rows: str, tmp_path: Path) -> None:
    """A run with another system message is another run; samples at temperature 0 are said to differ hardly."""
    said = tmp_path / "system.txt"
    said.write_text("You are terse.")
    with serving() as server:
        base = ("run", "-t", "gsm8k", "--source", rows, "-m", "openai:m", "--base-url", server.url,
                "-o", tmp_path / "run", "-k", "2", "--temperature", "0")  # fmt: skip
        done = cli(*base, "--system", f"@{said}")
        assert done.returncode == 0, done.stderr
        other = cli(*base, "--system", "Be kind.", "--resume")
    assert all(b["messages"][0] == {"role": "system", "content": "You are terse."} for b in server.bodies)
    assert store.read_manifest(tmp_path / "run")["system"] == "You are terse."
    assert (other.returncode, "holds a run with another system" in other.stderr) == (2, True)
    assert "-k 2 at --temperature 0: the samples of an item will hardly differ" in done.stderr
    assert "cannot be read" in cli(*base[:-1], "0", "--system", "@/nowhere").stderr


def test_why_calls_failed_is_shown_and_reported(cli: Cli, rows: str, tmp_path: Path) -> None:
    """The reason stands in the terminal, in show and in the report, with how many calls it is of."""

    def reply(body: dict[str, Any]) -> Reply:
        if "2+2" in body["messages"][-1]["content"]:
            return 400, {"Content-Type": "application/json"}, b'{"error": {"message": "context is 4096 tokens"}}'
        return ok(body)

    with serving(reply) as server:
        done = cli("run", "-t", "gsm8k", "--source", rows, "-m", "openai:m", "--base-url", server.url,
                   "-o", tmp_path / "run")  # fmt: skip
    assert (done.returncode, "context is 4096 tokens" in done.stderr) == (1, True)
    assert "1 x HTTP 400" in cli("show", tmp_path / "run").stdout
    assert cli("report", "--run", tmp_path / "run", "-o", tmp_path / "report").returncode == 0
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert row["failures"] == {'HTTP 400: {"error": {"message": "context is 4096 tokens"}}': 1}
    assert '1 call failed: 1 x HTTP 400: {"error"' in (tmp_path / "report/report.md").read_text()
