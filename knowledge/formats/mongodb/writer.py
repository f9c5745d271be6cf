"""Collections of a blueprint for MongoDB: a script that makes them, and the decisions behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from knowledge.blueprint.model import Blueprint
from knowledge.document_model import DocumentModel, document_model
from knowledge.formats.models.graph import models
from knowledge.formats.mongodb.indexes import collection_indexes
from knowledge.formats.mongodb.validator import validators

SCRIPT = "mongodb/collections.js"
DECISIONS = "mongodb/decisions.md"


def write_mongodb(blueprint: Blueprint, most: Mapping[str, int] | None = None) -> dict[str, str]:
    """Texts by path: ``mongodb/collections.js`` for mongosh, and ``mongodb/decisions.md``.

    ``most``: how many rows one parent has at most, by ``<resource>.<relation>``, where that is known; it decides what
    is embedded.
    """
    decisions = document_model(blueprint, most)
    made = models(blueprint)
    lines = ["// Run with mongosh: mongosh <address> collections.js"]
    for name, schema in validators(blueprint, made, decisions).items():
        options = {"validator": {"$jsonSchema": schema}, "validationLevel": "strict", "validationAction": "error"}
        lines += ["", f"db.createCollection({json.dumps(name)}, {_shown(options)});"]
        for index in collection_indexes(made, decisions):
            if index.collection == name:
                keys, named = json.dumps(dict(index.keys)), json.dumps(dict(index.options))
                lines.append(f"db.getCollection({json.dumps(name)}).createIndex({keys}, {named});")
    return {SCRIPT: "\n".join([*lines, ""]), DECISIONS: _told(decisions)}


def _shown(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _told(decisions: DocumentModel) -> str:
    head = ["# What is embedded, and what is referred to", ""]
    if not decisions.decisions:
        return "\n".join([*head, "There are no relations.", ""])
    rows = [
        f"| `{each.relation}` | {each.placement} | {each.reason} | {each.flip[:1].upper()}{each.flip[1:]}. |"
        for each in decisions.decisions
    ]
    return "\n".join([*head, "| relation | decision | because | otherwise if |", "|---|---|---|---|", *rows, ""])
