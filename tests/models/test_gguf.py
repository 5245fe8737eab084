"""`gguf:` against real llama.cpp: models whose every probability is known, and one of random weights."""

import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tiny_gguf
from tiny_gguf import path_of, random_model, table_model

from rarl_eval import data, registry
from rarl_eval.errors import BadInput, NotInstalled
from rarl_eval.models import Completion, Options, Request, Sampling
from rarl_eval.models.gguf import GgufModel, open_model
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.types import Message, Record

START = {" ": {"<think>": 10.0}}
"""The template ends with a space: the model begins to think."""

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def llama() -> None:
    pytest.importorskip("xllamacpp", reason="xllamacpp is not installed: pip install 'rarl-eval[local]'")
    pytest.importorskip("gguf", reason="gguf is not installed: pip install 'rarl-eval[dev]'")


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("gguf", reason="gguf is not installed: pip install 'rarl-eval[dev]'")
    return random_model(tmp_path_factory.mktemp("models") / "noise.gguf")


def opened(path: Path, concurrency: int = 2, **arguments: object) -> GgufModel:
    given = {"context": "512"} | {k: str(v) for k, v in arguments.items()}
    return open_model(str(path), Options(concurrency=concurrency, arguments=given))


def request(text: str = "hi", seed: int = 0, **sampling: Any) -> Request:
    return Request(
        task="t", key=text, item_id=text, sample=0, messages=(Message("user", text),), seed=seed,
        sampling=Sampling(**{"temperature": 0.0, "max_tokens": 64} | sampling),
    )  # fmt: skip


def ask(model: GgufModel, *requests: Request) -> list[Completion]:
    done = {(c.request.item_id, c.request.seed): c for c in model.generate(requests)}
    model.close()
    return [done[r.item_id, r.seed] for r in requests]


def test_a_known_model_says_what_it_must(tmp_path: Path) -> None:
    """Text with its markers, stop reason and token counts on each side of them are exact."""
    model = table_model(tmp_path / "m.gguf", START | path_of("<think>abc</think>xyz!"))
    (done,) = ask(opened(model), request())
    assert (done.text, done.stop) == ("<think>abc</think>xyz!", "end")
    # The token that ends the text counts as generated; the prompt is "[user] hi\n[assistant] ", a token a character.
    assert (done.tokens.reasoning, done.tokens.answer, done.tokens.completion, done.tokens.prompt) == (5, 5, 10, 22)
    assert (done.tokens.counted_by, done.meta) == ("llama.cpp", {})


@pytest.mark.parametrize(
    ("budget", "text", "reasoning", "answer"),
    [(3, "<think>ab", 3, 0), (7, "<think>abc</think>xy", 5, 2), (9, "<think>abc</think>xyz!", 5, 4)],
)
def test_what_the_budget_cut_is_marked(tmp_path: Path, budget: int, text: str, reasoning: int, answer: int) -> None:
    """A reply as long as its budget is truncated, inside the reasoning or after it."""
    model = table_model(tmp_path / "m.gguf", START | path_of("<think>abc</think>xyz!"))
    (done,) = ask(opened(model), request(max_tokens=budget))
    assert (done.text, done.stop, done.tokens.reasoning, done.tokens.answer) == (text, "length", reasoning, answer)


@pytest.mark.parametrize(
    ("stops", "text", "stop", "count"),
    [
        (("b",), "<think>abc</think>xyz!", "end", 10),  # stands in the reasoning alone
        (("yz",), "<think>abc</think>x", "end", 8),
        (("z!", "y"), "<think>abc</think>x", "end", 7),
        (("c</think>",), "<think>abc</think>xyz!", "end", 10),
    ],
)
def test_stop_strings_count_in_the_answer_alone(
    tmp_path: Path, stops: tuple[str, ...], text: str, stop: str, count: int
) -> None:
    """A chain of thought that holds a stop string goes on; the answer ends before the first one."""
    model = table_model(tmp_path / "m.gguf", START | path_of("<think>abc</think>xyz!"))
    (done,) = ask(opened(model), request(stop=stops))
    assert (done.text, done.stop, done.tokens.completion) == (text, stop, count)


