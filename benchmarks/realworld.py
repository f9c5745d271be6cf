"""``python -m benchmarks.realworld``: rehearse the whole history of two projects that others wrote.

``procrastinate`` (Python) and ``graphile-worker`` (TypeScript) are job queues in PostgreSQL that ship their
migrations in their packages.
"""

from __future__ import annotations

import asyncio
import importlib.util
from dataclasses import dataclass, field, replace
from pathlib import Path

import backend_architect  # noqa: F401  (claims the import path)
from backend.engines.postgres.host import PostgresHost
from backend.migration_source import load_migrations
from backend.rehearsal.outcome import Rehearsal
from backend.rehearsal.rehearse import Options, rehearse
from backend.workspace import Workspace
from knowledge.migration import Migration
from knowledge.report import Severity

REPOSITORY = Path(__file__).resolve().parents[1]
MANIFEST = REPOSITORY / "tests" / "realworld" / "package.json"
CACHE = REPOSITORY / ".cache" / "realworld"

GRAPHILE_BOOTSTRAP = """
create schema if not exists graphile_worker;
create table if not exists graphile_worker.migrations(
  id int primary key,
  ts timestamptz default now() not null
);
alter table graphile_worker.migrations add column if not exists breaking boolean not null default false;
"""
"""What its ``installSchema`` runs before the first migration (dist/migrate.js)."""


@dataclass(frozen=True)
class Project:
    """A project's migrations, and what its own code does around them."""

    name: str
    package: Path
    folder: str
    placeholders: dict[str, str] = field(default_factory=dict)
    bootstrap: str = ""
    """SQL that the project's code runs before its first migration."""


def procrastinate() -> Project:
    """The installed package's ``sql/migrations``."""
    spec = importlib.util.find_spec("procrastinate")
    assert spec and spec.origin
    return Project("procrastinate", Path(spec.origin).parent, "sql/migrations")


def graphile_worker() -> Project:
    """The npm package's ``sql``, fetched once; the placeholder is filled as its ``runMigration`` does."""
    from tests.clients.node_clients import installed

    package = installed(MANIFEST, CACHE).script("graphile-worker", "")
    return Project(
        "graphile-worker",
        package,
        "sql",
        {"GRAPHILE_WORKER_SCHEMA": "graphile_worker"},
        GRAPHILE_BOOTSTRAP,
    )


async def rehearse_project(host: PostgresHost, project: Project) -> Rehearsal:
    """Its whole history from an empty database, every statement watched."""
    folder = await load_migrations(Workspace.at(project.package), project.folder, placeholders=project.placeholders)
    if project.bootstrap:
        first = Migration("0", "bootstrap", project.bootstrap, "bootstrap", transactional=False)
        folder = replace(folder, migrations=(first, *folder.migrations))
    return await rehearse(host, folder, Options(), quiet)


async def quiet(done: float, total: float, message: str) -> None:
    """Progress that nobody watches."""


def figures(project: Project, outcome: Rehearsal) -> dict[str, str]:
    """What the rehearsal saw, by name."""
    return {
        "project": project.name,
        "migrations": f"{len(outcome.migrations)}/{len(outcome.folder.migrations)}",
        "passed": "yes" if outcome.passed else "no",
        "statements": str(outcome.statements),
        "rewrites": str(sum(len(trace.rewrites) for trace in outcome.traces)),
        "scans": str(sum(len(trace.scans) for trace in outcome.traces)),
        "dangerous": str(sum(finding.severity is Severity.HIGH for finding in outcome.findings)),
        "findings": str(len(outcome.findings)),
        "seconds": f"{outcome.seconds:.1f}",
    }


async def measure() -> list[dict[str, str]]:
    """The figures of both projects, on one server."""
    host = PostgresHost()
    try:
        await host.start()
        return [
            figures(project, await rehearse_project(host, project)) for project in (procrastinate(), graphile_worker())
        ]
    finally:
        await host.aclose()


def main() -> None:
    """Measure and print a Markdown table."""
    rows = asyncio.run(measure())
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + " --- |" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(row.values()) + " |")


if __name__ == "__main__":
    main()
