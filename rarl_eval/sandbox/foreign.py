"""The program in a reply in another language: the function that was asked for, and how the benchmark's tests follow it.

MultiPL-E's prompts end inside a function (and, in Java, a class), and its tests begin by closing it. A base model goes
on from there; a chat model writes the whole function, often with imports and a ``main`` of its own: those are taken
apart by their braces, which is all that is read of the language. No pattern looks further than some hundred characters.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rarl_eval.sandbox import fences
from rarl_eval.sandbox.replies import cleaned

NAMES = {
    "cpp": {"cpp", "c++", "cc", "cxx", "c"},
    "go": {"go", "golang"},
    "java": {"java"},
    "js": {"js", "javascript", "node", "nodejs", "mjs", "cjs", "jsx"},
    "rs": {"rs", "rust"},
}
"""What fenced blocks of a language are called."""
_TOKENS = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|`[^`]*`?|'(?:\\[^\n']{1,10}|\\'|[^'\\\n])'|[{}]", re.DOTALL
)
_QUOTED = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|`(?:\\.|[^`\\])*`?|'(?:\\.|[^'\\\n])*'?|[{}]", re.DOTALL
)
"""JavaScript's, whose text may stand in single quotes."""
_IMPORT = {
    "go": re.compile(r"^import[ \t]*(?:\(([^)]{0,4000})\)|((?:[\w.]+[ \t]+)?\"[^\"\n]+\"))[ \t;]*$", re.MULTILINE),
    "java": re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?[\w.]+(?:\.\*)?[ \t]*;[ \t]*$", re.MULTILINE),
}
_MAIN = {
    "cpp": re.compile(r"^[ \t]*(?:int|auto|void|signed)[ \t]+main[ \t]*\([^)]{0,200}\)[^{;]{0,200}\{", re.MULTILINE),
    "go": re.compile(r"^func\s+main\s*\(\s*\)\s*\{", re.MULTILINE),
    "java": re.compile(
        r"^[ \t]*public[ \t]+static[ \t]+void[ \t]+main[ \t]*\([^)]{0,200}\)[^{;]{0,200}\{", re.MULTILINE
    ),
    "rs": re.compile(r"^[ \t]*(?:pub[ \t]+)?fn[ \t]+main[ \t]*\([ \t]*\)[^{;]{0,200}\{", re.MULTILINE),
}
_PACKAGE = re.compile(r"^package[ \t]+\w+[ \t;]*$", re.MULTILINE)
_DEFINED = {
    "cpp": r"^[ \t]*[A-Za-z_][\w:<>,&* \t]{{0,200}}?[ \t&*>]{name}[ \t]*\([^;{{]{{0,1000}}\{{",
    "go": r"^func\s+{name}\s*\(",
    "java": r"^[ \t]*(?:(?:public|protected|private|static|final)[ \t]+){{1,5}}[\w<>\[\],.? \t]{{0,200}}?\s{name}\s*\(",
    "js": r"^[ \t]*(?:async[ \t]+)?function\s*\*?\s*{name}\s*\(|^[ \t]*(?:const|let|var)\s+{name}\s*=",
    "rs": r"^[ \t]*(?:pub\s+)?fn\s+{name}\s*[(<]",
}
_CLASS = re.compile(r"^[ \t]*(?:public[ \t]+)?(?:final[ \t]+)?class[ \t]+\w+[^{;]{0,300}\{", re.MULTILINE)


class ForeignText(NamedTuple):
    """A program and the tests that follow it."""

    code: str
    tests: str


def entry_of(language: str, prompt: str) -> str | None:
    """Return the name of the function that a prompt ends in."""
    before = re.search(r"(\w+)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)[^(){}]*\{\s*\Z", prompt) or re.search(
        r"(\w+)\s*(?:<[^>]*>)?\s*\([^{}]*\{\s*\Z", prompt
    )
    return before[1] if before and language in NAMES else None


def assembled(language: str, prompt: str, tests: str, stops: list[str], answer: str) -> ForeignText | None:
    """Return the program that an answer makes of a prompt, and its tests; None where the answer holds no code."""
    name, text = entry_of(language, prompt), cleaned(answer)
    block = _block(language, name, text)
    code = text if block is None else block
    if not code.strip():
        return None
    if name is None or not _defines(language, name, code):
        return _continued(language, prompt, tests, stops if block is None else [], code)
    return _whole(language, prompt, tests, name, code)


