"""The program in a reply, whatever surrounds it; and programs of thought."""

import ast
import gzip
import json
import textwrap
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.runs import store
from rarl_eval.sandbox import Sandbox, probe, use
from rarl_eval.sandbox.fences import FencedBlock, blocks, left_open
from rarl_eval.sandbox.prepare import parsed
from rarl_eval.sandbox.replies import cleaned, code_in, completed, joined
from rarl_eval.sandbox.sources import stands, without_tests
from rarl_eval.sandbox.thought import of_programs, program_in
from rarl_eval.types import Item

CASES = Path(__file__).parents[3] / "shared" / "cases" / "code"
HEAD = 'import math\n\n\ndef area(side: int) -> int:\n    """Area of a square.\n    >>> area(2)\n    4\n    """\n'
WHOLE = "def area(side: int) -> int:\n    double = side * 1\n    return double * side\n"
BODY = "    double = side * 1\n    return double * side\n"


def quoted(text, prefix):
    return textwrap.indent(text, prefix, lambda line: True)


REPLIES = {
    "fenced": f"Sure.\n\n```python\n{WHOLE}```\nDone.",
    "five backticks": f"`````py\n{WHOLE}`````",
    "tildes": f"~~~python\n{WHOLE}~~~\nAs asked.",
    "no language": f"```\n{WHOLE}```",
    "language in braces": f"``` {{.python .numberLines}}\n{WHOLE}```",
    "language of a notebook": f"```ipython3\n{WHOLE}```",
    "language on a line of its own": f"```\npython\n{WHOLE}```",
    "numbered list": "2. Code:\n\n" + quoted(f"```python\n{WHOLE}```", "   ") + "\n\n3. Done.",
    "fence behind a bullet": "- ```python\n" + quoted(WHOLE, "  ") + "  ```\n- Done.",
    "deep list": "- a\n  - b\n" + quoted(f"```python\n{WHOLE}```", "        "),
    "block quote": quoted(f"```python\n{WHOLE}```", "> "),
    "windows": f"Sure.\r\n```python\r\n{WHOLE}```\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
    "old mac": f"```python\n{WHOLE}```\n".replace("\n", "\r"),
    "byte order mark": f"\ufeff{WHOLE}",
    "no break spaces": f"```python\n{WHOLE}```".replace("    ", "\u00a0\u00a0\u00a0\u00a0"),
    "never closed": f"Sure.\n```python\n{WHOLE}",
    "never opened": f"{WHOLE}```\nThis multiplies.",
    "never opened, then a test": f"{WHOLE}```\n\nTry it:\n\n```python\nprint(area(3))\n```\n",
    "never opened, language left": f"python\n{WHOLE}```",
    "closing fence too deep": f"```python\n{WHOLE}     ```\nThis multiplies.",
    "closing fence on the last line": f"```python\n{WHOLE.rstrip()}```\nThis multiplies.",
    "first block not closed": f"```python\nimport math\n\n```python\n{WHOLE}```",
    "fence in a docstring": "```python\ndef area(side):\n    '''Do.\n\n    ```\n    area(1)\n    ```\n    '''\n    return side**2\n```",
    "chat end": f"```python\n{WHOLE}```<|im_end|>",
    "chat end and a turn of its own": f"```python\n{WHOLE}```<|eot_id|><|start_header_id|>user\nThanks",
    "deepseek end": f"{WHOLE}<｜end▁of▁sentence｜>",
    "sentence end": f"{WHOLE}</s>",
    "tags of the paper": f"[BEGIN]\n{WHOLE}[DONE]",
    "code tags": f"<code>\n{WHOLE}</code>",
    "two blocks": f"```python\n{WHOLE}```\nOutput:\n```\n9\n```\nRun:\n```bash\npython a.py\n```",
    "draft, then answer": f"```python\n{WHOLE.replace('* side', '+ side')}```\nNo:\n```python\n{WHOLE}```",
    "helper in another block": "```python\ndef twice(x):\n    return x * x\n```\n```python\ndef area(side):\n    return twice(side)\n```",
    "import in another block": "```python\nimport operator\n```\n```python\ndef area(side):\n    return operator.mul(side, side)\n```",
    "own test is wrong": f"```python\n{WHOLE}\nassert area(2) == 5\n```",
    "own check is wrong": f"```python\n{WHOLE}\ndef check(f):\n    assert f(2) == 5\n\ncheck(area)\n```",
    "own tests in main": f"```python\n{WHOLE}\nif __name__ == '__main__':\n    import nothing_like_this\n    main()\n```",
    "own loop of tests": f"```python\n{WHOLE}\nfor a, b in [(2, 5)]:\n    assert area(a) == b, a\n```",
    "future": f"```python\nfrom __future__ import annotations\n\n{WHOLE}```",
    "a lambda": "```python\narea = lambda side: side**2\n```",
    "body": BODY,
    "body in a block": f"```python\n{BODY}```",
    "body, never opened": f"{BODY}```\n\nThis multiplies.",
    "body without its first indent": BODY.lstrip(),
    "body without indent": textwrap.dedent(BODY),
    "body with tabs": BODY.replace("    ", "\t"),
    "body indented by two": BODY.replace("    ", "  "),
    "body after reasoning": f"A square has equal sides.\n\n{BODY}",
    "plain": WHOLE,
    "plain after prose": f"Here is the function:\n\n{WHOLE}\nIt multiplies the sides.",
    "plain with a constant": f"Here is the function:\n\nONE = 1\n\n{WHOLE.replace('* 1', '* ONE')}\nIt multiplies.",
}