def test_reasoning_that_the_template_opened_is_reasoning(tmp_path: Path) -> None:
    """Where the chat template writes <think>, a reply cut off before </think> is no answer."""
    template = tiny_gguf.TEMPLATE.replace("[assistant] ", "[assistant] <think>\n")
    model = table_model(tmp_path / "m.gguf", {"\n": {"a": 10.0}} | path_of("abc</think>xyz!"), template)
    whole, cut = ask(opened(model), request(stop=("b",)), request(seed=1, max_tokens=2))
    assert (whole.text, whole.tokens.reasoning, whole.tokens.answer) == ("<think>\nabc</think>xyz!", 4, 5)
    assert (cut.text, cut.stop, cut.tokens.reasoning, cut.tokens.answer) == ("<think>\nab", "length", 2, 0)


def test_thinking_is_switched_in_the_template(tmp_path: Path) -> None:
    """--thinking opens a reasoning where the template knows the switch, --no-thinking does not; neither is the template's."""
    template = tiny_gguf.TEMPLATE + "{% if enable_thinking %}<think>\n{% endif %}"
    rows = {"\n": {"a": 10.0}, " ": {"x": 10.0}} | path_of("abc</think>xyz!")
    model = opened(table_model(tmp_path / "m.gguf", rows, template))
    asked = [request(seed=n, thinking=switch) for n, switch in enumerate((True, False, None))]
    on, off, default = ask(model, *asked)
    assert (on.text, on.tokens.reasoning, on.tokens.answer) == ("<think>\nabc</think>xyz!", 4, 5)
    assert (off.text, off.tokens.completion) == ("xyz!", 5)
    assert default.text == off.text


def test_the_command_keeps_log_probabilities_of_a_thinking_model(cli: Any, tmp_path: Path) -> None:
    """`run --thinking --logprobs` with gguf: stores one number a token; they are not taken for those of --no-thinking."""
    template = tiny_gguf.TEMPLATE + "{% if enable_thinking %}<think>\n{% endif %}"
    rows = {"\n": {"a": 10.0}, " ": {"x": 10.0}} | path_of("abc</think>xyz!")
    model = table_model(tmp_path / "m.gguf", rows, template)
    asked = ("run", "-t", "demo_math", "--limit", "2", "-m", f"gguf:{model}", "--concurrency", "1", "--logprobs", "-q")
    env = {"RARL_EVAL_CACHE": str(tmp_path / "cache")}
    for name, switch, count in (("on", "--thinking", 9), ("off", "--no-thinking", 5)):
        assert cli(*asked, switch, "-o", tmp_path / name, env=env).returncode == 0
        traces = [record.trace for record in store.read_run(tmp_path / name).records]
        assert [len(t.meta["logprobs"]) for t in traces] == [count, count]
        assert {t.answer for t in traces} == {"xyz!"}


def test_log_probabilities_are_the_tables(tmp_path: Path) -> None:
    """On request the trace holds each generated token's log-probability, before any sampling cut."""
    model = table_model(tmp_path / "m.gguf", {" ": {"a": 2.0, "b": 1.0}, "a": {"c": 0.0, "d": -1.0}, "c": {}})
    (done,) = ask(opened(model), request(max_tokens=2, logprobs=True))
    others = (tiny_gguf.SIZE - 2) * math.exp(-20)
    expected = [-math.log(1 + math.exp(-1) + others * math.exp(-2)), -math.log(1 + math.exp(-1) + others)]
    assert done.text == "ac"
    assert done.meta["logprobs"] == pytest.approx(expected, abs=1e-3)  # the cache of attention is in half precision


