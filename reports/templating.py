"""The project's templates; whatever a template is given is text and can become no markup."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from reports.words import GLYPHS, MEANINGS, duration

_FOLDER = Path(__file__).parent / "templates"


def template(name: str) -> Template:
    """The template of that file name."""
    return _templates().get_template(name)


@cache
def _templates() -> Environment:
    templates = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    templates.globals |= {
        "glyphs": GLYPHS,
        "meanings": MEANINGS,
        "duration": duration,
        "css": Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),  # noqa: S704 our own file
    }
    return templates
