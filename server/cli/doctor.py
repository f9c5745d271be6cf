"""``backend-architect doctor``: what works on this machine."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict
from pathlib import Path

from server.cli.output import ERROR, OK
from server.kit import own_version, redactor_of
from server.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Start each engine and look for each optional package; 2 if something required is missing."""
    from backend.engines.doctor import engine_report

    redact = redactor_of(settings)
    binaries = Path(settings.engine_binaries) if settings.engine_binaries else None
    checks = asyncio.run(engine_report(binaries, settings.engine_url))
    healthy = all(check.ok or not check.required for check in checks)
    if options.format == "json":
        print(redact(json.dumps({"version": own_version(), "ok": healthy, "checks": list(map(asdict, checks))})))
    else:
        print(f"backend-architect {own_version()}")
        for check in checks:
            state = "ok" if check.ok else "FAILED" if check.required else "missing"
            print(redact(f"{state:8}{check.name}: {check.detail}"))
    return OK if healthy else ERROR
