"""Files of a commit of a dataset: fetched once, kept only if their bytes have the hash that the listing names."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rarl_eval.data import hub
from rarl_eval.data.hub import Blob, Commit
from rarl_eval.errors import BadInput, Unreachable
from rarl_eval.files import reaching

HASHED = 64 * 2**20
"""Files up to this many bytes are hashed each time they are loaded; of larger ones the size is compared."""


def file(held: Commit, path: str) -> Path:
    """Return a local copy of a file of a commit; raises Unreachable, or BadInput for a damaged copy."""
    if path not in held.files:
        raise BadInput(f"{held.repo} at {held.sha} has no file {path}; it has {_some(held.files)}")
    place = hub.folder(held.repo) / "snapshots" / held.sha / path
    if place.is_file():
        _sound(place, held.files[path])
        return place
    if reaching.offline():
        raise hub.not_here(held.repo, f"not its file {path} of {held.sha}")
    blob = held.files[path]
    blobs = hub.folder(held.repo) / "blobs"
    kept = blobs / blob.hash if blob.hash else None
    if kept is None or not kept.is_file() or _hash(kept, blob) != blob.hash:
        kept = _fetched(held, path, blobs)
    _link(kept, place)
    return place


def is_here(held: Commit, path: str) -> bool:
    """Whether a file of a commit is in the cache."""
    return (hub.folder(held.repo) / "snapshots" / held.sha / path).is_file()


def _fetched(held: Commit, path: str, blobs: Path) -> Path:
    blob = held.files[path]
    blobs.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=blobs, suffix=".incomplete")
    partial = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            try:
                reaching.save(hub.address(held, path), stream, hub.headers())
            except Unreachable as error:
                raise hub.told(error, held.repo, held.sha) from error
        _same(partial, blob, hub.address(held, path))
        kept = blobs / (blob.hash or _git_hash(partial))
        partial.chmod(0o644)
        partial.replace(kept)
    finally:
        partial.unlink(missing_ok=True)
    return kept


def _same(partial: Path, blob: Blob, where: str) -> None:
    size = partial.stat().st_size
    if size != blob.size:
        raise Unreachable(f"{where} gives {size} bytes, the listing says {blob.size}; nothing was kept: try again")
    if _hash(partial, blob) != blob.hash:
        raise Unreachable(
            f"{where} gives other bytes than the commit's listing names (hash {_hash(partial, blob)}, not "
            f"{blob.hash}); nothing was kept: does something in between change files?"
        )


def _sound(place: Path, blob: Blob) -> None:
    size = place.stat().st_size
    if size == blob.size and (size > HASHED or _hash(place, blob) == blob.hash):
        return
    wrong = f"it has {size} bytes of {blob.size}" if size != blob.size else "its bytes are not those of the commit"
    raise BadInput(f"the cached file {place.resolve()} is damaged: {wrong}; remove it and try again")


def _hash(path: Path, blob: Blob) -> str | None:
    """Return the hash of a file in the form in which its blob has one."""
    if blob.hash is None:
        return None
    if len(blob.hash) == 40:
        return _git_hash(path)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _git_hash(path: Path) -> str:
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(reaching.CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _link(kept: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        place.symlink_to(os.path.relpath(kept, place.parent))
    except FileExistsError:  # another process was faster
        return
    except OSError:  # a file system without links
        shutil.copyfile(kept, place)


def _some(names: Mapping[str, Blob]) -> str:
    shown = ", ".join(sorted(names)[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown or "none"
