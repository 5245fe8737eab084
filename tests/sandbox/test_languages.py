"""Programs in other languages: built and run behind the walls, judged by output or by a benchmark's test program."""

import json
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.sandbox import Limits, Program, Sandbox, SandboxBroken, Script, languages, probe, use
from rarl_eval.sandbox.foreign import assembled, entry_of

FIXTURES = Path(__file__).parents[1] / "tasks" / "fixtures"
SUMS = {
    "cpp": "#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }",
    "go": 'package main\nimport "fmt"\nfunc main() { var a, b int; fmt.Scan(&a, &b); fmt.Println(a + b) }',
    "java": "import java.util.*;\npublic class Sum { public static void main(String[] x) { Scanner s = new Scanner(System.in);"
    " System.out.println(s.nextLong() + s.nextLong()); } }",
    "js": "const [a, b] = require('fs').readFileSync(0, 'utf8').split(/\\s+/).map(Number);\nconsole.log(a + b);",
    "rs": "use std::io::*;\nfn main() { let mut s = String::new(); stdin().read_to_string(&mut s).unwrap();"
    ' println!("{}", s.split_whitespace().map(|x| x.parse::<i64>().unwrap()).sum::<i64>()); }',
}  # fmt: skip
BODIES = {
    "cpp": "    for (auto &n : numbers) { n *= 2; }\n    return numbers;",
    "go": "\tvar out []int\n\tfor _, n := range numbers {\n\t\tout = append(out, 2*n)\n\t}\n\treturn out",
    "java": "        ArrayList<Long> out = new ArrayList<>();\n        for (long n : numbers) { out.add(2 * n); }\n        return out;",
    "js": "  return numbers.map((n) => { return n * 2; });\n}",
    "rs": "    numbers.iter().map(|n| { n * 2 }).collect()",
}  # fmt: skip
WHOLE = {
    "cpp": '#include <iostream>\nusing namespace std;\n\nstd::vector<long> double_all(std::vector<long> numbers) {\n%s\n}\n\nint main() {\n    cout << "{}";\n    return 0;\n}',
    "go": 'package main\n\nimport "fmt"\n\nfunc double_all(numbers []int) []int {\n%s\n}\n\nfunc main() {\n\tfmt.Println(double_all([]int{1}))\n}',
    "java": 'import java.util.ArrayList;\n\npublic class Main {\n    public static ArrayList<Long> doubleAll(ArrayList<Long> numbers) {\n%s\n    }\n\n    public static void main(String[] args) {\n        System.out.println("}");\n    }\n}',
    "js": "const double_all = function (numbers) {\n%s;\n\nconsole.log(double_all([1, 2]));",
    "rs": 'fn double_all(numbers: Vec<isize>) -> Vec<isize> {\n%s\n}\n\nfn main() {\n    println!("{:?}", double_all(vec![1]));\n}',
}  # fmt: skip
EARLY = {
    "cpp": "    __builtin_exit(0);",
    "go": '\tprintln("PASS")\n\tpanic(nil)',
    "java": "        System.exit(0);\n        return null;",
    "js": "  process.exit(0);\n}",
    "rs": "    std::process::exit(0)",
}  # fmt: skip


@pytest.fixture(scope="module")
def box():
    if probe("A").tier != "A":
        pytest.skip(f"tier A does not work here: {probe('A').summary}")
    with Sandbox(tier="A", jobs=1, limits=Limits(seconds=20)) as sandbox, use(sandbox):
        yield sandbox


@pytest.fixture(params=languages.LANGUAGES)
def language(request):
    if languages.tools_of(request.param) is None:
        pytest.skip(f"{languages.LANGUAGES[request.param].tool} is not installed here")
    return request.param


def test_a_script_of_another_language_is_judged_by_what_it_prints(box, language):
    """Built once, run on each input; the first wrong output is told, and what does not compile is a crash."""
    right = (Script(stdin="2 3\n", stdout="5\n"), Script(stdin="-4 9", stdout="5"))
    assert box.run(Program(code=SUMS[language], language=language, scripts=right)).status == "correct"
    wrong = box.run(Program(code=SUMS[language], language=language, scripts=(*right, Script(stdin="1 1", stdout="3"))))
    assert (wrong.status, wrong.reason) == ("incorrect", "line 1 is '2', not '3'")
    broken = box.run(Program(code=SUMS[language] + ") {", language=language, scripts=right))
    assert broken.status == "crash"


@pytest.mark.parametrize("kind", ["goes on", "whole", "wrong", "ends early", "nothing"])
def test_multipl_es_programs_are_judged_by_their_tests(box, language, kind):
    """A body that goes on and a whole program in a reply pass; one that is wrong or ends early does not."""
    (task,) = registry.tasks(f"multipl_e_{language}")
    item = data.load(task, {task.name: str(FIXTURES / f"{task.name}.jsonl")}).items[0]
    body = BODIES[language]
    whole = f"Here:\n\n```{language}\n{WHOLE[language] % body}\n```\n"
    wrong = body.replace("2 * n", "3 * n").replace("n * 2", "n * 3").replace("2*n", "3*n").replace("n *= 2", "n *= 3")
    answer, status = {
        "goes on": (f"{body}\n", "correct"),
        "whole": (whole, "correct"),
        "wrong": (f"```{language}\n{WHOLE[language] % wrong}\n```", "incorrect"),
        "ends early": (f"{EARLY[language]}\n", "incorrect"),
        "nothing": ("", "no_answer"),
    }[kind]
    assert task.verify(item, answer).status == status


