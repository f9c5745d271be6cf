"""How an Alembic project's models differ from its revisions, as a revision that would bring the two together."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from backend.foreign.alembic import SQLITE, find_environment
from backend.foreign.process import ProjectCodeError, interpreter, run_driver
from backend.workspace import Workspace
from knowledge.migration import Migration, MigrationFolder

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

SECONDS = 120.0
_NUMBERED = re.compile(r"(\d{3,})_")


@dataclass(frozen=True)
class ModelChange:
    """A revision that is not written yet. ``migration`` is ``None`` where it fails, for the reason in ``error``."""

    path: str
    text: str
    summary: Sequence[str]
    migration: Migration | None
    error: str = ""


async def model_change(
    workspace: Workspace, folder: str, history: MigrationFolder, host: PostgresHost, timeout_seconds: float
) -> ModelChange | None:
    """Replay the history in a scratch database and compare the models with it; ``None`` where nothing differs.

    The project's code must have been allowed to run: the caller has read ``history`` with it.

    Raises:
        ProjectCodeError: it fails, has no models, or several heads.
        TargetError: a revision fails.
    """
    top = workspace.existing(folder)
    ini, scripts = find_environment(workspace, top)
    home = ini.parent if ini else scripts.parent if scripts else top
    request = {"ini": str(ini) if ini else "", "scripts": str(scripts) if scripts else ""}
    if history.dialect == "sqlite":
        answer = await _beside_sqlite(history, request, interpreter(workspace, home), home, timeout_seconds)
    else:
        answer = await _beside_postgres(host, history, request, interpreter(workspace, home), home, timeout_seconds)
    if answer["empty"]:
        return None
    if len(answer["heads"]) != 1:
        raise ProjectCodeError(f"{len(answer['heads'])} heads: join them with alembic merge heads first")
    return _revision(workspace, answer)


async def _beside_postgres(
    host: PostgresHost, history: MigrationFolder, request: Mapping[str, Any], python: str, home: Path, seconds: float
) -> dict[str, Any]:
    from backend.rehearsal.line import Line
    from backend.targets.target import TargetError

    await host.start()
    async with Line(host, seconds) as line:
        for migration in history.migrations:
            if failure := await line.replay(migration):
                raise TargetError(f"{migration.path} fails when replayed ({failure}); rehearse the folder first")
        await line.rest()
        _, environment, _ = host.psql_env(line.scratch)
        user, password = quote(environment["PGUSER"], safe=""), quote(environment["PGPASSWORD"], safe="")
        where = f"host={quote(environment['PGHOST'], safe='')}&port={environment['PGPORT']}"
        url = f"postgresql://{user}:{password}@/{environment['PGDATABASE']}?{where}"
        return await run_driver(
            "architect_alembic_change", {**request, "url": url}, python=python, folder=home, timeout_seconds=SECONDS
        )


async def _beside_sqlite(
    history: MigrationFolder, request: Mapping[str, Any], python: str, home: Path, seconds: float
) -> dict[str, Any]:
    from backend.engines.sqlite import open_target
    from backend.targets.target import TargetError

    with tempfile.TemporaryDirectory(prefix="backend-architect-") as place:
        path = Path(place) / "scratch.db"
        path.touch()
        async with open_target(path, read_only=False) as database:
            for migration in history.migrations:
                for outcome in await database.run_script(migration.up, timeout_seconds=seconds):
                    if outcome.error:
                        raise TargetError(f"{migration.path} fails when replayed: {outcome.error}")
        return await run_driver(
            "architect_alembic_change",
            {**request, "url": f"sqlite:///{path}"},
            python=python,
            folder=home,
            timeout_seconds=SECONDS,
            environment=SQLITE,
        )


def _revision(workspace: Workspace, answer: Mapping[str, Any]) -> ModelChange:
    """The revision's file, named as its neighbours are: numbered where they are numbered."""
    versions = Path(answer["versions"]).resolve()
    if not versions.is_relative_to(workspace.root):
        raise ProjectCodeError("the project keeps its revisions outside the workspace")
    numbers = [match[1] for path in versions.glob("*.py") if (match := _NUMBERED.match(path.name))]
    digest = hashlib.sha256(answer["upgrade"].encode()).hexdigest()[:12]
    newest = max(numbers, key=int, default="")
    version = f"{int(newest) + 1:0{len(newest)}d}" if newest else digest
    path = workspace.relative(versions / f"{version}_models_changed.py")
    summary = [line.strip() for line in answer["summary"]]
    text = "\n".join(
        (
            '"""The models changed."""',
            "",
            "import sqlalchemy as sa",
            "from alembic import op",
            *answer["imports"],
            "",
            f'revision = "{version}"',
            f'down_revision = "{answer["heads"][0]}"',
            "branch_labels = None",
            "depends_on = None",
            "",
            "",
            "def upgrade() -> None:",
            _body(answer["upgrade"]),
            "",
            "",
            "def downgrade() -> None:",
            _body(answer["downgrade"]),
            "",
        )
    )
    return ModelChange(path, text, summary, _migration(version, path, answer), answer["up"]["error"])


def _body(code: str) -> str:
    lines = [line for line in code.splitlines() if "commands auto generated by Alembic" not in line]
    lines = [line for line in lines if "end Alembic commands" not in line]
    return "\n".join(line if line.startswith("    ") or not line else f"    {line}" for line in lines)


def _migration(version: str, path: str, answer: Mapping[str, Any]) -> Migration | None:
    if answer["up"]["error"]:
        return None
    up, down = answer["up"]["sql"], answer["down"]["sql"]
    return Migration(
        version,
        "models changed",
        up,
        f"{path}#upgrade",
        down=down or None,
        down_path=f"{path}#downgrade" if down else "",
        after=tuple(answer["heads"]),
    )
