"""The cover: typographic, drawn with Pillow, known again by its field and legible as a thumbnail."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from feed2book.book import lettering, pattern
from feed2book.book.lettering import Face, Typeface, direction, tidy
from feed2book.book.lines import LEADING, Block, fit
from feed2book.models import Asset, Blob, Device

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1600, 2560
"""The size that Kindle and others ask for, in pixels."""

_MARGIN = 130
_MEASURE = WIDTH - 2 * _MARGIN
_ACCENT, _PAPER, _PALE, _LIGHT = "#1F4B7A", "#FFFFFF", "#C9DDF3", "#8FB8E8"
_TONES = (_ACCENT, "#15365A", _LIGHT, "#F6F2E9")
_MOST_POSTS = 5
_POST_GAP = 22
_POSTS_HEIGHT = 500
_LEAST_FIELD = 860


def make_cover(
    title: str,
    subtitle: str,
    dates: str,
    lines: Sequence[str],
    identifier: str,
    language: str = "",
    device: Device = Device(),  # noqa: B008 (frozen)
) -> Asset:
    """Draw the cover of a book, 1600 × 2560 pixels or what the device takes of them, as a JPEG.

    Args:
        title: the book's title, set as large as it goes.
        subtitle: the feed's name; left out when it only repeats the title.
        dates: the range of dates, in words.
        lines: titles of posts, of which the first five are shown as far as there is room.
        identifier: the book's identifier, from which the pattern derives.
        language: BCP 47, used to choose among fonts for Chinese, Japanese and Korean.
        device: where it will be seen: the size it shrinks into, and whether there are colours.

    Returns:
        An asset of media type ``image/jpeg``; the same bytes for the same arguments, fonts and Pillow.
        Text that no font can show is left out.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), _ACCENT)
    title, subtitle = tidy(title), tidy(subtitle)
    page = _Page(ImageDraw.Draw(image), language, rtl=direction(title) == "rtl")
    _posts(page, [tidy(line) for line in lines[:_MOST_POSTS]])
    _furniture(page, tidy(dates), 50)
    page.y -= 16
    _title(page, title)
    if subtitle.casefold() != title.casefold():
        _furniture(page, subtitle, 58)
    image.paste(pattern.field(identifier, WIDTH, page.y - 70, _TONES), (0, 0))
    return _asset(image, device)


class _Page:
    """The text half of the cover, written from the bottom upwards; the field takes what is above."""

    def __init__(self, canvas: ImageDraw.ImageDraw, language: str, *, rtl: bool) -> None:
        self.y = HEIGHT - _MARGIN
        self._canvas = canvas
        self._language = language
        self._rtl = rtl

    def typeface(self, face: Face, *texts: str) -> Typeface:
        return Typeface(face, " ".join(texts), self._language)

    def write(self, face: Typeface, block: Block, fill: str) -> None:
        """Write the lines of ``block`` so that they end at ``y``, and move ``y`` above them."""
        for line in reversed(block.lines):
            left = _MARGIN
            if self._rtl:
                left = round(WIDTH - _MARGIN - face.width(line) * block.size / lettering.UNIT)
            # What hangs below the baseline takes about a quarter of the size.
            face.draw(self._canvas, (left, self.y - block.size // 4), line, block.size, fill)
            self.y -= round(block.size * LEADING)

    def rule(self) -> None:
        """Draw a hair rule over the whole measure at ``y``."""
        self._canvas.rectangle((_MARGIN, self.y - 3, WIDTH - _MARGIN - 1, self.y - 1), fill=_LIGHT)
        self.y -= 3


def _posts(page: _Page, lines: Sequence[str]) -> None:
    """Write the titles of posts, as many as there is room for, under a hair rule."""
    face = page.typeface(lettering.SERIF, *lines)
    blocks = [fit(face, line, _MEASURE, 124, (52,)) for line in map(face.settable, lines) if line]
    while sum(block.height + _POST_GAP for block in blocks) > _POSTS_HEIGHT:
        blocks.pop()
    for block in reversed(blocks):
        page.write(face, block, _PALE)
        page.y -= _POST_GAP
    if blocks:
        page.y -= 18
        page.rule()
        page.y -= 30


def _furniture(page: _Page, text: str, size: int) -> None:
    """Write a line or two of the sans: the dates, the feed's name."""
    face = page.typeface(lettering.SANS_SEMIBOLD, text)
    if text := face.settable(text):
        page.write(face, fit(face, text, _MEASURE, round(2.4 * size), (size, size - 6)), _PALE)
        page.y -= 20


def _title(page: _Page, title: str) -> None:
    face = page.typeface(lettering.SERIF_SEMIBOLD, title)
    if title := face.settable(title):
        height = max(page.y - _LEAST_FIELD - 200, 400)
        page.write(face, fit(face, title, _MEASURE, height, range(290, 90, -8)), _PAPER)
        page.y -= 20


def _asset(image: Image.Image, device: Device) -> Asset:
    image = image.convert("L") if device.gray else image
    image.thumbnail(device.cover)
    out = BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True)
    data = out.getvalue()
    return Asset(f"cover-{sha256(data).hexdigest()[:12]}", "image/jpeg", Blob(data), *image.size)
