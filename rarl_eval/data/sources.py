"""Where a task's rows are: in a file that was named, in the folder of RARL_EVAL_DATA, in a repository, on the hub.

Each source gives rows, and says exactly which revision they are of. Files are fetched as their rows are pulled, so that
who stops early fetches less. Not here: what a row means, and whether the rows are the right ones (loading.py).
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rarl_eval.data import cached, hub, splits
from rarl_eval.errors import BadInput, Unreachable
from rarl_eval.files import reaching, repositories
from rarl_eval.files.rows import COMPRESSED, Numbered, read_lines, read_rows, suffix_of
from rarl_eval.types import Source, Task

STREAMED = 16 * 2**20
"""A file of JSON lines above this size is read as it comes where only its first rows are wanted, and is not kept."""


@dataclass
class Found:
    """Rows, and what they are rows of."""

    origin: str
    revision: str | None
    rows: Iterator[Numbered]
    stops: bool = False
    """Whether rows that are not pulled are not fetched."""
    new: list[Path] = field(default_factory=list)
    """Files that were fetched for this and that nothing has checked: they go where the rows turn out to be wrong."""

    def drop(self) -> None:
        """Remove what was fetched for this."""
        for path in self.new:
            path.unlink(missing_ok=True)


def find(task: Task, given: str | None, revision: str | None, *, first: int | None, folder: bool = True) -> Found:
    """Find a task's rows; ``revision`` is what a lock holds, ``first`` how many items are wanted of them.

    Raises Unreachable where nobody gives them; ``folder``: whether RARL_EVAL_DATA is looked into.
    """
    if given is not None:
        return Found(given, None, read_rows(given))
    if task.generate is not None:
        return Found(task.source.path, None, enumerate(map(dict, task.generate()), start=1))
    named = os.environ.get("RARL_EVAL_DATA") if folder else None
    path = _local(Path(named), task) if named else None
    if path is not None:
        return Found(str(path), None, read_rows(path))
    try:
        if task.source.path.startswith(repositories.PREFIX):
            return _repository(task.source, revision or task.source.revision)
        return _hub(task.source, revision or task.source.revision, first)
    except Unreachable as error:
        raise unreachable(task, error) from error


def unreachable(task: Task, error: Unreachable) -> Unreachable:
    """Say for which task it is, and what else can be done."""
    told = f"{task.name}: {error}; or give the rows with --source TASK=PATH or a folder in RARL_EVAL_DATA"
    return hub.Refusal(told) if isinstance(error, hub.Refusal) else Unreachable(told)


def _local(folder: Path, task: Task) -> Path | None:
    if not folder.is_dir():
        raise BadInput(f"RARL_EVAL_DATA={folder} is no folder; set it to a folder or unset it")
    names = [*task.source.local, f"{task.domain}/{task.name}.jsonl", f"{task.name}.jsonl"]
    candidates = (folder / (name + suffix) for name in names for suffix in ("", *COMPRESSED))
    return next((path for path in candidates if path.is_file()), None)


def _repository(source: Source, revision: str | None) -> Found:
    found = Found(f"{source.path}@{revision}" if revision else source.path, revision, iter(()))
    fetched = [repositories.fetch(source.path, revision, file, found.new) for file in source.files]
    found.rows = (row for path in fetched for row in read_rows(path))
    return found


def _hub(source: Source, revision: str | None, first: int | None) -> Found:
    """Resolve the revision once, then read that commit's files, so that what is written down is what was read."""
    sha = hub.resolve(source.path, revision)
    held = hub.commit(source.path, sha)
    files = source.files or files_of(held, source.name, source.split)
    stops = first is not None and len(files) > 1
    if not stops:
        for path in files:
            cached.file(held, path)
    rows = (row for path in files for row in _rows(held, path, streamed=stops))
    return Found(f"hub:{source.path}@{sha}", sha, rows, stops=stops)


def files_of(held: hub.Commit, config: str | None, split: str) -> Sequence[str]:
    """Return the files of a commit that hold a split."""
    card = cached.file(held, splits.CARD) if splits.CARD in held.files else None
    return splits.files_of(held.files, splits.configs(card), held.repo, config, split)


def _rows(held: hub.Commit, path: str, *, streamed: bool) -> Iterator[Numbered]:
    # Read by rows.py and not by ``datasets``: columns of mixed types, as in nested JSON, do not fit its tables.
    lines = suffix_of(Path(path)) in {".jsonl", ".ndjson"}
    large = path in held.files and held.files[path].size > STREAMED
    if streamed and lines and large and not cached.is_here(held, path):
        with reaching.FileStream(hub.address(held, path), hub.headers()) as stream:
            yield from read_lines(stream, hub.address(held, path))
    else:
        yield from read_rows(cached.file(held, path))
