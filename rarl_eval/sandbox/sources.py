"""What Python text that a model wrote defines and reads; parsed, never run."""

import ast
import builtins
import re

from rarl_eval.sandbox.prepare import parsed

_TEST_NAME = re.compile(r"(?:check|test|main|run_tests?|demo|example)\w*", re.IGNORECASE)
_SHOWING = {"print", "unittest", "doctest", "pytest"}
_BLOCKS = (ast.For, ast.While, ast.With, ast.If, ast.Try)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def parsed_or_none(text: str) -> ast.Module | None:
    """Return the syntax tree of a text; None where it is no Python."""
    try:
        tree: ast.Module = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree


def stands(text: str, defines: str | None = None) -> bool:
    """Whether a text is a program: it parses, returns from functions alone, and does or defines something.

    With ``defines`` it must make that name, at the top, and a function of that name must have more than a docstring.
    """
    tree = parsed_or_none(text)
    if tree is None or any(_returns(node) for node in tree.body):
        return False
    if defines is None:
        return any(not _idle(node) for node in tree.body)
    made = [node for node in tree.body if defines in defined_by(ast.Module([node], []), top=True)]
    return bool(made) and not _hollow(made[-1])


def defined_by(tree: ast.AST, *, top: bool = False) -> set[str]:
    """Names that some statement binds, at any level; ``top``: outside of functions and classes."""
    found: set[str] = set()
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        if not (top and isinstance(node, _SCOPES)):
            pending += ast.iter_child_nodes(node)
    return found


def read_by(tree: ast.AST) -> set[str]:
    """Names that are read, at any level, and are no built-in's."""
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return {name for name in read if not hasattr(builtins, name)}


def without_tests(text: str, name: str) -> str:
    """Blank out a program's own tests of ``name``: asserts, calls and loops at the top that only try or show it.

    A model that gets its own example wrong may still have written the right function; the benchmark's tests tell.
    """
    tree = parsed_or_none(text)
    if tree is None:
        return text
    tried = {name} | {n.name for n in tree.body if isinstance(n, ast.FunctionDef) and _TEST_NAME.fullmatch(n.name)}
    lines = text.split("\n")
    seen = False
    for place, node in enumerate(tree.body):
        seen = seen or name in defined_by(ast.Module([node], []), top=True)
        after = tree.body[place + 1].lineno if place + 1 < len(tree.body) else len(lines) + 1
        alone = (place == 0 or (tree.body[place - 1].end_lineno or 0) < node.lineno) and after > (node.end_lineno or 0)
        if alone and (isinstance(node, ast.Assert) or (seen and _tries(node, tried))):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return "\n".join(lines)


def _tries(node: ast.stmt, tried: set[str]) -> bool:
    """Whether a statement is there for what it shows: it binds nothing that lasts and uses what is tried, or prints."""
    if not isinstance(node, (ast.Expr, *_BLOCKS)):
        return False
    inner = list(ast.walk(node))
    if any(isinstance(part, (*_SCOPES[:3], ast.Import, ast.ImportFrom)) for part in inner):
        return _is_main(node)
    return _is_main(node) or bool(read_all(node) & (tried | _SHOWING))


def read_all(node: ast.AST) -> set[str]:
    """Names that are read, built-ins among them."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _is_main(node: ast.stmt) -> bool:
    """Whether a statement is ``if __name__ == "__main__":``."""
    return isinstance(node, ast.If) and "__name__" in read_all(node.test)


def _returns(node: ast.AST) -> bool:
    """Whether something returns or yields outside of a function."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Return, ast.Yield, ast.YieldFrom, ast.Await)):
            return True
        if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            pending += ast.iter_child_nodes(part)
    return False


def _idle(node: ast.stmt) -> bool:
    """Whether a statement is what prose or an example of output parses as: a bare name, a value, an annotation."""
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    if not isinstance(node, ast.Expr):
        return isinstance(node, ast.Pass)
    return not any(isinstance(part, (ast.Call, ast.Await, ast.NamedExpr)) for part in ast.walk(node))


def _hollow(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and all(_idle(part) for part in node.body)
