"""Corpora that lie elsewhere: datasets of the hub, files of a web server, buckets of any file system that fsspec knows.

A remote file is named by its address and known by what its server says of it: size, entity tag, revision. Lines and
texts are read as they come; what must be read from both ends (Parquet, archives) is copied to a temporary file first,
one shard at a time. Not here: what becomes of the bytes (readers.py).
"""

import glob
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import msgspec

from rarl_eval.contamination.corpus.unpack import BLOCK, FAULTS, PACKED, Intake, packing, unfolded
from rarl_eval.data import cached, hub, splits
from rarl_eval.data.sources import files_of
from rarl_eval.errors import BadInput, Unreachable, first_line
from rarl_eval.files import reaching

HUB = "hf:"
_SPEC = re.compile(r"hf:(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[^:]+))?(?::(?P<part>.+))?")
_WEB = ("http://", "https://")
PEEKED = 64 * 2**10
"""Bytes of a file by which it is told what it holds."""


class FarFile(msgspec.Struct, frozen=True):
    """A file that lies elsewhere."""

    address: str
    """What it is opened by: ``hf:OWNER/NAME@COMMIT/PATH``, or a URL."""
    size: int = 0
    """0 where the server does not tell."""
    identity: dict[str, str] = {}
    """``etag`` and ``revision``, as far as the server tells them."""

    @property
    def path(self) -> Path:
        """The file's name, by which it is told what it holds."""
        return Path(PurePosixPath(self.address.partition("?")[0]).name)


def is_remote(given: str) -> bool:
    """Whether what was given as a corpus is no path of this machine."""
    return given.startswith(HUB) or re.match(r"[a-z][a-z0-9+.-]+://", given) is not None


def remotes(given: str) -> list[FarFile]:
    """List the files of a remote corpus; raises BadInput for what does not exist or holds nothing."""
    if given.startswith(HUB):
        found = _of_hub(given)
    elif given.startswith(_WEB):
        found = [_of_web(given)]
    else:
        found = _of_bucket(given)
    if not found:
        raise BadInput(f"{given} holds no file that can be scanned; check the address")
    return found


@contextmanager
def given(remote: FarFile, *, lines: bool) -> Iterator[BinaryIO | Path]:
    """Open a remote file: as a stream where it can be read as it comes, which ``lines`` says, else as a copy of it."""
    here = _cached(remote)
    if here is not None:
        yield here
        return
    with _opened(remote) as raw, io.BufferedReader(raw, PEEKED) as stream:
        if lines and _plain(stream.peek(PEEKED)):
            yield stream
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / remote.path.name
            with copy.open("wb") as sink:
                for data in iter(lambda: stream.read(BLOCK), b""):
                    sink.write(data)
            yield copy


def _plain(head: bytes) -> bool:
    """Whether a file is text, perhaps compressed: no archive, and no table, by its first bytes."""
    how = packing(head)
    if how not in PACKED:
        return how is None
    try:
        return packing(next(unfolded(io.BytesIO(head), Intake()), b"")) is None
    except FAULTS:  # too little of it to tell
        return False


def _of_hub(given: str) -> list[FarFile]:
    """Read ``hf:OWNER/NAME[@REV][:PART]``: PART is CONFIG/SPLIT, a split, a file or a pattern of files."""
    asked = _SPEC.fullmatch(given)
    if asked is None:
        raise BadInput(f"{given} is not hf:OWNER/NAME[@REVISION][:CONFIG/SPLIT]")
    held = hub.commit(asked["repo"], hub.resolve(asked["repo"], asked["revision"]))
    return [
        FarFile(
            f"{HUB}{held.repo}@{held.sha}/{path}",
            held.files[path].size,
            {"revision": held.sha} | ({"etag": tag} if (tag := held.files[path].hash) else {}),
        )
        for path in _chosen(held, asked["part"])
    ]


