"""The statements that bring an index to a database in use."""

from __future__ import annotations

from dataclasses import replace

from knowledge.advice.index import Candidate, named
from knowledge.identifiers import qualified, quoted
from knowledge.report import Step
from knowledge.schema import Schema


def rollout(candidate: Candidate, schema: Schema) -> tuple[Step, ...]:
    """Statements in order. None of them keeps writers out for long; those marked ``alone`` refuse a transaction."""
    steps = []
    if candidate.requires:
        steps.append(Step(sql=f"CREATE EXTENSION IF NOT EXISTS {quoted(candidate.requires)}"))
    steps += _creation(candidate, schema, set())
    if any(key.expression for key in candidate.keys):
        table = qualified(*candidate.table.split(".", 1))
        steps.append(
            Step(sql=f"ANALYZE {table}", note="until then the planner guesses how selective the expression is")
        )
    return tuple(steps)


def _creation(candidate: Candidate, schema: Schema, taken: set[str]) -> list[Step]:
    table = schema.by_name.get(candidate.table)
    if table is None or not table.partitioned:
        return [Step(sql=candidate.online_ddl, alone=True)]
    # CONCURRENTLY is refused on a partitioned table (manual, CREATE INDEX): each partition first gets its own.
    shell = f"CREATE INDEX {quoted(candidate.name)} {candidate.body.replace('ON ', 'ON ONLY ', 1)}"
    steps = [Step(sql=shell, note="stays invalid until every partition's index is attached")]
    home = candidate.table.partition(".")[0]
    for part in schema.tables:
        if part.partition_of == candidate.table:
            names = taken | {name for _, name in schema.index_names}
            own = named(replace(candidate, table=part.qualified), names)
            taken.add(own.name)
            steps += _creation(own, schema, taken)
            attach = (
                f"ALTER INDEX {qualified(home, candidate.name)} ATTACH PARTITION {qualified(part.schema, own.name)}"
            )
            steps.append(Step(sql=attach))
    return steps
