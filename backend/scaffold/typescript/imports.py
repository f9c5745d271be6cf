"""Imports: templates name all they may need, and what a module does not use is taken out again."""

from __future__ import annotations

import re

from backend.scaffold.typescript.text import names

_NAMED = re.compile(r'^import (type )?\{([^}]*)\} from ("[^"]+");\n', re.MULTILINE)
_WHOLE = re.compile(r'^import \* as (\w+) from "[^"]+";\n', re.MULTILINE)


def pruned(text: str) -> str:
    """The module without the imports that nothing in it uses; names of one import are sorted, small letters first."""
    used = names(_WHOLE.sub("", _NAMED.sub("", text)))
    text = _WHOLE.sub(lambda found: found[0] if found[1] in used else "", text)
    return _NAMED.sub(lambda found: _kept(found, used), text)


def _kept(found: re.Match[str], used: frozenset[str]) -> str:
    parts = [part.strip() for part in found[2].split(",")]
    kept = sorted({part for part in parts if part and part.split()[-1] in used}, key=_order)
    if not kept:
        return ""
    types = found[1] or ""
    if not types and all(part.startswith("type ") for part in kept):
        kept, types = [part.removeprefix("type ") for part in kept], "type "
    return f"import {types}{{ {', '.join(kept)} }} from {found[3]};\n"


def _order(part: str) -> tuple[str, str]:
    name = part.removeprefix("type ")
    return name.lower(), name
