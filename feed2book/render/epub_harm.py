"""Whether a finished chapter holds anything that could do more than be read.

A chapter that is taken over from an older file is not cleaned again; it is looked through, in C, and refused
as a whole when it holds anything that feed2book's own chapters never hold.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

_XHTML = "http://www.w3.org/1999/xhtml"
_MATHML = "http://www.w3.org/1998/Math/MathML"
# What templates may reasonably hold, not only ours: nothing here runs, embeds, submits or moves.
_ELEMENTS = (
    "html head title meta link body section article header footer main nav div aside p h1 h2 h3 h4 h5 h6 hr "
    "br ol ul li dl dt dd blockquote pre figure figcaption table caption colgroup col thead tbody tfoot tr "
    "th td a abbr b bdi bdo cite code data del dfn em i img ins kbd mark q rp rt ruby s samp small span "
    "strong sub sup time u var wbr"
)
_ATTRIBUTES = (
    "id class lang dir href src alt title width height role type start value reversed colspan rowspan scope "
    "headers datetime cite rel charset name content hidden style tabindex epub:type xml:lang"
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_KNOWN = re.compile(r"(?:https?|ftp|mailto|tel):", re.IGNORECASE)
_IGNORED = re.compile(r"[\x00-\x20]")  # which browsers do
# Sizes of formulas and the hang of long lines of code, as our own chapters have them: nothing that loads.
_STYLE = re.compile(
    r"(?:(?:width|vertical-align|padding-left|text-indent|background-position):[-0-9a-z. ]+(?:;|$))+"
)
_FILE = re.compile(r"(?:images|css|fonts)/[A-Za-z0-9._-]+")


def harm(document: bytes) -> str:
    """Return what in an XHTML document has no place in a chapter, ``""`` if nothing has."""
    from lxml import etree

    if b"<!ENTITY" in document or b"<![" in document:
        return "declarations"
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        return "markup that is not well-formed"
    for what, find in _searches():
        if find(root):
            return what
    for value in _values(_addresses(), root):
        address = _IGNORED.sub("", value)
        if _SCHEME.match(address) and not _KNOWN.match(address):
            return "a link that is none"
    if not all(map(_STYLE.fullmatch, _values(_styles(), root))):
        return "attributes"
    return "" if all(map(_FILE.fullmatch, _values(_files(), root))) else "a file from elsewhere"


def _values(path: etree.XPath, root: etree._Element) -> list[str]:
    found = path(root)
    return [str(value) for value in found] if isinstance(found, list) else []


@cache
def _searches() -> tuple[tuple[str, etree.XPath], ...]:
    from lxml import etree

    spaces = {"h": _XHTML, "m": _MATHML, "epub": "http://www.idpf.org/2007/ops"}
    known = " or ".join(f"self::h:{name}" for name in _ELEMENTS.split())
    attributes = " or ".join(f"name()='{name}'" for name in _ATTRIBUTES.split())
    return tuple(
        (what, etree.XPath(path, namespaces=spaces))
        for what, path in (
            ("instructions", "//processing-instruction()"),
            ("elements", f"//*[not({known} or self::m:*)]"),
            ("formulas", "//m:annotation-xml | //m:maction | //m:*[@href or @src]"),
            ("attributes", f"//h:*/@*[not({attributes} or starts-with(name(), 'aria-'))]"),
            ("attributes", "//m:*/@*[starts-with(local-name(), 'on') or contains(name(), ':')]"),
        )
    )


@cache
def _addresses() -> etree.XPath:
    from lxml import etree

    return etree.XPath("//h:a/@href | //@cite", namespaces={"h": _XHTML})


@cache
def _styles() -> etree.XPath:
    from lxml import etree

    return etree.XPath("//@style")


@cache
def _files() -> etree.XPath:
    from lxml import etree

    return etree.XPath("//h:img/@src | //h:link/@href", namespaces={"h": _XHTML})
