"""Names to things, and what is said of names nobody owns."""

import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rarl_eval import registry
from rarl_eval.errors import BadInput, DuplicateName, UnknownName
from rarl_eval.registry import claims


def test_a_group_is_a_domains_published_benchmarks() -> None:
    """`math` and `all` mean published benchmarks and what packages add; generated ones are asked for by name."""
    assert {t.domain for t in registry.tasks("math")} == {"math"}
    assert {"gsm8k", "demo_math"} <= {t.name for t in registry.tasks("all")}
    assert not any(t.name.startswith("fresh:") for t in registry.tasks("all"))
    assert {t.domain for t in registry.tasks("all")} >= set(registry.DOMAINS)


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


class Package(Distribution):
    """An installed package that brings entry points."""

    def __init__(self, name: str, points: str) -> None:
        self.files_ = {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1", "entry_points.txt": points}

    def read_text(self, filename: str) -> str | None:
        return self.files_.get(filename)

    def locate_file(self, path: object) -> Any:
        raise NotImplementedError


Brings = Callable[..., None]


@pytest.fixture
def brings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Brings]:
    """Install packages, each from its name and the text of its entry points."""

    def forget() -> None:
        registry._group.cache_clear()
        registry._tasks.cache_clear()

    def bring(**packages: str) -> None:
        found = [Package(name, points) for name, points in packages.items()]
        monkeypatch.setattr(claims, "distributions", lambda: found)
        forget()

    yield bring
    forget()


def test_entry_points_add_names(brings: Brings) -> None:
    """An installed package adds an adapter under its own name."""
    brings(mine="[rarl_eval.models]\nmine = rarl_eval.models.doubles:open_echo")
    assert registry.load("models", "mine")("hi", None).describe()["name"] == "hi"


def test_a_package_cannot_take_a_shipped_name(brings: Brings) -> None:
    """Its claim is an error where the name is used, naming both owners, and nowhere else."""
    brings(theirs="[rarl_eval.models]\necho = another.package:open\n[rarl_eval.tasks]\ngsm8k = another.package:TASK")
    with pytest.raises(DuplicateName, match=r"doubles:open_echo and another\.package:open \(theirs 1\)"):
        registry.load("models", "echo")
    with pytest.raises(DuplicateName, match=r"gsm8k:TASK and another\.package:TASK \(theirs 1\)"):
        registry.tasks("gsm8k")
    assert registry.tasks("svamp")[0].name == "svamp"
    assert registry.load("models", "replay") is not None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no_such_module_here:TASK", "ModuleNotFoundError: No module named 'no_such_module_here'"),
        ("rarl_eval.types:TASK", "AttributeError"),
        ("rarl_eval.types:Item", r"rarl_eval\.types:Item \(broken 1\) is registered as a task but is"),
        ("rarl_eval.tasks.math.svamp:TASK", "registered as the task 'odd' but calls itself 'svamp'"),
    ],
)
def test_a_broken_entry_point_is_one_sentence_and_the_rest_is_listed(brings: Brings, value: str, said: str) -> None:
    """A plug-in that cannot be loaded is named with its package and error; groups leave it out and say so."""
    brings(broken=f"[rarl_eval.tasks]\nodd = {value}")
    with pytest.raises(BadInput, match=said):
        registry.tasks("odd")
    told: list[str] = []
    assert "gsm8k" in {t.name for t in registry.tasks("all", say=told.append)}
    (sentence,) = told
    assert re.search(said, sentence)
    assert "broken 1" in sentence


def test_a_package_whose_entry_points_cannot_be_parsed_is_passed_over(brings: Brings) -> None:
    """Somebody else's broken file stops nothing."""
    brings(
        odd="[rarl_eval.tasks]\nno equals sign", good="[rarl_eval.models]\nmine = rarl_eval.models.doubles:open_echo"
    )
    assert "gsm8k" in registry.task_names()
    assert registry.load("models", "mine") is not None


def test_two_files_of_one_name_are_an_error(tmp_path: Path) -> None:
    """Both owners are named; the same file in two spellings is one."""
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(TASK_FILE.format(name="mine"))
    with pytest.raises(DuplicateName, match=r"'mine': .*one\.py and .*two\.py"):
        registry.tasks([str(tmp_path / "one.py"), str(tmp_path / "two.py")])
    same = registry.tasks(f"{tmp_path}/one.py,{tmp_path}/../{tmp_path.name}/one.py")
    assert [t.name for t in same] == ["mine"]


def test_a_users_task_is_known_by_its_name_from_then_on(tmp_path: Path) -> None:
    """A run that names it is understood once its file was given; a run's own word loads no file."""
    path = tmp_path / "mine.py"
    path.write_text(TASK_FILE.format(name="known_by_name"))
    with pytest.raises(UnknownName):
        registry.task("known_by_name")
    with pytest.raises(UnknownName):
        registry.task(str(path))
    registry.tasks(str(path))
    assert registry.task("known_by_name").name == "known_by_name"


def test_a_domain_called_general_is_a_folder_and_a_group(tmp_path: Path, brings: Brings, monkeypatch: Any) -> None:
    """A benchmark of no shipped domain lies in tasks/general and is found by name and by group."""
    import rarl_eval.tasks

    (tmp_path / "general").mkdir()
    (tmp_path / "general" / "riddles.py").write_text(TASK_FILE.format(name="riddles").replace("math", "general"))
    monkeypatch.setattr(rarl_eval.tasks, "__path__", [str(tmp_path)])
    general = ModuleType("rarl_eval.tasks.general")
    general.__path__ = [str(tmp_path / "general")]
    monkeypatch.setitem(sys.modules, general.__name__, general)
    brings()
    assert registry.task_names() == {"riddles": "rarl_eval.tasks.general.riddles:TASK"}
    assert [t.name for t in registry.tasks("general")] == ["riddles"]
