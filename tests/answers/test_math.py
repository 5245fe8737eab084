r"""Mathematical answers: what is the same, what only looks the same, and what takes too long."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rarl_eval.answers import pool, verify_math
from rarl_eval.answers.latex import brackets, expression, interval, split_top, unlabelled, words
from rarl_eval.types import Item

ROOT = Path(__file__).parents[2]


def judge(gold: str, answer: str, question: str = "") -> str:
    return verify_math(Item(id="1", question=question, gold=gold), answer).status


SAME = [
    # the same text, and the same number
    ("42", "42"),
    ("\\frac{1}{2}", "0.5"),
    ("\\frac{1}{2}", "\\dfrac12"),
    ("2.5", "2\\frac{1}{2}"),
    ("1,000", "1000"),
    ("14{,}916", "14916"),
    ("12000", "12,\\!000"),
    ("1000", "1 000"),
    ("1.22", "1,22"),
    ("\\frac{1}{3}", "0.333333333"),
    ("16\\pi", "\\boxed{16 \\pi}"),
    ("4.4e7", "4.4 \\times 10^7"),
    ("1.732", "\\sqrt{3}"),
    # algebra
    ("2\\sqrt{3}", "\\sqrt{12}"),
    ("2\\sqrt3", "2\\sqrt{3}"),
    ("x^2-1", "(x-1)(x+1)"),
    ("\\sec^2(y)", "\\tan^2(y)+1"),
    ("1-\\frac{1}{\\mathrm{e}}", "1 - e^{-1}"),
    ("x+2y=3", "2x+4y=6"),
    ("\\begin{pmatrix}1 & 2\\\\3 & 4\\end{pmatrix}", "\\begin{bmatrix} 1&2 \\\\ 3&4 \\end{bmatrix}"),
    ("\\frac{M+m}{m}", "1+\\frac{M}{m}"),
    ("\\frac{1}{3} E_{1}+\\frac{2}{3} E_{2}", "\\frac{E_1 + 2E_2}{3}"),
    # labels
    ("5", "x = 5"),
    ("x = 5", "5"),
    ("5", "f(2) = 5"),
    ("(3,2)", "(p,q) = (3,2)"),
    ("\\frac{1}{\\sqrt{6}}", "\\frac{NO}{BO}=\\frac{1}{\\sqrt{6}}"),
    ("7:32", "S_{1}:S=7:32"),
    # tuples, sets, lists, intervals
    ("(1, 4.5)", "\\left(1,\\frac{9}{2}\\right)"),
    ("\\{1,2,3\\}", "\\{3,2,1\\}"),
    ("1,2,3", "3, 2, 1"),
    ("1,2", "\\boxed{1} and \\boxed{2}"),
    ("21, 16 \\text{ or } 11", "21,16,11"),
    ("1\\pm\\sqrt{5}", "1+\\sqrt5, 1-\\sqrt5"),
    ("(-\\infty, 3]", "x \\le 3"),
    ("[-2,7]", "-2 \\leq x \\leq 7"),
    ("(2,12)\\cup(12,102)", "(12,102) \\cup (2,12)"),
    ("x \\geq 5", "5 \\le x"),
    # chains that agree
    ("6", "2 \\cdot 3 = 6"),
    ("\\sqrt{2}", "\\sqrt{2} \\approx 1.41"),
    ("11", "x \\approx 11"),
    # a named value is told once, by the last side; a slip before it or in its rounding offers no second one
    ("11", "x = 5+5+1 = 7 = 11"),
    ("\\frac13", "x = \\frac13 \\approx 1.3"),
    # units, currency, degrees
    ("15", "15\\text{ cm}^2"),
    ("15\\mbox{ cm}^2", "15"),
    ("10", "\\$10"),
    ("90", "90^\\circ"),
    ("28\\%", "28 percent"),
    # words
    ("\\text{Evelyn}", "Evelyn"),
    ("\\text{(C)}", "C"),
    ("odd", "\\text{odd}"),
    # where the answer stands
    ("34", "Final Answer: The largest $n$ is 34."),
    ("9", "Answer $9$"),
    ("x > 5", "Therefore $x \\gt 5$ is the solution."),
    ("$\\frac{1}{2}$", "so we get \\(\\frac{1}{2}\\)."),
]

DIFFERENT = [
    ("42", "43", "incorrect"),
    ("2\\sqrt{3}", "2", "incorrect"),
    ("\\frac{1}{3}", "0.33", "incorrect"),
    ("\\pi", "3.14", "incorrect"),
    ("2.2", "\\sqrt{5}", "incorrect"),
    ("1-\\frac{1}{\\mathrm{e}}", "1+\\frac{1}{\\mathrm{e}}", "incorrect"),
    ("x^2-1", "x^2+1", "incorrect"),
    ("x+2y=3", "x+2y=4", "incorrect"),
    ("\\cos(x)=\\frac{1}{2}", "\\sin(x)=\\frac{1}{2}", "incorrect"),
    ("7=11a+c", "11a+c", "incorrect"),
    ("2x+z=1", "1", "incorrect"),
    ("f(x)", "f(y)", "incorrect"),
    ("\\frac{M}{m}", "1", "incorrect"),
    ("M^2", "m^2", "incorrect"),
    # shapes
    ("(0,1)", "\\{0,1\\}", "incorrect"),
    ("\\{0,1\\}", "(0,1)", "incorrect"),
    ("(0,1)", "[0,1]", "incorrect"),
    ("[0,1)", "(0,1]", "incorrect"),
    ("(1,2)", "(2,1)", "incorrect"),
    ("1,2", "1,2,3", "incorrect"),
    ("\\pm 5", "5", "incorrect"),
    ("32349", "32, 349", "incorrect"),
    ("(12,102)", "12102", "incorrect"),
    # percent and units
    ("10\\%", "0.5", "incorrect"),
    ("5 \\text{ cm}", "5 \\text{ kg}", "incorrect"),
    ("\\text{Evelyn}", "\\text{Evelyn}\\%", "incorrect"),
    ("\\text{even}", "\\text{odd}", "incorrect"),
    # two answers
    ("5", "\\boxed{5 \\text{ or } 6}", "ambiguous"),
    ("5", "either 5 or 6", "ambiguous"),
    ("5", "\\boxed{5\\text{ or anything}}", "ambiguous"),
    ("\\sqrt{2}", "\\sqrt{2} \\text{ or } \\sqrt{3}", "ambiguous"),
    ("5", "\\boxed{6=5}", "ambiguous"),
    ("\\sqrt{2}", "\\sqrt{3} = \\sqrt{2}", "ambiguous"),
    ("\\sqrt{2}", "\\sqrt{2} \\approx 1.73", "ambiguous"),
    ("11", "5+5+1 = 7 = 11", "ambiguous"),
    ("7", "x = 5+5+1 = 7 = 11", "incorrect"),
    # nothing
    ("5", "", "no_answer"),
    ("5", ":", "no_answer"),
    ("5", "\\boxed{5} and in fact \\boxed{5", "no_answer"),
    ("5", "\\boxed{" + "5+" * 2000 + "5}", "no_answer"),
    # garbage
    ("5", "\\boxed{\\frac{}{}}", "incorrect"),
    ("x^2", "\\boxed{}}{", "no_answer"),
]


@pytest.mark.parametrize(("gold", "answer"), SAME)
def test_the_same_answer_passes(gold: str, answer: str) -> None:
    """One answer in two forms is right."""
    assert judge(gold, answer) == "correct"


@pytest.mark.parametrize(("gold", "answer", "status"), DIFFERENT)
def test_another_answer_fails(gold: str, answer: str, status: str) -> None:
    """What only looks the same, offers two answers, or is cut off does not pass."""
    assert judge(gold, answer) == status


@pytest.mark.parametrize(
    ("question", "answer", "status"),
    [
        ("What percent is it?", "10\\%", "correct"),
        ("How many are there?", "10\\%", "incorrect"),
        ("How many cm long is it?", "10 \\text{ cm}", "correct"),
        ("How many are there?", "10 \\text{ cm}", "incorrect"),
        ("How many are there?", "10 \\text{ ways}", "correct"),
        ("How many are there in all?", "How many are there in all?", "no_answer"),
    ],
)
def test_units_are_judged_by_the_question(question: str, answer: str, status: str) -> None:
    """A percent sign or a measure passes only where the question speaks of it."""
    assert judge("10", answer, question) == status


def test_a_gold_that_cannot_be_read_is_said_so() -> None:
    """A gold that algebra does not equal to itself judges nobody."""
    assert judge("\\begin{foo}1\\oops", "x^2") == "unparsable_gold"


def test_a_pair_that_takes_too_long_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is killed at its limit, whatever it is doing, and the next pair is judged by a new one."""
    pool.close()
    monkeypatch.setattr(pool, "LIMIT_SECONDS", 0.3)
    assert judge("x^{2}", "\\boxed{(1+x)^{100000} + 1}") == "timeout"
    pool.close()
    monkeypatch.undo()
    assert judge("x^2-1", "(x-1)(x+1)") == "correct"
    pool.close()


