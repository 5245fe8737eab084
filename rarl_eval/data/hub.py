"""Datasets of the hub: a revision resolved once to its commit, the listing of that commit, and who may have it.

The hub's protocol is spoken here, and the folders are those of ``huggingface_hub`` (``HF_HOME``, ``HF_HUB_CACHE``), so
that a cache filled by either serves both. What a commit's listing said is kept there too: a commit that is here is
loaded without a request. Not here: its files (cached.py), which of them hold a split (splits.py), and what to do while
a server is busy (files/reaching.py).
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from rarl_eval.errors import Unreachable
from rarl_eval.files import reaching
from rarl_eval.files.atomic import write_atomically
from rarl_eval.files.failures import Declined
from rarl_eval.files.reaching import offline

HUB = "https://huggingface.co"
COMMIT = re.compile(r"[0-9a-f]{40}")
_TRUE = {"1", "ON", "YES", "TRUE"}


class Blob(msgspec.Struct, frozen=True):
    """A file of a commit."""

    size: int
    hash: str | None = None
    """SHA-256 (64 hex digits) of a large file, Git's blob hash (40) of others."""


class Commit(msgspec.Struct, frozen=True):
    """A commit of a dataset, and its files by path."""

    repo: str
    sha: str
    files: dict[str, Blob]


class Refusal(Unreachable):
    """The hub does not give this dataset to who asks; others it may give."""


@dataclass(frozen=True)
class Info:
    """What the hub says of a dataset at a revision."""

    sha: str
    gated: bool


def endpoint() -> str:
    """Return the hub's address (``HF_ENDPOINT``)."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def token() -> str | None:
    """Return the user's token: ``HF_TOKEN``, else what ``hf auth login`` left."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if given := os.environ.get(name, "").strip():
            return given
    if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() in _TRUE:
        return None
    try:
        return Path(os.environ.get("HF_TOKEN_PATH") or _home() / "token").expanduser().read_text().strip() or None
    except OSError:
        return None


def cache() -> Path:
    """Return the folder of cached repositories."""
    given = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    return Path(given).expanduser() if given else _home() / "hub"


def resolve(repo: str, revision: str | None) -> str:
    """Return the commit of a branch, a tag or a commit (``main`` where none is named); raises Unreachable.

    A whole hash is a commit already and asks nobody. Offline it is what the last load resolved it to.
    """
    wanted = revision or "main"
    if COMMIT.fullmatch(wanted):
        return wanted
    kept = folder(repo) / "refs" / wanted
    if not offline():
        sha = info(repo, wanted).sha
        _keep(kept, sha.encode())
        return sha
    try:
        return kept.read_text().strip()
    except OSError as error:
        raise not_here(repo, f"no revision {wanted!r} of it") from error


def info(repo: str, revision: str = "main") -> Info:
    """Ask the hub for a dataset; raises Unreachable."""
    found = _json(f"{endpoint()}/api/datasets/{repo}/revision/{quote(revision, safe='')}", repo, revision)[0]
    sha = found.get("sha") if isinstance(found, dict) else None
    if not isinstance(sha, str) or not COMMIT.fullmatch(sha):
        raise Unreachable(f"{endpoint()} does not say which commit {repo} is at: is it a hub? check HF_ENDPOINT")
    return Info(sha, bool(found.get("gated")))


def may_read(repo: str) -> bool:
    """Whether this account may read a gated dataset: False where the hub does not tell. Raises Refusal if not."""
    try:
        reaching.read(f"{endpoint()}/api/datasets/{repo}/auth-check", headers())
    except Declined as error:
        if error.status == 404 and "x-error-code" not in error.headers:  # not every hub knows this question
            return False
        raise told(error, repo) from error
    return True


def loaded(repo: str) -> list[str]:
    """Return the commits of a dataset that were listed on this machine."""
    return sorted(path.stem for path in (folder(repo) / "rarl-eval").glob("*.json"))


def user() -> str:
    """Return whose token this is; raises Unreachable where the hub does not know it."""
    found = _json(f"{endpoint()}/api/whoami-v2", None, None)[0]
    return str(found.get("name")) if isinstance(found, dict) else "somebody"


def commit(repo: str, sha: str) -> Commit:
    """Return what a commit holds: as it was listed once, else as the hub lists it, else, offline, as it is cached."""
    kept = folder(repo) / "rarl-eval" / f"{sha}.json"
    try:
        return msgspec.json.decode(kept.read_bytes(), type=Commit)
    except (OSError, msgspec.MsgspecError):
        pass
    if offline():
        return _cached(repo, sha)
    found = Commit(repo, sha, dict(_tree(repo, sha)))
    _keep(kept, msgspec.json.encode(found))
    return found


