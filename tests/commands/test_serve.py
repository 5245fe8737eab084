"""The local look at a site: this machine only, this folder only, reading only."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.commands.serve import open_server
from rarl_eval.errors import BadInput

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "models").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Board</h1>")
    (folder / "models" / "a b.html").write_text("A")
    (folder / "data.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "way-out").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def port(site: Path) -> Iterator[int]:
    with open_server(site, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def ask(port: int, path: str, method: str = "GET", host: str | None = None) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    reply = connection.getresponse()
    found = reply.status, reply.read(), dict(reply.getheaders())
    connection.close()
    return found


@pytest.mark.parametrize(
    ("path", "body"), [("/", b"<h1>Board</h1>"), ("/models/a%20b.html", b"A"), ("/data.js?x=1#top", b"1")]
)
def test_files_of_the_folder_are_given(port: int, path: str, body: bytes):
    """Pages come with headers that let no browser keep or reinterpret them."""
    status, found, headers = ask(port, path)
    assert (status, found) == (200, body)
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/models/..%2f..%2fsecret.txt",
        "//etc/passwd",
        "/way-out",
        "/none",
        "/models/",
    ],
)
def test_nothing_outside_and_no_listing_is_given(port: int, path: str):
    """Paths out of the folder, links out of it and folders without an index are not found."""
    status, body, _ = ask(port, path)
    assert status == 404
    assert b"secret" not in body.replace(b"secret.txt", b"")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example"])
def test_foreign_host_names_are_refused(port: int, host: str):
    """A page elsewhere that points its own name to this machine reads nothing."""
    assert ask(port, "/", host=host)[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(port: int, method: str):
    """Only GET and HEAD are answered."""
    assert ask(port, "/index.html", method=method)[0] == 501


def test_only_the_loopback_address_listens(port: int):
    """Another address of this machine does not answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        with pytest.raises(OSError, match=r"."):
            probe.connect(("127.0.0.2", port))


def test_a_taken_port_and_a_missing_folder_are_named(site: Path, port: int):
    """Both are one sentence with what to do."""
    with pytest.raises(
        BadInput, match=rf"port {port} cannot be used \(Address already in use\); choose another --port"
    ):
        open_server(site, port)
    with pytest.raises(BadInput, match="is no folder; build a site with"):
        open_server(site / "index.html", 0)


def test_the_command_says_where_and_ends_quietly(site: Path):
    """It prints its address, answers there, and an interrupt ends it with exit code 0."""
    command = [sys.executable, "-m", "rarl_eval", "serve", str(site), "--port", "0"]
    heeded = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # background jobs of a shell ignore it
    told: dict[str, Any] = {"cwd": ROOT, "stderr": subprocess.PIPE, "text": True, "preexec_fn": heeded}
    with subprocess.Popen(command, **told) as process:
        try:
            line = process.stderr.readline()
            assert ask(int(line.split("127.0.0.1:")[1].split("/")[0]), "/")[1] == b"<h1>Board</h1>"
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
            assert process.stderr.read() == "ended\n"
        finally:
            process.kill()