def test_samples_are_draws_from_the_model_itself(tmp_path: Path) -> None:
    """Nothing is cut off: tokens beyond llama.cpp's default top-p 0.95 and min-p 0.05 are drawn, seed by seed alike."""
    rows = {" ": {"a": 0.0, "b": math.log(0.02), "c": math.log(0.02)}, "a": {}, "b": {}, "c": {}}
    model = table_model(tmp_path / "m.gguf", rows)
    asked = [request(seed=n, temperature=1.0, max_tokens=1) for n in range(300)]
    first = [c.text for c in ask(opened(model), *asked)]
    rare = sum(text in {"b", "c"} for text in first)
    assert 3 <= rare <= 25  # 11.5 are expected
    assert [c.text for c in ask(opened(model, concurrency=4), *asked)] == first
    assert {c.text for c in ask(opened(model, top_p=0.9), *asked)} == {"a"}


def test_greedy_text_depends_on_neither_threads_nor_slots(noise: Path) -> None:
    """Six prompts give the same 24 tokens with one slot and with five, with one thread and with two."""
    asked = [request(f"question {n} " + "pad " * n, max_tokens=24) for n in range(6)]
    texts = [
        [c.text for c in ask(opened(noise, slots, threads=threads), *asked)]
        for slots, threads in ((1, 1), (5, 1), (1, 2), (5, 2))
    ]
    assert len(set(texts[0])) == 6
    assert texts[1:] == [texts[0]] * 3


def test_a_base_model_without_template_gets_the_plain_text(tmp_path: Path) -> None:
    """No chat template, no marks of one: the messages stand as they are."""
    model = opened(random_model(tmp_path / "base.gguf", template=None))
    assert model.prompt((Message("system", "Be brief."), Message("user", "1+1?"))) == "Be brief.\n\n1+1?"
    model.close()


def test_what_does_not_fit_is_a_failed_call(noise: Path) -> None:
    """A prompt longer than a slot's context is an error of that call; the others are answered."""
    long, short = ask(opened(noise), request("x" * 600), request("hi", max_tokens=3))
    assert (long.stop, short.stop, short.tokens.completion) == ("error", "length", 3)
    assert "exceeds the available context size (512 tokens)" in (long.error or "")


def test_a_template_that_refuses_is_a_failed_call(tmp_path: Path) -> None:
    """What a chat template raises is the call's error."""
    refusing = "{% if messages[0]['content'] == 'refuse me' %}{{ raise_exception('not this one') }}{% endif %}"
    model = table_model(tmp_path / "m.gguf", {}, refusing + tiny_gguf.TEMPLATE)
    refused, answered = ask(opened(model), request("refuse me"), request("hi"))
    assert (refused.stop, "not this one" in (refused.error or ""), answered.stop) == ("error", True, "end")


def test_stopping_early_ends_what_is_under_way(noise: Path) -> None:
    """A consumer that goes away waits for no endless reply."""
    model = opened(noise, context=100_000)
    stream = model.generate(request(str(n), max_tokens=1 if n == 0 else None) for n in range(8))
    next(iter(stream))
    stream.close()  # type: ignore[attr-defined]
    model.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 a zip file", "is no GGUF file"),
        (b"GGUF\x03\x00\x00\x00", "is a damaged GGUF file"),
        (b"GGUF" + (3).to_bytes(4, "little") + bytes(8) + (9).to_bytes(8, "little") + b"\xff" * 8, "a text of"),
        (b"GGUF" + (99).to_bytes(4, "little") + bytes(16), "is GGUF version 99"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_no_model_is_one_sentence(tmp_path: Path, content: bytes | None, said: str) -> None:
    """Missing, foreign and damaged files are refused before anything is written."""
    path = tmp_path / "m.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        opened(path)


def test_a_model_that_is_cut_short_is_one_sentence(noise: Path, tmp_path: Path) -> None:
    """Weights that end too early are refused with what to look at."""
    (tmp_path / "cut.gguf").write_bytes(noise.read_bytes()[:-50_000])
    with pytest.raises(BadInput, match=r"does not load .*cut\.gguf"):
        opened(tmp_path / "cut.gguf")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"ctx": "1"}, "ctx is none of gguf:'s: context, threads"),
        ({"context": "many"}, "context=many is no whole number"),
        ({"context": "0"}, "must be 1 or more"),
        ({"flash_attn": "yes"}, "neither true nor false"),
        ({"top_p": "high"}, "no number"),
        ({"template_arguments": "x"}, "needs a JSON object"),
    ],
)
def test_wrong_arguments_are_named(noise: Path, arguments: dict[str, str], said: str) -> None:
    """An argument that the adapter does not know, or of the wrong kind, is refused."""
    with pytest.raises(BadInput, match=said):
        open_model(str(noise), Options(arguments=arguments))


