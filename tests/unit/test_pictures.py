"""Fetched bytes → assets that every device shows."""

from __future__ import annotations

import gzip
import io
import time
from pathlib import Path

import pytest
from PIL import Image

from feed2book.book import Missing, make_asset
from feed2book.book.metadata import without_metadata
from feed2book.devices import DEVICES
from feed2book.models import Asset, Device

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}>{}</svg>'

ILLUSTRATOR = b"""<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: a drawing program -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
\t<!ENTITY ns "http://www.w3.org/2000/svg">
]>
<svg xmlns="&ns;" width="20" height="20"><text>&ns;</text><rect width="9" height="9"/></svg>"""


def _file(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **settings: object) -> bytes:
    out = io.BytesIO()
    colour = (200, 30, 30, 90) if mode == "RGBA" else 3 if mode == "P" else (200, 30, 30)
    Image.new(mode, size, colour).save(out, kind, **settings)
    return out.getvalue()


def _made(data: bytes, device: str = "generic") -> Asset:
    made = make_asset(data, "https://a.example/p", DEVICES[device])
    assert isinstance(made, Asset), made
    return made


def _pixel(asset: Asset, place: tuple[int, int]) -> object:
    with Image.open(io.BytesIO(asset.data)) as picture:
        return picture.convert("RGBA").getpixel(place)


def _is_drawn(asset: Asset) -> bool:
    with Image.open(io.BytesIO(asset.data)) as picture:
        return picture.convert("L").getextrema() != (255, 255)


@pytest.mark.parametrize(
    ("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif")]
)
def test_what_every_device_shows_keeps_its_bytes(kind: str, media_type: str) -> None:
    data = _file(kind)
    made = _made(data)
    assert (made.data, made.media_type, made.width, made.height) == (data, media_type, 60, 40)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "TIFF"])
def test_what_kindles_do_not_show_becomes_jpeg(kind: str) -> None:
    assert _made(_file(kind)).media_type == "image/jpeg"


@pytest.mark.parametrize(("kind", "mode"), [("WEBP", "RGBA"), ("AVIF", "RGBA"), ("BMP", "P"), ("ICO", "RGB")])
def test_transparency_and_few_colours_become_png(kind: str, mode: str) -> None:
    assert _made(_file(kind, (48, 48), mode)).media_type == "image/png"


def test_only_a_picture_larger_than_the_box_shrinks() -> None:
    made = _made(_file("JPEG", (4000, 1000)))
    assert (made.width, made.height) == (Device().box[0], 400)


@pytest.mark.parametrize("device", sorted(DEVICES))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_each_device_gets_what_it_shows(device: str, kind: str) -> None:
    made = _made(_file(kind, (3000, 3000)), device)
    width, height = DEVICES[device].box
    assert made.media_type in DEVICES[device].formats
    assert made.width == made.height == min(width, height)
    with Image.open(io.BytesIO(made.data)) as picture:
        assert (picture.mode == "L") is DEVICES[device].gray


def test_a_picture_that_moves_stands_still_where_it_must() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("#FF0000", "#0000FF")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert _made(out.getvalue()).media_type == "image/gif"
    still = _made(out.getvalue(), "kindle")
    assert still.media_type == "image/png"
    assert _pixel(still, (5, 5)) == (255, 0, 0, 255)


def test_gray_keeps_what_shows_through() -> None:
    made = _made(_file("PNG", mode="RGBA"), "kindle-paperwhite")
    assert made.media_type == "image/png"
    assert _pixel(made, (5, 5)) == (81, 81, 81, 90)


def test_a_gray_picture_keeps_its_bytes_where_there_are_no_colours() -> None:
    out = io.BytesIO()
    Image.new("L", (40, 40), 128).save(out, "JPEG")
    assert _made(out.getvalue(), "remarkable").data == out.getvalue()


def test_a_turned_photograph_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = _made(_file("JPEG", (60, 40), exif=exif))
    assert (made.width, made.height) == (40, 60)


def test_cmyk_becomes_rgb() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (20, 20)).save(out, "JPEG")
    with Image.open(io.BytesIO(_made(out.getvalue()).data)) as picture:
        assert picture.mode == "RGB"


