"""What a request describes, as a design: a blueprint and the operations in it that are in question."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.scaffold.manifest import MANIFEST, read_manifest
from backend.scaffold.plan import BLUEPRINT
from backend.workspace import Workspace
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import BlueprintError
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.routes import routes
from knowledge.blueprint.source import read_text
from knowledge.blueprint.writer import write_blueprint
from knowledge.blueprint_from_schema.design import NoResourceError, UnknownTableError, to_blueprint
from knowledge.blueprint_from_schema.naming import resource_name
from knowledge.design.feature import Design, design_feature
from knowledge.design.sentence import VERBS, shown
from knowledge.schema import Schema
from tools.design_endpoint.schema import schema_at
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.design_endpoint import DesignEndpointRequest

YAML_SUFFIXES = (".yaml", ".yml", ".json")
BLUEPRINT_KEYS = frozenset(Blueprint.model_fields)
FRAGMENT = "design: write resources by name, as in: post: {fields: {title: {type: string}}, operations: {list: {}}}"
SHOWN = 40
"""Tables that an error lists."""
_RESOURCE = re.compile(r"\b(?:fields|resources|operations)\b[\"']?\s*:")
_KEY = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:---\s*\n\s*)?[\"']?\w+[\"']?\s*:")


async def design_of(request: DesignEndpointRequest, toolbox: Toolbox) -> Design:
    """The design that a request describes.

    Raises:
        FeatureError, BlueprintError: it is not understood, or contradicts itself.
        WorkspaceError, LabError: what it builds on cannot be read.
        ToolError: nothing is described.
    """
    workspace = toolbox.workspace
    text = request.design.strip()
    if not text:
        raise ToolError('nothing is described: say for example design="list a user\'s posts, newest first"')
    is_file = text.endswith(YAML_SUFFIXES) and "\n" not in text
    if is_file:
        text = workspace.read_text(text)
    if request.path and not is_project(request.path, workspace):
        return await of_tables(text, request.path, toolbox)
    base = base_of(request.path, workspace) if request.path else None
    if is_file or is_blueprint(text):
        return of_fragment(text, base)
    if base is not None and (text in base.resources or not any(word.lower() in VERBS for word in text.split())):
        return Design(base, write_blueprint(base), _operations(base, _resources(text, base)))
    return design_feature(text, base)


def _resources(text: str, base: Blueprint) -> set[str]:
    """The resources that a text names.

    Raises:
        ToolError: it names one that the project does not have.
    """
    known = {name: name for name in base.resources} | {each.plural: name for name, each in base.resources.items()}
    words = [word for word in re.split(r"[,\s]+", text) if word]
    if strangers := [word for word in words if word not in known]:
        there = ", ".join(sorted(base.resources))
        raise ToolError(f"{shown(' '.join(strangers))} is no resource of the project; it has {there}")
    return {known[word] for word in words}


def is_project(path: str, workspace: Workspace) -> bool:
    """Whether a blueprint is there: a scaffolded project, or a blueprint's file."""
    real = workspace.existing(path)
    if real.is_dir():
        return (real / BLUEPRINT).is_file() or (real / MANIFEST).is_file()
    return real.suffix in YAML_SUFFIXES


async def of_tables(text: str, path: str, toolbox: Toolbox) -> Design:
    """A design on tables that are there: those that are named, or a feature that speaks of them.

    Raises:
        LabError, WorkspaceError, FeatureError, BlueprintError: as :func:`design_of`.
        ToolError: there is no such table, or it can be no resource.
    """
    schema = await schema_at(path, toolbox)
    words = [word for word in re.split(r"[,\s]+", re.sub(r"^tables?\s+", "", text)) if word]
    known = _names(schema)
    asked = words if all(word in known for word in words) or _are_names(text, words) else []
    if strangers := [word for word in asked if word not in known]:
        there = ", ".join(sorted(table.name for table in schema.tables)[:SHOWN])
        raise ToolError(f"{path} has no table {', '.join(map(shown, strangers))}; it has {there}")
    named = [known[word] for word in asked]
    try:
        blueprint, notes = to_blueprint(schema, named or [table.qualified for table in schema.tables], project="design")
    except (UnknownTableError, NoResourceError) as error:
        raise ToolError(f"{path}: {error}") from None
    told = tuple(str(note) for note in notes)
    if not named:
        found = design_feature(text, blueprint)
        return replace(found, assumptions=(*found.assumptions, *told))
    wanted = {name.rpartition(".")[2] for name in named}
    resources = {
        resource.name
        for resource in blueprint.resources.values()
        if resource.table in wanted or resource.name in {resource_name(word)[0] for word in wanted}
    }
    focus = _operations(blueprint, resources)
    if not focus:
        raise ToolError(
            f"{path}: {', '.join(named)} is no resource of its own: {'; '.join(told) or 'it only pairs rows'}"
        )
    return Design(blueprint, write_blueprint(blueprint), focus, told)


