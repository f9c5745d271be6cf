"""A rule about an OpenAPI document: called for every node of its kinds, once each, in a single walk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.api.node import ApiHit, Kind, Node
from knowledge.rules.rule import Rule

if TYPE_CHECKING:
    from knowledge.api.context import ApiContext

ALL_VERSIONS = ("2.0", "3.0", "3.1")


class Profile(StrEnum):
    """Which reviews a rule is part of."""

    DEFAULT = "default"
    """Three or more published rule sets agree on it, or the document is invalid."""
    DOCUMENTATION = "documentation"
    """Descriptions, summaries, examples, contact."""
    STYLE = "style"
    """Names, casing, order: what teams settle for themselves."""
    HARDENING = "hardening"
    """Bounds and patterns everywhere, authentication schemes, rate limits."""
    DESIGN = "design"
    """How resources, paging, errors and concurrency are modelled."""


Check = Callable[[Node, "ApiContext"], Iterable[ApiHit]]


@dataclass(frozen=True, kw_only=True)
class ApiRule(Rule):
    """A rule about an OpenAPI document.

    ``failing`` and ``passing`` are whole documents in YAML, minimal otherwise; the tests review both. The id is the
    reference's with a hyphen in place of the dot (``path-kebab-case``), the family is ``api``.
    """

    profile: Profile
    on: tuple[Kind, ...]
    """The kinds of nodes it is called for."""
    keywords: tuple[str, ...] = ()
    """Of schemas: it is only called where one of these keywords stands (``x-*``: any that begins so); empty for
    every schema."""
    types: tuple[str, ...] = ()
    """Of schemas: it is not called where ``type`` is one text and none of these."""
    documents: tuple[str, ...] = ALL_VERSIONS
    """Versions of OpenAPI it holds for; 3.2 counts as 3.1."""
    policy: str = ""
    """The setting of :class:`knowledge.api.node.Policy` that decides what it demands."""
    check: Check
