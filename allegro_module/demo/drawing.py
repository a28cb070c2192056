"""Drawing: a canvas of 1000 by 1000 points and the few strokes that product pictures are made of."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

WHITE: Colour = (255, 255, 255)
INK: Colour = (43, 38, 34)
SCALE = 2  # drawn twice as large, then halved: smooth edges


def read_colour(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float = 0.35) -> Colour:
    return mix(colour, WHITE, share)


def darker(colour: Colour, share: float = 0.3) -> Colour:
    return mix(colour, INK, share)


class Canvas:
    """A transparent sheet; what is drawn on it later casts one shadow."""

    def __init__(self) -> None:
        self.sheet = Image.new("RGBA", (1000 * SCALE, 1000 * SCALE), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self.sheet)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        self._draw.ellipse(_scaled([(x - rx, y - ry), (x + rx, y + ry)]), fill=fill)

    def ring(self, x: float, y: float, rx: float, ry: float, colour: Colour, width: float) -> None:
        self.arc(x, y, rx, ry, 0, 360, colour, width)

    def arc(
        self, x: float, y: float, rx: float, ry: float, start: float, end: float, colour: Colour, width: float
    ) -> None:
        corners = _scaled([(x - rx, y - ry), (x + rx, y + ry)])
        self._draw.arc(corners, start, end, fill=colour, width=round(width * SCALE))

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0
    ) -> None:
        corners = _scaled([(left, top), (right, bottom)])
        self._draw.rounded_rectangle(corners, radius=radius * SCALE, fill=fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon(_scaled(points), fill=fill)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        self._draw.line(_scaled(points), fill=colour, width=round(width * SCALE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.oval(x, y, width / 2, width / 2, colour)

    def stone(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """A piece of amber: dark rim, warm heart, a light on its shoulder."""
        self.oval(x, y, rx, ry, darker(colour, 0.25))
        self.oval(x, y, rx * 0.92, ry * 0.92, colour)
        self.oval(x + rx * 0.12, y + ry * 0.22, rx * 0.6, ry * 0.55, lighter(colour, 0.22))
        self.oval(x - rx * 0.32, y - ry * 0.38, rx * 0.24, ry * 0.17, lighter(colour, 0.75))


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]
