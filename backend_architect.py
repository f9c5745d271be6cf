"""Backend Architect: the launcher.

The project's packages have short names (``server``, ``tools``, ``knowledge``, ``backend``) that a
user's own project may well use too. Importing this module puts the folder that holds *our* packages
first on the import path, before anything of ours is imported, so that no ``PYTHONPATH`` entry and no
current directory can shadow them.

    >>> import backend_architect
    >>> from tools.migrate_backend import migrate_backend
"""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PRIVATE = _HERE / "_backend_architect"


def home() -> Path:
    """The folder that holds our packages: private inside a wheel, the repository in a checkout."""
    return _PRIVATE if _PRIVATE.is_dir() else _HERE


def claim_import_path() -> None:
    """Put :func:`home` first on ``sys.path``; a second call changes nothing."""
    first = str(home())
    if sys.path[:1] != [first]:
        sys.path[:] = [first, *(entry for entry in sys.path if entry != first)]


claim_import_path()


def main() -> int:
    """Run the ``backend-architect`` command line and return its exit code."""
    from server.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
