"""What a night does, as its TOML file says it: models, recorded outputs, tasks, corpora, the gate and its caps.

Every complaint is one sentence that names the file and the key. Paths are relative to the file's folder.
"""

import tomllib
from collections import Counter
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.webhook import is_address
from rarl_eval.models import Options
from rarl_eval.models.budget import Budget, Price


class Gate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[gate]``: when a night is a regression."""

    false_alarm_rate: float = 0.01
    """Chance of any alarm in a night in which nothing changed, over all cells and both references together."""
    baseline: list[str] = []
    """Nights of the history, or run directories; default: the history's first night of the cell."""
    nights: int = 7
    """How many of the last nights stand beside tonight; 0: the baseline alone."""
    smallest_drop: float = 0.0
    """A drop of fewer points is no regression, however sure."""
    allowed_error_share: float = 0.01
    """A larger share of failed calls is a failure of the cell: they are in no denominator and could hide a drop."""


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model is reached: keys of ``[[model]]`` and of ``[[reward]]``."""

    base_url: str | None = None
    concurrency: int = 16
    timeout: float = 600.0
    retries: int = 5
    api_key_env: str = "OPENAI_API_KEY"
    args: dict[str, str | int | float | bool] = {}

    @property
    def options(self) -> Options:
        """The same as the command line has it."""
        return Options(
            base_url=self.base_url,
            concurrency=self.concurrency,
            timeout_seconds=self.timeout,
            retries=self.retries,
            api_key_variable=self.api_key_env,
            arguments={k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in self.args.items()},
        )


class ModelEntry(Server, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[model]]``: a model to ask."""

    model: str
    """ADAPTER:NAME, as for ``rarl-eval run``."""
    label: str | None = None
    """What the history calls it; default: NAME."""
    tasks: list[str] = []
    """Default: ``tasks`` of the file."""
    samples: int = 1
    temperature: float | None = None
    budgets: list[int] = []
    """Caps of generated tokens a sample, each a cell of its own; default: the model's own."""
    price: tuple[float, float] = (0.0, 0.0)
    """Of a million prompt and a million completion tokens."""

    @property
    def charged(self) -> Price:
        """What its tokens cost."""
        return Price(prompt_per_million=self.price[0], completion_per_million=self.price[1])

    @property
    def name(self) -> str:
        """The model's name in the history."""
        return self.label or self.model.partition(":")[2] or self.model


class RecordedEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[recorded]]``: outputs that something else writes, scored each night."""

    task: str
    files: list[str]
    """Paths or globs; ``{night}`` in them is the night's name."""
    label: str
    """The model's name."""
    format: Literal["auto", "jsonl", "lm-eval"] = "auto"
    text_field: str | None = None
    id_field: str | None = None
    question_field: str | None = None
    reasoning_field: str | None = None
    tokens_field: str | None = None
    stop_field: str | None = None
    rewards: dict[str, str] = {}
    trust_ids: bool = False


class CorpusEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[corpus]]``: training text to scan for the tasks' items; scanned again only when it changed."""

    name: str
    paths: list[str]
    fields: list[str] = []


class RewardEntry(Server, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[reward]]``: a reward to add to every run of the night, held against the verdict."""

    source: str
    """As for ``rarl-eval reward``: ``[NAME=]SOURCE[:ARGUMENT]`` or ``[NAME=]./file.py:function``."""
    calls: int | None = None
    tokens: int | None = None
    """Caps of what judging one run may cost."""


class TrainingEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[training]]``: a training's rollouts to watch; its alarm is the night's."""

    name: str
    dumps: list[str]
    """Files and folders, as for ``rarl-eval training``."""
    verify: str | None = None
    gold_field: str | None = None
    prompt_field: str | None = None
    text_field: str | None = None
    reward_field: str | None = None
    step_field: str | None = None
    group_field: str | None = None
    tokenizer: str | None = None
    scans: list[str] = []
    """Scans of its prompts."""
    alarm: float = 0.01
    """Chance of a false alarm over the whole training."""
    window: int = 20


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A nightly file."""

    out: str
    """Folder of nights, scans, history, report and site."""
    tasks: list[str] = []
    sources: dict[str, str] = {}
    """Task to local file of its rows."""
    lock: str | None = None
    limit: int | None = None
    """Only the first N items of each task."""
    seed: int = 0
    model: list[ModelEntry] = []
    recorded: list[RecordedEntry] = []
    corpus: list[CorpusEntry] = []
    reward: list[RewardEntry] = []
    training: list[TrainingEntry] = []
    gate: Gate = Gate()
    caps: Budget = Budget()
    """``[caps]``: what a night may cost; its tokens are those generated."""
    webhook: str | None = None
    """URL that gets the outcome as JSON; ``env:NAME`` reads it from a variable."""
    site: bool = True


def read_config(path: Path) -> Config:
    """Read and check a nightly file; raises BadInput naming file and key."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; docs/nightly.md shows how to write one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not TOML: {error}") from error
    _no_unknown_keys(path, table, Config, "")
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at ")
        key = where.strip("`").removeprefix("$").removeprefix(".") or _named_in(said)
        raise BadInput(f"{path}: {key}: {said[0].lower()}{said[1:]}") from None
    _check(path, config)
    return config


def _named_in(said: str) -> str:
    """Key that a message without a place speaks of: "Object missing required field `out`"."""
    return said.split("`")[1] if said.count("`") >= 2 else "the file"


