"""The size of formulas that come as pictures."""

from __future__ import annotations

import re

# Such pictures (WordPress's latex.php above all) are set in 10 pt on a 96 dpi screen: 13.3 px an em.
_PIXELS_PER_EM = 13.3
_FORMULA = re.compile(r'<img class="formula"([^<>]*? width="(\d+)"[^<>]*)>')


def size_formulas(html: str) -> str:
    """Return the HTML with each ``img.formula`` as wide, in em, as its text is beside the text around it.

    A width in pixels would make formulas tiny or huge on devices whose text is not 16 px.
    """
    return _FORMULA.sub(_sized, html) if 'class="formula"' in html else html


def _sized(match: re.Match[str]) -> str:
    width = int(match[2]) / _PIXELS_PER_EM
    return f'<img class="formula" style="width:{width:.2f}em"{match[1]}>'
