"""Draw the pictures of the sample blog, always the same bytes with the same Pillow and numpy.

Run ``python samples/blog/images/make.py`` after a change. The plots show real numbers, computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).resolve().parent
INK, GREY, PALE, WHITE = "#222222", "#888888", "#e4e8ec", "#ffffff"
BLUE, RED, OCHRE = "#1f4b7a", "#b0413e", "#c08a2d"
SCALE = 2  # everything is drawn twice as large and then shrunk, which smooths lines and letters

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Points = Sequence[tuple[float, float]]


class Canvas:
    """A white sheet measured in final pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), WHITE)
        self.draw = ImageDraw.Draw(self.image)

    def line(self, points: Points, colour: str = INK, width: float = 1.5) -> None:
        """Draw a line through the points."""
        at = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(at, fill=colour, width=round(width * SCALE), joint="curve")

    def box(self, x: float, y: float, w: float, h: float, fill: str = WHITE, edge: str = INK) -> None:
        """Draw a rectangle."""
        at = (x * SCALE, y * SCALE, (x + w) * SCALE, (y + h) * SCALE)
        self.draw.rectangle(at, fill=fill, outline=edge, width=SCALE)

    def disc(self, x: float, y: float, r: float, fill: str = WHITE, edge: str = INK) -> None:
        """Draw a filled circle."""
        at = ((x - r) * SCALE, (y - r) * SCALE, (x + r) * SCALE, (y + r) * SCALE)
        self.draw.ellipse(at, fill=fill, outline=edge, width=SCALE)

    def text(
        self, x: float, y: float, words: str, *, size: float = 14, anchor: str = "mm", colour: str = INK
    ) -> None:
        """Write words; ``anchor`` is Pillow's: ``lm`` starts there, ``mm`` is centred, ``rm`` ends there."""
        font = ImageFont.load_default(size * SCALE)
        self.draw.text((x * SCALE, y * SCALE), words, fill=colour, font=font, anchor=anchor)

    def arrow(self, x: float, y: float, to_x: float, to_y: float, colour: str = INK) -> None:
        """Draw an arrow."""
        self.line([(x, y), (to_x, to_y)], colour)
        angle = math.atan2(to_y - y, to_x - x)
        for turn in (2.7, -2.7):
            end = (to_x + 9 * math.cos(angle + turn), to_y + 9 * math.sin(angle + turn))
            self.line([(to_x, to_y), end], colour)

    def finish(self) -> Image.Image:
        """Return the sheet at its final size."""
        return self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)


