"""Each line of docs/servers.md, asked of a loopback server with that server's public quirks; and LiteLLM's, faked."""

import json
import re
import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from rarl_eval.commands.servers import adapter_and_name
from rarl_eval.errors import BadInput, NotInstalled
from rarl_eval.models import Completion, Options, Request, Sampling
from rarl_eval.models.arguments import parse_headers
from rarl_eval.models.litellm import open_model as open_litellm
from rarl_eval.models.openai import open_model
from rarl_eval.types import Message

TEXT = "The answer is \\boxed{18}."
LINES = {
    found[1]: shlex.split(found[2])
    for found in re.finditer(
        r"^\| ([\w. ]+?) \| `(rarl-eval run [^`]+)`",
        (Path(__file__).parents[2] / "docs/servers.md").read_text(),
        re.MULTILINE,
    )
}
Reply = tuple[int, Any, dict[str, str]]


def ok(finish: str = "stop", **message: Any) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": TEXT, **message}, "finish_reason": finish}
    return 200, {"model": "served", "choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 12}}, {}


def refusal(status: int, body: Any, **headers: str) -> Reply:
    return status, body, headers


def once(first: Reply, then: Reply | None = None) -> Callable[[dict[str, Any], int], Reply]:
    """Answer the first call so, and the rest well."""
    return lambda _, number: first if number == 1 else then or ok()


def vllm(body: dict[str, Any], number: int) -> Reply:
    return ok(reasoning_content="I think.")


def openai(body: dict[str, Any], number: int) -> Reply:
    if "max_tokens" in body:
        said = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        return refusal(400, {"error": {"message": said, "param": "max_tokens", "code": "unsupported_parameter"}})
    if "temperature" in body:
        said = "Unsupported value: 'temperature' does not support 0.6 with this model. Only the default (1) value is supported."
        return refusal(400, {"error": {"message": said, "param": "temperature", "code": "unsupported_value"}})
    return ok()


def mistral(body: dict[str, Any], number: int) -> Reply:
    if "seed" in body:
        detail = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]
        return refusal(422, {"object": "error", "message": {"detail": detail}, "type": "invalid_request_error"})
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "I think."}]}
    return ok(content=[thought, {"type": "text", "text": TEXT}])


def gemini(body: dict[str, Any], number: int) -> Reply:
    if "seed" in body:
        said = 'Invalid JSON payload received. Unknown name "seed": Cannot find field.'
        return refusal(400, [{"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}}])
    return ok()


def router(body: dict[str, Any], number: int) -> Reply:
    if number == 1:
        failed = {"index": 0, "delta": {"content": ""}, "finish_reason": "error", "error": {"code": 502}}
        return 200, [{"choices": [failed], "error": {"code": 502, "message": "Provider returned error"}}], {}
    said = {"delta": {"reasoning": "I think."}, "finish_reason": None}
    return 200, [{"choices": [said]}, {"choices": [{"delta": {"content": TEXT}, "finish_reason": "stop"}]}], {}


LOADING = refusal(503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}})
QUIRKS: dict[str, Callable[[dict[str, Any], int], Reply]] = {
    "vLLM": vllm,
    "SGLang": once(ok("abort", content="The"), ok(reasoning_content="I think.")),
    "llama.cpp": once(LOADING),
    "Ollama": lambda _b, _n: ok(reasoning="I think."),
    "LM Studio": lambda _b, _n: ok(),
    "OpenAI": openai,
    "Azure": lambda _b, _n: ok(),
    "OpenRouter": router,
    "Together": once(refusal(429, {"error": {"message": "rate limited"}}, **{"Retry-After": "0.01"}), ok("eos")),
    "Mistral": mistral,
    "Gemini": gemini,
    "Anthropic": once(refusal(529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})),
}
ADAPTED = {
    "OpenAI": {"max_tokens": "sent as max_completion_tokens", "temperature": "not sent"},
    "Mistral": {"seed": "not sent"},
    "Gemini": {"seed": "not sent"},
}
THINKS = {"vLLM", "SGLang", "Ollama", "OpenRouter", "Mistral"}


@contextmanager
def serving(quirk: Callable[[dict[str, Any], int], Reply]) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, dict(self.headers)))
            status, told, headers = quirk(body, len(asked))
            content = json.dumps(told).encode()
            if body.get("stream"):
                chunks = [f"data: {json.dumps(chunk)}\n\n" for chunk in told]
                content = "".join([": OPENROUTER PROCESSING\n\n", *chunks, "data: [DONE]\n\n"]).encode()
                headers = {**headers, "Content-Type": "text/event-stream"}
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def request(**sampling: Any) -> Request:
    said = (Message("user", "What is 9+9?"),)
    return Request(task="t", key="k", item_id="0", sample=0, messages=said, sampling=Sampling(**sampling), seed=3)


def value(line: list[str], name: str) -> str | None:
    return line[line.index(name) + 1] if name in line else None


def test_every_server_of_the_page_has_its_quirks_here() -> None:
    """The page's lines and the servers that are played are the same."""
    assert set(LINES) == set(QUIRKS)


