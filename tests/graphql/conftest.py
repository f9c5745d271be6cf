"""Helpers of rendered projects are those of the scaffolds' tests."""

from __future__ import annotations

import sys
from pathlib import Path

# Before any helper is imported.
sys.path += [str(Path(__file__).parents[1] / room) for room in ("scaffold", "typescript_scaffold")]
