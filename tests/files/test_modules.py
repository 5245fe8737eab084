"""A user's file and its neighbours: importable there, and nowhere else."""

import sys
from pathlib import Path

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.files.modules import PREFIX, load_file


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


NOW = "import helpers\nfrom helpers import clean\nimport pack.deep as deep\nfrom pack import deep as again\n"
LATER = "def late():\n    import helpers\n    from late_one import word\n    return helpers.clean(word)\n"


def test_neighbours_are_importable_while_a_file_is_loaded_and_used(tmp_path: Path) -> None:
    """In every form of the statement, in functions called later, and from the neighbours themselves."""
    written(
        tmp_path,
        mine=NOW + LATER,
        helpers="import more\ndef clean(x):\n    from even_more import END\n    return more.strip(x) + END\n",
        more="strip = str.strip",
        even_more="END = '!'",
        late_one="word = ' here '",
        pack__deep="depth = 2",
    )
    module = load_file(tmp_path / "mine.py", "late")
    assert (module.clean(" a "), module.late(), module.deep.depth, module.again.depth) == ("a!", "here!", 2, 2)


def test_nothing_of_it_is_left_behind(tmp_path: Path) -> None:
    """The path is as it was, no neighbour is known by its bare name, and no compiled file lies there."""
    written(tmp_path, mine="import helpers_nobody_has\n", helpers_nobody_has="x = 1")
    before = list(sys.path)
    load_file(tmp_path / "mine.py", "x")
    assert sys.path == before
    assert "helpers_nobody_has" not in sys.modules
    assert sorted(path.name for path in tmp_path.iterdir()) == ["helpers_nobody_has.py", "mine.py"]
    with pytest.raises(ModuleNotFoundError):
        __import__("helpers_nobody_has")


def test_two_folders_have_a_neighbour_each_of_one_name(tmp_path: Path) -> None:
    """Used in turn, each file keeps its own."""
    for name in ("a", "b"):
        written(
            tmp_path / name,
            mine=f"import helpers\n{LATER}",
            helpers=f"clean = lambda x: '{name}' + x",
            late_one="word = 'x'",
        )
    one, two = (load_file(tmp_path / name / "mine.py", "late") for name in ("a", "b"))
    assert [one.late(), two.late(), one.late()] == ["ax", "bx", "ax"]


def test_a_neighbour_hides_no_part_of_python_and_nothing_for_others(tmp_path: Path) -> None:
    """Names of the standard library and of this program stay theirs; an installed package is hidden here alone."""
    written(tmp_path, mine="import random, rarl_eval, click\n", random="x = 1", rarl_eval="x = 1", click="mine = True")
    module = load_file(tmp_path / "mine.py", "x")
    assert not hasattr(module.random, "x")
    assert not hasattr(module.rarl_eval, "x")
    assert module.click.mine
    import click

    assert not hasattr(click, "mine")


def test_a_folder_of_data_hides_no_installed_package(tmp_path: Path) -> None:
    """Only a folder that nothing else is called is a neighbour without an __init__.py."""
    (tmp_path / "msgspec").mkdir()
    written(tmp_path, mine="import msgspec\nencode = msgspec.json.encode\n")
    assert load_file(tmp_path / "mine.py", "encode").encode(1) == b"1"


def test_an_edited_file_is_loaded_again_with_its_neighbours(tmp_path: Path) -> None:
    """The same bytes are one module; other bytes are another."""
    written(tmp_path, mine="import helpers\nx = helpers.x\n", helpers="x = 1")
    first = load_file(tmp_path / "mine.py", "x")
    assert load_file(tmp_path / "mine.py", "x") is first
    written(tmp_path, mine="import helpers\nx = helpers.x \n", helpers="x = 2")
    assert load_file(tmp_path / "mine.py", "x").x == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nobody_has_this", "ModuleNotFoundError"),
        ("raise SystemExit('done')", "SystemExit: done"),
        ("def f(:", "SyntaxError"),
        ("x = 1\nx.y", r"AttributeError: .* \(broken.py line 2\)"),
    ],
)
def test_a_file_that_fails_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """With the line of the user's file; nothing half-loaded is kept."""
    written(tmp_path, broken=text)
    with pytest.raises(BadInput, match=rf"broken.py fails when imported: {said}"):
        load_file(tmp_path / "broken.py", "x")
    assert not [name for name in sys.modules if name.startswith(PREFIX) and name.endswith(".broken")]


def test_a_dataclass_of_a_users_file_knows_its_module(tmp_path: Path) -> None:
    """Annotations that are text are looked up where the class was made."""
    text = "from __future__ import annotations\nimport msgspec\nclass Row(msgspec.Struct):\n    x: int | None = None\n"
    written(tmp_path, mine=text)
    module = load_file(tmp_path / "mine.py", "Row")
    import msgspec

    assert msgspec.json.decode(b'{"x": 3}', type=module.Row).x == 3
