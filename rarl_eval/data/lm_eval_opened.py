"""Opening tasks of lm-eval: groups, a seed for whatever draws at random, and its unsafe metric in our sandbox.

``evaluate.load("code_eval")``, which runs what a model wrote on this machine, gives ``CodeEval`` instead: its programs
run behind the sandbox's walls. Not here: what a task's rows and scores are (lm_eval.py).
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from rarl_eval.errors import BadInput, NotInstalled, attempt, first_line

PREFIX = "lm-eval:"
EXAMPLES_SEED = 1234
"""What lm-eval draws its examples with unless told otherwise; numpy's seed there too."""

ROWS_SEED = 0
"""Seed of Python's ``random`` in lm-eval, with which some tasks put options in an order."""

SECONDS = 10.0
"""That the hub may take to tell a licence."""

_COMMIT = re.compile(r"/([0-9a-f]{40})/")


@dataclass(frozen=True)
class LmEvalTask:
    """A task of lm-eval with its rows, which it would read anew each time it is asked for them."""

    task: Any
    docs: list[Any]
    revision: str | None
    licence: str


@lru_cache(maxsize=32)
def opened(name: str) -> tuple[LmEvalTask, ...]:
    """Open what a name, or the path of a task file, means: one task, or those of a group. Data sets are read now."""
    try:
        from lm_eval.tasks import TaskManager
    except ImportError as error:
        raise NotInstalled(f"lm-eval, which --task {PREFIX}{name} needs,", "lm-eval") from error
    a_file = Path(name).suffix in {".yaml", ".yml"}
    if a_file and not Path(name).is_file():
        raise BadInput(f"--task {PREFIX}{name}: there is no such file")
    try:
        with _seeded(), _walled():
            manager = _manager(TaskManager, str(Path(name).resolve().parent) if a_file else None)
            meant = _group(Path(name)) if a_file else name
            return tuple(map(_opened, manager.load([meant or name])["tasks"].values()))
    except KeyError as error:
        raise BadInput(f"--task {PREFIX}{name}: lm-eval has no such task; list them with: lm_eval ls tasks") from error
    except ImportError as error:
        raise BadInput(
            f"--task {PREFIX}{name} needs a package that is not here ({first_line(error)}); install that, or the "
            "extra of lm-eval that it names"
        ) from error
    except Exception as error:  # lm-eval, datasets and the task's own code raise anything
        raise BadInput(
            f"--task {PREFIX}{name} could not be loaded ({type(error).__name__}: {first_line(error)})"
        ) from error


@lru_cache(maxsize=2)
def _manager(kind: Callable[..., Any], folder: str | None) -> Any:
    """Return lm-eval's index of its tasks, which takes it seconds to make, or of those in a folder."""
    return kind() if folder is None else kind(include_path=folder, include_defaults=False)


def _group(file: Path) -> str | None:
    """Return the name of the group that a file defines, which lm-eval finds by its name alone; None for a task's."""
    found = re.search(r"^group:\s*['\"]?([\w-]+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def _opened(task: Any) -> LmEvalTask:
    rows = next(iter((task.dataset or {}).values()), None)
    files = " ".join(str(file.get("filename")) for file in getattr(rows, "cache_files", None) or ())
    commit = _COMMIT.search(files)  # of the hub's files a folder of the cache is named by it
    revision = commit[1] if commit and task.config.dataset_path not in {"json", "csv", "parquet", "text"} else None
    told = attempt("the hub", _licence, task.config.dataset_path, revision) if revision else None
    return LmEvalTask(task, list(task.eval_docs), revision, told if isinstance(told, str) else "unknown")


def _licence(path: str, revision: str) -> str | None:
    """Return what the card of a data set on the hub says of its licence."""
    from huggingface_hub import HfApi

    card = HfApi().dataset_info(path, revision=revision, timeout=SECONDS).card_data
    return None if card is None or not card.license else str(card.license)


@contextmanager
def _seeded() -> Iterator[None]:
    """Seed what tasks draw with, and keep what they drew before out of it: rows are the same on two machines."""
    import datasets

    kept, numpys, cached = random.getstate(), np.random.get_state(), datasets.is_caching_enabled()  # noqa: NPY002
    random.seed(ROWS_SEED)
    np.random.seed(EXAMPLES_SEED)  # noqa: NPY002  what tasks of lm-eval draw with
    datasets.disable_caching()
    try:
        yield
    finally:
        random.setstate(kept)
        np.random.set_state(numpys)  # noqa: NPY002
        if cached:
            datasets.enable_caching()


@contextmanager
def _walled() -> Iterator[None]:
    """Put CodeEval in the place of ``code_eval`` for tasks that are loaded meanwhile."""
    try:
        import evaluate
    except ImportError:
        yield
        return
    load, metric = evaluate.load, CodeEval()
    evaluate.load = lambda path, *more, **how: metric if path == "code_eval" else load(path, *more, **how)
    try:
        yield
    finally:
        evaluate.load = load
        metric.ready = True


class CodeEval:
    """The metric ``code_eval``, whose programs run in the sandbox; while tasks are loaded it runs nothing."""

    def __init__(self) -> None:
        self.ready = False

    def compute(
        self, *, references: Sequence[str], predictions: Sequence[Sequence[str]], k: Sequence[int] = (1,), **_: Any
    ) -> tuple[dict[str, float], dict[int, Any]]:
        """Return pass@k over the programs of each reference, and nothing more; raises where nothing can be judged."""
        if not self.ready:
            return {f"pass@{n}": 0.0 for n in k}, {}
        from rarl_eval.stats.exact import pass_at_k

        found = [
            [_passes(program, tests) for program in programs]
            for tests, programs in zip(references, predictions, strict=True)
        ]
        return {f"pass@{n}": sum(pass_at_k(len(told), sum(told), n) for told in found) / len(found) for n in k}, {}


def _passes(program: str, tests: str) -> bool:
    from rarl_eval.sandbox import Program
    from rarl_eval.sandbox.grade import grade

    verdict = grade(Program(code=program, tests=tests), program)
    if verdict.correct is None:
        raise RuntimeError(verdict.reason)
    return verdict.correct
