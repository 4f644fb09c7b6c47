"""The one Jinja environment under all renderers, and the style sheets beside the templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2

from feed2book.errors import RenderError


@cache
def _own_templates() -> Path:
    """Where our templates are: inside the wheel, else beside the package (an editable install)."""
    packaged = Path(str(files("feed2book"))) / "templates"
    return packaged if packaged.is_dir() else packaged.parent.parent / "templates"


@cache
def environment(override: Path | None = None) -> jinja2.Environment:
    """Return the environment: our templates, any of them replaced by a file of ``override``.

    Autoescape is on for all but ``.txt`` and ``.css``; a name that a template uses and nobody gave
    is an error, never an empty string.
    """
    places = [override, _own_templates()] if override else [_own_templates()]
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places),
        autoescape=lambda name: name is None or not name.endswith((".txt", ".css")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters["date"] = human_date
    env.filters["isodate"] = iso_date
    env.filters["host"] = host
    return env


def render(name: str, values: Mapping[str, Any], override: Path | None = None) -> str:
    """Render the template ``name`` (``epub/article.xhtml``) with ``values``.

    Raises:
        RenderError: a template is missing or wrong; the message names the file and the line.
    """
    try:
        return environment(override).get_template(name).render(values)
    except jinja2.TemplateSyntaxError as error:
        place = f"{error.filename or name}:{error.lineno}"
        raise RenderError(f"template error: {error.message}", where=place) from error
    except jinja2.TemplateError as error:
        raise RenderError(
            f"template error: {error}", where=name, remedy="check the files in your --templates directory"
        ) from error


def human_date(moment: datetime | None) -> str:
    """Return ``23 November 2026`` (English month names: the same bytes in any locale), or ``""``."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}" if moment else ""


def iso_date(moment: datetime | None) -> str:
    """Return ``2026-11-23``, or ``""``."""
    return moment.date().isoformat() if moment else ""


def host(url: str) -> str:
    """Return the host of an address without ``www.``, for people to read (the address itself if it has none)."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
