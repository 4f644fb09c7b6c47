"""Formulas in an EPUB: MathML where the device shows it, else pictures as sharp as its screen."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from feed2book.models import Asset, Blob, Device, Formula
from feed2book.render.drawing import draw, in_words, picture

_PIXELS = 48  # for one em: text of 11.5 pt at 300 dots an inch


def _gray(asset: Asset) -> Asset:
    """Return black on white without colours, which is a fifth of the bytes."""
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    with Image.open(BytesIO(asset.data)) as image:
        image.convert("L").quantize(16).save(out, "PNG", optimize=True)
    return replace(asset, blob=Blob(out.getvalue()))


class Formulas:
    """Spells formulas for a device; ``pictures`` are those it has drawn, by their file's name."""

    def __init__(self, device: Device) -> None:
        self.pictures: dict[str, Asset] = {}
        self._mathml = device.mathml

    def spell(self, formula: Formula) -> str:
        """Return what stands in the text for the formula."""
        if self._mathml:
            return formula.mathml
        drawing = draw(formula)
        if drawing is None:
            return in_words(formula)
        file = f"images/{drawing.name}.png"
        if file not in self.pictures:
            self.pictures[file] = _gray(picture(drawing, _PIXELS))
        return f'<img class="maths" src="{file}" alt="{escape(formula.alt)}" style="{drawing.style}"/>'
