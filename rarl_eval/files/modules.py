"""A user's Python file becomes a module whose neighbours it may import, and nobody else sees any of it.

The file's folder is a package of its own name, and ``import helpers`` in the file or its neighbours means
``helpers.py`` beside it, whenever that line runs. So ``sys.path`` stays as it is, two folders may each have a
``helpers.py``, and what is installed is never shadowed for others. Names of the standard library stay Python's.
"""

import builtins
import importlib
import re
import sys
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from rarl_eval.errors import BadInput, Fault, attempt

PREFIX = "rarl_eval_user_"
"""Names of packages made of users' folders begin so."""

_NEVER = sys.stdlib_module_names | {"rarl_eval"}


def load_file(path: Path, holds: str) -> ModuleType:
    """Return the module that a Python file is; one that has not changed is loaded once.

    ``holds`` says what the file must define, for the message. Raises BadInput if it cannot be loaded.
    """
    if not path.is_file():
        raise BadInput(f"{path} does not exist; give the path of a Python file that defines {holds}")
    package = _package(path.resolve().parent)
    name = f"{package}.{re.sub(r'[^0-9a-zA-Z_]', '_', path.stem)}"
    stamp = blake2b(path.read_bytes(), digest_size=16).hexdigest()
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__rarl_eval_stamp__", None) == stamp:
        return known
    for loaded in [n for n in sys.modules if n.startswith(f"{package}.")]:  # neighbours may have changed with it
        del sys.modules[loaded]
    importlib.invalidate_caches()
    module = attempt(str(path), _execute, name, path.resolve())
    if isinstance(module, Fault):
        sys.modules.pop(name, None)
        raise BadInput(f"{path} fails when imported: {module.error}")
    module.__dict__["__rarl_eval_stamp__"] = stamp
    return module


def _execute(name: str, path: Path) -> ModuleType:
    spec = spec_from_file_location(name, path, loader=_Loader(name, str(path)))
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded as Python")
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and msgspec look their modules up there
    spec.loader.exec_module(module)
    return module


def _package(folder: Path) -> str:
    """Name of the package that a folder is, made when it is first asked for."""
    name = PREFIX + blake2b(str(folder).encode(), digest_size=6).hexdigest()
    if name not in sys.modules:
        package = ModuleType(name, f"The user's folder {folder}.")
        package.__path__ = [str(folder)]
        sys.modules[name] = package
        if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
            sys.meta_path.insert(0, _Finder())
    return name


class _Finder:
    """Finds what lies in a user's folder, under the folder's own name alone."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not name.startswith(PREFIX) or path is None:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, str(spec.loader.path))
        return spec


class _Loader(SourceFileLoader):
    """Gives a module an ``import`` that looks beside it first."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module; functions keep the ``import`` that they were made with."""
        package = module.__name__.partition(".")[0]
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _importer(package)}
        super().exec_module(module)

    def get_code(self, fullname: str) -> CodeType:
        """Compile what the file holds now; nothing is written beside a user's files."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _importer(package: str) -> Any:
    def beside(
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002  the names of builtins.__import__
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        first = name.partition(".")[0]
        if level or not _lies_beside(package, first):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        found = builtins.__import__(f"{package}.{name}", globals, locals, fromlist or (), 0)
        return found if fromlist else sys.modules[f"{package}.{first}"]

    return beside


def _lies_beside(package: str, name: str) -> bool:
    """Whether a name is a neighbour's: a module or package there, or a folder that no installed package is called."""
    if name in _NEVER or not name.isidentifier():
        return False
    spec = _Finder.find_spec(f"{package}.{name}", sys.modules[package].__path__)
    if spec is None:
        return False
    if spec.loader is not None and spec.origin is not None:
        return True
    return name not in sys.modules and find_spec(name) is None
