from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat, features

from feed2book.book import lettering
from feed2book.book.cover import HEIGHT, WIDTH, make_cover
from feed2book.book.lettering import SANS_SEMIBOLD, SERIF, SERIF_SEMIBOLD, UNIT, Typeface, tidy
from feed2book.book.lines import fit
from feed2book.book.pattern import field
from feed2book.models import Asset

POSTS = ["Low water", "High water and what came after", "A third one", "Four", "Five", "Six"]
TONES = ("#1F4B7A", "#15365A", "#8FB8E8", "#F6F2E9")


def cover(title: str = "The Harbour Letter", identifier: str = "urn:uuid:1", language: str = "") -> Asset:
    return make_cover(title, "Notes", "2 – 9 November 2026", POSTS, identifier, language)


def picture(asset: Asset) -> Image.Image:
    image = Image.open(BytesIO(asset.data))
    image.load()
    return image


def differ(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is not None


def text_half(image: Image.Image) -> Image.Image:
    return image.crop((0, HEIGHT // 2, WIDTH, HEIGHT))


def test_a_cover_is_a_jpeg_of_the_size_that_readers_want() -> None:
    asset = cover()
    image = picture(asset)
    assert (image.format, image.size, image.mode) == ("JPEG", (1600, 2560), "RGB")
    assert (asset.media_type, asset.width, asset.height) == ("image/jpeg", 1600, 2560)
    assert len(asset.data) < 400_000
    assert asset.id.startswith("cover-")


def test_the_same_book_has_the_same_cover_in_another_process() -> None:
    code = (
        "import sys; from feed2book.book.cover import make_cover;"
        "sys.stdout.buffer.write(make_cover('T', 'S', 'D', ['a', 'b'], 'urn:uuid:7', 'en').data)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert made.stdout == make_cover("T", "S", "D", ["a", "b"], "urn:uuid:7", "en").data


def test_the_field_derives_from_the_identifier() -> None:
    fields = {field(f"urn:uuid:{number}", 400, 300, TONES).tobytes() for number in range(40)}
    assert len(fields) == 40
    assert not differ(field("urn:uuid:1", 400, 300, TONES), field("urn:uuid:1", 400, 300, TONES))


@pytest.mark.parametrize("number", range(12))
def test_the_field_covers_its_ground_and_shows_a_figure_even_in_grey(number: int) -> None:
    image = field(f"book {number}", 1600, 900, TONES)
    assert image.size == (1600, 900)
    assert ImageStat.Stat(image.convert("L")).stddev[0] > 25


def test_title_and_ground_differ_enough_in_grey_at_thumbnail_size() -> None:
    small = picture(cover("Tides")).convert("L").resize((75, 120))
    low, high = ImageStat.Stat(small.crop((5, 60, 70, 115))).extrema[0]
    assert high - low > 120


@pytest.mark.parametrize(
    "title",
    [
        "",
        "X",
        "word " * 400,
        "unbroken" * 80,
        "Tides\nand\x00 \x07harbours\u202e",
        "🎉🎊",
        "\ud800 lone surrogate",
        "Z" + "\u0301" * 3000,
        "\U00012345 \ufdd0 \uffff",
        "数学の窓" * 60,
        "مدونة الرياضيات " * 20,
        "—",
    ],
)
def test_any_title_makes_a_cover(title: str) -> None:
    asset = make_cover(title, title, title, [title] * 9, "urn:uuid:1", "no such language")
    assert picture(asset).size == (WIDTH, HEIGHT)


def test_the_subtitle_is_left_out_when_it_repeats_the_title() -> None:
    with_it = make_cover("Tides", "tides ", "", [], "urn:uuid:1")
    assert with_it.data == make_cover("Tides", "", "", [], "urn:uuid:1").data
    assert with_it.data != make_cover("Tides", "Other", "", [], "urn:uuid:1").data


def test_only_five_posts_are_shown() -> None:
    assert (
        cover().data
        == make_cover("The Harbour Letter", "Notes", "2 – 9 November 2026", POSTS[:5], "urn:uuid:1").data
    )


def test_emoji_and_controls_leave_no_trace() -> None:
    assert tidy("  🎉 A\u202e\x07 party\n\t— ") == "A party"
    assert tidy("cafe\u0301") == "café"
    assert tidy("Z" + "\u0334" * 500) == "Z" + "\u0334" * 2


def test_what_no_font_can_show_is_left_out_instead_of_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_system_font", lambda *_: None)
    face = Typeface(SERIF, "Harbour 港の朝")
    assert face.settable("Harbour 港") == "Harbour"
    assert face.settable("港の朝") == ""
    assert (
        make_cover("港の朝", "", "", [], "urn:uuid:1").data == make_cover("", "", "", [], "urn:uuid:1").data
    )


def test_without_raqm_what_needs_shaping_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_raqm", lambda: False)
    face = Typeface(SERIF, "Harbour دفتر गणित")
    assert face.settable("Harbour") == "Harbour"
    assert face.settable("دفتر") == ""
    assert face.settable("गणित") == ""


def _has_glyphs(text: str) -> bool:
    return bool(Typeface(SERIF_SEMIBOLD, text).settable(text))


def test_an_arabic_title_starts_at_the_right() -> None:
    if not _has_glyphs("ميناء") or not features.check("raqm"):
        pytest.skip("no Arabic font or no Raqm here")
    image = picture(make_cover("ميناء", "", "", [], "urn:uuid:1")).convert("L")
    box = image.point(lambda value: 255 if value > 200 else 0).crop((0, 2130, WIDTH, HEIGHT)).getbbox()
    assert box is not None
    assert box[0] > WIDTH // 3
    assert WIDTH - 160 < box[2] < WIDTH - 100


def test_a_line_of_several_scripts_is_as_wide_as_it_is_drawn() -> None:
    text = "Harbour 港の朝 دفتر 3"
    face = Typeface(SERIF, text)
    text = face.settable(text) or "Harbour 3"
    canvas = Image.new("L", (2000, 400))
    face.draw(ImageDraw.Draw(canvas), (0, 250), text, UNIT, "white")
    box = canvas.getbbox()
    assert box is not None
    assert abs(box[2] - face.width(text)) < 0.1 * UNIT


def test_titles_are_set_as_large_as_they_go_and_balanced() -> None:
    text = "How the tide table of a small harbour is made"
    face = Typeface(SERIF_SEMIBOLD, text)
    block = fit(face, text, 1340, 700, range(290, 90, -8))
    assert " ".join(block.lines) == text
    assert block.height <= 700
    widths = [face.width(line) * block.size / UNIT for line in block.lines]
    assert max(widths) <= 1340
    assert min(widths) > 0.5 * max(widths)


def test_a_text_that_cannot_fit_ends_in_an_ellipsis() -> None:
    text = "tide " * 200
    face = Typeface(SANS_SEMIBOLD, text)
    block = fit(face, text.strip(), 1340, 124, (52,))
    assert len(block.lines) == 2
    assert block.lines[-1].endswith("tide…")
    assert all(face.width(line) * 52 / UNIT <= 1340 for line in block.lines)


def test_a_long_word_is_broken_only_when_no_size_takes_it() -> None:
    word = "Hafenmeisterdienstwohnung"
    face = Typeface(SERIF_SEMIBOLD, word)
    assert fit(face, word, 1340, 700, range(290, 90, -8)).lines == (word,)
    broken = fit(face, word * 4, 1340, 700, range(290, 90, -8))
    assert "".join(broken.lines) == word * 4


def test_a_line_of_japanese_does_not_begin_with_a_full_stop() -> None:
    text = "潮が引く。" * 12
    face = Typeface(SERIF, text)
    if not face.settable(text):
        pytest.skip("no Japanese font here")
    for width in range(300, 900, 60):
        block = fit(face, text, width, 4000, (52,))
        assert not any(line.startswith("。") for line in block.lines)
