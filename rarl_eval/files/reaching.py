"""Servers that hold files: asked with patience, and what went wrong told in one sentence with its whole cause.

A server that is busy (429), fails (5xx) or breaks off is asked again after a pause, which it may name; one that sends
nothing for 30 seconds is not. Not here: the words for it (failures.py), and what the hub's refusals mean (data/hub.py).
"""

import http.client
import io
import logging
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import IO, Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

from rarl_eval import __version__
from rarl_eval.errors import Unreachable
from rarl_eval.files.failures import Portal, cause_of, pause_of, refused, sentence, silence

T = TypeVar("T")
Reply = http.client.HTTPResponse

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try."""
PATIENCE = 90.0
"""Seconds of pauses in all that one call waits through, also where the server names them."""
AGAIN = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529}
QUICK = 5.0
"""Seconds of silence that a server is granted which was given up before in this process."""
CHUNK = 2**20
MOST = 64 * 2**20
"""Bytes of an answer that is read whole."""

_LOG = logging.getLogger(__name__)
_down: set[str] = set()
"""Hosts that were given up: they are tried once and not waited for again, for the rest of the process."""


def offline() -> bool:
    """Whether nothing may be asked: HF_HUB_OFFLINE or HF_DATASETS_OFFLINE is set."""
    return any(
        os.environ.get(n, "").upper() in {"1", "ON", "YES", "TRUE"} for n in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")
    )


def read(address: str, headers: Mapping[str, str] | None = None) -> tuple[bytes, Mapping[str, str]]:
    """Return a small answer and its headers; raises Unreachable, or Declined with the status."""

    def take(reply: Reply) -> tuple[bytes, Mapping[str, str]]:
        content = reply.read(MOST)
        _complete(reply, len(content))
        return content, dict(reply.headers.items())

    return reach(address, take, lambda: headers or {})


def save(address: str, target: BinaryIO, headers: Mapping[str, str] | None = None) -> None:
    """Write a file's bytes to ``target``; what breaks off is gone on with. Raises as ``read`` does."""

    def wanted() -> Mapping[str, str]:
        so_far = {"Range": f"bytes={target.tell()}-"} if target.tell() else {}
        return {**(headers or {}), **so_far}

    def take(reply: Reply) -> None:
        if reply.status != http.client.PARTIAL_CONTENT:
            target.seek(0)
            target.truncate()
        _copy(reply, target)

    reach(address, take, wanted)


class FileStream(io.RawIOBase):
    """A file on a server as a stream of bytes, fetched as it is read; what breaks off is gone on with."""

    def __init__(self, address: str, headers: Mapping[str, str] | None = None) -> None:
        self.address, self._headers = address, headers or {}
        self.place = 0
        """Bytes that were read."""
        self.size: int | None = None
        self.etag: str | None = None
        self._reply: Reply | None = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def begin(self) -> None:
        """Open it, so that size and entity tag are known."""

        def opened(quick: bool) -> Reply:
            return self._begin(quick=quick)

        self._reply = self._reply or _patiently(self.address, opened)

    def readinto(self, buffer: Any) -> int:
        """Read up to a buffer's length."""
        found = _patiently(self.address, lambda quick: self._read(len(buffer), quick=quick))
        buffer[: len(found)] = found
        self.place += len(found)
        return len(found)

    def close(self) -> None:
        """Ask for no more."""
        if self._reply is not None:
            self._reply.close()
        super().close()

    def _read(self, most: int, *, quick: bool) -> bytes:
        reply, self._reply = self._reply or self._begin(quick=quick), None
        try:
            found = reply.read1(most)
        except TimeoutError as error:
            raise http.client.IncompleteRead(b"", None) from error
        if not found and self.size is not None and self.place < self.size:
            raise http.client.IncompleteRead(b"", self.size - self.place)
        self._reply = reply
        return found

    def _begin(self, *, quick: bool) -> Reply:
        """Open the file where reading goes on."""
        so_far = {"Range": f"bytes={self.place}-"} if self.place else {}
        reply = _open(self.address, {**self._headers, **so_far}, quick=quick)
        part, etag = reply.status == http.client.PARTIAL_CONTENT, reply.headers.get("ETag")
        if self.place and etag != self.etag:
            raise Unreachable(f"{self.address} has changed while it was read; begin again")
        if self.place and not part:
            left = self.place
            while left and (passed := reply.read1(min(left, CHUNK))):
                left -= len(passed)
        if not part:
            self.size = _expected(reply)
        self.etag = etag
        return reply


def reach(address: str, take: Callable[[Reply], T], headers: Callable[[], Mapping[str, str]]) -> T:
    """Open an address and return what ``take`` makes of the answer, trying again where that may help."""

    def attempt(quick: bool) -> T:
        with _open(address, headers(), quick=quick) as reply:
            return take(reply)

    return _patiently(address, attempt)


def _patiently(address: str, attempt: Callable[[bool], T]) -> T:
    """Try until it works or patience ends; the attempt is told whether the server was given up before."""
    host = urlsplit(address).netloc
    pauses, waited = (() if host in _down else PAUSES), 0.0
    for tries in range(len(pauses) + 1):
        try:
            result = attempt(host in _down)
        except (OSError, http.client.HTTPException) as error:
            wanted = pauses[tries] if tries < len(pauses) else PATIENCE + 1
            pause = max(wanted, pause_of(error))
            if not _passing(error) or waited + pause > PATIENCE:
                if _passing(error) or isinstance(cause_of(error), TimeoutError):
                    _down.add(host)
                raise refused(address, error, tries + 1) from error
            _LOG.warning("%s: trying again in %.0f s", sentence(address, error), pause)
            time.sleep(pause)
            waited += pause
        else:
            _down.discard(host)
            return result
    raise AssertionError("the last try returns or raises")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects; the key of one server is not shown to another."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            following.remove_header("Authorization")
        return following


def _open(address: str, headers: Mapping[str, str], *, quick: bool) -> Reply:
    asked = urllib.request.Request(address, headers={"User-Agent": f"rarl-eval/{__version__}", **headers})  # noqa: S310
    opener = urllib.request.build_opener(_Redirects)
    reply: Reply = opener.open(asked, timeout=min(QUICK, silence()) if quick else silence())
    page = "html" in (reply.headers.get("Content-Type") or "")
    if page and not urlsplit(address).path.endswith((".html", ".htm")):
        with reply:
            raise Portal(urlsplit(reply.geturl()).hostname or "somebody")
    return reply


def _copy(reply: Reply, target: BinaryIO) -> None:
    received = 0
    try:
        while chunk := reply.read1(CHUNK):
            target.write(chunk)
            received += len(chunk)
    except TimeoutError as error:
        if received:  # it may have been the way: what is missing is asked for again
            raise http.client.IncompleteRead(b"", (_expected(reply) or received) - received) from error
        raise
    _complete(reply, received)


def _expected(reply: Reply) -> int | None:
    length = reply.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def _complete(reply: Reply, received: int) -> None:
    expected = _expected(reply)
    if expected is not None and received < min(expected, MOST):
        raise http.client.IncompleteRead(b"", expected - received)


def _passing(error: BaseException) -> bool:
    """Whether to try again may help: not after silence, a refusal, or a name that nobody has."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code in AGAIN
    cause = cause_of(error)
    if isinstance(cause, ConnectionRefusedError):
        return False
    return isinstance(cause, http.client.HTTPException | ConnectionError)
