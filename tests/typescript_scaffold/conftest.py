"""The specification's own tests are asked of this stack, too: they lie in the room of the other one."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "scaffold"))
