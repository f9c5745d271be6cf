"""With telemetry on, each request is a span named after its route; off, it is none."""

from __future__ import annotations

from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from platform_app import build, served


async def test_a_request_is_a_span_where_telemetry_is_on(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    for telemetry, names in ((False, []), (True, ["GET /api/v1/notes"])):
        exporter.clear()
        app = build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db", telemetry=telemetry)
        async with served(app) as client:
            await client("GET", "/api/v1/notes")
        assert [span.name for span in exporter.get_finished_spans() if span.parent is None] == names
