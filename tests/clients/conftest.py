"""Fixtures: Node with its packages, and servers as a user would start them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from node_clients import Node, installed

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def node() -> Node:
    """Node with the packages of ``package.json``."""
    return installed()


@pytest.fixture(scope="session")
def backend_architect_command() -> str:
    """The installed console script."""
    return str(Path(sys.executable).with_name("backend-architect"))


@pytest.fixture
def http_url(backend_architect_command: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a server started with ``--http``."""
    options = ["--http", "127.0.0.1:0", "--workspace", str(tmp_path)]
    with subprocess.Popen([backend_architect_command, *options], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            first = process.stderr.readline()
            found = re.search(r"serving (http://\S+)", first)
            assert found, first
            yield found[1]
        finally:
            process.terminate()
            process.communicate()


@contextmanager
def _fixtures_server(*options: str) -> Iterator[str]:
    command = [sys.executable, str(HERE / "conformance_server.py"), *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def conformance_url() -> Iterator[str]:
    """Our server with the suite's fixtures, over the HTTP transport that we ship."""
    with _fixtures_server() as url:
        yield url


@pytest.fixture(scope="module")
def conformance_sessions_url() -> Iterator[str]:
    """The same server over the SDK's session transport, where the server may speak first."""
    with _fixtures_server("--sessions") as url:
        yield url
