"""Real reward models and a real judge end to end on a CPU: tiny and random, so that only the bookkeeping is judged."""

import importlib.util
import math
from pathlib import Path

import pytest
import rarl_eval_demo

from rarl_eval import data, registry
from rarl_eval.models import Options, Sampling
from rarl_eval.rewards import Reach
from rarl_eval.rewards.add import add_rewards, groups_of
from rarl_eval.rewards.judges import response_of, steps_of
from rarl_eval.rewards.open import open_source
from rarl_eval.rewards.questions import question_text
from rarl_eval.run import Settings, run
from rarl_eval.runs import store

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

ENGINE = {"dtype": "float32", "enforce_eager": "true", "gpu_memory_utilization": "0.2", "max_model_len": "1024"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A causal model, a sequence classifier with one label, and a token classifier with two."""
    transformers = pytest.importorskip("transformers")
    import torch
    from tiny import build  # tests/tiny.py; conftest puts its folder on the path

    folder = tmp_path_factory.mktemp("models")
    causal = build(folder / "tiny-llama")
    tokenizer = transformers.AutoTokenizer.from_pretrained(causal)
    torch.manual_seed(1)
    size = {
        "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 2048,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
    }  # fmt: skip
    config = transformers.LlamaConfig(**size, num_labels=1)
    transformers.LlamaForSequenceClassification(config).save_pretrained(folder / "orm")
    size.pop("num_key_value_heads")
    bert = transformers.BertConfig(**size, num_labels=2, id2label={0: "bad", 1: "good"})
    transformers.BertForTokenClassification(bert).save_pretrained(folder / "prm")
    for name in ("orm", "prm"):
        tokenizer.save_pretrained(folder / name)
    return {"causal": causal, "orm": folder / "orm", "prm": folder / "prm"}


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """Six recorded answers to the demo's first two math items."""
    benchmark = data.load(registry.tasks("demo_math")[0])
    model = registry.load("models", "replay")(str(rarl_eval_demo.path("outputs_demo-careful.jsonl")), Options())
    run([benchmark], model, tmp_path / "run", Settings(samples=3, limit=2))
    return tmp_path / "run"


def scores(run_dir: Path, text: str, **arguments: str) -> dict[tuple, tuple]:
    """Add one reward and return (score, steps) by slot."""
    reach = Reach(options=Options(arguments=arguments), sampling=Sampling(temperature=0.0, max_tokens=8))
    source = open_source(text, reach)
    name = source.kind.name
    add_rewards(run_dir, [source])
    found = [e for e in store.read_entries(run_dir, traps=False) if e.reward.name == name]
    return {e.slot: (e.reward.score, e.reward.steps) for e in found}


def test_an_outcome_model_gives_what_a_plain_forward_pass_gives(models: dict[str, Path], run_dir: Path) -> None:
    """Batched and padded, each score is the logit of a pass over that text alone; a second call scores nothing."""
    import torch
    import transformers

    found = scores(run_dir, f"orm:hf:{models['orm']}")
    model = transformers.AutoModelForSequenceClassification.from_pretrained(models["orm"]).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(models["orm"])
    groups = groups_of(store.read_run(run_dir))
    cases = {(c.record.trace.task, c.record.trace.key, c.record.trace.sample): c for g in groups for c in g}
    assert len(found) == len(cases) == 6
    for slot, (score, _) in found.items():
        turns = [
            {"role": "user", "content": question_text(cases[slot].item)},
            {"role": "assistant", "content": response_of(cases[slot])},
        ]
        ids = tokenizer.encode(tokenizer.apply_chat_template(turns, tokenize=False), add_special_tokens=False)
        with torch.inference_mode():
            assert score == pytest.approx(float(model(torch.tensor([ids])).logits[0, 0]), abs=1e-4)
    assert scores(run_dir, f"orm:hf:{models['orm']}") == found


def test_a_process_model_scores_each_step_where_it_ends(models: dict[str, Path], run_dir: Path) -> None:
    """One probability of the label `good` a step, joined by the minimum."""
    found = scores(run_dir, f"prm:hf:{models['prm']}", label="good")
    groups = groups_of(store.read_run(run_dir))
    cases = {(c.record.trace.task, c.record.trace.key, c.record.trace.sample): c for g in groups for c in g}
    for slot, (score, steps) in found.items():
        assert len(steps) == len(steps_of(cases[slot], "newline"))
        assert all(0 < s < 1 for s in steps)
        assert score == min(steps)


@pytest.mark.parametrize("form", ["orm", "prm"])
def test_transformers_and_vllm_agree(models: dict[str, Path], run_dir: Path, form: str) -> None:
    """vLLM's pooling API and transformers give the same scores to four digits."""
    if importlib.util.find_spec("vllm") is None:
        pytest.skip("vllm is not installed; make test-heavy installs it")
    one = scores(run_dir, f"one={form}:hf:{models[form]}")
    other = scores(run_dir, f"other={form}:vllm:{models[form]}", **ENGINE)
    assert one.keys() == other.keys()
    for slot, (score, steps) in one.items():
        assert other[slot][0] == pytest.approx(score, abs=2e-3)
        assert other[slot][1] == (None if steps is None else pytest.approx(steps, abs=2e-3))


@pytest.mark.parametrize("adapter", ["lm-eval", "vllm"])
def test_a_real_judge_that_says_nothing_usable_scores_nothing(
    models: dict[str, Path], run_dir: Path, adapter: str
) -> None:
    """A random model's noise is kept as text and never read as a verdict."""
    if importlib.util.find_spec(adapter.replace("-", "_")) is None:
        pytest.skip(f"{adapter} is not installed; make test-heavy installs it")
    name = "hf" if adapter == "lm-eval" else str(models["causal"])
    more = {"pretrained": str(models["causal"]), "device": "cpu", "dtype": "float32"} if adapter == "lm-eval" else {
        **ENGINE, "max_model_len": "2048"}  # fmt: skip
    assert {s for s, _ in scores(run_dir, f"pointwise:{adapter}:{name}", **more).values()} == {None}
    kept = [e.judgements[0] for e in store.read_entries(run_dir, traps=False)]
    assert all(j.prompt and j.text and j.verdict is None and j.error is None for j in kept)


@pytest.mark.parametrize("measure", ["logprob", "certainty", "entropy"])
def test_likelihood_rewards_equal_their_formulas(models: dict[str, Path], run_dir: Path, measure: str) -> None:
    """Each is recomputed from the probabilities of one forward pass, position by position."""
    import torch
    import transformers

    found = scores(run_dir, f"{measure}:{models['causal']}")
    model = transformers.AutoModelForCausalLM.from_pretrained(models["causal"]).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(models["causal"])
    case = groups_of(store.read_run(run_dir))[0][0]
    turns = [{"role": "user", "content": question_text(case.item)}]
    prompt = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    before = tokenizer.encode(prompt, add_special_tokens=False)
    text = tokenizer.encode(case.record.trace.text, add_special_tokens=False)
    with torch.inference_mode():
        p = model(torch.tensor([before + text])).logits[0, len(before) - 1 : -1].double().softmax(-1)
    size = p.shape[-1]
    expected = {
        "logprob": sum(math.log(p[i, t]) for i, t in enumerate(text)) / len(text),
        "entropy": float((p * p.log()).sum(-1).mean()),
        "certainty": -float((size * p).log().mean()),
    }[measure]
    trace = case.record.trace
    assert found[trace.task, trace.key, trace.sample][0] == pytest.approx(expected, rel=1e-4)
