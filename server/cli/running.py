"""One tool call of the command line: settings to toolbox, arguments to report, always closed."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge.report import Report
from server import logs
from server.arguments import unknown_tool
from server.cli.progress import progress_bar
from server.kit import make_toolbox, offered, perform, redactor_of, request_of
from server.settings import PREFIX, Settings
from tools.registry import all_tools
from tools.spec import ToolError


@dataclass(frozen=True)
class Place:
    """Settings whose workspace holds the path of the user, and that path inside it."""

    settings: Settings
    path: str


def run_tool(settings: Settings, name: str, arguments: Mapping[str, Any]) -> Report:
    """The report of one call. Ctrl-C cancels it and closes its engine before ``KeyboardInterrupt`` comes out.

    Raises:
        ToolError: no such tool, a wrong argument, or a refusal.
    """
    return asyncio.run(_call(settings, name, arguments))


async def _call(settings: Settings, name: str, arguments: Mapping[str, Any]) -> Report:
    redact = redactor_of(settings)
    logs.configure(redact)
    specs = {spec.name: spec for spec in offered(all_tools(), settings)}
    if name not in specs:
        raise ToolError(unknown_tool(name, specs))
    request = request_of(specs[name], arguments, read_only=settings.read_only)
    toolbox = make_toolbox(settings, redact)
    try:
        with progress_bar() as progress:
            return await perform(specs[name], request, replace(toolbox, progress=progress), redact)
    finally:
        await toolbox.postgres.aclose()


def place(options: argparse.Namespace, settings: Settings, path: str) -> Place:
    """Where ``path`` is.

    A path that was typed at a prompt is relative to the current folder, not to ``--workspace``. Without a
    workspace of the user's choice, one outside the current folder brings its own.
    """
    real = Path(path).expanduser().resolve()
    chosen = hasattr(options, "workspace") or f"{PREFIX}WORKSPACE" in os.environ
    if chosen or real.is_relative_to(settings.workspace) or not real.exists():
        inside = real.is_relative_to(settings.workspace)
        return Place(settings, real.relative_to(settings.workspace).as_posix() if inside else path)
    root = real if real.is_dir() else real.parent
    return Place(replace(settings, workspace=root), real.relative_to(root).as_posix())


def places(
    options: argparse.Namespace, settings: Settings, paths: Mapping[str, str]
) -> tuple[Settings, dict[str, str]]:
    """Several paths of one call, and settings whose workspace holds them all; see :func:`place`."""
    real = {name: Path(path).expanduser().resolve() for name, path in paths.items()}
    chosen = hasattr(options, "workspace") or f"{PREFIX}WORKSPACE" in os.environ
    outside = [path for path in real.values() if path.exists() and not path.is_relative_to(settings.workspace)]
    if outside and not chosen:
        root = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in real.values()]))
        settings = replace(settings, workspace=root)
    return settings, {name: place(options, settings, path).path for name, path in paths.items()}


def given(**arguments: Any) -> dict[str, Any]:
    """``arguments`` without those the user left out, so that the tool's own defaults hold."""
    return {name: value for name, value in arguments.items() if value not in (None, "", False)}
