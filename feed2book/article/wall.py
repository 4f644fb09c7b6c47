"""The wall: whatever the passes and the writer did, nothing but our vocabulary gets out.

The writer writes nothing else, so the wall changes nothing as a rule. It is there for the day on which
that is not so.
"""

from __future__ import annotations

from functools import cache

import nh3
from lxml import etree

from feed2book.article.vocabulary import ATTRIBUTES, ELEMENTS, LINK_SCHEMES


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ELEMENTS),
        attributes={name: set(names) for name, names in ATTRIBUTES.items()},
        url_schemes=set(LINK_SCHEMES),
        clean_content_tags={"script", "style"},
        strip_comments=True,
        link_rel=None,
    )


def pass_wall(xhtml: str) -> str:
    """Return ``xhtml`` without anything that is not in the vocabulary, as XHTML again."""
    html = _cleaner().clean(xhtml)
    return html.replace("&nbsp;", "\u00a0").replace("<br>", "<br/>").replace("<hr>", "<hr/>")


def is_well_formed(xhtml: str) -> bool:
    """Say whether ``xhtml`` can stand in an XML document."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        etree.fromstring(f"<div>{xhtml}</div>", parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True
