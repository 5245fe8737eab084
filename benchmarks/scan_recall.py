"""Item-level recall of contamination scanners by class of leak, from a seeded generator.

    python benchmarks/scan_recall.py --data ../shared/data --seed 1 [--decon /path/to/python3.12-with-decontaminate]

Each class takes its own items of real benchmarks, changes them, and plants each in a document of real text (the
documentation and sources of installed packages). Beside ours: a plain lookup of word 8-grams, and allenai/decon with
its defaults and with its most sensitive settings. Another seed gives other items, changes and places; thresholds were
chosen on other seeds than the one reported. Writes its table to scan_recall.md.
"""

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

# A script's own folder comes first on the path, where coverage.py would hide the package that numba looks for.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import msgspec  # noqa: E402

from rarl_eval.contamination.scan import scan  # noqa: E402
from rarl_eval.evidence.scans import read_scan  # noqa: E402
from rarl_eval.types import Benchmark, Item, Source, Task, Verdict  # noqa: E402

Key = tuple[str, str]
Pools = dict[str, Benchmark]
Found = dict[str, set[Any]]

Plant = Callable[[Item, random.Random, list[str]], str]
TARGETS = {
    "verbatim": 0.99, "format": 0.99, "markup": 0.99, "hyphenation": 0.99, "embedded": 0.99, "edited 10 %": 0.99,
    "edited 20 %": 0.95, "edited 30 %": 0.85, "numbers changed": 0.98, "half": 0.9, "shuffled": 0.95,
    "answer only": 0.95, "short": 0.95, "short, question alone": None, "renamed code": 0.9, "options only": None,
    "other LaTeX": None, "split over fields": None,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--items", type=int, default=150, help="items per class")
    parser.add_argument("--clean", type=int, default=12_000, help="clean documents")
    parser.add_argument("--decon", help="Python of an environment with decontaminate")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    pools = load(args.data)
    filler = list(documents(args.clean + 6000))
    rng.shuffle(filler)
    clean, filler = filler[: args.clean], filler[args.clean :]
    vocabulary = re.findall(r"[a-z]{3,}", " ".join(filler[:300]).lower())
    planted, rows = plant(pools, args.items, rng, vocabulary, filler)
    with tempfile.TemporaryDirectory() as folder:
        table = measure(Path(folder), pools, rows, clean, args.decon)
    text = render(table, planted, args, len(clean))
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def load(data: Path) -> dict[str, Benchmark]:
    """Real benchmarks by name; items of one key are taken once."""
    gsm8k = [
        Item(id=str(n), question=r["question"], gold=r["answer"].split("####")[1].strip(), solution=r["answer"])
        for n, r in enumerate(jsonl(data / "math/gsm8k/test.jsonl.gz"))
    ]
    medicine = [
        Item(id=f"{name}{n}", question=r["question"], gold=r["answer_idx"], choices=tuple(r["options"].values()))
        for name in ("medqa", "medmcqa", "mmlu")
        for n, r in enumerate(jsonl(data / f"medical/medagents_data/{name}.jsonl.gz"))
    ]
    code = [
        Item(
            id=r["task_id"], question=r["prompt"], gold=r["entry_point"], solution=r["prompt"] + r["canonical_solution"]
        )
        for r in jsonl(data / "code/humaneval/HumanEval.jsonl.gz")
    ]
    maths = [
        Item(id=r["unique_id"], question=r["problem"], gold=r["answer"])
        for r in json.loads((data / "math/rllm_math/test_math.json").read_text())
    ]
    pools = {
        "gsm8k": ("math", gsm8k),
        "medicine": ("medicine", medicine),
        "code": ("code", code),
        "math": ("math", maths),
    }
    return {name: benchmark(name, domain, items) for name, (domain, items) in pools.items()}


def benchmark(name: str, domain: str, items: list[Item]) -> Benchmark:
    by_key = {item.key: item for item in items}
    unique = tuple(by_key.values())
    source = Source(path=name, split="test", licence="see source", released="2020-01-01")
    task = Task(
        name=name, domain=domain, source=source, item=lambda _: None, verify=lambda *_: Verdict(status="no_answer"),
        prompt=lambda _: [], paper="",
    )  # type: ignore[arg-type]  # fmt: skip
    return Benchmark(
        task=task,
        items=unique,
        origin=name,
        revision=None,
        fingerprint=blake2b("".join(by_key).encode(), digest_size=16).hexdigest(),
    )


def jsonl(path: Path) -> list[dict]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as stream:
        return msgspec.json.Decoder().decode_lines(stream.read())


def documents(most: int) -> Iterator[str]:
    """Real text: documentation and sources of the installed packages, in pieces of some paragraphs."""
    count = 0
    roots = [Path(p) for p in sys.path if p.endswith("site-packages")] + [
        Path("/usr/share/doc"),
        Path("/usr/lib/python3"),
    ]
    for root in roots:
        for path in sorted(
            p for pattern in ("*.md", "*.rst", "METADATA", "*.txt", "*.py") for p in root.rglob(pattern)
        ):
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            for at in range(0, min(len(text), 60_000), 3000):
                if len(text[at : at + 3000]) > 300:
                    yield text[at : at + 3000]
                    count += 1
                    if count >= most:
                        return


def plant(
    pools: Pools, n: int, rng: random.Random, vocabulary: list[str], filler: list[str]
) -> tuple[list[tuple[str, str, str]], list[dict[str, str]]]:
    """(class, task, key) of what was planted, and the rows that hold it."""
    unused = {name: rng.sample(b.items, len(b.items)) for name, b in pools.items()}
    planted, rows = [], []
    for name, (pool, fits, change) in CLASSES.items():
        took = 0
        for item in list(unused[pool]):
            if took == n or not fits(item):
                continue
            unused[pool].remove(item)
            took += 1
            planted.append((name, pool, item.key))
            rows.append(row(name, item, change, rng, vocabulary, filler))
    return planted, rows


def row(name: str, item: Item, change: Plant, rng: random.Random, vocabulary: list[str], filler: list[str]) -> dict:
    text = change(item, rng, vocabulary)
    if name == "split over fields":
        words = text.split(" ")
        cut = len(words) // 2
        return {"instruction": " ".join(words[:cut]), "input": " ".join(words[cut:]), "text": text}
    pieces = rng.sample(filler, 20 if name == "embedded" else 2)
    middle = len(pieces) // 2
    return {"text": "\n\n".join([*pieces[:middle], text, *pieces[middle:]])}


def words_of(item: Item) -> int:
    return len(item.question.split())


def long(item: Item) -> bool:
    return words_of(item) >= 20


def edited(share: float) -> Plant:
    def change(item: Item, rng: random.Random, vocabulary: list[str]) -> str:
        words = item.question.split()
        for at in rng.sample(range(len(words)), round(share * len(words))):
            words[at] = rng.choice(["", rng.choice(vocabulary), words[at] + " " + rng.choice(vocabulary)])
        return " ".join(w for w in words if w)

    return change


def reformatted(item: Item, rng: random.Random, _: list[str]) -> str:
    text = item.question.upper() if rng.random() < 0.5 else item.question.lower()
    text = text.replace("'", "’").replace('"', "“").replace(". ", " . ").replace(", ", " ,\n  ")
    wide = {ord(c): ord(c) + 0xFEE0 for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"}
    return text.translate(wide) if rng.random() < 0.3 else text


def marked_up(item: Item, rng: random.Random, _: list[str]) -> str:
    tags = [
        ("<b>", "</b>"),
        ("<span class='x'>", "</span>"),
        ("**", "**"),
        ("\\textbf{", "}"),
        ('<a href="u">', "</a>"),
    ]
    out = []
    for word in item.question.split():
        before, after = rng.choice(tags) if rng.random() < 0.4 else ("", "")
        out.append(f"{before}{word}{after}")
    return "<p>" + "&nbsp;".join(out) + "</p>"


def hyphenated(item: Item, rng: random.Random, _: list[str]) -> str:
    out = []
    for word in item.question.split():
        breaks = len(word) > 6 and word.isalpha() and rng.random() < 0.5
        cut = rng.randint(2, len(word) - 2) if breaks else 0
        out.append(f"{word[:cut]}-\n{word[cut:]}" if breaks else word)
    return "\n".join(" ".join(out[at : at + 9]) for at in range(0, len(out), 9))


def renumbered(item: Item, rng: random.Random, _: list[str]) -> str:
    return re.sub(r"\d+", lambda m: str(int(m[0]) + rng.randint(1, 90)), item.question)


def halved(item: Item, rng: random.Random, _: list[str]) -> str:
    words = item.question.split()
    cut = len(words) // 2
    return " ".join(words[:cut] if rng.random() < 0.5 else words[cut:])


def shuffled(item: Item, rng: random.Random, _: list[str]) -> str:
    sentences = re.split(r"(?<=[.?!])\s+", item.question)
    rng.shuffle(sentences)
    return " ".join(sentences)


def renamed(item: Item, rng: random.Random, vocabulary: list[str]) -> str:
    code = undocumented(item)
    names = set(re.findall(r"\bdef (\w+)|(\w+)\s*=[^=]|for (\w+) in|[(,] ?(\w+): ", code))
    for name in sorted({n for group in names for n in group if n and len(n) > 0}):
        code = re.sub(rf"\b{re.escape(name)}\b", rng.choice(vocabulary) + "_" + rng.choice(vocabulary), code)
    return code


def undocumented(item: Item) -> str:
    return re.sub(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'', '"""Do it."""', item.solution or "")


def other_latex(item: Item, _: random.Random, __: list[str]) -> str:
    text = (
        item.question.replace("\\frac", "\\dfrac").replace("\\left", "").replace("\\right", "").replace("$", "\\(", 1)
    )
    text = re.sub(r"\^(\w)", r"^{\1}", text).replace("\\cdot", "\\times").replace("$", " $ ")
    return text.replace("\\le ", "\\leq ").replace("\\ge ", "\\geq ").replace("+", " + ")


def question(item: Item, *_: object) -> str:
    return item.question


CLASSES: dict[str, tuple[str, Callable[[Item], bool], Plant]] = {
    "short": (
        "medicine",
        lambda i: 6 <= words_of(i) <= 13,
        lambda i, *_: f"Question: {i.question}\nAnswer: {i.choices[ord(i.gold) - 65]}",
    ),
    "short, question alone": ("medicine", lambda i: 6 <= words_of(i) <= 13, question),
    "options only": (
        "medicine",
        lambda i: sum(len(c.split()) for c in i.choices) >= 16,
        lambda i, *_: "\n".join(f"{chr(65 + n)}. {c}" for n, c in enumerate(i.choices)),
    ),
    "verbatim": ("medicine", long, question),
    "format": ("medicine", long, reformatted),
    "markup": ("medicine", long, marked_up),
    "hyphenation": ("medicine", long, hyphenated),
    "embedded": ("medicine", long, question),
    "split over fields": ("medicine", long, question),
    "edited 10 %": ("gsm8k", long, edited(0.1)),
    "edited 20 %": ("gsm8k", long, edited(0.2)),
    "edited 30 %": ("gsm8k", long, edited(0.3)),
    "numbers changed": ("gsm8k", lambda i: long(i) and bool(re.search(r"\d", i.question)), renumbered),
    "half": ("gsm8k", lambda i: words_of(i) >= 30, halved),
    "shuffled": ("gsm8k", lambda i: len(re.split(r"(?<=[.?!])\s+", i.question)) >= 3, shuffled),
    "answer only": ("gsm8k", lambda i: len((i.solution or "").split()) >= 20, lambda i, *_: i.solution or ""),
    "renamed code": ("code", lambda i: len(re.findall(r"\w+|[^\w\s]", undocumented(i))) >= 35, renamed),
    "other LaTeX": ("math", lambda i: "\\" in i.question and words_of(i) >= 12, other_latex),
}


def measure(
    folder: Path, pools: Pools, rows: list[dict[str, str]], clean: list[str], decon: str | None
) -> dict[str, Found]:
    """Items found by each scanner: {scanner: {"found", "flagged", "clean hits"}}."""
    (folder / "corpus").mkdir()
    (folder / "corpus" / "dirty.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (folder / "corpus" / "clean.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in clean))
    return {"ours": ours(folder, pools), "8-gram lookup": eight_grams(folder, pools)} | decons(folder, pools, decon)


def ours(folder: Path, pools: Pools) -> Found:
    scan(list(pools.values()), [folder / "corpus"], folder / "scan", say=print, progress=lambda *_: None)
    found = read_scan(folder / "scan").items
    hits = {k for k, i in found.items() if i.level and "dirty" in (i.document or "")}
    flagged = {k for k, i in found.items() if i.status == "flagged" and "dirty" in (i.document or "")}
    clean = set()
    for i in found.values():
        places = [{"level": i.level, "document": i.document}, *i.others]
        clean |= {p["document"] for p in places if p["level"] in {"exact", "near"} and "clean" in (p["document"] or "")}
    return {"found": hits, "flagged": flagged, "clean": clean}


def eight_grams(folder: Path, pools: Pools) -> Found:
    index = defaultdict(set)
    for name, pool in pools.items():
        for item in pool.items:
            words = re.findall(r"\w+", item.question.lower())
            for at in range(len(words) - 7):
                index[tuple(words[at : at + 8])].add((name, item.key))
    found, clean = set(), set()
    for file in ("dirty", "clean"):
        for number, line in enumerate((folder / "corpus" / f"{file}.jsonl").read_text().split("\n")):
            words = re.findall(r"\w+", " ".join(map(str, json.loads(line).values())).lower()) if line else []
            for at in range(len(words) - 7):
                hit = index.get(tuple(words[at : at + 8]))
                if hit and file == "dirty":
                    found |= hit
                elif hit:
                    clean.add(number)
    return {"found": found, "flagged": found, "clean": clean}


DECON = """
import json, sys, decon
options = json.loads(sys.argv[1])
decon.detect(decon.Config(**options))
"""
SENSITIVE = {
    "sample_every_m_tokens": 1, "contamination_score_threshold": 0.3, "eval_min_token_length": 1,
    "eval_min_unique_word_count": 1, "perfect_match_decay_start": 0, "perfect_match_decay_end": 1,
}  # fmt: skip


def decons(folder: Path, pools: Pools, python: str | None) -> dict[str, Found]:
    if not python:
        return {}
    (folder / "evals").mkdir()
    keys, lines = [], []
    for name, pool in pools.items():
        for item in pool.items:
            answer = item.solution or (item.choices[ord(item.gold) - 65] if item.choices else item.gold)
            lines.append(
                {"eval_key": name, "eval_instance_index": len(keys), "doc_id": len(keys) + 1, "split": "test",
                 "question": item.question, "answer": answer, "is_correct": True, "fingerprint": item.key}
            )  # fmt: skip
            keys.append((name, item.key))
    (folder / "evals" / "evals.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return {
        f"decon, {how}": one_decon(folder, how, python, keys, options)
        for how, options in (("defaults", {}), ("sensitive", SENSITIVE))
    }


def one_decon(folder: Path, how: str, python: str, keys: list[Key], options: dict[str, Any]) -> Found:
    out = folder / f"decon-{how}"
    told = {"training_dir": str(folder / "corpus"), "evals_dir": str(folder / "evals"), "report_output_dir": str(out)}
    subprocess.run([python, "-c", DECON, json.dumps(told | options)], check=True, stdout=subprocess.DEVNULL)
    found, clean = set(), set()
    for path in out.rglob("*.jsonl"):
        for hit in jsonl(path):
            if "clean" in str(hit.get("training_file", path)):
                clean.add(hit.get("training_line"))
            else:
                found.add(keys[int(hit["eval_instance_index"])])
    return {"found": found, "flagged": found, "clean": clean}


def render(table: dict[str, Found], planted: list[tuple[str, str, str]], args: argparse.Namespace, clean: int) -> str:
    by_class = defaultdict(list)
    for name, task, key in planted:
        by_class[name].append((task, key))
    scanners = list(table)
    heads = ["class", "n", "target", "ours, any level", "ours, flagged", *scanners[1:]]
    lines = [f"Seed {args.seed}. Item-level recall.", "", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, target in TARGETS.items():
        keys = by_class[name]
        if keys:
            found = [share(keys, table["ours"]["found"]), share(keys, table["ours"]["flagged"])]
            found += [share(keys, table[s]["found"]) for s in scanners[1:]]
            lines.append(f"| {name} | {len(keys)} | {target or '-'} | " + " | ".join(f"{f:.3f}" for f in found) + " |")
    lines += [
        "",
        f"Clean documents flagged, of {clean}: " + ", ".join(f"{s} {len(table[s]['clean'])}" for s in scanners),
    ]
    return "\n".join(lines) + "\n"


def share(keys: list, found: set) -> float:
    return sum(k in found for k in keys) / len(keys)


if __name__ == "__main__":
    main()
