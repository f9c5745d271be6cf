"""Runs in the project's environment: each revision's upgrade and downgrade through Alembic's offline mode."""

from __future__ import annotations

import io
import os
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Every revision, earliest first, with the SQL of both ways."""
    config = Config(request["ini"] or None)
    if request["scripts"]:
        config.set_main_option("script_location", request["scripts"].replace("%", "%%"))
    if not config.get_main_option("sqlalchemy.url"):
        config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"])
    script = ScriptDirectory.from_config(config)
    revisions = list(script.walk_revisions())[::-1]
    return {"revisions": [describe(config, script, revision) for revision in revisions]}


def describe(config: Config, script: ScriptDirectory, revision: Script) -> dict[str, Any]:
    """One revision as JSON."""
    lines = (revision.doc or "").strip().splitlines()
    return {
        "revision": revision.revision,
        "path": revision.path,
        "message": lines[0] if lines else "",
        "down_revisions": sorted(revision._all_down_revisions),
        "up": render(config, script, revision, "upgrade"),
        "down": render(config, script, revision, "downgrade"),
    }


def render(config: Config, script: ScriptDirectory, revision: Script, way: str) -> dict[str, Any]:
    """The SQL of one function of one revision; env.py runs as it does for ``alembic upgrade --sql``."""
    config.output_buffer = buffer = io.StringIO()
    found = {"error": "", "dialect": "", "transactional": True}

    def work(_heads: Any, context: Any) -> list[Any]:
        found["dialect"] = context.dialect.name
        found["transactional"] = bool(context.impl.transactional_ddl)
        try:
            getattr(revision.module, way)()
        except Exception as error:
            found["error"] = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return []

    with EnvironmentContext(
        config, script, fn=work, as_sql=True, starting_rev="base", destination_rev=revision.revision, tag=None
    ):
        script.run_env()
    return {**found, "sql": buffer.getvalue()}
