"""The JSON schema of report.json, made from its types: ``python -m rarl_eval.report.schema docs/report.schema.json``.

What a field means is the text below it in the code, where it has one, else the explanation of its column.
"""

import ast
import inspect
import itertools
import json
import sys
import textwrap
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from rarl_eval.report.catalogue import explanations
from rarl_eval.report.row_types import ReportFile


def report_schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12; a field that is named plainly enough has no description."""
    (schema,), definitions = msgspec.json.schema_components([ReportFile], ref_template="#/$defs/{name}")
    for kind in structs(ReportFile):
        meanings = {**explanations(kind), **_meanings(kind)}
        for field, described in definitions[kind.__name__]["properties"].items():
            described.pop("default", None)
            _shorten(described)
            if field in meanings:
                described["description"] = meanings[field]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "report.json, schema 2"}
    return {**head, **schema, "$defs": dict(sorted(definitions.items()))}


def _shorten(described: dict[str, Any]) -> None:
    """Write "a number or null" as a list of types."""
    either = described.get("anyOf", ())
    if either and all(set(one) == {"type"} for one in either):
        del described["anyOf"]
        described["type"] = [one["type"] for one in either]


def structs(kind: Any) -> list[type[msgspec.Struct]]:
    """Return a struct and all that its fields may hold, each once."""
    found: dict[type[msgspec.Struct], None] = {}

    def visit(of: Any) -> None:
        if isinstance(of, type) and issubclass(of, msgspec.Struct) and of not in found:
            found[of] = None
            for hint in get_type_hints(of).values():
                visit(hint)
        for part in get_args(of):
            visit(part)

    visit(kind)
    return list(found)


def _meanings(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return the text below each field of a struct and of those it extends, by field."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            (body,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
            assert isinstance(body, ast.ClassDef)
            for field, text in itertools.pairwise(body.body):
                if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                    assert isinstance(field.target, ast.Name)
                    assert isinstance(text.value, ast.Constant)
                    found[field.target.id] = " ".join(str(text.value.value).split())
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    return {names.get(name, name): text for name, text in found.items()}


def main() -> None:
    """Write the schema to the file that the command line names."""
    Path(sys.argv[1]).write_text(json.dumps(report_schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