class Plot:
    """Axes on a part of a canvas; ``x`` and ``y`` are given in data units, logarithmic if wanted."""

    def __init__(
        self,
        canvas: Canvas,
        area: tuple[float, float, float, float],
        x: tuple[float, float],
        y: tuple[float, float],
        log: str = "",
    ) -> None:
        self.canvas, self.area, self.log = canvas, area, log
        self.x_range = self._scale(x[0], "x"), self._scale(x[1], "x")
        self.y_range = self._scale(y[0], "y"), self._scale(y[1], "y")

    def _scale(self, value: float, axis: str) -> float:
        return math.log10(value) if axis in self.log else value

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the data lies on the canvas."""
        left, top, width, height = self.area
        across = (self._scale(x, "x") - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        up = (self._scale(y, "y") - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return left + across * width, top + height - up * height

    def axes(
        self,
        xs: Sequence[tuple[float, str]],
        ys: Sequence[tuple[float, str]],
        x_title: str,
        y_title: str,
    ) -> None:
        """Draw both axes with their ticks and names."""
        left, top, width, height = self.area
        for value, label in ys:
            _, y = self.at(10 ** self.x_range[0] if "x" in self.log else self.x_range[0], value)
            self.canvas.line([(left, y), (left + width, y)], PALE, 1)
            self.canvas.text(left - 8, y, label, size=13, anchor="rm")
        for value, label in xs:
            x, _ = self.at(value, 10 ** self.y_range[0] if "y" in self.log else self.y_range[0])
            self.canvas.line([(x, top + height), (x, top + height + 5)])
            self.canvas.text(x, top + height + 16, label, size=13)
        self.canvas.line([(left, top), (left, top + height), (left + width, top + height)])
        self.canvas.text(left + width / 2, top + height + 36, x_title, size=14)
        self.canvas.text(left - 8, top - 16, y_title, size=14, anchor="lm")

    def curve(self, points: Points, colour: str = BLUE, width: float = 2.5) -> None:
        """Draw a curve through points of the data."""
        self.canvas.line([self.at(x, y) for x, y in points], colour, width)

    def label(self, x: float, y: float, words: str, colour: str = INK, anchor: str = "lm") -> None:
        """Write words at a point of the data."""
        at = self.at(x, y)
        self.canvas.text(at[0], at[1], words, colour=colour, anchor=anchor)


def graph() -> Image.Image:
    """Draw the computation of one neuron as a graph."""
    c = Canvas(720, 320)
    nodes = {"w1·x1": (90, 70), "w2·x2": (90, 160), "b": (90, 250), "z": (290, 160), "a": (450, 160)}
    for name in ("w1·x1", "w2·x2", "b"):
        x, y = nodes[name]
        c.arrow(x + 44, y, 256, 160 + (y - 160) * 0.12)
    c.arrow(324, 160, 414, 160)
    c.arrow(484, 160, 584, 160)
    for name, (x, y) in nodes.items():
        c.disc(x, y, 34, PALE, BLUE)
        c.text(x, y, name, size=16)
    c.disc(620, 160, 36, "#f3dcdb", RED)
    c.text(620, 160, "L", size=18)
    for x, y, words in (
        (369, 140, "tanh"),
        (534, 140, "(a - t)^2"),
        (196, 90, "+"),
        (196, 148, "+"),
        (196, 235, "+"),
    ):
        c.text(x, y, words, size=14)
    c.arrow(600, 290, 330, 290, RED)
    c.text(465, 306, "blame", size=14, colour=RED)
    c.arrow(330, 40, 600, 40, BLUE)
    c.text(465, 24, "values", size=14, colour=BLUE)
    return c.finish()


def gradcheck() -> Image.Image:
    """Measure the error of difference quotients of tanh at 0.5."""
    c = Canvas(640, 400)
    p = Plot(c, (90, 40, 510, 290), (1e-12, 1), (1e-13, 10), "xy")
    powers = [(-12, "-12"), (-9, "-9"), (-6, "-6"), (-3, "-3"), (0, "0")]
    heights = [(-12, "-12"), (-8, "-8"), (-4, "-4"), (0, "0")]
    p.axes(
        [(10.0**n, t) for n, t in powers],
        [(10.0**n, t) for n, t in heights],
        "log10 of the step h",
        "log10 of the error",
    )
    slope = 1 - math.tanh(0.5) ** 2
    steps = [10 ** (-12 + 12 * i / 90) for i in range(91)]
    one_sided = [(math.tanh(0.5 + h) - math.tanh(0.5)) / h for h in steps]
    central = [(math.tanh(0.5 + h) - math.tanh(0.5 - h)) / (2 * h) for h in steps]
    for colour, quotients in ((RED, one_sided), (BLUE, central)):
        errors = [max(1e-13, abs(quotient - slope)) for quotient in quotients]
        p.curve(list(zip(steps, errors, strict=True)), colour, 2)
    p.label(2e-4, 3e-2, "one-sided", RED, "rm")
    p.label(6e-4, 2e-10, "central", BLUE)
    return c.finish()


def softmax(width: int) -> Image.Image:
    """Draw the softmax of the scores 1 to 4 at three temperatures."""
    c = Canvas(640, 360)
    p = Plot(c, (60, 40, 550, 250), (0, 15), (0, 1))
    p.axes(
        [(2.5, "T = 0.5"), (7.5, "T = 1"), (12.5, "T = 5")],
        [(0, "0"), (0.5, "0.5"), (1, "1")],
        "temperature",
        "probability",
    )
    for group, t in enumerate((0.5, 1.0, 5.0)):
        powers = [math.exp(score / t) for score in (1, 2, 3, 4)]
        for i, power in enumerate(powers):
            x, y = p.at(5 * group + 0.7 + 0.95 * i, power / sum(powers))
            c.box(x, y, 27, p.area[1] + p.area[3] - y, BLUE if i == 3 else "#8fa8c0", WHITE)
    return c.finish().resize((width, width * 360 // 640), Image.Resampling.LANCZOS)


def attention() -> Image.Image:
    """Draw causal attention weights over nine words."""
    c = Canvas(560, 520)
    words = ["the", "cat", "sat", "on", "the", "mat", "because", "it", "slept"]
    kin = {
        (7, 1): 3.2,
        (8, 7): 1.6,
        (8, 1): 2.4,
        (2, 1): 2.6,
        (5, 3): 1.8,
        (5, 2): 1.6,
        (6, 2): 1.5,
        (1, 0): 1.0,
    }
    for row in range(9):
        scores = [kin.get((row, col), 0.3 if row == col else -0.4) for col in range(row + 1)]
        total = sum(math.exp(s) for s in scores)
        for col in range(9):
            share = math.exp(scores[col]) / total if col <= row else 0.0
            tone = [round(255 - share * (255 - end)) for end in (31, 75, 122)]
            fill = "#{:02x}{:02x}{:02x}".format(*tone) if col <= row else PALE
            c.box(100 + 48 * col, 70 + 48 * row, 48, 48, fill, WHITE)
            if col <= row:
                c.text(
                    124 + 48 * col,
                    94 + 48 * row,
                    f"{share:.2f}"[1:] if share < 1 else "1",
                    size=12,
                    colour=WHITE if share > 0.45 else INK,
                )
        c.text(90, 94 + 48 * row, words[row], anchor="rm")
        c.text(124 + 48 * row, 54, words[row], size=13)
    c.text(316, 24, "looks at", size=15)
    return c.finish()


def cost() -> Image.Image:
    """Draw the work of a layer over the length of the text, for a width of 1,024."""
    c = Canvas(640, 400)
    p = Plot(c, (90, 50, 510, 280), (0, 12_000), (0, 900))
    p.axes(
        [(n * 1000, f"{n},000" if n else "0") for n in (0, 3, 6, 9, 12)],
        [(v, str(v)) for v in (0, 300, 600, 900)],
        "positions n",
        "thousand million operations",
    )
    m = 1024
    lengths = range(0, 12_001, 250)
    p.curve([(n, 24 * m * m * n / 1e9) for n in lengths], BLUE)
    p.curve([(n, 4 * m * n * n / 1e9) for n in lengths], RED)
    p.label(7_300, 120, "matrices: 24 m m n", BLUE)
    p.label(8_300, 480, "attention: 4 m n n", RED, "rm")
    return c.finish()


def descent_path(steps: int) -> Points:
    """Return a path of gradient descent in a bowl that is twelve times steeper in one direction."""
    x, y = -9.0, 2.6
    path = [(x, y)]
    for _ in range(steps):
        x, y = x - 0.155 * x, y - 0.155 * 12 * y
        path.append((x, y))
    return path


def descent(steps: int, width: int) -> Image.Image:
    """Draw the contours of the bowl and the first steps of the path."""
    c = Canvas(640, 420)
    p = Plot(c, (40, 30, 560, 350), (-10.5, 6), (-4, 4))
    for level in (0.6, 2, 5, 10, 18, 28, 40):
        turn = [2 * math.pi * i / 120 for i in range(121)]
        p.curve(
            [(math.sqrt(2 * level) * math.cos(t), math.sqrt(2 * level / 12) * math.sin(t)) for t in turn],
            "#b9c4cf",
            1.2,
        )
    path = descent_path(steps)
    if steps:
        p.curve(path, RED, 2)
    for x, y in path:
        at = p.at(x, y)
        c.disc(at[0], at[1], 4, RED, WHITE)
    p.label(0, 0, "minimum", BLUE, "mm")
    return c.finish().resize((width, width * 420 // 640), Image.Resampling.LANCZOS)


def schedule() -> Image.Image:
    """Draw warm-up and cosine."""
    c = Canvas(640, 340)
    p = Plot(c, (90, 40, 510, 230), (0, 1000), (0, 3.2e-4))
    p.axes(
        [(0, "0"), (250, "250"), (500, "500"), (750, "750"), (1000, "1,000")],
        [(0, "0"), (1e-4, "0.0001"), (2e-4, "0.0002"), (3e-4, "0.0003")],
        "step",
        "learning rate",
    )

    def rate(step: int) -> float:
        if step < 50:
            return 3e-4 * step / 50
        return 3e-5 + 0.5 * 2.7e-4 * (1 + math.cos(math.pi * (step - 50) / 950))

    p.curve([(s, rate(s)) for s in range(0, 1001, 5)])
    p.label(70, 2.6e-4, "warm-up", GREY)
    p.label(620, 2.1e-4, "half a cosine", GREY)
    return c.finish()


def overfit() -> Image.Image:
    """Fit polynomials of rising degree to twelve noisy points; show both errors."""
    rng = np.random.default_rng(5)
    x = np.linspace(-1, 1, 16)
    y = np.sin(2.5 * x) + rng.normal(0, 0.25, x.size)
    fresh = np.linspace(-0.98, 0.98, 200)
    truth = np.sin(2.5 * fresh) + rng.normal(0, 0.25, fresh.size)
    train: list[tuple[float, float]] = []
    test: list[tuple[float, float]] = []
    for degree in range(14):
        fit = np.polynomial.Polynomial.fit(x, y, degree)
        train.append((degree, float(np.sqrt(np.mean((fit(x) - y) ** 2)))))
        test.append((degree, min(1.0, float(np.sqrt(np.mean((fit(fresh) - truth) ** 2))))))
    c = Canvas(640, 360)
    p = Plot(c, (70, 40, 530, 250), (0, 13), (0, 1))
    p.axes(
        [(d, str(d)) for d in range(0, 14, 2)],
        [(0, "0"), (0.5, "0.5"), (1, "1")],
        "degree of the polynomial",
        "error",
    )
    p.curve(train, BLUE)
    p.curve(test, RED)
    p.label(6.2, 0.1, "training set", BLUE)
    p.label(8.2, 0.62, "test set", RED, "rm")
    return c.finish()


def floats() -> Image.Image:
    """Draw the bits of five formats."""
    c = Canvas(720, 300)
    rows = (("fp32", 8, 23), ("tf32", 8, 10), ("bf16", 8, 7), ("fp16", 5, 10), ("fp8", 4, 3))
    for row, (name, exponent, fraction) in enumerate(rows):
        y = 40 + 50 * row
        c.text(80, y + 14, name, size=16, anchor="rm")
        for bit in range(1 + exponent + fraction):
            fill = "#e7c9c8" if bit == 0 else "#c9d6e4" if bit <= exponent else "#efe0c2"
            c.box(96 + 16.5 * bit, y, 16.5, 28, fill, WHITE)
        c.text(
            104 + 16.5 * (1 + exponent + fraction),
            y + 14,
            f"1 + {exponent} + {fraction}",
            size=13,
            anchor="lm",
            colour=GREY,
        )
    for x, fill, words in (
        (460, "#e7c9c8", "sign"),
        (530, "#c9d6e4", "exponent"),
        (634, "#efe0c2", "fraction"),
    ):
        c.box(x, 258, 14, 14, fill, WHITE)
        c.text(x + 20, 265, words, size=13, anchor="lm")
    return c.finish()


def roc() -> Image.Image:
    """Draw ROC and precision–recall curves of two classifiers with normal scores, 2% positives."""
    c = Canvas(720, 360)
    left = Plot(c, (60, 40, 270, 250), (0, 1), (0, 1))
    right = Plot(c, (420, 40, 270, 250), (0, 1), (0, 1))
    ticks = [(0.0, "0"), (0.5, "0.5"), (1.0, "1")]
    left.axes(ticks, ticks, "false positive rate", "recall")
    right.axes(ticks, ticks, "recall", "precision")
    left.curve([(0, 0), (1, 1)], PALE, 1.5)
    for shift, spread, colour in ((2.6, 1.0, BLUE), (1.9, 0.7, RED)):
        cuts = [5 - 10 * i / 200 for i in range(201)]
        recall = [0.5 * math.erfc((t - shift) / spread / math.sqrt(2)) for t in cuts]
        alarm = [0.5 * math.erfc(t / math.sqrt(2)) for t in cuts]
        left.curve(list(zip(alarm, recall, strict=True)), colour)
        pairs = [
            (r, 0.02 * r / (0.02 * r + 0.98 * a)) for r, a in zip(recall, alarm, strict=True) if r > 0.01
        ]
        right.curve(pairs, colour)
    left.curve([(0.05, 0.84), (0.2, 0.6)], GREY, 1)
    left.label(0.22, 0.57, "A", BLUE)
    right.label(0.62, 0.72, "A", BLUE)
    right.label(0.35, 0.25, "B", RED)
    left.label(0.24, 0.82, "B", RED)
    return c.finish()


def calibration() -> Image.Image:
    """Draw the reliability diagram of a model that is too sure of itself."""
    c = Canvas(520, 460)
    p = Plot(c, (70, 40, 410, 350), (0, 1), (0, 1))
    p.axes(
        [(0, "0"), (0.5, "0.5"), (1, "1")],
        [(0, "0"), (0.5, "0.5"), (1, "1")],
        "confidence",
        "share that was right",
    )
    for i in range(10):
        confidence = (i + 0.5) / 10
        odds = math.log(confidence / (1 - confidence)) / 1.9
        x, y = p.at(
            i / 10 + 0.008, 1 / (1 + math.exp(-odds)) if confidence > 0.5 else confidence * 0.92 + 0.02
        )
        c.box(x, y, 35, p.area[1] + p.area[3] - y, "#8fa8c0", WHITE)
    p.curve([(0, 0), (1, 1)], RED, 1.5)
    return c.finish()


def merges() -> Image.Image:
    """Draw characters for each token over the vocabulary, as measured on the posts."""
    measured = (
        (256, 0.99), (320, 1.43), (384, 1.62), (512, 1.87), (640, 2.06), (768, 2.23), (1024, 2.5),
        (1280, 2.72), (1536, 2.91), (2048, 3.2), (2560, 3.47), (3072, 3.63), (4096, 3.98),
    )  # fmt: skip
    c = Canvas(640, 380)
    p = Plot(c, (60, 40, 540, 270), (256, 4096), (0, 4.4), "x")
    p.axes(
        [(n, str(n)) for n in (256, 512, 1024, 2048, 4096)],
        [(n, str(n)) for n in range(5)],
        "entries in the vocabulary",
        "characters for each token",
    )
    p.curve(measured)
    for point in measured:
        at = p.at(*point)
        c.disc(at[0], at[1], 4, BLUE, WHITE)
    return c.finish()


def icon() -> Image.Image:
    """Draw the blog's sign: a descending path."""
    c = Canvas(64, 64)
    c.disc(32, 32, 30, BLUE, BLUE)
    c.line([(14, 20), (24, 30), (32, 28), (42, 44), (50, 46)], WHITE, 4)
    return c.finish()


