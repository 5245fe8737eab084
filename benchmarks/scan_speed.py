"""Speed of contamination scanners, whole command, from files on disk to finished result, one job, CPU seconds.

    python benchmarks/scan_speed.py --data ../shared/data --megabytes 500 [--decon /path/to/python-with-decontaminate]
    python benchmarks/scan_speed.py --data ../shared/data --megabytes 3400 --jobs-alone

The corpus is real text: documentation and sources found under --roots, each distinct file once, as JSONL. Beside ours:
allenai/decon with its defaults and one worker, a lookup of word 8-grams in a set in Python with orjson, and merely
reading and parsing the same files. Each runs in a process of its own; figures are user + system CPU seconds and peak
memory as the kernel counted them; of two jobs the memory of both. Writes its table to scan_speed.md.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent

# A script's own folder comes first on the path, where coverage.py would hide the package that numba looks for.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]
SHARDS = 32
OURS = """
import sys, json
from pathlib import Path
import runpy
benchmarks = runpy.run_path({here!r})["benchmarks"]
from rarl_eval.contamination.scan import scan
scan(benchmarks(Path({data!r})), [{corpus!r}], Path({out!r}), jobs={jobs}, say=print, progress=lambda *_: None)
import gc
gc.freeze()  # as the command does before it ends
"""
INDEX = """
import sys, time
from pathlib import Path
import runpy
benchmarks = runpy.run_path({here!r})["benchmarks"]
from rarl_eval.contamination.matching.index import build
from rarl_eval.contamination.matching.settings import Thresholds
loaded = benchmarks(Path({data!r}))
begin = time.process_time()
index = build(loaded, Thresholds())
print(len(index.items), time.process_time() - begin)
"""
EIGHT = """
import re, sys, orjson
from pathlib import Path
words = re.compile(r"\\w+").findall
index = set()
for line in open({evals!r}, "rb"):
    w = words(orjson.loads(line)["question"].lower())
    index.update(" ".join(w[i:i + 8]) for i in range(len(w) - 7))
hits = 0
for path in sorted(Path({corpus!r}).glob("*.jsonl")):
    for line in open(path, "rb"):
        w = words(orjson.loads(line)["text"].lower())
        hits += any(" ".join(w[i:i + 8]) in index for i in range(len(w) - 7))
print(hits)
"""
PARSE = """
import orjson
from pathlib import Path
for path in sorted(Path({corpus!r}).glob("*.jsonl")):
    for line in open(path, "rb"):
        orjson.loads(line)
"""
PEAK = """
import sys
sys.stderr.write(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
DECON = """
import decon
places = dict(training_dir={corpus!r}, evals_dir={evals_dir!r}, report_output_dir={out!r})
decon.detect(decon.Config(**places, worker_threads=1))
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument(
        "--roots", type=Path, nargs="+", default=[Path("/usr"), Path(sys.base_prefix), Path(sys.prefix)]
    )
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours, of which the median counts")
    parser.add_argument("--jobs-alone", action="store_true", help="only ours, with one job and two; to scan_jobs.md")
    parser.add_argument("--decon", help="Python of an environment with decontaminate")
    args = parser.parse_args()
    if not args.jobs_alone and importlib.util.find_spec("orjson") is None:
        parser.error("the lookup that ours is compared with needs orjson: pip install orjson")
    with tempfile.TemporaryDirectory() as folder:
        text = measure(Path(folder), args)
    place = Path(__file__).with_name("scan_jobs.md") if args.jobs_alone else Path(__file__).with_suffix(".md")
    place.write_text(text, encoding="utf-8")
    print(text)


def measure(folder: Path, args: argparse.Namespace) -> str:
    size = write_corpus(folder / "corpus", args.roots, args.megabytes * 10**6)
    half = folder / "half"
    half.mkdir()
    for path in sorted((folder / "corpus").glob("*.jsonl"))[: SHARDS // 2]:
        os.link(path, half / path.name)
    items = write_evals(folder / "evals", args.data)
    told = {
        "here": str(Path(__file__).resolve()),
        "data": str(args.data.resolve()), "corpus": str(folder / "corpus"), "jobs": 1,
        "evals": str(folder / "evals" / "evals.jsonl"), "evals_dir": str(folder / "evals"), "out": str(folder / "out"),
    }  # fmt: skip
    run(sys.executable, OURS.format(**told | {"corpus": told["evals"], "out": str(folder / "warm")}))
    runs = {
        "rarl-eval, one job": told,
        "rarl-eval, two jobs": told | {"jobs": 2, "out": str(folder / "o2")},
        "rarl-eval, half the corpus": told | {"corpus": str(half), "out": str(folder / "o3")},
    }
    if args.jobs_alone:
        del runs["rarl-eval, half the corpus"]
    each = {name: [] for name in runs}
    for _ in range(args.repeat):
        for name, given in runs.items():
            each[name].append(run(sys.executable, OURS.format(**given)))
    peak = shared_peak(OURS.format(**runs["rarl-eval, two jobs"]))
    each["rarl-eval, two jobs"] = [(cpu, wall, peak) for cpu, wall, _ in each["rarl-eval, two jobs"]]
    rows = [(name, *(statistics.median(figures) for figures in zip(*each[name], strict=True))) for name in runs]
    if args.jobs_alone:
        return render(rows, size, items, [], args.repeat)
    rows.append(("8-gram set lookup, orjson", *run(sys.executable, EIGHT.format(**told))))
    rows.append(("read and parse only, orjson", *run(sys.executable, PARSE.format(**told))))
    if args.decon:
        rows.append(("allenai/decon, one worker", *run(args.decon, DECON.format(**told))))
        empty = folder / "empty"
        empty.mkdir()
        (empty / "one.jsonl").write_text('{"text": "nothing"}\n')
        rows.append(("allenai/decon, index alone", *run(args.decon, DECON.format(**told | {"corpus": str(empty)}))))
    index = subprocess.run(
        [sys.executable, "-c", INDEX.format(**told)], check=True, capture_output=True, text=True
    ).stdout
    return render(rows, size, items, index.split(), args.repeat)


def run(python: str, code: str) -> tuple[float, float, float]:
    """(CPU seconds, wall seconds, peak megabytes) of a process."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [python, "-c", code + PEAK], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {code[:300]}\n{told}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - begin, int(told.split()[-2]) / 1024


def shared_peak(code: str) -> float:
    """Peak megabytes of a command and the processes it starts, pages that they share counted once; a run of its own."""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, start_new_session=True)
    most = 0
    while process.poll() is None:
        most = max(most, sum(proportional_set(entry, process.pid) for entry in Path("/proc").iterdir()))
        time.sleep(0.1)
    return most / 1024


