"""The tests of a project in TypeScript: what its API promises, asked without a network."""

from __future__ import annotations

from typing import Any

from backend.scaffold.tested import creatable, factory, tested
from backend.scaffold.typescript.environment import rendered
from backend.scaffold.typescript.samples import TYPESCRIPT
from backend.scaffold.typescript.words import camel
from knowledge.blueprint.model import Blueprint, Resource


def test_files(blueprint: Blueprint, context: dict[str, Any]) -> dict[str, str]:
    """By path, not laid out yet; ``context`` is what all files of the project are rendered with."""
    made = creatable(blueprint)
    resources = [_factory(blueprint, resource) for resource in made]
    files = {
        f"tests/{name}": rendered(f"tests/{name}.j2", resources=resources, **context)
        for name in ("support.ts", "core.test.ts", *(["factories.ts"] if made else []))
    }
    for resource in made:
        facts = tested(blueprint, resource, TYPESCRIPT) | _factory(blueprint, resource)
        files[f"tests/{resource.plural}.test.ts"] = rendered("tests/resource.test.ts.j2", **facts)
    return files


def _factory(blueprint: Blueprint, resource: Resource) -> dict[str, Any]:
    facts = factory(blueprint, resource, TYPESCRIPT)
    parents = [{**parent, "variable": camel(parent["column"])} for parent in facts["parents"]]
    makers = {name: f"create{other.class_name}" for name, other in blueprint.resources.items()}
    body = f"{camel(resource.name)}Body"
    return {**facts, "parents": parents, "body": body, "maker": makers[resource.name], "maker_of": makers}
