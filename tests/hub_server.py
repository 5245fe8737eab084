"""A small dataset hub on a loopback port: what `datasets` 5.2 and `huggingface_hub` 2.4 ask of one, and its faults.

It answers /api/whoami-v2, /api/datasets/R/revision/V, /api/datasets/R/tree/V (in pages) and /datasets/R/resolve/V/F,
large files by a redirect, with the headers of the real one; and as a server of raw files /OWNER/NAME/V/F. Not here: Xet.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

LARGE = 4096
"""Files above this size have a SHA-256 and are served through a redirect."""
PAGE = 3
"""Entries of a listing on a page."""
Files = dict[str, bytes]


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass
class Hub:
    """A running hub: repositories with their revisions, oldest first, and what was asked."""

    url: str = ""
    repos: dict[str, list[Files]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    users: dict[str, set[str]] = field(default_factory=dict)
    """Tokens, and the gated repositories that each may read."""
    raw: Files = field(default_factory=dict)
    """Files of code repositories by path."""
    asked: list[str] = field(default_factory=list)
    sent: int = 0
    """Bytes of files that were sent."""
    faults: list[Callable[[Any], bool]] = field(default_factory=list)
    """Each is shown the handler of a request, and says whether it answered."""

    def commit(self, repo: str, place: int = -1) -> str:
        """The hash of a revision."""
        place %= len(self.repos[repo])
        return hashlib.sha1(f"{repo}@{place}".encode(), usedforsecurity=False).hexdigest()

    def count(self, pattern: str = "") -> int:
        """How many requests had a path that a pattern is found in."""
        return sum(bool(re.search(pattern, path)) for path in self.asked)


def fault(only: str, answer: Callable[[Any], None], times: int = 10**6) -> Callable[[Any], bool]:
    """Answer so the first ``times`` requests whose path holds a pattern."""
    left = [times]

    def act(handler: Any) -> bool:
        if not left[0] or not re.search(only, handler.path):
            return False
        left[0] -= 1
        answer(handler)
        return True

    return act


def status(code: int, said: str = "", **headers: str) -> Callable[[Any], None]:
    """Answer a status; underscores in names of headers are dashes."""
    return lambda h: h.give(code, said.encode(), **headers)


def page(handler: Any) -> None:
    """Answer as the login page of a network."""
    handler.give(200, b"<html><body>Welcome to the lounge, please sign in</body></html>", Content_Type="text/html")


def silent(seconds: float) -> Callable[[Any], None]:
    """Answer nothing for some seconds."""

    def wait(handler: Any) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return wait


def dropped(handler: Any) -> None:
    """End the connection without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(2)


def cut(share: float) -> Callable[[Any], None]:
    """Send a part of what is asked for, and end the connection."""

    def answer(handler: Any) -> None:
        handler.share = share
        handler.answer()

    return answer


def _entry(name: str, content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "oid": git_hash(content), "size": len(content), "path": name}
    if len(content) > LARGE:
        oid = hashlib.sha256(content).hexdigest()
        entry["lfs"] = {"oid": oid, "size": len(content), "pointerSize": 130}
    return entry


