"""A report as the result of an MCP tool call: text and structure, each complete alone."""

from __future__ import annotations

from mcp.types import CallToolResult, ContentBlock, ResourceLink, TextContent
from pydantic_core import to_json

from knowledge.report import Artifact, Report
from server.render.text import text
from server.schemas import Json, bare, inlined, without_titles
from server.shorten import Answer, Detail, shortened

RUNS = "architect://runs"


def answer_schema() -> Json:
    """The ``outputSchema`` of every tool: one shape, without references."""
    schema = bare(without_titles(inlined(Answer.model_json_schema())))
    schema["properties"]["artifacts"]["items"] = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("name", "media_type", "uri")},
        "required": ["name", "media_type", "uri"],
        "additionalProperties": False,
    }
    return schema


def to_result(report: Report, detail: Detail) -> CallToolResult:
    """``report``, which has been kept under a run id, as a result within the budget of ``detail``."""
    structure = shortened(report, detail, lambda answer: len(to_json(structured(answer))))
    words = shortened(report, detail, lambda answer: len(shown(answer)))
    content: list[ContentBlock] = [TextContent(type="text", text=shown(words))]
    content.extend(_link(report.run, artifact) for artifact in report.artifacts)
    return CallToolResult(content=content, structured_content=structured(structure))


def structured(answer: Answer) -> Json:
    """The structure channel: the answer as data, documents by their address."""
    documents = [
        {"name": item.name, "media_type": item.media_type, "uri": artifact_uri(answer.run, item.name)}
        for item in answer.artifacts
    ]
    return {**answer.model_dump(mode="json"), "artifacts": documents}


def shown(answer: Answer) -> str:
    """The text channel: the report, then where the rest of it is."""
    parts = [text(answer)]
    if answer.artifacts:
        parts.append("Documents: " + ", ".join(artifact_uri(answer.run, item.name) for item in answer.artifacts))
    if answer.omitted:
        parts.append(answer.omitted)
    return "\n\n".join(parts)


def artifact_uri(run: str, name: str) -> str:
    """Where a document of a run can be read."""
    return f"{RUNS}/{run}/{name}"


def _link(run: str, artifact: Artifact) -> ResourceLink:
    return ResourceLink(
        type="resource_link",
        uri=artifact_uri(run, artifact.name),
        name=artifact.name,
        mime_type=artifact.media_type,
        size=len(artifact.text.encode()),
    )
