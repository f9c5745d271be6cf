"""Helpers of rendered projects are those of the scaffold's tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "scaffold"))