def _directory(name: str) -> dict[str, Any]:
    return {"type": "directory", "oid": "0" * 40, "size": 0, "path": name}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub
    share = 1.0

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.share = 1.0
        self.hub.asked.append(self.path)
        if not any(f(self) for f in self.hub.faults):
            self.answer()

    def answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/api/whoami-v2":
            self._user()
        elif m := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/auth-check", path):
            if self._revision(m[1], "main") is not None and self._may(m[1]):
                self._json({})
        elif m := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)(?:/revision/(.+))?", path):
            self._info(m[1], m[2] or "main")
        elif m := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/tree/([^/]+)/?(.*)", path):
            self._tree(m[1], m[2], m[3])
        elif m := re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(m[1], m[2], m[3])
        elif m := re.fullmatch(r"/cdn/([^/]+/[^/]+)/([^/]+)/(.+)", path):
            found = self._revision(m[1], m[2])
            if found is not None:
                self._bytes(found[1][m[3]], {})
        elif path in self.hub.raw:
            self._bytes(self.hub.raw[path], {})
        else:
            self.give(404, b"404: Not Found")

    def give(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, value: Any, **headers: str) -> None:
        self.give(200, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def _refuse(self, code: int, kind: str, told: str) -> None:
        self.give(code, json.dumps({"error": told}).encode(), X_Error_Code=kind, X_Error_Message=told)

    def _token(self) -> str | None:
        return (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None

    def _known(self) -> bool:
        """Refuse a token that nobody has."""
        if self._token() and self._token() not in self.hub.users:
            told = "Invalid credentials in Authorization header"
            self.give(401, json.dumps({"error": told}).encode(), X_Error_Message=told)
            return False
        return True

    def _may(self, repo: str) -> bool:
        """Refuse a gated repository to who has no access."""
        if repo not in self.hub.gated or repo in self.hub.users.get(self._token() or "", set()):
            return True
        self._refuse(403 if self._token() else 401, "GatedRepo", f"Access to dataset {repo} is restricted.")
        return False

    def _user(self) -> None:
        if not self._token():
            self.give(401, b'{"error": "Unauthorized"}')
        elif self._known():
            self._json({"type": "user", "name": "somebody"})

    def _revision(self, repo: str, revision: str) -> tuple[str, Files] | None:
        if not self._known():
            return None
        if repo not in self.hub.repos:
            self._refuse(404 if self._token() else 401, "RepoNotFound", "Repository not found")
            return None
        for place, files in enumerate(self.hub.repos[repo]):
            sha = self.hub.commit(repo, place)
            if revision == sha or (revision == "main" and place == len(self.hub.repos[repo]) - 1):
                return sha, files
        self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return None

    def _info(self, repo: str, revision: str) -> None:
        found = self._revision(repo, revision)
        if found is not None:
            names = [{"rfilename": name} for name in sorted(found[1])]
            gated: Any = "auto" if repo in self.hub.gated else False
            self._json({"_id": "0", "id": repo, "sha": found[0], "private": False, "gated": gated, "siblings": names})

    def _tree(self, repo: str, revision: str, folder: str) -> None:
        found = self._revision(repo, revision)
        if found is None:
            return
        root = f"{folder}/" if folder else ""
        inside = {name: content for name, content in sorted(found[1].items()) if name.startswith(root)}
        if not inside:
            self._refuse(404, "EntryNotFound", f"{folder} does not exist on {revision}")
            return
        query = parse_qs(urlsplit(self.path).query)
        deep, begin = query.get("recursive", ["false"])[0] == "true", int(query.get("cursor", ["0"])[0])
        folders = {str(parent) for name in inside for parent in PurePosixPath(name).parents} - {".", folder}
        entries = [_directory(name) for name in sorted(folders) if name.startswith(root)]
        entries += [_entry(name, content) for name, content in inside.items()]
        entries = [e for e in entries if deep or "/" not in e["path"].removeprefix(root)]
        more = {}
        if begin + PAGE < len(entries):
            query["cursor"] = [str(begin + PAGE)]
            more = {"Link": f'<{self.hub.url}{urlsplit(self.path).path}?{urlencode(query, doseq=True)}>; rel="next"'}
        self._json(entries[begin : begin + PAGE], **more)

    def do_POST(self) -> None:
        """Answer which of some paths a revision holds, as what they are."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.hub.asked.append(self.path)
        m = re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/paths-info/([^/]+)", unquote(urlsplit(self.path).path))
        found = self._revision(m[1], m[2]) if m else None
        if found is not None:
            paths = json.loads(body)["paths"] if body.startswith("{") else parse_qs(body).get("paths", [])
            known = [_entry(p, found[1][p]) for p in paths if p in found[1]]
            inside = [_directory(p) for p in paths if any(name.startswith(f"{p}/") for name in found[1])]
            self._json([*known, *inside])
        elif not m:
            self.give(404, b"404: Not Found")

    def _file(self, repo: str, revision: str, name: str) -> None:
        found = self._revision(repo, revision)
        if found is None:
            return
        if not self._may(repo):
            return
        if name not in found[1]:
            self._refuse(404, "EntryNotFound", "Entry not found")
        elif len(found[1][name]) > LARGE:
            tag = f'"{hashlib.sha256(found[1][name]).hexdigest()}"'
            more = {"X_Repo_Commit": found[0], "X_Linked_Size": str(len(found[1][name])), "X_Linked_ETag": tag}
            self.give(
                302,
                b"",
                Location=f"{self.hub.url.replace('127.0.0.1', 'localhost')}/cdn/{repo}/{found[0]}/{name}",
                ETag=tag,
                **more,
            )
        else:
            self._bytes(found[1][name], {"X-Repo-Commit": found[0]})

    def _bytes(self, content: bytes, headers: dict[str, str]) -> None:
        tag, code = f'"{git_hash(content)}"', 200
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if wanted:
            headers = {**headers, "Content-Range": f"bytes {wanted[1]}-{len(content) - 1}/{len(content)}"}
            code, content = 206, content[int(wanted[1]) :]
        self.send_response(code)
        told = {"ETag": tag, "Content-Length": str(len(content)), "Accept-Ranges": "bytes", **headers}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            for begin in range(0, int(len(content) * self.share), 2**16):
                self.wfile.write(content[begin : min(begin + 2**16, int(len(content) * self.share))])
                self.hub.sent += min(2**16, len(content) - begin)
        except OSError:  # who asked has enough
            return
        if self.share < 1:
            self.close_connection = True
            self.connection.shutdown(2)


@contextmanager
def serving() -> Iterator[Hub]:
    """Serve a hub on a free loopback port."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield hub
    server.shutdown()
    server.server_close()
