"""The pages as a whole: links, escaping, size, sameness."""

import json
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards.methods import load_methods
from rarl_eval.leaderboards.pages import render
from tests.leaderboards import reports

TAGS = {
    *("html", "head", "meta", "title", "link", "script", "body", "a", "header", "nav", "div", "main", "footer"),
    *("p", "strong", "bdi", "b", "i", "small", "span", "kbd", "code", "ul", "li", "dl", "dt", "dd", "h1", "h2"),
    *("section", "article", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"),
    *("aside", "details", "summary", "pre", "svg", "path", "text", "circle"),
}
URLS = {"href", "src"}


class Page(HTMLParser):
    """Tags, attributes and ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def urls(self):
        return [value for _, attrs in self.tags for name, value in attrs.items() if name in URLS]

    def ids(self):
        return [attrs["id"] for _, attrs in self.tags if "id" in attrs]


def built(report, **options):
    """The site of one report, as path to bytes."""
    return dict(render({"report": report}, **options))


def pages(site):
    """The HTML pages of a site, parsed."""
    return {path: Page(data.decode()) for path, data in site.items() if path.endswith(".html")}


@pytest.fixture(scope="module")
def usual():
    """A site of 22 models on 10 tasks."""
    return built(reports.report(22, 10))


@pytest.fixture(scope="module")
def hostile():
    """A site whose every text is an attack."""
    return built(reports.hostile())


def test_every_page_is_there(usual):
    """One page for each model and task, the leaderboard and the methods."""
    found = [path for path in usual if path.endswith(".html")]
    assert len(found) == 22 + 10 + 2
    assert {"index.html", "methods.html", "tasks/gsm8k.html", "models/Qwen--Qwen2-7B-Instruct.html"} <= set(found)


@pytest.mark.parametrize("kind", ["usual", "hostile"])
def test_every_link_leads_to_a_file_of_the_site(kind, request):
    """No link leaves the site, and none is dead; fragments name an element of their page."""
    site = request.getfixturevalue(kind)
    parsed = pages(site)
    for path, page in parsed.items():
        for url in page.urls():
            target, _, fragment = url.partition("#")
            parts: list[str] = []
            for part in [*PurePosixPath(path).parent.parts, *PurePosixPath(unquote(target)).parts]:
                parts = parts[:-1] if part == ".." else [*parts, part]
            name = "/".join(parts) if target else path
            assert name in site, (path, url)
            assert not fragment or fragment in parsed[name].ids(), (path, url)


@pytest.mark.parametrize("kind", ["usual", "hostile"])
def test_no_text_becomes_markup(kind, request):
    """Only our own elements, no inline script or style, no event handler, ids unique, whatever the names."""
    for path, page in pages(request.getfixturevalue(kind)).items():
        assert {tag for tag, _ in page.tags} <= TAGS, path
        assert len(page.ids()) == len(set(page.ids())), path
        for tag, attrs in page.tags:
            assert not any(name.startswith("on") or name == "style" for name in attrs), (path, tag, attrs)
            if tag == "script":
                assert PurePosixPath(attrs["src"]).name in {
                    "shared.js",
                    "site.js",
                    "tips.js",
                    "grid.js",
                    "items.js",
                    "compare.js",
                }
                assert len(attrs) == 1


def test_hostile_names_are_shown_as_they_are(hostile):
    """Markup, template syntax and hidden characters stand on the page as text."""
    text = pages(hostile)["index.html"].text
    for shown in ("<script>alert(1)</script>", "{{ 7*7 }}{% raw %}", "abc⟨U+202E⟩gnp.exe", "⟨U+0000⟩nul⟨U+0007⟩bell"):
        assert shown in text
    assert "49" not in [line.strip() for line in text.splitlines()]
    for path, data in hostile.items():
        if path.endswith(".html"):
            assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2028\x00") & set(
                data.decode()
            )


def test_hostile_names_get_their_own_files(hostile):
    """Every model and every task has its page, and no path leaves the site."""
    for path in hostile:
        assert ".." not in path
        assert not path.startswith("/")
        assert len(path) < 120
        assert path.isascii()
    models = {row["model"] for row in reports.hostile()["rows"]}
    assert sum(path.startswith("models/") for path in hostile) == len(models)


def test_policy_forbids_all_but_the_sites_own_files(usual):
    """Each page carries the same strict policy, before anything that it could bind."""
    for page in pages(usual).values():
        policies = [a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv")]
        assert policies == [
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
        ]
        kinds = [t for t, _ in page.tags]
        assert kinds.index("meta") < kinds.index("link") < kinds.index("script")


def test_same_input_gives_the_same_bytes(usual):
    """Another order of rows and scans changes nothing."""
    report = reports.report(22, 10)
    report["rows"].reverse()
    assert built(report) == usual


def test_leaderboard_stays_small(usual):
    """22 models on 10 tasks fit into 155 kB, with every task scanned and two rewards everywhere as well."""
    assert len(usual["index.html"]) <= 155_000
    report = reports.report(22, 10)
    for row in report["rows"]:
        row["clean"] = row["flagged"] = {"n": 500, "accuracy": {"value": 0.8123, "low": 0.75, "high": 0.86}}
        row["gain"] = row["gain_relative"] = {"value": 0.0512, "low": -0.011, "high": 0.12}
        row["agreement"] = [
            {"reward": r, "auroc": {"value": 0.8}, "kappa": {"value": 0.7}} for r in ("first", "second")
        ]
    report["scans"][0]["tasks"] = {name: {"n": 500, "exact": 100, "near": 3} for name in reports.TASKS}
    assert len(built(report)["index.html"]) <= 155_000


def test_methods_are_told_by_the_code_that_runs(usual):
    """What computes a number stands under it with its docstring; each function named is there and documented."""
    page = usual["methods.html"].decode()
    assert "<summary>Computed by <code>rarl_eval.stats.exact.wilson</code></summary>" in page
    assert "Wilson score interval of ``successes`` out of ``n``" in page
    functions = [f for chapter in load_methods() for metric in chapter.metrics for f in metric.functions]
    assert len(functions) >= 20
    assert all(doc for _, doc in functions)


def test_a_large_board_stays_small_too():
    """Of 44 models on 10 tasks the first 16 of each task are shown, fewer than 155 kB; all stand on the task's page."""
    site = built(reports.report(44, 10))
    assert len(site["index.html"]) <= 155_000
    text = site["index.html"].decode()
    assert text.count("The first 16 of 44 models; all of them stand on the task") == 10
    assert site["tasks/gsm8k.html"].decode().count('<th scope="row">') >= 44
    assert len(json.loads(site["data/leaderboard/gsm8k.json"])) == 44


def test_downloads_hold_the_report(usual):
    """data/all.json has a record for each row, with the report's numbers."""
    records = json.loads(usual["data/all.json"])
    rows = {(row["model"], row["task"]): row for row in reports.report(22, 10)["rows"]}
    assert len(records) == len(rows) == 220
    for record in records:
        row = rows[record["model"], record["task"]]
        assert record["accuracy_low"] == row["accuracy"]["low"]
        assert record["clean_n"] == row["clean"]["n"]
        assert record["run"] == row["run"]
        assert record["length_unit"] == row["length"]["unit"]


def test_tables_have_their_downloads_beside_them(usual):
    """Each table offers CSV and JSON, and is named and described for those who do not see it."""
    for path, page in pages(usual).items():
        tables = [a["id"] for t, a in page.tags if t == "table"]
        regions = {a["aria-labelledby"] for t, a in page.tags if a.get("role") == "region"}
        assert regions == {f"{name}-c" for name in tables}
        wanted = len(tables) + (path == "index.html")
        assert sum((u or "").endswith(".csv") for u in page.urls()) == wanted
        assert sum((u or "").endswith(".json") for u in page.urls()) == wanted


def test_badges_say_what_was_found(usual):
    """Found shares, nothing found and not scanned are told apart in words."""
    text = pages(usual)["index.html"].text
    assert "ft-training_set_math_data.json: 80.3 % found" in text
    assert "ft-training_set_math_data.json: none found" in text
    assert "not scanned" in text
    assert "/home/somebody" not in text


def test_synthetic_reports_say_so_on_every_page():
    """The banner stands on each page of a synthetic report, names the models of a mixed one, else is absent."""
    synthetic = reports.report(1, 1, synthetic=True)
    for page in pages(built(synthetic)).values():
        assert "Synthetic data." in page.text
        assert "None is a leaderboard entry." in page.text
    other = reports.report(2, 2)
    other["rows"] = other["rows"][1:2]
    mixed = Page(dict(render({"a": synthetic, "b": other}))["index.html"].decode())
    assert f"for the laboratory:\n{reports.MODELS[0]}." in mixed.text
    assert "Synthetic data." not in Page(built(other)["index.html"].decode()).text


def test_base_url_gives_canonical_links():
    """Published pages say where they live."""
    site = built(reports.report(1, 1), base_url="https://example.org/board/")
    assert b'<link rel="canonical" href="https://example.org/board/tasks/gsm8k.html">' in site["tasks/gsm8k.html"]
    with pytest.raises(BadInput, match="javascript:"):
        built(reports.report(1, 1), base_url="javascript:alert(1)")


def test_templates_and_assets_can_be_replaced(tmp_path: Path):
    """A user's template of the same name is used, may build on ours, and is escaped like ours."""
    (tmp_path / "model.html").write_text('{% extends "base.html" %}{% block main %}Mine: {{ name }}{% endblock %}')
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "site.css").write_text("body{}")
    report = reports.report(1, 1)
    report["rows"][0]["model"] = "<b>x</b>"
    site = built(report, templates=tmp_path)
    (model,) = [data for path, data in site.items() if path.startswith("models/")]
    assert b"Mine: &lt;b&gt;x&lt;/b&gt;" in model
    assert site["static/site.css"] == b"body{}"
    assert site["static/site.js"] == built(report)["static/site.js"]


