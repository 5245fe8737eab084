"""What a scan found, in sentences: how many items of which benchmark, where most of them stand, and some to look at."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rarl_eval.evidence.scans import ItemStatus, ScanResult

EXAMPLES = 3
MOST_CORPORA = 6
"""Corpora whose counts are told one by one, the worst first."""
STANDS = 0.8
"""Share of a part from which it stands there."""
MOST_TASKS = 6
"""Benchmarks with finds that are told one by one."""
EXCERPT = 60
"""Characters of an example."""


def sentences(scan: ScanResult) -> Iterator[str]:
    """Yield the conclusion of a scan, and what to do next."""
    counts: Mapping[str, Mapping[str, Any]] = scan.report.get("counts", {})
    found = sorted((task for task in counts if _found(counts[task])), key=lambda task: -_found(counts[task]))
    for task in found[:MOST_TASKS]:
        yield _of_task(task, counts[task])
    if len(found) > MOST_TASKS:
        yield f"Items of {len(found) - MOST_TASKS} more benchmarks were found; scan.json counts them."
    clear = [task for task in counts if task not in found]
    if clear:
        items = sum(int(counts[task].get("n") or 0) for task in clear)
        named = clear[0] if len(clear) == 1 else f"{len(clear)} {'other ' if found else ''}benchmarks"
        yield f"None of the {items:,} items of {named} was found in {_documents(scan)}."
    yield from _beside(counts)
    yield from _untold(scan, counts)
    yield from _where(scan)
    yield _next(scan, found)


def _found(counts: Mapping[str, Any]) -> int:
    return int(counts.get("flagged") or 0)


def _of_task(task: str, counts: Mapping[str, Any]) -> str:
    kinds = ", ".join(f"{counts[level]:,} {level}" for level in ("exact", "near", "confirmed") if counts.get(level))
    of = f"{_found(counts):,} of {counts.get('n') or 0:,} items of {task}"
    return f"{of} stand in the corpus: {kinds}." if kinds else f"{of} stand in the corpus."


def _beside(counts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Say what stands there of items that is no copy and flags nothing."""
    siblings, variants = (sum(int(of.get(level) or 0) for of in counts.values()) for level in ("sibling", "variant"))
    if siblings:
        have = "has its" if siblings == 1 else "have their"
        asked = f"{siblings:,} {have} givens there with another question asked of them"
        yield f"No copies, and not flagged: {asked}{f', {variants:,} other numbers or formulas' if variants else ''}."


def _documents(scan: ScanResult) -> str:
    n = scan.report.get("documents")
    return "the corpus" if n is None else f"{n:,} document{'' if n == 1 else 's'}"


def _untold(scan: ScanResult, counts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    short = sum(int(of.get("too_short") or 0) for of in counts.values())
    if short:
        yield f"{short:,} items are too short to tell from common text: they are neither found nor clean."
    failed = scan.report.get("not_scanned") or []
    if failed:
        yield f"{len(failed)} of the corpora could not be read, first {failed[0]}: no item is called clean."


def _where(scan: ScanResult) -> Iterator[str]:
    """Say in which corpus most of the items stand, with examples."""
    flagged = [item for item in scan.items.values() if item.status == "flagged"]
    corpora = Counter(_corpus(item) for item in flagged)
    worst = sorted(corpora.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(worst) > 1:
        yield f"The worst corpus is {worst[0][0]}, with {worst[0][1]:,} of them."
        yield from (
            f"  {name}: {_levels(i for i in flagged if _corpus(i) == name)}" for name, _ in worst[:MOST_CORPORA]
        )
        if len(worst) > MOST_CORPORA:
            yield f"  and {len(worst) - MOST_CORPORA:,} more corpora"
    for item in sorted(flagged, key=lambda item: (-(item.score or 0.0), item.task, item.id))[:EXAMPLES]:
        text = " ".join((item.excerpt or item.text or "").split())
        cut = text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"
        yield f"  item {item.id} in {item.document} ({item.level}{parts_told(item.parts)}): {cut}"


def _levels(items: Iterable[ItemStatus]) -> str:
    counts = Counter("confirmed" if item.confirmed else str(item.level) for item in items)
    return ", ".join(f"{counts[level]:,} {level}" for level in ("exact", "near", "confirmed") if counts[level])


def parts_told(parts: Mapping[str, float]) -> str:
    """Say which parts of an item stand there and which do not; nothing where there is only one."""
    if len(parts) < 2:
        return ""
    stand = [name for name, share in parts.items() if share >= STANDS]
    missing = [name for name, share in parts.items() if share < STANDS]
    told = [f"{_and(stand)} there"] if stand else []
    return ": " + ", ".join([*told, f"{_and(missing)} not"] if missing else told)


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _corpus(item: ItemStatus) -> str:
    return (item.document or "").rpartition(":")[0] or (item.document or "a document")


def _next(scan: ScanResult, found: Sequence[str]) -> str:
    look = f"rarl-eval audit {scan.path} shows the places; " if found else ""
    if scan.models:
        named = ", ".join(scan.models)
        return f"Next: {look}rarl-eval report --run RUN --scan {scan.path} says what it means for {named}."
    return (
        f"Next: {look}rarl-eval report --run RUN --corpus-of MODEL={scan.path}, if it is a model's training data; "
        "a scan that is tied to no model accuses nobody."
    )
