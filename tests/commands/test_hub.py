"""Commands and the hub: groups with tasks that cannot be had, the cache filled beforehand, locks, resumed runs, doctor."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub_layouts import layout, packed, put, rows_of
from hub_server import Hub, fault, status

from rarl_eval import data, registry
from rarl_eval.cli import main
from rarl_eval.commands import options
from rarl_eval.errors import BadInput
from rarl_eval.runs import store

GSM8K, SVAMP = registry.tasks("gsm8k,svamp")
ROWS = [{"question": f"What is {n} + 1?", "answer": f"Add.\n#### {n + 1}"} for n in range(9)]
Told = tuple[int, str, str]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Run a command in this process; exit code, output and errors."""

    def run(*arguments: object) -> Told:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_a_group_goes_on_with_what_can_be_had(hub: Hub, call: Callable[..., Told], tmp_path: Path) -> None:
    """The others are listed with their reasons, and the exit code is 1; a task that is named itself has to be there."""
    put(hub, GSM8K, ROWS)
    put(hub, SVAMP)
    code, _, said = call("run", "-t", "math", "-m", "echo:5", "--no-cache", "-o", tmp_path / "run")
    assert code == 1, said
    assert {"gsm8k", "svamp"} == store.read_manifest(tmp_path / "run")["tasks"].keys() - {"demo_math"}
    assert "left out: aqua: the hub has no dataset deepmind/aqua_rat" in said
    every = [t.name for t in registry.tasks("math")]
    others = [name for name in every if name not in {"gsm8k", "svamp", "demo_math"}]
    assert f"{len(others)} of {len(every)} tasks are left out: {', '.join(others)}" in said
    code, _, said = call("run", "-t", "gsm8k,aqua", "-m", "echo:5", "-o", tmp_path / "other")
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("rarl-eval: error: aqua: the hub has no dataset")
    hub.repos.clear()
    with pytest.raises(BadInput, match="none of the 2 tasks can be had; gsm8k: the hub has no dataset openai/gsm8k"):
        options.had(data.load, [GSM8K, SVAMP], "math", {})


