"""Files of benchmarks that live in a public code repository and not on the hub: fetched once and kept.

A source's path is ``github:OWNER/NAME``; a file is a path in the repository, or ``ARCHIVE.zip#NAME`` for the one file
of that name in an archive. A file of a known commit is fetched once; without a commit the newest is fetched each time,
and the rows' fingerprint tells whether it changed.
"""

import os
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import write_atomically

PREFIX = "github:"
SERVER = "https://raw.githubusercontent.com"
BRANCH = "main"
MAX_BYTES = 500 * 2**20
TIMEOUT_SECONDS = 60


def fetch(path: str, revision: str | None, file: str) -> Path:
    """Return a local copy of a file; raises BadInput with the address where it cannot be had."""
    name, _, member = file.partition("#")
    address = f"{SERVER}/{path.removeprefix(PREFIX)}/{revision or BRANCH}/{name}"
    kept = _folder() / path.removeprefix(PREFIX) / (revision or BRANCH) / name
    if revision is None or not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, _download(address))
    return _member(kept, member, address) if member else kept


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "rarl-eval" / "sources"


def _download(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310  SERVER is https
            content: bytes = reply.read(MAX_BYTES + 1)
    except (urllib.error.URLError, OSError) as error:
        raise BadInput(
            f"{address} could not be fetched ({error}); download it and give the rows with --source TASK=PATH, "
            "or in a folder named by RARL_EVAL_DATA"
        ) from error
    if len(content) > MAX_BYTES:
        raise BadInput(f"{address} is larger than {MAX_BYTES} bytes; download it and give it with --source TASK=PATH")
    return content


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