@pytest.mark.parametrize("name", QUIRKS)
def test_a_line_of_the_page_reaches_its_server(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Path, query and key go as the line says; what the server refuses is learnt, and its faults are waited out."""
    line = LINES[name]
    variable = value(line, "--api-key-env") or "OPENAI_API_KEY"
    monkeypatch.setenv(variable, "sk-planted")
    monkeypatch.setenv("AZURE_KEY", "azure-planted")
    monkeypatch.setattr("rarl_eval.models.openai._backoff", lambda _: 0.01)
    address = urlsplit(str(value(line, "--base-url")))
    query = f"?{address.query}" if address.query else ""
    with serving(QUIRKS[name]) as (url, asked):
        header = value(line, "--header")
        model = open_model(
            adapter_and_name(str(value(line, "-m")))[1],
            Options(base_url=f"{url}{address.path}{query}", retries=2, timeout_seconds=5, api_key_variable=variable,
                    stream="--stream" in line, headers=parse_headers([header] if header else [])),
        )  # fmt: skip
        (done,) = model.generate([request(temperature=0.6, max_tokens=64)])
    assert (done.text, done.stop, done.error) == (TEXT, "end", None)
    assert done.reasoning == ("I think." if name in THINKS else None)
    assert done.meta.get("adapted", {}) == ADAPTED.get(name, {})
    assert {path for path, _ in asked} == {f"{address.path}/chat/completions{query}"}
    sent = asked[-1][1]
    assert sent["Authorization"] == "Bearer sk-planted"
    assert sent.get("api-key") == ("azure-planted" if name == "Azure" else None)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"error": "Unexpected endpoint or method. (POST /chat/completions)"}, 200, "Unexpected endpoint or method"),
        ({"error": {"message": "model 'qwen3:9b' not found"}}, 404, "model 'qwen3:9b' not found"),
        ([{"error": {"code": 400, "message": "API key not valid."}}], 400, "API key not valid."),
    ],
)
def test_a_servers_own_words_are_the_reason(body: Any, status: int, said: str) -> None:
    """LM Studio's answer to a wrong address, Ollama's to an unknown model and Gemini's to a wrong key are kept."""
    with serving(lambda _b, _n: (status, body, {})) as (url, _):
        (done,) = open_model("m", Options(base_url=url, retries=0, timeout_seconds=5)).generate([request()])
    assert done.stop == "error"
    assert said in str(done.error)


class AuthenticationError(Exception):
    """LiteLLM's, by name."""


class RateLimitError(Exception):
    """LiteLLM's, by name."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A module that is called as LiteLLM is."""
    told = SimpleNamespace(calls=[], faults=[], taken=["temperature", "max_tokens"])

    def complete(**how: Any) -> Any:
        told.calls.append(how)
        if told.faults:
            raise told.faults.pop(0)
        return SimpleNamespace(model_dump=lambda: ok(reasoning_content="I think.")[1])

    module = ModuleType("litellm")
    module.completion = complete  # type: ignore[attr-defined]
    module.get_supported_openai_params = lambda model: told.taken  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "litellm", module)
    monkeypatch.setattr("rarl_eval.models.litellm.time.sleep", lambda _: None)
    return told


def litellm(count: int = 1, **how: Any) -> list[Completion]:
    model = open_litellm("anthropic/claude", Options(timeout_seconds=5, **how))
    assert model.describe()["name"] == "anthropic/claude"
    return list(model.generate([request(temperature=0.6, max_tokens=64)] * count))


def test_litellm_is_asked_for_what_its_model_takes(fake: SimpleNamespace) -> None:
    """A seed that the model does not take is not sent, and that is told; the reply is read as any other."""
    (done,) = litellm()
    (sent,) = fake.calls
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == ("anthropic/claude", 0.6, 64)
    assert "seed" not in sent
    assert (done.text, done.reasoning, done.stop, done.meta["adapted"]) == (
        TEXT, "I think.", "end", {"seed": "not sent"})  # fmt: skip


def test_litellms_passing_faults_are_tried_again_and_final_ones_are_not(fake: SimpleNamespace) -> None:
    """A rate limit is waited out; a wrong key is told at once, and a few like it end the run."""
    fake.faults = [RateLimitError("slow down")]
    assert litellm(retries=2)[0].text == TEXT
    assert len(fake.calls) == 2
    fake.calls.clear()
    fake.faults = [AuthenticationError("invalid x-api-key")] * 9
    told: list[str] = []
    done = litellm(9, retries=5, concurrency=1, notice=told.append)
    assert [d.stop for d in done] == ["error"] * 3
    assert (done[-1].last, len(fake.calls)) == (True, 3)
    assert "AuthenticationError: invalid x-api-key" in told[0]


def test_a_key_that_litellm_repeats_is_not_recorded(fake: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an error says of the key is taken out first."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-planted-12345")
    fake.faults = [AuthenticationError("no such key sk-planted-12345")]
    (done,) = litellm(retries=0)
    assert "sk-planted" not in str(done.error)
    assert "[key]" in str(done.error)


def test_litellm_that_is_not_installed_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pip line is said; so is a missing name."""
    monkeypatch.setitem(sys.modules, "litellm", None)
    with pytest.raises(NotInstalled, match=r"rarl-eval\[litellm\]"):
        open_litellm("x/y", Options())
    monkeypatch.setitem(sys.modules, "litellm", ModuleType("litellm"))
    with pytest.raises(BadInput, match="needs provider and model"):
        open_litellm("", Options())