def noise(rng: np.random.Generator, size: tuple[int, int], octaves: Sequence[int]) -> Array:
    """Return smooth noise between 0 and 1: random grids, each twice as fine and half as strong."""
    total = np.zeros((size[1], size[0]))
    for strength, cells in enumerate(octaves):
        grid = Image.fromarray(rng.random((cells, cells * 2)).astype(np.float32))
        total += np.asarray(grid.resize(size, Image.Resampling.BICUBIC), dtype=np.float64) / 2**strength
    spread: Array = (total - total.min()) / (total.max() - total.min())
    return spread


def ridge() -> Image.Image:
    """Paint mountain ridges in haze."""
    width, height = 960, 540
    rng = np.random.default_rng(11)
    rows, columns = np.arange(height)[:, None], np.arange(width)
    sky = np.linspace(0, 1, height)[:, None, None]
    picture = (1 - sky) * np.array([150, 178, 208.0]) + sky * np.array([246, 226, 204.0])
    picture = np.broadcast_to(picture, (height, width, 3)).copy()
    for layer in range(7):
        line = np.zeros(width)
        for octave in range(1, 8):
            phase, pitch = rng.random() * 7, rng.uniform(0.7, 1.4)
            line += np.sin(columns / width * 2 * math.pi * pitch * 2**octave * 0.6 + phase) / 1.9**octave
        top = 170 + layer * 52 - line * (38 + 9 * layer)
        near = layer / 6
        colour = (1 - near) * np.array([178, 192, 212.0]) + near * np.array([24, 40, 58.0])
        below = rows >= top
        mist = np.clip((rows - top) / 190, 0, 1)[:, :, None] * (1 - near) * 0.6
        picture = np.where(
            below[:, :, None], colour * (1 - mist) + np.array([228, 220, 214.0]) * mist, picture
        )
    picture += rng.normal(0, 3.0, (height, width, 1))
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))


