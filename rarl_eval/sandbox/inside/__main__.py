"""Started by the harness as ``python __main__.py CONTROL ORDERS``, two descriptors, with an empty environment."""

import _imp
import importlib
import os
import sys
from importlib.machinery import FileFinder, SourceFileLoader
from typing import Any


class _Unplaced(SourceFileLoader):
    """Loads a module so that neither it nor its functions say where they came from."""

    def get_code(self, fullname: str) -> Any:
        code = super().get_code(fullname)
        _imp._fix_co_filename(code, fullname)  # type: ignore[attr-defined]
        return code

    def exec_module(self, module: Any) -> None:
        super().exec_module(module)
        module.__file__ = module.__cached__ = module.__spec__.origin = module.__spec__.cached = module.__name__


def _finder_in(folder: str) -> Any:
    def find(path: str) -> FileFinder:
        if not path.startswith(folder):
            raise ImportError("not of this package")
        return FileFinder(path, (_Unplaced, [".py"]))

    return find


def _load() -> Any:
    """Import what processes will need, and forget where it was found; return the zygote."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path_hooks.insert(0, _finder_in(here))
    sys.path.insert(0, here)
    # The package by its folder's name: the harness itself is not on the path.
    for name in ("canary", "judge", "native", "program", "rehearsal", "solution", "zygote"):
        importlib.import_module(f"inside.{name}")
    sys.path.remove(here)
    del sys.path_hooks[0]
    sys.path_importer_cache.clear()
    for name, module in sys.modules.items():
        if name.partition(".")[0] == "inside" and module.__spec__ is not None:
            module.__loader__ = module.__spec__.loader = None
            if module.__spec__.submodule_search_locations is not None:
                module.__path__ = module.__spec__.submodule_search_locations = []
    return sys.modules["inside.zygote"]


if __name__ == "__main__":
    handles = [int(word) for word in sys.argv[1:3]]
    zygote = _load()
    _imp._fix_co_filename(sys._getframe().f_code, "zygote")  # type: ignore[attr-defined]
    sys.argv, sys.orig_argv, sys.executable, sys._base_executable = [""], [""], "", ""  # type: ignore[attr-defined]
    for name in ("__file__", "__loader__", "_load", "_finder_in", "_Unplaced"):
        globals().pop(name, None)
    zygote.main(*handles)
    os._exit(0)  # nothing is left to tidy up, and the interpreter would take its time over it