@pytest.mark.parametrize(("kind", "size"), [("TIFF", (60, 40)), ("PNG", (3000, 2000))])
def test_sixteen_bits_become_eight_and_keep_their_shade(kind: str, size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("I;16", size, 0x8000).save(out, kind)
    assert _pixel(_made(out.getvalue()), (5, 5)) in {(shade, shade, shade, 255) for shade in (127, 128)}


def test_the_same_bytes_are_the_same_asset() -> None:
    assert _made(_file("PNG")).id == _made(_file("PNG")).id != _made(_file("GIF")).id


class TestRefusals:
    """What is no picture never raises, and says why."""

    @pytest.mark.parametrize(
        "data", [b"", b"<html>404</html>", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"GIF89a", b"\xff\xd8\xff\xe0"]
    )
    def test_rubbish(self, data: bytes) -> None:
        assert isinstance(make_asset(data), Missing)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_a_file_cut_short(self, kind: str) -> None:
        import weasyprint  # noqa: F401 (it tells Pillow to let such files pass)

        out = io.BytesIO()
        Image.effect_noise((200, 200), 80).convert("RGB").save(out, kind)
        assert isinstance(make_asset(out.getvalue()[: len(out.getvalue()) // 3]), Missing)

    def test_a_tracking_pixel_is_missing_silently(self) -> None:
        assert make_asset(_file("GIF", (1, 1), "P")) == Missing("a tracking pixel", silent=True)

    def test_a_decompression_bomb_is_not_decoded(self) -> None:
        out = io.BytesIO()
        Image.new("1", (12_000, 12_000)).save(out, "PNG")
        made = make_asset(out.getvalue())
        assert isinstance(made, Missing)
        assert "too large" in made.reason


class TestSvg:
    """Drawn in a process of its own, without anything that points out of the file."""

    def test_it_becomes_a_png_of_three_times_its_size(self) -> None:
        made = _made(
            SVG.format('width="60" height="30"', '<rect width="60" height="30" fill="#f00"/>').encode()
        )
        assert (made.media_type, made.width, made.height, made.scale) == ("image/png", 180, 90, 3.0)
        assert _pixel(made, (5, 5)) == (255, 0, 0, 255)

    def test_a_view_box_is_enough_and_width_is_bounded(self) -> None:
        made = _made(SVG.format('viewBox="0 0 90000 45000"', "").encode())
        assert (made.width, made.height) == (1600, 800)

    @pytest.mark.parametrize(
        ("attributes", "size"),
        [
            ('viewBox="0 0 100 50"', (300, 150)),
            ('width="100%" height="100%" viewBox="0 0 100 50"', (300, 150)),
            ('height="50" viewBox="0 0 40 20"', (300, 150)),
            ('width="1in" height="0.5in"', (288, 144)),
            ("", (150, 60)),  # as large as what is drawn
        ],
    )
    def test_its_size_is_told_in_many_ways(self, attributes: str, size: tuple[int, int]) -> None:
        made = _made(SVG.format(attributes, '<rect width="50" height="20"/>').encode())
        assert (made.width, made.height) == size

    @pytest.mark.parametrize(
        "font",
        [
            "",
            'font-family="Arial"',
            'font-family="No Such Font, Nor This"',
            "style=\"font-family: Virgil, 'Segoe UI'\"",
            'style="font: bold 20px Helvetica"',
            'font-family="Courier New"',
            'class="a"',
        ],
    )
    def test_its_lettering_shows_in_whatever_font_it_asks_for(self, font: str) -> None:
        style = '<style>.a { font-family: "Nowhere Sans" }</style>'
        body = f'{style}<text y="25" font-size="20" {font}>Text</text>'
        assert _is_drawn(_made(SVG.format('width="60" height="40"', body).encode()))

    @pytest.mark.parametrize(
        "data",
        [
            ILLUSTRATOR,
            b'<s:svg xmlns:s="http://www.w3.org/2000/svg" width="20"><s:rect width="9" height="9"/></s:svg>',
            b'<svg width="20" height="20"><rect width="9" height="9"/></svg>',
            gzip.compress(b'<svg width="20" height="20"><rect width="9" height="9"/></svg>'),
            '<svg width="20" height="20"><rect width="9" height="9"/></svg>'.encode("utf-16"),
        ],
        ids=["entities", "prefix", "no namespace", "packed", "utf-16"],
    )
    def test_it_is_told_by_its_content(self, data: bytes) -> None:
        assert _pixel(_made(data), (12, 12)) == (0, 0, 0, 255)

    def test_entities_are_neither_read_nor_expanded(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("secret", encoding="utf-8")
        declared = f'<!ENTITY a SYSTEM "{secret.as_uri()}"><!ENTITY b0 "bbbbbbbbbb">' + "".join(
            f'<!ENTITY b{n + 1} "{f"&b{n};" * 10}">' for n in range(9)
        )
        svg = SVG.format('width="60" height="40"', '<text y="20">&a;&b9;</text>')
        made = make_asset(f"<!DOCTYPE svg [{declared}]>{svg}".encode())
        assert isinstance(made, Missing) or not _is_drawn(made)

    def test_a_long_prolog_takes_no_time(self) -> None:
        begun = time.process_time()
        assert isinstance(make_asset(b"<!---->" * 100_000 + b"x"), Missing)
        assert time.process_time() - begun < 1

    @pytest.mark.parametrize("attribute", ["href", "xlink:href"])
    def test_a_local_file_is_not_opened(
        self, attribute: str, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        secret = tmp_path_factory.mktemp("secret") / "red.png"
        secret.write_bytes(_file("PNG"))
        body = f'<image {attribute}="{secret}" width="60" height="40"/>'
        made = _made(SVG.format('width="60" height="40"', body).encode())
        assert _pixel(made, (30, 30)) == (255, 255, 255, 255)

    @pytest.mark.parametrize(
        "body",
        [
            "<g>" * 30_000 + "</g>" * 30_000,
            "".join(f'<g id="a{n + 1}">' + f'<use href="#a{n}"/>' * 10 + "</g>" for n in range(12))
            + '<g id="a0"><path d="M0 0h9"/></g><use href="#a12"/>',
        ],
        ids=["deep nesting", "nested use"],
    )
    def test_a_bomb_ends_in_a_missing_picture(self, body: str) -> None:
        assert isinstance(make_asset(SVG.format('width="60" height="40"', body).encode()), Missing)


class TestMetadata:
    """What a file says about a picture goes; not one pixel changes."""

    SECRET = b"52.5200N secret place"

    def _exif(self) -> Image.Exif:
        exif = Image.Exif()
        exif[0x010E] = self.SECRET.decode()
        return exif

    @pytest.mark.parametrize("settings", [{}, {"progressive": True}, {"restart_marker_blocks": 2}])
    def test_jpeg_loses_exif_xmp_and_comments_and_keeps_its_profile(
        self, settings: dict[str, object]
    ) -> None:
        from PIL import ImageCms

        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        picture = Image.effect_noise((64, 48), 90).convert("RGB")
        out = io.BytesIO()
        picture.save(
            out,
            "JPEG",
            exif=self._exif(),
            comment=self.SECRET,
            xmp=self.SECRET,
            icc_profile=profile,
            **settings,
        )
        data = out.getvalue() + b"\xff\xd8" + self.SECRET  # what phones put behind the end
        made = _made(data)
        assert data.count(self.SECRET) == 4
        assert self.SECRET not in made.data
        with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(made.data)) as after:
            assert before.tobytes() == after.tobytes()
            assert after.info["icc_profile"] == profile
            assert not after.getexif()

    def test_png_loses_its_texts(self) -> None:
        from PIL.PngImagePlugin import PngInfo

        texts = PngInfo()
        texts.add_text("Comment", self.SECRET.decode())
        texts.add_itxt("XML:com.adobe.xmp", self.SECRET.decode())
        data = _file("PNG", pnginfo=texts, exif=self._exif()) + self.SECRET
        made = _made(data)
        assert data.count(self.SECRET) == 4
        assert self.SECRET not in made.data
        assert _pixel(made, (3, 3)) == (200, 30, 30, 255)

    def test_an_animation_loses_its_comment_and_keeps_its_frames_and_its_loop(self) -> None:
        frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
        out = io.BytesIO()
        frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=self.SECRET, loop=4)
        assert self.SECRET in out.getvalue()
        made = _made(out.getvalue())
        assert self.SECRET not in made.data
        with Image.open(io.BytesIO(made.data)) as picture:
            assert (getattr(picture, "n_frames", 0), picture.info["loop"]) == (3, 4)

    def test_a_converted_picture_keeps_its_profile_and_nothing_else(self) -> None:
        from PIL import ImageCms

        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        data = _file("WEBP", exif=self._exif(), icc_profile=profile)
        made = _made(data)
        assert self.SECRET not in made.data
        with Image.open(io.BytesIO(made.data)) as picture:
            assert picture.info["icc_profile"] == profile

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
    def test_no_cut_makes_it_raise(self, kind: str) -> None:
        data = _file(kind, comment=self.SECRET) if kind != "PNG" else _file(kind)
        for end in range(len(data)):
            made = without_metadata(data[:end])
            assert made is None or self.SECRET not in made


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"<!DOCTYPE html><html><title>Not found</title>", "web page"),
    ],
)
def test_what_came_in_the_place_of_a_picture_is_named(data: bytes, reason: str) -> None:
    made = make_asset(data)
    assert isinstance(made, Missing)
    assert reason in made.reason


def test_a_jpeg_and_an_avif_named_heic_are_what_they_are() -> None:
    for kind in ("JPEG", "AVIF"):
        made = make_asset(_file(kind), "https://a.example/photo.heic")
        assert isinstance(made, Asset)
        assert made.media_type == "image/jpeg"
