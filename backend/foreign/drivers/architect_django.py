"""Runs in the project's environment: each migration as ``manage.py sqlmigrate`` writes it.

``sqlmigrate`` asks the database for the names of constraints, so it is given a scratch one, in which each
migration's SQL is run after it was written. The project's own databases are replaced before Django starts.
"""

from __future__ import annotations

import inspect
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any


def main(request: dict[str, Any]) -> dict[str, Any]:
    """The migrations of the plan in order, with the SQL of both ways, up to the first that fails."""
    sys.path.insert(0, str(Path.cwd()))
    os.environ["DJANGO_SETTINGS_MODULE"] = request["settings"]
    engine = replace_databases(request["database"])

    import django

    django.setup()

    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    targets = graph.leaf_nodes(label_of(request["app"]) if request["app"] else None)
    migrations: list[dict[str, Any]] = []
    stopped = ""
    for migration, _ in executor.migration_plan(targets):
        entry = describe(migration)
        migrations.append(entry)
        entry["up"] = write(executor, migration, backwards=False)
        stopped = entry["up"]["error"] or run(entry["up"]["sql"], atomic=entry["atomic"])
        if stopped:
            break
        entry["down"] = write(executor, migration, backwards=True)
    return {"engine": engine, "migrations": migrations, "stopped": stopped}


def replace_databases(scratch: dict[str, str]) -> str:
    """Point every database of the settings at the scratch one; the engine that the default one had."""
    from django.conf import settings

    engine = str(settings.DATABASES.get("default", {}).get("ENGINE", ""))
    for database in settings.DATABASES.values():
        if "postg" not in database.get("ENGINE", ""):
            database["ENGINE"] = "django.db.backends.postgresql"
        database.update(scratch, OPTIONS={}, CONN_MAX_AGE=0, CONN_HEALTH_CHECKS=False)
    return engine


def label_of(folder: str) -> str:
    """The app whose migrations lie in ``folder``."""
    from django.apps import apps

    for config in apps.get_app_configs():
        if (Path(config.path) / "migrations").resolve() == Path(folder):
            return str(config.label)
    raise SystemExit(f"no installed app keeps its migrations in {folder}")


def describe(migration: Any) -> dict[str, Any]:
    """One migration as JSON, without its SQL."""
    return {
        "app": migration.app_label,
        "name": migration.name,
        "path": inspect.getfile(type(migration)),
        "atomic": bool(migration.atomic),
        "down": {"sql": [], "error": ""},
        "code": [operation.describe() for operation in migration.operations if not operation.reduces_to_sql],
    }


def write(executor: Any, migration: Any, *, backwards: bool) -> dict[str, Any]:
    """The statements of one way, or why there are none."""
    try:
        return {"sql": list(executor.loader.collect_sql([(migration, backwards)])), "error": ""}
    except Exception as error:
        return {"sql": [], "error": first_line(error)}


def run(statements: list[str], *, atomic: bool) -> str:
    """Run what was written, so that the next migration's questions have an answer; the error, or ``""``."""
    from django.db import connection, transaction

    try:
        with transaction.atomic() if atomic else nullcontext(), connection.cursor() as cursor:
            for statement in statements:
                if not statement.startswith("--"):
                    cursor.execute(statement)
    except Exception as error:
        return first_line(error)
    return ""


def first_line(error: Exception) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