def test_the_name_and_the_weights_make_the_identity(tmp_path: Path) -> None:
    """Other weights under the same name are another model; a copy, other threads or slots are not."""
    first = random_model(tmp_path / "m.gguf")
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / "m.gguf"
    copy.write_bytes(first.read_bytes())
    described = [opened(first).describe(), opened(copy, 1, threads=2).describe()]
    assert described[0] == described[1]
    assert described[0]["name"] == "m"
    assert opened(random_model(first, seed=1)).describe() != described[0]


def test_a_missing_package_is_one_sentence_with_the_pip_line(noise: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without xllamacpp the adapter says how to install it."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(NotInstalled, match=r"xllamacpp is not installed; run: pip install 'rarl-eval\[local\]'"):
        opened(noise)


def records(path: Path) -> list[Record]:
    """Records of a run, seconds left out."""
    return [
        msgspec.structs.replace(r, trace=msgspec.structs.replace(r.trace, seconds=None))
        for r in store.read_run(path).records
    ]


def test_a_run_splits_reasoning_and_judges_the_answer(tmp_path: Path) -> None:
    """Through the run engine the reasoning is kept apart, the answer judged, and each sample has its own seed."""
    rows = START | path_of(r"<think>why</think>\boxed{12}")
    benchmark = data.load(registry.tasks("demo_math")[0])
    model = opened(table_model(tmp_path / "m.gguf", rows))
    run([benchmark], model, tmp_path / "run", Settings(limit=2, samples=3, sampling=Sampling(max_tokens=32)))
    model.close()
    found = records(tmp_path / "run")
    assert len({r.trace.seed for r in found}) == 6
    for record in found:
        assert (record.trace.model, record.trace.reasoning, record.trace.answer) == ("m", "why", r"\boxed{12}")
        assert record.verdict is not None
        assert record.verdict.extracted == "12"


def test_a_run_killed_and_resumed_is_the_undisturbed_run(noise: Path, tmp_path: Path, cli: Callable[..., Any]) -> None:
    """SIGKILL at random moments changes no record of a sampled run: every bit is the same again."""
    command = ["run", "-t", "demo_math", "-m", f"gguf:{noise}", "-k", "2", "--temperature", "1", "--max-tokens", "60"]
    command += ["--concurrency", "4", "--quiet", "--no-cache", "--model-arg", "context=1024"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'installed'}"}
    killed, rng, kills = tmp_path / "killed", random.Random(5), 0
    while kills < 3:
        child = subprocess.Popen(
            [sys.executable, "-m", "rarl_eval", *command, "--resume", "-o", str(killed)],
            env=environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        before = stored(killed)
        while stored(killed) == before and child.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.1))
        if child.poll() is not None:
            break
        child.send_signal(signal.SIGKILL)
        child.wait()
        kills += 1
    assert kills
    assert cli(*command, "--resume", "-o", killed).returncode == 0
    assert cli(*command, "-o", tmp_path / "calm").returncode == 0
    assert records(killed) == records(tmp_path / "calm")
    assert len({r.trace.text for r in records(killed)}) > 55


def stored(folder: Path) -> int:
    """Bytes that a run has stored so far."""
    sizes = 0
    for path in folder.glob("*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # a journal comes and goes
            sizes += path.stat().st_size
    return sizes
