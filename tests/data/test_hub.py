"""The hub: every published task in the layout that evidence names, cold, warm and offline, and under each fault."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hub_server
import pytest
from hub_layouts import put, rows_of
from hub_server import Hub, cut, dropped, fault, page, silent, status

from rarl_eval import data, registry
from rarl_eval.data import hub as asked_hub
from rarl_eval.errors import BadInput, LockMismatch, Unreachable
from rarl_eval.files import reaching, repositories
from rarl_eval.types import Known, Task

PUBLISHED = [
    task
    for task in registry.tasks("all")
    if registry.owner("tasks", task.name).reference.startswith("rarl_eval.tasks.")
]
GSM8K = registry.tasks("gsm8k")[0]
ROWS = [{"question": f"What is {n} + 1?", "answer": f"Add.\n#### {n + 1}"} for n in range(4)]


@pytest.mark.parametrize("task", PUBLISHED, ids=lambda t: t.name)
def test_every_published_task_loads_cold_warm_and_offline(
    task: Task, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first load fetches the asked split, a second the commit's name alone, one with a lock or offline nothing."""
    put(hub, task)
    given = tmp_path / "rows.jsonl"
    given.write_text("".join(f"{json.dumps(row)}\n" for row in rows_of(task)))
    right = data.load(task, {task.name: str(given)}, partial=True)
    first = data.load(task, partial=True)
    assert (len(first.items), first.fingerprint) == (len(right.items), right.fingerprint)
    assert not hub.count("else/|other|socratic")
    code = task.source.path.startswith(repositories.PREFIX)
    if not code:
        assert first.revision == hub.commit(task.source.path)
        assert first.origin == f"hub:{task.source.path}@{first.revision}"
    data.write_lock(tmp_path / "lock.json", [first])
    hub.asked.clear()
    assert data.load(task, partial=True).fingerprint == right.fingerprint
    assert hub.asked == ([] if code and task.source.revision else hub.asked[:1])
    hub.asked.clear()
    if code:  # without a lock on a commit the newest is asked for
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert data.load(task, lock=data.read_lock(tmp_path / "lock.json"), partial=True).origin == first.origin
    assert hub.asked == []
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert data.load(task, partial=True).revision == first.revision
    assert hub.asked == []


def test_what_is_read_is_what_datasets_reads(hub: Hub, cli: Callable[..., Any]) -> None:
    """Which files hold a split, and their rows, are those of datasets.load_dataset on the same hub."""
    names = ["aime24", "medxpertqa"]
    tasks = [put(hub, task) for task in registry.tasks(names)]
    asked = [(t.source.path, t.source.name, t.source.split) for t in tasks]
    program = (
        "import json, sys\nfrom datasets import load_dataset, disable_progress_bars\ndisable_progress_bars()\n"
        f"for path, name, split in {asked!r}:\n"
        "    print(json.dumps(load_dataset(path, name, split=split).to_list()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=dict(os.environ), check=False
    )
    assert done.returncode == 0, done.stderr
    for task, line in zip(tasks, done.stdout.splitlines(), strict=True):
        theirs = [task.item(row) for row in json.loads(line)]
        ours = data.load(task).items
        assert [i.key for i in theirs if i is not None] == [i.key for i in ours]


FAULTS = [
    (fault("", status(503)), r"answers 503 \(Service Unavailable\), in each of 5 tries"),
    (fault("/resolve/", status(500)), r"resolve/.* answers 500"),
    (
        fault("", status(429, Retry_After="0")),
        r"answers 429 \(too many requests\).*; a token in HF_TOKEN is allowed more",
    ),
    (fault("", status(429, RateLimit='"api";r=0;t=300')), r"asks to wait 301 s"),
    (fault("/api/datasets", silent(3)), r"/api/datasets/.* sent nothing for 1 s"),
    (fault("/resolve/", silent(3)), r"/resolve/.* sent nothing for 1 s"),
    (fault("", page), "answers with a web page of 127.0.0.1 and not with data: does the network .a captive portal. or"),
    (fault("/resolve/", page), "answers with a web page"),
    (fault("", dropped), "could not be read .Remote end closed connection without response., in each of 5 tries"),
    (fault("/resolve/", cut(0.0)), "broke off, [0-9]+ bytes are missing, in each of 5 tries"),
    (fault("/api/", lambda h: h.give(200, b"[1]")), "does not say which commit openai/gsm8k is at: is it a hub"),
    (fault("/api/", lambda h: h.give(200, b"hello")), "answers something else than a hub does: b'hello'"),
    (
        fault("/resolve/", lambda h: h.give(200, b"#" * 300)),
        "gives 300 bytes, the listing says [0-9]+; nothing was kept",
    ),
    (fault("", status(407)), "the proxy wants a name and a password"),
    (fault("", status(511)), "a captive portal"),
    (
        fault("", lambda h: h.give(302, b"", Location="http://127.0.0.1:9/login")),
        "127.0.0.1:[0-9]+ refuses the connection",
    ),
    (
        fault("", status(404, X_Error_Code="RepoNotFound")),
        "the hub has no dataset openai/gsm8k, or it is private and wants",
    ),
]


