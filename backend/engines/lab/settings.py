"""Planner settings of a lab session: PostgreSQL's defaults, then those of the server the statistics come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg

DEFAULTS = {"max_parallel_workers_per_gather": "2"}
"""Where our server's configuration is not PostgreSQL's default (see the launcher's SETTINGS)."""

_PLANNER = re.compile(
    r"(?:seq|random)_page_cost|cpu_\w+|effective_cache_size|work_mem|hash_mem_multiplier|enable_\w+"
    r"|\w+_collapse_limit|geqo\w*|default_statistics_target|jit\w*|parallel_\w+|min_parallel_\w+"
    r"|max_parallel_workers(?:_per_gather)?|effective_io_concurrency|cursor_tuple_fraction"
    r"|constraint_exclusion|plan_cache_mode|recursive_worktable_factor"
)

_SET = "SELECT pg_catalog.set_config($1, $2, false)"


def is_planner_setting(name: str) -> bool:
    """Whether the setting changes plans and nothing else."""
    return _PLANNER.fullmatch(name) is not None


async def apply_settings(session: asyncpg.Connection, settings: Mapping[str, str]) -> list[str]:
    """Set the planner settings among ``settings``; what could not be set is returned in words."""
    import asyncpg

    notes = []
    for name, value in {**DEFAULTS, **settings}.items():
        if not is_planner_setting(name):
            notes.append(f"the setting {name} = {value} is not one of the planner's and was left out")
            continue
        try:
            await session.fetchval(_SET, name, value)
        except asyncpg.PostgresError as error:
            notes.append(f"the setting {name} = {value} could not be made: {error}")
    return notes
