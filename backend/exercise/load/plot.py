"""Load results as an SVG picture that needs nothing else: one for rates, one for the course of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from backend.exercise.load.axes import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, Axes
from backend.exercise.load.result import LoadResult
from backend.exercise.load.saturation import Saturation

Point = tuple[float, float]

COLOURS = {"p50": "#2563eb", "p95": "#059669", "p99": "#d97706", "p99.9": "#dc2626", "max": "#6b7280"}
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#374151}.title{font-size:14px;font-weight:600}"
    ".grid{stroke:#e5e7eb}.axis{stroke:#6b7280}.knee{stroke:#dc2626;stroke-dasharray:5 4}"
    "polyline{fill:none;stroke-width:2}"
)


def rates(saturation: Saturation, title: str = "Latency by offered rate") -> str:
    """Percentiles over the offered rate, the knee marked; a rate that was not held has hollow points."""
    steps = saturation.steps
    series = {
        name: [(step.result.offered, step.result.percentiles()[name] * 1000) for step in steps]
        for name in ("p50", "p95", "p99", "p99.9")
    }
    axes = _axes(series)
    marks = [
        f'<circle cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="3.5" stroke="{COLOURS[name]}" '
        f'fill="{"#fff" if step.broken else COLOURS[name]}"/>'
        for name, points in series.items()
        for step, (x, y) in zip(steps, points, strict=True)
    ]
    if saturation.breaks_at and saturation.knee:
        marks += _knee(axes, saturation)
    return _document([*axes.frame(title, "offered requests a second", "milliseconds"), *_lines(axes, series), *marks])


def course(result: LoadResult, title: str = "Latency over time") -> str:
    """Percentiles over the time at which requests were due."""
    moments = [moment for moment in result.moments if moment.latency.count]
    series = {
        name: [(moment.second, moment.latency.quantile(share) * 1000) for moment in moments]
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
    }
    axes = _axes(series)
    return _document([*axes.frame(title, "seconds from the start", "milliseconds"), *_lines(axes, series)])


def _axes(series: dict[str, list[Point]]) -> Axes:
    points = [point for line in series.values() for point in line]
    return Axes.around([x for x, _ in points], [y for _, y in points])


def _lines(axes: Axes, series: dict[str, list[Point]]) -> Iterator[str]:
    """The lines with their names, which stand in a row above the grid."""
    for number, (name, points) in enumerate(series.items()):
        path = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in points)
        yield f'<polyline points="{path}" stroke="{COLOURS[name]}"><title>{escape(name)}</title></polyline>'
        x = LEFT + number * 64
        yield f'<line x1="{x}" y1="34" x2="{x + 18}" y2="34" stroke="{COLOURS[name]}" stroke-width="2"/>'
        yield f'<text x="{x + 23}" y="38">{escape(name)}</text>'


def _knee(axes: Axes, saturation: Saturation) -> list[str]:
    x = axes.x(saturation.knee)
    left = x > WIDTH / 2
    return [
        f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" class="knee"/>',
        f'<text x="{x - 6 if left else x + 6:.1f}" y="{TOP + 14}" text-anchor="{"end" if left else "start"}">'
        f"knee {saturation.knee:.0f}/s</text>",
    ]


def _document(parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f'<style>{STYLE}</style><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>' + "".join(parts) + "</svg>\n"
    )
