"""A run in other programs' formats: Every Eval Ever, lm-eval's results, Parquet, a Hugging Face ``datasets`` folder.

Each holds all records of the run; importing an export with ``rarl-eval score`` gives the same records.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Literal

from rarl_eval.errors import BadInput
from rarl_eval.files.atomic import whole_folder
from rarl_eval.runs import store

Kind = Literal["eee", "lm-eval", "parquet", "datasets"]

_WRITERS = {
    "eee": "rarl_eval.exporters.eee:write",
    "lm-eval": "rarl_eval.exporters.lm_eval:write",
    "parquet": "rarl_eval.exporters.table:write_parquet",
    "datasets": "rarl_eval.exporters.table:write_datasets",
}


def export(run: Path, kind: Kind, out: Path) -> list[Path]:
    """Write the run in ``run`` as ``kind`` into the new folder ``out``; return its files.

    The same run gives the same bytes. Raises BadInput if the run has no record, or ``out`` holds something.
    """
    found = store.read_run(run)
    if not found.records:
        raise BadInput(f"{run} holds no record yet; there is nothing to export")
    module, _, name = _WRITERS[kind].partition(":")
    write: Callable[[store.Run, Path], None] = getattr(import_module(module), name)
    with whole_folder(out) as folder:
        write(found, folder)
    return sorted(path for path in out.rglob("*") if path.is_file())