def _block(language: str, name: str | None, text: str) -> str | None:
    """Return the last block of the language that defines the function, else the last of it; None without blocks."""
    found = [b for b in fences.blocks(text) if b.body.strip()]
    ours = [b.body for b in found if b.language in NAMES[language]] or [b.body for b in found if not b.language]
    defining = [body for body in ours if name and _defines(language, name, body)]
    return (defining or ours or [""])[-1] if found else None


def _defines(language: str, name: str, code: str) -> bool:
    return re.search(_DEFINED[language].format(name=re.escape(name)), code, re.MULTILINE) is not None


def _continued(language: str, prompt: str, tests: str, stops: list[str], code: str) -> ForeignText:
    """Return a prompt that goes on; what closes the function itself needs no tests that do."""
    cut = min((at for stop in stops if (at := code.find(stop)) >= 0), default=len(code))
    body = code[:cut]
    closed = sum(1 if brace == "{" else -1 for brace, _ in _braces(language, body)) < 0
    return ForeignText(prompt + body, _opened(tests) if closed else tests)


def _opened(tests: str) -> str:
    """Return tests without the brace that closes the prompt's function."""
    return re.sub(r"\A\s*\}", "", tests)


def _whole(language: str, prompt: str, tests: str, name: str, code: str) -> ForeignText:
    """Return whole functions with what the prompt has before its own."""
    start = re.search(_DEFINED[language].format(name=re.escape(name)), prompt, re.MULTILINE)
    head = prompt[: start.start()] if start else ""
    code = _without_main(language, code)
    if language == "js":
        return ForeignText(code, tests)
    if language == "java":
        lines = "".join(f"{found[0].strip()}\n" for found in _IMPORT["java"].finditer(code))
        return ForeignText(f"{lines}{head}\n{_inside(_IMPORT['java'].sub('', code))}", _opened(tests))
    if language == "go":
        return ForeignText(_go(head, code), _opened(tests))
    kept = [line for line in head.split("\n") if line.strip() and line.strip() not in code]
    return ForeignText("\n".join([*kept, code]), _opened(tests))


def _inside(code: str) -> str:
    """Return what stands in the class that a reply wrapped its methods in; other classes go in, too."""
    found = _CLASS.search(code)
    if found is None:
        return code
    end = _closing("java", code, found.end())
    others = (code[: found.start()] + code[end + 1 :]).strip()
    return (
        code[found.end() : end] + "\n" + re.sub(r"^(?:public\s+)?class\b", "static class", others, flags=re.MULTILINE)
    )


def _go(head: str, code: str) -> str:
    """Return a Go file: the prompt's package, the imports of both, once each, then the code."""
    wanted: dict[str, None] = {}
    for text in (head, code):
        for found in _IMPORT["go"].finditer(text):
            wanted.update(dict.fromkeys(line.strip() for line in (found[1] or found[2]).split("\n") if line.strip()))
    package = _PACKAGE.search(head)
    bare = _IMPORT["go"].sub("", _PACKAGE.sub("", code))
    lines = "".join(f"\t{line}\n" for line in wanted if not line.startswith("//"))
    return f"{package[0] if package else 'package main'}\n\nimport (\n{lines})\n{bare}"


def _without_main(language: str, code: str) -> str:
    found = _MAIN[language].search(code) if language in _MAIN else None
    return code if found is None else code[: found.start()] + code[_closing(language, code, found.end()) + 1 :]


def _closing(language: str, code: str, start: int) -> int:
    """Return where the brace is closed that was opened before ``start``; the end of the code where it is not."""
    depth = 1
    for brace, at in _braces(language, code[start:]):
        depth += 1 if brace == "{" else -1
        if depth == 0:
            return start + at
    return len(code)


def _braces(language: str, code: str) -> Iterator[tuple[str, int]]:
    """Yield the braces of code and their places, but for those in text and comments."""
    for found in (_QUOTED if language == "js" else _TOKENS).finditer(code):
        if found[0] in {"{", "}"}:
            yield found[0], found.start()