def _chosen(held: hub.Commit, part: str | None) -> list[str]:
    if part is None:
        parts = {path: PurePosixPath(path).parts for path in held.files}
        return sorted(p for p, of in parts.items() if p != splits.CARD and not any(n.startswith(".") for n in of))
    if part in held.files:
        return [part]
    if glob.has_magic(part):
        return splits.matching(held.files, part)
    config, _, split = part.rpartition("/")
    return list(files_of(held, config or None, split))


def _of_web(address: str) -> FarFile:
    with reaching.FileStream(address) as stream:
        stream.begin()
        return FarFile(address, stream.size or 0, {"etag": stream.etag} if stream.etag else {})


def _of_bucket(address: str) -> list[FarFile]:
    system, path = _system(address)
    scheme = address.partition("://")[0]
    try:
        if glob.has_magic(path):
            found = {p: i for p, i in system.glob(path, detail=True).items() if i["type"] == "file"}
        else:
            found = system.find(path, detail=True)
    except FileNotFoundError:
        found = {}
    except Exception as error:  # the file systems' own errors share no base class
        raise Unreachable(f"{address} cannot be listed ({type(error).__name__}: {first_line(error)})") from error
    if not found:
        raise BadInput(f"{address} does not exist, or holds no file; check the address of the corpus")
    return [_file_of(f"{scheme}://{p.lstrip('/')}", info) for p, info in sorted(found.items())]


def _file_of(address: str, info: dict[str, Any]) -> FarFile:
    tags = (str(info[name]).strip('"') for name in ("ETag", "etag", "md5Hash", "created", "mtime") if info.get(name))
    versions = (str(info[name]) for name in ("VersionId", "generation", "version_id") if info.get(name))
    told = {"etag": next(tags, ""), "revision": next(versions, "")}
    return FarFile(address, int(info.get("size") or 0), {name: value for name, value in told.items() if value})


def _system(address: str) -> tuple[Any, str]:
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:  # the package of the file system is not here, or there is none
        raise BadInput(f"{address} cannot be opened: {first_line(error)}") from error
    return system, path


def _cached(remote: FarFile) -> Path | None:
    if not remote.address.startswith(HUB):
        return None
    held, path = _held(remote)
    return cached.file(held, path) if cached.is_here(held, path) or reaching.offline() else None


def _held(remote: FarFile) -> tuple[hub.Commit, str]:
    repo, _, rest = remote.address.removeprefix(HUB).partition("@")
    sha, _, path = rest.partition("/")
    return hub.commit(repo, sha), path


def _opened(remote: FarFile) -> io.RawIOBase:
    if remote.address.startswith(HUB):
        held, path = _held(remote)
        return _Far(reaching.FileStream(hub.address(held, path), hub.headers()), remote)
    if remote.address.startswith(_WEB):
        return _Far(reaching.FileStream(remote.address), remote)
    system, path = _system(remote.address)
    try:
        return _Far(system.open(path, "rb"), remote)
    except Exception as error:
        raise Unreachable(f"{remote.address} cannot be read ({type(error).__name__}: {first_line(error)})") from error


class _Far(io.RawIOBase):
    """A stream of somebody else's whose errors are sentences, and which is as long as it was said to be."""

    def __init__(self, stream: Any, remote: FarFile) -> None:
        self._stream, self._remote = stream, remote
        self._place = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read up to a buffer's length."""
        where = self._remote.address
        try:
            data: bytes = self._stream.read(len(buffer))
        except Unreachable as error:
            repo = where.removeprefix(HUB).partition("@")[0]
            raise hub.told(error, repo) if where.startswith(HUB) else error from None
        except Exception as error:
            raise Unreachable(f"{where} cannot be read ({type(error).__name__}: {first_line(error)})") from error
        self._check(data)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        """Ask for no more."""
        self._stream.close()
        super().close()

    def _check(self, data: bytes) -> None:
        """Raise Unreachable where a file ends early, or is another than was listed."""
        etag, known = getattr(self._stream, "etag", None), self._remote.identity.get("etag")
        web = self._remote.address.startswith(_WEB)
        if (web and known and etag and etag != known) or (not data and self._place < self._remote.size):
            raise Unreachable(f"{self._remote.address} has changed since it was listed; scan again")
