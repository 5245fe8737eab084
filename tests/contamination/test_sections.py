"""Parts of an item that stand alone, or in another form: statements, tables, solutions, misspelt questions."""

import json
from pathlib import Path

import pytest

from rarl_eval.contamination.matching.sections import sections, statement, tables_and_prose
from rarl_eval.evidence.scans import ItemStatus
from rarl_eval.types import Item
from tests.contamination.made import benchmark, run, write_jsonl

STATEMENT = (
    "A lighthouse keeper writes down, night after night, how many ships passed her tower, as a list of whole numbers "
    "called passages. A stretch of nights is calm if no two neighbouring nights of it differ by more than the tolerance. "
    "Return the length of the longest calm stretch of the whole log."
)
EXAMPLES = (
    "Example 1:\n\nInput: passages = [4,6,9,2,3,3], tolerance = 2\nOutput: 3\nExplanation: The last three nights are "
    "calm.\n\nExample 2:\n\nInput: passages = [8,1,8,1,8,1], tolerance = 5\nOutput: 1\nExplanation: Every night differs "
    "by seven from the one before it, so that no two of them are ever calm together."
)
CONSTRAINTS = "Constraints:\n\n1 <= passages.length <= 10^5\n0 <= passages[i] <= 10^9\n0 <= tolerance <= 10^9"
STUB = "class Solution:\n    def longestCalm(self, passages: List[int], tolerance: int) -> int:"
CONTEST = Item(id="calm", question=f"{STATEMENT}\n\n{EXAMPLES}\n\n{CONSTRAINTS}\n\n{STUB}", gold="[3, 1]", tests="[]")

HEAD = (
    "from typing import List\n\n\ndef merge_tides(tides: List[float], gap: float) -> List[float]:\n"
    '    """ Join each tide that rises above the harbour wall with the tide after it, as long as the gap between both\n'
    "    is smaller than the given gap, and keep all other tides of the season in their order.\n"
    '    >>> merge_tides([1.0, 2.5, 2.75], 0.5)\n    [1.0, 5.25]\n    """\n'
)
BODY = (
    "    harbour_wall = sum(tides) / len(tides)\n    merged_tides = []\n    for tide in tides:\n"
    "        previous_tide = merged_tides[-1] if merged_tides else None\n"
    "        if previous_tide is not None and previous_tide > harbour_wall and abs(previous_tide - tide) < gap:\n"
    "            merged_tides[-1] = previous_tide + tide\n        else:\n            merged_tides.append(tide)\n"
    "    return merged_tides\n"
)
FUNCTION = Item(id="tides", question=HEAD, gold=HEAD + BODY, tests="assert merge_tides([], 1) == []")

ROWS = [
    ["", "2021", "2020"],
    ["Harbour dues collected", "$4,812", "$4,377"],
    ["Pilotage fees", "1,934", "1,856"],
    ["Dredging expense", "(2,265)", "(2,418)"],
    ["Lighthouse upkeep", "731", "694"],
]
PROSE = (
    "The port authority keeps its own accounts and the council reads them each spring, long before the ferries run "
    "again and the first visitors ask what the quay has cost. "
) * 4
REPORT = Item(
    id="dues",
    question="By how much did the dredging expense of the authority fall between 2020 and 2021?",
    gold="153",
    context="\n".join(" | ".join(row) for row in ROWS) + "\n\n" + PROSE,
)
PLAIN = [[cell.strip("$()") for cell in row] for row in ROWS]
AS_JSON = json.dumps([{"item": row[0], "2021": row[1], "2020": row[2]} for row in PLAIN[1:]])
TRANSPOSED = "\n".join(" ; ".join(row[n] for row in PLAIN) for n in range(3))
ANOTHER_ORDER = "\n".join("\t".join(row) for row in [PLAIN[0], *reversed(PLAIN[1:])])

TOWER = Item(
    id="tower",
    question="Which harbour did the Wendelstein lighthouse guard?",
    gold="Greifsby",
    context="The Wendelstein lighthouse stood on a reef for ninety winters and guarded the harbour of Greifsby.",
)


def found(tmp_path: Path, item: Item, text: str, domain: str = "code") -> ItemStatus:
    corpus = write_jsonl(tmp_path / "corpus.jsonl", [{"text": text}])
    result, _, _ = run([benchmark([item], domain=domain)], [corpus], tmp_path / "scan")
    return next(iter(result.items.values()))


@pytest.mark.parametrize(
    ("item", "text", "level", "part"),
    [
        (CONTEST, CONTEST.question, "exact", "question"),
        (CONTEST, STATEMENT, "near", "statement"),
        (CONTEST, f"Solve this task.\n{STATEMENT}\nComplete the code:\n```python\n{STUB}\n```", "near", "statement"),
        (FUNCTION, BODY, "exact", "answer"),
        (FUNCTION, f"def merge_tides(tides, gap):\n{BODY}", "exact", "answer"),
    ],
)  # fmt: skip
def test_a_program_is_found_by_its_statement_or_its_solution(
    tmp_path: Path, item: Item, text: str, level: str, part: str
) -> None:
    """A statement without its examples flags, and so does a solution without its prompt."""
    status = found(tmp_path, item, text)
    assert (status.status, status.level, status.part) == ("flagged", level, part)


