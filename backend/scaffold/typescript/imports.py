"""Imports: templates name all they may need; what a module does not use goes, what is left is put in order."""

from __future__ import annotations

import re
from collections import defaultdict

from backend.scaffold.typescript.text import names

_IMPORT = re.compile(r'^import (?:(type )?\{([^}]*)\}|\* as (\w+)) from "([^"]+)";\n', re.MULTILINE)


def organized(text: str) -> str:
    """The module with each module imported once, packages first, and without what nothing uses."""
    found = list(_IMPORT.finditer(text))
    if not found:
        return text
    rest = _IMPORT.sub("", text[found[0].start() :])
    used = names(rest)
    named: dict[str, set[str]] = defaultdict(set)
    whole = {}
    for each in found:
        for part in (each[2] or "").split(","):
            spelled = part.strip()
            if spelled and spelled.split()[-1] in used:
                named[each[4]].add(f"type {spelled}" if each[1] else spelled)
        if each[3] and each[3] in used:
            whole[each[4]] = each[3]
    lines = {module: _line(module, parts) for module, parts in named.items()}
    lines |= {module: f'import * as {name} from "{module}";' for module, name in whole.items()}
    blocks: tuple[list[str], ...] = ([], [], [])
    for module in sorted(lines, key=_place):
        blocks[_place(module)[0]].append(lines[module])
    written = "\n\n".join("\n".join(block) for block in blocks if block)
    return f"{text[: found[0].start()]}{written}\n\n{rest.lstrip()}"


def _line(module: str, parts: set[str]) -> str:
    kept = sorted(parts, key=_order)
    types = ""
    if all(part.startswith("type ") for part in kept):
        kept, types = [part.removeprefix("type ") for part in kept], "type "
    return f'import {types}{{ {", ".join(kept)} }} from "{module}";'


def _place(module: str) -> tuple[int, int, str]:
    """Node's own, packages, the project's; those of folders further up first."""
    if module.startswith("node:"):
        return 0, 0, module
    if module.startswith("."):
        return 2, module.startswith("./"), module
    return 1, 0, module


def _order(part: str) -> tuple[str, str]:
    name = part.removeprefix("type ")
    return name.lower(), name