@pytest.mark.parametrize(("how", "said"), FAULTS, ids=[said[:40] for _, said in FAULTS])
def test_what_keeps_the_hub_from_answering_is_told(how: Callable[[Any], bool], said: str, hub: Hub) -> None:
    """One sentence with task, address, cause and what else can be done; nothing that was half fetched is kept."""
    put(hub, GSM8K, ROWS)
    hub.faults.append(how)
    with pytest.raises(Unreachable, match=said) as raised:
        data.load(GSM8K)
    told = str(raised.value)
    assert told.startswith("gsm8k: ")
    assert told.endswith("or give the rows with --source TASK=PATH or a folder in RARL_EVAL_DATA")
    assert "\n" not in told
    assert not [f for f in asked_hub.cache().rglob("*") if f.is_file() and f.suffix != ".json" and "refs" not in f.parts
                and f.read_bytes() not in hub.repos[GSM8K.source.path][0].values()]  # fmt: skip


PASSING = [
    *(
        fault(where, status(code), times=1)
        for code in (429, 500, 502, 503, 504, 529)
        for where in ("/api/", "/resolve/")
    ),
    fault("/api/datasets/[^/]+/[^/]+/tree", status(503), times=4),
    fault("/resolve/", dropped, times=2),
    fault("/resolve/", cut(0.5), times=3),
    fault("/cdn/", cut(0.5), times=2),
]


@pytest.mark.parametrize("how", PASSING, ids=map(str, range(len(PASSING))))
def test_what_passes_is_waited_for(how: Callable[[Any], bool], hub: Hub) -> None:
    """Each call is tried again after a busy or failing server, and goes on where a file broke off."""
    put(hub, GSM8K, [{**row, "note": f"{row['question']} " * 900} for row in ROWS])
    hub.faults.append(how)
    assert len(data.load(GSM8K).items) == 4


