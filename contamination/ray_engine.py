"""Shards through Ray Data: the same pure function over a shard, on this machine or on a cluster by its address.

A shard's result is what ``Scanner.shards`` gives here, so that where it was made changes no byte of a scan. Corpora
must lie where every node can read them under the same path. Not here: what is done with the results (scan.py).
"""

import os
import pickle
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.contamination.corpus.remote import FarFile
from rarl_eval.contamination.corpus.shards import Shard
from rarl_eval.contamination.matching.index import Index
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.paraphrase.propose import Finder, PairIndex
from rarl_eval.contamination.streaming import Scanner, ShardResult
from rarl_eval.errors import BadInput, NotInstalled

Spec = tuple[Index, Thresholds, tuple[str, ...], PairIndex | None, tuple[str, ...]]


class _RayScanner:
    """A scanner that stays in one process of the cluster and scans shard after shard."""

    def __init__(self, told: Any) -> None:
        import ray

        # As bytes: arrays out of Ray's store are read-only, for which the kernels would be compiled anew.
        index, settings, fields, pairs, detectors = pickle.loads(ray.get(told[0]))  # noqa: S301 - written by scan_shards
        finder = Finder(pairs, fields) if pairs else None
        self.scanner = Scanner(index, settings, fields, finder=finder, detectors=detectors)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        name, kind, files, names, far = msgspec.msgpack.decode(row["shard"])
        remote = None if far is None else msgspec.convert(far, FarFile)
        shard = Shard(name, kind, tuple(map(Path, files)), tuple(names), remote)
        (result,) = self.scanner.shards([shard], lambda _: None)
        return {"number": row["number"], "result": msgspec.msgpack.encode(result)}


def scan_shards(scanner: Scanner, shards: Sequence[Shard], address: str | None) -> Iterator[tuple[int, ShardResult]]:
    """Yield (position, result) of each shard as it is finished, in any order.

    ``address`` is a cluster's, all of which is used; None starts Ray here with ``scanner.jobs`` processes. Raises
    NotInstalled without the package, and BadInput for standard input, which no other process can read, and for a
    cluster that cannot be reached or fails.
    """
    try:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray
    except ImportError:
        raise NotInstalled("ray", "ray") from None
    if any(s.kind == "stdin" for s in shards):
        raise BadInput("--engine ray cannot read standard input; write the corpus to a file, or leave --engine out")
    workers = _start(ray, scanner.jobs, address)
    try:
        for row in _dataset(ray, scanner, shards, workers).iter_rows():
            yield int(row["number"]), msgspec.msgpack.decode(row["result"], type=ShardResult)
    except ray.exceptions.RayError as error:
        raise BadInput(
            f"Ray failed ({str(error).strip().splitlines()[-1]}); finished shards are kept, go on with --resume"
        ) from error
    finally:
        ray.shutdown()


def _start(ray: Any, jobs: int, address: str | None) -> int:
    """Connect, or start Ray here; returns how many workers there is room for."""
    _answers(address)
    options: dict[str, Any] = {"logging_level": "error", "log_to_driver": False}
    # Ray's own address "local" passes over a cluster that runs here already; by 127.0.0.1 nobody else joins.
    here = {"address": "local", "num_cpus": jobs, "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    try:
        ray.init(**(here if address is None else {"address": address}), **options)
    except Exception as error:  # Ray raises whatever its parts do, the bare class too
        told = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        what = f"--ray-address {address} cannot be reached" if address else "Ray does not start here"
        raise BadInput(f"{what} ({told}); see: ray status, or leave --engine out") from error
    return jobs if address is None else max(1, int(ray.cluster_resources().get("CPU", 1)))


def _answers(address: str | None) -> None:
    """Ask whether anything listens at HOST:PORT: Ray itself would try for minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return  # none, or "auto", which Ray looks up
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        raise BadInput(
            f"--ray-address {address} cannot be reached ({error}); see: ray status, or leave --engine out"
        ) from error


def _dataset(ray: Any, scanner: Scanner, shards: Sequence[Shard], workers: int) -> Any:
    """Shards as rows, a block each, mapped by as many workers as there is room for."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False  # the scan shows its own
    pairs = scanner.finder.index if scanner.finder else None
    spec: Spec = (scanner.index, scanner.settings, scanner.fields, pairs, scanner.detectors)
    # In a list: Ray would hand over the object itself, not the reference.
    told = [ray.put(pickle.dumps(spec, protocol=pickle.HIGHEST_PROTOCOL))]
    rows = [{"number": n, "shard": _packed(s)} for n, s in enumerate(shards)]
    most = min(workers, len(rows))
    found = ray.data.from_items(rows, override_num_blocks=len(rows))
    return found.map(_RayScanner, fn_constructor_args=(told,), concurrency=(1, most), num_cpus=1)


def _packed(shard: Shard) -> bytes:
    files = [str(f.absolute()) for f in shard.files]
    return msgspec.msgpack.encode([shard.name, shard.kind, files, shard.names, shard.remote])