@pytest.mark.parametrize("text", [EXAMPLES, CONSTRAINTS, STUB, f"{CONSTRAINTS}\n{STUB}", HEAD.partition('"""')[0]])
def test_examples_constraints_and_stubs_flag_nothing_alone(tmp_path: Path, text: str) -> None:
    """What problems have in common is no problem."""
    item = FUNCTION if "merge" in text else CONTEST
    assert found(tmp_path, item, text).status == "clean"


def test_another_goal_makes_another_problem_of_a_statement(tmp_path: Path) -> None:
    """The shortest stretch is not the longest."""
    turned = STATEMENT.replace("longest calm stretch", "shortest calm stretch")
    assert found(tmp_path, CONTEST, turned).status == "clean"


def test_the_evidence_names_the_parts(tmp_path: Path) -> None:
    """The share of each section around the place is told."""
    assert found(tmp_path, CONTEST, f"{STATEMENT}\n\n{STUB}").parts == {
        "statement": 1.0, "examples": 0.0, "constraints": 0.0, "stub": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize("table", [AS_JSON, TRANSPOSED, ANOTHER_ORDER])
def test_a_table_is_told_by_its_values_in_any_form(tmp_path: Path, table: str) -> None:
    """A question about a table flags with the table as JSON, transposed, or with its rows in another order."""
    status = found(tmp_path, REPORT, f"{table}\n{REPORT.question}", "finance")
    assert (status.status, status.level, status.parts["table"]) == ("flagged", "exact", 1.0)


@pytest.mark.parametrize(
    "text", [AS_JSON, REPORT.context, REPORT.question, f"{AS_JSON.replace('8', '5').replace('4', '9')}\n{REPORT.question}"]
)  # fmt: skip
def test_a_table_or_its_question_alone_flags_nothing(tmp_path: Path, text: str) -> None:
    """Others ask the same of tables of their own."""
    assert found(tmp_path, REPORT, text, "finance").status == "clean"


def test_an_answer_of_three_digits_tells_whose_question_it_is(tmp_path: Path) -> None:
    """A question without its passage flags beside its answer, as a value, and not beside another."""
    told = f"{REPORT.question} It fell by 153.0 thousand."
    assert found(tmp_path, REPORT, told, "finance").status == "flagged"
    assert found(tmp_path, REPORT, told.replace("153", "159"), "finance").status == "clean"


@pytest.mark.parametrize(
    ("question", "status"),
    [
        (TOWER.question.replace("Wendelstein", "Wendelstien"), "flagged"),
        (TOWER.question.replace("harbour", "harbur").replace("guard", "gard"), "flagged"),
        (TOWER.question.replace("Wendelstein", "Rotersand"), "clean"),
    ],
)
def test_a_short_question_is_known_with_a_word_or_two_misspelt(tmp_path: Path, question: str, status: str) -> None:
    """Where its passage stands, a question is found though five of its words in a row are not."""
    assert found(tmp_path, TOWER, f"{TOWER.context} {question}", "general").status == status


def test_other_strings_make_another_question_of_a_program(tmp_path: Path) -> None:
    """What f gives for another text is another question."""
    code = "def f(s):\n    return ''.join(letter for letter in reversed(s) if letter not in vowels and letter > s[0])"
    item = Item(id="f", question=f"Read this program:\n{code}\nWhat does f('marzipan') give? Say the string.", gold="x")
    other = item.question.replace("marzipan", "gingerbread")
    assert [found(tmp_path, item, text).level for text in (item.question, other)] == ["exact", "variant"]


def test_sections_are_told_by_headings_and_docstrings() -> None:
    """Statement, examples, constraints and stub, in the ways that contests and functions write them."""
    contest = "Count the gulls.\n\n-----Input-----\n\nOne line.\n\n-----Examples-----\n\nSample Input:\n3\n"
    assert sections(contest) == {
        "statement": "Count the gulls.",
        "constraints": "-----Input-----\n\nOne line.",
        "examples": "-----Examples-----\n\nSample Input:\n3",
    }
    assert list(sections(HEAD)) == ["stub", "statement", "examples"]
    assert statement("Write a function that counts gulls.") == ""


def test_tables_are_told_from_prose() -> None:
    """Rows between bars or tabs are a table, rules of Markdown are not, and a lone bar in prose is prose."""
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n\nProse with | a bar."
    assert tables_and_prose(text) == (("a", "b", "1", "2"), "Prose with a bar.")
