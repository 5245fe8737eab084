"""Real corpora with known contamination: every figure of the table in the data folder's README."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.contamination.paraphrase.choose import Paraphrasing
from rarl_eval.evidence.scans import ItemStatus, ScanResult
from rarl_eval.types import Benchmark, Item
from tests.contamination.made import benchmark, run, write_jsonl


def rows(path: Path) -> list[dict[str, Any]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if data.lstrip().startswith(b"["):
        return list(json.loads(data))
    return [json.loads(line) for line in data.split(b"\n") if line]


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def named(name: str, found: Iterable[tuple[str, str]], domain: str = "math") -> Benchmark:
    return benchmark([Item(id=str(n), question=q, gold=g) for n, (q, g) in enumerate(found)], name, domain)


def gsm8k(shared: Path) -> Benchmark:
    items = [
        Item(id=str(n), question=r["question"], gold=r["answer"].split("####")[1].strip(), solution=r["answer"])
        for n, r in enumerate(rows(shared / "math/gsm8k/test.jsonl.gz"))
    ]
    return benchmark(items, "gsm8k")


def svamp(shared: Path) -> Benchmark:
    return named(
        "svamp",
        (
            (f"{r['Body']} {r['Question']}", str(r["Answer"]))
            for r in rows(shared / "math/qwen_math_eval/svamp.test.jsonl")
        ),
    )


def levels(result: ScanResult) -> dict[str, dict[str, int]]:
    return {task: {k: n for k, n in c.items() if n} for task, c in result.report["counts"].items()}


def test_llm_adapters_training_set(shared: Path, tmp_path: Path) -> None:
    """Exactly the items it holds verbatim are exact: 1,055 of GSM8K, 800 of SVAMP, 203 of AQuA, and nothing else of them."""
    aqua = [
        Item(id=str(n), question=r["question"], gold=r["correct"], choices=tuple(r["options"]))
        for n, r in enumerate(rows(shared / "math/qwen_math_eval/aqua.test.jsonl"))
    ]
    corpus = shared / "math/llm_adapters/ft-training_set_math_data.json.gz"
    result = run([gsm8k(shared), svamp(shared), benchmark(aqua, "aqua")], [corpus], tmp_path / "out")[0]
    held = [plain(r["instruction"]) for r in rows(corpus)]
    counts = levels(result)
    assert (counts["gsm8k"]["exact"], counts["gsm8k"]["flagged"]) == (1055, 1055)
    assert (counts["aqua"]["exact"], counts["aqua"]["flagged"]) == (203, 203)
    assert counts["svamp"]["exact"] == 800
    assert counts["svamp"]["variant"] >= 180
    by_key = gsm8k(shared).by_key | svamp(shared).by_key
    texts = set(held)
    told = [
        (found.level == "exact", plain(by_key[key].question) in texts)
        for (_, key), found in result.items.items()
        if key in by_key
    ]
    assert [a for a, _ in told] == [b for _, b in told]


@pytest.mark.parametrize(("name", "verbatim"), [("AddSub", 330), ("MultiArith", 491), ("SingleEq", 425)])
def test_mawps_parts_in_the_training_set(shared: Path, tmp_path: Path, name: str, verbatim: int) -> None:
    """What is verbatim is exact; the few more that are differ from their copy in a thousands comma alone."""
    folder = shared / "math/llm_adapters"
    tests = named(name, ((r["instruction"], str(r["answer"])) for r in rows(folder / f"{name}_test.json")))
    corpus = folder / "ft-training_set_math_data.json.gz"
    result = run([tests], [corpus], tmp_path / "out")[0]
    texts = {plain(r["instruction"]) for r in rows(corpus)}
    commaless = {plain(re.sub(r"(\d),(\d{3})", r"\1\2", r["instruction"])) for r in rows(corpus)}
    held = [i for i in tests.items if plain(i.question) in texts]
    assert len(held) == verbatim
    assert all(result.items[name, i.key].level == "exact" for i in held)
    more = [i for i in tests.items if i not in held and result.items[name, i.key].level == "exact"]
    assert all(plain(re.sub(r"(\d),(\d{3})", r"\1\2", i.question)) in commaless for i in more)


@pytest.mark.parametrize(
    ("corpus", "most_gsm8k", "most_svamp"),
    [("math/gsm8k/train.jsonl.gz", 2, 2), ("math/llm_adapters/mawps_trainset.json.gz", 0, 4)],
)
def test_clean_controls_are_clean(shared: Path, tmp_path: Path, corpus: str, most_gsm8k: int, most_svamp: int) -> None:
    """GSM8K's own training set and MAWPS flag next to nothing of GSM8K and SVAMP."""
    counts = levels(run([gsm8k(shared), svamp(shared)], [shared / corpus], tmp_path / "out")[0])
    assert counts["gsm8k"].get("flagged", 0) <= most_gsm8k
    assert counts["svamp"].get("flagged", 0) <= most_svamp