@pytest.fixture(scope="module")
def walls():
    if probe().tier == "C":
        pytest.skip(f"programs are not run here: {probe().summary}")
    with Sandbox(jobs=1) as sandbox, use(sandbox):
        yield sandbox


@pytest.fixture(scope="module")
def humaneval():
    return registry.tasks("humaneval")[0]


SQUARE = Item(
    id="x/0",
    question=HEAD,
    gold=HEAD + BODY,
    tests="def check(candidate):\n    assert candidate(3) == 9\n    assert candidate(0) == 0\n",
    meta={"entry": "area"},
)


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_right_function_is_right_however_it_is_written_down(humaneval, reply):
    """Fences, lists, line ends, marks of a chat, lost indentation and own tests change no verdict."""
    assert humaneval.verify(SQUARE, reply).status == "correct"


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (REPLIES["fenced"].replace("* side", "+ side"), "incorrect"),
        (REPLIES["draft, then answer"].replace("No:", "x").replace("+ side", "* side", 1).replace("* side\n```\nx", ""), "correct"),
        (f"```python\n{WHOLE}```\nBetter:\n```python\n{WHOLE.replace('* side', '+ side')}```", "incorrect"),
        ("    return side *\n", "crash"),
        (f"{BODY}\n\ndef next_one(", "crash"),
        (f"{WHOLE}\n\ndef next_one(a: int", "crash"),
        ("I cannot write this function.", "no_answer"),
        ("```\n```", "no_answer"),
        ("```bash\nls\n```", "no_answer"),
        ("    pass\n", "incorrect"),
    ],
)  # fmt: skip
def test_a_wrong_reply_is_not_mended_into_a_right_one(humaneval, reply, status):
    """The last function wins though an earlier one was right; what is cut off is not cut shorter until it parses."""
    assert humaneval.verify(SQUARE, reply).status == status


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```python\nx\n```", [FencedBlock("python", "x\n", 0, closed=True)]),
        ("a\n~~~\nx\n```\n~~~~", [FencedBlock("", "x\n```\n", 1, closed=True)]),
        ("````\n```\nx\n```\n````", [FencedBlock("", "```\nx\n```\n", 0, closed=True)]),
        ("`a` ```x``` b", []),
        ("```x```", []),
        ("```py\nx", [FencedBlock("py", "x", 0, closed=False)]),
        (">```py\n> x\n>```", [FencedBlock("py", "x\n", 0, closed=True)]),
    ],
)
def test_fences_are_commonmarks(text, found):
    """A block ends at a bare fence of its own kind that is at least as long; code in a line is no fence."""
    assert blocks(text) == found


@pytest.mark.parametrize(
    ("prompt", "opened"),
    [
        ("Write it.\n```python\ndef f(x):\n", "```python\ndef f(x):\n"),
        ("Write it.\n```python\nx\n```\n", ""),
        ("Write it.\n```python\nx\n```\nHere:\n```python\n", "```python\n"),
        ("<|user|>\n```python\nx\n<|end|>\n<|assistant|>\n", ""),
        ("Write it.", ""),
    ],
)
def test_a_prompts_own_open_block_is_seen(prompt, opened):
    """What the prompt left open the reply goes on from; a block that the user's turn left open it does not."""
    assert left_open(prompt) == opened


def test_imports_from_the_future_come_first():
    """They are moved before the head, and no line of the program changes its number but by theirs."""
    assert joined("x = 1\n", "from __future__ import annotations\ny = 2\n") == (
        "from __future__ import annotations\nx = 1\n\ny = 2\n"
    )
    assert joined("def f():", " return 1") == "def f(): return 1\n"


