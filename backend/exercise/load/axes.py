"""Axes of a chart: where a value lies, which values to name, and the frame as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 44, 52


@dataclass(frozen=True)
class Axes:
    """A linear horizontal axis from 0 to ``x_most`` and a logarithmic vertical one."""

    x_most: float
    y_least: float
    y_most: float

    @classmethod
    def around(cls, xs: list[float], ys: list[float]) -> Axes:
        """Axes that hold all points; the vertical one goes from power of ten to power of ten."""
        positive = [value for value in ys if value > 0] or [1.0]
        least = math.floor(math.log10(min(positive)))
        most = max(math.ceil(math.log10(max(positive))), least + 1)
        return cls(max(xs, default=1.0) or 1.0, 10.0**least, 10.0**most)

    def x(self, value: float) -> float:
        """Where a value lies from left to right."""
        return LEFT + value / self.x_most * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Where a value lies from top to bottom; one below the axis lies on its end."""
        share = math.log10(max(value, self.y_least) / self.y_least) / math.log10(self.y_most / self.y_least)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def frame(self, title: str, x_label: str, y_label: str) -> Iterator[str]:
        """Title, grid, values and labels."""
        yield f'<text x="{LEFT}" y="22" class="title">{escape(title)}</text>'
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for value in self.y_values():
            y = self.y(value)
            yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" class="grid"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        for value in round_values(self.x_most):
            x = self.x(value)
            yield f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 5}" class="axis"/>'
            yield f'<text x="{x:.1f}" y="{bottom + 19}" text-anchor="middle">{value:g}</text>'
        yield f'<line x1="{LEFT}" y1="{bottom}" x2="{right}" y2="{bottom}" class="axis"/>'
        yield f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_label)}</text>'
        middle = (TOP + bottom) / 2
        yield (
            f'<text x="16" y="{middle:.0f}" text-anchor="middle" transform="rotate(-90 16 {middle:.0f})">'
            f"{escape(y_label)}</text>"
        )

    def y_values(self) -> list[float]:
        """The powers of ten of the vertical axis."""
        decades = round(math.log10(self.y_most / self.y_least))
        return [self.y_least * 10**number for number in range(decades + 1)]


def round_values(most: float, count: int = 6) -> list[float]:
    """About ``count`` round values from 0 to ``most``."""
    rough = most / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [number * step for number in range(int(most / step * (1 + 1e-9)) + 1)]
