"""Nights: configuration, gate, resumption, caps, references, outputs, and the examples."""

import configparser
import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as ET

import dumped
import numpy as np
import pytest
from server import ok, serving

from rarl_eval.errors import BadInput
from rarl_eval.models.budget import Budget, Meter, Price
from rarl_eval.nightly import history
from rarl_eval.nightly.config import read_config
from rarl_eval.nightly.gate import judge_night, unusable
from rarl_eval.nightly.history import ItemRow
from rarl_eval.nightly.night import check_file, nightly
from rarl_eval.nightly.outputs import payload
from rarl_eval.runs import store
from rarl_eval.types import Tokens, Trace

Cli = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "nightly"
QUESTIONS = 60


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a benchmark of 60 questions, whose n-th answer is 2n."""
    rows = (
        {"question": f"What is {n} plus {n}, dear reader?", "answer": f"So.\n#### {2 * n}"} for n in range(QUESTIONS)
    )
    (tmp_path / "gsm8k.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def outputs(place: Path, night: str, right: int, label: str = "m", samples: int = 1) -> None:
    """Tonight's recorded answers: the first ``right`` questions are answered rightly."""
    rows = (
        {
            "question": f"What is {n} plus {n}, dear reader?",
            "text": f"The answer is {2 * n if n < right else -1}.",
        }
        for n in range(QUESTIONS)
        for _ in range(samples)
    )
    (place / f"{label}-{night}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def config(place: Path, extra: str = "", entries: str | None = None, top: str = "site = false") -> Path:
    """Write a nightly file of one recorded model."""
    entries = (
        entries if entries is not None else '[[recorded]]\nlabel = "m"\ntask = "gsm8k"\nfiles = ["m-{night}.jsonl"]\n'
    )
    file = place / "nightly.toml"
    file.write_text(f'out = "out"\n{top}\nsources = {{ gsm8k = "gsm8k.jsonl" }}\n{entries}\n{extra}\n')
    return file


def quiet(_: str) -> None:
    """Say nothing."""


def test_nights_go_from_first_to_regression(place: Path):
    """The first night has nothing to compare with, an equal one passes, a fall of 20 of 60 items is a regression."""
    file = config(place)
    codes = {}
    for night, right in (("n1", 50), ("n2", 50), ("n3", 49), ("n4", 30)):
        outputs(place, night, right)
        outcome = nightly(file, night, say=quiet)
        codes[night] = (outcome.code, outcome.results[0].status, len(outcome.tests))
    assert codes == {"n1": (0, "ok", 0), "n2": (0, "ok", 1), "n3": (0, "ok", 2), "n4": (1, "regression", 2)}
    row = history.read_results(place / "out" / "history", ["n4"])[0]
    assert (row.accuracy, row.baseline_difference, row.n) == (0.5, pytest.approx(-20 / 60), 60)
    # One-sided McNemar of 20 items that fell: 2^-20; the last nights' test is no larger; Holm doubles the smaller.
    assert 0 < row.baseline_p <= 2 * 2**-20
    assert outcome.fallen[row.cell] == sorted(map(str, range(30, 50)))
    assert history.nights(place / "out" / "history") == ["n1", "n2", "n3", "n4"]


def test_the_summary_and_junit_say_the_same(place: Path):
    """A regression is a JUnit failure, a missing file an error, a cell without a past is skipped."""
    entries = "".join(
        f'[[recorded]]\nlabel = "{label}"\ntask = "gsm8k"\nfiles = ["{label}-{{night}}.jsonl"]\n'
        for label in ("a", "b", "c")
    )
    file = config(place, entries=entries)
    outputs(place, "n1", 50, "a")
    outputs(place, "n1", 50, "b")
    first = nightly(file, "n1", say=quiet)
    assert (first.code, [r.status for r in first.results]) == (2, ["ok", "ok", "failure"])
    outputs(place, "n2", 20, "a")
    outputs(place, "n2", 50, "c")
    second = nightly(file, "n2", say=quiet)
    assert (second.code, [r.status for r in second.results]) == (1, ["regression", "failure", "ok"])
    suite = ET.fromstring((place / "out" / "junit.xml").read_bytes()).find("testsuite")
    assert {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    assert [[child.tag for child in case] for case in suite] == [["failure"], ["error"], ["skipped"]]
    text = (place / "out" / "summary.md").read_text()
    assert text.startswith("# Night n2: 1 regression, 1 failure; 3 cells, 1 tests.")
    assert "at most 1 % a night" in text
    assert r"b on gsm8k\: " in text
    assert "b-n2.jsonl matches no file tonight" in text.replace("\\", "")
    assert (place / "out" / "nights" / "n2" / "summary.md").read_text() == text


def test_a_cell_that_may_be_misread_is_marked(place: Path):
    """Its row ends in a question mark, the notes say why, and the webhook is told."""
    rows = [
        {
            "question": f"What is {n} plus {n}, dear reader?",
            "text": f"The answer is {2 * n}. {'It was 9999 before.' if n < 6 else ''}",
        }
        for n in range(QUESTIONS)
    ]
    (place / "m-n1.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    outcome = nightly(config(place), "n1", say=quiet)
    assert list(outcome.doubted.values()) == ["10.0% are read in two ways: right are 90.0% to 100.0%"]
    text = (place / "out" / "summary.md").read_text().replace("\\", "")
    assert "| m ? | gsm8k |" in text
    assert "m on gsm8k may be misread: 10.0% are read in two ways" in text
    assert payload(outcome)["cells"][0]["doubt"] == outcome.doubted["m", "gsm8k", None]


def test_a_finished_night_is_not_done_again(place: Path):
    """A name is used once; without a name a second night of the day gets a number."""
    file = config(place)
    outputs(place, "n1", 50)
    nightly(file, "n1", say=quiet)
    with pytest.raises(BadInput, match="the night n1 is finished"):
        nightly(file, "n1", say=quiet)
    with pytest.raises(BadInput, match="may hold letters"):
        nightly(file, "../n2", say=quiet)
    config(place, entries='[[recorded]]\nlabel = "m"\ntask = "gsm8k"\nfiles = ["m-n1.jsonl"]\n')
    names = [nightly(file, None, say=quiet).night for _ in range(2)]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", names[0])
    assert names[1] == f"{names[0]}.02"


def test_two_nights_at_once_are_refused(place: Path):
    """The folder is locked while a night is at work."""
    file = config(place)
    (place / "out").mkdir()
    with (place / "out" / "nightly.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(BadInput, match="another night is at work in"):
            nightly(file, "n1", say=quiet)


def asked(url: str, extra: str = "", **fields: object) -> str:
    values = {"model": "openai:served", "base_url": url, "tasks": ["gsm8k"], "concurrency": 2, "retries": 0, **fields}
    return "[[model]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items()) + f"\n{extra}"


def test_models_are_asked_at_each_budget_and_seeds_repeat(place: Path):
    """Two budgets are two cells; a server that answers by seed gives the same night again, and nothing falls."""
    with serving() as server:
        file = config(
            place, entries=asked(server.url, budgets=[16, 64], samples=2, label="qwen"), top="limit = 5\nsite = true"
        )
        first, second = nightly(file, "n1", say=quiet), nightly(file, "n2", say=quiet)
        assert len(server.bodies) == 2 * 2 * 2 * 5
        assert {body["max_tokens"] for body in server.bodies} == {16, 64}
    assert [row.cell for row in first.results] == [("qwen", "gsm8k", 16), ("qwen", "gsm8k", 64)]
    assert [(t.cell[2], t.p_value) for t in second.tests] == [(16, 1.0), (64, 1.0)]
    assert (place / "out" / "site" / "index.html").is_file()
    assert (place / "out" / "report" / "report.json").is_file()
    assert first.results[0].mean_tokens == 7


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, "the night did not get so far"
        time.sleep(0.02)


def test_a_killed_night_goes_on_where_it_was(place: Path):
    """After kill -9 the same night asks only what has no record yet, and ends as if nothing had been."""
    with serving(delay_seconds=0.05) as server:
        file = config(place, entries=asked(server.url))
        command = [sys.executable, "-m", "rarl_eval", "nightly", str(file), "--night", "n1"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            wait_for(lambda: len(server.bodies) >= 40)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert history.nights(place / "out" / "history") == []
        runs = place / "out" / "nights" / "n1" / "runs"
        kept = len(store.read_run(next(runs.iterdir())).records)
        before = len(server.bodies)
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(server.bodies) - before == QUESTIONS - kept
    assert kept > 0
    (row,) = history.read_results(place / "out" / "history")
    assert (row.n, row.traces, row.errors) == (60, 60, 0)


def test_a_token_cap_stops_the_asking_and_fails_the_night(place: Path):
    """Seven tokens a reply under a cap of 70: some 10 replies arrive, the rest is not asked, and the night says so."""
    with serving() as server:
        outcome = nightly(config(place, "[caps]\ntokens = 70", entries=asked(server.url)), "n1", say=quiet)
        assert 10 <= len(server.bodies) <= 30
    assert outcome.code == 2
    assert re.fullmatch(r"the cap of 70 tokens left \d+ samples unasked", outcome.results[0].reason)


def test_a_baseline_given_twice_is_refused(place: Path):
    """A night or run that stands twice among the baseline's, by another spelling too, would count double."""
    file = config(place, '[gate]\nbaseline = ["good", "./runs/../good"]')
    (place / "runs").mkdir()
    with pytest.raises(BadInput, match=r"gate.baseline: the night or run .*good is given twice"):
        check_file(file)


def told(text: str, tokens: Tokens) -> Trace:
    return Trace(key="k", task="t", item_id="0", model="m", text=text, tokens=tokens)


def test_the_meter_counts_calls_time_tokens_and_cost():
    """Each cap is told by its name; uncounted replies count a token for four characters."""
    now = [0.0]
    meter = Meter(budget=Budget(hours=2), clock=lambda: now[0])
    assert meter.reached() == ""
    now[0] = 7200.0
    assert meter.reached() == "the cap of 2 hours"
    meter = Meter(budget=Budget(tokens=10, cost=1.0, calls=3))
    meter.add(told("x" * 36, Tokens()), Price())
    assert (meter.tokens, meter.reached()) == (9, "")
    meter.add(told("", Tokens(prompt=1_000_000, completion=0)), Price(prompt_per_million=1.5, completion_per_million=2))
    assert (meter.cost, meter.reached()) == (1.5, "the cap of 1 in cost")
    meter.add(told("", Tokens(completion=1)), Price())
    assert meter.reached() == "the cap of 10 tokens"
    meter.calls = 3
    assert meter.reached() == "the cap of 3 calls"


def test_failed_calls_fail_the_cell_and_are_in_no_denominator(place: Path):
    """A server that fails every fourth call gives a failure, not a fall."""
    count = iter(range(10_000))

    def reply(body):
        return (400, {}, b"no") if next(count) % 4 == 0 else ok(body)

    with serving(reply) as server:
        outcome = nightly(config(place, entries=asked(server.url)), "n1", say=quiet)
    (row,) = outcome.results
    assert (outcome.code, row.errors, row.n) == (2, 15, 45)
    assert row.reason == "15 of 60 calls failed"


def rows(right: list[int], samples: int = 4, version: int = 1, unit: Callable[[int], str] = str) -> dict[str, ItemRow]:
    return {
        str(i): ItemRow(
            night="n", model="m", task="t", budget=None, task_version=version, key=str(i), item_id=str(i), unit=unit(i),
            samples=samples, right=r, tokens=None,
        )
        for i, r in enumerate(right)
    }  # fmt: skip


def test_the_gate_is_mcnemar_for_single_samples():
    """Seven items that fell and one that rose: p is the exact binomial tail, one-sided."""
    cell = ("m", "t", None)
    before = rows([1] * 7 + [0] + [1] * 20, 1)
    tonight = rows([0] * 7 + [1] + [1] * 20, 1)
    (test,) = judge_night({cell: tonight}, [("baseline", cell, [("b", before)])], false_alarm_rate=0.05)
    assert test.p_value == pytest.approx((1 + 8) / 2**8)
    assert (test.alarm, test.difference.value) == (True, pytest.approx(-6 / 28))
    (test,) = judge_night({cell: tonight}, [("baseline", cell, [("b", before)])], false_alarm_rate=0.03)
    assert not test.alarm


def test_a_rise_is_never_an_alarm_and_small_drops_may_be_ignored():
    """The test is one-sided; ``smallest_drop`` lets a sure but small fall pass."""
    cell = ("m", "t", None)
    low, high = rows([2] * 50), rows([4] * 50)
    (test,) = judge_night({cell: high}, [("baseline", cell, [("b", low)])], false_alarm_rate=0.05)
    assert (test.alarm, test.p_value) == (False, 1.0)
    references = [("baseline", cell, [("b", high)])]
    assert judge_night({cell: low}, references, false_alarm_rate=0.05)[0].alarm
    assert not judge_night({cell: low}, references, false_alarm_rate=0.05, smallest_drop=0.6)[0].alarm


def test_one_rate_holds_for_all_cells():
    """A fall that alarms alone is one of a hundred tests at night, and Holm lets it pass."""
    tonight = {("m", f"t{i}", None): rows([1] * 30, 1) for i in range(100)}
    tonight["m", "t0", None] = rows([0] * 8 + [1] * 22, 1)
    references = [("baseline", cell, [("b", rows([1] * 30, 1))]) for cell in tonight]
    alone = judge_night(tonight, references[:1], false_alarm_rate=0.01)
    together = judge_night(tonight, references, false_alarm_rate=0.01)
    assert (alone[0].p_value, alone[0].alarm) == (2**-8, True)
    assert (together[0].p_holm, together[0].alarm) == (100 * 2**-8, False)


def test_copied_nights_are_no_evidence_by_their_number():
    """Seven equal nights say no more than one: the weaker of two tests decides."""
    rng = np.random.default_rng(0)
    cell = ("m", "t", None)
    before = (rng.random(200) < 0.5).astype(int)
    after = before.copy()
    after[np.flatnonzero(before)[:25]] = 0
    after[np.flatnonzero(before == 0)[:15]] = 1
    p = [
        judge_night(
            {cell: rows(list(after), 1)}, [("last nights", cell, [(str(i), rows(list(before), 1)) for i in range(count)])],
            false_alarm_rate=0.01,
        )[0].p_value
        for count in (1, 7)
    ]  # fmt: skip
    assert p[1] == pytest.approx(p[0])
    assert 0.05 < p[0] < 0.1


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ({}, "one of them has no judged items"),
        (rows([1] * 10, version=2), "the task's version went from 2 to 1"),
        (rows([1] * 4), "only 4 of 10 items are the same"),
        (rows([1] * 5), ""),
    ],
)
def test_nights_that_cannot_stand_for_tonight_are_said(before, said):
    """Another version, or other items, are no reference."""
    assert unusable(rows([1] * 10), before) == said


def test_false_alarms_stay_at_the_stated_rate_and_a_drop_is_found():
    """200 unchanged nights of 20 % samples at a rate of 5 %: at most 18 alarms (99.5 %); a drop of 10 points is found."""
    rng = np.random.default_rng(11)
    cell = ("m", "t", None)

    def alarms(drop: float, nights: int) -> int:
        found = 0
        for _ in range(nights):
            chances = rng.beta(0.8, 0.2, 120)
            drawn = [rows(list(rng.binomial(4, p))) for p in (chances * (1 - drop / 0.8), *[chances] * 5)]
            past = [(str(i), n) for i, n in enumerate(drawn[1:])]
            references = [("baseline", cell, past[:1]), ("last nights", cell, past[1:])]
            found += any(t.alarm for t in judge_night({cell: drawn[0]}, references, false_alarm_rate=0.05))
        return found

    assert alarms(0.0, 200) <= 18
    assert alarms(0.1, 40) >= 38


def test_baselines_may_be_pinned_nights_and_run_directories(place: Path, cli: Cli):
    """Named nights replace the first one; a run directory of the model stands for its cell."""
    outputs(place, "n1", 10)
    outputs(place, "n2", 50)
    file = config(place, '[gate]\nbaseline = ["n2"]\nnights = 0')
    with pytest.raises(BadInput, match=r"gate\.baseline\[0\]: 'n2' is neither a night of the history nor a run"):
        nightly(file, "n1", say=quiet)
    config(place)
    for night in ("n1", "n2"):
        nightly(file, night, say=quiet)
    config(place, '[gate]\nbaseline = ["n2"]\nnights = 0')
    outputs(place, "n3", 30)
    (test,) = nightly(file, "n3", say=quiet).tests
    assert (test.nights, test.difference.value, test.alarm) == (["n2"], pytest.approx(-20 / 60), True)
    done = cli(
        "score",
        place / "m-n2.jsonl",
        "-t",
        "gsm8k",
        "--source",
        f"gsm8k={place}/gsm8k.jsonl",
        "-m",
        "m",
        "-o",
        place / "good",
    )
    assert done.returncode == 0, done.stderr
    config(place, '[gate]\nbaseline = ["good"]\nnights = 0')
    outputs(place, "n4", 49)
    (test,) = nightly(file, "n4", say=quiet).tests
    assert (test.nights, test.p_value) == (["good"], 0.5)


def test_a_changed_task_is_no_regression_but_a_note(place: Path):
    """Items of other content have no past: the cell is skipped and the note says why."""
    file = config(place)
    outputs(place, "n1", 50)
    nightly(file, "n1", say=quiet)
    text = (place / "gsm8k.jsonl").read_text()
    (place / "gsm8k.jsonl").write_text(text.replace("dear", "good"))
    outputs(place, "n2", 10)
    (place / "m-n2.jsonl").write_text((place / "m-n2.jsonl").read_text().replace("dear", "good"))
    outcome = nightly(file, "n2", say=quiet)
    assert (outcome.code, outcome.tests) == (0, [])
    assert outcome.notes == ["m on gsm8k has no baseline yet (n1: only 0 of 60 items are the same)."]


def test_corpora_are_scanned_once_and_leaks_are_on_record(place: Path):
    """An unchanged corpus is not scanned again; a leaked half of the benchmark shows as gain, interval and all."""
    leaked = "".join(
        json.dumps({"text": f"What is {n} plus {n}, dear reader?\nSo.\n#### {2 * n}"}) + "\n" for n in range(30)
    )
    (place / "train.jsonl").write_text(leaked)
    file = config(place, '[[corpus]]\nname = "sft"\npaths = ["train.jsonl"]')
    said: list[str] = []
    for night in ("n1", "n2"):
        outputs(place, night, 35)
        nightly(file, night, say=said.append)
    assert sum(line.startswith("scan ") for line in said) == 1
    row = history.read_results(place / "out" / "history")[-1]
    assert (row.clean, row.flagged, row.accuracy) == tuple(pytest.approx(share) for share in (5 / 30, 1.0, 35 / 60))
    assert row.gain == pytest.approx(35 / 60 - 5 / 30)
    (reported,) = json.loads((place / "out" / "report" / "report.json").read_text())["rows"]
    assert reported["gain"]["low"] > 0.25
    (place / "train.jsonl").unlink()
    outputs(place, "n3", 45)
    outcome = nightly(file, "n3", say=said.append)
    assert (outcome.code, outcome.failures[0].startswith("corpus sft: ")) == (2, True)


def test_rewards_are_added_and_their_agreement_kept(place: Path):
    """A user's function scores tonight's traces; its AUROC against the verdict is in the history."""
    (place / "mine.py").write_text(
        "def shortness(item, trace, verdict):\n    return 1.0 if trace.text.endswith('-1.') else 0.0\n"
    )
    file = config(place, '[[reward]]\nsource = "./mine.py:shortness"')
    outputs(place, "n1", 30)
    outcome = nightly(file, "n1", say=quiet)
    assert outcome.failures == []
    assert json.loads(outcome.results[0].rewards)["shortness"] == 0.0
    config(place, '[[reward]]\nsource = "nosuch"')
    outputs(place, "n2", 30)
    outcome = nightly(file, "n2", say=quiet)
    assert (outcome.code, "reward nosuch on m on gsm8k" in outcome.failures[0]) == (2, True)


def test_a_trainings_alarm_is_the_nights(place: Path):
    """A sound training passes; with a hole the night fails and says which, from where; one without golds is a failure."""
    dumped.write_training(place / "d", 26)
    file, head = place / "nightly.toml", 'out = "out"\nsite = false\n[[training]]\n'
    file.write_text(f'{head}name = "rl"\ndumps = ["d"]\nverify = "number"\n')
    assert check_file(file) == "0 cells, 0 tasks, 0 corpora, 0 rewards, 1 trainings"
    assert nightly(file, "n1", say=quiet).code == 0
    assert (place / "out" / "trainings" / "rl" / "training.json").is_file()
    dumped.write_training(place / "d", 44, hole_from=27)
    second = nightly(file, "n2", say=quiet)
    assert (second.code, second.status, len(second.alarms)) == (1, "regression", len(payload(second)["trainings"]))
    assert second.alarms[0].startswith("training rl: Reward less truth rose above the first window's: alarm at step ")
    suite = ET.fromstring((place / "out" / "junit.xml").read_bytes()).find("testsuite")
    assert suite is not None
    assert (suite.get("failures"), suite[0].get("name")) == (str(len(second.alarms)), "training rl")
    assert "Reward less truth rose above" in (place / "out" / "summary.md").read_text()
    (place / "e.jsonl").write_text(json.dumps({"prompt": "1+1?", "completion": "2", "reward": 1, "step": 1}) + "\n")
    file.write_text(f'{head}name = "x"\ndumps = ["e.jsonl"]\n')
    third = nightly(file, "n3", say=quiet)
    assert (third.code, third.failures[0][:46]) == (2, "training x: No rollout could be judged (1 no g")


def test_the_webhook_gets_the_outcome_and_its_fault_changes_nothing(place: Path, monkeypatch: pytest.MonkeyPatch):
    """JSON with text, status and cells is posted; an address without a server is said and no failure."""
    got: list[dict] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    said: list[str] = []
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        monkeypatch.setenv("NIGHTLY_WEBHOOK", f"http://127.0.0.1:{server.server_port}/secret")
        outputs(place, "n1", 50)
        file = config(place, top='site = false\nwebhook = "env:NIGHTLY_WEBHOOK"')
        assert nightly(file, "n1", say=said.append).code == 0
        thread.join()
    assert (got[0]["night"], got[0]["status"], got[0]["exit_code"], got[0]["cells"][0]["accuracy"]) == (
        "n1",
        "ok",
        0,
        pytest.approx(50 / 60),
    )
    outputs(place, "n2", 50)
    assert nightly(file, "n2", say=said.append).code == 0
    assert said[-1] == "the webhook was not reached: URLError"
    assert "secret" not in " ".join(said)


def test_the_step_summary_is_appended(place: Path, monkeypatch: pytest.MonkeyPatch):
    """What other steps wrote stays."""
    steps = place / "steps.md"
    steps.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(steps))
    outputs(place, "n1", 50)
    nightly(config(place), "n1", say=quiet)
    assert steps.read_text() == "before\n" + (place / "out" / "summary.md").read_text()


def test_hostile_labels_are_inert(place: Path):
    """Markup, control characters and table breaks in a label reach neither Markdown nor XML."""
    label = "<img src=x>|\\u202e\\u001b[31m`"
    outputs(place, "n1", 50)
    entries = f'[[recorded]]\nlabel = "{label}"\ntask = "gsm8k"\nfiles = ["m-n1.jsonl"]\n'
    outcome = nightly(config(place, entries=entries), "n1", say=quiet)
    assert outcome.code == 0
    text = (place / "out" / "summary.md").read_text()
    assert not re.search("(?<!\\\\)<img|\x1b|\u202e", text)
    assert len(re.findall(r"(?<!\\)\|", text.splitlines()[6])) == 15
    case = ET.fromstring((place / "out" / "junit.xml").read_bytes()).find("testsuite/testcase")
    assert "\\x1b" in case.get("name")


BAD = {
    "not there": (None, "does not exist"),
    "not TOML": ("out = ", "is not TOML"),
    "no out": ("tasks = []", "out: object missing required field"),
    "nothing to do": ('out = "o"', r"model: there is no \[\[model\]\]"),
    "unknown key": ('out = "o"\ntaks = []', "taks: no such key; did you mean tasks"),
    "unknown key within": ('out = "o"\n[gate]\nnight = 3', r"gate\.night: no such key; did you mean nights"),
    "unknown key in a list": ('out = "o"\n[[model]]\nmodel = "echo:"\nsample = 3', r"model\[0\]\.sample: no such key"),
    "wrong type": ('out = "o"\n[[model]]\nmodel = "echo:"\nbudgets = ["8"]', r"model\[0\]\.budgets\[0\]: expected `int`"),
    "no adapter": ('out = "o"\ntasks = ["gsm8k"]\n[[model]]\nmodel = "gpt"', r"model\[0\]\.model: 'gpt' is not ADAPTER:NAME"),
    "unknown adapter": ('out = "o"\ntasks = ["gsm8k"]\n[[model]]\nmodel = "opnai:x"', r"model\[0\]\.model: .*openai"),
    "unknown task": ('out = "o"\ntasks = ["gsm9k"]\n[[model]]\nmodel = "echo:"', "tasks: no task is called 'gsm9k'"),
    "no tasks": ('out = "o"\n[[model]]\nmodel = "echo:"', r"model\[0\]\.tasks: no tasks here"),
    "rate": ('out = "o"\ntasks = ["gsm8k"]\n[[model]]\nmodel = "echo:"\n[gate]\nfalse_alarm_rate = 1.0', "gate.false_alarm_rate: must lie"),
    "cap": ('out = "o"\ntasks = ["gsm8k"]\n[[model]]\nmodel = "echo:"\n[caps]\nhours = 0', "caps.hours: must be above 0"),
    "cost": ('out = "o"\ntasks = ["gsm8k"]\n[[model]]\nmodel = "echo:"\n[caps]\ncost = 5', "caps.cost: no model has a price"),
    "twice": ('out = "o"\ntasks = ["gsm8k"]\n[[model]]\nmodel = "echo:"\n[[model]]\nmodel = "echo:"', "two models share a label"),
    "webhook": ('out = "o"\nwebhook = "ftp://x"\ntasks = ["gsm8k"]\n[[model]]\nmodel = "echo:"', "webhook: must be a http"),
    "source": (
        'out = "o"\ntasks = ["gsm8k"]\n[sources]\nsvamp = "x"\n[[model]]\nmodel = "echo:"',
        "sources.svamp: no task of this file",
    ),
    "corpus": (
        'out = "o"\ntasks = ["gsm8k"]\n[[model]]\nmodel = "echo:"\n[[corpus]]\nname = "../x"\npaths = ["a"]',
        r"corpus\[0\]\.name: may hold",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_config_errors_name_file_and_key(tmp_path: Path, text: str | None, said: str):
    """One sentence with the file, the key and what to do; nothing is written."""
    file = tmp_path / "nightly.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadInput, match=said) as caught:
        check_file(file)
    assert str(caught.value).startswith(str(file))
    assert len(str(caught.value).splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ([] if text is None else ["nightly.toml"])


def test_the_command_has_the_nights_exit_code(place: Path, cli: Cli):
    """0, then 1 on a regression; 2 with one sentence for a file that cannot be used."""
    file = config(place)
    found = []
    for night, right in (("n1", 50), ("n2", 20)):
        outputs(place, night, right)
        done = cli("nightly", file, "--night", night)
        found.append(done.returncode)
    assert found == [0, 1]
    first, second, *_ = done.stdout.split("\n")
    assert first == "Night n2: 1 regression; 1 cell, 1 tests."
    assert second.startswith("Regression: m on gsm8k is 50.0 points below the baseline")
    file.write_text("out = 3")
    done = cli("nightly", file, "--check")
    assert (done.returncode, done.stderr) == (2, f"rarl-eval: error: {file}: out: expected `str`, got `int`\n")


def commands_in(text: str) -> list[list[str]]:
    """Every ``rarl-eval ...`` invocation in a text, up to a shell operator."""
    found = re.findall(r"rarl-eval ((?:nightly|report|site|run|score|scan|compare|serve)\b[^\n>|&]*)", text)
    return [shlex.split(line) for line in found]


def check_command(words: list[str]) -> None:
    """The command exists, and so does every option that it is given."""
    from rarl_eval.cli import group

    name, *arguments = words
    command = group.get_command(None, name)
    assert command is not None, name
    options = {text for parameter in command.params for text in parameter.opts if text.startswith("-")}
    assert {word for word in arguments if word.startswith("-")} <= options
    command.make_context(name, arguments, resilient_parsing=False)


def test_the_example_file_is_in_order(tmp_path: Path):
    """examples/nightly/nightly.toml checks, names two tasks at two budgets, and its commented parts are valid too."""
    assert check_file(EXAMPLES / "nightly.toml") == "4 cells, 2 tasks, 0 corpora, 0 rewards"
    text = (EXAMPLES / "nightly.toml").read_text()
    full = re.sub(r"(?m)^# (?=(\[\[|label|task|files|text_field|name|paths|baseline))", "", text)
    file = tmp_path / "nightly.toml"
    file.write_text(full)
    found = read_config(file)
    assert (len(found.recorded), len(found.corpus), len(found.gate.baseline)) == (1, 1, 3)


def test_the_github_workflow_runs_commands_that_exist():
    """The workflow parses, runs nightly on a schedule, keeps the history, and uses documented outputs."""
    import yaml

    text = (EXAMPLES / "github-actions.yml").read_text()
    flow = yaml.safe_load(text)
    (job,) = flow["jobs"].values()
    assert re.fullmatch(r"\d+ \d+ \* \* \*", flow[True]["schedule"][0]["cron"])  # YAML 1.1 reads "on" as true
    assert flow["concurrency"]["cancel-in-progress"] is False
    runs = "\n".join(step.get("run", "") for step in job["steps"])
    assert commands_in(runs) == [["nightly", "nightly.toml"]]
    for words in commands_in(runs):
        check_command(words)
    for step in job["steps"]:
        if "run" in step:
            subprocess.run(["bash", "-n"], input=re.sub(r"\$\{\{.*?\}\}", "x", step["run"]), text=True, check=True)
    kept = next(s for s in job["steps"] if "upload-artifact" in s.get("uses", ""))["with"]["path"].split()
    assert kept == ["nightly/summary.md", "nightly/junit.xml", "nightly/report", "nightly/site"]


def test_the_crontab_line_is_valid_and_its_command_exists():
    """Five fields of time, a command that the shell parses, an option-perfect nightly."""
    (line,) = [li for li in (EXAMPLES / "crontab").read_text().splitlines() if re.match(r"[\d*]", li)]
    *fields, command = line.split(None, 5)
    limits = (59, 23, 31, 12, 7)
    assert all(f == "*" or int(f) <= limit for f, limit in zip(fields, limits, strict=True))
    assert "%" not in command  # cron would end the line there
    subprocess.run(["sh", "-n"], input=command, text=True, check=True)
    (words,) = commands_in(command)
    check_command(words)


def test_the_systemd_units_are_valid_and_belong_together():
    """Both units parse, the timer's service exists, its command and options too; systemd agrees where it is."""
    units = {}
    for name in ("rarl-eval-nightly.service", "rarl-eval-nightly.timer"):
        parser = configparser.ConfigParser(interpolation=None, strict=True)
        parser.optionxform = str
        parser.read(EXAMPLES / name)
        units[name.rpartition(".")[2]] = parser
    service = units["service"]["Service"]
    (words,) = commands_in(service["ExecStart"])
    check_command(words)
    assert service["Type"] == "oneshot"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", units["timer"]["Timer"]["OnCalendar"])
    assert units["timer"]["Install"]["WantedBy"] == "timers.target"
    systemd = shutil.which("systemd-analyze")
    if systemd:
        done = subprocess.run(
            [systemd, "calendar", units["timer"]["Timer"]["OnCalendar"]], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_documented_keys_are_the_files_keys():
    """docs/nightly.md names every key of the file, and no other."""
    import msgspec

    from rarl_eval.nightly import config as module

    text = (ROOT / "docs" / "nightly.md").read_text()
    documented = {
        key
        for line in text.splitlines()
        if line.startswith("| `")
        for key in re.findall(r"`([\w.\[\]]+)`", line.split("|")[1])
    }
    known = set()
    for prefix, kind in (
        ("", module.Config), ("gate.", module.Gate), ("caps.", Budget), ("model.", module.ModelEntry),
        ("recorded.", module.RecordedEntry), ("corpus.", module.CorpusEntry), ("reward.", module.RewardEntry),
        ("training.", module.TrainingEntry),
    ):  # fmt: skip
        known |= {f"{prefix}{field.name}" for field in msgspec.structs.fields(kind)}
    known -= {"model", "recorded", "corpus", "reward", "training", "gate", "caps"}
    assert documented == known


def test_recorded_models_pass_and_fall_as_they_should(shared: Path, tmp_path: Path):
    """GPT-4o mini's real answers are an unchanged night against themselves; Claude 3 Haiku's in their place are 5.4 points less."""
    folder = shared / "reward" / "zeroeval_gsm"
    for night, model in (
        ("n1", "gpt-4o-mini-2024-07-18"),
        ("n2", "gpt-4o-mini-2024-07-18"),
        ("n3", "claude-3-haiku-20240307"),
    ):
        (tmp_path / f"m-{night}.jsonl.gz").symlink_to(folder / f"{model}.jsonl.gz")
    file = tmp_path / "nightly.toml"
    file.write_text(
        f'out = "out"\nsite = false\nsources = {{ gsm8k = "{shared}/math/gsm8k/test.jsonl.gz" }}\n'
        '[[recorded]]\nlabel = "m"\ntask = "gsm8k"\nfiles = ["m-{night}.jsonl.gz"]\n'
    )
    found = [nightly(file, night, say=quiet) for night in ("n1", "n2", "n3")]
    assert [outcome.code for outcome in found] == [0, 0, 1]
    assert found[1].tests[0].p_value == 1.0
    assert round(100 * found[2].tests[0].difference.value, 1) == -5.4
