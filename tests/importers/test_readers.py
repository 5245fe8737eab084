"""Readers of users: recognised by content or named; a row that one fails on is that row's affair."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.importers import LogReader, Output, read_log, readers
from rarl_eval.registry.claims import Owner
from rarl_eval.score import score

ROWS = [
    {"asked": "math-00", "said": "The answer is 151."},
    {"asked": "math-01", "said": None},
    {"asked": "math-02", "said": "9"},
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def output(row: Any) -> Any:
    if row["said"] is None:
        raise ValueError("nothing said")
    return Output(text=row["said"], item_id=row["asked"])


def knows(row: Any) -> bool:
    return "asked" in row


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Readers as packages bring them."""

    def install(**found: Any) -> None:
        claims = {name: [Owner(name, f"{name}:READER", f"{name} 1")] for name in found}
        monkeypatch.setattr(registry, "owners", lambda group: claims)
        monkeypatch.setattr(registry, "load", lambda group, name: found[name])
        monkeypatch.setattr(registry, "owner", lambda group, name: claims[name][0])

    return install


def test_a_file_is_recognised_and_a_bad_row_is_counted(
    log: Path, tmp_path: Path, installed: Callable[..., None]
) -> None:
    """The rows that can be read are matched and judged; the other is told with its reason."""
    benchmark = data.load(registry.tasks("demo_math")[0])
    installed(mine=LogReader(name="mine", recognises=knows, output=output))
    done = score([log], benchmark, tmp_path / "run", trust_ids=True)
    assert (done.harnesses, done.matched, done.rows) == (("mine",), 2, 2)
    assert [(u.where, u.reason[:38]) for u in done.unread] == [
        (f"{log} row 2", "mine raised ValueError: nothing said (")
    ]
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert (manifest["inputs"][0]["harness"], manifest["inputs"][0]["unread"]) == ("mine", 1)


def test_two_readers_of_one_file_are_an_error(log: Path, installed: Callable[..., None]) -> None:
    """Both are named; a reader that fails, or says something else than True, knows nothing."""
    mine = LogReader(name="mine", recognises=knows, output=output)
    installed(one=mine, two=mine)
    with pytest.raises(BadInput, match=r"one:READER \(one 1\) and two:READER \(two 1\); name one with --reader"):
        read_log(log)
    for odd in (lambda row: 1 / 0, lambda row: "yes"):
        installed(one=mine, two=LogReader(name="two", recognises=odd, output=output), broken="no reader")
        assert read_log(log).harness == "mine"


@pytest.mark.parametrize(
    ("made", "texts", "reason"),
    [
        (lambda row: [Output(text="a"), Output(text="b")], ["a", "b"] * 3, None),
        (lambda row: None, [], None),
        (lambda row: {"text": "a"}, [], "mine returned str, not an Output"),
        (lambda row: 7, [], "mine returned int, not an Output"),
        (lambda row: Output(text=7), [], "mine raised ValidationError"),
        (lambda row: exit(), [], "mine raised SystemExit"),
    ],
)
def test_what_a_row_becomes(log: Path, made: Any, texts: list[str], reason: str | None) -> None:
    """One output, several or none; anything else is unread."""
    found = readers.read(LogReader(name="mine", output=made), log)
    assert [o.text for o in found.outputs] == texts
    assert [u.reason.startswith(reason or "") for u in found.unread] == ([True] * 3 if reason else [])


def test_files_of_any_form_are_read_up_to_where_their_rows_end(tmp_path: Path) -> None:
    """Rows may come from the reader itself; where it breaks off, what came before stands and the rest is told."""
    path = tmp_path / "log.txt"
    path.write_text("a=1\nb=2\n!\nc=3\n")

    def rows(path: Path) -> Iterator[dict[str, str]]:
        for line in path.read_text().splitlines():
            name, _, value = line.partition("=")
            yield {"name": name, "value": value or {}["no value"]}

    found = readers.read(LogReader(name="mine", rows=rows, output=lambda row: Output(text=row["value"])), path)
    assert [(o.text, o.where, o.position) for o in found.outputs] == [
        ("1", f"{path} row 1", 0),
        ("2", f"{path} row 2", 1),
    ]
    assert [(u.where, u.reason[:27]) for u in found.unread] == [(f"{path} after row 2", "mine raised KeyError: 'no v")]


def test_a_named_reader_is_a_name_or_a_file(tmp_path: Path, log: Path) -> None:
    """What is neither is said with what it is not."""
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from rarl_eval.importers import Output, LogReader\nREADER = LogReader(name='f', output=lambda r: Output(text='x'))"
    )
    assert [o.text for o in read_log(log, str(mine)).outputs] == ["x"] * 3
    mine.write_text("READER = 3")
    with pytest.raises(BadInput, match="is no reader; it must hold READER"):
        read_log(log, str(mine))