def _no_unknown_keys(path: Path, table: Any, kind: Any, where: str) -> None:
    """Name an unknown key by its whole place, with the nearest known one."""
    if not isinstance(table, dict):
        return
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in table.items():
        place = f"{where}{key}"
        if key not in fields:
            near = get_close_matches(key, fields, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(fields)}"
            raise BadInput(f"{path}: {place}: no such key; {hint}")
        inner = (get_args(fields[key]) or (fields[key],))[0]
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            for number, entry in enumerate(value if isinstance(value, list) else [value]):
                _no_unknown_keys(path, entry, inner, f"{place}[{number}]." if isinstance(value, list) else f"{place}.")


def _check(path: Path, config: Config) -> None:
    """Raise BadInput for the first key whose value cannot be used."""
    for key, right, wanted in _rules(config):
        if not right:
            raise BadInput(f"{path}: {key}: {wanted}")


def _rules(config: Config) -> list[tuple[str, bool, str]]:
    gate, caps = config.gate, config.caps
    found = [
        ("out", bool(config.out), "name a folder"),
        (
            "model",
            bool(config.model or config.recorded or config.training),
            "there is no [[model]], no [[recorded]] and no [[training]]: nothing to do",
        ),
        ("limit", config.limit is None or config.limit > 0, "must be above 0"),
        ("gate.false_alarm_rate", 0 < gate.false_alarm_rate < 1, "must lie between 0 and 1, e.g. 0.01"),
        ("gate.nights", 0 <= gate.nights <= 90, "must lie between 0 and 90"),
        ("gate.smallest_drop", 0 <= gate.smallest_drop < 100, "is in points and must lie between 0 and 100"),
        ("gate.allowed_error_share", 0 <= gate.allowed_error_share <= 1, "must lie between 0 and 1"),
        ("caps.calls", caps.calls is None or caps.calls > 0, "must be above 0"),
        ("caps.hours", caps.hours is None or caps.hours > 0, "must be above 0"),
        ("caps.tokens", caps.tokens is None or caps.tokens > 0, "must be above 0"),
        ("caps.cost", caps.cost is None or caps.cost > 0, "must be above 0"),
        ("caps.cost", caps.cost is None or any(map(any, (m.price for m in config.model))), "no model has a price"),
        ("webhook", is_address(config.webhook), "must be a http:// or https:// address, or env:NAME"),
    ]
    for i, model in enumerate(config.model):
        found += _model_rules(f"model[{i}]", model, config)
    for i, recorded in enumerate(config.recorded):
        found.append((f"recorded[{i}].files", bool(recorded.files), "name at least one file"))
    for i, corpus in enumerate(config.corpus):
        found.append((f"corpus[{i}].paths", bool(corpus.paths), "name at least one path"))
        found.append((f"corpus[{i}].name", _is_plain(corpus.name), "may hold letters, digits, - _ . only"))
    for i, training in enumerate(config.training):
        found.append((f"training[{i}].dumps", bool(training.dumps), "name at least one file or folder"))
        found.append((f"training[{i}].name", _is_plain(training.name), "may hold letters, digits, - _ . only"))
        found.append((f"training[{i}].alarm", 0 < training.alarm < 1, "must lie between 0 and 1, e.g. 0.01"))
        found.append((f"training[{i}].window", training.window > 0, "must be above 0"))
    return [*found, *_unique_rules(config)]


def _is_plain(name: str) -> bool:
    return bool(name) and all(c.isalnum() or c in "-_." for c in name) and name[0] != "."


def _model_rules(place: str, model: ModelEntry, config: Config) -> list[tuple[str, bool, str]]:
    return [
        (f"{place}.model", ":" in model.model, f"{model.model!r} is not ADAPTER:NAME, e.g. openai:gpt-4o"),
        (f"{place}.tasks", bool(model.tasks or config.tasks), "no tasks here and none for the file"),
        (f"{place}.samples", model.samples > 0, "must be above 0"),
        (f"{place}.temperature", model.temperature is None or model.temperature >= 0, "may not be below 0"),
        (f"{place}.budgets", all(b > 0 for b in model.budgets), "must be above 0"),
        (f"{place}.budgets", len(set(model.budgets)) == len(model.budgets), "names a budget twice"),
        (f"{place}.concurrency", model.concurrency > 0, "must be above 0"),
        (f"{place}.timeout", model.timeout > 0, "must be above 0"),
        (f"{place}.retries", model.retries >= 0, "may not be below 0"),
        (f"{place}.price", min(model.price) >= 0, "may not be below 0"),
    ]


def _unique_rules(config: Config) -> list[tuple[str, bool, str]]:
    models = Counter(m.name for m in config.model)
    corpora = Counter(c.name for c in config.corpus)
    recorded = Counter((r.label, r.task) for r in config.recorded)
    trainings = Counter(t.name for t in config.training)
    return [
        ("model", max(models.values(), default=1) == 1, "two models share a label; give each its own label"),
        ("training", max(trainings.values(), default=1) == 1, "two trainings share a name"),
        ("corpus", max(corpora.values(), default=1) == 1, "two corpora share a name"),
        ("recorded", not {r.label for r in config.recorded} & set(models), "an entry has the label of a model"),
        ("recorded", max(recorded.values(), default=1) == 1, "two entries share label and task"),
    ]
