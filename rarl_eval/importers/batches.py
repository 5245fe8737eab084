"""Results of OpenAI's and Anthropic's batches: JSONL, a line for each request, in no order.

A result names its request by ``custom_id`` and does not repeat what was asked: the prompt comes from the file of
requests, where it lies beside. A request that failed, expired or was cancelled is a failed call.
Read against platform.openai.com/docs/guides/batch and docs.anthropic.com/en/docs/build-with-claude/batch-processing;
vllm-project/vllm vllm/entrypoints/openai/run_batch.py at 0056ae7b2144, which writes OpenAI's with its server's errors;
anthropics/anthropic-sdk-python src/anthropic/types/messages/message_batch_*_result.py at 887ee67f90b7.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import read_rows, suffix_of
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, flat, mapping, text_of
from rarl_eval.importers.shipped import Around, Shipped


def is_openai(row: Mapping[str, Any]) -> bool:
    """Whether a row is a result of OpenAI's."""
    return {"custom_id", "response"} <= row.keys()


def is_anthropic(row: Mapping[str, Any]) -> bool:
    """Whether a row is a result of Anthropic's."""
    return "custom_id" in row and "type" in mapping(row.get("result"))


def is_request(row: Mapping[str, Any]) -> bool:
    """Whether a row is a request of either."""
    return "custom_id" in row and ("body" in row or "params" in row)


def openai(row: Mapping[str, Any]) -> list[Output]:
    """Return the outputs of a result: chat completions, completions and responses."""
    response = mapping(row.get("response"))
    body = mapping(response.get("body"))
    known: dict[str, Any] = {
        "item_id": text_of(row.get("custom_id")),
        "named": True,
        "model": text_of(body.get("model")),
    }
    if body.get("object") == "response":
        return [_response(body, known)]
    made = chat.choices(body, **known)
    return made or [Output(text="", error=_failure(row, response, body), **known)]


def _response(body: Mapping[str, Any], known: Mapping[str, Any]) -> Output:
    said = body.get("output")
    items = [mapping(item) for item in said] if isinstance(said, list) else []
    texts = [chat.parts(item.get("content"))[0] for item in items if item.get("type") == "message"]
    thoughts = [t for item in items if item.get("type") == "reasoning" for t in _summary(item)]
    reason = mapping(body.get("incomplete_details")).get("reason") or body.get("status")
    error = text_of(mapping(body.get("error")).get("message"))
    return Output(
        text="\n".join(texts),
        reasoning="\n".join(thoughts) or None,
        tokens=chat.tokens(body.get("usage")),
        stop=chat.stop(reason),
        error=error or ("the request failed" if body.get("status") == "failed" else None),
        **known,
    )


def _summary(item: Mapping[str, Any]) -> list[str]:
    held = item.get("content") or item.get("summary")
    return [t for part in held for t in flat(mapping(part).get("text"))] if isinstance(held, list) else []


def _failure(row: Mapping[str, Any], response: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    for said_of in (row, body):
        error = mapping(said_of.get("error"))
        error = mapping(error.get("error")) or error  # vLLM puts its server's whole body there
        if said := text_of(error.get("message")) or text_of(error.get("code")):
            return said
    return f"the response holds no choices (status {text_of(response.get('status_code')) or 'unknown'})"


def anthropic(row: Mapping[str, Any]) -> list[Output]:
    """Return the output of a result; one that did not succeed is a failed call."""
    result = mapping(row.get("result"))
    message = mapping(result.get("message"))
    text, thought = chat.parts(message.get("content"))
    failed = None
    if result.get("type") != "succeeded":
        error = mapping(result.get("error"))
        said = text_of(mapping(error.get("error")).get("message")) or text_of(error.get("message"))
        failed = said or f"the request is {text_of(result.get('type'))}"
    output = Output(
        text=text,
        reasoning=thought,
        item_id=text_of(row.get("custom_id")),
        named=True,
        model=text_of(message.get("model")),
        tokens=chat.tokens(message.get("usage")),
        stop=chat.stop(message.get("stop_reason")),
        error=failed,
    )
    return [output]


def prompts(path: Path) -> dict[str, str]:
    """Return what each request asked, by its ``custom_id``, from the files of requests beside a file of results.

    An id under which two requests ask different things, in one file or in those of several batches, says nothing.
    """
    asked: dict[str, set[str]] = {}
    for file in sorted(path.parent.iterdir()):
        if file != path and file.is_file() and suffix_of(file) == ".jsonl":
            for name, shown in _requests(file):
                asked.setdefault(name, set()).add(shown)
    return {name: next(iter(shown)) for name, shown in asked.items() if len(shown) == 1}


def _requests(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the requests of a file; a file of anything else has none, and is not read beyond its first row."""
    try:
        for _, row in read_rows(file):
            if not is_request(row):
                return
            body = mapping(row.get("body") or row.get("params"))
            shown = chat.asked(chat.turns(body.get("messages") or body.get("input")))
            shown = shown or text_of(body.get("input")) or text_of(body.get("prompt"))
            if shown is not None:
                yield text_of(row["custom_id"]) or "", shown
    except BadInput:  # beside the results may lie anything
        return


def around(path: Path, first: Mapping[str, Any]) -> Around:  # noqa: ARG001  as every format's
    """Prompts come from the requests."""
    asked = prompts(path)

    def complete(output: Output) -> Output:
        return msgspec.structs.replace(output, prompt=asked.get(output.item_id or ""))

    return Around(complete=complete)


OPENAI = Shipped(
    name="openai-batch",
    what="result of an OpenAI batch: its rows have no 'custom_id' and 'response'",
    recognises=is_openai,
    output=openai,
    around=around,
)
ANTHROPIC = Shipped(
    name="anthropic-batch",
    what="result of an Anthropic batch: its rows have no 'custom_id' and 'result' with a type",
    recognises=is_anthropic,
    output=anthropic,
    around=around,
)