def dunes() -> Image.Image:
    """Paint sand ripples in low light."""
    width, height = 960, 600
    rng = np.random.default_rng(23)
    rough = noise(rng, (width, height), (3, 6, 12, 24))
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    depth = 26 + 46 * (y / height)
    ripples = np.sin(2 * math.pi * (y + 0.35 * x + 46 * rough) / depth)
    ripples = 0.7 * ripples + 0.3 * np.sin(2 * math.pi * (y - 0.1 * x + 60 * rough) / (depth * 0.53))
    light = np.gradient(ripples, axis=0) * 5.5 - np.gradient(ripples, axis=1) * 3
    shade = 0.52 + light + 0.22 * (rough - 0.5) + rng.normal(0, 0.035, (height, width))
    shade = shade.clip(0, 1)[:, :, None]
    picture = (1 - shade) * np.array([70, 44, 34.0]) + shade * np.array([244, 206, 152.0])
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def animation() -> None:
    """Write the descent as an animated GIF, one step a frame."""
    frames = [descent(steps, 320).quantize(16) for steps in (*range(13), 12, 12)]
    frames[0].save(
        HERE / "descent.gif", save_all=True, append_images=frames[1:], duration=350, loop=0, optimize=True
    )


def heads() -> None:
    """Write the diagram of four heads as SVG."""
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="240" viewBox="0 0 640 240"',
        ' font-family="sans-serif" font-size="15" text-anchor="middle" role="img">',
        "<title>Four attention heads</title>",
        '<rect width="640" height="240" fill="#ffffff"/>',
        '<g fill="#e4e8ec" stroke="#1f4b7a"><rect x="20" y="90" width="100" height="60" rx="6"/>',
        '<rect x="400" y="90" width="90" height="60" rx="6"/>',
        '<rect x="530" y="90" width="90" height="60" rx="6"/></g>',
    ]
    for head in range(4):
        y = 15 + 55 * head
        lines.append(
            f'<rect x="210" y="{y}" width="120" height="44" rx="6" fill="#ffffff" stroke="#b0413e"/>'
        )
        lines.append(f'<text x="270" y="{y + 27}" fill="#222222">head {head + 1}</text>')
        lines.append(
            f'<path d="M120 120 L210 {y + 22} M330 {y + 22} L400 120" stroke="#888888" fill="none"/>'
        )
    lines.append('<path d="M490 120 H530" stroke="#888888"/>')
    for x, words in ((70, "input"), (445, "joined"), (575, "mixed")):
        lines.append(f'<text x="{x}" y="125" fill="#222222">{words}</text>')
    (HERE / "heads.svg").write_text("\n".join([*lines, "</svg>\n"]), encoding="utf-8")