def test_a_folder_of_data_is_not_imported_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that lies where the user stands, among downloaded data, is not run by a worker."""
    (tmp_path / "json.py").write_text("raise SystemExit('a stranger ran')")
    pool.close()
    monkeypatch.chdir(tmp_path)
    assert judge("x^2-1", "(x-1)(x+1)") == "correct"
    pool.close()


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tower of powers ends its worker, not the machine."""
    pool.close()
    monkeypatch.setattr(pool, "LIMIT_SECONDS", 1.0)
    assert judge("x^{2}", "\\boxed{10^{10^{10^{10}}} x}") in {"timeout", "incorrect"}
    pool.close()


def test_threads_share_the_workers() -> None:
    """Many threads judge at once, each its own pair, off the main thread."""
    golds = [f"x^2-{n * n}" for n in range(1, 17)]
    answers = [f"(x-{n})(x+{n})" for n in range(1, 17)]
    wrong = [f"(x-{n})(x+{n + 1})" for n in range(1, 17)]
    with ThreadPoolExecutor(8) as threads:
        right = list(threads.map(judge, golds, answers))
        other = list(threads.map(judge, golds, wrong))
    assert set(right) == {"correct"}
    assert set(other) == {"incorrect"}
    assert threading.active_count() >= 1


def test_a_forked_child_starts_workers_of_its_own() -> None:
    """A child of a process that has workers does not read its parent's replies."""
    script = (
        "import os; from rarl_eval.answers import verify_math; from rarl_eval.types import Item\n"
        "judge = lambda a: verify_math(Item(id='1', question='', gold='x^2-1'), a).status\n"
        "assert judge('(x-1)(x+1)') == 'correct'\n"
        "pid = os.fork()\n"
        "told = [judge(a) for a in ('(x+1)(x-1)', 'x^2', '(x-1)(1+x)')]\n"
        "assert told == ['correct', 'incorrect', 'correct'], told\n"
        "if pid: assert os.waitpid(pid, 0)[1] == 0\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_workers_end_with_their_parent() -> None:
    """A process that is killed leaves no worker behind once the pipe is closed."""
    script = (
        "import os, signal; from rarl_eval.answers import pool\n"
        "pool.compare('x', 'x'); print(pool._idle[0].process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    for _ in range(200):
        if not _runs(pid):
            return
        threading.Event().wait(0.05)
    pytest.fail(f"worker {pid} still runs")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("$\\dfrac12$", "\\frac{1}{2}"),
        ("\\left( 1, 2 \\right)", "( 1, 2 )"),
        ("\\[ x \\le 3. \\]", "x \\leq 3"),
        ("{1,3}", "1,3"),
        ("\\{1,3\\}", "\\{1,3\\}"),
        ("12,\\!000", "12000"),
        ("√2", "\\sqrt{2}"),
    ],
)
def test_variants_are_written_one_way(text: str, plain: str) -> None:
    """Delimiters, spacing and spellings of one thing come out as one text."""
    assert expression(text) == plain


