"""What the rows of each trainer's dump mean. A layout is known by the fields of a row, never by a file's name alone.

Sources, with the commits that were read, stand in docs/training.md. Not here: which files are read (dumps.py).
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rarl_eval.identity.evidence import GOLDS
from rarl_eval.identity.turns import run_in
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import element, mapping, options_of, text_of, value_at
from rarl_eval.training.rollouts import Rollout, first, held, numbers_in, paid, said, step_in, stop_of
from rarl_eval.types import Stop

Row = Mapping[str, Any]
_GOLDS = (*GOLDS, "answer", "label", "solution", "gold_answers")
_PROMPTS = ("prompt", "input", "question", "query", "problem", "instruction", "messages", "input_prompt")
_TEXTS = ("completion", "output", "response", "text", "generated_text", "output_response", "generation", "responses")
_REWARDS = ("reward", "score", "rewards", "total_reward", "scores")


class Layout(NamedTuple):
    """How one trainer's rows are known and read."""

    name: str
    fields: frozenset[str]
    """A row of this layout has them all."""
    read: Callable[[Row, Path], Iterator[Rollout]]


def layout_of(row: Row) -> Layout | None:
    """Return the layout that a row is of; None for a row of no known trainer, and one that holds no rollout."""
    return next((layout for layout in LAYOUTS if layout.fields <= row.keys()), None)


def _trl(row: Row, path: Path) -> Iterator[Rollout]:
    rest = {name: value for name, value in row.items() if name not in _TRL_OWN}
    rewards = {name: value for name, value in rest.items() if isinstance(value, float)}
    known = [value for value in rewards.values() if value == value]  # noqa: PLR0124  not a number is unknown
    text, reasoning = said(row["completion"])
    extras = {name: value for name, value in rest.items() if not isinstance(value, float) and value is not None}
    yield Rollout(
        text=text,
        reasoning=reasoning,
        prompt=row["prompt"],
        step=step_in(path, row),
        reward=sum(known) if known else None,
        rewards={name: paid(value) for name, value in rewards.items()},
        gold=first(row, _GOLDS),
        choices=options_of(first(row, ("choices", "options"))),
        extras=repr(sorted(extras.items(), key=lambda pair: pair[0])) if extras else "",
    )


_TRL_OWN = {"step", "prompt", "completion", "advantage", "images", "image"}


def _verl(row: Row, path: Path) -> Iterator[Rollout]:
    uid = text_of(row.get("uid"))
    yield Rollout(
        text=chat.closed(text_of(row["output"]) or ""),
        prompt=row["input"],
        step=step_in(path, row),
        group=uid.rsplit("_", 2)[0] if uid else None,
        sample=uid,
        gold=row.get("gts"),
        reward=paid(row["score"]),
        rewards={n: v for n, v in numbers_in(row).items() if n not in {"step", "gts", "score", "input", "output"}},
        held_out="validation" in path.parent.name or path.parent.name.startswith("val"),
    )


def _nemo_rl(row: Row, path: Path) -> Iterator[Rollout]:
    content = held(row["content"])
    shown = chat.turns(content)
    if shown:
        asking = [turn for turn in shown if turn.role == "user"]
        prompt: Any = asking[0].text if asking else None
        text = "\n".join(turn.text for turn in shown if turn.role == "assistant")
    else:
        turns = [text_of(part) or "" for part in content] if isinstance(content, list) else ["", str(content)]
        prompt, text = turns[0], "\n".join(turns[1::2])
    yield Rollout(
        text=chat.closed(text),
        prompt=prompt,
        step=step_in(path),
        gold=held(first(row, _GOLDS)),
        reward=paid(held(row["rewards"])),
        held_out=path.name.startswith("val"),
    )


