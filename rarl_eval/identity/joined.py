"""The rows of all files that are joined to items: read again, counted, named."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rarl_eval.errors import BadInput
from rarl_eval.identity.decide import Decision
from rarl_eval.identity.match import Identity, Matched
from rarl_eval.importers import Log, Output
from rarl_eval.importers.outputs import Unreadable
from rarl_eval.types import Benchmark, Item

Joined = tuple[Output, Item, Decision]


def joined(logs: Iterable[tuple[Path, Log]], matches: Mapping[Path, Matched]) -> Iterator[Joined]:
    """Read the outputs again, each with the item that was found for it."""
    for file, log in logs:
        matched = matches[file]
        for output, decision in zip(log.outputs, matched.decisions, strict=True):
            if decision.item is not None and matched.joined(decision):
                yield output, decision.item, decision


def others_in_folders(matches: Mapping[Path, Matched], given: Sequence[Path]) -> tuple[Path, ...]:
    """Files of folders that answer no item where others do: logs of other tasks."""
    silent = [file for file, m in matches.items() if file not in given and all(d.item is None for d in m.decisions)]
    return tuple(silent) if len(silent) < len(matches) else ()


def left_out(matches: Mapping[Path, Matched]) -> tuple[str, ...]:
    """Where the rows stand that are left out."""
    return tuple(
        where for m in matches.values() for d, where in zip(m.decisions, m.places, strict=True) if not m.joined(d)
    )


def nothing(identity: Identity, unread: Sequence[Unreadable], files: Sequence[Path], benchmark: Benchmark) -> BadInput:
    """Return what to raise where no row is joined: the first reason that is known."""
    if unread and not identity.rows:
        return BadInput(f"no row is read: {unread[0].where}: {unread[0].reason}")
    first = next((e for found in identity.examples.values() for e in found if e.why), None)
    return BadInput(
        f"none of the {identity.rows} rows of {', '.join(map(str, files))} matches an item of "
        f"{benchmark.task.name} ({benchmark.origin}) by content, prompt, id or row"
        + (f": {first.where}: {first.why}" if first else "")
        + "; name the field with --id-field or --question-field"
    )


def model_named(matches: Mapping[Path, Matched], files: Sequence[Path]) -> str:
    """Return the one model that the joined rows name, else the file's name; raises BadInput where they name several."""
    named = {
        name for m in matches.values() for d, name in zip(m.decisions, m.models, strict=True) if name and m.joined(d)
    }
    if len(named) > 1:
        raise BadInput(f"the rows name several models ({', '.join(sorted(named))}); score them apart or give --model")
    return next(iter(named), None) or files[0].name.split(".json")[0]


def ways(matches: Mapping[Path, Matched]) -> dict[str, int]:
    """Count what found the items of the joined rows."""
    counts = Counter(d.how for m in matches.values() for d in m.decisions if d.how is not None and m.joined(d))
    return {str(how): count for how, count in counts.items()}
