"""Tests rewritten so that they see what a program does to their values, and only where plain Python would show it.

- A call whose arguments the tests may look at again goes through ``__observed__``; what it did to them is written back
  once its statement is done (``__settled__``): within a statement no program can spoil what it is held against.
- Where a check holds the program's answer against something worked out of the arguments (``answer == sorted(given)``,
  or ``expected = sorted(given)`` before), that is worked out of the arguments as they were (``__before__``): plain
  Python lets a program empty the list and answer with nothing. A check of the arguments alone sees them as they are.
- ``is`` and ``type(x)`` ask ``__is__`` and ``__type__``, for what crosses is a copy or a stand-in.
"""

import ast
import builtins
from collections.abc import Iterator

_CALLERS_FRAME = {"eval", "exec", "super", "locals", "globals", "vars", "dir"}
"""Built-ins that look at who calls them."""
_VALUED = ("value", "test", "iter", "subject")
"""Fields of statements that hold an expression which is evaluated once."""


def watched(tree: ast.Module, wanted: set[str]) -> ast.Module:
    """Return tests rewritten; ``wanted`` are the names they take from the program."""
    nodes = list(ast.walk(tree))
    if not any(_is_of_interest(node) for node in nodes):
        return tree
    known = _Known(nodes, wanted)
    for node in nodes if known.given else ():
        if isinstance(node, ast.stmt):
            known.look_back(node)
    done = _Watching().visit(tree)
    assert isinstance(done, ast.Module)
    return done


def _is_of_interest(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return not all(map(_is_literal, _arguments(node))) or _asks_type(node)
    return isinstance(node, ast.Compare) and any(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops)


class _Known:
    """What of the tests' names is the program's, its answers, and what it was given."""

    def __init__(self, nodes: list[ast.AST], wanted: set[str]) -> None:
        parameters = {node.arg for node in nodes if isinstance(node, ast.arg)} - {"self", "cls"}
        self.program = wanted | parameters
        self.answers: set[str] = set()
        calls = [node for node in nodes if isinstance(node, ast.Call) and self.is_program(node.func)]
        self.given = {root for call in calls for part in _arguments(call) for root in _roots(part)} - self.program
        if not self.given:
            return
        assigned = [node for node in nodes if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr))]
        for _ in range(2):  # an answer of an answer is one, too
            for node in assigned:
                if node.value is not None and self.answered(node.value):
                    self.answers |= _bound(node)
        self.given -= self.answers
        checks = [part for node in nodes for part in _checks(node)]
        held = {name for check in checks if self.answered(check) for name in _names(check)}
        self.held = held - self.answers - self.given
        """Names that an answer is held against."""

    def is_program(self, function: ast.expr) -> bool:
        """Whether a call may be one of the program."""
        root = next(iter(_roots(function)), None)
        return root in self.program or (isinstance(function, ast.Attribute) and root in self.answers)

    def answered(self, node: ast.AST) -> bool:
        """Whether an expression holds an answer of the program."""
        return any(
            (isinstance(part, ast.Name) and part.id in self.answers)
            or (isinstance(part, ast.Call) and self.is_program(part.func))
            for part in ast.walk(node)
        )

    def look_back(self, node: ast.stmt) -> None:
        """Have a statement that an answer is held against look at the arguments as they were."""
        assigns = isinstance(node, (ast.Assign, ast.AnnAssign)) and _bound(node) & self.held
        if assigns and node.value is not None and not self.answered(node.value):  # type: ignore[attr-defined]
            node.value = self._back(node.value)  # type: ignore[attr-defined]
        for check in _checks(node):
            if self.answered(check) and not isinstance(check, ast.Name):
                _Before(self).visit(check)

    def _back(self, value: ast.expr) -> ast.expr:
        done = _Before(self).visit(value)
        assert isinstance(done, ast.expr)
        return done


class _Before(ast.NodeTransformer):
    """Names of what the program was given become what they were, but not where they are given again."""

    def __init__(self, known: _Known) -> None:
        self._known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self._known.given or not isinstance(node.ctx, ast.Load):
            return node
        return ast.copy_location(ast.Call(ast.Name("__before__", ast.Load()), [node], []), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if self._known.is_program(node.func):
            return node
        self.generic_visit(node)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if any(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops):
            return node
        self.generic_visit(node)
        return node

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        """``(answer, given) == (1, [2])`` looks at both as they are."""
        if not self._known.answered(node):
            self.generic_visit(node)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        return node


def _checks(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a statement checks: each part of an assert's condition, each call of a statement's own."""
    if isinstance(node, ast.Assert):
        parts = [node.test]
        while parts:
            part = parts.pop()
            if isinstance(part, ast.BoolOp) and isinstance(part.op, ast.And):
                parts += part.values
            else:
                yield part
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield node.value
    elif isinstance(node, (ast.If, ast.While)):
        yield node.test
    elif isinstance(node, ast.Return) and node.value is not None:
        yield node.value


def _bound(node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(word.value for word in call.keywords)]


def _roots(node: ast.expr) -> Iterator[str]:
    """Yield the name that an expression begins with: ``case`` of ``*case["input"]``."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name) and not hasattr(builtins, node.id):
        yield node.id


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


class _Watching(ast.NodeTransformer):
    """Put the calls, ``is`` and ``type`` through the desk (proxies.py)."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if _asks_type(node):
            node.func = ast.copy_location(ast.Name("__type__", ast.Load()), node.func)
            return node
        if all(_is_literal(part) for part in _arguments(node)):
            return node
        if isinstance(node.func, ast.Name) and (node.func.id in _CALLERS_FRAME or node.func.id.startswith("__")):
            return node
        seen = ast.Name("__observed__", ast.Load())
        return ast.copy_location(ast.Call(seen, [node.func, *node.args], node.keywords), node)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            return node
        if any(isinstance(side, ast.Constant) for side in sides):
            return node
        asked: ast.expr = ast.Call(ast.Name("__is__", ast.Load()), sides, [])
        if isinstance(node.ops[0], ast.IsNot):
            asked = ast.UnaryOp(ast.Not(), asked)
        return ast.copy_location(asked, node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.stmt):
            for name in _VALUED:
                value = getattr(node, name, None)
                if isinstance(value, ast.expr) and "__observed__" in _names(value):
                    settled = ast.Call(ast.Name("__settled__", ast.Load()), [value], [])
                    setattr(node, name, ast.copy_location(settled, value))
        return node


def _asks_type(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "type" and len(node.args) == 1 and not node.keywords


def _is_literal(node: ast.expr) -> bool:
    """Whether an argument is made where it stands, so that nobody else has it."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(_is_literal(part) for part in node.elts)
    if isinstance(node, ast.Dict):
        return all(part is not None and _is_literal(part) for part in [*node.keys, *node.values])
    if isinstance(node, ast.UnaryOp):
        return _is_literal(node.operand)
    return isinstance(node, (ast.Constant, ast.Lambda, ast.JoinedStr))
