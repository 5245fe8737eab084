"""The program in a reply: which of its code counts, and how it goes on from what the benchmark gave.

The rule, in one place. A reply is read in turn as: fenced blocks; code that ends a block which the prompt had opened;
fenced blocks, leniently; code between tags; plain text. The first reading whose code stands (it parses and defines what
was asked for) is taken, else the first that holds any. Among blocks those that name Python come before those that name
nothing; among these the last that defines the name that was asked for wins, else the last that is more than an example
of output. What a chosen block takes from the other blocks (imports, helpers) comes along.

Nothing of a reply is run here; it is parsed a fixed number of times, whatever it holds.
"""

import ast
import re
from collections.abc import Iterator

from rarl_eval.sandbox import fences
from rarl_eval.sandbox.fences import PYTHON, UNNAMED, FencedBlock
from rarl_eval.sandbox.sources import defined_by, parsed_or_none, read_by, stands, without_tests

_END_MARK = re.compile(r"<[|｜][\w▁ ]{1,40}[|｜]>(?=\s|<|\Z)|<(?:end_of_turn|eos|eot)>|(?:</s>|\[DONE\])\s*\Z")
"""Marks of a chat template that end a turn, where a server did not take them off."""
_TAGS = re.compile(
    r"^[ \t]*(?:\[(BEGIN|PYTHON|CODE|ANSWER)\]|<(code|python|answer|solution)>)[ \t]*\n?(.*?)"
    r"(?:\[/?(?:DONE|\1)\]|</\2>|\Z)", re.MULTILINE | re.DOTALL | re.IGNORECASE,
)  # fmt: skip
_CODE_LINE = re.compile(
    r"(?:from\s+[\w.]+\s+import\b|import\s+\w[\w.]*(?:\s+as\s+\w+)?\s*(?:[,;#].*)?$|(?:async\s+)?def\s+\w+\s*[(\[]"
    r"|class\s+\w+\s*[:(\[]|@\w[\w.]*(?:\(.*\))?\s*$)"
)
_STATEMENT = re.compile(
    r"[\w.\[\], ()*]*?[^=!<>]=(?!=)|(?:if|for|while|with|elif|match|case)\b.*:|(?:try|else|finally|except.*):|return\b"
    r"|#|(?:print|assert)\b|\w[\w.]*\(.*\)\s*$|[)\]}\"']|pass$|break$"
)
_BINDING = re.compile(r"[^\W\d]\w*(?:[ \t]*,[ \t]*\w+)*[ \t]*=(?!=)")
_BODY = re.compile(r"\A\n*[ \t]|^(?:return|yield)\b", re.MULTILINE)
"""What the rest of a function has and a program of its own has not."""
_MOST_BLOCKS = 20
"""Of so many blocks, the last ones, a reply's program is put together."""
_ODD_SPACE = re.compile(r"^[ \t\u00a0\u2000-\u200b\u202f\u3000]+", re.MULTILINE)


def code_in(answer: str, defines: str | None = None, head: str = "") -> str:
    """Return the program in an answer; "" where it holds none.

    ``defines`` is the name of what was asked for. ``head`` is the code that the benchmark gave and that the answer goes
    on from: an answer without fences may be the rest of a function, its indentation as odd as chat models leave it.
    """
    text = cleaned(answer)
    first = ""
    for code in _readings(text, defines, head):
        if not code.strip():
            continue
        for variant in _laid_out(code, head):
            if stands(joined(head, variant), defines):
                return variant
        first = first or code
    return first


def completed(head: str, answer: str, name: str) -> tuple[str | None, str]:
    """Return the whole program, ``head`` and what the answer adds, and the answer's part; None where it has none."""
    code = code_in(answer, name, head)
    return (joined(head, code) if code.strip() else None), code


def joined(head: str, code: str) -> str:
    """Return code behind a head, with the imports from ``__future__`` where Python wants them: before all else."""
    if not head:
        return code
    future: list[str] = []

    def moved(found: re.Match[str]) -> str:
        future.append(found[0].strip())
        return "\n" * found[0].count("\n")

    rest = _FUTURE.sub(moved, code) if "__future__" in code else code
    bare = head if head.endswith("\n") or rest[:1] in {" ", "\t", "\n"} else f"{head}\n"
    return "".join(f"{line}\n" for line in future) + bare + rest + ("" if rest.endswith("\n") else "\n")


_FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import[ \t]+(?:\([^)]*\)|[^\n;#(]*)[^\n]*$", re.MULTILINE)


def cleaned(answer: str) -> str:
    """Return an answer's text as Python reads lines: no byte order mark, plain line ends, no mark of the chat's end."""
    text = answer.lstrip("\ufeff\u200b").replace("\r\n", "\n").replace("\r", "\n")
    if (end := _END_MARK.search(text)) is not None:
        text = text[: end.start()]
    return text if text.isascii() else _ODD_SPACE.sub(_spaces, text)


def _spaces(found: re.Match[str]) -> str:
    return "".join(c if c in " \t" else "" if c == "\u200b" else " " for c in found[0])


def _readings(text: str, defines: str | None, head: str) -> Iterator[str]:
    """Yield the code of each reading."""
    found = fences.blocks(text)
    if not found:
        yield from _tagged(text)
        yield from _unfenced(text, defines, head)
        return
    before = _unnamed("\n".join(text.split("\n")[: found[0].line]))
    prefilled = not found[0].language and before.strip() != ""
    if prefilled and any(stands(joined(head, code), defines) for code in _laid_out(before, head)):
        yield before
    yield _chosen(found, defines, head)
    yield _chosen(fences.blocks(text, lenient=True), defines, head)
    if prefilled:
        yield _chosen(fences.blocks(f"```\n{text}"), defines, head)
    yield from (
        line[1] for line in re.finditer(r"^[ \t]*```(?:python|py)?[ \t]+([^`\n]+)```[ \t]*$", text, re.MULTILINE)
    )
    yield from _tagged(text)


def _chosen(found: list[FencedBlock], defines: str | None, head: str) -> str:
    """Return the block that counts, with what it takes from the others, and without tests of its own."""
    found = [b._replace(body=_unnamed(b.body)) for b in found if b.body.strip()]
    python = [b for b in found if b.language in PYTHON]
    unnamed = [b for b in found if b.language in UNNAMED]
    if defines:
        wanted = re.compile(
            rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{re.escape(defines)}\b|^{re.escape(defines)}[ \t]*[:=]",
            re.MULTILINE,
        )
        defining = [
            b for b in found if wanted.search(b.body) and (b.language in PYTHON | UNNAMED or stands(b.body, defines))
        ]
        listed = defining or _going_on(python + unnamed, defines, head) or python or unnamed
    else:
        listed = python or [b for b in unnamed if stands(b.body)] or unnamed
    if not listed:
        return ""
    chosen = listed[-1]
    code = _with_others(chosen.body, [b.body for b in python + unnamed if b.line != chosen.line])
    return without_tests(code, defines) if defines else code


def _going_on(found: list[FencedBlock], defines: str, head: str) -> list[FencedBlock]:
    """Return the blocks, of the last few, that complete what the benchmark began."""
    bodies = [b for b in found[-_MOST_BLOCKS:] if head and _BODY.search(b.body)]
    return [b for b in bodies if any(stands(joined(head, v), defines) for v in _laid_out(b.body, head))]


def _unnamed(code: str) -> str:
    """Return code without the language's name, where that stands on its first line."""
    first, _, rest = code.lstrip("\n").partition("\n")
    return rest if first.strip().lower() in PYTHON else code


def _with_others(code: str, others: list[str]) -> str:
    """Put the definitions in front that code reads, does not make itself, and another block holds."""
    tree = parsed_or_none(code) if others else None
    if tree is None:
        return code
    missing = read_by(tree) - defined_by(tree)
    taken: list[str] = []
    for other in reversed(others[-_MOST_BLOCKS:]):
        theirs = parsed_or_none(other) if missing else None
        lines = other.split("\n")
        for node in reversed(theirs.body if theirs else []):
            made = defined_by(ast.Module([node], []), top=True)
            if made & missing and isinstance(node, _MAKING):
                missing = (missing - made) | (read_by(node) - made)
                begin = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
                taken += reversed(lines[begin - 1 : node.end_lineno])
    return "\n".join([*reversed(taken), code])


_MAKING = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign,
)  # fmt: skip


def _tagged(text: str) -> Iterator[str]:
    """Yield code between tags: [BEGIN] and [DONE] of MBPP's paper, [PYTHON], <code>."""
    if "[" in text or "<" in text:
        inside = [found[3] for found in _TAGS.finditer(text)]
        if inside:
            yield inside[-1]


def _unfenced(text: str, defines: str | None, head: str) -> Iterator[str]:
    """Yield readings of a reply without fences: as it stands, its definitions, its indented lines."""
    text = _unnamed(text)
    lines = text.split("\n")
    place = next((n for n, line in enumerate(lines) if line.strip()), 0)
    indented_first = lines[place][:1] in {" ", "\t"}
    if indented_first or any(_CODE_LINE.match(s) or _STATEMENT.match(s) for s in map(str.strip, lines)):
        yield text
    if indented_first and head:
        return  # the rest of a function, as a base model writes it, is judged as it stands
    for begins in (_BINDING, _CODE_LINE) if defines else (_STATEMENT, _BINDING, _CODE_LINE):
        start = next((n for n, line in enumerate(lines) if _CODE_LINE.match(line) or begins.match(line)), None)
        if start is not None:
            parts = ("\n".join(part) for part in _spans(lines[start:]))
            yield from (without_tests(part, defines) if defines else part for part in parts)
    indented = [n for n, line in enumerate(lines) if line[:1] in {" ", "\t"} and line.strip()]
    if head and indented and not any(line.startswith(("def", "class", "async")) for line in lines):
        yield "\n".join(lines[indented[0] : indented[-1] + 1])


def _spans(lines: list[str]) -> Iterator[list[str]]:
    """Yield lines to the end, then to the last that looks like code, then to the first that does not."""
    code = [
        not line.strip() or line[0] in " \t" or bool(_CODE_LINE.match(line) or _STATEMENT.match(line)) for line in lines
    ]
    last = max(n for n, is_code in enumerate(code) if is_code and (lines[n].strip() or n == 0))
    yield lines
    yield lines[: last + 1]
    yield lines[: code.index(False)] if False in code else lines


def _laid_out(code: str, head: str) -> Iterator[str]:
    """Yield code as it stands and, behind a head, with its indentation mended: it was lost, or is of tabs."""
    yield code
    if not head:
        return
    target = _indent_of(next((line for line in reversed(head.split("\n")) if line.strip()), "")) or "    "
    lines = code.strip("\n").split("\n")
    filled = [line for line in lines if line.strip()]
    if not filled:
        return
    own = _indent_of(filled[0])
    if own and own != target and all(line.startswith(own) for line in filled):
        yield "\n".join(target + line.removeprefix(own) if line.strip() else "" for line in lines) + "\n"
    if not own:
        yield target + "\n".join(lines) + "\n"
        yield "\n".join(target + line if line.strip() else "" for line in lines) + "\n"


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
