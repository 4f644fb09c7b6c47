"""The one Jinja environment under all renderers, and the style sheets beside the templates."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import jinja2
from markupsafe import Markup

from feed2book.errors import RenderError
from feed2book.render.characters import xml_text
from feed2book.render.dates import iso_date
from feed2book.render.words import Words, words

# What a template, ours or a user's, can raise besides Jinja's own errors.
_FAULTS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


@cache
def _own_templates() -> Path:
    """Where our templates are: inside the wheel, else beside the package (an editable install)."""
    packaged = Path(str(files("feed2book"))) / "templates"
    return packaged if packaged.is_dir() else packaged.parent.parent / "templates"


@cache
def environment(override: Path | None = None) -> jinja2.Environment:
    """Return the environment: our templates, any of them replaced by a file of ``override``.

    Autoescape is on for all but ``.txt`` and ``.css``; a name that a template uses and nobody gave
    is an error, never an empty string; characters that XML forbids never get out.
    """
    places = _places(override)
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places),
        autoescape=jinja2.select_autoescape(disabled_extensions=("txt", "css"), default=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    env.filters["isodate"] = iso_date
    env.filters["host"] = host
    env.filters["weburl"] = web_url
    env.filters["lang"] = language_tag
    env.globals["words"] = lambda *languages: words(language_tag(*languages), places)
    return env


def words_of(language: str, override: Path | None = None) -> Words:
    """Return what books in that language (BCP 47) say of themselves; see ``templates/words/``.

    Raises:
        RenderError: a file of words cannot be read.
    """
    return words(language_tag(language), _places(override))


def _places(override: Path | None) -> tuple[Path, ...]:
    return (override, _own_templates()) if override else (_own_templates(),)


def fingerprint(override: Path | None) -> str:
    """Return a name for the content of the user's templates, ``""`` when there are none."""
    files = sorted(path for path in override.rglob("*") if path.is_file()) if override else []
    found = hashlib.sha256()
    for path in files:
        found.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest() if files else ""


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
    except (jinja2.TemplateError, *_FAULTS) as error:
        raise RenderError(
            f"template error: {error}",
            where=_place(error) or name,
            remedy="check the files in your --templates directory" if override else "",
        ) from error


def source(name: str, override: Path | None = None) -> str:
    """Return the text of the template ``name``.

    Raises:
        RenderError: there is none.
    """
    env = environment(override)
    try:
        return env.loader.get_source(env, name)[0] if env.loader else ""
    except jinja2.TemplateNotFound as error:
        raise RenderError(f"template error: {error}", where=name) from error


def _place(error: BaseException) -> str:
    """Return the template and line where the error arose (Jinja rewrites tracebacks to say so)."""
    place = ""
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        if not code.co_filename.endswith((".py", ">")):
            place = f"{code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _finalize(value: object) -> object:
    # Markup is ours, or was cleaned by the article room: it is long, and not looked at again.
    return xml_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def host(url: str) -> str:
    """Return the host of an address without ``www.``, for people to read (else the address itself)."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url


def web_url(url: str) -> str:
    """Return an ``http`` or ``https`` address that is fit for an ``href``, or ``""``.

    What RFC 3986 forbids in an address is percent-encoded, other schemes (``javascript:``, a
    file of the person who made the book) are not linked to.
    """
    clean = quote(xml_text(url.strip()), safe="!#$%&'()*+,/:;=?@[]~", encoding="utf-8")
    clean = re.sub("%(?![0-9A-Fa-f]{2})", "%25", clean)
    try:
        parts = urlsplit(clean)
        _ = parts.port
    except ValueError:
        return ""
    return clean if parts.scheme in {"http", "https"} and parts.hostname else ""


_LANGUAGE = re.compile(
    r"""(?:[a-z]{2,3}(?:-[a-z]{3}){0,3} | [a-z]{4,8})   # language
    (?:-[a-z]{4})?                                      # script
    (?:-(?:[a-z]{2} | [0-9]{3}))?                       # region
    (?:-(?:[a-z0-9]{5,8} | [0-9][a-z0-9]{3}))*          # variants
    (?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*                 # extensions
    (?:-x(?:-[a-z0-9]{1,8})+)?                          # private use""",
    re.VERBOSE | re.IGNORECASE,
)


def language_tag(*tags: str) -> str:
    """Return the first of the tags that is well-formed (BCP 47), else ``und``: undetermined."""
    spelled = (tag.strip().replace("_", "-") for tag in tags)
    return next((tag for tag in spelled if _LANGUAGE.fullmatch(tag)), "und")