def test_scripts_are_told_from_examples_of_output():
    """Without a name that is asked for, the last block that does something is the program."""
    assert code_in("```python\nprint(1)\n```\nIt prints\n```\n1\n```") == "print(1)\n"
    assert code_in("```\nprint(1)\n```\nIt prints\n```\n1 2\n3\n```") == "print(1)\n"
    assert code_in("n = int(input())\nprint(n)\n```\nThat reads a number.") == "n = int(input())\nprint(n)"
    assert code_in("Read n.\n\nn = int(input())\nfor i in range(n):\n    print(i)\n\nThat is it.").startswith("n = int")


def test_only_the_programs_own_tests_are_left_out():
    """Tables that are filled by calls, settings and other asserts' helpers stay."""
    text = (
        "import sys\ndef f(x): return x\nsys.setrecursionlimit(9000)\ntable = [f(1)]\nassert f(1) == 2\nprint(f(2))\n"
    )
    assert without_tests(text, "f") == text.replace("assert f(1) == 2", "").replace("print(f(2))", "")


def test_a_program_that_returns_at_the_top_does_not_stand():
    """Prose, examples of output and the rest of a function are no programs."""
    assert [stands(text) for text in ("x = 1", "return 1", "word", "[1, 2]", "note: int", "f(1)", "x =")] == [
        True, False, False, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["`" * 50_000, "- " * 50_000, "```\n" * 10_000, "a(" * 50_000, " " * 200_000 + "x"])
def test_long_texts_of_marks_hold_no_code_that_runs(text):
    """They are read once; nothing in them defines what was asked for."""
    assert not stands(code_in(text, "f"), "f")


def shape(tree):
    """Return a tree as text; white space in docstrings, which lists may take, does not count."""
    return " ".join(ast.dump(tree).replace("\\n", " ").split())


FORMS = {
    "fenced": lambda code: f"Here it is:\n\n```python\n{code}\n```\nDone.",
    "windows": lambda code: f"Here it is:\n\n```python\n{code}\n```\nDone.".replace("\n", "\r\n"),
    "tildes": lambda code: f"~~~python\n{code}\n~~~\n",
    "list": lambda code: "1. The code:\n\n" + textwrap.indent(f"```python\n{code}\n```", "   ") + "\n\n2. It works.\n",
    "prefilled": lambda code: f"{code}\n```\n\nThis function does what was asked.",
    "opened by the prompt": lambda code: left_open(f"Do it.\n```python\n{code}\n"[:-1]) + "\n```\nDone.",
}


@pytest.mark.parametrize("form", FORMS)
def test_references_are_found_in_every_form(shared, form):
    """All references of HumanEval, as functions and as bodies, and of MBPP are read as what they are."""
    with gzip.open(shared / "code/humaneval/HumanEval.jsonl.gz", "rt") as stream:
        for row in map(json.loads, stream):
            wanted = shape(parsed(row["prompt"] + row["canonical_solution"]).body[-1])
            for code in (row["prompt"] + row["canonical_solution"], row["canonical_solution"]):
                whole, _ = completed(row["prompt"], FORMS[form](code), row["entry_point"])
                assert shape(parsed(whole).body[-1]) == wanted, row["task_id"]
    with gzip.open(shared / "code/mbpp/mbpp.jsonl.gz", "rt") as stream:
        task = registry.tasks("mbpp")[0]
        for item in filter(None, map(task.item, map(json.loads, stream))):
            name = item.meta["names"][0]
            found = code_in(FORMS[form](item.gold), name)
            assert shape(parsed(found)) == shape(parsed(without_tests(cleaned(item.gold), name))), item.id


@pytest.mark.usefixtures("walls")
def test_handed_replies_are_right(humaneval):
    """Every reply that was handed in as misread is now read."""
    if not CASES.is_dir():
        pytest.skip("the handed cases are not here")
    items = {i.id: i for i in data.load(humaneval, {"humaneval": str(CASES / "replies_items.jsonl")}).items}
    replies = [json.loads(line) for line in (CASES / "replies.jsonl").read_text().split("\n") if line]
    assert {r["task_id"]: humaneval.verify(items[r["task_id"]], r["text"]).status for r in replies} == dict.fromkeys(
        items, "correct"
    )


