"""A run through a server's batches, OpenAI's form: the requests are written to files, submitted, waited for, and read.

Beside the run, in ``batches/``, stand each file of requests, what the server calls its batch (state.json), and its
results. A run that was stopped meanwhile goes on with the batches it had submitted. The first request is asked
directly, so that a wrong key, and what the server refuses to take, is known before the rest is sent. Not here: what a
reply says (replies.py).
"""

import asyncio
import hashlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from rarl_eval.errors import BadInput, first_line
from rarl_eval.files.atomic import write_atomically
from rarl_eval.models import Completion, Request
from rarl_eval.models.breaker import FIRST
from rarl_eval.models.openai import RETRY_STATUS, OpenAIModel
from rarl_eval.models.replies import completion

MOST_REQUESTS = 50_000
MOST_BYTES = 190 * 2**20
"""Of one file; OpenAI takes 50,000 requests and 200 MB."""

_OVER = {"completed", "failed", "expired", "cancelled"}
_DECODE = msgspec.json.Decoder(dict[str, Any]).decode


class Submitted(msgspec.Struct):
    """One file of requests, and how far it is."""

    file: str
    batch: str
    status: str = "submitted"
    requests: int = 0


class Batched:
    """A server that is asked by batches; a model like any other, whose replies take their time."""

    def __init__(self, model: OpenAIModel, folder: Path, poll_seconds: float, say: Callable[[str], None]) -> None:
        self._model, self._folder, self._poll, self._say = model, folder, poll_seconds, say

    def describe(self) -> dict[str, Any]:
        """Return what identifies the model: a batch asks the same of the same."""
        return self._model.describe()

    def close(self) -> None:
        """Nothing is held; what was submitted goes on at the server."""
        self._model.close()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield a completion for each request, in the order in which batches end."""
        waiting = iter(requests)
        state = self._read()
        for tried in range(0 if state else FIRST):
            done = next(iter(self._model.generate(itertools.islice(waiting, 1))), None)
            if done is None:
                return
            over = done.stop == "error" and tried == FIRST - 1
            yield msgspec.structs.replace(done, last=over or done.last)
            if over or done.last:
                return
            if done.stop != "error":
                break
        asked = {custom_id(request): request for request in waiting}
        for one in state:
            yield from self._results(one, state, asked)
        for one in self._submit(asked, state):
            self._say(f"batch {one.batch}: {one.requests} requests submitted; --resume goes on if this is stopped")
        for one in list(state):
            yield from self._results(one, state, asked)
        for request in asked.values():
            yield Completion(request=request, stop="error", error="its batch gave no result for it")

    def _submit(self, asked: dict[str, Request], state: list[Submitted]) -> Iterator[Submitted]:
        """Write what is not under way yet into files, and submit each."""
        for number, lines in enumerate(_files(self._lines(asked)), start=len(state) + 1):
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"requests-{number:03}.jsonl"
            write_atomically(path, b"".join(lines))
            form = aiohttp.FormData()
            form.add_field("purpose", "batch")
            form.add_field("file", path.read_bytes(), filename=path.name, content_type="application/jsonl")
            file = self._call("POST", "/files", data=form)
            made = {"input_file_id": file["id"], "endpoint": f"/v1{self._model.path}", "completion_window": "24h"}
            batch = self._call("POST", "/batches", json=made)
            state.append(Submitted(file=path.name, batch=str(batch["id"]), requests=len(lines)))
            self._write(state)
            yield state[-1]

    def _lines(self, asked: dict[str, Request]) -> Iterator[bytes]:
        for identifier, request in asked.items():
            line = {"custom_id": identifier, "method": "POST", "url": f"/v1{self._model.path}"}
            yield msgspec.json.encode(line | {"body": self._model.spoken(request)}) + b"\n"

    def _results(self, one: Submitted, state: list[Submitted], asked: dict[str, Request]) -> Iterator[Completion]:
        """Wait for a batch, and yield the completions of those of its requests that are still wanted."""
        if one.status == "read":  # what a killed session had read and not stored; what failed is asked anew
            for path in sorted(self._folder.glob(f"{one.file.removesuffix('.jsonl')}-output.jsonl")):
                yield from (done for done in _read(path.read_bytes(), asked, failed=False))
            return
        batch = self._waited(one)
        for field in ("output_file_id", "error_file_id"):
            if batch.get(field):
                content = self._call("GET", f"/files/{batch[field]}/content", raw=True)
                write_atomically(
                    self._folder / f"{one.file.removesuffix('.jsonl')}-{field.partition('_')[0]}.jsonl", content
                )
                yield from _read(content, asked)
        if batch["status"] != "completed":
            said = first_line(ValueError(str(batch.get("errors") or "no reason given")))
            mine = {custom for line in _rows(self._folder / one.file) if (custom := line["custom_id"]) in asked}
            for identifier in sorted(mine):
                why = f"batch {one.batch} {batch['status']}: {said[:150]}"
                yield Completion(request=asked.pop(identifier), stop="error", error=why)
        one.status = "read"
        self._write(state)

    def _waited(self, one: Submitted) -> dict[str, Any]:
        while True:
            batch: dict[str, Any] = self._call("GET", f"/batches/{one.batch}")
            if batch.get("status") in _OVER:
                return batch
            time.sleep(self._poll)

    def _call(self, method: str, path: str, *, raw: bool = False, **how: Any) -> Any:
        """Ask the server, again where that may help; raises BadInput with its words where it does not."""
        for tried in range(self._model.retries + 1):
            status, content = asyncio.run(self._model.call(method, path, **how))
            if status == HTTPStatus.OK:
                return content if raw else _DECODE(content)
            if (status not in RETRY_STATUS and status != 0) or "data" in how:  # a form can be sent once
                break
            time.sleep(min(60.0, 0.5 * 2.0**tried))
        words = self._model.shown(content[:4000].decode("utf-8", "replace"))
        raise BadInput(f"{method} {path} of the batch endpoint: HTTP {status}: {words}; --resume tries again")

    def _read(self) -> list[Submitted]:
        path = self._folder / "state.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=list[Submitted]) if path.is_file() else []
        except (OSError, msgspec.MsgspecError) as error:
            raise BadInput(f"{path} cannot be read ({first_line(error)}); remove it to submit anew") from error

    def _write(self, state: list[Submitted]) -> None:
        write_atomically(self._folder / "state.json", msgspec.json.encode(state))


def custom_id(request: Request) -> str:
    """Name a request by what it asks: the same in every session of a run."""
    asked = msgspec.json.encode(msgspec.to_builtins(request), order="sorted")
    return hashlib.blake2b(asked, digest_size=16).hexdigest()


def _files(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Group lines into files that a server takes."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        if held and (len(held) >= MOST_REQUESTS or size + len(line) > MOST_BYTES):
            yield held
            held, size = [], 0
        held.append(line)
        size += len(line)
    if held:
        yield held


def _rows(path: Path) -> list[dict[str, Any]]:
    return [_DECODE(line) for line in path.read_bytes().splitlines() if line.strip()]


def _read(content: bytes, asked: dict[str, Request], *, failed: bool = True) -> Iterator[Completion]:
    """Yield the completions that a file of results holds; each request is answered once."""
    for line in content.splitlines():
        row = _DECODE(line) if line.strip() else {}
        identifier = str(row.get("custom_id"))
        if identifier not in asked:
            continue
        done = _completion(asked[identifier], row)
        if failed or done.stop != "error":
            del asked[identifier]
            yield done


def _completion(request: Request, row: dict[str, Any]) -> Completion:
    response = row.get("response") or {}
    if row.get("error") or response.get("status_code") != HTTPStatus.OK:
        said = str(row.get("error") or response.get("body"))[:150]
        return Completion(request=request, stop="error", error=f"HTTP {response.get('status_code')}: {said}")
    try:
        done = completion(request, response["body"], 0.0)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        return Completion(request=request, stop="error", error=f"{type(error).__name__}: {error}"[:200])
    return msgspec.structs.replace(done, seconds=None, meta=done.meta | {"batch": True})