def proportional_set(entry: Path, session: int) -> int:
    """Kilobytes of a process of that session, each page divided by how many share it; 0 for any other."""
    try:
        if not entry.name.isdigit() or os.getsid(int(entry.name)) != session:
            return 0
        lines = (entry / "smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except OSError:
        return 0


def write_corpus(folder: Path, roots: list[Path], wanted: int) -> int:
    """Write ``wanted`` bytes of distinct real files as JSONL in SHARDS shards; returns the bytes written."""
    folder.mkdir()
    streams = [(folder / f"{n}.jsonl").open("wb") for n in range(SHARDS)]
    written = 0
    for number, text in enumerate(texts(roots)):
        line = json.dumps({"id": number, "text": text}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        streams[number % SHARDS].write(line)
        written += len(line)
        if written >= wanted:
            break
    for stream in streams:
        stream.close()
    if written < wanted:
        print(f"only {written / 1e6:.0f} MB of distinct text under {', '.join(map(str, roots))}")
    return written


def texts(roots: list[Path]) -> Iterator[str]:
    suffixes = {".py", ".md", ".rst", ".txt", ".html", ".pyi", ".h", ".c", ".pod", ".pm", ".js", ".tex", ".xml", ""}
    seen = set()
    for root in roots:
        for path in sorted(p for p in root.rglob("*") if p.suffix in suffixes and "/proc" not in str(p)):
            try:
                data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
                text = data.decode("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            digest = hashlib.md5(data).digest()
            if 200 < len(data) < 5_000_000 and "\0" not in text and digest not in seen:
                seen.add(digest)
                yield text


def benchmarks(data: Path) -> list:
    """At least 15,000 items of real benchmarks."""
    from rarl_eval.types import Item

    recall = runpy.run_path(str(HERE / "scan_recall.py"))
    benchmark, jsonl, load = recall["benchmark"], recall["jsonl"], recall["load"]
    pools = load(data)
    train = [
        Item(id=str(n), question=r["question"], gold=r["answer"].split("####")[1].strip(), solution=r["answer"])
        for n, r in enumerate(jsonl(data / "math/gsm8k/train.jsonl.gz"))
    ]
    aqua = [
        Item(id=str(n), question=r["question"], gold=r["correct"], choices=tuple(r["options"]))
        for n, r in enumerate(jsonl(data / "math/qwen_math_eval/aqua.test.jsonl"))
    ]
    svamp = [
        Item(id=str(n), question=r["Body"] + " " + r["Question"], gold=str(r["Answer"]))
        for n, r in enumerate(jsonl(data / "math/qwen_math_eval/svamp.test.jsonl"))
    ]
    more = {"gsm8k_train": train, "aqua": aqua, "svamp": svamp}
    return [*pools.values(), *(benchmark(name, "math", items) for name, items in more.items())]


def write_evals(folder: Path, data: Path) -> int:
    """Write the same items as decon reads them."""
    folder.mkdir()
    count = 0
    with (folder / "evals.jsonl").open("w") as stream:
        for b in benchmarks(data):
            for item in b.items:
                answer = item.solution or (item.choices[ord(item.gold) - 65] if item.choices else item.gold)
                line = {
                    "eval_key": b.task.name, "eval_instance_index": count, "doc_id": count + 1, "split": "test",
                    "question": item.question, "answer": answer, "is_correct": True, "fingerprint": item.key,
                }  # fmt: skip
                stream.write(json.dumps(line) + "\n")
                count += 1
    return count


def render(rows: list, size: int, items: int, index: list[str], repeat: int) -> str:
    ours = rows[0][1]
    machine = f"{platform.processor() or platform.machine()}, Python {platform.python_version()}"
    told = f"{size / 1e6:.0f} MB of real text in {SHARDS} JSONL files, {items:,} items, {machine}."
    lines = [
        f"{told} Whole commands, CPU seconds; ours the median of {repeat} runs in turn.",
        "",
        "| command | CPU s | MB per CPU s | wall s | peak MB | ours is faster by |",
        "|---|---|---|---|---|---|",
    ]
    for name, cpu, wall, peak in rows:
        share = 0.5 if "half" in name else 0.0 if "index alone" in name else 1.0
        speed = f"{size * share / 1e6 / cpu:.0f}" if share else "-"
        lines.append(f"| {name} | {cpu:.1f} | {speed} | {wall:.1f} | {peak:.0f} | {cpu / ours:.1f} |")
    lines.append("")
    if index:
        lines.append(f"Index of {int(index[0]):,} items alone: {float(index[1]):.2f} CPU s.")
    lines.append(f"Two jobs take 1/{rows[0][2] / rows[1][2]:.2f} of the wall time of one.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