@pytest.mark.parametrize(
    ("template", "message"),
    [("{% if %}", "template model.html line 1"), ("{{ nothing }}", "template model.html cannot be rendered")],
)
def test_a_broken_template_is_bad_input(tmp_path: Path, template: str, message: str):
    """The file and the reason, not a traceback."""
    (tmp_path / "model.html").write_text(template)
    with pytest.raises(BadInput, match=message):
        built(reports.report(1, 1), templates=tmp_path)


def test_a_missing_template_folder_is_bad_input(tmp_path: Path):
    """A folder that is not there is named."""
    with pytest.raises(BadInput, match="is not a folder"):
        built(reports.report(1, 1), templates=tmp_path / "none")


def test_script_is_small_and_asks_for_nothing(usual):
    """At most 300 lines, no request, no module, no evaluation, no markup from strings."""
    for name in ("site", "shared", "tips", "grid", "items", "compare", "audit"):
        script = usual[f"static/{name}.js"].decode()
        assert script.count("\n") <= 300
        assert_harmless(script)
    assert "url(" not in usual["static/site.css"].decode()


def assert_harmless(script: str):
    """No request, no module, no evaluation, no markup from strings."""
    for word in ("fetch(", "XMLHttpRequest", "import ", "eval(", "innerHTML", "document.write", "http:", "https:"):
        assert word not in script
