"""Other files that a document refers to: read through the caller's function, never from the network."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from knowledge.api.reading import Problem, Reading, containers, read

Load = Callable[[str], str | None]
"""The text of another file by its path relative to the document's folder; ``None`` where it may not be read."""

MOST_FILES = 500
REMOTE = "it is on the network, which is never used"
NO_FILES = "no other file was given"
NOT_THERE = "it is not in the workspace, or may not be read"
TOO_MANY = f"more than {MOST_FILES} files are referred to"

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
_OTHER_FILE = re.compile(r"""\$ref["']?\s*:\s*["']?[^#"'\s]""")


class FileStep(str):
    """The first step of a pointer into another file: its path relative to the document's folder."""

    __slots__ = ()


@dataclass
class Files:
    """What was read, and what was not."""

    texts: dict[str, str] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    """By the reference's text before ``#``, as it is written in the document or rewritten in other files."""
    unread: dict[str, str] = field(default_factory=dict)
    """Why a file was not read, by the same text."""
    problems: list[Problem] = field(default_factory=list)


def split(reference: str) -> tuple[str, tuple[str, ...]]:
    """The file and the pointer's steps (RFC 6901, percent-encoding undone); an anchor is one step without a slash."""
    file, _, fragment = reference.partition("#")
    if "%" in fragment:
        fragment = unquote(fragment)
    if not fragment.startswith("/"):
        return file, (fragment,) if fragment else ()
    return file, tuple(step.replace("~1", "/").replace("~0", "~") for step in fragment[1:].split("/"))


def is_remote(reference: str) -> bool:
    """Whether it leads to the network, or anywhere else by a scheme."""
    return _REMOTE.match(reference) is not None


def gather(text: str, root: Any, own_name: str, load: Load | None) -> Files:
    """Read every file that ``root`` refers to, and those they refer to.

    References in other files are rewritten as seen from the document, so that each can be followed from anywhere.
    """
    files = Files()
    if _OTHER_FILE.search(text) is None:
        return files
    waiting: deque[str] = deque()
    for holder, reference in _references(root):
        file = reference.partition("#")[0]
        if file and holder is not None:
            waiting.append(file)
    own = posixpath.normpath(own_name) if own_name else ""
    while waiting:
        name = waiting.popleft()
        if name in files.values or name in files.unread:
            continue
        path = posixpath.normpath(unquote(name))
        if path == own:
            files.values[name] = root
            continue
        reason = _read(name, path, load, files)
        if reason:
            files.unread[name] = reason
            continue
        waiting.extend(_rewritten(files.values[name], path, own))
    return files


def _read(name: str, path: str, load: Load | None, files: Files) -> str:
    """Read one file; why not, where it cannot be."""
    if is_remote(name):
        return REMOTE
    if path in files.readings:
        files.values[name] = files.readings[path].value
        return ""
    if load is None:
        return NO_FILES
    if len(files.readings) >= MOST_FILES:
        return TOO_MANY
    text = load(path)
    if text is None:
        return NOT_THERE
    reading = read(text)
    files.texts[path], files.readings[path] = text, reading
    files.values[name] = reading.value
    files.problems += [
        Problem(found.rule, f"{path}: {found.message}", found.line, found.column, _inside(path, found.pointer))
        for found in reading.problems
    ]
    return ""


def _inside(path: str, pointer: tuple[str | int, ...] | None) -> tuple[str | int, ...]:
    return (FileStep(path), *(pointer or ()))


def _rewritten(value: Any, path: str, own: str) -> Iterator[str]:
    """Make the references in another file start from the document's folder; the files they name."""
    folder = posixpath.dirname(path)
    for holder, reference in _references(value):
        if is_remote(reference):
            continue
        file, hash_sign, fragment = reference.partition("#")
        target = posixpath.normpath(posixpath.join(folder, unquote(file))) if file else path
        holder["$ref"] = (("" if target == own else target) + hash_sign + fragment) or "#"
        if target != own:
            yield target


def _references(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    for _, item in containers(value):
        if isinstance(item, dict) and isinstance(item.get("$ref"), str):
            yield item, item["$ref"]
