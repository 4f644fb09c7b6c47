"""Callouts, verse, breaks between scenes, drop capitals: what pages tell by classes and style sheets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bs4.element import NavigableString, Tag

from feed2book.article.draft import Draft
from feed2book.article.passes.structure import make_subhead
from feed2book.article.text import collapse, is_blank
from feed2book.article.tree import attribute, elements, inside, shows, text_of, tokens
from feed2book.article.urls import absolute, valid_link
from feed2book.article.vocabulary import names
from feed2book.models import Drop

_CALLOUTS = names(
    "admonition admonitionblock alert-box callout callout-block kg-callout-card markdown-alert notice "
    "theme-admonition wp-block-alert info-box infobox wp-block-jetpack-callout"
)
_TITLES = names(
    "callout-title admonition-title admonition-heading markdown-alert-title notice-title alert-title "
    "admonitionheading_gvgb title"
)
_CONTENTS = frozenset({"callout-content"})
_IN_LINE = frozenset({"kg-callout-emoji", "kg-callout-text"})
_VERSES = names("wp-block-verse verse poem poetry stanza")
_KEEPS_LINES = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_QUOTES = names("pullquote pull-quote wp-block-pullquote blockquote epigraph")
_ADDRESS = re.compile(r"(?:https?:)?//[^\s/]", re.IGNORECASE)
_BREAK = re.compile(r"(?:[*＊⁂✻✽❦§~•·∗#–—-]\s*){1,7}")
_LONE = frozenset("-–—#§·•~*")  # one of these alone is a bullet, a sign or a slip rather than a break
_CAPITALS = names(
    "dropcap drop-cap dropcaps drop-caps dropped-cap has-dropcap firstcharacter first-letter firstletter "
    "initial initial-letter"
)
_WORDS = frozenset("aeioyàèéó")  # letters that are words of their own
_LETTER = re.compile(r"[\"'“‘«¿¡]?\w[.'’]?")


def open_callouts(draft: Draft) -> None:
    """Make an aside of each callout, its title a bold line, whether a click had opened it or not."""
    for tag in draft.marked({"div", "section", "blockquote", "aside", "p"}):
        marked = "data-callout" in tag.attrs or not _CALLOUTS.isdisjoint(tokens(tag))
        if not marked or inside(tag, {"aside"}) or not shows(tag):
            continue
        inner = elements(tag)
        draft.change(tag, "aside", **{"class": "callout", **_kept(tag)})
        for part in inner:
            found = tokens(part)
            if not _CONTENTS.isdisjoint(found):
                part.attrs.pop("style", None)
            elif not _IN_LINE.isdisjoint(found):  # Ghost's emoji and the words after it
                draft.rename(part, "span")
                part.append(" ")
        title = next((part for part in inner if not _TITLES.isdisjoint(tokens(part))), None)
        if title is not None and title.name in {"div", "p", "span", "td", "h2", "h3", "h4", "h5", "h6"}:
            for part in elements(title, {"div", "p", "h2", "h3", "h4", "h5", "h6"}):
                draft.rename(part, "span")
            make_subhead(draft, title)


def _kept(tag: Tag) -> dict[str, str]:
    return {name: attribute(tag, name) for name in ("id", "lang", "dir") if attribute(tag, name)}


def keep_verse(draft: Draft) -> None:
    """Keep the lines of poems: breaks where the source has line ends, in the type of the text."""
    for tag in draft.marked({"pre", "div", "p"}):
        styled = (
            tag.name == "p" and _KEEPS_LINES.search(attribute(tag, "style")) and "\n" in text_of(tag).strip()
        )
        if (not styled and _VERSES.isdisjoint(tokens(tag))) or elements(tag, {"img", "table", "code"}):
            continue
        if tag.name == "pre" or styled:
            break_lines(draft, tag)
            draft.change(tag, "p", **{"class": "verse", **_kept(tag)})
        for part in [tag, *elements(tag, {"p"})]:
            if part.name == "p":
                part.attrs["class"] = "verse"


def break_lines(draft: Draft, pre: Tag) -> None:
    """Put a break where a line ends; what a line is indented by does not break off."""
    for string in [node for node in pre.descendants if isinstance(node, NavigableString) and "\n" in node]:
        box = draft.new("span")
        string.replace_with(box)
        for number, line in enumerate(str(string).split("\n")):
            if number:
                box.append(draft.new("br"))
            indented = len(line) - len(line.lstrip(" \t")) if number else 0
            box.append("\u00a0" * indented + line[indented:])


def name_quotes(draft: Draft) -> None:
    """Make quotes of pull quotes; a figure around a quote only lays out."""
    for tag in draft.marked({"div", "p", "figure", "aside"}):
        if _QUOTES.isdisjoint(tokens(tag)):
            continue
        if elements(tag, {"blockquote"}):
            draft.rename(tag, "div")
        elif not inside(tag, {"blockquote"}) and tag.name != "figure":
            draft.rename(tag, "blockquote")


def name_sources(draft: Draft) -> None:
    """Show the address that a quote gives for its source, unless a link in it or right beside it does."""
    for quote in draft.marked({"blockquote"}):
        if not _ADDRESS.match(attribute(quote, "cite").strip()) or not shows(quote):
            continue
        address = valid_link(absolute(attribute(quote, "cite"), draft.base))
        if address and address not in _linked_near(draft, quote):
            line, cite, link = draft.new("p"), draft.new("cite"), draft.new("a", href=address)
            link.append((urlsplit(address).hostname or "").removeprefix("www."))
            cite.append(link)
            line.extend([NavigableString("— "), cite])
            quote.append(line)


def _linked_near(draft: Draft, quote: Tag) -> set[str]:
    """Return the addresses that a quote and the elements right before and after it link to."""
    near = [quote, quote.find_previous_sibling(), quote.find_next_sibling()]
    links = [link for tag in near if isinstance(tag, Tag) for link in elements(tag, {"a"})]
    return {valid_link(absolute(attribute(link, "href"), draft.base)) for link in links}


def draw_breaks(draft: Draft) -> None:
    """Make rules of paragraphs that hold only asterisks or the like."""
    for tag in draft.elements({"p", "div", "center"}):
        if len(tag.contents) > 3 or inside(tag, {"li", "td", "th", "pre"}):
            continue
        text = collapse(text_of(tag))
        if text and text not in _LONE and _BREAK.fullmatch(text) and not elements(tag, {"a", "img", "code"}):
            draft.drop("draw_breaks", "a break between scenes, now a rule", tag)
            draft.change(tag, "hr", "")


def join_capitals(draft: Draft) -> None:
    """Let a drop capital be the first letter of its word again."""
    for tag in draft.marked({"span", "div", "b", "strong", "big", "font"}):
        letter = text_of(tag).strip()
        if _CAPITALS.isdisjoint(tokens(tag)) or not _LETTER.fullmatch(letter):
            continue
        after = tag.next_sibling
        draft.change(tag, "span", letter)
        if isinstance(after, NavigableString) and not is_blank(after):
            word = after.lstrip()
            if (
                word != after
                and word[0].islower()
                and letter.lower() not in {"a", "i", "o", "y", "à", "è", "é"}
            ):
                after.replace_with(word)
                joined = f"{letter}{word.split(maxsplit=1)[0]}"
                draft.drops.append(Drop("join_capitals", "a word spelled anew", 2, sample=joined[:60]))
