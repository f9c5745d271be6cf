"""Load results for a terminal: a table and a sparkline."""

from __future__ import annotations

from collections.abc import Sequence

from backend.exercise.load.result import LoadResult
from backend.exercise.load.saturation import Saturation

BARS = "▁▂▃▄▅▆▇█"
LATE_SECONDS = 0.002
LATE_SHARE = 0.25
"""Of the backend's p99: what the generator may add to it without a word."""


def milliseconds(seconds: float) -> str:
    """A latency to three figures, in milliseconds."""
    value = seconds * 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def sparkline(values: Sequence[float]) -> str:
    """One bar a value, the tallest for the greatest."""
    most = max(values, default=0.0)
    if most <= 0:
        return BARS[0] * len(values)
    return "".join(BARS[min(len(BARS) - 1, int(value / most * len(BARS)))] for value in values)


def latency_table(results: Sequence[LoadResult]) -> str:
    """A Markdown table, one row a run: rates in requests a second, latencies in milliseconds."""
    lines = ["| offered/s | answered/s | p50 ms | p95 ms | p99 ms | p99.9 ms | max ms | errors |", "|" + "---:|" * 8]
    for result in results:
        offered = f"{result.offered:.0f}" if result.offered else "closed loop"
        latencies = " | ".join(milliseconds(seconds) for seconds in result.percentiles().values())
        errors = ", ".join(f"{count} {kind}" for kind, count in sorted(result.errors.items())) or "0"
        lines.append(f"| {offered} | {result.achieved:.0f} | {latencies} | {errors} |")
    return "\n".join(lines)


def course(result: LoadResult) -> str:
    """How the p99 went over the run, as a sparkline with its greatest value."""
    p99s = [moment.latency.quantile(0.99) for moment in result.moments]
    return f"p99 over time {sparkline(p99s)} at most {milliseconds(max(p99s, default=0.0))} ms"


def caveat(result: LoadResult) -> str:
    """Where the generator itself was late, by how much; empty where its share of the latency does not matter."""
    late, p99 = result.lateness.quantile(0.99), result.latency.quantile(0.99)
    if late < LATE_SECONDS or late < LATE_SHARE * p99:
        return ""
    return f"the load generator itself was up to {milliseconds(late)} ms late (p99): this machine is too busy to tell"


def verdict(saturation: Saturation) -> str:
    """The knee in one sentence."""
    if not saturation.breaks_at:
        return f"every rate up to {saturation.knee:.0f} requests/s was held"
    if not saturation.knee:
        return f"not even {saturation.breaks_at:.0f} requests/s were held: {saturation.reason}"
    return (
        f"holds {saturation.knee:.0f} requests/s; at {saturation.breaks_at:.0f} requests/s it breaks: "
        f"{saturation.reason}"
    )