def test_shapes_are_seen() -> None:
    """Brackets, labels, intervals, words and top-level commas are told apart."""
    assert [brackets(t) for t in ("(1,2)", "[1,2)", "\\{1\\}", "(1)+(2)", "5")] == ["()", "[)", "{}", "", ""]
    assert [unlabelled(t)[1] for t in ("x = 5", "f(x) = 5", "2x = 5", "\\sin(x) = 5")] == [
        "5", "5", "2x = 5", "\\sin(x) = 5",
    ]  # fmt: skip
    assert [interval(t) for t in ("1 < x \\leq 2", "x > 1", "3 \\geq x")] == ["(1,2]", "(1,\\infty)", "(-\\infty,3]"]
    assert [words(t) for t in ("\\text{Tom}", "\\text{3 cm}", "xy", "Monday")] == ["tom", None, None, "monday"]
    assert split_top("(1,2),(3,4)") == ["(1,2)", "(3,4)"]


@pytest.mark.parametrize(
    ("gold", "answer", "status"),
    [
        ("2.74", "Le prix est 2,74 euros.", "correct"),
        ("74", "It costs 2,74", "incorrect"),
        ("3,4", "The values are 3,4", "correct"),
        ("4", "The values are 3,4", "incorrect"),
        ("1234", "It costs 1,234", "correct"),
        (r"\boxed{2} and \boxed{3}", r"$\boxed{2,3}$", "correct"),
        (r"\boxed{1} no \boxed{2}", "$2$", "correct"),
        ("[0.5, 1]", r"\begin{matrix} \frac12 \\ 1 \end{matrix}", "correct"),
        ("[0.5, 1]", r"\begin{matrix} 1 \\ \frac12 \end{matrix}", "incorrect"),
        ("x + 1.414", r"x + \sqrt{2}", "correct"),
        ("x + 1.414", r"x + \sqrt{3}", "incorrect"),
        ("1.414x", r"\sqrt{2}y", "incorrect"),
        ("x + 1.4", r"x + \sqrt{2}", "incorrect"),
    ],
)
def test_forms_of_labelled_pairs(gold: str, answer: str, status: str) -> None:
    """A decimal comma, a list without spaces, several boxes, a column, a rounded coefficient."""
    assert verify_math(Item(id="1", question="", gold=gold), answer).status == status


def test_a_question_that_asks_to_round() -> None:
    """Where the benchmark says to how many decimals, numbers inside of intervals and matrices count as rounded."""
    rounded = {"decimals": 2}
    for gold, answer in [("8/3", "2.67"), (r"(\frac{3}{5}, \frac{8}{3}]", "(0.6,2.6667]")]:
        assert verify_math(Item(id="1", question="", gold=gold, meta=rounded), answer).status == "correct"
        assert verify_math(Item(id="1", question="", gold=gold), answer).status == "incorrect"
    assert verify_math(Item(id="1", question="", gold="8/3", meta=rounded), "2.68").status == "incorrect"
