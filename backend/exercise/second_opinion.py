"""A second opinion on the contract: schemathesis, run in a process of its own against a backend on loopback."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.exercise.loopback_target import allowed
from backend.foreign.process import STAND_INS, end_session, scrubbed

PHASES = "examples,coverage,stateful"
GRACE_SECONDS = 30.0
"""Beyond its time, for its start and its report."""

SAID = 20_000
"""Characters of its own text that are kept."""


class NoSecondOpinion(RuntimeError):
    """Schemathesis is not installed, or did not come to an end; the text says which."""


@dataclass(frozen=True)
class Opinion:
    """One kind of failure, as schemathesis names it."""

    code: str
    """As in ``ST101``."""
    title: str
    severity: str
    count: int
    operations: tuple[str, ...]


@dataclass(frozen=True)
class SecondOpinion:
    """What schemathesis tried and found."""

    cases: int
    operations: int
    seconds: float
    opinions: tuple[Opinion, ...]
    errors: tuple[str, ...]
    """What kept it from testing an operation."""
    complete: bool
    """Whether it came to the end of its phases before its time was up."""
    text: str
    """Its own report, with the requests that show each failure."""


async def second_opinion(
    url: str,
    document: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    examples: int = 10,
    seconds: float = 60.0,
    seed: int = 1,
) -> SecondOpinion:
    """Run schemathesis' example, coverage and stateful phases.

    Args:
        url: where the backend listens, on loopback.
        document: its OpenAPI document.
        headers: of every request, as the token of a caller; they are passed in a private file, not on the command line.
        examples: generated for each operation at most.
        seconds: after which it ends.
        seed: of its random numbers.

    Raises:
        NoSecondOpinion: it is not installed, or failed or did not end.
        NotAllowed: the address is not loopback.
    """
    if importlib.util.find_spec("schemathesis") is None:
        raise NoSecondOpinion("schemathesis is not installed: pip install 'backend-architect[schemathesis]'")
    place = await allowed(url)
    with tempfile.TemporaryDirectory(prefix="backend-architect-") as home:
        folder = Path(home)
        contract, settings, report = folder / "openapi.json", folder / "schemathesis.toml", folder / "report.json"
        contract.write_text(json.dumps(document), encoding="utf-8")
        settings.touch(mode=0o600)
        settings.write_text(_settings(headers or {}), encoding="utf-8")
        arguments = ["--config-file", str(settings), "run", str(contract), "--url", place.base, "--phases", PHASES]
        arguments += ["--max-examples", str(examples), "--max-time", f"{seconds:g}", "--seed", str(seed), "--no-color"]
        arguments += ["--generation-database", "none", "--report", "json", "--report-json-path", str(report)]
        text = await _run(arguments, folder, seconds + GRACE_SECONDS)
        if not report.is_file():
            raise NoSecondOpinion(f"schemathesis failed:\n{text[-1000:]}")
        found = json.loads(report.read_text(encoding="utf-8"))
        if not found.get("test_cases") or not found.get("operations"):
            raise NoSecondOpinion(f"schemathesis failed:\n{text[-1000:]}")
        return _read(found, text)


def _settings(headers: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in headers.items())
    return f"headers = {{ {pairs} }}\n" if pairs else ""


async def _run(arguments: list[str], folder: Path, seconds: float) -> str:
    """Its output; its session is killed when the time is up."""
    environment = {name: value for name, value in scrubbed(str(folder)).items() if name not in STAND_INS}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "schemathesis.cli",
        *arguments,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = b""
    try:
        async with asyncio.timeout(seconds):
            while chunk := await process.stdout.read(1 << 16):
                said = (said + chunk)[-SAID:]
            await process.wait()
    except TimeoutError:
        raise NoSecondOpinion(f"schemathesis did not end within {seconds:g} s") from None
    finally:
        await end_session(process)
    return said.decode(errors="replace")


def _read(report: Mapping[str, Any], text: str) -> SecondOpinion:
    return SecondOpinion(
        cases=int(report["test_cases"]["generated"]),
        operations=int(report["operations"]["tested"]),
        seconds=float(report["running_time"]),
        opinions=tuple(
            Opinion(each["code"], each["title"], each["severity"], int(each["count"]), tuple(each["operations"]))
            for each in report["failures"]
        ),
        errors=tuple(str(each)[:300] for each in report["errors"]),
        complete=report.get("stop_reason") != "max_time",
        text=text,
    )
