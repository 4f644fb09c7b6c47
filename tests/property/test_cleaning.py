"""What holds for every article, whatever the markup."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from content_model import faults
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markup import cleaned, documents, spelled, text, tree

from feed2book.errors import Code
from feed2book.models import TOKEN_CLOSE, TOKEN_OPEN, Article, Section

_LOOSE = """
    b /b p /p ul li /ul ol table td tr th caption /table h2 /h2 blockquote /blockquote pre /pre br hr div /div
    dl dd dt /dl figure figcaption /figure /a i code
"""
LOOSE_TAGS = [*(f"<{name}>" for name in _LOOSE.split()), "<a href='/x'>", "<span lang='de'>"]

EXECUTABLE = {
    "script",
    "style",
    "svg",
    "math",
    "form",
    "input",
    "button",
    "iframe",
    "object",
    "embed",
    "link",
    "meta",
}

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@calm
@given(documents())
def test_content_models_hold(markup: str) -> None:
    article = cleaned(markup)
    assert faults(tree(article)) == []
    assert not [notice for notice in article.notices if notice.code == Code.MARKUP_DROPPED]
    assert not [notice for notice in article.notices if notice.code == Code.ARTICLE_DAMAGED]


@calm
@given(documents(hostile=True))
def test_nothing_executable_survives(markup: str) -> None:
    _assert_harmless(cleaned(markup))


@calm
@given(st.text(alphabet=st.sampled_from("<>/=\"' &;#x!-[]?abpt\ufdd0\ufdd1\ud800\x00\n"), max_size=200))
def test_any_text_at_all_is_harmless(markup: str) -> None:
    _assert_harmless(cleaned(markup))


@calm
@given(documents(hostile=True))
def test_cleaning_a_clean_article_changes_nothing(markup: str) -> None:
    once = cleaned(markup)
    again = cleaned(spelled(once))
    assert again.html == once.html
    assert again.sections == once.sections


@calm
@given(documents())
def test_sections_mirror_the_headings(markup: str) -> None:
    article = cleaned(markup)
    shown = list(tree(article).iter("h2", "h3", "h4", "h5", "h6"))
    listed = list(_flat(article.sections))
    assert [(f"h{section.level + 1}", section.id) for section in listed] == [
        (element.tag, element.get("id")) for element in shown
    ]
    for element, section in zip(shown, listed, strict=True):
        assert section.title == text(element) or element.findall(".//img")
    assert all(section.title for section in listed)
    assert all(child.level == section.level + 1 for section in listed for child in section.children)
    assert all(section.level == 1 for section in article.sections)


@calm
@given(st.lists(st.sampled_from(LOOSE_TAGS), max_size=30))
def test_no_word_is_lost_or_moved(tags: list[str]) -> None:
    markup = "".join(f"{tag}w{number} " for number, tag in enumerate(tags))
    article = cleaned(markup, title="Other")
    words = re.findall(r"w\d+", text(tree(article)))
    assert words == [f"w{number}" for number in range(len(tags))]
    assert article.ledger.kept == 1


@calm
@given(documents(hostile=True))
def test_an_article_is_the_same_each_time_and_can_be_sent(markup: str) -> None:
    article = cleaned(markup)
    assert cleaned(markup) == article
    assert pickle.loads(pickle.dumps(article)) == article


@pytest.mark.corpus
def test_attack_collections_are_harmless(corpus: Path) -> None:
    for path in sorted((corpus / "xss").iterdir()):
        whole = path.read_text("utf-8", "replace")
        for markup in [whole, *re.split(r"\n--\n|</div>", whole)]:
            article = cleaned(markup)
            _assert_harmless(article)
            assert faults(tree(article)) == []


def _assert_harmless(article: Article) -> None:
    root = tree(article)
    assert not EXECUTABLE & {str(element.tag) for element in root.iter()}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not str(name).lower().startswith("on")
            assert str(name) not in {"style", "background", "srcset", "action", "formaction", "poster"}
            if name == "href":
                assert re.match(r"(https?|ftp)://|mailto:|tel:|#", str(value))
    assert all(re.match(r"https?://|data:image/", url) for image in article.images for url in image.urls)
    assert len(re.findall(f"{TOKEN_OPEN}image:", article.html)) == len(article.images)
    assert article.html.count(TOKEN_OPEN) == article.html.count(TOKEN_CLOSE)


def _flat(sections: Iterable[Section]) -> Iterable[Section]:
    for section in sections:
        yield section
        yield from _flat(section.children)
