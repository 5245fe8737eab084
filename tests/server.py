"""A small OpenAI-compatible chat server for the tests: answers depend on prompt and seed alone; faults can be planted."""

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


@dataclass
class Server:
    """A running server and what it was asked."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "served-model", "root": "org/served"}])
    """What it says it has loaded."""
    headers: list[dict[str, str]] = field(default_factory=list)


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """A chat completion whose text follows from the last message and the seed."""
    prompt = body["messages"][-1]["content"]
    number = int(hashlib.sha256(f"{prompt}/{body.get('seed')}".encode()).hexdigest()[:6], 16) % 500
    text = f"<think>\nI compute.\n</think>\nThe answer is \\boxed{{{number}}}."
    return {
        "model": "served-model",
        "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "completion_tokens_details": {"reasoning_tokens": 3}},
    }


def ok(body: dict[str, Any]) -> Reply:
    """The ordinary reply."""
    return 200, {"Content-Type": "application/json"}, json.dumps(answer(body)).encode()


@contextmanager
def serving(reply: Callable[[dict[str, Any]], Reply] = ok, delay_seconds: float = 0.0) -> Iterator[Server]:
    """Serve ``reply`` on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            content = json.dumps({"object": "list", "data": server.models}).encode()
            self.send_response(200 if self.path.endswith("/models") else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.bodies.append(body)
            server.headers.append(dict(self.headers))
            time.sleep(delay_seconds)
            status, headers, content = reply(body)
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # a client that went away is no news
                super().handle_error(request, client_address)

    httpd = Quiet(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = Server(url=f"http://127.0.0.1:{httpd.server_address[1]}/v1")
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
