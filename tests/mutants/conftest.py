"""A yard that the tests of a process share."""

from __future__ import annotations

import pytest

from backend.engines.postgres.host import PostgresHost
from benchmarks.mutants.shop import Yard


@pytest.fixture(scope="session")
def yard(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresHost) -> Yard:
    """Where shops are set up."""
    return Yard(tmp_path_factory.mktemp("shops"), postgres)
