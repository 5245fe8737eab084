"""Process models of other forms, tiny and random: the scores of their published loading code, and refusals."""

from pathlib import Path

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.models import Options
from rarl_eval.rewards import Case, Reach
from rarl_eval.rewards.open import open_source
from rarl_eval.types import Item, Record, Trace

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

STEPS = ("Two and two.", "So it is four.", "The answer is 4.")
QUESTION = "What is 2+2?"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A causal model whose tokenizer knows a step tag, and the same body under a head of two layers."""
    transformers = pytest.importorskip("transformers")
    import torch
    from safetensors.torch import save_file
    from tiny import build

    folder = tmp_path_factory.mktemp("models")
    causal = build(folder / "causal", "qwen2")
    tokenizer = transformers.AutoTokenizer.from_pretrained(causal)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<extra_0>", "ки"]})
    model = transformers.AutoModelForCausalLM.from_pretrained(causal)
    model.resize_token_embeddings(len(tokenizer))
    model.save_pretrained(causal)
    tokenizer.save_pretrained(causal)
    torch.manual_seed(3)
    layered = folder / "layered"
    model.config.architectures = ["Qwen2ForProcessRewardModel"]
    model.config.save_pretrained(layered)
    tokenizer.save_pretrained(layered)
    held = {f"model.{k}": v.clone() for k, v in model.model.state_dict().items()}
    size = model.config.hidden_size
    held |= {"score.0.weight": torch.randn(size, size) / 8, "score.0.bias": torch.randn(size)}
    held |= {"score.2.weight": torch.randn(2, size), "score.2.bias": torch.randn(2)}
    save_file(held, layered / "model.safetensors", metadata={"format": "pt"})
    return {"causal": causal, "layered": layered}


def steps_by(source: str, **arguments: str) -> tuple[float, ...]:
    """Scores of the three steps by a source, beside a longer case in the same call."""
    opened = open_source(source, Reach(options=Options(arguments=arguments), cached=False))
    groups = [tuple(_case(n, steps) for n, steps in enumerate((STEPS, ("A longer step than those. " * 9, *STEPS))))]
    found = {entry.slot[2]: entry.reward.steps for entry in opened.score(groups)}
    assert len(found[1]) == 4
    return found[0]


def _case(sample: int, steps: tuple[str, ...]) -> Case:
    trace = Trace(key="1", task="t", item_id="1", model="", sample=sample, text="x", answer="x", stop="end")
    item = Item(id="1", question=QUESTION, gold="4")
    return Case(item=item, record=Record(trace=trace, verdict=None), steps=steps)


def test_tagged_steps_are_read_as_math_shepherd_reads_them(models: dict[str, Path]) -> None:
    """Softmax over the last tokens of "+ -" at each tag of the text encoded whole."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(models["causal"])
    model = transformers.AutoModelForCausalLM.from_pretrained(models["causal"]).eval()
    output = "\n".join(f"Step {n}: {step} ки" for n, step in enumerate(STEPS, start=1))
    ids = torch.tensor([tokenizer.encode(f"{QUESTION} {output}")])
    candidates = tokenizer.encode("+ -", add_special_tokens=False)[-2:]
    with torch.no_grad():
        scores = model(ids).logits[:, :, candidates].softmax(dim=-1)[:, :, 0]
    expected = scores[ids == tokenizer.encode("ки", add_special_tokens=False)[-1]].tolist()
    assert steps_by(f"prm:causal:{models['causal']}") == pytest.approx(expected, abs=1e-5)


def test_steps_in_turns_are_read_where_their_answer_is_foretold(models: dict[str, Path]) -> None:
    """RLHFlow asks turn by turn: the chance of + against - before each answer, one prefix at a time."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(models["causal"])
    model = transformers.AutoModelForCausalLM.from_pretrained(models["causal"]).eval()
    plus, minus = (tokenizer.encode(sign, add_special_tokens=False)[-1] for sign in "+-")
    turns, expected = [], []
    for n, step in enumerate(STEPS):
        turns.append({"role": "user", "content": step if n else f"{QUESTION} {step}"})
        text = tokenizer.apply_chat_template([*turns, {"role": "assistant", "content": "+"}], tokenize=False)
        ids = tokenizer.encode(text, add_special_tokens=False)
        at = len(ids) - 1 - ids[::-1].index(plus)
        with torch.no_grad():
            expected.append(float(model(torch.tensor([ids])).logits[0, at - 1, [plus, minus]].softmax(-1)[0]))
        turns.append({"role": "assistant", "content": "+"})
    found = steps_by(f"prm:causal:{models['causal']}", form="rlhflow")
    assert found == pytest.approx(expected, abs=1e-5)


def test_a_head_of_two_layers_is_rebuilt_from_its_weights(models: dict[str, Path]) -> None:
    """Linear, ReLU, linear over the body's last hidden state, and the second class at each <extra_0>."""
    import torch
    import transformers
    from safetensors.torch import load_file

    tokenizer = transformers.AutoTokenizer.from_pretrained(models["layered"])
    body = transformers.AutoModel.from_pretrained(models["layered"]).eval()
    held = load_file(models["layered"] / "model.safetensors")
    head = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
    head.load_state_dict({key.removeprefix("score."): held[key] for key in held if key.startswith("score.")})
    turns = [
        {"role": "system", "content": "Please reason step by step, and put your final answer within \\boxed{}."},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "".join(f"{step}<extra_0>" for step in STEPS)},
    ]
    ids = tokenizer.encode(tokenizer.apply_chat_template(turns, tokenize=False), add_special_tokens=False)
    mark = tokenizer.encode("<extra_0>", add_special_tokens=False)[0]
    with torch.no_grad():
        scores = head(body(torch.tensor([ids])).last_hidden_state[0]).softmax(-1)[:, 1]
    expected = [float(s) for s, token in zip(scores, ids, strict=True) if token == mark]
    assert steps_by(f"prm:layered:{models['layered']}") == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("source", "model", "said"),
    [
        ("prm:hf", "causal", "it is a causal model: prm:causal:"),
        ("orm:hf", "causal", "it is a causal model"),
        ("prm:hf", "layered", "its head has several layers: prm:layered:"),
        ("prm:layered", "causal", "it is a causal model"),
        ("prm:causal", "layered", "its head has several layers"),
    ],
)
def test_the_wrong_class_is_refused(models: dict[str, Path], source: str, model: str, said: str) -> None:
    """No source reads a checkpoint through a head that it does not hold."""
    with pytest.raises(BadInput, match="the head is not in the checkpoint") as error:
        steps_by(f"{source}:{models[model]}")
    assert said in str(error.value)
