"""Reports that the tests of the site are run on: realistic in shape, seeded, and hostile where asked."""

import random
from typing import Any

TASKS = {
    "gsm8k": ("math", 1319),
    "svamp": ("math", 1000),
    "math500": ("math", 500),
    "aime24": ("math", 30),
    "humaneval": ("code", 164),
    "cruxeval_output": ("code", 800),
    "tatqa": ("finance", 1668),
    "convfinqa": ("finance", 421),
    "medqa": ("medicine", 1273),
    "pubmedqa": ("medicine", 500),
}
MODELS = [
    "claude-3-5-sonnet-20240620", "Llama-3.1-405B-Inst@sambanova", "gpt-4o-2024-05-13", "gemini-1.5-flash-exp-0827",
    "gemini-1.5-pro-exp-0801", "Meta-Llama-3.1-405B-Instruct@hyperbolic", "gpt-4o-mini-2024-07-18", "Athene-70B",
    "Meta-Llama-3-70B-Instruct", "deepseek-coder", "yi-large-preview", "claude-3-sonnet-20240229", "reka-core-20240501",
    "gemma-2-27b-it@together", "claude-3-haiku-20240307", "gemma-2-9b-it", "Phi-3.5-mini-instruct", "yi-large",
    "Yi-1.5-9B-Chat", "Meta-Llama-3.1-8B-Instruct", "Mistral-Nemo-Instruct-2407", "Qwen/Qwen2-7B-Instruct",
]  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "' onmouseover='alert(1)",
    "javascript:alert(1)", "{{ 7*7 }}{% raw %}", "${7*7}", "abc\u202egnp.exe", "a\u2066b\u2069", "zero\u200bwidth",
    '=HYPERLINK("http://evil.example","x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tTabbed", "line\nbreak",
    "../../etc/passwd", "..", ".", "C:\\Windows\\x", "/abs/olute/path", "nul", "CON", "a/b", "A/B", "index", "x" * 5000,
    "&lt;b&gt;&amp;", "</script><script>", "<!--", "]]>", "\x00nul\x07bell", "e\u0301" + "\u0301" * 200, "\u05d0\u05d1\u05d2 model",
    "100%", "?q=1#frag", "name with  spaces ", "\u2028sep", "--flag", "model-0123456789", "Model", "model", "MODEL", "\ud800",
]  # fmt: skip


def interval(value: float, n: int) -> dict[str, float]:
    """A value with roughly the interval that n items give."""
    half = 1.96 * (max(value * (1 - value), 0.002) / n) ** 0.5
    return {"value": value, "low": max(0.0, value - half), "high": min(1.0, value + half)}


def split(value: float, n: int) -> dict[str, Any]:
    """Accuracy over a part of the items; null where the part is empty."""
    return {"n": n, "accuracy": interval(value, n) if n else None}


def report(models: int = 22, tasks: int = 10, seed: int = 0, *, synthetic: bool = False) -> dict[str, Any]:
    """A report of plausible figures with gaps: unscanned tasks, rows without rewards, lengths in both units."""
    rng = random.Random(seed)
    chosen = list(TASKS)[:tasks]
    names = [MODELS[i] if i < len(MODELS) else f"model-{i:02d}" for i in range(models)]
    skill = {name: rng.gauss(0.75 - 0.012 * i, 0.03) for i, name in enumerate(names)}
    rows = [row(rng, name, task, skill[name]) for task in chosen for name in names]
    scanned = [t for t in chosen if t in _FLAGGED]
    return {
        "schema": 1,
        "created_by": "rarl-eval 0.1.0",
        "synthetic": synthetic,
        "scans": [scan(scanned)],
        "rows": rows,
    }


_FLAGGED = {"gsm8k": 1055, "svamp": 800, "math500": 3, "aime24": 0, "humaneval": 12, "medqa": 40}


def scan(tasks: list[str]) -> dict[str, Any]:
    """One scan of the tasks, in the shape of scan.json's summary."""
    counts = {
        t: {"n": TASKS[t][1], "exact": _FLAGGED[t], "near": min(4, _FLAGGED[t]), "variant": 2, "partial": 5, "too_short": 1,
            "clean": TASKS[t][1] - _FLAGGED[t] - 12}
        for t in tasks
    }  # fmt: skip
    corpora = [{"name": "ft-training_set_math_data.json", "bytes": 4_100_000, "documents": 3260, "sha256": "ab" * 32}]
    return {"path": "/home/somebody/scans/math", "tasks": counts, "corpora": corpora}


