"""Folders that are whole or not there."""

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rarl_eval.errors import BadInput


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give a folder to fill that becomes ``out`` on leaving, and is gone after an error or an interruption.

    What a killed process left of an earlier try is removed. Raises BadInput if ``out`` holds something, or cannot be
    written.
    """
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
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
        os.replace(partial, out)  # noqa: PTH105  replaces an empty folder, which Path.rename need not
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
