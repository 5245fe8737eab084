"""``rarl-eval audit``: look at what a scan found, item beside document, and judge it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import click

from rarl_eval import registry
from rarl_eval.commands import family, options
from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import ScanResult, read_scan
from rarl_eval.files.text import percent, visible
from rarl_eval.types import Level, Part

_MARKED = re.compile(r"\[-.*?-\]|\{\+.*?\+\}", re.DOTALL)


@family.command("audit")
@click.argument("scan", type=options.FOLDER)
@options.some_tasks
@options.source
@click.option("--level", "-l", "levels", multiple=True, type=click.Choice(get_args(Level)), help="Only this level.")
@click.option("--part", "-p", "parts", multiple=True, type=click.Choice(get_args(Part)), help="Only this part.")
@click.option(
    "--record",
    "judgements",
    multiple=True,
    metavar="KEY=true|false|passage ...",
    help="Judge an item's best evidence: it was there, it was not, or only the passage it is about was.",
)
def command(
    scan: Path,
    task: tuple[str, ...],
    sources: tuple[str, ...],
    levels: tuple[str, ...],
    parts: tuple[str, ...],
    judgements: tuple[str, ...],
    as_json: bool,
) -> None:
    r"""Look at what a scan found, item beside document, differences marked, and judge it.

    [-words-] are missing in the document, {+words+} are only there. KEY is an item's key or its first digits.
    Judgements are kept in the scan directory; the precision of each level is over the items that were judged, with a
    95 % Wilson interval.

    \b
    Examples:
      rarl-eval audit scans/train --level near
      rarl-eval audit scans/train --record 3f9a=true --record 77c0=passage
      rarl-eval audit scans/train --task gsm8k --json
    """
    found = read_scan(scan)
    names = [t.name for t in registry.tasks(task)] if task else []
    for verdict in [_parsed(found, names, told) for told in judgements]:
        registry.load("contamination", "record")(scan, *verdict)
    entries = [] if judgements else _entries(found, task, names, sources, levels, parts)
    precision = registry.load("contamination", "precision")(found)
    if as_json:
        family.print_json({"entries": entries, "precision": precision})
        return
    for line in (line for entry in entries for line in _shown(entry)):
        click.echo(line)
    for line in _table(precision):
        click.echo(line)


def _parsed(found: ScanResult, tasks: Sequence[str], told: str) -> tuple[str, str, str]:
    """(task, key, judgement) that a ``KEY=judgement`` means; BadInput unless it means one item."""
    start, _, judgement = told.partition("=")
    named = [(t, k) for t, k in found.items if start and k.startswith(start) and (not tasks or t in tasks)]
    if len(named) > 1:
        raise BadInput(f"{start!r} begins the keys of {len(named)} items of {found.path}; give more digits, or --task")
    if not named:
        raise BadInput(f"{found.path} has no item whose key begins with {start!r}; see: rarl-eval audit {found.path}")
    return (*named[0], judgement)


def _entries(
    found: ScanResult,
    task: Sequence[str],
    names: Sequence[str],
    sources: Sequence[str],
    levels: Sequence[str],
    parts: Sequence[str],
) -> list[Any]:
    """Entries that the filters keep, with the items' texts as they are loaded now."""
    scanned = [str(b.get("task")) for b in found.report.get("benchmarks", [])]
    missing = sorted(set(names) - set(scanned))
    if missing or not scanned:
        raise BadInput(f"{found.path} was not scanned for {missing[0] if missing else 'any task'}; it has {scanned}")
    benchmarks = options.load(task or scanned, sources, None, partial=True)
    prints = {b.get("task"): b.get("fingerprint") for b in found.report["benchmarks"]}
    for b in benchmarks:
        if prints[b.task.name] != b.fingerprint:
            options.say(f"{b.task.name} has changed since the scan: items that are no longer there are not shown")
    return list(registry.load("contamination", "audit")(found, benchmarks, tasks=names, levels=levels, parts=parts))


def _shown(entry: Any) -> Iterator[str]:
    found = entry.found
    judged = f"   judged: {entry.judgement}" if entry.judgement else ""
    changed = f", {found.numbers_changed} numbers changed" if found.numbers_changed else ""
    yield visible(
        f"{found.level} {found.part} {found.score:.2f}{changed}   {found.task} {found.id}   {found.key}{judged}"
    )
    yield visible(f"  found in  {found.document} at character {found.offset}")
    yield f"  item      {_coloured(entry.item_text)}"
    yield f"  document  {_coloured(entry.document_text)}"
    yield ""


def _coloured(text: str) -> str:
    """Colour marked words red and green, where a person looks."""
    return _MARKED.sub(lambda m: click.style(m[0], fg="red" if m[0][0] == "[" else "green"), visible(text))


def _table(precision: Sequence[Any]) -> Iterator[str]:
    yield f"{'level':<12}{'judged':>7}{'true':>7}   precision"
    for p in precision:
        told = f"{percent(p.value)} % (95 %: {percent(p.low)} to {percent(p.high)})" if p.judged else "-"
        yield f"{p.level:<12}{p.judged:>7}{p.true:>7}   {told}"
