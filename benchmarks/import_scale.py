"""`rarl-eval score` over a gigabyte of log: seconds and peak memory of the command, in a process of its own.

    python benchmarks/import_scale.py [--gb 1] [--characters 16000] [--only lm-eval,...]

Writes benchmarks/import_scale.md; with --only the other lines stay. The items are GSM8K's 1,319 where the data folder
has them, else made ones. Each is answered many times by a long text as a reasoning model writes it: sums, doubts, a
second look, a boxed answer, which is wrong in every fourth. Layouts: lm-eval's samples with one filter, and with
GSM8K's two, each of which writes the texts again; inspect's archive and its JSON; plain rows. The time is that of the
whole command: recognised, matched, judged, written. About 3 GB of disk while it runs.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "benchmarks" / "import_scale.md"
sys.path.insert(0, str(ROOT))

from rarl_eval import data, registry  # noqa: E402  the checkout is measured
from rarl_eval.errors import BadInput  # noqa: E402

SECONDS, MEGABYTES = 60, 500
"""To be held, for a gigabyte."""
OPENINGS = ("Okay, so {}", "Let me think about this. {}", "First, I need to find what is asked. {}")
THOUGHTS = (
    "So {a} times {b} is {c}, and I have to take away {b} from it, which leaves {d}.",
    "Wait, is that right? The problem says {b}, not {a}. Let me check that again: {a} + {b} = {e}.",
    "Hmm, but if each of them has {a}, then together that would be \\( {a} \\times {b} = {c} \\).",
    "Alternatively, one could divide {c} by {a} to get {b}. That fits what I had before.",
    "Let me go through it step by step once more, so that nothing is missed about the {a} that remain.",
    "That makes {e} in all. I should be careful with the units here: it is per day, not per week.",
)


class Row(NamedTuple):
    """One item and the texts that answer it."""

    number: int
    question: str
    answer: str
    texts: list[str]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--gb", type=float, default=1.0)
    parser.add_argument("--characters", type=int, default=16000)
    parser.add_argument("--only", default=",".join(LAYOUTS))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        source = items(Path(folder), given.data)
        lines = [measured(name, Path(folder), source, given) for name in given.only.split(",")]
    PAGE.write_text(report(lines, given), "utf-8")


def items(folder: Path, known: Path) -> Path:
    """Return a file of GSM8K's rows: the benchmark's own, or made ones."""
    os.environ["RARL_EVAL_DATA"] = str(known)
    path = folder / "items.jsonl"
    try:
        benchmark = data.load(registry.tasks("gsm8k")[0])
        rows = [{"question": i.question, "answer": f"So.\n#### {i.gold}"} for i in benchmark.items]
    except BadInput:
        asked = (
            "On day {} a baker bakes {} loaves in each of {} ovens and sells all but 5. How many does the baker sell?"
        )
        days = [(n, n + 7, n % 9 + 2) for n in range(1319)]
        rows = [{"question": asked.format(*day), "answer": f"So.\n#### {day[1] * day[2] - 5}"} for day in days]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def long_text(drawn: random.Random, question: str, gold: str, *, right: bool, characters: int) -> str:
    """Return a text of about so many characters that thinks and then answers."""
    parts = [drawn.choice(OPENINGS).format(question)]
    length = len(parts[0])
    while length < characters:
        a, b = drawn.randrange(2, 90), drawn.randrange(2, 90)
        numbers = {"a": a, "b": b, "c": a * b, "d": a * b - b, "e": a + b}
        thought = " ".join(drawn.choice(THOUGHTS).format(**numbers) for _ in range(drawn.randrange(2, 7)))
        parts.append(thought)
        length += len(thought) + 2
    value = gold if right else str(drawn.randrange(1000, 9999))
    said = f"The steps above give the result.\n\n**Final answer:** \\boxed{{{value}}}"
    return "<think>\n" + "\n\n".join(parts) + f"\n</think>\n\n{said}"


def rows(source: Path, characters: int, samples: int) -> Iterator[Row]:
    """Yield every item with its texts."""
    drawn = random.Random(17)
    for number, line in enumerate(source.read_text("utf-8").split("\n")[:-1]):
        row = json.loads(line)
        gold = row["answer"].split("#### ")[1].replace(",", "")
        texts = [long_text(drawn, row["question"], gold, right=drawn.random() < 0.75, characters=characters)
                 for _ in range(samples)]  # fmt: skip
        yield Row(number, row["question"], row["answer"], texts)


def lm_eval(folder: Path, made: Iterator[Row], filters: tuple[str, ...] = ("strict-match",)) -> Path:
    """Write a row a document and filter; every sample of the document stands in it."""
    path = folder / "samples_gsm8k_2026-01-01T00-00-00.000000.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for one in made:
            for name in filters:
                row = {
                    "doc_id": one.number, "doc": {"question": one.question, "answer": one.answer}, "target": one.answer,
                    "arguments": {"gen_args_0": {"arg_0": f"Question: {one.question}\nAnswer:",
                                                 "arg_1": {"until": ["Question:"], "max_gen_toks": 32768}}},
                    "resps": [one.texts], "filtered_resps": [boxed(one.texts[0])], "filter": name,
                    "metrics": ["exact_match"], "doc_hash": f"{one.number:064x}", "prompt_hash": f"{one.number:064x}",
                    "target_hash": f"{one.number:064x}", "exact_match": 1.0,
                }  # fmt: skip
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def two_filters(folder: Path, made: Iterator[Row]) -> Path:
    """GSM8K's own two filters, all rows of one before those of the other."""
    path = lm_eval(folder, made)
    again = folder / "again.jsonl"
    with path.open("rb") as first, again.open("wb") as out:
        out.writelines(line.replace(b'"filter": "strict-match"', b'"filter": "flexible-extract"') for line in first)
    with path.open("ab") as out, again.open("rb") as first:
        shutil.copyfileobj(first, out)
    again.unlink()
    return path


