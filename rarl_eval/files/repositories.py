"""Files of benchmarks that live in a public code repository and not on the hub: fetched once and kept.

A source's path is ``github:OWNER/NAME``; a file is a path in the repository, or ``ARCHIVE.zip#NAME`` for the one file
of that name in an archive. A file of a known commit is fetched once; without a commit the newest is fetched each time,
and the rows' fingerprint tells whether it changed. A copy has its hash beside it, so that one that was damaged since is
noticed; whoever finds the rows of a new copy wrong removes it.
"""

import hashlib
import os
import tempfile
import zipfile
from pathlib import Path

from rarl_eval.errors import BadInput, Unreachable
from rarl_eval.files import reaching
from rarl_eval.files.atomic import write_atomically

PREFIX = "github:"
SERVER = "https://raw.githubusercontent.com"
BRANCH = "main"
MAX_BYTES = 500 * 2**20


def fetch(path: str, revision: str | None, file: str, new: list[Path] | None = None) -> Path:
    """Return a local copy of a file; ``new`` is told of files that were fetched for it.

    Raises Unreachable with the address where it cannot be had, and BadInput for a damaged copy.
    """
    name, _, member = file.partition("#")
    address = f"{SERVER}/{path.removeprefix(PREFIX)}/{revision or BRANCH}/{name}"
    kept = folder(path) / (revision or BRANCH) / name
    if not kept.is_file() or (revision is None and not reaching.offline()):
        _download(address, kept)
        new = [] if new is None else new
        new += [kept, _seal(kept)]
    else:
        _check(kept)
    return _member(kept, member, address) if member else kept


def folder(path: str) -> Path:
    """Return where copies of a repository's files lie."""
    base = os.environ.get("XDG_CACHE_HOME")
    sources = (Path(base) if base else Path.home() / ".cache") / "rarl-eval" / "sources"
    return sources / path.removeprefix(PREFIX)


def _download(address: str, kept: Path) -> None:
    if reaching.offline():
        raise Unreachable(f"HF_HUB_OFFLINE is set, and {kept} is not there; fetch it where there is a network")
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=kept.parent, prefix=f".{kept.name}.")
    partial = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            reaching.save(address, stream)
        if partial.stat().st_size > MAX_BYTES:
            raise BadInput(
                f"{address} is larger than {MAX_BYTES} bytes; download it and give it with --source TASK=PATH"
            )
        write_atomically(_seal(kept), _digest(partial))
        partial.chmod(0o644)
        partial.replace(kept)
    finally:
        partial.unlink(missing_ok=True)


def _check(kept: Path) -> None:
    seal = _seal(kept)
    if seal.is_file() and seal.read_text() != _digest(kept):
        raise BadInput(f"the cached file {kept} is damaged: its bytes are not those that were fetched; remove it")


def _seal(kept: Path) -> Path:
    return kept.with_name(f"{kept.name}.sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _member(archive: Path, name: str, address: str) -> Path:
    """Unpack the one file called ``name``, whatever folder of the archive it lies in."""
    try:
        with zipfile.ZipFile(archive) as opened:
            found = [i for i in opened.infolist() if Path(i.filename).name == name and "__MACOSX" not in i.filename]
            if len(found) != 1 or found[0].file_size > MAX_BYTES:
                raise BadInput(f"{address} holds {len(found)} files called {name} of a size that can be read, not one")
            content = opened.read(found[0])
    except (zipfile.BadZipFile, OSError) as error:
        raise BadInput(f"{address} is no archive that can be read ({error}); remove {archive} and try again") from error
    unpacked = archive.with_name(name)
    write_atomically(unpacked, content)
    return unpacked
