"""The file a user keeps: its tests fail while the fault is there and pass when it is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from exercise_help import HERE, SIGNING, subject

from backend.exercise.exchange import Answer, Call, Exchange, Failure
from backend.exercise.fuzz.run import fuzz
from backend.exercise.regression import regression_file
from backend.exercise.subject import Budget

TOGETHER = (
    "crash,unknown-keys,unbounded-limit,leak,no-allow,no-request-id",
    "wrong-status,schema-violation,refuses-valid",
    "content-type,no-envelope",
)
"""Faults that do not hide each other."""


def run(file: Path, bugs: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(file.parent), str(file)]
    variables = {**os.environ, "SAMPLE_BUGS": bugs, "PYTHONPATH": str(HERE), **environment}
    return subprocess.run(command, cwd=file.parent, env=variables, text=True, capture_output=True, check=False)


@pytest.mark.parametrize("bugs", TOGETHER)
async def test_the_file_fails_with_each_fault_and_passes_without(bugs: str, tmp_path: Path) -> None:
    file = tmp_path / "test_kept.py"
    async with subject(bugs, budget=Budget(400)) as backend:
        failures = list({each.check: each for each in (await fuzz(backend)).failures}.values())
        assert len(failures) >= bugs.count(",")
        file.write_text(regression_file(failures, backend.contract, application="sample_app:create_app"))
    failed, sound = run(file, bugs), run(file, "")
    assert f"{len(failures)} failed" in failed.stdout, failed.stdout
    assert f"{len(failures)} passed" in sound.stdout, sound.stdout


async def test_tokens_are_signed_anew_and_secrets_are_not_written(tmp_path: Path) -> None:
    async with subject("crash", auth=True, budget=Budget(500)) as backend:
        failures = (await fuzz(backend)).failures
    text = regression_file(
        failures,
        backend.contract,
        application="sample_app:create_app",
        callers=backend.callers,
        signing=SIGNING,
        environment={"SAMPLE_AUTH": "only-for-this-test-" * 2},
    )
    assert "eyJ" not in text
    assert SIGNING.secret not in text
    file = tmp_path / "test_kept.py"
    file.write_text(text)
    assert run(file, "crash").returncode == 1
    assert run(file, "").returncode == 0


def test_what_cannot_be_replayed_is_said(tmp_path: Path) -> None:
    from backend.exercise.contract import Contract

    contract = Contract.read({"openapi": "3.1.0", "paths": {}})
    gone = Failure("fuzz.process-ended", "GET /a", "it\nended", (Exchange(Call("GET", "/a"), Answer(0)),))
    text = regression_file([gone], contract, application="app:app")
    assert "# fuzz.process-ended of GET /a cannot be replayed here: it ended" in text
    compile(text, "kept", "exec")


@pytest.mark.parametrize("body", [b"x" * 5000, b"[" * 500 + b"]" * 500, b"\xff\x00", "'\"\\ \u2028".encode()])
def test_any_request_is_written_as_python(body: bytes) -> None:
    from backend.exercise.contract import Contract

    contract = Contract.read({"openapi": "3.1.0", "paths": {}})
    failure = Failure(
        "fuzz.server-error", 'GET /"a"""', 'quote """', (Exchange(Call("POST", "/a", {}, body), Answer(0)),)
    )
    text = regression_file([failure], contract, application="app:app")
    compile(text, "kept", "exec")
    assert len(text) < 12_000
