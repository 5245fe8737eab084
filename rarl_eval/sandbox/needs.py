"""What tests need of the machine or of the program's process that no wall lets through, seen from their text alone.

It is a property of the item, the same for every program: no program can make itself one that cannot be judged.
"""

import ast

_DOUBLES = {"patch", "mock", "Mock", "MagicMock", "AsyncMock", "PropertyMock", "create_autospec", "monkeypatch"}
_FILE_MAKERS = {
    "NamedTemporaryFile", "TemporaryFile", "TemporaryDirectory", "mkdtemp", "mkstemp", "write_text", "write_bytes",
    "mkdir", "makedirs", "touch", "tmp_path", "tmpdir",
}  # fmt: skip
_HEARD = {"stdout", "stderr"}
"""What the tests put there hears the program, too."""
_MODULES = {"subprocess", "multiprocessing", "socket", "socketserver", "signal", "ctypes", "psutil"}


def of_tests(tree: ast.Module) -> tuple[str | None, bool]:
    """Return what tests need that is not let through, and whether a pass without it says nothing.

    Doubles put where the program would find them (patches of modules, mocks) never reach it, so that neither a pass nor
    a failure counts. Files that tests make are not in the program's folder: what passes all the same did not need them.
    """
    nodes = list(ast.walk(tree))
    imported = [alias for n in nodes if isinstance(n, (ast.Import, ast.ImportFrom)) for alias in n.names]
    modules = {alias.asname or alias.name.partition(".")[0] for alias in imported}
    names = {n.id for n in nodes if isinstance(n, ast.Name)} | {n.attr for n in nodes if isinstance(n, ast.Attribute)}
    names |= {n.arg for n in nodes if isinstance(n, ast.arg)} | {alias.name for alias in imported}
    if found := sorted(names & _DOUBLES):
        return f"the tests use {found[0]}, which does not reach the program", True
    if modules and any(_patches(node, modules) for node in nodes):
        return "the tests change a module, which does not reach the program", True
    if found := sorted(modules & _MODULES):
        return f"the tests use {found[0]}", False
    if (found := sorted(names & _FILE_MAKERS)) or ("open" in names and any(map(_opens_to_write, nodes))):
        return f"the tests make files ({found[0] if found else 'open'}), which the program cannot see", False
    return None, False


def _patches(node: ast.AST, modules: set[str]) -> bool:
    """Whether a statement sets something of a module: ``time.time = ...``, ``os.environ[x] = ...``."""
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
        targets = node.targets if isinstance(node, (ast.Assign, ast.Delete)) else [node.target]
        places = [t for t in targets if isinstance(t, (ast.Attribute, ast.Subscript)) and _root(t) in modules]
        return any(not (isinstance(t, ast.Attribute) and t.attr in _HEARD) for t in places)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"setattr", "delattr"}:
        return bool(node.args) and _root(node.args[0]) in modules
    return False


def _root(node: ast.expr) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _opens_to_write(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"):
        return False
    modes = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "mode")]
    return any(isinstance(m, ast.Constant) and isinstance(m.value, str) and set(m.value) & set("wax+") for m in modes)
