"""Sqitch: ``sqitch.plan`` gives the order; deploy/, revert/ and verify/ hold the scripts.

Scripts open and close their own transactions, so none is put around them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import Files, Layout, MigrationFormatError
from knowledge.migration import Migration

_CHANGE = re.compile(r"^(?P<name>[^\s%@#\[:][^\s@:\[]*)(?:\s|$)")

_TAG = re.compile(r"(@[^\s]+)")


def matches(paths: Collection[str]) -> bool:
    """A ``sqitch.plan``."""
    return any(path == "sqitch.plan" or path.endswith("/sqitch.plan") for path in paths)


def read(files: Files) -> tuple[list[Migration], list[str]]:
    """The changes of the plan, in its order.

    Raises:
        MigrationFormatError: there is no plan, or a change of it has no deploy script.
    """
    plan = next((path for path in files if path == "sqitch.plan" or path.endswith("/sqitch.plan")), "")
    if not plan:
        raise MigrationFormatError("there is no sqitch.plan; name the folder that holds it")
    top = plan.removesuffix("sqitch.plan")
    migrations: list[Migration] = []
    for name, file in _changes(files[plan]):
        deploy, revert = f"{top}deploy/{file}.sql", f"{top}revert/{file}.sql"
        if deploy not in files:
            raise MigrationFormatError(f"sqitch.plan names {name}, but {deploy} does not exist")
        migrations.append(
            Migration(
                f"{len(migrations) + 1}",
                name,
                files[deploy],
                deploy,
                down=files.get(revert),
                down_path=revert if revert in files else "",
                transactional=False,
            )
        )
    return migrations, []


def _changes(plan: str) -> list[tuple[str, str]]:
    """Names of changes and of their files: a change that is reworked later keeps its file as ``name@tag``."""
    found: list[tuple[str, str]] = []
    latest: dict[str, int] = {}
    tag = ""
    for line in map(str.strip, plan.splitlines()):
        if mark := _TAG.match(line):
            tag = mark[1]
        elif change := _CHANGE.match(line):
            name = change["name"]
            if name in latest:
                found[latest[name]] = (name, f"{name}{tag}")
            latest[name] = len(found)
            found.append((name, name))
    return found


LAYOUT = Layout("sqitch", "Sqitch (sqitch.plan, deploy/, revert/)", matches, read)
