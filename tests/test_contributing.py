"""What CONTRIBUTING.md tells a new owner to do is done here to a copy of the tree, letter by letter."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")

LOOK = """
import sys
from pathlib import Path
from rarl_eval.report.build import build_report
from rarl_eval.report.terminal import render_terminal
from rarl_eval.report.write import write_report
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.site import build_site
from rarl_eval.types import Item, Record, Trace, Verdict

out = Path(sys.argv[1])
items = {i.key: i for i in (Item(id=str(n), question=f"q{n}", gold="1") for n in range(8))}
said = ["correct"] * 5 + ["ambiguous"] * 3
records = [
    Record(trace=Trace(key=i.key, task="t", item_id=i.id, model="m", text="x"), verdict=Verdict(status=status))
    for i, status in zip(items.values(), said, strict=True)
]
info = TaskInfo(domain="math", version=1, fingerprint="f", items=items)
report = build_report([Run(path=Path("runs/a"), manifest={}, tasks={"t": info}, records=records)], replicates=100)
write_report(report, out / "report")
print(*render_terminal(report, 160, full=True), sep=chr(10))
build_site([out / "report"], out / "site", say=lambda line: None)
"""


def section(title: str) -> str:
    """A section of the guide, by the beginning of its title."""
    return GUIDE.split(f"\n## {title}")[1].split("\n## ")[0]


def steps(text: str) -> list[tuple[str, str, str]]:
    """(file, line it goes before, code) of each step."""
    found = re.findall(r"^In `([^`]+)`, before `([^`]+)`.*?\n\n```\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    assert found, "a section without a step"
    return found


def copied(tree: Path) -> Path:
    """A copy of the code; what is not changed is linked."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("rarl_eval", "leaderboards"):
        shutil.copytree(ROOT / name, tree / name, ignore=ignore)
    for name in ("tasks", "contamination"):
        (tree / name).symlink_to(ROOT / name)
    return tree


def followed(tree: Path, text: str) -> set[str]:
    """Do each step of a section; return the files that were changed."""
    for name, anchor, code in steps(text):
        file = tree / name
        before = file.read_text("utf-8")
        assert before.count(f"\n{anchor}") == 1, (name, anchor)
        file.write_text(before.replace(f"\n{anchor}", f"\n{code}{anchor}"), "utf-8")
    return {name for name, _, _ in steps(text)}


def python(tree: Path, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_column_added_as_the_guide_says_is_everywhere(tmp_path: Path) -> None:
    """Two files changed, and terminal, report.md, .csv, .json, site, downloads, methods page and schema have it."""
    tree = copied(tmp_path / "tree")
    assert followed(tree, section("Adding a column")) == {
        "rarl_eval/measures/outcome.py",
        "rarl_eval/report/catalogue.py",
    }
    (tmp_path / "look.py").write_text(LOOK)
    terminal = python(tree, tmp_path / "look.py", tmp_path)
    python(tree, "-m", "rarl_eval.report.schema", tmp_path / "schema.json")
    assert "two answers" in " ".join(terminal.split())
    assert "37.5" in terminal
    report = tmp_path / "report"
    assert json.loads((report / "report.json").read_text())["rows"][0]["ambiguous"] == 0.375
    assert "two answers" in (report / "report.md").read_text()
    assert [row["ambiguous"] for row in csv.DictReader((report / "report.csv").read_text().splitlines())] == ["0.375"]
    site = tmp_path / "site"
    page = (site / "tasks" / "t.html").read_text()
    assert "Two answers,\u00a0%" in page
    assert "<td>37.5" in page
    assert json.loads((site / "data" / "all.json").read_text())[0]["ambiguous"] == 0.375
    told = "Share of the answers whose final span gives two different values."
    assert f'<div id="ambiguous"><dt>Two answers</dt>\n<dd><p>{told}</p>' in (site / "methods.html").read_text()
    schema = json.loads((tmp_path / "schema.json").read_text())
    assert schema["$defs"]["ReportRow"]["properties"]["ambiguous"] == {"type": ["number", "null"], "description": told}
