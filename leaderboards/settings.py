"""How figures came about, as runs say: what a task's page tells of its benchmark, a model's page of its runs.

Not here: whether what is known is enough to believe them (belief).
"""

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import getdoc
from typing import Any

from rarl_eval import registry
from rarl_eval.errors import RarlEvalError
from rarl_eval.leaderboards.report import SiteRow
from rarl_eval.leaderboards.sources import Sources
from rarl_eval.leaderboards.tally import Tally
from rarl_eval.report.figures import count
from rarl_eval.types import Task

STYLES = frozenset({"zero-shot", "few-shot"})
"""Prompt styles that a command has to name: the others are the task's own."""


@dataclass(frozen=True)
class RunTold:
    """A run of a model."""

    label: str
    facts: list[tuple[str, str]]
    command: str
    """Makes the run again; empty for recorded outputs."""


def runs_of(sources: Sources, model: str) -> list[RunTold]:
    """Tell of each run given that holds answers of a model, in the order of its tasks."""
    found = {}
    for rows in sources.rows.values():
        for row, reader in rows:
            if row.model == model:
                found[reader.path] = (row.run or reader.path.name, reader.manifest)
    return [RunTold(label, list(_facts(manifest)), again(manifest)) for label, manifest in found.values()]


def again(manifest: Mapping[str, Any]) -> str:
    """Return the command that makes a run again, but for keys and prices; empty for recorded outputs."""
    model = manifest.get("model") or {}
    if manifest.get("kind") != "run" or not model.get("adapter"):
        return ""
    name = model.get("path") or model.get("file") or model.get("name")
    parts = ["rarl-eval", "run", "-t", ",".join(manifest["tasks"]), "-m", f"{model['adapter']}:{name}"]
    sampling = manifest.get("sampling") or {}
    options = {
        "--base-url": "URL" if model.get("base_url") else None,  # where somebody's server is, is theirs to say
        "--temperature": sampling.get("temperature"),
        "--max-tokens": sampling.get("max_tokens"),
        "--samples": manifest.get("samples") if manifest.get("samples") != 1 else None,
        "--seed": manifest.get("seed") or None,
        "--limit": manifest.get("limit"),
        "--prompt-style": next((style for style in _styles(manifest) if style in STYLES), None),
    }
    parts += [part for option, value in options.items() if value is not None for part in (option, str(value))]
    thinking = sampling.get("thinking")
    parts += [] if thinking is None else ["--thinking" if thinking else "--no-thinking"]
    parts += ["--logprobs"] if sampling.get("logprobs") else []
    return shlex.join([*parts, "-o", "OUT"])


def _styles(manifest: Mapping[str, Any]) -> list[str]:
    styles = [(task.get("prompt_style") or {}) for task in manifest["tasks"].values()]
    return sorted({str(style["name"]) for style in styles if style.get("name")})


def _facts(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    model, host = manifest.get("model") or {}, manifest.get("host") or {}
    recorded = manifest.get("kind") != "run"
    yield "Answers", "recorded by another program" if recorded else "asked by this program"
    if model:
        yield (
            "Model",
            ", ".join(f"{key} {value}" for key, value in model.items() if isinstance(value, str | int | float)),
        )
    sampling = [f"{key} {value}" for key, value in (manifest.get("sampling") or {}).items() if value is not None]
    if not recorded:
        yield "Sampling", ", ".join(sampling) or "the model's own"
        yield "Samples", f"{manifest.get('samples')} an item, seed {manifest.get('seed')}"
    if styles := _styles(manifest):
        yield "Prompt", ", ".join(styles)
    yield "When", " to ".join(str(manifest[key])[:19] for key in ("started", "finished") if manifest.get(key))
    if served := manifest.get("served_by"):
        yield "Served by", ", ".join(map(str, served))
    if manifest.get("cost"):
        yield "Cost", f"{manifest['cost']:.4g}"
    if host.get("rarl_eval"):
        yield "Program", f"rarl-eval {host['rarl_eval']}, Python {host.get('python')}"


@dataclass(frozen=True)
class About:
    """A benchmark: what it is, in a sentence or two, and what is known of its items."""

    what: str
    facts: list[tuple[str, str]]


def about(name: str, rows: Sequence[SiteRow], sources: Sources) -> About:
    """Tell of a task's benchmark: from its file where it is known here, from the runs given, and from the report."""
    task = _known(name)
    manifests = [reader.manifest["tasks"].get(name) or {} for _, reader in sources.rows.get(name, ())]
    said: Mapping[str, Any] = manifests[0] if manifests else {}
    source = task.source if task else None
    facts = [
        ("Source", "" if source is None else f"{source.path}, {source.split}"),
        ("Revision", said.get("revision") or (source.revision if source else "")),
        ("Paper", task.paper if task else ""),
        ("Licence", said.get("licence") or (source.licence if source else "")),
        ("Released", said.get("released") or (source.released if source else "")),
        ("Items", count(max(row.asked or row.n or 0 for row in rows))),
        ("Version of the rule", _one(row.task_version for row in rows)),
        ("Fingerprint of the items", _one(row.fingerprint for row in rows)),
    ]
    return About(_doc(task), [(label, str(value)) for label, value in facts if value])


def example(slug: str, tally: Tally | None) -> tuple[str, str, str] | None:
    """Name, address and question of a task's first item; None where no run of it was given."""
    if tally is None or not tally.lines:
        return None
    line = tally.lines[0]
    return line.name, f"../items/{slug}/{line.slug}.html", line.question


def _known(name: str) -> Task | None:
    try:
        return registry.task(name)
    except RarlEvalError:
        return None


def _doc(task: Task | None) -> str:
    """First paragraph of the file of a task; empty where there is none."""
    module = sys.modules.get(task.item.__module__) if task else None
    text = getdoc(module) if module else None
    return " ".join((text or "").split("\n\n")[0].split())


def _one(values: Iterator[Any]) -> str:
    """Return what all rows share, else what they have, joined."""
    return ", ".join(sorted({str(value) for value in values if value is not None}))
