from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from api_tool_help import EXAMPLES, Review, reviewer

from tools.toolbox import Toolbox


@pytest.fixture
def review(toolbox: Toolbox, tmp_path: Path) -> Review:
    """Call the tool in a folder that has the examples."""
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    return reviewer(toolbox)