def _traces(row: Row, path: Path) -> Iterator[Rollout]:
    """Read an episode of prime-rl or verifiers v1: nodes of messages, of which the sampled ones are the policy's."""
    work = mapping(mapping(row.get("run")).get("work"))
    for trace in row["traces"] if isinstance(row["traces"], list) else []:
        task = mapping(mapping(trace).get("task")) or mapping(row.get("task"))
        nodes = [mapping(node) for node in trace.get("nodes") or []]
        own = [chat.turns([node.get("message")]) for node in nodes if node.get("sampled")]
        asked = [node.get("message") for node in nodes if not node.get("sampled")]
        call = mapping(element(trace.get("calls"), len(trace.get("calls") or []) - 1))
        parts = {n: mapping(p) for n, p in mapping(trace.get("rewards")).items()}
        scores = {str(n): paid(p.get("score")) for n, p in parts.items()}
        weighed = [(paid(p.get("score")), paid(p.get("weight", 1.0))) for p in parts.values()]
        known = [score * weight for score, weight in weighed if score is not None and weight is not None]
        yield Rollout(
            text=chat.closed(own[-1][0].text if own and own[-1] else ""),
            reasoning=own[-1][0].reasoning if own and own[-1] else None,
            prompt=asked,
            step=step_in(path, {"step": work.get("step")}),
            group=text_of(mapping(row.get("group")).get("id")) or text_of(task.get("key") or task.get("hash")),
            sample=text_of(trace.get("id")),
            gold=first(mapping(task.get("data")), _GOLDS),
            reward=sum(known) if known else None,
            rewards=scores,
            stop=stop_of(call.get("finish_reason")) or stop_of(trace.get("stop_condition")),
            held_out=work.get("type") == "eval" or "eval" in {part.name for part in list(path.parents)[:3]},
        )


def _results(row: Row, path: Path) -> Iterator[Rollout]:  # of verifiers' results.jsonl
    text, reasoning = said(row["completion"])
    cut = row.get("is_truncated")
    stop: Stop | None = "length" if cut is True else "end" if cut is False else stop_of(row.get("stop_condition"))
    yield Rollout(
        text=text,
        reasoning=reasoning,
        prompt=row["prompt"],
        step=step_in(path.parent, row),
        group=text_of(row.get("example_id")),
        gold=row.get("answer"),
        reward=paid(row["reward"]),
        rewards=numbers_in(row.get("metrics")),
        stop="error" if row.get("error") else stop,
    )


def _table(row: Row, path: Path) -> Iterator[Rollout]:
    """Read one row of OpenRLHF's table: prompt and answer run into one text."""
    whole = text_of(row["text"]) or ""
    bare = run_in(whole)
    prompt, text = chat.unmarked(whole) if bare is None else bare
    yield Rollout(
        text=chat.closed(text),
        prompt=prompt,
        step=step_in(path, row),
        reward=paid(row["reward"]),
        gold=first(row, _GOLDS),
    )


def _skyrl(row: Row, path: Path) -> Iterator[Rollout]:
    extras = mapping(row.get("env_extras"))
    yield Rollout(
        text=chat.closed(text_of(row["output_response"]) or ""),
        prompt=row["input_prompt"],
        step=step_in(path),
        gold=value_at(extras, "reward_spec.ground_truth"),
        reward=paid(row["score"]),
        stop=stop_of(row.get("stop_reason")),
        held_out="eval" in path.parent.name,
    )


def _areal(row: Row, path: Path) -> Iterator[Rollout]:
    yield Rollout(
        text=chat.closed(text_of(row["completion"]) or ""),
        prompt=row["prompt"],
        step=step_in(path, {"step": row.get("tail_version")}),
        group=text_of(row["task_id"]),
        sample=text_of(row["sample_idx"]),
        gold=first(row, _GOLDS),
        reward=paid(row["reward"]),
        held_out=any(part.name == "eval-rollout" for part in path.parents),
    )


def _slime(row: Row, path: Path) -> Iterator[Rollout]:
    for sample in row["samples"] if isinstance(row["samples"], list) else []:
        one = mapping(sample)
        yield Rollout(
            text=chat.closed(text_of(one.get("response")) or ""),
            prompt=one.get("prompt"),
            step=step_in(path, {"step": row["rollout_id"]}),
            group=text_of(one.get("group_index")),
            sample=text_of(one.get("index")),
            gold=one.get("label"),
            reward=paid(one.get("reward")),
            rewards=numbers_in(one.get("reward")),
            stop=stop_of(one.get("status")),
            held_out=path.name.startswith("eval_"),
        )


def _rllm(row: Row, path: Path) -> Iterator[Rollout]:
    task = mapping(row.get("task"))
    name = text_of(row.get("task_hash")) or text_of(task.get("id")) or (text_of(row.get("id")) or "").partition(":")[0]
    for trajectory in row["trajectories"] if isinstance(row["trajectories"], list) else []:
        steps = [mapping(step) for step in mapping(trajectory).get("steps") or []]
        last = steps[-1] if steps else {}
        turns = last.get("chat_completions") or []
        text, reasoning = said(turns)
        yield Rollout(
            text=text or chat.closed(text_of(last.get("model_response")) or ""),
            reasoning=reasoning,
            prompt=[t for t in turns if mapping(t).get("role") != "assistant"] or task.get("question"),
            step=step_in(path.parent, row) if "training_step" in row else None,
            group=name or None,
            sample=text_of(row.get("episode_id") or mapping(trajectory).get("uid") or row.get("id")),
            gold=first(task, _GOLDS) or first(mapping(task.get("metadata")), _GOLDS),
            reward=paid(mapping(trajectory).get("reward")),
            rewards=numbers_in(mapping(trajectory).get("signals")),
            stop=stop_of(row.get("termination_reason")),
            held_out="training_step" not in row or row.get("mode") == "val" or path.parent.name.startswith("val"),
        )


