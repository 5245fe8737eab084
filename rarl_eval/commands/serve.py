"""``rarl-eval serve``: look at a folder of pages in a browser on this machine."""

import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from rarl_eval.commands import family, options
from rarl_eval.errors import BadInput

HOST = "127.0.0.1"


@family.command("serve")
@click.argument("folder", type=options.FOLDER)
@click.option("--port", "-p", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one.")
def command(folder: Path, port: int, as_json: bool) -> None:
    r"""Serve a folder of static pages to browsers on this machine, until interrupted.

    Only 127.0.0.1 is listened on, only files inside the folder are given, and nothing can be changed.

    \b
    Examples:
      rarl-eval serve site
      rarl-eval serve site --port 0
    """
    with open_server(folder, port) as server:
        url = f"http://{HOST}:{server.server_port}/"
        if as_json:
            family.print_json({"folder": str(folder), "url": url})
            sys.stdout.flush()
        options.say(f"{folder} is at {url} on this machine; Ctrl-C ends it")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            options.say("ended")


def open_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Listen on the loopback address; raises BadInput if the folder is none or the port is taken."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder; build a site with: rarl-eval site --out {folder}")
    try:
        return ThreadingHTTPServer((HOST, port), partial(_Pages, root=folder.resolve()))
    except OSError as error:
        raise BadInput(f"port {port} cannot be used ({error.strerror}); choose another --port, or 0") from error


class _Pages(SimpleHTTPRequestHandler):
    """Files of one folder, by GET and HEAD."""

    server_version = "rarl-eval"
    sys_version = ""

    def __init__(self, *arguments: Any, root: Path) -> None:
        self._root = root
        super().__init__(*arguments, directory=str(root))

    def send_head(self) -> Any:
        """Refuse foreign host names and files outside the folder before looking further."""
        name = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if name not in {HOST, "localhost"}:  # a web page elsewhere may point its own name here (DNS rebinding)
            return self.send_error(HTTPStatus.FORBIDDEN, "only for browsers on this machine")
        if not Path(self.translate_path(self.path)).resolve().is_relative_to(self._root):
            return self.send_error(HTTPStatus.NOT_FOUND)
        return super().send_head()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002  the base class's signature
        """Give no listings: a site has an index."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Let no browser keep or reinterpret what is being worked on."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing of each request."""