@pytest.mark.usefixtures("walls")
def test_a_log_whose_prompt_opened_the_block_is_read(cli, tmp_path):
    """lm-eval's prefix stands before the answer that is graded, never in the text, and the run checks itself."""
    rows = Path(__file__).parents[1] / "tasks" / "fixtures" / "humaneval.jsonl"
    row = json.loads(rows.read_text().split("\n")[0])
    prompt = f"Solve it:\n```python\n{row['prompt']}```\nHere:\n\n```python\n{row['prompt']}"
    log = {
        "doc_id": 0, "doc": row, "target": "", "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": {}}},
        "resps": [[f"{row['canonical_solution']}```\n\nDone."]], "filtered_resps": [["x"]], "filter": "none",
        "metrics": ["pass@1"], "pass@1": 1.0,
    }  # fmt: skip
    (tmp_path / "log.jsonl").write_text(json.dumps(log))
    done = cli(
        "score", tmp_path / "log.jsonl", "-t", "humaneval", "--source", f"humaneval={rows}", "-o", tmp_path / "run"
    )
    (record,) = store.read_run(tmp_path / "run").records
    assert (done.returncode, record.verdict.status) == (0, "correct")
    assert record.trace.answer == f"```python\n{row['prompt']}{record.trace.text}"
    assert cli("verify", tmp_path / "run", "--source", f"humaneval={rows}").returncode == 0


THOUGHTS = [
    ("a = 3\nb = 4\nans = a * b", "12"),
    ("def solver():\n    return 36 / 3\nans = solver()", "12"),
    ("```python\ndef solution():\n    return 12\n```", "12"),
    ("```python\ndef total():\n    return 12.0\nprint(total())\n```\n```output\n12.0\n```\nSo $\\boxed{99}$.", "12.0"),
    ("```python\nx = 5\n```\n```output\n```\n```python\nprint(x + 7)\n```", "12"),
    ("x = 0.1 + 0.2\nans = x * 40", "12"),
    ("print('first')\nprint('The answer is', 12)", "The answer is 12"),
    ("import math\n6 * 2", "12"),
    ("total = 12", "12"),
    ("ans = [12]", "12"),
    ("ans = 7 > 3", "yes"),
    ("ans = 12\nunits = 'million'", "12 million"),
    ("import sys\nprint(12)\nsys.exit(0)", "12"),
    ("if __name__ == '__main__':\n    print(12)", "12"),
    ("from __future__ import annotations\nans = 12", "12"),
]


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize(("answer", "value"), THOUGHTS)
def test_a_program_of_thought_is_what_it_comes_to(answer, value):
    """The variable, the last line printed, the last expression or what the function returns is what is judged."""
    task = registry.tasks("demo_math")[0]
    seen = []
    item = Item(id="1", question="q", gold="12")
    judged = of_programs(
        task.__class__(**{**vars(task), "verify": lambda i, text: seen.append(text) or task.verify(i, text)})
    )
    judged.verify(item, answer)
    assert seen == [value]


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("ans = 12", "correct"),
        ("ans = 13", "incorrect"),
        ("x = 1 / 0\nans = 12", "crash"),
        ("while True: pass", "timeout"),
        ("import os\nos.fork()", "forbidden"),
        ("```python\n```", "no_answer"),
        ("def f(x): return x", "no_answer"),
    ],
)
def test_what_becomes_of_a_program_of_thought(answer, status, monkeypatch):
    """Its value is judged by the task's rule; one that comes to none says why."""
    monkeypatch.setattr("rarl_eval.sandbox.thought.SECONDS", 1.0)
    judged = of_programs(registry.tasks("demo_math")[0])
    assert judged.verify(Item(id="1", question="q", gold="12"), answer).status == status


def test_cells_that_are_no_program_together_are_read_as_a_reply():
    """Two blocks that do not parse one after the other are a draft and its mending."""
    assert program_in("```python\nx = (\n```\nOops.\n```python\nans = 1\n```") == "ans = 1\n"


@pytest.mark.usefixtures("walls")
def test_score_runs_programs_where_it_is_told_to(cli, tmp_path):
    """--answers programs stands in the manifest, names the tier, and verify runs them again."""
    (item, *_) = data.load(registry.tasks("demo_math")[0], {}).items
    (tmp_path / "out.jsonl").write_text(json.dumps({"question": item.question, "output": f"ans = {item.gold} * 1"}))
    done = cli("score", tmp_path / "out.jsonl", "-t", "demo_math", "--answers", "programs", "-o", tmp_path / "run")
    run = store.read_run(tmp_path / "run")
    assert (done.returncode, run.records[0].verdict.status) == (0, "correct")
    assert (run.tasks["demo_math"].answers, run.tasks["demo_math"].sandbox) == ("programs", probe().tier)
    assert cli("verify", tmp_path / "run").returncode == 0
