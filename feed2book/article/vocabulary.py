"""The HTML that an article may be made of: the writer keeps to it, and the wall lets nothing else by."""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """Return the words of ``text`` as a set: long lists of names read best as prose."""
    return frozenset(text.split())


HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

#: Phrasing elements that we write. ``span`` only where it carries an id, a language or a direction.
INLINE = names(
    "a abbr b bdi bdo cite code del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup "
    "time u var"
)

#: Block elements that we write, apart from ``p``; headings start at ``h2``.
BLOCKS = names(
    "aside blockquote caption dd dl dt figcaption figure h2 h3 h4 h5 h6 li ol p pre table tbody td th "
    "thead tr ul"
)

VOID = frozenset({"br", "hr"})

ELEMENTS = INLINE | BLOCKS | VOID

#: Source elements that stand on lines of their own but that we do not write: their content stays.
DIVISIONS = names(
    "address article body center details dialog div fieldset footer form frameset header hgroup html "
    "legend main nav noframes optgroup option search section summary tfoot"
)

#: Attributes that we write, for any element (``*``) or for one.
ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": frozenset({"id", "class", "lang", "xml:lang", "dir"}),
    "a": frozenset({"href"}),
    "abbr": frozenset({"title"}),
    "aside": frozenset({"role"}),
    "dfn": frozenset({"title"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"start", "reversed", "type"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
}

#: Classes of ours that templates may style, with ``language-…`` on ``code`` and, on each ``span`` in it,
#: ``k`` (keyword), ``c`` (comment), ``s`` (string), ``n`` (number) or ``d`` (definition).
CLASSES = frozenset(
    {"subhead", "embed", "formula", "noteref", "note", "backlink", "post-toc", "callout", "verse"}
)

#: Schemes that a link may have.
LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp"})
