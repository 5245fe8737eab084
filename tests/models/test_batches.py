"""Batches of OpenAI's form against a loopback server: written, submitted, waited for, gone on with."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.runs import store

Cli = Callable[..., Any]


class Provider:
    """What a provider of batches knows: files, batches, and how each batch is to end."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.looks = 0
        self.direct: list[dict[str, Any]] = []
        self.ends: Callable[[dict[str, Any], list[dict[str, Any]]], None] = complete
        self.refuse: int | None = None


def answer(body: dict[str, Any]) -> dict[str, Any]:
    number = body["messages"][-1]["content"].split("+")[0].split()[-1]
    said = f"The answer is \\boxed{{{int(number) * 2}}}."
    return {"model": "served", "choices": [{"message": {"content": said}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 9}}  # fmt: skip


def result(line: dict[str, Any], status: int = 200) -> dict[str, Any]:
    body = answer(line["body"]) if status == 200 else {"error": {"message": "it went wrong"}}
    return {"id": "r", "custom_id": line["custom_id"], "response": {"status_code": status, "body": body}, "error": None}


def finish(provider: Provider, batch: dict[str, Any], rows: list[dict[str, Any]], **more: Any) -> None:
    name = f"out-{batch['id']}"
    provider.files[name] = "".join(json.dumps(row) + "\n" for row in reversed(rows)).encode()
    batch |= {"status": "completed", "output_file_id": name, **more}


def complete(batch: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    finish(batch["of"], batch, [result(line) for line in lines])


@contextmanager
def serving(provider: Provider) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self, content: bytes, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            if found := re.fullmatch(r"/v1/files/(.+)/content", self.path):
                self.reply(provider.files[found[1]])
            elif found := re.fullmatch(r"/v1/batches/(.+)", self.path):
                batch = provider.batches[found[1]]
                provider.looks += 1
                if batch["status"] == "in_progress" and provider.looks > 2:
                    lines = provider.files[batch["input_file_id"]].splitlines()
                    provider.ends(batch, [json.loads(line) for line in lines])
                self.reply(json.dumps({k: v for k, v in batch.items() if k != "of"}).encode())
            else:
                self.reply(json.dumps({"data": [{"id": "m", "root": "m"}]}).encode())

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])) if self.headers["Content-Length"] else b""
            if not content:  # a form comes in chunks
                while size := int(self.rfile.readline().strip() or b"0", 16):
                    content += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            if self.path == "/v1/files":
                name = f"file-{len(provider.files)}"
                provider.files[name] = b"\n".join(re.findall(rb'^\{"custom_id".*$', content, re.MULTILINE))
                self.reply(json.dumps({"id": name}).encode())
            elif self.path == "/v1/batches":
                if provider.refuse:
                    self.reply(b'{"error": {"message": "batches are not for you"}}', provider.refuse)
                    return
                made = json.loads(content) | {"id": f"batch-{len(provider.batches)}", "status": "in_progress"}
                provider.batches[made["id"]] = made | {"of": provider}
                self.reply(json.dumps(made).encode())
            else:
                provider.direct.append(json.loads(content))
                self.reply(json.dumps(answer(provider.direct[-1])).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> Callable[..., Any]:
    rows = tmp_path / "gsm8k.jsonl"
    rows.write_text(
        "".join(json.dumps({"question": f"What is {n}+{n}?", "answer": f"x\n#### {2 * n}"}) + "\n" for n in range(1, 6))
    )
    base = ("run", "-t", "gsm8k", "--source", f"gsm8k={rows}", "-m", "openai:m", "-o", tmp_path / "run", "--batch",
            "--batch-poll", "0.01", "--temperature", "0.5", "--retries", "1")  # fmt: skip
    return lambda url, *more: cli(*base, "--base-url", url, *more, env={"OPENAI_API_KEY": "sk-planted"})


def statuses(folder: Path) -> list[str]:
    return [r.verdict.status if r.verdict else "failed" for r in store.read_run(folder).records]


def test_a_batch_is_submitted_waited_for_and_judged(run: Any, tmp_path: Path) -> None:
    """One request goes ahead, the rest is one file; results come in any order, and each stands by its request."""
    provider = Provider()
    with serving(provider) as url:
        done = run(url)
    assert done.returncode == 0, done.stderr
    assert statuses(tmp_path / "run") == ["correct"] * 5
    assert (len(provider.direct), len(provider.batches), provider.looks > 2) == (1, 1, True)
    lines = [json.loads(line) for line in provider.files["file-0"].splitlines()]
    assert len({line["custom_id"] for line in lines}) == 4
    assert {(line["method"], line["url"], line["body"]["temperature"]) for line in lines} == {
        ("POST", "/v1/chat/completions", 0.5)}  # fmt: skip
    batch = provider.batches["batch-0"]
    assert (batch["endpoint"], batch["completion_window"]) == ("/v1/chat/completions", "24h")
    assert "batch batch-0: 4 requests submitted; --resume goes on if this is stopped" in done.stderr
    assert (tmp_path / "run/batches/requests-001-output.jsonl").is_file()


def test_what_failed_in_a_batch_is_asked_in_the_next(run: Any, tmp_path: Path) -> None:
    """A failed line is a failed call with its reason; --resume submits it alone, and answers are not asked again."""
    provider = Provider()
    provider.ends = lambda batch, lines: finish(
        provider, batch, [result(lines[0], 500), *(result(line) for line in lines[1:])]
    )
    with serving(provider) as url:
        first = run(url)
        provider.ends = complete
        again = run(url, "--resume")
    assert (first.returncode, again.returncode) == (1, 0), again.stderr
    assert "it went wrong" in first.stderr
    assert len(provider.files["file-2"].splitlines()) == 1
    assert statuses(tmp_path / "run") == ["correct"] * 5


def test_an_expired_batch_keeps_what_it_has(run: Any, tmp_path: Path) -> None:
    """What ended before the time was over counts, the rest is failed calls that say so."""
    provider = Provider()
    provider.ends = lambda batch, lines: finish(provider, batch, [result(lines[0])], status="expired")
    with serving(provider) as url:
        done = run(url)
    assert (done.returncode, "batch batch-0 expired" in done.stderr) == (1, True)
    assert sorted(statuses(tmp_path / "run")) == ["correct", "correct", "failed", "failed", "failed"]


def test_a_stopped_run_goes_on_with_the_batch_that_it_had_submitted(run: Any, tmp_path: Path) -> None:
    """Where the server cannot be asked how far it is, the command ends; --resume reads the same batch."""
    provider = Provider()
    with serving(provider) as url:
        provider.ends = lambda batch, lines: (_ for _ in ()).throw(KeyError("down"))  # the connection is dropped
        stopped = run(url, "--timeout", "1")
        assert stopped.returncode == 2, stopped.stderr
        assert "--resume tries again" in stopped.stderr
        provider.ends = complete
        done = run(url, "--resume")
    assert done.returncode == 0, done.stderr
    assert (len(provider.batches), statuses(tmp_path / "run")) == (1, ["correct"] * 5)


def test_a_refusal_is_told_and_nothing_is_lost(run: Any, tmp_path: Path) -> None:
    """The server's words stand in one sentence; what was asked ahead is kept."""
    provider = Provider()
    provider.refuse = 403
    with serving(provider) as url:
        done = run(url)
    assert (done.returncode, "HTTP 403" in done.stderr, "batches are not for you" in done.stderr) == (2, True, True)
    assert statuses(tmp_path / "run") == ["correct"]


def test_batches_are_of_openai_alone(cli: Cli, tmp_path: Path) -> None:
    """Another adapter has none, and that is said before anything is asked."""
    done = cli("run", "-t", "fresh:math@1:2", "-m", "echo:1", "--batch", "-o", tmp_path / "run")
    assert (done.returncode, "--batch is of openai: alone" in done.stderr) == (2, True)
