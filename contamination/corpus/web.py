"""Records of web archives (WARC 1.0 and 1.1, ISO 28500; WET, WAT): the text or page of each as one row.

Requests, metadata and what describes the file are passed over; of a response the page, its HTTP headers taken off, its
chunks joined, unpacked where it was sent packed, in the encoding that it declares.
"""

import zlib
from collections.abc import Iterator

from rarl_eval.contamination.corpus.unpack import declared_in, encoding_of, is_utf8

WARC = b"WARC/"
LONGEST = 32 * 2**20
"""Bytes of one record that are read."""
_READ = (b"response", b"resource", b"conversion", b"continuation")


def records(pieces: Iterator[bytes]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield number and text of each record that holds a document; ValueError for what is no record."""
    held, number = bytearray(), 0
    while True:
        while (at := held.find(b"\r\n\r\n")) < 0:
            more = next(pieces, b"")
            if not more:
                if held.strip():
                    raise ValueError(f"the web archive ends in the middle, after record {number}")
                return
            held += more
        number += 1
        headers = _headers(bytes(held[:at]).strip())
        if b"content-length" not in headers:
            raise ValueError(f"record {number} of the web archive has no length")
        size = int(headers[b"content-length"])
        while len(held) < at + 4 + size:
            more = next(pieces, b"")
            if not more:
                raise ValueError(f"the web archive ends in the middle of record {number}")
            held += more
        body = bytes(held[at + 4 : at + 4 + min(size, LONGEST)])
        del held[: at + 4 + size]
        while held[:2] == b"\r\n":
            del held[:2]
        if headers.get(b"warc-type", b"").lower() in _READ:
            yield number, {"text": _text(body)}


def _headers(told: bytes) -> dict[bytes, bytes]:
    lines = (line.partition(b":") for line in told.split(b"\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _text(body: bytes) -> str:
    """Text of a record's body; of a response over HTTP its page."""
    head, declared = b"", b""
    if body.startswith(b"HTTP/"):
        head, _, body = body.partition(b"\r\n\r\n")
        headers = _headers(head)
        if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
            body = _joined(body)
        if headers.get(b"content-encoding", b"").lower() in {b"gzip", b"x-gzip", b"deflate"}:
            body = _inflated(body)
        declared = headers.get(b"content-type", b"")
    encoding = encoding_of(body) or (None if is_utf8(body) else declared_in(declared)) or "utf-8"
    return body.decode(encoding, "replace")


def _joined(body: bytes) -> bytes:
    """Join the chunks of a body; one that was joined already stays as it is."""
    out, at = [], 0
    while (end := body.find(b"\r\n", at)) >= 0:
        try:
            size = int(body[at:end].split(b";")[0], 16)
        except ValueError:
            return body
        if size == 0:
            break
        out.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
    return b"".join(out)


def _inflated(body: bytes) -> bytes:
    """Unpack a body, up to LONGEST bytes; one that was unpacked already stays as it is."""
    try:
        return zlib.decompressobj(47).decompress(body, LONGEST)
    except zlib.error:
        return body
