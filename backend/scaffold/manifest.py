"""``.scaffold/manifest.json``: what was rendered last time, so that the next time can tell it from the user's work.

It holds the text of every file as it was rendered (the base of a three-way merge), so an upgrade needs neither the
generator that made the project nor its templates.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from backend.scaffold.errors import ScaffoldError
from backend.scaffold.paths import OWN, path_problem
from backend.scaffold.stack import Stack
from backend.workspace import MAX_FILE_BYTES

MANIFEST = f"{OWN}/manifest.json"
FORMAT = 1
REMEDY = "restore it from version control, or move the project's files away and scaffold anew"


@dataclass(frozen=True)
class Manifest:
    """What a project was rendered from, and what came of it: text by path."""

    generator: str
    """Version of the generator."""
    blueprint: str
    files: Mapping[str, str] = field(default_factory=dict)
    stack: Stack = Stack.PYTHON


def write_manifest(manifest: Manifest) -> str:
    """The manifest as JSON, one line a file, so that version control shows small differences."""
    files = {
        path: {"sha256": sha256(text.encode()).hexdigest(), "base": _packed(text)}
        for path, text in sorted(manifest.files.items())
    }
    lines = ",\n".join(f"  {json.dumps(path)}: {json.dumps(entry)}" for path, entry in files.items())
    return (
        f'{{\n "format": {FORMAT},\n "generator": {json.dumps(manifest.generator)},\n'
        f' "stack": {json.dumps(manifest.stack)},\n "blueprint": {json.dumps(manifest.blueprint)},\n'
        f' "files": {{\n{lines}\n }}\n}}\n'
    )


def read_manifest(text: str) -> Manifest:
    """The manifest that a text describes.

    Raises:
        ScaffoldError: it is damaged, or of a newer format.
    """
    try:
        raw = json.loads(text)
        if raw["format"] != FORMAT:
            raise ScaffoldError(f"{MANIFEST} has format {raw['format']!r}, this version knows {FORMAT}: upgrade it")
        files = {_path(path): _unpacked(path, entry) for path, entry in raw["files"].items()}
        stack = Stack(raw.get("stack", Stack.PYTHON))  # manifests from before there were two name none
        return Manifest(_string(raw["generator"]), _string(raw["blueprint"]), files, stack)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, ScaffoldError):
            raise
        raise ScaffoldError(f"{MANIFEST} is damaged ({type(error).__name__}: {error}); {REMEDY}") from None


def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _unpacked(path: str, entry: Any) -> str:
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(entry["base"], validate=True), MAX_FILE_BYTES)
        whole = unpacker.eof and sha256(raw).hexdigest() == entry["sha256"]
        text = raw.decode()
    except (zlib.error, binascii.Error, UnicodeDecodeError):
        whole = False
    if not whole:
        raise ScaffoldError(f"{MANIFEST} is damaged at {path}; {REMEDY}")
    return text


def _path(path: str) -> str:
    if problem := path_problem(path):
        raise ScaffoldError(f"{MANIFEST} names {path[:200]!r}, which is refused: {problem}")
    return path


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value
