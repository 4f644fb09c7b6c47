"""Contents that are leafed through: no deeper than is of use, in pieces that an e-reader opens at once."""

from __future__ import annotations

import pytest

from feed2book.models import Node
from feed2book.render.contents import depth_within, parted


def article(number: int, sections: int = 0, parts: int = 0) -> Node:
    """Return an article with so many sections, each with so many parts."""
    key = f"post-{number:08}"
    inner = tuple(Node("section", "Part", key, f"p{place}") for place in range(parts))
    outer = tuple(Node("section", "Section", key, f"s{place}", children=inner) for place in range(sections))
    return Node("article", f"Post {number}", key, number=number, children=outer)


@pytest.mark.parametrize(
    ("articles", "sections", "parts", "most", "depth"),
    [
        (10, 5, 2, 3, 3),
        (10, 5, 2, 1, 1),
        (100, 5, 2, 3, 1),  # 600 lines with sections, 1,600 with their parts
        (300, 4, 0, 3, 3),  # 1,500 lines
        (300, 5, 0, 3, 0),
        (2_000, 0, 0, 3, 0),
    ],
)
def test_long_contents_have_fewer_levels(
    articles: int, sections: int, parts: int, most: int, depth: int
) -> None:
    contents = [article(number, sections, parts) for number in range(articles)]
    assert depth_within(contents, most, 1_500) == depth
    assert depth_within([Node("part", "Feed", "part-1", children=tuple(contents))], most, 1_500) == depth


def test_contents_are_cut_between_articles() -> None:
    contents = [article(number, 5, 2) for number in range(5)]
    assert parted(contents, 1, 20) == (tuple(contents[:2]), tuple(contents[2:4]), tuple(contents[4:]))
    assert parted(contents, 2, 20) == tuple((one,) for one in contents)


def test_a_part_that_is_cut_stands_over_each_piece() -> None:
    one, two, three, four = map(article, range(4))
    contents = [
        Node("part", "A", "part-1", children=(one,)),
        Node("part", "B", "part-2", children=(two, three, four)),
    ]
    first, second = parted(contents, 3, 10)
    assert [(part.title, part.children) for part in first] == [("A", (one,)), ("B", (two,))]
    assert [(part.title, part.children) for part in second] == [("B", (three, four))]


def test_short_contents_are_one_piece() -> None:
    contents = (article(1, 3), article(2))
    assert parted(contents, 3, 1_000) == (contents,)