def _gym(row: Row, path: Path) -> Iterator[Rollout]:
    reply = mapping(row["response"])
    messages = [mapping(m) for m in reply.get("output") or [] if mapping(m).get("type", "message") == "message"]
    text, reasoning = said([{"role": "assistant", "content": m.get("content")} for m in messages[-1:]])
    cut = mapping(reply.get("incomplete_details")).get("reason")
    ended: Stop | None = "end" if messages and messages[-1].get("status") == "completed" else None
    yield Rollout(
        text=text,
        reasoning=reasoning,
        prompt=mapping(row["responses_create_params"]).get("input"),
        step=step_in(path, row) if "step" in row else None,
        group=text_of(row.get("_ng_task_index")),
        sample=text_of(row.get("_ng_rollout_index")),
        gold=first(row, _GOLDS),
        reward=paid(row["reward"]),
        stop=stop_of(cut) or ended,
    )


def _open_instruct(row: Row, path: Path) -> Iterator[Rollout]:  # with the texts of its ids (tokens.py)
    yield Rollout(
        text=chat.closed(text_of(row["response"]) or ""),
        prompt=row["prompt"],
        step=step_in(path, row),
        group=text_of(row["prompt_idx"]),
        sample=text_of(row["sample_idx"]),
        gold=held(row.get("ground_truth")),
        reward=paid(row["reward"]),
        stop=stop_of(row.get("finish_reason")),
    )


LAYOUTS = (
    Layout("trl", frozenset({"step", "prompt", "completion", "advantage"}), _trl),
    Layout("verl", frozenset({"input", "output", "score", "step"}), _verl),
    Layout("nemo-rl", frozenset({"content", "rewards", "idx"}), _nemo_rl),
    Layout("traces", frozenset({"traces", "task"}), _traces),
    Layout("verifiers", frozenset({"prompt", "completion", "reward", "example_id"}), _results),
    Layout("openrlhf", frozenset({"global_step", "text", "reward"}), _table),
    Layout("skyrl", frozenset({"input_prompt", "output_response", "score"}), _skyrl),
    Layout("areal", frozenset({"task_id", "sample_idx", "prompt", "completion", "reward"}), _areal),
    Layout("slime", frozenset({"rollout_id", "samples"}), _slime),
    Layout("rllm", frozenset({"trajectories", "task"}), _rllm),
    Layout("open-instruct", frozenset({"prompt_tokens", "response_tokens", "prompt_idx", "reward"}), _open_instruct),
    Layout("nemo-gym", frozenset({"responses_create_params", "response", "reward"}), _gym),
)


class FieldNames(NamedTuple):
    """Which fields of rows of no known trainer hold what; dotted names reach into objects."""

    prompt: str | None = None
    text: str | None = None
    reward: str | None = None
    step: str | None = None
    group: str | None = None
    gold: str | None = None
    tokenizer: str | None = None
    """The tokenizer.json that turns token ids into text, for dumps of ids alone."""

    def layout(self, row: Row) -> Layout | None:
        """Return a layout of these fields, the usual ones where none is named; None where a row lacks them."""
        text = self.text or next((n for n in _TEXTS if isinstance(row.get(n), str | list)), None)
        reward = self.reward or next((n for n in _REWARDS if paid(row.get(n)) is not None), None)
        if text is None or reward is None or value_at(row, text) is None:
            return None
        return Layout("columns", frozenset(), lambda row, path: self._read(row, path, text, reward))

    def _read(self, row: Row, path: Path, text: str, reward: str) -> Iterator[Rollout]:
        answer, reasoning = said(value_at(row, text))
        yield Rollout(
            text=answer,
            reasoning=reasoning,
            prompt=value_at(row, self.prompt) if self.prompt else first(row, _PROMPTS),
            step=step_in(path, {"step": value_at(row, self.step)} if self.step else row),
            group=text_of(value_at(row, self.group or "group")),
            gold=value_at(row, self.gold) if self.gold else first(row, _GOLDS),
            reward=paid(value_at(row, reward)),
            stop=stop_of(first(row, ("finish_reason", "stop_reason", "status"))),
            choices=options_of(first(row, ("choices", "options"))),
        )
