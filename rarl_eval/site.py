"""Reports in, a folder of static pages out; whole or not at all.

Reads ``report.json`` (docs/report.md), asks the registered site renderer for the pages, writes them to a temporary
folder beside the target and swaps. What a page looks like is the renderer's business, not this file's.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from rarl_eval import registry
from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.files.atomic import whole_folder

REPORT_SCHEMAS = (1, 2)
"""The second adds beliefs."""
"""The report.json version this reads."""

MARKER = "rarl-eval-site.json"
"""Stands in every site we write and lists its files; a folder without it is never replaced."""


def build_site(
    reports: Sequence[Path],
    out: Path,
    *,
    board: Path | None = None,
    templates: Path | None = None,
    base_url: str | None = None,
    runs: Sequence[Path] = (),
    scans: Sequence[Path] = (),
    history: Path | None = None,
    trainings: Sequence[str] = (),
    say: Callable[[str], None],
) -> Path:
    """Write the leaderboard of one or more reports as static pages; return the path of its ``index.html``.

    ``reports`` are folders that hold a report.json (or such files themselves); ``board`` is a TOML board definition
    instead of the default one; ``templates`` a folder whose files take the place of the built-in templates and
    assets of the same name; ``base_url`` where the site will be published, for canonical links.
    ``runs`` are the run directories behind the reports, for pages of items and of comparisons, ``scans`` the scan
    directories, for the evidence on them, ``history`` a store of nights, for lines over time, and ``trainings`` name
    models with their watched trainings, ``MODEL=DIR``.
    The same input gives byte-identical files. Raises BadInput or SchemaMismatch and leaves nothing half-written.
    """
    if not reports:
        raise BadInput("no report was given; name at least one folder that holds a report.json")
    loaded = {str(path): _read_report(path) for path in reports}
    target = Path(os.path.realpath(out))
    _check_replaceable(target)
    render = registry.load("sites", "leaderboard")
    files = render(
        loaded,
        board=board,
        templates=templates,
        base_url=base_url,
        runs=runs,
        scans=scans,
        history=history,
        trainings=trainings,
        say=say,
    )
    return _put(files, target, out, say)


def build_trainings(trainings: Sequence[str], out: Path, *, say: Callable[[str], None]) -> Path:
    """Write a site of watched trainings alone, each ``MODEL=DIR``; return the path of its ``index.html``."""
    target = Path(os.path.realpath(out))
    _check_replaceable(target)
    return _put(registry.load("sites", "training")(trainings), target, out, say)


def _put(files: Iterable[tuple[str, bytes]], target: Path, out: Path, say: Callable[[str], None]) -> Path:
    with whole_folder(target, replace=True) as fresh:
        count, size = _write(fresh, files)
    say(f"{out}: {count:,} files, {size / 1000:,.0f} kB; open {out / 'index.html'}")
    return out / "index.html"


def _read_report(path: Path) -> dict[str, Any]:
    file = path / "report.json" if path.is_dir() else path
    try:
        value = json.loads(file.read_bytes(), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise BadInput(f"{file} does not exist; write it with: rarl-eval report --out {path}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{file} is not a readable JSON file: {error}; write the report again") from error
    if not isinstance(value, dict) or "schema" not in value:
        raise BadInput(f'{file} is not a report: it holds no "schema"; write it with: rarl-eval report')
    if value["schema"] not in REPORT_SCHEMAS:
        raise SchemaMismatch(
            f"{file} has schema {value['schema']!r}, this version reads up to {REPORT_SCHEMAS[-1]}; "
            "write the report again"
        )
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number; unknown values are null")


def _check_replaceable(target: Path) -> None:
    """Raise BadInput unless the target is absent, empty, or a site of ours that holds nothing else."""
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise BadInput(f"{target} is a file; name a folder for the site")
    present = sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_symlink() or not p.is_dir())
    if not present and not any(target.iterdir()):
        return
    if MARKER not in present:
        raise BadInput(f"{target} is not empty and not a site of ours (no {MARKER} in it); choose another folder")
    ours = _listed(target / MARKER)
    for name in present:
        if name not in ours:
            raise BadInput(f"{target / name} is not part of the site that would be replaced; move it elsewhere first")


def _listed(marker: Path) -> set[str]:
    try:
        return {MARKER, *map(str, json.loads(marker.read_bytes())["files"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{marker} cannot be read ({error}); remove the folder or choose another one") from error


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> tuple[int, int]:
    """Write each file as it is made: a site may be larger than the memory."""
    made: set[PurePosixPath] = set()
    names, size = [], 0
    for name, content in files:
        inside = _inside(name)
        path = folder / inside
        if inside.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(inside.parent)
        path.write_bytes(content)
        names.append(name)
        size += len(content)
    marker = {"schema": 1, "files": sorted(names)}
    (folder / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8")
    return len(names), size


def _inside(name: str) -> PurePosixPath:
    """Return the name of a page as a path that stays inside the site."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name or name == MARKER:
        raise ValueError(f"a page may not be called {name!r}")
    return path
