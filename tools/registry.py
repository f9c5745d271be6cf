"""The tools, found by looking: a module in this package that holds a record called ``TOOL`` is one."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import tools
from tools.spec import ToolSpec


def all_tools() -> tuple[ToolSpec, ...]:
    """Every tool, by name. Tool modules import their engines only when they run."""
    specs = []
    for entry in iter_modules(tools.__path__):
        spec = getattr(import_module(f"tools.{entry.name}"), "TOOL", None)
        if isinstance(spec, ToolSpec):
            specs.append(spec)
    return tuple(sorted(specs, key=lambda spec: spec.name))
