"""Which files a corpus is: paths, globs, folders, lists of paths, addresses and standard input become shards.

A shard is what is scanned, reported and resumed as one: a file, or a run of small text files of one folder. Shards are
sorted by name, so that neither the order on the command line nor the number of threads changes a result.
"""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from rarl_eval.contamination.corpus.remote import FarFile, is_remote, remotes
from rarl_eval.errors import BadInput
from rarl_eval.files.rows import suffix_of

Kind = Literal["jsonl", "rows", "table", "text", "stdin"]

GROUP_BYTES = 64 * 2**20
"""Text files of a folder are scanned together up to this size."""
_KINDS: dict[str, Kind] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "rows", ".csv": "rows", ".tsv": "rows", ".parquet": "table",
    ".arrow": "table", ".feather": "table",
}  # fmt: skip
NOT_TEXT = {
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".whl", ".so", ".o", ".dylib", ".dll", ".exe", ".pyc", ".class",
    ".jar", ".bin", ".safetensors", ".pt", ".npy", ".npz", ".a", ".woff", ".woff2", ".ttf", ".mp3", ".mp4", ".wav",
    ".db", ".sqlite", ".idx", ".pack", ".lock",
}  # fmt: skip
"""Suffixes of what is passed over in folders and archives: images, sound, programs, weights. All else is read, or told
as not scanned."""
_ALONE = {".zip", ".tar", ".tgz", ".tbz2", ".txz", ".7z", ".rar", ".pdf", ".warc", ".wet", ".wat"}
"""Suffixes of what is a shard of its own in a folder."""


@dataclass(frozen=True)
class Shard:
    """Files that are scanned as one."""

    name: str
    kind: Kind
    files: tuple[Path, ...]
    names: tuple[str, ...]
    """What documents of each file are called."""
    remote: FarFile | None = None
    """The one file of it, where that lies elsewhere."""

    @property
    def size(self) -> int:
        """Bytes of its files; 0 where nobody tells."""
        return self.remote.size if self.remote else sum(f.stat().st_size for f in self.files)

    @property
    def stamp(self) -> str:
        """What changes when its files do."""
        if self.remote is not None:
            return repr((self.remote.address, self.remote.size, sorted(self.remote.identity.items())))
        return repr([(str(f), s.st_size, s.st_mtime_ns) for f in self.files for s in [f.stat()]])


def expand(corpora: Sequence[Path | str]) -> list[Shard]:
    """Resolve what was given on the command line; raises BadInput for what does not exist or holds nothing."""
    if not corpora:
        raise BadInput("no corpus was given; name files, folders or globs with --corpus")
    shards = {s.name: s for s in chain.from_iterable(_resolve(str(c)) for c in corpora)}
    return [shards[name] for name in sorted(shards)]


def kind_of(path: Path) -> Kind:
    """How a file is read, by its name without a compression suffix."""
    return _KINDS.get(suffix_of(path), "text")


def _resolve(given: str) -> Iterator[Shard]:
    path = Path(given)
    if is_remote(given) and not path.exists():
        yield from map(_remote, remotes(given))
    elif given == "-":
        yield Shard("-", "stdin", (), ())
    elif given.startswith("@") and not path.exists():
        yield from _listed(Path(given[1:]))
    elif path.is_dir():
        yield from _folder(path)
    elif path.exists():
        yield _single(path)
    elif glob.has_magic(given):
        matches = sorted(glob.glob(given, recursive=True))  # noqa: PTH207 - absolute patterns too
        if not matches:
            raise BadInput(
                f"{given} matches no file; check the pattern, and quote it so that it reaches the program whole"
            )
        yield from chain.from_iterable(_resolve(m) for m in matches)
    else:
        raise BadInput(f"{given} does not exist; check the path of the corpus")


def _listed(path: Path) -> Iterator[Shard]:
    try:
        names = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the list {path} cannot be read ({error}); it must hold one path a line") from error
    for name in names:
        if name.strip():
            yield from _resolve(name.strip())


def _remote(found: FarFile) -> Shard:
    return Shard(found.address, kind_of(found.path), (), (found.path.name,), found)


def _single(path: Path) -> Shard:
    return Shard(str(path), kind_of(path), (path,), (path.name,))


def _folder(folder: Path) -> Iterator[Shard]:
    """Files below a folder, hidden ones and known binaries left out; a ``datasets`` folder gives its Arrow files."""
    found = sorted(p for p in folder.rglob("*") if p.is_file() and _wanted(folder, p))
    arrow = [p for p in found if p.suffix == ".arrow"]
    if arrow and any((p.parent / "dataset_info.json").is_file() for p in arrow):
        found = arrow
    if not found:
        raise BadInput(f"{folder} holds no file that can be scanned")
    texts = [p for p in found if kind_of(p) == "text" and not _alone(p)]
    for path in sorted(set(found) - set(texts)):
        name = f"{folder.name}/{path.relative_to(folder)}"
        yield Shard(str(path), kind_of(path), (path,), (name,))
    yield from _groups(folder, texts)


def _alone(path: Path) -> bool:
    """Whether a file that is no rows is a shard of its own: an archive, or not to be read at all."""
    return any(suffix.lower() in _ALONE for suffix in path.suffixes[-2:])


def _wanted(folder: Path, path: Path) -> bool:
    relative = path.relative_to(folder)
    hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
    return not hidden and path.suffix.lower() not in NOT_TEXT


def _groups(folder: Path, texts: list[Path]) -> Iterator[Shard]:
    group: list[Path] = []
    size = 0
    for path in texts:
        group.append(path)
        size += path.stat().st_size
        if size >= GROUP_BYTES:
            yield _group(folder, group)
            group, size = [], 0
    if group:
        yield _group(folder, group)


def _group(folder: Path, group: list[Path]) -> Shard:
    names = tuple(f"{folder.name}/{p.relative_to(folder)}" for p in group)
    return Shard(f"{group[0]} (+{len(group) - 1})" if len(group) > 1 else str(group[0]), "text", tuple(group), names)