def boxed(text: str) -> str:
    """Return the last box."""
    return (re.findall(r"boxed\{([^}]*)\}", text) or ["[invalid]"])[-1]


def inspect_sample(one: Row, epoch: int, text: str) -> dict[str, Any]:
    """Return a sample of inspect's log, its message in the talk and in the output, as it writes them."""
    thought, _, said = text.removeprefix("<think>\n").partition("\n</think>\n\n")
    content = [{"type": "reasoning", "reasoning": thought}, {"type": "text", "text": said}]
    message = {"role": "assistant", "content": content, "source": "generate", "model": "acme/thinker"}
    asked = {"role": "user", "content": one.question, "source": "input"}
    return {
        "id": one.number, "epoch": epoch, "input": one.question, "target": one.answer.split("#### ")[1],
        "messages": [asked, message],
        "output": {"model": "acme/thinker", "choices": [{"message": message, "stop_reason": "stop"}],
                   "completion": said, "usage": {"input_tokens": 90, "output_tokens": 4000, "total_tokens": 4090}},
        "scores": {"match": {"value": "C", "answer": boxed(said), "explanation": said}},
        "metadata": {}, "store": {}, "events": [], "attachments": {},
    }  # fmt: skip


def header() -> dict[str, Any]:
    """Return what inspect's logs say of the whole."""
    return {"version": 2, "status": "success", "plan": {"config": {}}, "results": {"scores": []},
            "eval": {"model": "acme/thinker", "task": "gsm8k", "packages": {"inspect_ai": "0.3.285"},
                     "dataset": {"name": "gsm8k", "sample_ids": list(range(1319))}}}  # fmt: skip


def inspect(folder: Path, made: Iterator[Row]) -> Path:
    """Write the archive, deflated; its size is that of what it unfolds to."""
    path = folder / "gsm8k.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("header.json", json.dumps(header()))
        for one in made:
            for epoch, text in enumerate(one.texts, start=1):
                sample = json.dumps(inspect_sample(one, epoch, text), indent=2)
                archive.writestr(f"samples/{one.number}_epoch_{epoch}.json", sample)
    return path


