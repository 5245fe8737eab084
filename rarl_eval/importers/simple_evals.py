"""simple-evals' reports: ``EVAL_MODEL.html``, and ``EVAL_MODEL_allresults.json``, which holds the same pages in a list.

A page of a sample shows the prompt's messages, the message sampled, the right answer, the one that was read and the
score. Read against openai/simple-evals' common.py, whose template escapes everything that a model or a data set said.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.files.rows import MAX_LINE_BYTES, Numbered
from rarl_eval.importers import chat
from rarl_eval.importers.outputs import Output, clean, element, mapping, number, score_of, text_of
from rarl_eval.importers.shipped import Around, Row, Shipped

_PROMPT, _SAMPLED, _RESULTS = "<h3>Prompt conversation</h3>", "<h3>Sampled message</h3>", "<h3>Results</h3>"
_MESSAGE = re.compile(r'<div class="message ([^"<>]*)">')
_NAME = re.compile(r"(?P<eval>[a-z_]+?)_(?P<model>.+?)(?:_\d{8}_\d{6})?(?:_DEBUG)?(?:_allresults)?")
"""``gpqa_o3-mini_20250131_120000``: evals have no underscore but for a few, whose model then begins with the rest."""


def is_page(row: Row) -> bool:
    """Whether a row is a sample's page, or the object of all of them."""
    return isinstance(row.get("htmls"), list) or isinstance(row.get("page"), str)


def parts(row: Row) -> Iterator[Row]:
    """Yield the samples of a result, each with its page and its conversation; a page is itself."""
    if "page" in row:
        yield row
        return
    pages = row.get("htmls")
    for k, page in enumerate(pages if isinstance(pages, list) else []):
        yield {"page": page, "conversation": element(row.get("convos"), k)}


def output(row: Row) -> Iterator[Output]:
    """Yield the output of a sample; raises BadInput for a page of another kind."""
    page = row.get("page")
    if not isinstance(page, str) or _SAMPLED not in page:
        raise BadInput("its page has no 'Sampled message'")
    asked, _, rest = page.partition(_SAMPLED)
    sampled, _, results = rest.partition(_RESULTS)
    prompt, said = chat.answered(chat.turns(row.get("conversation")) or [*_turns(asked), *_turns(sampled)])
    value, answer = score_of(_stated(results, "Score")), _stated(results, "Extracted Answer")
    yield Output(
        text=said.text if said else "",
        prompt=prompt,
        gold=_stated(results, "Correct Answer"),
        scores={} if value is None else {"score": value},
        answers={} if value is None or answer is None else {"score": answer},
    )


def _turns(page: str) -> list[chat.Turn]:
    found = list(_MESSAGE.finditer(page))
    ends = [m.start() for m in found[1:]] + [len(page)]
    return [chat.Turn(m[1].strip().lower(), _content(page[m.end() : end])) for m, end in zip(found, ends, strict=True)]


def _content(message: str) -> str:
    text = message.partition("<pre>")[2]
    return clean(html.unescape(text.rpartition("</pre>")[0]))


def _stated(results: str, name: str) -> str | None:
    """Return what stands behind a name in the results; None for a missing answer."""
    _, there, rest = results.partition(f"<p>{name}: ")
    value = clean(html.unescape(rest.partition("</p>")[0])).strip()
    return value if there and value not in {"", "None"} else None


def read_pages(path: Path) -> Iterator[Numbered]:
    """Yield the samples of a report as rows; raises BadInput for a page of something else."""
    if path.stat().st_size > MAX_LINE_BYTES:
        raise BadInput(f"{path} is larger than {MAX_LINE_BYTES >> 20} MiB; give its _allresults.json")
    page = path.read_bytes().decode("utf-8", "replace")
    _, there, examples = page.partition("<h1>Examples</h1>")
    pages = examples.split(_PROMPT)[1:]
    if not there or not pages:
        raise BadInput(f"{path} is no report of simple-evals: it has no 'Examples' with a 'Prompt conversation'")
    yield from ((number, {"page": _PROMPT + text}) for number, text in enumerate(pages, start=1))


def around(path: Path, first: Row) -> Around:
    """Name the model by the file's name, and return the result's totals."""
    named = _NAME.fullmatch(path.stem)
    totals = {"score": first.get("score"), **mapping(first.get("metrics"))}
    reported: dict[str, Any] = {str(name): value for name, v in totals.items() if (value := number(v)) is not None}
    model = text_of(named["model"]) if named else None
    return Around(complete=lambda made: msgspec.structs.replace(made, model=model), reported=reported)


def _all_results(path: Path) -> Path | None:
    file = path.absolute().with_name(f"{path.stem}_allresults.json")
    return file if path.suffix == ".html" and file.is_file() else None


SIMPLE_EVALS = Shipped(
    name="simple-evals",
    what="result of simple-evals: it has no 'htmls'",
    recognises=is_page,
    parts=parts,
    output=output,
    around=around,
    main=_all_results,
)
