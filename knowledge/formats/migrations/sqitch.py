"""Sqitch: ``sqitch.plan`` gives the order; deploy/, revert/ and verify/ hold the scripts.

Scripts open and close their own transactions, so none is put around them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import Files, Layout, MigrationFormatError
from knowledge.migration import Migration

_CHANGE = re.compile(r"^(?P<name>[^\s%@#\[:][^\s@:\[]*)(?:\s|$)")


def matches(paths: Collection[str]) -> bool:
    """A ``sqitch.plan``."""
    return any(path == "sqitch.plan" or path.endswith("/sqitch.plan") for path in paths)


def read(files: Files) -> tuple[list[Migration], list[str]]:
    """The changes of the plan, in its order.

    Raises:
        MigrationFormatError: a change of the plan has no deploy script.
    """
    plan = next(path for path in files if path == "sqitch.plan" or path.endswith("/sqitch.plan"))
    top = plan.removesuffix("sqitch.plan")
    migrations: list[Migration] = []
    for line in files[plan].splitlines():
        match = _CHANGE.match(line.strip())
        if not match:
            continue
        name = match["name"]
        deploy, revert = f"{top}deploy/{name}.sql", f"{top}revert/{name}.sql"
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


LAYOUT = Layout("sqitch", "Sqitch (sqitch.plan, deploy/, revert/)", matches, read)