def address(held: Commit, path: str) -> str:
    """Return where the hub has a file of a commit."""
    return f"{endpoint()}/datasets/{held.repo}/resolve/{held.sha}/{quote(path)}"


def headers() -> dict[str, str]:
    """Return what each request says of who asks."""
    key = token()
    return {"Authorization": f"Bearer {key}"} if key else {}


def told(error: Unreachable, repo: str | None, revision: str | None = None) -> Unreachable:
    """Say of the hub's refusal what it means and what to do; other errors as they are."""
    if not isinstance(error, Declined):
        return error
    said = error.headers.get("x-error-message", "")
    if error.status == 401 and "invalid" in said.lower() and token():
        return Refusal(
            f"the hub does not know the token of {_token_from()} ({said}); make a new one at "
            f"{endpoint()}/settings/tokens, or unset it"
        )
    if error.status == 429 and not token():
        return Unreachable(f"{error}; a token in HF_TOKEN is allowed more requests")
    return error if repo is None else _refusal(error, repo, revision)


def _refusal(error: Declined, repo: str, revision: str | None) -> Unreachable:
    code = error.headers.get("x-error-code", "")
    if code == "GatedRepo" or error.status == 403:
        return Refusal(f"{repo} is gated on the hub{_gate(repo, error.status)}")
    if code in {"RevisionNotFound", "EntryNotFound"}:
        return Refusal(f"{repo} has no revision {revision} on the hub; name another, or write a new lock")
    if error.status in {401, 404}:
        hidden = "" if token() else ", or it is private and wants a token in HF_TOKEN"
        return Refusal(f"the hub has no dataset {repo}{hidden}")
    return error


def folder(repo: str) -> Path:
    """Return the folder of a dataset in the cache."""
    return cache() / f"datasets--{repo.replace('/', '--')}"


def _home() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("HF_HOME") or f"{base}/huggingface").expanduser()


def _json(asked: str, repo: str | None, revision: str | None) -> tuple[Any, Mapping[str, str]]:
    try:
        content, said = reaching.read(asked, headers())
    except Unreachable as error:
        raise told(error, repo, revision) from error
    try:
        return msgspec.json.decode(content), said
    except msgspec.DecodeError as error:
        raise Unreachable(f"{asked} answers something else than a hub does: {content[:60]!r}") from error


def _tree(repo: str, sha: str) -> Iterator[tuple[str, Blob]]:
    asked: str | None = f"{endpoint()}/api/datasets/{repo}/tree/{sha}?recursive=true"
    while asked:
        entries, said = _json(asked, repo, sha)
        for entry in entries:
            if entry.get("type") == "file":
                large = entry.get("lfs") or {}
                yield entry["path"], Blob(large.get("size", entry["size"]), large.get("oid") or entry.get("oid"))
        following = re.search(r'<([^>]+)>\s*;\s*rel="next"', {k.lower(): v for k, v in said.items()}.get("link", ""))
        asked = following and following[1]


def _cached(repo: str, sha: str) -> Commit:
    """List what of a commit is cached, by whatever program: as much as can be told offline."""
    root = folder(repo) / "snapshots" / sha
    files = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            name = path.resolve().name
            known = name if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", name) else None
            files[path.relative_to(root).as_posix()] = Blob(path.stat().st_size, known)
    if not files:
        raise not_here(repo, f"nothing of its revision {sha}")
    return Commit(repo, sha, files)


def _keep(path: Path, content: bytes) -> None:
    """Write what was learnt; a cache that cannot be written to is no reason to fail."""
    try:
        if not path.is_file() or path.read_bytes() != content:
            write_atomically(path, content)
    except OSError:
        return


def not_here(repo: str, what: str) -> Unreachable:
    """Say what is missing offline, and how to get it."""
    return Unreachable(
        f"HF_HUB_OFFLINE is set, and the cache {cache()} holds {what} ({repo}); where there is a network fill it with: "
        "rarl-eval fetch TASK"
    )


def _gate(repo: str, status: int) -> str:
    page = f"{endpoint()}/datasets/{repo}"
    if status == 401 or not token():
        return f": accept its conditions at {page}, and put a token of that account into HF_TOKEN (none was sent)"
    return f": the account of the token in {_token_from()} has no access; accept its conditions at {page}"


def _token_from() -> str:
    given = next((name for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") if os.environ.get(name, "").strip()), None)
    return given or str(Path(os.environ.get("HF_TOKEN_PATH") or _home() / "token"))