def row(rng: random.Random, model: str, task: str, skill: float) -> dict[str, Any]:
    """One model on one task."""
    domain, n = TASKS[task]
    accuracy = min(0.99, max(0.02, skill + rng.gauss(0, 0.05) + {"aime24": -0.5, "gsm8k": 0.2}.get(task, 0.0)))
    found = _FLAGGED.get(task)
    flagged = 0 if found is None else min(n, found + 4)
    drop = rng.uniform(-0.01, 0.06)
    clean = min(1.0, max(0.0, accuracy - drop))
    gain = {"value": accuracy - clean, "low": accuracy - clean - 0.012, "high": accuracy - clean + 0.012}
    return {
        "model": model,
        "task": task,
        "domain": domain,
        "n": n,
        "traces": n,
        "errors": rng.choice([0, 0, 0, 2]),
        "accuracy": interval(accuracy, n),
        "clean": split(clean, n - flagged) if found is not None else {"n": 0, "accuracy": None},
        "flagged": split(min(1.0, accuracy + 0.02), flagged),
        "unscanned": {
            "n": 0 if found is not None else n,
            "accuracy": None if found is not None else interval(accuracy, n),
        },
        "gain": gain if flagged else None,
        "gain_relative": {k: v - 0.02 for k, v in gain.items()} if flagged else None,
        "run": f"run-{model}",
        "length": length(rng, task, n),
        "agreement": [agreement(rng, name, n) for name in (["majority", "prm-7b"] if domain == "math" else [])],
        "stops": {
            "end": n - 5,
            "length": 5,
            "error": 0,
            "unknown": 0,
            "no_answer": rng.randrange(12),
            "ambiguous": 1,
            "loop": 0,
            "new_end": 3,
        },
    }


def length(rng: random.Random, task: str, n: int) -> dict[str, Any]:
    """Length in tokens, or in characters where nobody counted."""
    mean = rng.lognormvariate(6.2, 0.7)
    counted = task != "tatqa" or rng.random() < 0.5
    return {
        "unit": "tokens" if counted else "characters",
        "counted_by": rng.choice(["server", "recorded"]) if counted else None,
        "n": n,
        "mean": {"value": mean, "low": mean * 0.95, "high": mean * 1.05},
        "median": mean * 0.8,
        "p95": mean * 2.5,
        "median_correct": mean * 0.75,
        "median_wrong": mean * 1.2,
        "median_common_correct": rng.choice([None, mean * 0.7]),
        "per_correct": mean * 1.3,
        "truncated": rng.choice([None, 0.004]),
        "delta": rng.uniform(-0.2, 0.6),
        "hidden": False,
        "n_common_correct": 200,
        "budget": {"low": 16.0, "high": 4096.0, "area": 0.5, "curve": [[16.0, 0.0], [4096.0, 0.8]]},
        "intervals": {"median": {"value": mean * 0.8, "low": mean * 0.7, "high": mean * 0.9}, "p95": None},
    }


def agreement(rng: random.Random, name: str, n: int) -> dict[str, Any]:
    """One reward's agreement, with the numbers it cannot have left unknown."""
    auroc = rng.uniform(0.5, 0.95)
    return {
        "reward": name,
        "judge": "self" if name == "majority" else "discriminative",
        "grain": "outcome",
        "n": n,
        "base_rate": 0.8,
        "constant": 0.8,
        "auroc": interval(auroc, n),
        "auroc_within": None,
        "pairwise": None,
        "kappa": {"value": auroc - 0.4, "low": auroc - 0.45, "high": auroc - 0.35} if name == "majority" else None,
        "mcc": None,
        "false_pass": interval(0.2, n),
        "false_fail": interval(0.05, n),
        "note": "",
    }


def hostile(seed: int = 1) -> dict[str, Any]:
    """Every text of the report is one that would like to be more than text."""
    rng = random.Random(seed)
    value = report(2, 2, seed)
    value["created_by"] = HOSTILE[0]
    value["rows"] = []
    for name in HOSTILE:
        entry = row(rng, name, "gsm8k", 0.7)
        entry["agreement"] = [{**agreement(rng, HOSTILE[rng.randrange(12)], 100), "note": name, "judge": name[:400]}]
        entry["length"]["counted_by"] = name
        value["rows"] += [entry, {**row(rng, "plain", "gsm8k", 0.5), "task": name, "domain": HOSTILE[len(name) % 12]}]
    value["scans"] = [
        {
            "path": name,
            "tasks": {name: {"n": 4, "exact": 1, "near": 1}},
            "corpora": [{"name": name, "sha256": name[:70]}],
        }
        for name in HOSTILE
    ]
    return value
