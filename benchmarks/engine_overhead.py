"""Requests a second through the run engine against an instant local server, beside lm-eval's local-completions.

Both get the same questions, the same server and 16 requests at once; the whole command is timed, from start to the
results on disk, ours with verdicts and the store. Ours is then given fewer and more questions, to see what its memory
does. Run:

    python benchmarks/engine_overhead.py --lm-eval PATH_TO_A_VENV_WITH_LM_EVAL [--requests 20000]

Prints a table and writes it to engine_overhead.md beside this file.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Process, Queue
from pathlib import Path

CONCURRENCY = 16
REPLY = {
    "model": "instant",
    "choices": [
        {"index": 0, "text": "The answer is 4.", "message": {"content": "The answer is 4."}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 5},
}

LM_EVAL_TASK = """
task: overhead
dataset_path: json
dataset_kwargs: {{data_files: {{test: {file}}}}}
output_type: generate_until
test_split: test
doc_to_text: "{{{{question}}}}"
doc_to_target: "4"
generation_kwargs: {{until: ["###"], max_gen_toks: 32, do_sample: false}}
metric_list: [{{metric: exact_match}}]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lm-eval", type=Path, help="virtual environment with lm-eval; without it only ours is timed")
    parser.add_argument("--requests", type=int, default=20_000)
    given = parser.parse_args()
    with serving() as port:
        timings = {"rarl-eval": ours(port, given.requests)}
        if given.lm_eval:
            timings["lm-eval local-completions"] = theirs(port, given.requests, given.lm_eval)
        counts = (given.requests * 3 // 20, given.requests, given.requests * 3)
        peaks = {n: timings["rarl-eval"][2] if n == given.requests else ours(port, n)[2] for n in counts}
    text = table(timings, given.requests) + memory(peaks)
    print(text)
    Path(__file__).with_suffix(".md").write_text(text)


def write_rows(path: Path, count: int) -> None:
    lines = (json.dumps({"question": f"What is {n} minus {n - 4}?", "answer": "So.\n#### 4"}) for n in range(count))
    path.write_text("\n".join(lines) + "\n")


def ours(port: int, count: int) -> tuple[float, float, int]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_rows(rows := folder / "rows.jsonl", count)
        command = [
            *(sys.executable, "-m", "rarl_eval", "run", "-t", "gsm8k", "--source", f"gsm8k={rows}"),
            *("-m", "openai:instant", "--base-url", f"http://127.0.0.1:{port}/v1", "--concurrency", str(CONCURRENCY)),
            *("--no-cache", "-q", "-o", str(folder / "run")),
        ]
        found = timed(command, {"PYTHONPATH": str(Path(__file__).parents[1])})
        with sqlite3.connect(folder / "run" / "records.sqlite") as db:
            assert db.execute("SELECT count(*) FROM records WHERE NOT failed").fetchone() == (count,)
        return found


def theirs(port: int, count: int, venv: Path) -> tuple[float, float, int]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_rows(rows := folder / "rows.jsonl", count)
        (folder / "overhead.yaml").write_text(LM_EVAL_TASK.format(file=rows))
        arguments = (
            f"model=instant,base_url=http://127.0.0.1:{port}/v1/completions,num_concurrent={CONCURRENCY},"
            "tokenizer_backend=None,tokenized_requests=False"
        )
        command = [
            *(str(venv / "bin" / "lm_eval"), "run", "--model", "local-completions", "--model_args", arguments),
            *("--tasks", "overhead", "--include_path", place, "--output_path", f"{place}/out", "--log_samples"),
        ]
        return timed(command, {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(folder / "cache")})


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and peak memory in MB of a command."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        wall, process.returncode = time.perf_counter() - began, os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command[:4])} failed:\n{said.read().decode(errors='replace')[-3000:]}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def table(timings: dict[str, tuple[float, float, int]], count: int) -> str:
    lines = [
        f"{count} requests, {CONCURRENCY} at once, {os.cpu_count()} cores; `python benchmarks/engine_overhead.py`\n",
        "| engine | seconds | requests/s | CPU seconds | peak MB |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {wall:.1f} | {count / wall:,.0f} | {cpu:.1f} | {peak} |"
        for name, (wall, cpu, peak) in timings.items()
    ]
    walls = [wall for wall, _, _ in timings.values()]
    if len(walls) == 2:
        lines.append(f"\nlm-eval takes {walls[1] / walls[0]:.1f} times as long.")
    return "\n".join(lines) + "\n"


def memory(peaks: dict[int, int]) -> str:
    told = ", ".join(f"{peak} at {count:,}" for count, peak in peaks.items())
    return f"\nPeak MB of rarl-eval by questions: {told}.\n"


@contextmanager
def serving() -> Iterator[int]:
    """Run the instant server in a process of its own; yield its port."""
    ports: Queue[int] = Queue()
    process = Process(target=serve, args=(ports,), daemon=True)
    process.start()
    try:
        yield ports.get(timeout=10)
    finally:
        process.terminate()


def serve(ports: "Queue[int]") -> None:
    body = json.dumps(REPLY).encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET"):  # its models, which it does not list
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionResetError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


if __name__ == "__main__":
    main()
