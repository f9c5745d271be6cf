"""How much of a pasted text is read at all: it comes from strangers."""

from __future__ import annotations

MAX_CHARACTERS = 5_000_000
"""Length of a text beyond which it is refused."""

MAX_DEPTH = 250
"""Levels of nodes beyond which a plan is refused; comparing and printing trees is recursive."""

MAX_NODES = 20_000
"""Nodes beyond which a plan is refused."""

MAX_PROBLEMS = 50
"""Problems told one by one; the rest is counted."""
