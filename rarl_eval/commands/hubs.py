"""What ``rarl-eval doctor --hub`` tries: the hub, the token, each dataset that a task is read from."""

from collections.abc import Callable

from rarl_eval import registry
from rarl_eval.data import hub
from rarl_eval.errors import Unreachable
from rarl_eval.files import reaching
from rarl_eval.files.repositories import PREFIX
from rarl_eval.types import Task

GOOD = ("it ", "answers", "of ", "none is sent", "nobody", "nothing")
"""How what is well begins."""


def examine() -> dict[str, dict[str, str]]:
    """Try all of it; where the hub itself does not answer, nothing else is tried."""
    tasks = [t for t in registry.tasks("all") if t.generate is None]
    sets: dict[str, list[Task]] = {}
    for task in tasks:
        if not task.source.path.startswith(PREFIX):
            sets.setdefault(task.source.path, []).append(task)
    state = _hub(next(iter(sets)))
    found = {"hub": {hub.endpoint(): state, "token": _tried(_token) if state == "answers" else "not tried"}}
    if state == "answers":
        found["datasets"] = {repo: _tried(lambda repo=repo: _set(repo)) for repo in sets}  # type: ignore[misc]
    return found | {"tasks": _seen(sets)}


def lacking(found: dict[str, dict[str, str]]) -> bool:
    """Whether something that was tried did not work."""
    return any(not state.startswith(GOOD) for states in found.values() for state in states.values())


def _hub(repo: str) -> str:
    if reaching.offline():
        return "not asked: HF_HUB_OFFLINE is set"
    try:
        hub.info(repo)
    except hub.Refusal:
        return "answers"
    except Unreachable as error:
        return str(error)
    return "answers"


def _tried(attempt: Callable[[], str]) -> str:
    try:
        return attempt()
    except Unreachable as error:
        return str(error)


def _token() -> str:
    return f"of {hub.user()}" if hub.token() else "none is sent: gated sets are closed, and fewer requests allowed"


def _set(repo: str) -> str:
    found = hub.info(repo)
    if not found.gated:
        return f"it is open, at {found.sha}"
    if not hub.may_read(repo):
        return f"it is gated, at {found.sha}; the hub does not say whether this account may read it"
    return f"it is gated, and open to this account, at {found.sha}"


def _seen(sets: dict[str, list[Task]]) -> dict[str, str]:
    """Say which tasks were never seen live: not counted at a commit of the hub, and not loaded on this machine."""
    never = [
        task.name
        for repo, tasks in sets.items()
        for task in tasks
        if not hub.loaded(repo) and not any(hub.COMMIT.search(known.of) for known in task.source.known)
    ]
    unproven = {
        f"{task.name}, unproven": f"nobody has borne out {task.source.unproven}"
        for tasks in sets.values()
        for task in tasks
        if task.source.unproven
    }
    return {"never loaded from the hub": f"nobody has loaded {', '.join(never)}" if never else "nothing"} | unproven
