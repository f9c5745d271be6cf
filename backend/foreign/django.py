"""Django: every migration's SQL in the order of the plan, as ``manage.py sqlmigrate`` writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.foreign.process import ProjectCodeError, interpreter, refusal, run_driver, source_of
from backend.workspace import Workspace
from knowledge.migration import Migration, MigrationFolder

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

_SETTINGS = re.compile(r"""DJANGO_SETTINGS_MODULE['"]\s*,\s*['"]([\w.]+)['"]""")


async def read(
    workspace: Workspace, folder: str, *, allowed: bool, timeout_seconds: float, host: PostgresHost | None = None
) -> MigrationFolder:
    """The migrations of a project, or of one app and what it depends on.

    Args:
        workspace: where the project lies.
        folder: relative to it: the folder of ``manage.py``, or an app's ``migrations``.
        allowed: whether the project's code may run.
        timeout_seconds: after which it is ended.
        host: gives ``sqlmigrate`` the scratch database that it asks; ``None``, or a host that uses an operator's
            server, starts one for this call.

    Raises:
        ProjectCodeError: code may not run, there is no ``manage.py``, or it failed.
    """
    top = workspace.existing(folder)
    manage = find_manage(workspace, top)
    settings = settings_module(workspace, manage)
    python = interpreter(workspace, manage.parent)
    if not allowed:
        runs = f"the project's settings, models and migrations, as `manage.py sqlmigrate` does ({python}),"
        raise refusal("Django", folder, runs)
    request = {"settings": settings, "app": "" if top == manage.parent else str(top)}
    if host is not None:
        await host.start()
    # The project's code is never given the address of an operator's server.
    if host is not None and host.server is not None:
        answer = await _ask(host, request, python, manage.parent, timeout_seconds)
    else:
        from backend.engines.postgres.host import PostgresHost

        own = PostgresHost()
        try:
            answer = await _ask(own, request, python, manage.parent, timeout_seconds)
        finally:
            await own.aclose()
    return as_folder(workspace, folder, answer)


async def _ask(
    host: PostgresHost, request: Mapping[str, Any], python: str, folder: Path, timeout_seconds: float
) -> dict[str, Any]:
    await host.start()
    async with host.scratch() as scratch:
        _, environment, _ = host.psql_env(scratch)
        database = {
            "NAME": environment["PGDATABASE"],
            "HOST": environment["PGHOST"],
            "PORT": environment["PGPORT"],
            "USER": environment["PGUSER"],
            "PASSWORD": environment["PGPASSWORD"],
        }
        return await run_driver(
            "architect_django",
            {**request, "database": database},
            python=python,
            folder=folder,
            timeout_seconds=timeout_seconds,
        )


def find_manage(workspace: Workspace, top: Path) -> Path:
    """``manage.py`` in the folder or the nearest one above it.

    Raises:
        ProjectCodeError: there is none inside the workspace.
    """
    for path in (top, *top.parents):
        if not path.is_relative_to(workspace.root):
            break
        if (path / "manage.py").is_file():
            return path / "manage.py"
    raise ProjectCodeError("no manage.py here or above; name the folder that holds it")


def settings_module(workspace: Workspace, manage: Path) -> str:
    """The settings that ``manage.py`` names.

    Raises:
        ProjectCodeError: it names none in plain text.
    """
    match = _SETTINGS.search(workspace.read_text(manage))
    if not match:
        raise ProjectCodeError(f"{workspace.relative(manage)} does not set DJANGO_SETTINGS_MODULE to a plain name")
    return match[1]


def as_folder(workspace: Workspace, folder: str, answer: Mapping[str, Any]) -> MigrationFolder:
    """What the driver wrote as migrations; what is not SQL becomes a note.

    Raises:
        ProjectCodeError: there is no migration, or the database is not PostgreSQL.
    """
    entries = answer["migrations"]
    if "postg" not in answer["engine"]:
        raise ProjectCodeError(f"the project's database engine is {answer['engine']}; PostgreSQL can be rehearsed")
    if not entries:
        raise ProjectCodeError(f"{folder or 'the workspace'} holds no Django migration")
    notes = ["line numbers count in the SQL that sqlmigrate writes, not in the migration's Python file"]
    foreign = sorted({entry["app"] for entry in entries if not _is_ours(workspace, entry)})
    if foreign:
        notes.append(f"installed apps the project depends on are run as well: {', '.join(foreign)}")
    migrations = []
    for entry in entries:
        ours = _is_ours(workspace, entry)
        path = source_of(workspace, entry["path"], folder) if ours else f"{entry['app']}/{entry['name']}"
        down = None if entry["down"]["error"] or not entry["down"]["sql"] else "\n".join(entry["down"]["sql"])
        migrations.append(
            Migration(
                f"{entry['app']}.{entry['name']}",
                entry["name"],
                "\n".join(entry["up"]["sql"]),
                f"{path}#upgrade",
                down=down,
                down_path=f"{path}#downgrade" if down is not None else "",
                transactional=entry["atomic"],
            )
        )
        notes += [f"{path}: not SQL, so left out: {operation}" for operation in entry["code"]]
        if entry["up"]["error"]:
            notes.append(f"{path}: cannot be written as SQL ({entry['up']['error']})")
        elif entry["down"]["error"]:
            notes.append(f"{path}: no way back ({entry['down']['error']})")
    if answer["stopped"]:
        notes.append(f"migrations after {entries[-1]['app']}.{entries[-1]['name']} were not read: {answer['stopped']}")
    return MigrationFolder(folder, "django", "postgresql", tuple(migrations), tuple(notes))


def _is_ours(workspace: Workspace, entry: Mapping[str, Any]) -> bool:
    path = Path(entry["path"]).resolve()
    return path.is_relative_to(workspace.root) and "site-packages" not in path.parts