def _names(schema: Schema) -> dict[str, str]:
    """Tables by what they may be called: their name, with or without the schema, and the resource they become."""
    found: dict[str, str] = {}
    for table in schema.tables:
        for name in (*resource_name(table.name), table.name.lower(), table.name, table.qualified):
            found[name] = table.qualified
    return found


def _are_names(text: str, words: list[str]) -> bool:
    """Whether a text names tables rather than says what is done with them."""
    return re.match(r"tables?\s", text) is not None or not any(word.lower() in VERBS for word in words)


def is_blueprint(text: str) -> bool:
    """Whether a text is YAML or JSON of a blueprint or a resource rather than a sentence."""
    if text.lstrip().startswith("{"):
        return True
    return (
        _KEY.match(text) is not None and re.search(r"\b(?:fields|resources|operations)\b[\"']?\s*:", text) is not None
    )


def base_of(path: str, workspace: Workspace) -> Blueprint:
    """The blueprint of what lies at ``path``: a scaffolded project, or a blueprint's file.

    Raises:
        WorkspaceError: it cannot be read.
        BlueprintError: it is no valid blueprint.
    """
    real = workspace.existing(path)
    if not real.is_dir():
        return read_blueprint(workspace.read_text(path), path=path)
    own = f"{path.rstrip('/')}/{BLUEPRINT}"
    if (real / BLUEPRINT).is_file():
        return read_blueprint(workspace.read_text(own), path=own)
    return read_blueprint(read_manifest(workspace.read_text(f"{path.rstrip('/')}/{MANIFEST}")).blueprint, path=own)


def of_fragment(text: str, base: Blueprint | None) -> Design:
    """A whole blueprint, or resources by name that are put into ``base`` (or stand alone).

    Raises:
        BlueprintError: what comes out contradicts itself.
    """
    data = read_text(text, source="design").plain()
    if isinstance(data, dict) and "resources" in data and base is None and "name" in data:
        blueprint = read_blueprint(text, path="design")
        return Design(blueprint, text, _operations(blueprint, set(blueprint.resources)))
    if not isinstance(data, dict):
        raise ToolError(FRAGMENT)
    found = data.get("resources", {key: value for key, value in data.items() if key not in BLUEPRINT_KEYS})
    if not isinstance(found, dict) or not found:
        raise ToolError(FRAGMENT)
    whole: dict[str, Any] = {"name": "design"}
    if base is not None:
        whole = base.model_dump(mode="json", exclude_defaults=True)
    whole |= {key: value for key, value in data.items() if key in BLUEPRINT_KEYS - {"resources"}}
    whole["resources"] = whole.get("resources", {}) | found
    try:
        blueprint = read_blueprint(json.dumps(whole, default=str), path="design")
    except BlueprintError as error:  # places in a text that nobody wrote are left out
        told = (f"{problem.where}: {problem.message} {problem.remedy}" for problem in error.problems)
        raise ToolError("design: " + "\n".join(told)) from None
    return Design(blueprint, write_blueprint(blueprint), _operations(blueprint, set(found)))


def _operations(blueprint: Blueprint, names: set[str]) -> tuple[str, ...]:
    return tuple(route.operation_id for route in routes(blueprint) if route.resource in names)
