"""The random blueprints of the room next door."""

from __future__ import annotations

import sys
from pathlib import Path

NEXT_DOOR = str(Path(__file__).parents[1] / "blueprint")
if NEXT_DOOR not in sys.path:
    sys.path.append(NEXT_DOOR)

from blueprint_strategies import NASTY_TEXTS, blueprints  # noqa: E402

__all__ = ["NASTY_TEXTS", "blueprints"]
