"""How a tool presents itself: one record, from which server, command line and README are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from knowledge.report import Report
from tools.toolbox import Toolbox


class ToolError(ValueError):
    """Something the caller can put right; the text says what happened, where and what to do next."""


class Request(BaseModel):
    """Base of tool requests. Every field has a short description; unknown fields are rejected.

    Field types are plain: ``str``, ``int``, ``bool``, ``list[str]``, enums. No unions.
    """

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class ToolSpec:
    """One tool. ``run`` is an ordinary async function that scripts call as well."""

    name: str
    title: str
    description: str
    request: type[Request]
    run: Callable[[Any, Toolbox], Awaitable[Report]]
    toolset: str
    """``schema``, ``plans``, ``api``, ``auth``, ``security``, ``backend``, ``project``."""
    read_only: bool = True
    destructive: bool = False
    idempotent: bool = True
    open_world: bool = False
    read_only_actions: tuple[str, ...] = ()
    """Of a tool that can write: the values of its ``action`` field that only read. With ``--read-only``
    these remain (the tool stays listed, its schema names no other); a tool without any is not listed."""
    view: str = ""
    """Of a tool whose results can be drawn: the kind of picture (``plan``)."""