def test_fetch_fills_the_cache(
    hub: Hub, call: Callable[..., Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was fetched is loaded without a network, few-shot rows too; a folder of data does not stand in for it."""
    put(hub, GSM8K, ROWS)
    train = ROWS + [{"question": f"How many is {n}?", "answer": f"So.\n#### {n}"} for n in range(9)]
    hub.repos["openai/gsm8k"][0] |= _split("train", train)
    monkeypatch.setenv("RARL_EVAL_DATA", str(tmp_path / "nowhere"))
    code, out, said = call("fetch", "gsm8k", "--few-shot", "--json")
    assert code == 0, said
    sha = hub.commit("openai/gsm8k")
    assert [(t["task"], t["rows"], t["revision"]) for t in json.loads(out)] == [
        ("gsm8k", 9, sha), ("gsm8k/few-shot", 18, sha)
    ]  # fmt: skip
    hub.asked.clear()
    monkeypatch.delenv("RARL_EVAL_DATA")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, _, said = call(
        "run", "-t", "gsm8k", "-m", "echo:5", "--prompt-style", "few-shot", "--no-cache", "-o", tmp_path / "run"
    )
    assert (code, hub.asked) == (0, []), said
    assert call("fetch", "gsm8k")[2] == "rarl-eval: error: HF_HUB_OFFLINE is set; unset it to fetch\n"


def _split(name: str, rows: list[dict[str, Any]]) -> dict[str, bytes]:
    """A split of gsm8k, and the card that names it."""
    card = "---\nconfigs:\n- config_name: main\n  data_files:\n" + "".join(
        f"  - split: {split}\n    path: main/{split}-*\n" for split in ("test", name)
    )
    return {"README.md": f"{card}---\n".encode(), f"main/{name}-00000-of-00001.parquet": packed("x.parquet", rows)}


def test_few_shot_rows_are_under_the_lock(hub: Hub, call: Callable[..., Told], tmp_path: Path) -> None:
    """Examples that changed on the hub do not change the prompts of a lock, and without it they do."""
    put(hub, GSM8K, ROWS)
    train = [{"question": f"How many is {n}?", "answer": f"So.\n#### {n}"} for n in range(9)]
    hub.repos["openai/gsm8k"][0] |= _split("train", train)
    lock = tmp_path / "lock.json"
    assert call("tasks", "-t", "gsm8k", "--lock", lock)[0] == 0
    assert list(json.loads(lock.read_text())["tasks"]) == ["gsm8k", "gsm8k/few-shot"]
    hub.repos["openai/gsm8k"].append({**layout(GSM8K, ROWS), **_split("train", train[::-1])})
    prompts = []
    for name, more in (("a", ("--lock", lock)), ("b", ("--lock", lock)), ("c", ())):
        asked = ("-t", "gsm8k", "-m", "echo:5", "--prompt-style", "few-shot", "--no-cache", "-o", tmp_path / name)
        code, _, said = call("run", *asked, *more)
        assert code == 0, said
        prompts.append(store.read_manifest(tmp_path / name)["tasks"]["gsm8k"]["prompts"])
    assert prompts[0] == prompts[1] != prompts[2]
    held = json.loads(lock.read_text())
    del held["tasks"]["gsm8k/few-shot"]
    lock.write_text(json.dumps(held))
    code, _, said = call("run", *asked[:-1], tmp_path / "d", "--lock", lock)
    assert (code, "the lock holds gsm8k and not the rows that its examples come from" in said) == (2, True)


def test_a_run_is_resumed_where_the_items_are_the_same(hub: Hub, call: Callable[..., Told], tmp_path: Path) -> None:
    """A new revision of the dataset with the same rows is gone on with; one with other rows is refused."""
    put(hub, GSM8K, ROWS)
    asked = ("run", "-t", "gsm8k", "-m", "echo:5", "--no-cache", "-o", tmp_path / "run")
    assert call(*asked)[0] == 0
    hub.repos["openai/gsm8k"].append(hub.repos["openai/gsm8k"][0] | {"LICENSE": b"MIT"})
    code, _, said = call(*asked, "--resume")
    assert code == 0, said
    assert store.read_manifest(tmp_path / "run")["tasks"]["gsm8k"]["revision"] == hub.commit("openai/gsm8k", 0)
    put(hub, GSM8K, ROWS[:8])
    code, _, said = call(*asked, "--resume")
    assert code == 2
    assert "holds a run with another asked of gsm8k" in said


def test_quiet_is_quiet(hub: Hub, call: Callable[..., Told], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A hub that is waited for is told of, and not with --quiet."""
    put(hub, GSM8K, ROWS)
    asked = ("run", "-t", "gsm8k", "-m", "echo:5", "--no-cache", "-o")
    for more, told in (((), 1), (("--quiet",), 0)):
        caplog.clear()
        hub.faults.append(fault("/api/", status(503), times=1))
        assert call(*asked, tmp_path / f"run{told}", *more)[0] == 0
        assert sum("answers 503 (Service Unavailable): trying again in" in line for line in caplog.messages) == told


def test_a_limit_fetches_no_more_than_it_needs(
    hub: Hub, call: Callable[..., Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a benchmark in several files those are fetched that hold the first items; of a large one its beginning."""
    (task,) = registry.tasks("livecodebench")
    rows = [{**rows_of(task)[0], "question_id": str(n), "starter_code": f"# {n}" * 2000} for n in range(60)]
    put(hub, task, rows)
    monkeypatch.setattr("rarl_eval.data.sources.STREAMED", 10_000)
    asked = ("run", "-t", "livecodebench", "-m", "echo:5", "--no-cache", "--unsafe-local", "--limit", "2", "-o")
    code, _, said = call(*asked, tmp_path / "run")
    assert code == 0, said
    assert (hub.count("test.jsonl"), hub.count(r"test[2-6]\.jsonl")) == (2, 0)  # the second is where it leads to
    assert not list((tmp_path / "hf").rglob("*.jsonl"))
    manifest = store.read_manifest(tmp_path / "run")["tasks"]["livecodebench"]
    assert (manifest["items"], manifest["known"]) == (2, None)
    monkeypatch.setattr("rarl_eval.data.sources.STREAMED", 2**30)
    assert call(*asked, tmp_path / "run", "--resume")[0] == 0
    assert (len(list((tmp_path / "hf").rglob("*.jsonl"))), hub.count(r"test[2-6]\.jsonl")) == (1, 0)


def test_doctor_tries_the_hub(hub: Hub, call: Callable[..., Told], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose the token is, which sets are closed to it, and which tasks were never loaded live."""
    for task in registry.tasks("all"):
        if not task.source.path.startswith("github:") and (task.source.path not in hub.repos):
            hub.repos[task.source.path] = [{"README.md": b""}]
    hub.gated, hub.users = {"openai/gsm8k", "cais/mmlu"}, {"mine": {"cais/mmlu"}}
    monkeypatch.setenv("HF_TOKEN", "mine")
    code, out, _ = call("doctor", "--hub", "--json")
    found = json.loads(out)
    assert found["hub"] == {hub.url: "answers", "token": "of somebody"}
    assert found["datasets"]["openai/gsm8k"].startswith("openai/gsm8k is gated on the hub: the account of the token in")
    assert found["datasets"]["cais/mmlu"].startswith("it is gated, and open to this account, at ")
    assert found["datasets"]["ChilleD/SVAMP"] == f"it is open, at {hub.commit('ChilleD/SVAMP')}"
    assert "gsm8k" in found["tasks"]["never loaded from the hub"]
    assert found["tasks"]["gsm_plus, unproven"].startswith("nobody has borne out ")
    assert code == 1
    hub.gated.clear()
    put(hub, GSM8K, ROWS)
    assert call("fetch", "gsm8k")[0] == 0
    code, out, _ = call("doctor", "--hub", "--json")
    assert (code, "gsm8k," in json.loads(out)["tasks"]["never loaded from the hub"]) == (0, False)


def test_doctor_names_a_hub_that_does_not_answer(
    hub: Hub, call: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a dead hub nor a wrong token is asked again for each set."""
    monkeypatch.setenv("HF_TOKEN", "stale")
    code, out, _ = call("doctor", "--hub")
    assert code == 1
    assert "the hub does not know the token of HF_TOKEN (Invalid credentials in Authorization header)" in out
    hub.faults.append(fault("", status(503)))
    hub.asked.clear()
    code, out, _ = call("doctor", "--hub")
    assert (code, len(hub.asked)) == (1, 5)
    assert "answers 503 (Service Unavailable), in each of 5 tries" in out
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "not asked: HF_HUB_OFFLINE is set" in call("doctor", "--hub")[1]
