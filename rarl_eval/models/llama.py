"""llama.cpp in process: one model, some slots, and calls that may come from many threads at once.

Chat templates and the tokenizer are reached over the loopback address that the package opens for itself; a key that
only this process knows guards it.
"""

import json
import secrets
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rarl_eval.errors import BadInput, NotInstalled

SMALL_BYTES = 64 << 20
"""A model below this is faster with one thread and in one slot: several wait for each other longer than they work.

Batches of several slots also round otherwise than a single one.
"""

LONGEST_SECONDS = 3600.0
"""Of one call over the loopback address; scoring a long text with a large model takes its time."""

Chunk = Callable[[dict[str, Any]], bool]
"""Takes a piece of a reply as it comes; true ends the reply."""


class RefusedText(Exception):
    """llama.cpp would not do what one request asked; the message says why."""


def start(path: Path, *, slots: int, context: int, options: Mapping[str, Any]) -> "Llama":
    """Load a model with ``slots`` places of ``context`` tokens each.

    ``options``: ``threads``, ``gpu_layers``, ``flash_attn``. Raises NotInstalled without xllamacpp and BadInput for a
    model that llama.cpp does not load.
    """
    try:
        import xllamacpp
    except ImportError as error:
        raise NotInstalled("xllamacpp", "local") from error
    settings = _settings(xllamacpp, path, slots * context, slots, options)
    try:
        server, small = xllamacpp.Server(settings), path.stat().st_size < SMALL_BYTES
        llama = Llama(server, str(settings.api_keys[0]), str(xllamacpp.__version__), small=small)
    except RuntimeError as error:
        raise BadInput(
            f"llama.cpp (xllamacpp {xllamacpp.__version__}) does not load {path}: the file may be cut short, its "
            "architecture unknown to it, its chat template broken, or memory too small for "
            f"{slots} slots of {context} tokens (--concurrency, --model-arg context=N)"
        ) from error
    # One token: a server that is let go before its loop turns waits for it for ever.
    llama.complete({"prompt": [0], "n_predict": 1}, lambda _: False)
    return llama


class Llama:
    """A loaded model."""

    def __init__(self, server: Any, key: str, version: str, *, small: bool) -> None:
        self._server = server
        self._key = key
        self.version = version
        self.small = small

    def render(self, messages: list[dict[str, str]], arguments: Mapping[str, Any]) -> str:
        """Return the prompt that the model's chat template makes of messages; Refused where the template refuses."""
        asked = {"messages": messages, "chat_template_kwargs": dict(arguments)}
        return str(self._post("/apply-template", asked)["prompt"])

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """Return a text's tokens; ``special`` adds those that begin a text and reads marks as special tokens."""
        asked = {"content": text, "add_special": special, "parse_special": special}
        return [int(token) for token in self._post("/tokenize", asked)["tokens"]]

    def vocabulary(self) -> int:
        """Return how many tokens the model knows."""
        return int(self._call("GET", "/v1/models", None)["data"][0]["meta"]["n_vocab"])

    def complete(self, body: Mapping[str, Any], chunk: Chunk) -> None:
        """Go on from ``body["prompt"]`` (text or tokens); each piece goes to ``chunk``. Refused where it cannot."""
        failed: list[BaseException] = []

        def take(piece: dict[str, Any]) -> bool:
            try:
                return chunk(_accepted(piece))
            except Exception as error:  # noqa: BLE001  nothing may pass through llama.cpp; it is raised below
                failed.append(error)
                return True

        self._server.handle_completions({**body, "stream": True}, take)
        if failed:
            raise failed[0]

    def whole(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Go on from ``body["prompt"]`` and yield the pieces, one a token, once all are there.

        For a small model that is half of the work: calling back for a token takes as long as computing it.
        """
        reply = self._post("/completion", {**body, "stream": False, "n_probs": 1})
        utf8 = getincrementaldecoder("utf-8")("replace")
        tokens = reply.get("completion_probabilities", ())  # none where the first token ends the reply
        timings = reply["timings"]
        for number, token in enumerate(tokens, start=1):
            text = utf8.decode(bytes(token["bytes"]), final=number == len(tokens))
            yield {"choices": [{"text": text}], "timings": {**timings, "predicted_n": number}}
        reason = "length" if reply["stop_type"] == "limit" else "stop"
        yield {"choices": [{"finish_reason": reason}], "timings": timings}

    def forced(self, body: Mapping[str, Any]) -> bytes:
        """Return the reply of llama.cpp's own ``/completion`` as JSON: much of it, and not made into objects here."""
        return self._raw("POST", "/completion", json.dumps(body))

    def close(self) -> None:
        """Let the model and its memory go."""
        self._server = None

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", path, json.dumps(body))

    def _call(self, method: str, path: str, body: str | None) -> dict[str, Any]:
        return _accepted(json.loads(self._raw(method, path, body)))

    def _raw(self, method: str, path: str, body: str | None) -> bytes:
        address = urlsplit(self._server.listening_address)
        connection = HTTPConnection(str(address.hostname), address.port, timeout=LONGEST_SECONDS)
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
            connection.request(method, path, body, headers)
            return connection.getresponse().read()
        finally:
            connection.close()


def _accepted(reply: dict[str, Any]) -> dict[str, Any]:
    if "error" in reply:
        raise RefusedText(str(reply["error"].get("message", reply["error"]))[:300])
    return reply


def _settings(xllamacpp: Any, path: Path, context: int, slots: int, options: Mapping[str, Any]) -> Any:
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.n_ctx, settings.n_parallel = context, slots
    settings.n_gpu_layers = options.get("gpu_layers", -1)
    threads = options.get("threads", 1 if path.stat().st_size < SMALL_BYTES else -1)
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    # With flash attention a greedy text depends on how many threads and slots there are; without it, it does not.
    kinds = xllamacpp.llama_flash_attn_type
    settings.flash_attn_type = (
        kinds.LLAMA_FLASH_ATTN_TYPE_ENABLED if options.get("flash_attn") else kinds.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    # A prompt kept from an earlier request is computed in other pieces, which shifts the last bits.
    settings.cache_ram_mib, settings.slot_prompt_similarity, settings.n_ctx_checkpoints = 0, 0.0, 0
    settings.force_pure_content_parser = True  # the harness splits reasoning off itself, and wants the whole text
    settings.ui, settings.endpoint_slots, settings.warmup, settings.verbosity = False, False, False, -1
    settings.api_keys = [secrets.token_urlsafe(32)]
    return settings
