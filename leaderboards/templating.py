"""Templates and assets: the package's own, or a user's of the same name. Everything a template prints is escaped."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards.names import shortened, shown, shown_block
from rarl_eval.report import figures


def environment(templates: Path | None) -> jinja2.Environment:
    """Return the environment pages are rendered in; raises BadInput where ``templates`` is no folder.

    Escaping is always on, and text is made visible first (names.shown), so that no template can forget either.
    """
    if templates is not None and not templates.is_dir():
        raise BadInput(f"--templates {templates} is not a folder; name one that holds templates like index.html")
    own = resources.files(__package__) / "templates"
    loaders: list[jinja2.BaseLoader] = [jinja2.FileSystemLoader(templates)] if templates else []
    loaders.append(jinja2.FunctionLoader(lambda name: _text(own / name)))
    env = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["short"] = shortened
    env.filters["block"] = lambda text: escape(shown_block(text))
    env.filters["count"] = figures.count
    return env


def rendered(env: jinja2.Environment, template: str, values: dict[str, Any]) -> bytes:
    """Render a template; raises BadInput naming file and line where it cannot be."""
    try:
        return env.get_template(template).render(values).encode()
    except jinja2.TemplateSyntaxError as error:
        raise BadInput(f"template {error.name or template} line {error.lineno}: {error.message}") from error
    except jinja2.TemplateError as error:
        raise BadInput(f"template {template} cannot be rendered: {error}") from error


def asset(name: str, templates: Path | None) -> bytes:
    """Return a file of ``static/``, the user's where there is one."""
    own = templates / "static" / name if templates else None
    if own and own.is_file():
        return own.read_bytes()
    return (resources.files(__package__) / "static" / name).read_bytes()


def _visible(value: Any) -> Any:
    if value is None:
        return ""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _text(file: Traversable) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
