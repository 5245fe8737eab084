"""Prompts that stand in benchmarks, by a scan, are told apart in every figure that needs it."""

import json
from pathlib import Path

from click.testing import CliRunner

from rarl_eval.commands.training import command
from rarl_eval.training.known import KnownPrompts

ITEM = "A farmer fills 12 crates with 7 melons each and gives 5 of the melons away. How many melons are left?"
ROW = {"task": "gsm8k", "key": "k", "id": "1", "level": "exact", "part": "question"}


def told(*arguments: object) -> tuple[int, str]:
    """Exit code and output of the command in this process."""
    done = CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False, catch_exceptions=False)
    return int(done.return_value or 0), done.output


def scan(folder: Path, *rows: dict[str, object]) -> Path:
    """A scan directory of these items."""
    folder.mkdir()
    (folder / "scan.json").write_text(json.dumps({"schema": 1, "counts": {"gsm8k": {}}}))
    lines = [json.dumps({**ROW, "key": str(n), **row}) for n, row in enumerate(rows)]
    (folder / "items.jsonl").write_text("".join(line + "\n" for line in lines))
    return folder


def test_a_prompt_holds_an_item_whatever_stands_around_it(tmp_path: Path) -> None:
    """Template, other case and a changed word or two are the item; another item, its answer, and a clean one are not."""
    known = KnownPrompts([scan(
        tmp_path / "s",
        {"status": "flagged", "text": ITEM},
        {"status": "flagged", "text": "Name the largest moon."},
        {"status": "flagged", "part": "answer", "text": "There are 79 melons left in the end."},
        {"status": "clean", "text": "How many days has a leap year got?"},
    )])  # fmt: skip
    said = [
        f"Solve this.\n{ITEM.upper()} Show your work.", ITEM.replace("farmer", "grower"), "Now name the largest moon. Go!",
        ITEM.replace("melons", "apples"), "There are 79 melons left in the end.", "How many days has a leap year got?", "",
    ]  # fmt: skip
    assert [known.holds(text) for text in said] == [True, True, True, False, False, False, False]


def test_reward_and_truth_on_known_prompts_against_the_others(tmp_path: Path) -> None:
    """Figures by step and over the training, a sentence, and nothing without a scan."""
    asked = [(ITEM, "79", 1.0, "79"), (ITEM, "78", 1.0, "79"), ("What is 4 plus 5?", "8", 0.0, "9")]
    rows = [
        {"prompt": prompt, "completion": f"In round {step} it is {said}.", "reward": paid, "gold": gold, "step": step}
        for step in (1, 2)
        for prompt, said, paid, gold in asked
    ]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = scan(tmp_path / "s", {"status": "flagged", "text": ITEM})
    plain = [tmp_path / "r.jsonl", "--verify", "number", "--out", tmp_path / "o"]
    assert told(*plain)[0] == 0
    assert json.loads((tmp_path / "o" / "training.json").read_text())["standing"] is None
    code, output = told(*plain, "--scan", found)
    written = json.loads((tmp_path / "o" / "training.json").read_text())
    inside = {"rollouts": 4, "judged": 4, "reward": 1.0, "truth": 0.5}
    assert (code, written["standing"]["inside"]) == (0, inside)
    assert written["standing"]["others"] == {"rollouts": 2, "judged": 2, "reward": 0.0, "truth": 0.0}
    assert written["steps"][1]["standing"]["inside"]["rollouts"] == 2
    assert "4 of 6 rollouts answer prompts that stand in a benchmark" in " ".join(output.split())