def inspect_json(folder: Path, made: Iterator[Row]) -> Path:
    """Write one object with every sample in a list."""
    path = folder / "gsm8k.json"
    with path.open("w", encoding="utf-8") as out:
        out.write(json.dumps(header(), indent=2)[:-2] + ',\n  "samples": [')
        for place, (one, epoch, text) in enumerate((o, e, t) for o in made for e, t in enumerate(o.texts, start=1)):
            out.write(f"{',' if place else ''}\n" + json.dumps(inspect_sample(one, epoch, text), indent=2))
        out.write("\n  ]\n}\n")
    return path


def plain(folder: Path, made: Iterator[Row]) -> Path:
    """Write a row a text, with question and gold."""
    path = folder / "outputs.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for one in made:
            for text in one.texts:
                row = {"id": one.number, "question": one.question, "gold": one.answer, "response": text}
                out.write(json.dumps(row) + "\n")
    return path


class Layout(NamedTuple):
    """How a log is written, and how often each text stands in it."""

    write: Callable[[Path, Iterator[Row]], Path]
    copies: int


LAYOUTS = {
    "lm-eval": Layout(lm_eval, 1),
    "lm-eval two filters": Layout(two_filters, 2),
    "inspect .eval": Layout(inspect, 2),
    "inspect .json": Layout(inspect_json, 2),
    "jsonl": Layout(plain, 1),
}


class Measured(NamedTuple):
    """One command."""

    layout: str
    gigabytes: float
    texts: int
    wall: float
    processor: float
    megabytes: float
    written: float
    """Size of the run over that of the texts."""


def measured(name: str, folder: Path, source: Path, given: argparse.Namespace) -> Measured:
    """Write a log, score it, remove it."""
    layout = LAYOUTS[name]
    samples = max(1, round(given.gb * 1e9 / layout.copies / given.characters / 1319))
    path = layout.write(folder, rows(source, given.characters, samples))
    size = path.stat().st_size
    if path.suffix == ".eval":
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    command = [sys.executable, "-m", "rarl_eval", "score", str(path), "-t", "gsm8k", "--source", f"gsm8k={source}",
               "-o", str(folder / "run"), "--model", "m"]  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        sys.exit(f"{name}: the command ended with {os.waitstatus_to_exitcode(status)}")
    texts = samples * 1319
    written = sum(file.stat().st_size for file in (folder / "run").rglob("*") if file.is_file())
    for file in (path, *(folder / "run").rglob("*")):
        if file.is_file():
            file.unlink()
    return Measured(name, size / 1e9, texts, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000,
                    written / (texts * given.characters))  # fmt: skip


def report(lines: list[Measured], given: argparse.Namespace) -> str:
    """Return the page."""
    kept = PAGE.read_text("utf-8").split("\n") if PAGE.exists() else []
    written = {line.split("|")[1].strip(): line for line in kept if line.startswith("| ")}
    written |= {
        m.layout: f"| {m.layout} | {m.gigabytes:.2f} | {m.texts:,} | {given.characters:,} | {m.wall:.1f} "
        f"| {m.processor:.1f} | {os.getloadavg()[0]:.1f} | {m.megabytes:.0f} | {m.written:.2f} |"
        for m in lines
    }
    head = (
        "# A gigabyte of log\n\n`python benchmarks/import_scale.py`\n\n"
        f"1,319 items of GSM8K; `score` from the file to the run, {os.cpu_count()} cores. To be held for a gigabyte: "
        f"{SECONDS} s and {MEGABYTES} MB.\nOther work slows the wall, not the processor time; the load is that of the "
        "minute in which it ended. Stored: size of the run over that of\nthe texts, each of which is kept once.\n\n"
        "| log | GB | texts | characters each | wall s | processor s | load | peak MB | stored |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    )
    return head + "".join(f"{written[name]}\n" for name in LAYOUTS if name in written)


if __name__ == "__main__":
    main()
