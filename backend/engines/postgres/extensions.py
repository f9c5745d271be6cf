"""Extensions in scratch databases: which are harmless, and stand-ins for two that the wheel lacks.

Since PostgreSQL 18 ``extension_control_path`` names folders to look for extensions in. Ours holds plain
SQL stand-ins for pgcrypto and uuid-ossp, and control files that let a guest create the harmless ones
itself (``trusted = true``), so that ``CREATE EXTENSION`` in a migration runs as it stands.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from backend.engines.postgres.binaries import Binaries

HARMLESS_EXTENSIONS = frozenset(
    {
        *("autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dict_int", "dict_xsyn"),
        *("earthdistance", "fuzzystrmatch", "hstore", "insert_username", "intagg", "intarray", "isn", "lo"),
        *("ltree", "moddatetime", "pg_stat_statements", "pg_trgm", "pgcrypto", "pgrowlocks", "pgstattuple"),
        *("plpgsql", "refint", "seg", "tablefunc", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent"),
        *("uuid-ossp", "vector"),
    }
)
"""Extensions that reach neither files, programs nor other servers."""

STAND_INS = frozenset({"pgcrypto", "uuid-ossp"})
"""What the embedded programs lack and we bring in plain SQL."""

FIRST_VERSION_WITH_A_PATH = 18


def install_extensions(folder: Path, binaries: Binaries) -> tuple[str, frozenset[str]]:
    """Write our extension files into ``folder``/extension.

    Args:
        folder: an existing folder that the server's account can read.
        binaries: the installation whose own extensions are made trusted or completed.

    Returns:
        The value of ``extension_control_path`` (empty before PostgreSQL 18), and the names of the
        extensions that are stand-ins.
    """
    if binaries.version < FIRST_VERSION_WITH_A_PATH:
        return "", frozenset()
    target = folder / "extension"
    target.mkdir()
    own = binaries.prefix / "share" / "extension"
    present = {control.stem for control in own.glob("*.control")}
    for name in sorted(HARMLESS_EXTENSIONS & present - {"plpgsql"}):
        text = _trusted((own / f"{name}.control").read_text(encoding="utf-8"), own)
        (target / f"{name}.control").write_text(text, encoding="utf-8")
    missing = STAND_INS - present
    for name in missing:
        for source in (Path(__file__).parent / "extension").glob(f"{name}*"):
            shutil.copyfile(source, target / source.name)
    # Where the installation's own folder was not found its files must win over the stand-ins.
    return (f"{folder}:$system" if present else f"$system:{folder}"), frozenset(missing)


def _trusted(control: str, own: Path) -> str:
    """A control file that says ``trusted`` and names the folder of the extension's scripts.

    The place of the scripts may be absolute (src/backend/commands/extension.c, ``directory``).
    """
    kept = [line for line in control.splitlines() if not line.replace(" ", "").startswith(("trusted=", "directory="))]
    quoted = str(own).replace("'", "''")
    return "\n".join([*kept, "trusted = true", f"directory = '{quoted}'", ""])
