"""Reward models behind a server: ``orm:server:MODEL`` asks vLLM's or SGLang's endpoint for classifiers.

``--base-url`` names the server. vLLM's ``/classify`` is given the conversation, to which the server puts the model's
own template, and asked for raw scores; SGLang's is given the text as the tokenizer's template makes it (``--model-arg
api=sglang``, which needs transformers). One label gives its score, several the last one's. A call that failed is a
missing score, asked again by the next command. Not here: models in process (classifiers.py).
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec

from rarl_eval.errors import BadInput, NotInstalled
from rarl_eval.models import Options
from rarl_eval.rewards import Case, Group, Kind, Reach, RewardSource, cases
from rarl_eval.rewards.judges import response_of
from rarl_eval.rewards.questions import question_text
from rarl_eval.runs.added import Entry

MOST_BYTES = 10_000_000
"""Of a reply: a longer one is no score."""


def open_served(name: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``orm:server:MODEL``: the score of question and whole response."""
    options = reach.options
    api = options.arguments.get("api", "vllm")
    if not (options.base_url or "").startswith(("http://", "https://")) or api not in {"vllm", "sglang"}:
        raise BadInput(
            f"--reward {registered}:server:{name} needs --base-url with an http address, and --model-arg api=vllm "
            "or api=sglang"
        )
    tokenizer = _tokenizer(options.arguments.get("tokenizer", name)) if api == "sglang" else None
    kind = Kind(name=reach.name or f"{registered}:{name}", judge="discriminative")

    def asked(case: Case) -> Entry:
        turns = [
            {"role": "user", "content": question_text(case.item)},
            {"role": "assistant", "content": response_of(case)},
        ]
        body: dict[str, Any] = {"model": name}
        if tokenizer is None:
            body |= {"messages": turns, "use_activation": False}
        else:
            body |= {"text": tokenizer.apply_chat_template(turns, tokenize=False)}
        return _entry(kind, case, options, body)

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        with ThreadPoolExecutor(options.concurrency) as pool:
            yield from pool.map(asked, list(cases(groups)))

    identity = {"form": registered, "model": {"adapter": "server", "api": api, "name": name}}
    return RewardSource(kind=kind, score=score, identity=identity)


def _entry(kind: Kind, case: Case, options: Options, body: Mapping[str, Any]) -> Entry:
    error = ""
    for _ in range(options.retries + 1):
        try:
            found = score_of(_asked(options, body))
        except HTTPError as failed:
            error = f"HTTP {failed.code}: {failed.read(200).decode('utf-8', 'replace')}"
            if failed.code < 500 and failed.code != 429:
                break
        except (OSError, ValueError) as failed:
            error = f"{type(failed).__name__}: {failed}"
        else:
            if found is not None:
                return kind.entry(case, found)
            error = "the reply holds no score"
            break
    key = os.environ.get(options.api_key_variable)
    told = error.replace(key, "[key]") if key else error
    return msgspec.structs.replace(kind.entry(case, None, failed=True), detail={**case.detail, "error": told})


def score_of(reply: Any) -> float | None:
    """Return the score in a reply of ``/classify``, or of SGLang's; None for one that holds none."""
    data = reply.get("data", reply) if isinstance(reply, dict) else reply
    first = data[0] if isinstance(data, list) and data else data
    if not isinstance(first, dict):
        return None
    values = next((first[name] for name in ("probs", "data", "embedding", "score") if name in first), None)
    while isinstance(values, list):
        values = values[-1] if values else None
    return float(values) if isinstance(values, int | float) and not isinstance(values, bool) else None


def _asked(options: Options, body: Mapping[str, Any]) -> Any:
    root = (options.base_url or "").rstrip("/").removesuffix("/v1")
    key = os.environ.get(options.api_key_variable)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = Request(f"{root}/classify", json.dumps(body).encode(), headers)  # noqa: S310  the user's own address
    with urlopen(request, timeout=options.timeout_seconds) as reply:  # noqa: S310
        return json.loads(reply.read(MOST_BYTES))


def _tokenizer(name: str) -> Any:
    try:
        import transformers
    except ImportError as error:
        raise NotInstalled("transformers", "rewards") from error
    return transformers.AutoTokenizer.from_pretrained(name)
