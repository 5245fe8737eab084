"""Code benchmarks: what a reply may look like, and what passes."""

import base64
import json
import pickle
import zlib
from pathlib import Path

import msgspec
import pytest

from rarl_eval import data, registry
from rarl_eval.sandbox import probe
from rarl_eval.sandbox.replies import code_in

FIXTURES = Path(__file__).parent / "fixtures"


def load(name):
    if probe().tier == "C":
        pytest.skip(f"programs are not run here: {probe().summary}")
    task = registry.tasks(name)[0]
    return task, data.load(task, {name: str(FIXTURES / f"{name}.jsonl")}).items


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("    return 1\n", "    return 1\n"),
        ("Sure:\n```python\ndef f(): pass\n```\nDone.", "def f(): pass\n"),
        ("```python\ndef f(): pass\n```\nand a test:\n```python\nassert f() is None\n```", "def f(): pass\n"),
        ("```\nx = 1\n```\n```bash\nls\n```", "x = 1\n"),
        ("```python\ndef f(): pass", "def f(): pass"),
        ("```bash\nls\n```", ""),
        ("  ```py\n  x = 1\n  ```\n", "x = 1\n"),
        ("", ""),
    ],
)
def test_code_is_found_in_a_reply(answer, code):
    """A fenced block stands for the reply, the one that defines the name first; a reply without fences is code."""
    assert code_in(answer, "f") == code


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("    return x * x\n", "correct"),
        ("```python\ndef square(x):\n    return x * x\n```", "correct"),
        ("```python\n    return x ** 2\n```", "correct"),
        ("    return x + x\n", "incorrect"),
        ("    return x +\n", "crash"),
        ("    raise ValueError\n", "crash"),
        ("    while True: pass\n", "timeout"),
        ("    return 'x' * (1 << 40)\n", "memory"),
        ("    import os\n    os.fork()\n", "forbidden"),
        ("```\n```", "no_answer"),
    ],
)
def test_humaneval_verdicts(answer, status):
    """Completions and whole functions are judged; each way to fail has its name."""
    task, items = load("humaneval")
    assert task.verify(items[0], answer).status == status


def test_a_completion_cannot_replace_the_prompts_helper():
    """The helper that the tests use is the benchmark's, whatever the completion makes of that name."""
    task, items = load("humaneval")
    forged = "    return ''\n\ndef double(text):\n    return ''\n"
    honest = "    return text[:len(text) // 2]\n"
    assert task.verify(items[1], forged).status == "incorrect"
    assert task.verify(items[1], honest).status == "correct"


def test_mbpp_takes_the_name_that_was_asked_for():
    """A function named like a built-in is the program's; a helper the program patches is not."""
    task, items = load("mbpp")
    assert task.verify(items[1], "def max(a, b):\n    return a if a > b else b").status == "incorrect"
    assert task.verify(items[0], "def digit_sum(n):\n    return -1\ndef sum(x): return 6").status == "incorrect"
    assert "assert count(root) == 3" in task.verify(items[2], items[2].gold.replace("1 +", "2 +")).reason


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("[ANSWER]f([2, 3])[/ANSWER]", "correct"),
        ("[ANSWER]f([2, 3]) == [4, 6][/ANSWER]", "correct"),
        ("[ANSWER][2, 3][/ANSWER]", "correct"),
        ("Thinking.\nf(list((2, 3)))", "correct"),
        ("[ANSWER]f([2]) or [4, 6][/ANSWER]", "incorrect"),
        ("[ANSWER]f([2])[/ANSWER]", "incorrect"),
        ("[ANSWER]f(__import__('os').getpid())[/ANSWER]", "incorrect"),
        ("[ANSWER]f([1) [/ANSWER]", "no_answer"),
        ("[ANSWER][4, 6] == [4, 6][/ANSWER]", "incorrect"),
    ],
)
def test_cruxeval_arguments(answer, status):
    """Whatever arguments give the value pass; an expression that only looks like a call gains nothing."""
    task, items = load("cruxeval_input")
    assert task.verify(items[0], answer).status == status


def test_livecodebench_runs_scripts_and_methods():
    """Public and private tests are run, as a script or as calls of the method."""
    task, items = load("livecodebench")
    assert task.verify(items[0], "```python\nprint(int(input()) ** 2)\n```").status == "correct"
    assert task.verify(items[0], "```python\nprint(9)\n```").status == "incorrect"
    solution = (
        "class Solution:\n    def twoSum(self, nums: List[int], target: int):\n        seen = {}\n"
        "        for i, n in enumerate(nums):\n            if target - n in seen: return (seen[target - n], i)\n            seen[n] = i\n"
    )
    assert task.verify(items[1], f"```python\n{solution}```").status == "correct"
    assert task.verify(items[1], f"```python\n{solution.replace('target - n in', 'n in')}```").status == "incorrect"
    assert items[0].released == "2024-01-02"


def test_livecodebench_never_runs_a_pickle():
    """Private tests that are more than text are refused, and what they name is not called."""

    class Attack:
        def __reduce__(self):
            return print, ("ran",)

    task = registry.tasks("livecodebench")[0]
    row = json.loads((FIXTURES / "livecodebench.jsonl").read_text().split("\n")[0])
    row["private_test_cases"] = base64.b64encode(zlib.compress(pickle.dumps(Attack()))).decode()
    with pytest.raises(ValueError, match="only text is read"):
        task.item(row)


@pytest.mark.parametrize("name", ["humaneval_plus", "mbpp_plus", "bigcodebench"])
def test_the_plus_benchmarks_judge_by_their_own_tests(name):
    """The reference passes, fenced too, and a program that gives something else does not."""
    task, items = load(name)
    for item in items:
        assert task.verify(item, f"```python\n{item.gold}\n```").status == "correct"
        broken = item.gold.replace("return ", "return not ")
        assert task.verify(item, f"```python\n{broken}\n```").status == "incorrect"
        assert task.verify(item, "").status == "no_answer"


def test_bigcodebenchs_mocks_cannot_be_judged():
    """A test that patches what the program calls is no verdict, and says why."""
    task, items = load("bigcodebench")
    patched = items[0].tests.replace("import unittest\n", "import unittest\nfrom unittest.mock import patch\n", 1)
    verdict = task.verify(msgspec.structs.replace(items[0], tests=patched), items[0].gold)
    assert verdict.status == "cannot_judge"
    assert "patch" in verdict.reason
