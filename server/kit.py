"""What every way in shares: the toolbox of the settings, the tools they allow, one call from start to report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backend.engines.postgres.host import PostgresHost
from backend.runs import RunStore
from backend.workspace import Workspace, WorkspaceError
from knowledge.report import Report
from server.arguments import invalid_arguments, unknown_arguments
from server.redact import Redactor, redactor_for
from server.settings import Settings
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Targets, Toolbox

NAME = "backend-architect"
REFUSALS = (ToolError, WorkspaceError)
"""What a tool raises where the caller can put it right."""


def redactor_of(settings: Settings) -> Redactor:
    """A redactor that knows the secrets in ``settings``."""
    urls = (settings.database_url, settings.redis_url, settings.engine_url)
    return redactor_for(urls, (settings.bearer_token,))


def make_toolbox(settings: Settings, redact: Redactor) -> Toolbox:
    """What the tools of a server work with. PostgreSQL starts at its first use; whoever asks closes it."""
    binaries = Path(settings.engine_binaries) if settings.engine_binaries else None
    return Toolbox(
        workspace=Workspace.at(settings.workspace, read_only=settings.read_only),
        postgres=PostgresHost(binaries, settings.engine_url),
        runs=RunStore(clean=redact.model),
        targets=Targets(settings.database_url, settings.redis_url, settings.allow_target),
    )


def offered(specs: Sequence[ToolSpec], settings: Settings) -> list[ToolSpec]:
    """The tools that ``settings`` allow: of its toolsets, and with ``--read-only`` able to only read."""
    return [
        spec
        for spec in specs
        if spec.toolset in settings.toolsets and (spec.read_only or spec.read_only_actions or not settings.read_only)
    ]


def request_of(spec: ToolSpec, arguments: Mapping[str, Any], *, read_only: bool) -> Request:
    """The request that ``arguments`` make.

    Raises:
        ToolError: an argument is unknown, missing or does not fit, or it asks to write and nothing may.
    """
    fields = spec.request.model_fields
    if problem := unknown_arguments(spec.name, arguments, list(fields)):
        raise ToolError(problem)
    given = {key: _parsed(value, fields[key].annotation) for key, value in arguments.items()}
    try:
        request = spec.request.model_validate(given)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise ToolError(invalid_arguments(spec.name, problems)) from None
    action = getattr(request, "action", "")
    if read_only and not spec.read_only and action not in spec.read_only_actions:
        raise ToolError(
            f"{spec.name}: action '{action}' writes, and the server was started with --read-only. "
            f"Allowed: {', '.join(spec.read_only_actions) or 'nothing'}."
        )
    return request


async def perform(spec: ToolSpec, request: Request, toolbox: Toolbox, redact: Redactor) -> Report:
    """Run the tool; its report comes back without secrets and stored under a run id.

    Raises:
        ToolError: the tool refuses; the text says what to do.
    """
    try:
        report = await spec.run(request, toolbox)
    except REFUSALS as refusal:
        raise ToolError(redact(f"{spec.name}: {refusal}")) from None
    return redact.model(report) if report.run else toolbox.runs.keep(redact.model(report))


def own_version() -> str:
    """The version of the installed distribution; ``0`` where the code runs without being installed."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "0"


def _parsed(value: Any, wanted: Any) -> Any:
    """Some hosts send lists and objects as JSON in a string; take those apart."""
    if not isinstance(value, str) or getattr(wanted, "__origin__", wanted) not in (list, dict):
        return value
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return parsed if isinstance(parsed, list | dict) else value
