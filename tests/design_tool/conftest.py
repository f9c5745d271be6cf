from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from design_tool_help import Design, designed

from backend.engines.postgres.host import PostgresHost
from backend.runs import RunStore
from backend.workspace import Workspace
from knowledge.report import Report
from tools.design_endpoint import TOOL
from tools.toolbox import Toolbox

FEATURE = "list a user's posts, newest first, filter by status"


@pytest.fixture
def design(toolbox: Toolbox) -> Design:
    """Call the tool in the test's own folder."""
    return designed(toolbox)


@pytest.fixture(scope="session")
async def posts(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresHost) -> AsyncIterator[Report]:
    """The documented example, designed, run, fuzzed and planned once for all tests."""
    folder: Path = tmp_path_factory.mktemp("posts")
    toolbox = Toolbox(workspace=Workspace.at(folder), postgres=postgres, runs=RunStore())
    request = TOOL.request.model_validate({"design": FEATURE, "rows": ["users=100k", "posts=2M"]})
    yield await TOOL.run(request, toolbox)