def test_a_server_that_was_given_up_is_not_waited_for_again(hub: Hub) -> None:
    """Of a group each further task asks a dead hub once."""
    hub.faults.append(fault("", status(503)))
    for expected in (5, 6):
        with pytest.raises(Unreachable):
            data.load(GSM8K)
        assert len(hub.asked) == expected


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, r"openai/gsm8k is gated on the hub: accept its conditions at .*/datasets/openai/gsm8k, and put a token"),
        ("outside", "the account of the token in HF_TOKEN has no access; accept its conditions at"),
        ("stale", "the hub does not know the token of HF_TOKEN .*; make a new one at .*/settings/tokens, or unset it"),
        ("inside", None),
    ],
)
def test_a_gated_set_names_what_opens_it(
    token: str | None, said: str | None, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token, one without access, one that is none, and one that may."""
    put(hub, GSM8K, ROWS)
    hub.gated.add("openai/gsm8k")
    hub.users = {"outside": set(), "inside": {"openai/gsm8k"}}
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    if said is None:
        assert len(data.load(GSM8K).items) == 4
        return
    with pytest.raises(Unreachable, match=said):
        data.load(GSM8K)


def test_a_token_is_found_and_stays_with_the_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What `hf auth login` left serves as well; a redirect to another host does not carry it."""
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text("kept\n")
    assert asked_hub.token() == "kept"
    hub.users = {"kept": set()}
    put(hub, GSM8K, ROWS)
    seen: list[str | None] = []
    hub.faults.append(lambda h: seen.append(h.headers.get("Authorization")) or False)  # type: ignore[func-returns-value]
    with hub_server.serving() as other:
        other.faults.append(lambda h: seen.append(h.headers.get("Authorization")) or False)  # type: ignore[func-returns-value]
        other.repos, other.users = hub.repos, hub.users
        hub.faults.append(fault("/resolve/", lambda h: h.give(302, b"", Location=other.url + h.path)))
        data.load(GSM8K)
    assert set(seen) == {"Bearer kept", None}
    monkeypatch.setenv("HF_TOKEN", "given")
    assert asked_hub.token() == "given"


def test_nothing_is_asked_offline(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not cached is one sentence that says how to get it."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Unreachable, match=r"HF_HUB_OFFLINE is set, and the cache .* fill it with: rarl-eval fetch"):
        data.load(put(hub, GSM8K, ROWS))
    assert hub.asked == []


def test_a_cache_that_another_program_filled_serves_offline(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots and refs are those of huggingface_hub: without our own listing what lies there is read."""
    loaded = data.load(put(hub, GSM8K, ROWS))
    for ours in asked_hub.cache().rglob("rarl-eval/*.json"):
        ours.unlink()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert data.load(GSM8K).fingerprint == loaded.fingerprint


def test_a_lock_holds_the_revision(hub: Hub, tmp_path: Path) -> None:
    """With revision 1 on the hub and revision 0 in the lock, 0 is loaded and named; 1 is never named for 0's rows."""
    first = data.load(put(hub, GSM8K, ROWS))
    lock = {"gsm8k": data.Locked(first.origin, first.revision, 4, first.fingerprint, GSM8K.version)}
    put(hub, GSM8K, ROWS[:3])
    hub.faults.append(fault("/resolve/", status(503)))
    assert data.load(GSM8K, lock=lock) == first
    with pytest.raises(Unreachable, match="503"):
        data.load(GSM8K)
    hub.faults.clear()
    second = data.load(GSM8K)
    assert (second.revision, len(second.items)) == (hub.commit("openai/gsm8k", 1), 3)
    moved = {"gsm8k": replace_locked(lock["gsm8k"], revision=second.revision)}
    with pytest.raises(LockMismatch, match="gives 3 items, not 4, with fingerprint"):
        data.load(GSM8K, lock=moved)


def replace_locked(held: data.Locked, **changes: Any) -> data.Locked:
    return data.Locked(**{name: getattr(held, name) for name in held.__struct_fields__} | changes)


def test_a_revision_that_is_gone_is_told(hub: Hub) -> None:
    """A lock's commit that the hub no longer has is no reason to load another."""
    put(hub, GSM8K, ROWS)
    lock = {"gsm8k": data.Locked("hub", "f" * 40, 4, "0", GSM8K.version)}
    with pytest.raises(
        Unreachable, match=r"openai/gsm8k has no revision f{40} on the hub; name another, or write a new"
    ):
        data.load(GSM8K, lock=lock)


def test_a_damaged_copy_is_named_and_not_read(hub: Hub) -> None:
    """A cached file that is shorter, or as long with other bytes, is told with the path to remove; then it is fetched."""
    data.load(put(hub, GSM8K, ROWS))
    (link,) = asked_hub.cache().rglob("snapshots/*/main/test-*.parquet")
    whole = link.read_bytes()
    for content in (whole[:-1], b"PAR1" + bytes(len(whole) - 4)):
        link.resolve().write_bytes(content)
        with pytest.raises(BadInput, match=r"the cached file .*blobs/\w{40} is damaged: .*; remove it and try again"):
            data.load(GSM8K)
    link.resolve().unlink()
    assert len(data.load(GSM8K).items) == 4


def test_rows_at_a_counted_revision_are_verified(hub: Hub) -> None:
    """A task that knows what its items were at this commit refuses others, with both."""
    task = put(hub, GSM8K, ROWS)
    known = (Known(items=4, of=hub.commit("openai/gsm8k"), fingerprint="0" * 32),)
    counted = replace(task, source=replace(task.source, known=known))
    with pytest.raises(
        BadInput, match=r"gives 4 items with fingerprint .*; at this very revision they were 4 with 0{32}"
    ):
        data.load(counted)


@pytest.mark.parametrize("spoilt", [lambda b: b[: len(b) // 2], lambda b: b"<html>sign in</html>"])
def test_a_code_repository_cut_off_in_the_middle_is_not_kept(spoilt: Callable[[bytes], bytes], hub: Hub) -> None:
    """Half a file is noticed by its length, another file by its rows; neither is there afterwards."""
    task = put(hub, registry.tasks("finqa")[0])
    (path, whole), = hub.raw.items()  # fmt: skip
    hub.faults.append(fault("FinQA", cut(0.5)))
    with pytest.raises(Unreachable, match=r"broke off, [0-9]+ bytes are missing|gives other"):
        data.load(task)
    hub.faults.clear()
    reaching._down.clear()
    hub.raw[path] = spoilt(whole)
    with pytest.raises(BadInput):
        data.load(task)
    assert not [f for f in repositories.folder(task.source.path).rglob("*") if f.is_file()]
    hub.raw[path] = whole
    kept = data.load(task)
    assert kept.fingerprint == data.load(task).fingerprint
    (copy,) = repositories.folder(task.source.path).rglob("*.json")
    copy.write_bytes(whole.replace(b"the", b"teh", 1))
    with pytest.raises(BadInput, match=r"the cached file .*test.json is damaged: .*; remove it"):
        data.load(task)


def test_a_proxy_is_used_and_named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY carries all requests; one that is not there is named in the sentence, its password is not."""
    put(hub, GSM8K, ROWS)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    monkeypatch.setenv("HTTP_PROXY", hub.url)
    assert len(data.load(GSM8K).items) == 4
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@127.0.0.1:9")
    with pytest.raises(
        Unreachable, match=r"hub.example refuses the connection through the proxy 127.0.0.1:9 of HTTP_P"
    ):
        data.load(GSM8K)


def test_large_items_wait_on_disk(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the items' size, and they are the same items in the same order."""
    put(hub, GSM8K, ROWS)
    small = data.load(GSM8K)
    monkeypatch.setattr("rarl_eval.data.items.IN_MEMORY_BYTES", 200)
    large = data.load(GSM8K)
    assert not isinstance(large.items, tuple)
    assert (list(large.items), large.fingerprint) == (list(small.items), small.fingerprint)
