"""Writes AsyncAPI 3.0: one channel, the Redis stream that the outbox is published to; one message an event."""

from __future__ import annotations

from typing import Any, Final

from knowledge.blueprint.model import Blueprint, EventKind, Resource
from knowledge.formats.openapi.components import row
from knowledge.formats.openapi.values import JsonSchema, uuid

VERSION: Final = "3.0.0"
_WHAT: Final = {EventKind.CREATED: "was made", EventKind.UPDATED: "was changed", EventKind.DELETED: "was deleted"}


def asyncapi(blueprint: Blueprint) -> JsonSchema:
    """The document as data; channels and operations are empty where nothing is told."""
    told = [(resource, kind) for resource in blueprint.resources.values() for kind in resource.events]
    messages = {_name(resource, kind): _message(blueprint, resource, kind) for resource, kind in told}
    document: JsonSchema = {
        "asyncapi": VERSION,
        "info": {
            "title": f"{blueprint.name} events",
            "version": f"{blueprint.api_version}.0.0",
            "description": (
                "Written in the transaction of the change (outbox), delivered at least once, in order for each row: "
                "consumers remember the ids they have handled."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {},
        "operations": {},
    }
    if not told:
        return document
    document["channels"]["events"] = {
        "address": f"{blueprint.name}.events",
        "description": "A Redis stream; each consumer reads it as a group of its own.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }
    document["operations"]["publish"] = {
        "action": "send",
        "channel": {"$ref": "#/channels/events"},
        "summary": "What the relay of the outbox publishes.",
        "messages": [{"$ref": f"#/channels/events/messages/{name}"} for name in messages],
    }
    tellers = {resource.name: resource for resource, _ in told}
    document["components"] = {
        "messages": messages,
        "schemas": {resource.class_name: row(resource) for resource in tellers.values()},
    }
    return document


def write_asyncapi(blueprint: Blueprint) -> dict[str, str]:
    """``asyncapi.yaml``."""
    import yaml

    return {"asyncapi.yaml": yaml.safe_dump(asyncapi(blueprint), sort_keys=False, allow_unicode=True, width=110)}


def _name(resource: Resource, kind: EventKind) -> str:
    return f"{resource.class_name}{kind.value.capitalize()}"


def _message(blueprint: Blueprint, resource: Resource, kind: EventKind) -> JsonSchema:
    tenant: JsonSchema = {"type": "string", "format": "uuid"} if resource.tenant else {"type": "string", "const": ""}
    fields: dict[str, Any] = {
        "id": {**uuid(), "description": "Of the event; equal on every delivery."},
        "type": {"type": "string", "const": f"{resource.name}.{kind.value}"},
        "aggregate_id": {**uuid(), "description": f"The {resource.name.replace('_', ' ')} concerned."},
        "tenant_id": tenant,
        "occurred_at": {"type": "string", "format": "date-time"},
        "payload": {"$ref": f"#/components/schemas/{resource.class_name}"},
    }
    return {
        "name": f"{resource.name}.{kind.value}",
        "title": f"{resource.class_name} {kind.value}",
        "summary": f"A row of {resource.plural.replace('_', ' ')} {_WHAT[kind]}; the payload is the row.",
        "payload": {"type": "object", "properties": fields, "required": list(fields)},
    }
