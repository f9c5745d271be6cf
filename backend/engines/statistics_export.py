"""What a PostgreSQL server's planner knows, read without writing anything (PostgreSQL 10 to 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.engines.statistics_queries import MAY_READ, SESSION, document_query, extended_query, heights_query
from knowledge.formats.statistics.export_json import read_export
from knowledge.identifiers import quoted
from knowledge.statistics import DatabaseStatistics

if TYPE_CHECKING:
    import asyncpg


async def read_statistics(connection: asyncpg.Connection) -> DatabaseStatistics:
    """Everything the planner of this database goes by, as far as the session's role may see it.

    What a role may not see (extended statistics and B-tree heights need a superuser, ``pg_stats`` hides columns
    one may not select) becomes a note. Works inside and outside a transaction and leaves the session as it was.

    Raises:
        asyncpg.PostgresError: the session is in a failed transaction, or a timeout of its own passed.
    """
    reading = connection.transaction()
    await reading.start()
    try:
        await connection.execute("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in SESSION))
        may = await connection.fetchrow(MAY_READ)
        extended = await connection.fetchval(extended_query(redact=False)) if may["may_read_extended"] else None
        heights = "{}"
        if may["pageinspect"]:
            heights = await connection.fetchval(heights_query(f"{quoted(may['pageinspect'])}.bt_metap"))
        text = await connection.fetchval(
            document_query(redact=False, extended="$1::text", heights="$2::text"), extended, heights
        )
    finally:
        await reading.rollback()
    return read_export(text, origin="live")


def export_script(*, redact: bool = False) -> str:
    """A script for ``psql -XAt -f export.sql > statistics.json`` that writes nothing and prints our export format.

    Args:
        redact: replace text and uuid values by surrogates inside the server, so that none of them leaves it.
    """
    what = (
        "Text and uuid values are replaced inside the server by made-up ones in the same order; numbers, dates,\n"
        "-- booleans and enum values, frequencies and lengths are real. Values of other types are left out."
        if redact
        else "The lists of most common values and histogram bounds hold real values of your rows."
    )
    session = "".join(f"SET LOCAL {name} = '{value}';\n" for name, value in SESSION)
    document = document_query(redact=redact, extended="nullif(:'extended', 'null')", heights=":'heights'")
    return f"""-- Planner statistics as JSON: psql -XAt -f export.sql > statistics.json
-- Reads catalogs only, in a read-only transaction. {what}
\\set QUIET on
\\set ON_ERROR_STOP on
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = '120s';
SET LOCAL lock_timeout = '5s';
SET LOCAL client_encoding = 'UTF8';
{session}{MAY_READ} \\gset
\\set extended null
\\if :may_read_extended
{extended_query(redact=redact)} \\gset
\\endif
\\set heights {{}}
SELECT :'pageinspect' <> '' AS may_read_heights \\gset
\\if :may_read_heights
{heights_query(':"pageinspect".bt_metap')} \\gset
\\endif
{document};
COMMIT;
"""


EXPORT_QUERY = export_script()
"""The script for an export with real values."""

REDACTED_EXPORT_QUERY = export_script(redact=True)
"""The script for an export without text values."""


def export_statement(*, redact: bool = False) -> str:
    """The same as one plain SQL query for clients other than psql; no extended statistics, no B-tree heights."""
    return document_query(redact=redact)
