"""How a digest is made to fit: what is shown in short first, and what always stays."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import factories
import pytest

from feed2book.errors import Code
from feed2book.models import Book, MailOptions, RenderOptions
from feed2book.render.email import render_digest, render_message
from feed2book.render.email_body import UNSUBSCRIBE
from feed2book.render.email_digest import Digest
from feed2book.render.email_fit import affordable, fit

SIZES = {"full": 1000, "excerpt": 300, "title": 100, "bare": 20, "none": 0}
SENTENCE = "The keeper wrote down the wind, the height of water and every ship that passed. "


def posts(*words: int) -> Book:
    """Return a book of posts of about so many words, each linked to the next."""
    titles = [f"Day {number}" for number in range(len(words))]
    made = [
        factories.make_article(
            title,
            f'<p><a href="{factories.link(factories.key_of(following))}">next</a> {SENTENCE * 3}</p>'
            + f"<p>{SENTENCE * 5}</p>\n" * (count // 75),
        )
        for title, following, count in zip(titles, [*titles[1:], titles[0]], words, strict=True)
    ]
    return factories.make_book((factories.make_part("Harbour Log", *made),))


def digest(book: Book, **values: object) -> Digest:
    return render_digest(book, RenderOptions(), replace(MailOptions(), **values))  # type: ignore[arg-type]


def size(made: Digest) -> int:
    return len(made.html.encode()) + made.html.count("\n")


def shown(made: Digest, book: Book) -> list[str]:
    """Return how much of each post is shown, told by what stands in the page."""
    levels = []
    for article in book.articles:
        cell = re.search(rf'<td[^<>]* id="{article.key}".*?</td>', made.html, re.DOTALL)
        whole = cell is not None and cell[0].count(SENTENCE.strip()) > 10
        listed = re.search(rf"<a [^<>]*href=\"{re.escape(article.entry.url)}\"[^<>]*><span", made.html)
        levels.append("full" if whole else "excerpt" if cell else "title" if listed else "bare")
    return levels


# Which levels


@pytest.mark.parametrize(
    ("limit", "levels"),
    [
        (3100, "full full full"),
        (2400, "full excerpt full"),
        (1700, "full excerpt excerpt"),
        (1099, "excerpt excerpt excerpt"),
        (900, "excerpt title excerpt"),
        (400, "title title title"),
        (399, "title title bare"),
        (160, "bare bare bare"),
        (159, "bare bare none"),
        (0, "none none none"),
    ],
)
def test_the_longest_go_first_and_of_titles_the_last(limit: int, levels: str) -> None:
    assert fit([SIZES] * 3, [10, 30, 20], 100, limit) == levels.split()


def test_a_post_begins_at_the_highest_level_that_it_has() -> None:
    less = {level: size for level, size in SIZES.items() if level != "full"}
    assert fit([less, SIZES], [1, 1], 0, 9999) == ["excerpt", "full"]


def test_a_level_that_a_post_has_not_is_passed_over() -> None:
    assert fit([{"full": 1000, "title": 100, "none": 0}], [1], 0, 500) == ["title"]


def test_only_what_could_fit_is_made() -> None:
    assert affordable([50, 10, 80, 10], 35) == {0, 1, 3}
    assert affordable([], 35) == set()


# Whole digests


def test_what_fits_is_whole_and_nothing_is_said() -> None:
    book = posts(300, 600, 200)
    made = digest(book)
    assert shown(made, book) == ["full"] * 3
    assert made.notices == ()


def test_the_longest_posts_become_excerpts_and_a_notice_says_so() -> None:
    book = posts(300, 6000, 200, 4000)
    made = digest(book, html_bytes=20_000)
    assert shown(made, book) == ["full", "excerpt", "full", "excerpt"]
    assert size(made) <= 20_000
    (notice,) = made.notices
    assert notice.code == Code.MAIL_SHORTENED
    assert "2 as excerpt" in notice.message


@pytest.mark.parametrize("limit", [95_000, 60_000, 20_000, 10_000])
@pytest.mark.parametrize("mode", ["full", "excerpt", "title"])
def test_it_is_never_larger_and_every_title_stays(limit: int, mode: str) -> None:
    book = posts(*(200 + 97 * number % 1900 for number in range(60)))
    made = digest(book, html_bytes=limit, posts=mode, unsubscribe_url="https://x.example/{token}")
    assert size(made) <= limit
    text = unescape(re.sub(r"<[^<>]*>", "", made.html))
    assert all(re.search(rf"\b{article.title}\b", text) for article in book.articles)
    assert "60 posts" in text
    assert UNSUBSCRIBE in made.html
    assert "was made by feed2book" in text


def test_a_thousand_titles_fit() -> None:
    book = posts(*[100] * 1000)
    made = digest(book)
    assert 80_000 < size(made) <= 95_000
    assert all(
        f"{number + 1} Day {number}<" in re.sub(r"</?span[^<>]*>", "", made.html) for number in range(1000)
    )


def test_when_not_even_titles_fit_the_rest_is_counted() -> None:
    book = posts(*[100] * 1000)
    made = digest(book, html_bytes=20_000)
    assert size(made) <= 20_000
    (rest,) = re.findall(r"… \+ (\d+) posts", made.html)
    assert made.html.count("Day ") >= 1000 - int(rest)
    assert f"Day {999 - int(rest)}<" in made.html
    assert f"Day {1000 - int(rest)}<" not in made.html
    assert "Day 999" in made.text


def test_titles_without_end_leave_room() -> None:
    endless = "A title without an end " * 9000
    article = factories.make_article(endless, "<p>Text.</p>", authors=(endless,))
    book = factories.make_book((factories.make_part(endless, article),), title=endless, subtitle=endless)
    assert size(digest(book)) <= 95_000


def test_a_thousand_feeds_leave_room() -> None:
    parts = [
        factories.make_part(f"Harbour {n}", factories.make_article(f"Day {n}", "<p>Text.</p>"))
        for n in range(1000)
    ]
    made = digest(factories.make_book(tuple(parts)))
    assert size(made) <= 95_000
    assert "Harbour 999" in made.html


def test_a_link_to_a_post_leads_to_what_is_left_of_it() -> None:
    book = posts(200, 9000, 200, 9001)
    made = digest(book, html_bytes=11_000)
    assert shown(made, book) == ["excerpt", "title", "excerpt", "title"]
    links = re.findall(r'href="([^"]*)"[^<>]*>next<', made.html)
    assert links == [book.articles[1].entry.url, book.articles[3].entry.url]
    assert set(re.findall(r'href="#([^"]*)"', made.html)) <= set(re.findall(r' id="([^"]*)"', made.html))


def test_the_text_shows_as_much_as_the_html() -> None:
    book = posts(300, 6000, 200)
    made = digest(book, html_bytes=20_000)
    assert made.text.count("The keeper wrote") < 60
    titles = digest(book, posts="title")
    assert "The keeper wrote" not in titles.text
    assert all(article.entry.url in titles.text for article in book.articles)


def test_an_excerpt_says_where_to_read_on() -> None:
    book = posts(300, 20)
    made = digest(book, posts="excerpt", attach=("epub",))
    cells = re.findall(r'<td class="post".*?</td>', made.html, re.DOTALL)
    assert ["Read on the web" in cell for cell in cells] == [True, True]
    assert ["In full in the attached EPUB" in cell for cell in cells] == [True, False]
    assert "attached" not in digest(book, posts="excerpt").html


def test_the_same_book_is_shortened_in_the_same_way() -> None:
    book = posts(*[900] * 20)
    assert digest(book, html_bytes=30_000) == digest(book, html_bytes=30_000)


# The whole message


def test_pictures_scale_and_then_go_until_the_message_fits() -> None:
    pictures = [factories.picture("JPEG", 1400, 900, 40 * shade) for shade in range(4)]
    html = "".join(f"<p>{factories.img(one, f'Picture {at}')}</p>" for at, one in enumerate(pictures))
    book = factories.make_book((factories.make_part("Notes", factories.make_article("A", html)),))
    book = replace(book, assets=tuple(pictures))
    mail = MailOptions(message_bytes=200_000)
    made = render_digest(book, RenderOptions(), mail)
    assert 0 < len(made.images) < 4
    assert len(render_message(book, made, mail, "reader@example.org").data) <= 200_000
    assert made.html.count("<img") == len(made.images)
    assert made.html.count("<i>Picture ") == 4 - len(made.images)
    assert [notice.code for notice in made.notices] == [Code.MAIL_SHORTENED]


def test_text_alone_fits_into_a_small_message_in_any_script() -> None:
    html = f"<p>{'潮が引くと、石の壁に藻が見える。' * 20}</p>\n" * 30
    articles = [factories.make_article(f"港の朝 {number}", html, language="ja") for number in range(12)]
    book = factories.make_book((factories.make_part("港", *articles),), language="ja")
    mail = MailOptions(message_bytes=200_000)
    made = render_digest(book, RenderOptions(), mail)
    assert 60_000 < len(render_message(book, made, mail, "reader@example.org").data) <= 200_000


def test_what_is_attached_leaves_less_room() -> None:
    book = factories.full_book()
    mail = MailOptions(message_bytes=1_000_000)
    assert render_digest(book, RenderOptions(), mail).images
    assert not render_digest(book, RenderOptions(), mail, attached=900_000).images


# Pictures elsewhere, or none


def test_remote_pictures_are_those_of_the_web() -> None:
    secure = replace(factories.picture("JPEG", 640, 400), source="https://harbour.example/a.jpg?x=1&y=2")
    plain = replace(factories.picture("PNG", 300, 180, 20), source="http://harbour.example/b.png")
    html = f"<p>{factories.img(secure, 'One')} {factories.img(plain, 'Two')}</p>"
    book = factories.make_book((factories.make_part("Notes", factories.make_article("A", html)),))
    made = digest(replace(book, assets=(secure, plain)), pictures="remote")
    assert made.images == ()
    (tag,) = re.findall("<img[^<>]*>", made.html)
    assert 'src="https://harbour.example/a.jpg?x=1&amp;y=2"' in tag
    assert 'width="536"' in tag
    assert "<i>Two</i>" in made.html


def test_without_pictures_their_words_stand_in_their_place() -> None:
    photo = factories.picture("JPEG", 640, 400)
    html = (
        f"<figure>{factories.img(photo, 'The wall &amp; &lt;gauge&gt;')}</figure>"
        f'<p>{factories.img(photo, "")}<a href="https://x.example/">{factories.img(photo, "")}</a></p>'
    )
    book = factories.make_book((factories.make_part("Notes", factories.make_article("A", html)),))
    made = digest(replace(book, assets=(photo,)), pictures="none")
    assert made.images == ()
    assert "<img" not in made.html
    assert "<i>The wall &amp; &lt;gauge></i>" in made.html
    assert re.search(r'<a href="https://x.example/"[^<>]*><i>…</i></a>', made.html)
