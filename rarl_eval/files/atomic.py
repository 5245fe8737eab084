"""Files and folders that are whole or not there."""

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rarl_eval.errors import BadInput


def write_atomically(path: Path, content: bytes | str, *, replace: bool = True) -> None:
    """Write a file so that a reader, or a kill at any moment, finds the old content or the new, never a part.

    Without ``replace`` a file that is there stays, and FileExistsError is raised.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        if replace:
            Path(name).replace(path)
        else:
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def whole_folder(out: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a folder to fill that becomes ``out`` on leaving, and is gone after an error or an interruption.

    What a killed process left of an earlier try is removed. Raises BadInput if ``out`` cannot be written, or holds
    something and is not to be replaced.
    """
    try:
        if not replace and out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise BadInput(f"{out} exists and is no empty folder; choose another --out")
        out.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(out)
        partial = Path(tempfile.mkdtemp(dir=out.parent, prefix=_prefix(out)))
    except OSError as error:
        raise BadInput(f"{out} cannot be made ({error}); mend the disk or choose another --out") from error
    held = _hold(partial)
    try:
        yield partial
        partial.chmod(0o755)
        _move(partial, out)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise BadInput(f"{out} cannot be written ({error}); mend the disk or choose another --out") from error
    except BadInput as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise type(error)(str(error).replace(str(partial), str(out))) from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        os.close(held)


@contextmanager
def alone(file: Path, busy: str) -> Iterator[None]:
    """Hold a file's lock, which goes with the process, however that ends; raises BadInput ``busy`` where another does.

    OSError where the file cannot be made.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(busy) from None
        yield
    finally:
        os.close(handle)


def _move(fresh: Path, out: Path) -> None:
    """Put a folder in a place; one that holds something steps aside for it, and comes back on failure."""
    if not out.is_dir() or not any(out.iterdir()):
        os.replace(fresh, out)  # noqa: PTH105  replaces an empty folder, which Path.rename need not
        return
    aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.old-"))
    out.rename(aside / "old")  # two folders cannot be exchanged in one step everywhere
    try:
        fresh.rename(out)
    except BaseException:
        (aside / "old").rename(out)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _prefix(out: Path) -> str:
    return f".{out.name}.partial-"


def _hold(folder: Path) -> int:
    """Lock a folder for as long as this process lives; the number that closes it again."""
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return held


def _remove_abandoned(out: Path) -> None:
    """Remove unfinished folders whose processes are gone: nobody holds them."""
    for folder in out.parent.glob(f"{glob.escape(_prefix(out))}*"):
        try:
            held = _hold(folder)
        except OSError:  # at work, or not ours to open
            continue
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)
