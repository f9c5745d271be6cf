"""Runs in the project's environment: what ``alembic revision --autogenerate`` would write, without writing it.

The database it compares with is a scratch one in which all revisions were run; the project's own is never opened.
"""

from __future__ import annotations

import asyncio
import io
import os
import pprint
import re
import textwrap
from importlib.util import find_spec
from typing import Any

import sqlalchemy
from alembic import op
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

READS = re.compile(r"\s*(?:SELECT|WITH|SHOW|PRAGMA (?:main\.)?\w+(?:\(|$))", re.IGNORECASE)


def main(request: dict[str, Any]) -> dict[str, Any]:
    """The Python and the SQL of both ways, the heads, and where revisions lie; empty texts where nothing differs."""
    config = Config(request["ini"] or None)
    if request["scripts"]:
        config.set_main_option("script_location", request["scripts"].replace("%", "%%"))
    if not config.get_main_option("sqlalchemy.url"):
        config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"].replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    options = options_of(config, script)
    metadata = options.get("target_metadata")
    if metadata is None:
        raise SystemExit("env.py names no target_metadata, so there are no models to compare with")
    change = connected(request["url"], lambda connection: compared(connection, options, metadata))
    return {
        **change,
        "heads": list(script.get_heads()),
        "versions": script.versions,
    }


def options_of(config: Config, script: ScriptDirectory) -> dict[str, Any]:
    """What env.py configures, learnt from an offline run that does nothing."""
    found: dict[str, Any] = {}

    def look(_heads: Any, context: Any) -> list[Any]:
        found.update(context.opts)
        return []

    config.output_buffer = io.StringIO()
    with EnvironmentContext(config, script, fn=look, as_sql=True, starting_rev="base", destination_rev="head"):
        script.run_env()
    return found


def compared(connection: Any, options: dict[str, Any], metadata: Any) -> dict[str, Any]:
    """The operations that lead from the database to the models, as code and as SQL."""
    taken = ("include_name", "include_object", "include_schemas", "compare_type", "compare_server_default")
    kept = {name: options[name] for name in taken if options.get(name) is not None}
    context = MigrationContext.configure(connection, opts={**kept, "target_metadata": metadata})
    produced = produce_migrations(context, metadata)
    up, down = produced.upgrade_ops, produced.downgrade_ops
    assert up is not None and down is not None
    batch = is_sqlite(connection)
    code = {
        # Away from PostgreSQL Alembic forgets where the type inside a JSONB variant comes from.
        way: render_python_code(ops, migration_context=context, render_as_batch=batch).replace(
            "astext_type=Text()", "astext_type=sa.Text()"
        )
        for way, ops in (("upgrade", up), ("downgrade", down))
    }
    imports = imports_of("".join(code.values()))
    return {
        "empty": up.is_empty(),
        **code,
        "imports": imports,
        "summary": [pprint.pformat(diff, width=160)[:300] for diff in up.as_diffs()],
        "up": ran(connection, code["upgrade"], imports),
        "down": ran(connection, code["downgrade"], imports),
    }


def imports_of(code: str) -> list[str]:
    """Modules that rendered code names, besides ``sa`` and ``op``."""
    dialects = [name for name in ("postgresql", "sqlite") if re.search(rf"(?<![\w.]){name}\.", code)]
    named = set(re.findall(r"(?<![\w.\"'])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\.[A-Za-z_]\w*\(", code))
    modules = sorted(name for name in named if name.split(".")[0] not in ("sa", "op", "batch_op", *dialects))
    return [*(f"from sqlalchemy.dialects import {name}" for name in dialects), *(f"import {name}" for name in modules)]


def is_sqlite(connection: Any) -> bool:
    """Whether tables have to be changed by copying them."""
    return bool(connection.dialect.name == "sqlite")


def ran(connection: Any, code: str, imports: list[str]) -> dict[str, str]:
    """The statements that rendered code sends to the scratch database, which it changes, or why it fails."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not READS.match(statement):
            statements.append(statement.strip().rstrip(";"))

    source = "\n".join((*imports, textwrap.dedent(f"    {code.lstrip()}")))
    sqlalchemy.event.listen(connection, "before_cursor_execute", note)
    try:
        with Operations.context(MigrationContext.configure(connection)):
            exec(source, {"sa": sqlalchemy, "op": op})
    except Exception as error:
        return {"sql": "", "error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
    finally:
        sqlalchemy.event.remove(connection, "before_cursor_execute", note)
    return {"sql": "".join(f"{statement};\n\n" for statement in statements), "error": ""}


def connected(url: str, work: Any) -> dict[str, Any]:
    """Run ``work`` with a connection by whichever driver the project has."""
    parsed = sqlalchemy.engine.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return with_engine(parsed, work)
    for driver in ("psycopg", "psycopg2"):
        if find_spec(driver):
            return with_engine(parsed.set(drivername=f"postgresql+{driver}"), work)
    if not find_spec("asyncpg"):
        raise SystemExit("the project has none of psycopg, psycopg2 and asyncpg to reach PostgreSQL with")
    return asyncio.run(with_async_engine(parsed.set(drivername="postgresql+asyncpg"), work))


def with_engine(url: Any, work: Any) -> dict[str, Any]:
    """The same by a driver that blocks."""
    with sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool).connect() as connection:
        found: dict[str, Any] = work(connection)
        return found


async def with_async_engine(url: Any, work: Any) -> dict[str, Any]:
    """The same by asyncpg."""
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=sqlalchemy.pool.NullPool)
    async with engine.connect() as connection:
        found: dict[str, Any] = await connection.run_sync(work)
    await engine.dispose()
    return found