def main() -> None:
    """Write all pictures."""
    plots: dict[str, Callable[[], Image.Image]] = {
        "graph": graph,
        "graph-360": lambda: graph().resize((360, 160), Image.Resampling.LANCZOS),
        "gradcheck": gradcheck,
        "softmax": lambda: softmax(640),
        "softmax-300": lambda: softmax(300),
        "attention": attention,
        "descent": lambda: descent(12, 640),
        "schedule": schedule,
        "overfit": overfit,
        "float": floats,
        "roc": roc,
        "calibration": calibration,
        "merges": merges,
        "icon": icon,
    }
    for name, draw in plots.items():
        draw().quantize(64).save(HERE / f"{name}.png", optimize=True)
    Image.new("P", (1, 1)).save(HERE / "blank.gif")
    attention().save(HERE / "attention.webp", quality=80, method=6)
    cost().save(HERE / "cost.webp", quality=80, method=6)
    mountains = ridge()
    mountains.save(HERE / "ridge.jpg", quality=78, optimize=True, progressive=True)
    mountains.resize((400, 225), Image.Resampling.LANCZOS).save(
        HERE / "ridge-400.jpg", quality=78, optimize=True
    )
    dunes().save(HERE / "dunes.jpg", quality=70, optimize=True)
    animation()
    heads()


if __name__ == "__main__":
    main()
