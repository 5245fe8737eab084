"""What tiers A and B judge differently or let be seen, as docs/sandbox.md lists it, and that the page names real tests."""

import ast
import re
from pathlib import Path

import pytest

from rarl_eval.sandbox import Limits, Program, Sandbox, probe

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
NAMED = re.compile(r"`((?:tests/)?[\w/]*test_\w+\.py)(?:::(\w+))?`")


@pytest.fixture(scope="module")
def tiers():
    """A sandbox of each tier."""
    for tier in ("A", "B"):
        if probe(tier).tier != tier:
            pytest.skip(f"tier {tier} does not work here: {probe(tier).summary}")
    with (
        Sandbox(tier="A", jobs=1, limits=Limits(seconds=10)) as a,
        Sandbox(tier="B", jobs=1, limits=Limits(seconds=10)) as b,
    ):
        yield a, b


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        ("assert os.stat('/etc/passwd').st_size > 0", ("crash", "correct")),
        ("os.listdir('/home')", ("crash", "forbidden")),
        ("open('/etc/passwd').read()", ("crash", "forbidden")),
        ("assert not os.path.exists('/proc')", ("correct", "crash")),
        ("open('/etc/own', 'w')", ("forbidden", "forbidden")),
        ("open('/home/own', 'w')", ("crash", "forbidden")),
        ("open('own', 'w').close(); os.chmod('own', 0o600)", ("correct", "forbidden")),
        ("open('own', 'w').close(); os.utime('own', (0, 0))", ("correct", "forbidden")),
        ("open('own', 'w').write('x'); os.truncate('own', 0)", ("correct", "forbidden")),
        ("open('own', 'w').write('x'); assert open('own').read() == 'x'", ("correct", "correct")),
    ],
)
def test_what_a_and_b_judge_differently(tiers, body, statuses):
    """Files outside are in sight in B, not their contents; rights, times and lengths by path are changed in A alone."""
    program = Program(code=f"import os\ndef f():\n    {body}\n    return 1", tests="assert f() == 1")
    assert tuple(box.run(program).status for box in tiers) == statuses


def test_the_folder_is_bounded_in_both(tiers):
    """In A the mount refuses what is too much, in B the folder is measured and its program ended."""
    code = (
        "import time\ndef f():\n    for n in range(40):\n        with open(str(n), 'wb') as file:\n"
        "            file.write(bytes(8 << 20))\n    time.sleep(1)\n    return 1"
    )
    assert [box.run(Program(code=code, tests="assert f() == 1")).status for box in tiers] == ["crash", "memory"]


def test_the_page_names_tests_that_exist():
    """Each file is there, and each function in it."""
    named = NAMED.findall(PAGE)
    assert len(named) > 30
    for file, function in named:
        path = ROOT / file if file.startswith("tests/") else ROOT / "tests" / "sandbox" / file
        assert path.is_file(), file
        defined = {node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}
        assert not function or function in defined, f"{file}::{function}"


@pytest.mark.parametrize("section", re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
def test_each_promise_of_the_page_names_a_test(section):
    """A section names the tests that hold it, but for those on what is not promised, and how to look."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    if section in {"What is not covered", "Cost"}:
        return
    assert NAMED.search(text), section
    for promise in re.findall(r"^(?:- .*(?:\n  .*)*|\| (?!what|verdict|wall|---|`).*)", text, re.MULTILINE):
        assert NAMED.search(promise), promise
