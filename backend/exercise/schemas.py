"""JSON Schema as OpenAPI documents hold it: references followed, values judged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

SURROGATES = re.compile("[\ud800-\udfff]")
MOST_ERRORS = 5
MOST_REFERENCES = 32
"""A chain of references longer than this is a circle."""


class ContractError(ValueError):
    """The OpenAPI document cannot be used; the text says where and why."""


class Schemas:
    """The schemas of one document. Validators are compiled once each.

    Args:
        document: the whole OpenAPI document, which local references point into.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._compiled: dict[str, Any] = {}

    def resolve(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """``part`` with the reference at its top followed; those further in stay, so circles do no harm.

        Raises:
            ContractError: the reference leads nowhere, round in a circle, or out of the document.
        """
        for _ in range(MOST_REFERENCES):
            reference = part.get("$ref")
            if not isinstance(reference, str):
                return part
            beside = {name: value for name, value in part.items() if name != "$ref"}
            part = {**self._at(reference), **beside}
        raise ContractError(f"the reference {reference} leads round in a circle")

    def errors(self, schema: Schema, value: Any) -> list[str]:
        """What is wrong with ``value``, as in ``/data/0/id: 7 is not of type "string"``; empty if nothing is.

        Raises:
            ContractError: the schema is none, or the package ``jsonschema-rs`` is not installed.
        """
        found = []
        for error in self._validator(schema).iter_errors(_whole(value)):
            path = "".join(f"/{part}" for part in error.instance_path)
            found.append(f"{path or '/'}: {error.message[:300]}")
            if len(found) == MOST_ERRORS:
                break
        return found

    def valid(self, schema: Schema, value: Any) -> bool:
        """Whether ``value`` is what ``schema`` asks for, formats included."""
        return bool(self._validator(schema).is_valid(_whole(value)))

    def _at(self, reference: str) -> Mapping[str, Any]:
        if not reference.startswith("#/"):
            raise ContractError(f"the reference {reference} leads out of the document; bundle it into one file")
        found: Any = self._document
        for part in reference[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                raise ContractError(f"the reference {reference} leads nowhere")
            found = found[name]
        if not isinstance(found, Mapping):
            raise ContractError(f"the reference {reference} leads to no object")
        return found

    def _validator(self, schema: Schema) -> Any:
        key = json.dumps(schema, sort_keys=True, default=str)
        if key not in self._compiled:
            self._compiled[key] = self._compile(schema)
        return self._compiled[key]

    def _compile(self, schema: Schema) -> Any:
        try:
            import jsonschema_rs
        except ImportError:
            raise ContractError(
                "judging answers by their schema needs the package jsonschema-rs; install the extra 'backend'"
            ) from None
        components = {"components": self._document.get("components", {})}
        try:
            return jsonschema_rs.Draft202012Validator({**components, **schema}, validate_formats=True)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise ContractError(f"a schema of the contract cannot be used: {str(error)[:300]}") from None


def _whole(value: Any) -> Any:
    """With half characters (lone surrogates, which no UTF-8 can hold) replaced; JSON's escapes let them in."""
    if isinstance(value, str):
        return value if value.isascii() else SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_whole(name): _whole(part) for name, part in value.items()}
    return [_whole(part) for part in value] if isinstance(value, list) else value


def modern(document: Any) -> Any:
    """An OpenAPI 3.0 document with its schemas as those of 3.1: ``nullable`` and Boolean exclusive bounds rewritten."""
    if isinstance(document, list):
        return [modern(item) for item in document]
    if not isinstance(document, dict):
        return document
    schema = {name: modern(value) for name, value in document.items()}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool):
            strict = schema.pop(exclusive)
            if strict and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if schema.get("nullable") is True and ("type" in schema or "$ref" in schema or "allOf" in schema):
        del schema["nullable"]
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
