"""A model on a Ray cluster: shards of a task's requests go to workers that each hold the model.

Requests carry their own seeds, and the records are judged and written where the command was given: a run holds the
same, however many workers there were. vLLM on GPUs goes through Ray's own batch inference (cluster_vllm.py); every
other adapter, and vLLM without a GPU, is opened once in each worker.
"""

import importlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

import msgspec

from rarl_eval import registry
from rarl_eval.errors import BadInput, NotInstalled, RarlEvalError, first_line
from rarl_eval.models import Completion, Model, Options, Request

SHARD_REQUESTS = 64
"""Of one task, handed to a worker at a time: a lost worker loses no more, and a cost cap overshoots by no more each."""

IN_FLIGHT = 2
"""Shards of a worker, so that it need not wait for the next."""

TRIES = 3
"""Workers that may die over a shard before its requests count as failed calls."""


def open_cluster(adapter: str, name: str, options: Options, workers: int | None = None) -> Model:
    """Open ``adapter:name`` on the cluster that RAY_ADDRESS names, or on this machine.

    ``workers``: how many hold the model; default: one for each core, for ``vllm:`` one for each group of GPUs.
    """
    ray = connect()
    if adapter == "vllm" and ray.cluster_resources().get("GPU", 0) >= 1:
        from rarl_eval.models.cluster_vllm import open_batches

        return open_batches(name, options, workers)
    count = workers or (1 if adapter in {"vllm", "lm-eval", "gguf"} else max(1, int(ray.cluster_resources()["CPU"])))
    return Cluster(ray, adapter, name, options, count)


def connect() -> Any:
    """Return ray, connected; raises NotInstalled without it."""
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError as error:
        raise NotInstalled("Ray", "ray") from error
    if not ray.is_initialized():
        try:
            ray.init(logging_level=logging.ERROR, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise BadInput(
                f"no Ray cluster could be reached or started ({first_line(error)}); see RAY_ADDRESS"
            ) from error
    return ray


class ClusterWorker:
    """Holds a model in a process of the cluster."""

    def __init__(self, adapter: str, name: str, options: Options) -> None:
        try:
            self._model: Model = registry.load("models", adapter)(name, options)
            self._refused = ""
        except RarlEvalError as error:  # an actor that cannot be made shows a traceback; this is one sentence
            self._refused = str(error)

    def describe(self) -> tuple[dict[str, Any], str]:
        """Return what the model says of itself, or why it could not be opened."""
        return ({}, self._refused) if self._refused else (self._model.describe(), "")

    def answer(self, shard: list[Request]) -> list[Completion]:
        """Ask a shard."""
        return list(self._model.generate(shard))


@dataclass(frozen=True)
class _Sent:
    """A shard under way."""

    worker: int
    shard: list[Request]
    tries: int


class Cluster:
    """A model that is held by workers; it is a model itself."""

    def __init__(self, ray: Any, adapter: str, name: str, options: Options, workers: int) -> None:
        self._ray = ray
        share = msgspec.structs.replace(
            options,
            requests_per_minute=_share(options.requests_per_minute, workers),
            tokens_per_minute=_share(options.tokens_per_minute, workers),
        )
        self._actor = ray.remote(num_cpus=1)(ClusterWorker)
        self._arguments = (adapter, name, share)
        self._workers = [self._new() for _ in range(workers)]
        described = ray.get([worker.describe.remote() for worker in self._workers])
        if refused := next((why for _, why in described if why), ""):
            raise BadInput(refused)
        self._identity: dict[str, Any] = described[0][0]

    def describe(self) -> dict[str, Any]:
        """Return what the model says of itself; where it runs changes no answer."""
        return self._identity

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            self._ray.kill(worker)

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Yield completions shard by shard as workers are done; the shard of a lost worker goes to a new one."""
        waiting = shards(requests)
        sent: dict[Any, _Sent] = {}
        for number in [*range(len(self._workers))] * IN_FLIGHT:
            self._send(sent, number, next(waiting, None))
        while sent:
            (ready,), _ = self._ray.wait(list(sent), num_returns=1)
            done: _Sent = sent.pop(ready)
            try:
                completions: list[Completion] = self._ray.get(ready)
            except self._ray.exceptions.RayError as error:
                yield from self._again(sent, done, error)
                continue
            self._send(sent, done.worker, next(waiting, None))
            # Ours, and not their copies: equal requests share their messages in memory.
            ours = {(r.task, r.key, r.sample): r for r in done.shard}
            for one in completions:
                request = ours[one.request.task, one.request.key, one.request.sample]
                yield msgspec.structs.replace(one, request=request)

    def _new(self) -> Any:
        return self._actor.remote(*self._arguments)

    def _send(self, sent: dict[Any, _Sent], worker: int, shard: list[Request] | None) -> None:
        if shard:
            sent[self._workers[worker].answer.remote(shard)] = _Sent(worker, shard, 1)

    def _again(self, sent: dict[Any, _Sent], lost: _Sent, error: Exception) -> Iterator[Completion]:
        """Put a new worker in the place of a lost one, and its shards to it; give a shard up that kills them all."""
        self._workers[lost.worker] = self._new()
        if lost.tries < TRIES:
            again = self._workers[lost.worker].answer.remote(lost.shard)
            sent[again] = changed(lost, tries=lost.tries + 1)
            return
        why = f"{type(error).__name__}: {str(error).splitlines()[0][:150] if str(error) else 'a worker was lost'}"
        for request in lost.shard:
            yield Completion(request=request, stop="error", error=why)


def shards(requests: Iterable[Request]) -> Iterator[list[Request]]:
    """Cut requests into lists of one task each, in order."""
    shard: list[Request] = []
    for request in requests:
        if shard and (len(shard) == SHARD_REQUESTS or shard[0].task != request.task):
            yield shard
            shard = []
        shard.append(request)
    if shard:
        yield shard


def _share(limit: float | None, workers: int) -> float | None:
    return None if limit is None else limit / workers
