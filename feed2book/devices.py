"""The e-readers that we know, as one table of data. Where a maker says nothing, the careful value stands."""

from __future__ import annotations

from dataclasses import replace

from feed2book.models import Device

_STILL = ("image/jpeg", "image/png")

# Amazon takes 50 MB a mail; what a mail adds around the file needs some of it.
_KINDLE = Device(
    name="kindle",
    label="Kindle, and its apps",
    formats=_STILL,
    levels=2,
    book_bytes=45_000_000,
    mathml=False,
    paper="ereader",
)

# Adobe's engine, which many e-readers have, knows no MathML.
_ADOBE = Device(box=(1404, 1872), levels=3, mathml=False, paper="ereader")

_REMARKABLE = replace(
    _ADOBE,
    name="remarkable",
    label="reMarkable 1 and 2",
    formats=_STILL,
    gray=True,
    book_bytes=95_000_000,
    paper="remarkable",
)

_ALL = (
    Device(),
    _KINDLE,
    replace(
        _KINDLE,
        name="kindle-paperwhite",
        label="Kindle without colours",
        box=(1264, 1680),
        gray=True,
    ),
    replace(
        _KINDLE,
        name="kindle-scribe",
        label="Kindle Scribe",
        box=(1980, 2640),
        paper="kindle-scribe",
    ),
    Device(
        name="kobo",
        label="Kobo",
        box=(1440, 1920),
        levels=3,
        flat=True,
        book_bytes=1_000_000_000,
        kepub=True,
        paper="ereader",
    ),
    _REMARKABLE,
    replace(
        _REMARKABLE,
        name="remarkable-pro",
        label="reMarkable Paper Pro",
        box=(1620, 2160),
        gray=False,
        paper="remarkable-pro",
    ),
    replace(
        _REMARKABLE,
        name="remarkable-move",
        label="reMarkable Paper Pro Move",
        box=(954, 1696),
        gray=False,
        paper="remarkable-move",
    ),
    replace(_ADOBE, name="pocketbook", label="PocketBook"),
    replace(_ADOBE, name="tolino", label="tolino"),
    replace(_ADOBE, name="boox", label="Onyx Boox", box=(1860, 2480), paper="boox-note"),
    Device(name="apple", label="Apple Books", box=(2048, 2732), chapter_bytes=1_000_000),
)

DEVICES = {device.name: device for device in _ALL}
"""By name, the one that suits all of them first."""
