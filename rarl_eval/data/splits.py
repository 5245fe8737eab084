"""Which files of a dataset's repository hold a split: what its card says, else what the files are called.

The rules are those that ``datasets`` 5.2 documents: ``configs`` in the card's header name patterns for each split; else
the split's name, or a word for it, is sought in the names of folders, then of files; a file without any is training.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from rarl_eval.errors import BadInput

CARD = "README.md"
WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
"""How splits are called in the names of files."""
READ = (".parquet", ".arrow", ".jsonl", ".ndjson", ".json", ".csv", ".tsv")
"""Files of rows, also compressed."""
_OTHER = {"config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json"}


def configs(card: Path | None) -> dict[str, dict[str, Any]]:
    """Return what a card's header says of each configuration; nothing where there is none."""
    if card is None:
        return {}
    header = re.match(r"\s*---\r?\n(.*?)\r?\n---", card.read_text("utf-8", "replace"), re.DOTALL)
    if header is None:
        return {}
    import yaml

    try:
        told = yaml.safe_load(header[1])
    except yaml.YAMLError as error:
        raise BadInput(f"the header of {card} is no YAML ({' '.join(str(error).split())[:120]})") from error
    listed = told.get("configs") if isinstance(told, dict) else None
    entries = listed if isinstance(listed, list) else []
    return {str(c["config_name"]): c for c in entries if isinstance(c, dict) and "config_name" in c}


def files_of(
    paths: Iterable[str], known: Mapping[str, dict[str, Any]], repo: str, config: str | None, split: str
) -> list[str]:
    """Return the files of a split, in order; ``+`` joins several. Raises BadInput naming what there is."""
    data = sorted(p for p in paths if _is_data(p))
    if not data:
        raise BadInput(f"{repo} holds no file of rows that is read here (Parquet, JSON, CSV); give them with --source")
    by_split = _declared(data, known, repo, config)
    found: list[str] = []
    for name in split.split("+"):
        part = by_split.get(name.strip(), [])
        if not part:
            of = f" of the configuration {config}" if config else ""
            raise BadInput(f"{repo} has no split {name.strip()}{of}; it has {', '.join(by_split) or 'none'}")
        found += part
    return found


def _declared(
    data: Sequence[str], known: Mapping[str, dict[str, Any]], repo: str, config: str | None
) -> dict[str, list[str]]:
    if not known:
        inside = [p for p in data if config and p.startswith(f"{config}/")]
        return _by_name(inside or data)
    if config is not None and config not in known:
        raise BadInput(f"{repo} has no configuration {config}; it has {', '.join(known)}")
    chosen = known[config] if config is not None else _default(known, repo)
    root = str(chosen.get("data_dir") or "").strip("/")
    inside = [p for p in data if not root or p.startswith(f"{root}/")]
    patterns = chosen.get("data_files")
    return _by_pattern(inside, patterns, root) if patterns else _by_name(inside)


def _default(known: Mapping[str, dict[str, Any]], repo: str) -> dict[str, Any]:
    marked = [c for name, c in known.items() if len(known) == 1 or name == "default" or c.get("default")]
    if len(marked) != 1:
        raise BadInput(f"{repo} has the configurations {', '.join(known)}; name one")
    return marked[0]


def _by_pattern(data: Sequence[str], patterns: Any, root: str) -> dict[str, list[str]]:
    listed = patterns if isinstance(patterns, list) else [patterns]
    found: dict[str, list[str]] = {}
    for entry in listed:
        split, given = (str(entry["split"]), entry["path"]) if isinstance(entry, dict) else ("train", entry)
        for pattern in given if isinstance(given, list) else [given]:
            whole = re.compile(_regex(f"{root}/{pattern}" if root else str(pattern)))
            place = found.setdefault(split, [])
            place += [p for p in data if whole.fullmatch(p) and p not in place]
    return found


def matching(paths: Iterable[str], pattern: str) -> list[str]:
    """Return the paths that a pattern means, sorted."""
    whole = re.compile(_regex(pattern))
    return sorted(path for path in paths if whole.fullmatch(path))


def _regex(pattern: str) -> str:
    """Translate a pattern of paths: ``*`` stays in a folder, ``**`` does not."""
    told, rest = "", pattern.removeprefix("./")
    forms = (("**/", "(?:.*/)?"), ("**", ".*"), ("*", "[^/]*"), ("?", "[^/]"))
    while rest:
        for sign, meaning in forms:
            if rest.startswith(sign):
                told, rest = told + meaning, rest[len(sign) :]
                break
        else:
            kind = re.match(r"\[[^\]/]+\]", rest)
            told += kind[0].replace("[!", "[^") if kind else re.escape(rest[0])
            rest = rest[len(kind[0]) if kind else 1 :]
    return told


def _by_name(data: Sequence[str]) -> dict[str, list[str]]:
    sharded = [(p, m[1]) for p in data if (m := re.fullmatch(r"data/(\w[\w.]*)-\d{5}-of-\d{5}.*\..*", p))]
    if sharded:
        names = sorted({name for _, name in sharded})
        return {name: [p for p, of in sharded if of == name] for name in names}
    for where in (slice(None, -1), slice(-1, None)):  # names of folders first, then of files
        found = {s: [p for p in data if _named(PurePosixPath(p).parts[where], words)] for s, words in WORDS.items()}
        if any(found.values()):
            return {split: paths for split, paths in found.items() if paths}
    return {"train": list(data)}


def _named(parts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a name holds one of the words, with no letter beside it."""
    return any(re.search(rf"(?:^|[-._ 0-9]){word}(?:$|[-._ 0-9])", part) for part in parts for word in words)


def _is_data(path: str) -> bool:
    parts = PurePosixPath(path).parts
    hidden = any(part.startswith((".", "__")) for part in parts)
    bare = re.sub(r"\.(gz|zst|bz2|xz)$", "", parts[-1])
    return not hidden and parts[-1] not in _OTHER and bare.endswith(READ)
