"""The packages of the TypeScript blog."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from node_clients import installed

from backend.scaffold.stack import Stack
from benchmarks.stack_faults.hunt import sound


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the TypeScript blog needs, installed once."""
    manifest = tmp_path_factory.mktemp("blog") / "package.json"
    manifest.write_text(sound(Stack.TYPESCRIPT)["package.json"])
    assert json.loads(manifest.read_text())["dependencies"]
    return installed(manifest).home / "node_modules"
