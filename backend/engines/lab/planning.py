"""EXPLAIN in a session of the lab's guest: through the extended protocol, which takes one statement at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.engines.lab.error import LabError
from backend.engines.lab.queries import placeholders, plannable
from knowledge.formats.explain import read
from knowledge.plan.model import Plan
from knowledge.statement import Statement

if TYPE_CHECKING:
    import asyncpg

CLIENT_SECONDS = 20.0
"""When we give up on planning: a function evaluated while planning may have reset ``statement_timeout``."""
KEPT_STATEMENTS = 500

_OURS = "plan_cache_mode"
_PARAMETERS = "SELECT cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = $1"


class PlanningSession:
    """Plans statements; the same text again costs one round trip."""

    def __init__(self, session: asyncpg.Connection) -> None:
        self.session = session
        self._kept: dict[str, tuple[Statement, Any]] = {}
        self._generic: dict[str, tuple[str, int]] = {}

    async def explain(self, sql: str) -> Plan:
        """The plan with everything EXPLAIN tells without executing.

        Raises:
            LabError: PostgreSQL refuses the statement, or it is not one that has a plan.
        """
        query = plannable(sql)
        explaining = await self._explaining(query, "FORMAT JSON, VERBOSE, SETTINGS")
        await self._forget_plans(query)
        plan = read(await self._fetch(query, explaining))
        if _OURS not in plan.settings:
            return plan
        settings = {name: value for name, value in plan.settings.items() if name != _OURS}
        return replace(plan, properties={**plan.properties, "Settings": settings})

    async def cost(self, sql: str) -> tuple[float, frozenset[str]]:
        """The total cost and the names of the indexes in the plan.

        Raises:
            LabError: as :meth:`explain`.
        """
        kept = self._kept.get(sql)
        if kept is None:
            query = plannable(sql)
            explaining = await self._explaining(query, "FORMAT JSON")
            with refused(query, explaining):
                kept = query, await self.session.prepare(explaining, timeout=CLIENT_SECONDS)
            if len(self._kept) >= KEPT_STATEMENTS:
                self._kept.pop(next(iter(self._kept)))
            self._kept[sql] = kept
        query, prepared = kept
        await self._forget_plans(query)
        with refused(query, query.sql):
            found = await prepared.fetchval(timeout=CLIENT_SECONDS)
        root = json.loads(found)[0]["Plan"]
        names: set[str] = set()
        _index_names(root, names)
        return float(root["Total Cost"]), frozenset(names)

    async def _forget_plans(self, query: Statement) -> None:
        """A generic plan is kept, and an index that was made visible since does not outdate it."""
        if query.sql in self._generic:
            await self.session.execute("DISCARD PLANS")

    async def _explaining(self, query: Statement, options: str) -> str:
        if not placeholders(query.sql):
            return f"EXPLAIN ({options}) {query.sql}"
        name, count = self._generic.get(query.sql) or await self._prepare_generic(query)
        return f"EXPLAIN ({options}) EXECUTE {name}({', '.join(['NULL'] * count)})"

    async def _prepare_generic(self, query: Statement) -> tuple[str, int]:
        """A statement whose plan is made for any value of its parameters.

        EXPLAIN (GENERIC_PLAN) is not at hand in the extended protocol, which asks for the values then.
        """
        if len(self._generic) >= KEPT_STATEMENTS:
            self._kept.clear()
            await self.session.execute(";".join(f"DEALLOCATE {name}" for name, _ in self._generic.values()))
            self._generic.clear()
        await self.session.execute("SET plan_cache_mode = force_generic_plan")
        name = f"architect_{len(self._generic)}"
        await self._fetch(query, f"PREPARE {name} AS {query.sql}")
        count = await self.session.fetchval(_PARAMETERS, name)
        self._generic[query.sql] = name, count
        return name, count

    async def _fetch(self, query: Statement, sql: str) -> str:
        with refused(query, sql):
            return str(await self.session.fetchval(sql, timeout=CLIENT_SECONDS))


@contextmanager
def refused(query: Statement, sent: str) -> Iterator[None]:
    """PostgreSQL's errors as ours, with the line they point at (``sent`` ends with the query).

    Raises:
        LabError: PostgreSQL refused what was sent, or did not answer in time.
    """
    import asyncpg

    try:
        yield
    except asyncpg.PostgresError as error:
        position = int(error.position or 0) - (len(sent) - len(query.sql))
        line = query.location.line + query.sql.count("\n", 0, position - 1) if position > 0 else query.location.line
        words = [str(error.message), *(str(more) for more in (error.detail, error.hint) if more)]
        raise LabError(line, ". ".join(words)) from error
    except asyncpg.InterfaceError as error:
        raise LabError(query.location.line, str(error)) from error
    except TimeoutError as error:
        raise LabError(query.location.line, f"it took longer than {CLIENT_SECONDS:g} s") from error


def _index_names(node: dict[str, Any], names: set[str]) -> None:
    if name := node.get("Index Name"):
        names.add(name)
    for child in node.get("Plans", ()):
        _index_names(child, names)
