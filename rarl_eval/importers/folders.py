"""Files and folders that a user gives: which of them are logs, and which only add to a log that is read.

A file that was named is read or refused. In a folder, what is no log is left out and said: settings, pages, tables of
other things. Rows of no known program are read only where a folder holds nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import suffix_of
from rarl_eval.importers import TOTALS, Fields, Log, read_log
from rarl_eval.importers.formats import FORMATS
from rarl_eval.importers.outputs import Unreadable

_LOGS = {".jsonl", ".json", ".eval", ".parquet", ".arrow", ".feather", ".csv", ".tsv", ".html"}


@dataclass(frozen=True)
class Opened:
    """Logs by file, in the order given, a folder's by name; and the files of folders that are none."""

    logs: dict[Path, Log]
    left_out: tuple[Unreadable, ...] = ()


def open_logs(given: Sequence[Path], form: str = "auto", fields: Fields | None = None) -> Opened:
    """Open files, and the logs in folders; raises BadInput for a file named that is none, and for an empty folder."""
    logs: dict[Path, Log] = {}
    left_out: list[Unreadable] = []
    for path in given:
        if path.is_dir():
            found = _in_folder(path, form, fields)
            logs |= found.logs
            left_out += found.left_out
        else:
            logs[path] = read_log(path, form, fields)
    return Opened({file: log for file, log in logs.items() if not _adds_to_another(file, log, logs)}, tuple(left_out))


def _in_folder(folder: Path, form: str, fields: Fields | None) -> Opened:
    logs: dict[Path, Log] = {}
    left_out: list[Unreadable] = []
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if hidden or not file.is_file() or suffix_of(file) not in _LOGS:
            continue
        try:
            logs[file] = _begun(read_log(file, form, fields))
        except BadInput as error:
            left_out.append(Unreadable(str(file), str(error)))
    known = {file: log for file, log in logs.items() if log.harness not in {"jsonl", TOTALS}}
    plain = {file: log for file, log in logs.items() if log.harness == "jsonl"}
    if not known and not plain:
        why = f"; {left_out[0].reason}" if left_out else ""
        raise BadInput(f"{folder} holds no log ({len(logs) + len(left_out)} files looked at){why}")
    if known:
        left_out += [Unreadable(str(file), "its rows are of no known program") for file in plain]
    return Opened(known or plain, tuple(sorted(left_out, key=lambda one: one.where)))


def _begun(log: Log) -> Log:
    """Return a log that has begun to be read, so that one without any text is known to be none of a folder's."""
    outputs = iter(log.outputs)
    first = next(outputs, None)
    return replace(log, outputs=iter(()) if first is None else chain((first,), outputs))


def _adds_to_another(file: Path, log: Log, logs: dict[Path, Log]) -> bool:
    """Whether what a file holds comes along with another file that is read."""
    form = FORMATS.get(log.harness)
    main = form.main(file) if form and form.main else None
    return main is not None and main in {other.absolute() for other in logs}
