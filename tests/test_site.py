"""Reports in, a folder of pages out; whole or not at all."""

import json
from pathlib import Path

import pytest

from rarl_eval import registry, site
from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.site import MARKER, build_site
from tests.leaderboards import reports


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A folder with the report of two models on two tasks."""
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.json").write_text(json.dumps(reports.report(2, 2)))
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def quiet(text: str) -> None:
    """Say nothing."""


def test_a_site_is_written_and_listed(report: Path, tmp_path: Path):
    """The index is returned, one line says what was written, and the marker lists every other file."""
    said: list[str] = []
    index = build_site([report], tmp_path / "deep" / "site", say=said.append)
    found = tree(tmp_path / "deep" / "site")
    assert index == tmp_path / "deep" / "site" / "index.html"
    assert json.loads(found[MARKER])["files"] == sorted(set(found) - {MARKER})
    assert len(said) == 1
    assert str(index) in said[0]
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["site"]


def test_building_again_gives_the_same_bytes_and_drops_old_pages(report: Path, tmp_path: Path):
    """A site is replaced as a whole; pages of models that went are gone."""
    out = tmp_path / "site"
    build_site([report], out, say=quiet)
    first = tree(out)
    (report / "report.json").write_text(json.dumps(reports.report(1, 2)))
    build_site([report], out, say=quiet)
    assert len(tree(out)) < len(first)
    (report / "report.json").write_text(json.dumps(reports.report(2, 2)))
    build_site([report / "report.json"], out, say=quiet)
    assert tree(out) == first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report", "site"]


def test_an_empty_folder_may_be_used(report: Path, tmp_path: Path):
    """A folder made beforehand is filled."""
    (tmp_path / "site").mkdir()
    assert build_site([report], tmp_path / "site", say=quiet).is_file()


def test_a_link_to_a_folder_stays_a_link(report: Path, tmp_path: Path):
    """The site goes where the link points."""
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to("real")
    build_site([report], tmp_path / "site", say=quiet)
    assert (tmp_path / "site").is_symlink()
    assert (tmp_path / "real" / "index.html").is_file()


def test_a_folder_that_is_no_site_is_left_alone(report: Path, tmp_path: Path):
    """Somebody's files are never deleted, the report's own folder included."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("dear")
    for out in (tmp_path / "home", report):
        before = tree(out)
        with pytest.raises(BadInput, match="not a site of ours"):
            build_site([report], out, say=quiet)
        assert tree(out) == before


@pytest.mark.parametrize("name", ["CNAME", ".git/HEAD", "models/mine.html"])
def test_a_site_with_foreign_files_is_left_alone(report: Path, tmp_path: Path, name: str):
    """A file that somebody put into the site is named, not deleted."""
    out = tmp_path / "site"
    build_site([report], out, say=quiet)
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text("mine")
    before = tree(out)
    with pytest.raises(BadInput, match=f"{name} is not part of the site"):
        build_site([report], out, say=quiet)
    assert tree(out) == before


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"files": 3}'])
def test_a_broken_marker_is_not_trusted(report: Path, tmp_path: Path, text: str):
    """A marker that cannot be read protects the folder."""
    out = tmp_path / "site"
    build_site([report], out, say=quiet)
    (out / MARKER).write_text(text)
    with pytest.raises(BadInput, match="cannot be read"):
        build_site([report], out, say=quiet)
    assert (out / "index.html").is_file()


def test_a_file_in_the_way_is_left_alone(report: Path, tmp_path: Path):
    """A site needs a folder."""
    (tmp_path / "site").write_text("x")
    with pytest.raises(BadInput, match="is a file"):
        build_site([report], tmp_path / "site", say=quiet)
    with pytest.raises(BadInput, match="cannot be made"):
        build_site([report], tmp_path / "site" / "below", say=quiet)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, BadInput, "report.json does not exist; write it with: rarl-eval report"),
        (b"", BadInput, "not a readable JSON file"),
        (b"{", BadInput, "not a readable JSON file"),
        (b"\xff\xfe{}", BadInput, "not a readable JSON file"),
        (b"[" * 100_000, BadInput, "not a readable JSON file"),
        (b'{"schema": 1, "rows": [NaN]}', BadInput, "NaN is no JSON number"),
        (b"[]", BadInput, 'holds no "schema"'),
        (b'{"rows": []}', BadInput, 'holds no "schema"'),
        (b'{"schema": 3, "rows": []}', SchemaMismatch, "has schema 3, this version reads up to 2"),
        (b'{"schema": 1, "rows": []}', BadInput, "no rows"),
        (b'{"schema": 1}', BadInput, "missing required field `rows`"),
        (b'{"schema": 1, "rows": [{"model": "m"}]}', BadInput, "missing required field `task`"),
    ],
)
def test_a_bad_report_is_one_sentence_and_writes_nothing(tmp_path: Path, content, error, message: str):
    """The file and what is wrong with it; no folder appears."""
    folder = tmp_path / "report"
    folder.mkdir()
    if content is not None:
        (folder / "report.json").write_bytes(content)
    with pytest.raises(error, match=message):
        build_site([folder], tmp_path / "site", say=quiet)
    assert [p.name for p in tmp_path.iterdir()] == ["report"]


def test_no_report_is_bad_input(tmp_path: Path):
    """A site of nothing is refused."""
    with pytest.raises(BadInput, match="no report was given"):
        build_site([], tmp_path / "site", say=quiet)


@pytest.mark.parametrize("failing", ["rename", "write_bytes"])
def test_a_failure_leaves_the_old_site(report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str):
    """When the disk gives out while writing or swapping, the old site stands and no remains are left."""
    out = tmp_path / "site"
    build_site([report], out, say=quiet)
    before = tree(out)
    real = getattr(Path, failing)

    def fail(self: Path, *args):
        if ".partial-" in str(self) and (failing == "rename" or self.name == "index.html"):
            raise OSError("no space left")
        return real(self, *args)

    monkeypatch.setattr(Path, failing, fail)
    with pytest.raises(BadInput, match="no space left"):
        build_site([report], out, say=quiet)
    assert tree(out) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report", "site"]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a\\b", MARKER])
def test_a_renderer_cannot_write_outside(report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    """Page names from any renderer stay inside the site."""
    monkeypatch.setattr(registry, "load", lambda group, kind: lambda loaded, **options: [(name, b"x")])
    with pytest.raises(ValueError, match="may not be called"):
        build_site([report], tmp_path / "site", say=quiet)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report"]


def test_pages_are_readable_by_a_web_server(report: Path, tmp_path: Path):
    """The folder is not left private as temporary folders are."""
    build_site([report], tmp_path / "site", say=quiet)
    assert (tmp_path / "site").stat().st_mode & 0o777 == 0o755


def test_engine_does_not_name_the_leaderboards():
    """site.py reaches its renderer through the registry alone."""
    assert "leaderboards" not in Path(site.__file__).read_text()