def test_mmlu_pro_from_mmlu(shared: Path, tmp_path: Path) -> None:
    """All 506 questions of MMLU-Pro that stand in MMLU are exact, short ones included, and no other is flagged."""
    theirs = json.loads(gzip.decompress((shared / "medical/mirage_benchmark/benchmark.json.gz").read_bytes()))["mmlu"]
    corpus = write_jsonl(tmp_path / "mmlu.jsonl", theirs.values())
    pro = [
        Item(id=str(n), question=r["question"], gold=r["answer_idx"], choices=tuple(r["options"].values()))
        for n, r in enumerate(rows(shared / "medical/medagents_data/mmlu-pro.jsonl.gz"))
    ]
    result = run([benchmark(pro, "mmlu_pro", "medicine")], [corpus], tmp_path / "out")[0]
    questions = {plain(r["question"]) for r in theirs.values()}
    held = {i.key for i in pro if plain(i.question) in questions}
    assert {i.key for i in result.items.values() if i.level == "exact"} == held
    assert {i.key for i in result.items.values() if i.status == "flagged"} == held
    assert sum(plain(i.question) in questions for i in pro) == 506


@pytest.mark.parametrize(
    ("corpus", "seen"),
    [
        ("HumanEval.jsonl", {"exact": 163}),
        ("humaneval_python.jsonl", {"near": 8, "variant": 8, "partial": 12, "paraphrase": 46}),
        ("humaneval_js.jsonl", {"near": 15, "variant": 10, "partial": 1, "paraphrase": 88}),
        ("humaneval_c.jsonl", {"near": 18, "variant": 6, "partial": 2, "paraphrase": 85}),
        ("humaneval_multi.jsonl.gz", {"near": 68, "variant": 10, "partial": 2, "paraphrase": 76}),
    ],
)
def test_humaneval_rephrased_and_translated(shared: Path, tmp_path: Path, corpus: str, seen: dict[str, int]) -> None:
    """Of 164 problems, how many have their own counterpart as best evidence: few rewritten ones are flagged copies."""
    told = humaneval_in(shared, tmp_path, shared / "code/llm_decontaminator_code" / corpus)
    own = (
        f.level for n, f in enumerate(told, start=1) if f.document and int(f.document.split(":")[1]) % 164 == n % 164
    )
    assert dict(Counter(own)) == seen


def test_humaneval_in_codealpaca(shared: Path, tmp_path: Path) -> None:
    """Of 18 neighbours labelled the same task none is a copy, 4 are proposed; of 146 labelled another, 4 are too."""
    pairs = rows(shared / "code/llm_decontaminator_code/CodeAlpacaDB.jsonl")
    corpus = write_jsonl(tmp_path / "c.jsonl", ({"text": row["train"][0]} for row in pairs))
    told = humaneval_in(shared, tmp_path, corpus)
    same = [row["results"][0] for row in pairs]
    assert Counter(zip(same, (found.level for found in told), strict=True)) == {
        (True, None): 14, (True, "paraphrase"): 4, (False, None): 140, (False, "paraphrase"): 4, (False, "partial"): 2,
    }  # fmt: skip


def humaneval_in(shared: Path, tmp_path: Path, corpus: Path) -> list[ItemStatus]:
    """What is found of each problem, in order, paraphrases looked for."""
    items = [
        Item(
            id=r["task_id"], question=r["prompt"], gold=r["entry_point"], tests=r["test"],
            solution=r["prompt"] + r["canonical_solution"],
        )
        for r in rows(shared / "code/humaneval/HumanEval.jsonl.gz")
    ]  # fmt: skip
    result = run([benchmark(items, "humaneval", "code")], [corpus], tmp_path / "out", paraphrasing=Paraphrasing())[0]
    return [result.items["humaneval", i.key] for i in items]


def test_tatqa_in_another_layout(shared: Path, tmp_path: Path) -> None:
    """All questions of the dev split are found in the flat layout; of the test split four, two of them word for word."""
    corpus = shared / "finance/pot_finance/tatqa_dev.json.gz"
    dev = tatqa(shared / "finance/tatqa/tatqa_dataset_dev.json.gz")
    test = tatqa(shared / "finance/tatqa/tatqa_dataset_test.json.gz")
    result = run([benchmark(dev, "dev", "finance"), benchmark(test, "test", "finance")], [corpus], tmp_path / "out")[0]
    counts = levels(result)
    assert counts["dev"] == {"n": 1667, "exact": 1667, "flagged": 1667}
    assert counts["test"].get("flagged", 0) <= 4


def tatqa(path: Path) -> list[Item]:
    items: dict[str, Item] = {}
    for passage in rows(path):
        table = "\n".join(" | ".join(map(str, line)) for line in passage["table"]["table"])
        text = "\n".join(p["text"] for p in sorted(passage["paragraphs"], key=lambda p: p["order"]))
        for q in passage["questions"]:
            gold = json.dumps(q.get("answer"))
            item = Item(
                id=q["uid"],
                question=q["question"],
                gold=gold,
                context=f"{table}\n{text}",
                group=passage["table"]["uid"],
            )
            items[item.key] = item
    return list(items.values())