def test_a_program_of_another_language_is_behind_the_walls(box):
    """It sees no file of the machine, no network and no other process, and its time and memory are bounded."""
    if languages.tools_of("cpp") is None:
        pytest.skip("g++ is not installed here")
    code = (
        "#include <cstdio>\n#include <sys/socket.h>\n#include <unistd.h>\n#include <vector>\n"
        'int main() { char c; if (scanf(" %c", &c) != 1) return 1;\n'
        "if (c == 'f') printf(\"%d\", fopen(\"/etc/passwd\", \"r\") == nullptr);\n"
        "if (c == 's') printf(\"%d\", socket(AF_INET, SOCK_STREAM, 0));\n"
        "if (c == 'p') printf(\"%d\", getppid());\n"
        "if (c == 'w') printf(\"%d\", fopen(\"/usr/x\", \"w\") == nullptr);\n"
        "if (c == 'm') { std::vector<char> v; for (;;) v.resize(v.size() + (64 << 20), 1); }\n"
        "if (c == 'l') for (volatile long n = 0;; n = n + 1) {} }\n"
    )  # fmt: skip
    ran = {
        c: box.run(Program(code=code, language="cpp", scripts=(Script(stdin=c, stdout=want),), seconds=1)).status
        for c, want in {"f": "1", "s": "-1", "p": "0", "w": "1", "m": None, "l": None}.items()
    }
    assert ran == {"f": "correct", "s": "correct", "p": "correct", "w": "correct", "m": "crash", "l": "timeout"}


def test_what_a_program_makes_of_the_tests_own_words_is_nothing(box):
    """A macro, or a library's function that is patched, does not make tests pass."""
    for language, code in {
        "cpp": "    return {};\n}\n#undef assert\n#define assert(x) ((void)0)\nvoid rest() {",
        "js": "  return null;\n}\nrequire('node:assert').deepEqual = () => {};\nrequire('assert').deepEqual = () => {};",
    }.items():
        if languages.tools_of(language) is None:
            continue
        (task,) = registry.tasks(f"multipl_e_{language}")
        item = data.load(task, {task.name: str(FIXTURES / f"{task.name}.jsonl")}).items[0]
        assert task.verify(item, f"{code}\n").status == "incorrect"


def test_a_language_without_its_tools_cannot_be_judged(box, monkeypatch):
    """An absent tool chain is no wrong answer, and neither is tier B, which has no wall around a compiler."""
    program = Program(code="main", language="go", scripts=(Script(stdin="", stdout="1"),))
    languages.tools_of.cache_clear()
    monkeypatch.setattr(languages.shutil, "which", lambda _: None)
    outcome = box.run(program)
    languages.tools_of.cache_clear()
    assert (outcome.status, outcome.reason) == ("cannot_judge", "Go needs go, which is not here")


def test_tier_b_does_not_build():
    """What a compiler starts could signal others where no namespace holds it."""
    if probe("B").tier != "B" or languages.tools_of("js") is None:
        pytest.skip("tier B or node is not here")
    with Sandbox(tier="B", jobs=1) as sandbox:
        outcome = sandbox.run(Program(code="", language="js", scripts=(Script(stdin="", stdout=""),)))
    assert outcome.status == "cannot_judge"
    assert "needs tier A" in outcome.reason


def test_a_package_of_another_language_that_is_not_there(box):
    """A module that has to be installed cannot be judged; one that the program made up by its path is its own fault."""
    if languages.tools_of("js") is None:
        pytest.skip("node is not installed here")
    for module, status in {"lodash": "cannot_judge", "./mine": "crash"}.items():
        program = Program(code=f"require('{module}')", language="js", scripts=(Script(stdin="", stdout=""),))
        assert box.run(program).status == status


@pytest.mark.parametrize("name", languages.LANGUAGES)
def test_a_prompts_function_is_found(name):
    """The name stands before the brace that a prompt ends in; without a reply there is no program."""
    row = json.loads((FIXTURES / f"multipl_e_{name}.jsonl").read_text().split("\n")[0])
    assert entry_of(name, row["prompt"]) == ("doubleAll" if name == "java" else "double_all")
    assert assembled(name, row["prompt"], row["tests"], row["stop_tokens"], "") is None


def test_a_stop_token_cuts_a_completion_and_braces_in_text_do_not_count():
    """A base model goes on writing; what stands in quotes or comments closes nothing."""
    made = assembled(
        "cpp", "int f() {\n", "}\nint main() {}", ["\n}"], "  char c = '}'; // }\n  return 1;\n}\n\nint g() {"
    )
    assert made is not None
    assert made.code == "int f() {\n  char c = '}'; // }\n  return 1;"
    assert made.tests == "}\nint main() {}"


def test_an_unknown_language_is_refused():
    """A language that nobody runs is one sentence."""
    from rarl_eval.errors import BadInput

    with pytest.raises(BadInput, match="no programs of 'cobol' are run; known: python, cpp"):
        Program(code="", language="cobol", tests="x")
    assert issubclass(SandboxBroken, Exception)
