"""The labelled pairs of this folder, and the documents that they stand for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.api.document import ApiDocument, read_document
from knowledge.api_diff.change import Change
from knowledge.api_diff.compare import compare

HERE = Path(__file__).parent
TODAY = date(2026, 6, 1)
WAYS = ("request", "response")


@dataclass(frozen=True)
class Case:
    """One labelled pair. ``expected`` are level and id of every change."""

    name: str
    old: dict[str, Any]
    new: dict[str, Any]
    expected: tuple[str, ...]

    @property
    def documents(self) -> tuple[ApiDocument, ApiDocument]:
        return document(self.old), document(self.new)


def document(value: dict[str, Any]) -> ApiDocument:
    return read_document(json.dumps(value), "api.json")


def found(old: ApiDocument, new: ApiDocument) -> tuple[Change, ...]:
    return compare(old, new, today=TODAY)


def told(changes: tuple[Change, ...]) -> tuple[str, ...]:
    return tuple(sorted(f"{change.level} {change.id}" for change in changes))


def contract(schema: Any, way: str, version: str = "3.1.0", extra: Any = None) -> dict[str, Any]:
    """A document with one operation that takes or gives ``schema``."""
    if version == "2.0":
        operation: dict[str, Any] = {"responses": {"200": {"description": "x"}}}
        if way == "request":
            operation["parameters"] = [{"in": "body", "name": "body", "required": True, "schema": schema}]
        else:
            operation["responses"]["200"]["schema"] = schema
        return {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": operation}}}
    content = {"application/json": {"schema": schema}}
    operation = {"responses": {"200": {"description": "x"}}}
    if way == "request":
        operation["requestBody"] = {"required": True, "content": content}
    else:
        operation["responses"]["200"]["content"] = content
    made = {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": operation}}}
    return {**made, **(extra or {})}


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


@cache
def schema_cases() -> tuple[Case, ...]:
    return tuple(_schema_cases())


def _schema_cases() -> Iterator[Case]:
    for name, (old, new, *labels) in _read("schema_pairs.yaml").items():
        for index, way in enumerate(WAYS):
            expected = []
            for label in labels:
                levels, what = label.split(" ")
                level = levels.split("/")[index]
                if level != "-":
                    expected.append(f"{level} schema-{what}")
            yield Case(f"{name} ({way})", contract(old, way), contract(new, way), tuple(sorted(expected)))


@cache
def equal_cases() -> tuple[Case, ...]:
    return tuple(_equal_cases())


def _equal_cases() -> Iterator[Case]:
    for name, (one, other) in _read("equal_pairs.yaml").items():
        versions = re.search(r"\((\d\.\d), (\d\.\d)\)$", name)
        first, second = versions.groups() if versions else ("3.1", "3.1")
        for way in WAYS:
            yield Case(f"{name} [{way}]", contract(one, way, _full(first)), contract(other, way, _full(second)), ())


def _full(version: str) -> str:
    return version if version == "2.0" else f"{version}.0"


@cache
def contract_cases() -> tuple[Case, ...]:
    return tuple(_contract_cases())


def _contract_cases() -> Iterator[Case]:
    for name, (old, new, *labels) in _read("contract_pairs.yaml").items():
        yield Case(name, _filled(old), _filled(new), tuple(sorted(labels)))


def _filled(part: dict[str, Any]) -> dict[str, Any]:
    """A whole document of the short forms that the file explains."""
    version = {} if "swagger" in part else {"openapi": "3.1.0"}
    made = {**version, "info": {"title": "t", "version": "1"}, "paths": {}}
    made |= {key: value for key, value in part.items() if not _OPERATION.match(key)}
    made["paths"] = {template: dict(item) for template, item in made["paths"].items()}
    for key, value in part.items():
        found = _OPERATION.match(key)
        if found:
            method, template = found.groups()
            made["paths"].setdefault(template, {})[method.lower()] = _operation(dict(value))
    return made


_OPERATION = re.compile(r"(GET|PUT|POST|PATCH|DELETE) (/.*)")


def _operation(value: dict[str, Any]) -> dict[str, Any]:
    for name, parameter in value.pop("params", {}).items():
        where, key = name.split(" ")
        given = {"in": where, "name": key, "required": where == "path"}
        if "schema" not in parameter and "content" not in parameter:
            given["schema"] = {"type": "string"}
        value.setdefault("parameters", []).append({**given, **parameter})
    if "takes" in value:
        value["requestBody"] = {"required": True, "content": {"application/json": {"schema": value.pop("takes")}}}
    if "gives" in value:
        value["responses"] = {"200": {"content": {"application/json": {"schema": value.pop("gives")}}}}
    value.setdefault("responses", {"200": {"description": "x"}})
    return value
