"""What the writer has open: blocks, and the inline elements inside the innermost of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What may stand in a block."""

    FLOW = "blocks; text is wrapped in paragraphs"
    BARE = "text and blocks side by side, as in a list item or a cell"
    TEXT = "text only"
    STRUCT = "only certain children: list items, rows, cells"


KINDS: dict[str, Kind] = {
    "": Kind.FLOW,
    "blockquote": Kind.FLOW,
    "aside": Kind.FLOW,
    **dict.fromkeys(("li", "dd", "td", "th", "figure", "figcaption"), Kind.BARE),
    **dict.fromkeys(("p", "pre", "dt", "caption", "h2", "h3", "h4", "h5", "h6"), Kind.TEXT),
    **dict.fromkeys(("ul", "ol", "dl", "table", "thead", "tbody", "tr"), Kind.STRUCT),
}

#: Blocks that stay even when they are empty, because the structure around them needs them.
EAGER = frozenset({"td", "th", "dt", "dd"})

#: Which child each structure needs around content that is none of its own.
INNER = {"ul": "li", "ol": "li", "dl": "dd", "table": "tbody", "thead": "tr", "tbody": "tr", "tr": "td"}

#: Which structures each part of one may hang on, through which steps.
OUTER: dict[str, frozenset[str]] = {
    "li": frozenset({"ul", "ol"}),
    "dt": frozenset({"dl"}),
    "dd": frozenset({"dl"}),
    "caption": frozenset({"table"}),
    "thead": frozenset({"table"}),
    "tbody": frozenset({"table"}),
    "tr": frozenset({"thead", "tbody", "table"}),
    "td": frozenset({"tr", "thead", "tbody", "table"}),
    "th": frozenset({"tr", "thead", "tbody", "table"}),
    "figcaption": frozenset({"figure"}),
}


@dataclass(slots=True, eq=False)
class Frame:
    """A block on the way from the root to where the writer stands.

    ``ident`` is the id still to be written, ``written`` the one that is. ``open`` says that its start
    tag is written (and its end tag is not); ``implicit`` that the writer added it by itself; ``last`` is
    the name of the child written last; ``caption`` says of a figure whether its caption stands first or
    last; ``kind`` is what may stand in it; in a ``flat`` one blocks lose their tags (a paragraph is split
    around them instead).
    """

    name: str
    attributes: str = ""
    ident: str = ""
    written: str = ""
    implicit: bool = False
    open: bool = False
    last: str = ""
    caption: str = ""
    text: list[str] = field(default_factory=list)
    kind: Kind = field(init=False)
    flat: bool = field(init=False)

    def __post_init__(self) -> None:
        """Look up what every piece of text asks."""
        self.kind = KINDS[self.name]
        self.flat = self.kind is Kind.TEXT and self.name != "p"


@dataclass(slots=True, eq=False)
class Inline:
    """An inline element that holds what comes next. It is written when there is something to hold."""

    name: str
    attributes: str = ""
    ident: str = ""
    open: bool = False

    @property
    def spent(self) -> bool:
        """Whether it was there for its id only, and that is written."""
        return self.name in {"a", "span"} and not self.ident and not self.attributes
