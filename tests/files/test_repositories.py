"""Rows of benchmarks that only their authors' repository of code holds."""

import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.files import repositories

FIXTURES = Path(__file__).parents[1] / "tasks" / "fixtures"


def archive(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, content in members.items():
            opened.writestr(f"data/{name}.json", content)
            opened.writestr(f"__MACOSX/data/{name}.json", b"junk")
    return made.getvalue()


def listed(name: str) -> bytes:
    """A fixture's rows as one JSON list, as the repositories store them."""
    lines = (FIXTURES / f"{name}.jsonl").read_text("utf-8").split("\n")
    return json.dumps([json.loads(line) for line in lines if line]).encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, bytes]]:
    """A server of files at paths, and the paths it was asked for under the name ``asked``."""
    files: dict[str, bytes] = {"asked": b""}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files["asked"] += f"{self.path}\n".encode()
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    monkeypatch.setattr(repositories, "SERVER", f"http://127.0.0.1:{served.server_port}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_HUB_OFFLINE")
    yield files
    served.shutdown()
    served.server_close()


def test_a_file_of_a_known_commit_is_fetched_once(server: dict[str, bytes]) -> None:
    """FinQA's test file comes from the commit that the task names, and is kept."""
    task = registry.tasks("finqa")[0]
    server[f"/czyssrs/FinQA/{task.source.revision}/dataset/test.json"] = listed("finqa")
    first, second = data.load(task), data.load(task)
    assert len(first.items) == 4
    assert first.fingerprint == second.fingerprint
    assert (first.revision, first.origin) == (task.source.revision, f"github:czyssrs/FinQA@{task.source.revision}")
    assert server["asked"].count(b"\n") == 1


def test_one_file_of_an_archive(server: dict[str, bytes]) -> None:
    """ConvFinQA's turns are unpacked from its archive; without a commit the newest is fetched each time."""
    task = registry.tasks("convfinqa")[0]
    server["/czyssrs/ConvFinQA/main/data.zip"] = archive(dev_turn=listed("convfinqa"), train_turn=b"[]")
    found = [data.load(task) for _ in range(2)][1]
    assert (len(found.items), found.revision, found.origin) == (4, None, "github:czyssrs/ConvFinQA")
    assert server["asked"].count(b"\n") == 2


@pytest.mark.parametrize("content", [None, b"no archive", archive(test_turn=b"[]")], ids=["absent", "broken", "other"])
def test_what_cannot_be_had_is_one_sentence(server: dict[str, bytes], content: bytes | None) -> None:
    """A file that is not there, or holds something else, names its address."""
    if content is not None:
        server["/czyssrs/ConvFinQA/main/data.zip"] = content
    with pytest.raises(BadInput, match=r"ConvFinQA/main/data\.zip"):
        data.load(registry.tasks("convfinqa")[0])
