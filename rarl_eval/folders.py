"""Folders that are whole or not there."""

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

    Raises BadInput if ``out`` holds something, or cannot be written.
    """
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise BadInput(f"{out} exists and is no empty folder; choose another --out")
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as error:
        raise BadInput(f"{out} cannot be made ({error}); choose another --out") from error
    try:
        yield partial
        partial.chmod(0o755)
        os.replace(partial, out)  # noqa: PTH105  replaces an empty folder, which Path.rename need not
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise BadInput(f"{out} cannot be written ({error}); mend the disk or choose another --out") from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
