"""Members of a zip archive, zstd-compressed ones included, which Python 3.11's zipfile cannot unfold.

A member is unfolded in memory up to a bound, whatever its header says of its size.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rarl_eval.errors import BadInput

MAX_MEMBER_BYTES = 256 * 2**20
"""A larger member is refused, as rows.py refuses a longer line."""

ZSTD = 93
"""Compression method of zstd in the ZIP specification (APPNOTE 6.3.8)."""

_LOCAL_HEADER_BYTES = 30


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; raises BadInput where its directory cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise BadInput(f"{path} is a damaged zip archive ({error}); fetch the file again") from error


def read_member(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a member's bytes; raises BadInput naming file and member."""
    try:
        info = archive.getinfo(name)
        if info.flag_bits & 1:
            raise BadInput(f"{path} member {name} is encrypted; export it again without a password")
        data = _zstd(archive, info) if info.compress_type == ZSTD else _native(archive, info)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, KeyError, RuntimeError) as error:
        raise BadInput(f"{path} member {name} cannot be read ({error}); fetch the file again") from error
    if len(data) > MAX_MEMBER_BYTES:
        raise BadInput(f"{path} member {name} is larger than {MAX_MEMBER_BYTES >> 20} MiB; export it in parts")
    return data


def _native(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as stream:
        return stream.read(MAX_MEMBER_BYTES + 1)


def _zstd(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    import zstandard

    packed = io.BytesIO(_packed(archive, info))
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as stream:
            data = stream.read(MAX_MEMBER_BYTES + 1)
    except zstandard.ZstdError as error:
        raise zipfile.BadZipFile(str(error)) from error
    if len(data) <= MAX_MEMBER_BYTES and zlib.crc32(data) != info.CRC:
        raise zipfile.BadZipFile("its checksum does not fit")
    return data


def _packed(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Bytes of a member as they lie in the file: behind its local header, whose two lengths are its own."""
    stream = archive.fp
    if stream is None or info.compress_size > MAX_MEMBER_BYTES:
        raise zipfile.BadZipFile("its size makes no sense")
    stream.seek(info.header_offset)
    header = stream.read(_LOCAL_HEADER_BYTES)
    if len(header) < _LOCAL_HEADER_BYTES or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("its local header is missing")
    skip = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    stream.seek(info.header_offset + _LOCAL_HEADER_BYTES + skip)
    return stream.read(info.compress_size)
