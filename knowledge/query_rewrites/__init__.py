"""Rewrites of queries: ideas of how to say the same so that the planner finds a better way."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from knowledge.query_rewrites.rewrite import QueryRewrite

_HELPERS = frozenset({"rewrite", "trees"})


@cache
def query_rewrites() -> tuple[QueryRewrite, ...]:
    """All rewrites, one from each module of this package, by their id."""
    names = [module.name for module in iter_modules(__path__) if module.name not in _HELPERS]
    records = [import_module(f"{__name__}.{name}").REWRITE for name in names]
    return tuple(sorted(records, key=lambda record: record.id))
