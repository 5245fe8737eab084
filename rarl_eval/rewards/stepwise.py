"""Process models that no class of transformers reads: steps answered with + or -, and heads of several layers.

``prm:causal:MODEL`` reads a causal model's chance of + against - at each step, ``prm:layered:MODEL`` the last class of
a head of linear layers with ReLU between them, rebuilt from the checkpoint's own weights. Where the steps stand and how
they are marked is a form (``--model-arg form=NAME`` or a TOML file). One text a pass, in single precision unless
``--model-arg dtype=`` says otherwise. Not here: how scores become rewards (discriminative.py).
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import msgspec

from rarl_eval.errors import BadInput, NotInstalled, first_line
from rarl_eval.models import Completion, Request
from rarl_eval.models.arguments import files_hash, label, typed
from rarl_eval.rewards.heads import architectures, refused, weight_names
from rarl_eval.types import Reward

Way = Literal["causal", "layered"]
DEFAULT: dict[Way, str] = {"causal": "math-shepherd", "layered": "qwen-math-prm"}
Places = tuple[list[int], list[int]]
"""Token ids of a text, and the places whose outputs are the steps' scores."""


class StepForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How question and steps are put together, and where a step's score is read."""

    source: str
    text: str
    """{question} and {steps}; with a chat template and no {question}, the question is a turn of its own."""
    step: str
    """{text} and its number {n}."""
    join: str = ""
    system: str = ""
    tag: str = ""
    """The token at which a step is read: each step ends with it."""
    turns: bool = False
    """Each step is a turn of the user, answered with ``plus``, and read where that answer is foretold."""
    plus: str = ""
    minus: str = ""


def read_step_form(named: str) -> StepForm:
    """Read a form by its shipped name or its file; raises BadInput naming what is wrong."""
    folder = resources.files("rarl_eval.rewards") / "stepforms"
    known = sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    if named.endswith(".toml") and Path(named).is_file():
        text = Path(named).read_text("utf-8")
    elif named in known:
        text = (folder / f"{named}.toml").read_text("utf-8")
    else:
        raise BadInput(f"--model-arg form={named}: there are {', '.join(known)}, or name a .toml file")
    try:
        form = msgspec.convert(tomllib.loads(text), StepForm)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"the form {named} cannot be read: {error}") from error
    if not (form.tag or form.turns) or "{text}" not in form.step or "{steps}" not in form.text:
        raise BadInput(f"the form {named} needs {{steps}} in text, {{text}} in step, and a tag or turns")
    return form


class StepModel:
    """A process model as a model: what it is asked is a conversation, what it answers are the scores of its steps."""

    def __init__(self, name: str, kind: Way, arguments: Mapping[str, str]) -> None:
        named = arguments.get("form", DEFAULT[kind])
        self._form = read_step_form(named)
        if kind == "causal" and not (self._form.plus and self._form.minus):
            raise BadInput(f"the form {named} names no plus and minus, by which prm:causal: reads a step")
        settings = {k: v for k, v in arguments.items() if k != "form"}
        self._tokenizer, self._outputs, self._limit, versions = _loaded(name, kind, settings)
        self._identity = {
            **versions,
            "adapter": kind,
            "name": label(name),
            "files": files_hash(name),
            "arguments": dict(arguments),
            "form": msgspec.to_builtins(self._form),
        }
        self._kind = kind

    def describe(self) -> dict[str, Any]:
        """Return name, form, arguments, versions and a hash of a local folder's files."""
        return self._identity

    def close(self) -> None:
        """Let the model go."""
        del self._outputs

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Score one conversation after another; one that does not fit, or whose steps are not found, is an error."""
        for request in requests:
            question, *steps = (m.content for m in request.messages)
            tokens, places = places_of(self._tokenizer, self._form, question, steps)
            if len(places) != len(steps):
                error = f"{len(places)} places to read for {len(steps)} steps: the text holds the step's own mark"
                yield Completion(request=request, stop="error", error=error)
            elif self._limit is not None and len(tokens) > self._limit:
                error = f"{len(tokens)} tokens do not fit the model's {self._limit}"
                yield Completion(request=request, stop="error", error=error)
            else:
                scores = self._scores(tokens, places)
                reward = Reward(name="score", judge="discriminative", steps=scores)
                yield Completion(request=request, stop="end", rewards=(reward,))

    def _scores(self, tokens: Sequence[int], places: Sequence[int]) -> tuple[float, ...]:
        outputs = self._outputs(tokens)[list(places)]
        if self._kind == "causal":
            outputs = outputs[:, [*reversed(signs(self._tokenizer, self._form))]]  # the last column is +
        return tuple(float(p) for p in outputs.softmax(dim=-1)[:, -1])


def signs(tokenizer: Any, form: StepForm) -> tuple[int, int]:
    """Token ids of plus and minus: as in "+ -" where steps are tagged, each alone where it is a turn's answer."""
    if form.turns:
        plus, minus = (tokenizer.encode(sign, add_special_tokens=False)[-1] for sign in (form.plus, form.minus))
    else:
        plus, minus = tokenizer.encode(f"{form.plus} {form.minus}", add_special_tokens=False)[-2:]
    return int(plus), int(minus)


