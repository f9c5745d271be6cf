"""Running a project's migration tool: a separate, limited process that inherits nothing of ours.

The process is confined in time, memory and the size of what it writes, and sees no environment variable but
those named here. It is not a security boundary against the project's own code, which is why it must be allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from backend.workspace import Workspace

MEMORY_BYTES = 4 << 30
"""Address space, of which Python's libraries only map most."""

OUTPUT_BYTES = 256 << 20
"""The largest file the process may write, its answer included."""

LAST_LINES = 6
"""Lines of the tool's complaint that an error quotes."""

STAND_INS = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
    "SECRET_KEY": "not-a-secret",
    "DJANGO_SECRET_KEY": "not-a-secret",
}
"""Variables without which many settings cannot be imported; nothing listens at that address."""

NO_VARIABLES = " (it sees none of your environment variables; let the settings have a default)"

DRIVERS = Path(__file__).parent / "drivers"

START = "import sys; sys.path.append(sys.argv[1]); import architect_start; architect_start.main()"
"""With ``-c`` the project's folder comes first on the import path, as its own tool expects; ours comes last."""


class ProjectCodeError(ValueError):
    """The project's own code would have to run and may not, or did not do what was asked."""


def refusal(tool: str, folder: str, runs: str) -> ProjectCodeError:
    """The answer where code may not run: what would be run, and how to allow it."""
    return ProjectCodeError(
        f"{folder or 'the workspace'} holds {tool} migrations, which are Python programs. Reading them runs {runs} "
        "in a separate process without your environment variables. Pass allow_project_code=true to allow that"
    )


def interpreter(workspace: Workspace, near: Path) -> str:
    """The Python of the project's virtual environment, from ``near`` up to the root; else this one."""
    for folder in (near, *near.parents):
        for name in (".venv", "venv"):
            found = folder / name / "bin" / "python"
            if found.is_file():
                return str(found)
        if folder == workspace.root:
            break
    return sys.executable


def source_of(workspace: Workspace, path: str, folder: str) -> str:
    """A source file relative to the folder that was named, as all readers give them; its name outside the workspace."""
    real = Path(path).resolve()
    if not real.is_relative_to(workspace.root):
        return real.name
    return PurePath(os.path.relpath(real, workspace.resolve(folder))).as_posix()


async def run_driver(
    driver: str,
    request: Mapping[str, Any],
    *,
    python: str,
    folder: Path,
    timeout_seconds: float,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Run one of the drivers in ``folder`` and return what it wrote.

    Args:
        driver: the module name of one of the programs in ``drivers``.
        request: what it is asked, as JSON.
        python: the interpreter.
        folder: the working folder, which the project's imports count from.
        timeout_seconds: after which the process and its children are killed.
        environment: variables in addition to the few that are always given.

    Raises:
        ProjectCodeError: it failed or took too long; the message ends with its own last lines.
    """
    with tempfile.TemporaryDirectory(prefix="backend-architect-") as home:
        answer = Path(home) / "answer.json"
        asked = {**request, "driver": driver, "answer": str(answer), "memory": MEMORY_BYTES, "output": OUTPUT_BYTES}
        process = await asyncio.create_subprocess_exec(
            python,
            "-c",
            START,
            str(DRIVERS),
            json.dumps(asked),
            cwd=folder,
            env={**scrubbed(home), **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(timeout_seconds):
                complaint = await _tail(process)
                await process.wait()
        except TimeoutError:
            raise ProjectCodeError(f"the project's code ran for over {timeout_seconds:g} s and was ended") from None
        finally:
            await end_session(process)
        if process.returncode or not answer.is_file():
            hint = NO_VARIABLES if "os.environ" in complaint or "KeyError" in complaint else ""
            raise ProjectCodeError(
                f"the project's code failed{hint}:\n{complaint or f'exit code {process.returncode}'}"
            )
        result: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return result


def scrubbed(home: str) -> dict[str, str]:
    """The whole environment of the process: no secret of ours is in it."""
    return {
        "PATH": os.defpath,
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        **STAND_INS,
    }


async def _tail(process: asyncio.subprocess.Process) -> str:
    """The last lines of standard error, read to its end in bounded memory."""
    assert process.stderr is not None
    kept = b""
    while chunk := await process.stderr.read(1 << 16):
        kept = (kept + chunk)[-16384:]
    return "\n".join(kept.decode(errors="replace").strip().splitlines()[-LAST_LINES:])


async def end_session(process: asyncio.subprocess.Process) -> None:
    """Kill whatever of the process's own session is left, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
