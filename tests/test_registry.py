"""Names to things, and what is said of names nobody owns."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from rarl_eval import registry
from rarl_eval.errors import BadInput, DuplicateName, UnknownName


def test_a_group_is_a_domains_published_benchmarks() -> None:
    """`math` and `all` mean published benchmarks; the synthetic ones are asked for by name."""
    assert {t.domain for t in registry.tasks("math")} == {"math"}
    assert "demo_math" not in {t.name for t in registry.tasks("all")}
    assert {t.domain for t in registry.tasks("all")} == set(registry.DOMAINS)


def test_lists_keep_order_and_drop_repeats() -> None:
    """Names come in the order given, once each."""
    assert [t.name for t in registry.tasks("svamp, gsm8k,svamp")] == ["svamp", "gsm8k"]


def test_an_unknown_name_gets_near_matches() -> None:
    """A typo is answered with what it may have meant."""
    with pytest.raises(UnknownName, match="did you mean gsm8k"):
        registry.tasks("gsm8")
    with pytest.raises(UnknownName, match="no model adapter is called 'opnai'; did you mean openai"):
        registry.load("models", "opnai")


def test_an_empty_list_is_refused() -> None:
    """A list of commas names no task."""
    with pytest.raises(BadInput, match="names no task"):
        registry.tasks(" , ")


TASK_FILE = """
from rarl_eval.answers import verify_number
from rarl_eval.types import Item, Message, Source, Task
TASK = Task(name={name!r}, domain="math", source=Source(path="x", split="test", licence="MIT", released="2026-01-01"),
            item=lambda row: Item(id="", question=row["q"], gold=row["a"]), verify=verify_number,
            prompt=lambda item: [Message("user", item.question)], paper="https://example.org")
"""


def test_a_users_file_is_a_task(tmp_path: Path) -> None:
    """A path given on the command line needs no installation."""
    path = tmp_path / "mine.py"
    path.write_text(TASK_FILE.format(name="mine"))
    assert registry.tasks(str(path))[0].name == "mine"


def test_two_owners_of_one_name_are_named(tmp_path: Path) -> None:
    """A user's task cannot pass for a shipped one."""
    path = tmp_path / "mine.py"
    path.write_text(TASK_FILE.format(name="gsm8k"))
    with pytest.raises(DuplicateName, match=r"rarl_eval\.tasks\.math\.gsm8k:TASK and .*mine\.py"):
        registry.tasks(str(path))


@pytest.mark.parametrize(
    ("content", "said"),
    [("x = 1", "defines no TASK"), ("1/0", "ZeroDivisionError"), ("def", "SyntaxError"), (None, "does not exist")],
)
def test_a_broken_task_file_is_one_sentence(tmp_path: Path, content: str | None, said: str) -> None:
    """What is wrong with a user's file is said with its path."""
    path = tmp_path / "mine.py"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadInput, match=said):
        registry.tasks(str(path))


def test_entry_points_add_names_and_cannot_take_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package adds an adapter; one that claims a shipped name is an error naming both."""
    registry._group.cache_clear()
    mine = EntryPoint("mine", "rarl_eval.models.doubles:open_echo", "rarl_eval.models")
    theirs = EntryPoint("echo", "another.package:open", "rarl_eval.models")
    monkeypatch.setattr(registry, "entry_points", lambda group: [mine])
    assert registry.load("models", "mine")("hi", None).describe()["name"] == "hi"
    registry._group.cache_clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [theirs])
    with pytest.raises(DuplicateName, match=r"another\.package:open"):
        registry.load("models", "echo")
    registry._group.cache_clear()