def places_of(tokenizer: Any, form: StepForm, question: str, steps: Sequence[str]) -> Places:
    """Encode question and steps as the form says, and find where each step is read."""
    shown = [form.step.replace("{n}", str(n)).replace("{text}", step) for n, step in enumerate(steps, start=1)]
    if form.turns:
        return _turns(tokenizer, form, question, shown)
    before, after = form.text.split("{steps}", 1)
    whole = before.replace("{question}", question) + form.join.join(shown) + after
    if "{question}" in form.text:
        tokens = list(tokenizer.encode(whole))
    else:
        system = [{"role": "system", "content": form.system}] if form.system else []
        turns = [*system, {"role": "user", "content": question}, {"role": "assistant", "content": whole}]
        text = tokenizer.apply_chat_template(turns, tokenize=False)
        tokens = list(tokenizer.encode(text, add_special_tokens=False))
    tag = tokenizer.encode(form.tag, add_special_tokens=False)[-1]
    return tokens, [i for i, token in enumerate(tokens) if token == tag]


def _turns(tokenizer: Any, form: StepForm, question: str, steps: Sequence[str]) -> Places:
    """Put each step into a turn that is answered with plus; read where the answer is foretold."""
    plus = signs(tokenizer, form)[0]
    turns: list[dict[str, str]] = []
    tokens: list[int] = []
    places = []
    for n, step in enumerate(steps):
        content = step if n else form.text.replace("{question}", question).replace("{steps}", step)
        turns += [{"role": "user", "content": content}, {"role": "assistant", "content": form.plus}]
        longer = tokenizer.encode(tokenizer.apply_chat_template(turns, tokenize=False), add_special_tokens=False)
        answers = [i for i, token in enumerate(longer) if token == plus and i >= len(tokens)]
        if answers and longer[: len(tokens)] == tokens:
            places.append(answers[-1] - 1)
        tokens = list(longer)
    return tokens, places


def _loaded(
    name: str, kind: Way, settings: Mapping[str, str]
) -> tuple[Any, Callable[[Sequence[int]], Any], int | None, dict[str, str]]:
    """Return tokenizer, a function from token ids to raw outputs (tokens, classes), the longest text, and versions."""
    try:
        import torch
        import transformers
    except ImportError as error:
        raise NotInstalled("transformers", "rewards") from error
    auto = transformers.AutoModelForCausalLM if kind == "causal" else transformers.AutoModel
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        given = {"dtype": torch.float32, **typed(settings)}
        model, told = auto.from_pretrained(name, **given, output_loading_info=True)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, ImportError) as error:
        raise BadInput(f"the reward model {name!r} cannot be loaded: {first_line(error)}") from error
    if told["missing_keys"]:
        kinds = list(model.config.architectures or [])
        raise refused(name, "prm", told["unexpected_keys"], kinds, sorted(told["missing_keys"]), kind)
    model = model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
    layers = [] if kind == "causal" else _layers(name, model)

    def outputs(tokens: Sequence[int]) -> Any:
        with torch.inference_mode():
            found = model(input_ids=torch.tensor([list(tokens)], device=model.device))
            if kind == "causal":
                return found.logits[0].float().cpu()
            hidden = found.last_hidden_state[0]
            for n, (weight, bias) in enumerate(layers):
                hidden = torch.nn.functional.linear(hidden, weight, bias)
                hidden = hidden if n == len(layers) - 1 else torch.relu(hidden)
            return hidden.float().cpu()

    limit = getattr(model.config, "max_position_embeddings", None)
    return tokenizer, outputs, limit, {"transformers": transformers.__version__}


def _layers(name: str, model: Any) -> list[tuple[Any, Any]]:
    """Weights and biases of the head's linear layers, in order, from the checkpoint's own files."""
    from huggingface_hub import snapshot_download
    from safetensors import safe_open

    folder = Path(name) if Path(name).is_dir() else Path(snapshot_download(name))
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as opened:
            found |= {key: opened.get_tensor(key) for key in opened.keys() if key.startswith("score.")}  # noqa: SIM118
    numbers = sorted(int(key.split(".")[1]) for key in found if key.endswith(".weight") and key.split(".")[1].isdigit())
    if not numbers:
        raise refused(name, "prm", weight_names(folder) or (), architectures(folder), (), "layered")
    placed = {key: tensor.to(model.device, model.dtype) for key, tensor in found.items()}
    return [(placed[f"score.{n}.weight"], placed.get(f"score.{n}.bias")) for n in numbers]
