"""Which files hold a split: by the card's configurations, else by what files are called, as datasets 5.2 does it."""

from pathlib import Path

import pytest

from rarl_eval.data import splits
from rarl_eval.errors import BadInput

CARD = """---
license: mit
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: [main/test-*, more/**/test.jsonl]
- config_name: socratic
  default: true
  data_dir: socratic
- config_name: list
  data_files: ["a.csv", "b?.csv"]
---
# Rows
configs: none
"""
PATHS = ["README.md", "main/train-00000.parquet", "main/test-00000.parquet", "main/test-00001.parquet",
         "more/x/y/test.jsonl", "more/test.jsonl", "socratic/train.jsonl", "socratic/dev.jsonl.gz", "a.csv", "b1.csv",
         "b.csv"]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "split", "right"),
    [
        ("main", "train", ["main/train-00000.parquet"]),
        (
            "main",
            "test",
            ["main/test-00000.parquet", "main/test-00001.parquet", "more/test.jsonl", "more/x/y/test.jsonl"],
        ),
        (None, "train", ["socratic/train.jsonl"]),
        ("socratic", "train+validation", ["socratic/train.jsonl", "socratic/dev.jsonl.gz"]),
        ("list", "train", ["a.csv", "b1.csv"]),
    ],
)
def test_a_card_says_which_files_hold_a_split(config: str | None, split: str, right: list[str], tmp_path: Path) -> None:
    """Patterns of paths, folders and lists, of the named configuration or the default one."""
    (tmp_path / "README.md").write_text(CARD)
    known = splits.configs(tmp_path / "README.md")
    assert splits.files_of(PATHS, known, "o/n", config, split) == right


@pytest.mark.parametrize(
    ("config", "split", "said"),
    [
        ("main", "dev", "o/n has no split dev of the configuration main; it has train, test"),
        ("other", "test", "o/n has no configuration other; it has main, socratic, list"),
    ],
)
def test_what_a_card_does_not_have_is_told(config: str, split: str, said: str, tmp_path: Path) -> None:
    """What there is stands in the sentence."""
    (tmp_path / "README.md").write_text(CARD)
    with pytest.raises(BadInput, match=said):
        splits.files_of(PATHS, splits.configs(tmp_path / "README.md"), "o/n", config, split)


@pytest.mark.parametrize(
    ("paths", "split", "right"),
    [
        (["data/test-00000-of-00002.parquet", "data/test-00001-of-00002.parquet", "data/v0.1-00000-of-00001.parquet"],
         "test", ["data/test-00000-of-00002.parquet", "data/test-00001-of-00002.parquet"]),
        (["data/v0.1.4-00000-of-00001.parquet"], "v0.1.4", ["data/v0.1.4-00000-of-00001.parquet"]),
        (["train.json", "dev.json", "test.json", "contest.json", "latest.json"], "test", ["test.json"]),
        (["MATH-test.jsonl", "my_eval.jsonl", "valid.jsonl"], "test", ["MATH-test.jsonl", "my_eval.jsonl"]),
        (["train/a.csv", "test/train.csv"], "test", ["test/train.csv"]),
        (["problems.parquet", ".hidden/test.json", "__MACOSX/test.json", "dataset_infos.json", "x.py"], "train",
         ["problems.parquet"]),
    ],
)  # fmt: skip
def test_names_say_it_where_no_card_does(paths: list[str], split: str, right: list[str]) -> None:
    """Shards, names of folders, then of files; a file with no split in its name is training."""
    assert splits.files_of(paths, {}, "o/n", None, split) == right


@pytest.mark.parametrize("text", [None, "no header", "---\nlicense: mit\n---\n", "---\nconfigs: 3\n---\n"])
def test_a_card_need_not_say_anything(text: str | None, tmp_path: Path) -> None:
    """No card, none with a header, none with configurations."""
    card = tmp_path / "README.md"
    if text is not None:
        card.write_text(text)
    assert splits.configs(card if text is not None else None) == {}


def test_a_dataset_without_rows_or_a_broken_card_is_told(tmp_path: Path) -> None:
    """A repository of a loading script, several configurations without a default, and a header that is no YAML."""
    with pytest.raises(BadInput, match="o/n holds no file of rows that is read here"):
        splits.files_of(["README.md", "script.py"], {}, "o/n", None, "test")
    with pytest.raises(BadInput, match="o/n has the configurations a, b; name one"):
        splits.files_of(["x.csv"], {"a": {}, "b": {}}, "o/n", None, "test")
    (tmp_path / "README.md").write_text("---\na: [\n---\n")
    with pytest.raises(BadInput, match=r"README.md is no YAML"):
        splits.configs(tmp_path / "README.md")
