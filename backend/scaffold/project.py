"""The files of a scaffolded project around its application: packaging, containers, checks, documentation, tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backend.scaffold.samples import another, sample, varies, wrong
from knowledge.blueprint.fields import FieldSpec
from knowledge.blueprint.model import Blueprint, Interface, Resource
from knowledge.blueprint.operations import Idempotency, Operation, Pagination
from knowledge.blueprint.routes import routes

if TYPE_CHECKING:
    from jinja2 import Environment

FILES = {
    "pyproject.toml": "pyproject.toml.j2",
    "README.md": "README.md.j2",
    "Dockerfile": "Dockerfile.j2",
    "compose.yaml": "compose.yaml.j2",
    ".env.example": "env.example.j2",
    ".gitignore": "gitignore.j2",
    ".dockerignore": "dockerignore.j2",
    ".github/workflows/ci.yml": "ci.yml.j2",
    "app/__main__.py": "app/__main__.py.j2",
    "tests/__init__.py": "tests/__init__.py.j2",
    "tests/conftest.py": "tests/conftest.py.j2",
    "tests/clients.py": "tests/clients.py.j2",
    "tests/factories.py": "tests/factories.py.j2",
    "tests/test_core.py": "tests/test_core.py.j2",
}
"""Template by path."""


def render_project_files(blueprint: Blueprint) -> dict[str, str]:
    """Every file outside the application, by path; Python is not formatted yet."""
    environment = project_templates()
    shared = _shared(blueprint)
    rendered = {path: environment.get_template(template).render(shared) for path, template in FILES.items()}
    template = environment.get_template("tests/test_resource.py.j2")
    for resource in _creatable(blueprint):
        rendered[f"tests/test_{resource.plural}.py"] = template.render(_tested(blueprint, resource))
    return rendered


def project_templates() -> Environment:
    """The templates, strict: a name that is not given is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__ or "", "templates/project"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["toml"] = toml
    return environment


def toml(text: str) -> str:
    """A string of TOML, which knows no pairs of surrogates."""
    return json.dumps(text, ensure_ascii=False)


def _shared(blueprint: Blueprint) -> dict[str, Any]:
    creatable = _creatable(blueprint)
    factories = [_factory(blueprint, resource) for resource in creatable]
    expressions = " ".join(value for factory in factories for _, value in factory["sent"])
    uses_n = any(factory["uses_n"] for factory in factories)
    keys = any(factory["idempotent"] for factory in factories)
    imports = {
        "from datetime import date, timedelta": "timedelta(" in expressions,
        "from decimal import Decimal": "Decimal(" in expressions,
        "from itertools import count": uses_n,
        "from typing import Any": True,
        "from uuid import uuid4": keys or "uuid4()" in expressions,
    }
    return {
        "name": blueprint.name,
        "description": blueprint.description,
        "routes": routes(blueprint),
        "roles": _roles(blueprint),
        "graphql": Interface.GRAPHQL in blueprint.interfaces,
        "tenant": blueprint.tenant,
        "signed_in": blueprint.auth.scheme != "none",
        "resources": factories,
        "uses_n": uses_n,
        "imports": [line for line, needed in imports.items() if needed],
    }


def _roles(blueprint: Blueprint) -> list[str]:
    return sorted({role for route in routes(blueprint) for role in route.operation.roles})


def _creatable(blueprint: Blueprint) -> list[Resource]:
    """Resources whose rows the API itself can make, with all they need, in an order in which parents come first.

    Those of which a caller may have only a few rows, as one for each value of an enum, are left out.
    """
    found: dict[str, Resource] = {}
    waiting = [
        resource
        for resource in blueprint.resources.values()
        if resource.operations.create and all(_tells_apart(blueprint, resource, group) for group in resource.unique)
    ]
    while ready := [resource for resource in waiting if _needs(resource) <= found.keys()]:
        found |= {resource.name: resource for resource in ready}
        waiting = [resource for resource in waiting if resource.name not in found]
    return list(found.values())


def _needs(resource: Resource) -> set[str]:
    return {relation.resource for relation in resource.belongs_to.values() if relation.required}


def _tells_apart(blueprint: Blueprint, resource: Resource, group: Sequence[str]) -> bool:
    """Whether rows made one after the other differ in a group of fields and relations that is unique."""
    if resource.owner == "self":
        return True
    for name in group:
        relation, spec = resource.belongs_to.get(name), resource.fields.get(name)
        if relation and name != resource.owner:
            if not relation.required or blueprint.resources[relation.resource].owner != "self":
                return True
        elif spec and ((varies(spec) and not spec.read_only) or (not spec.required and spec.default is None)):
            return True
    return False


def _distinct(resource: Resource, name: str, spec: FieldSpec) -> FieldSpec:
    """The field, to be filled with values that are no other row's where rows are told apart by it."""
    shared = any(name in group for group in resource.unique)
    return spec.model_copy(update={"unique": True}) if shared and varies(spec) else spec


def _factory(blueprint: Blueprint, resource: Resource) -> dict[str, Any]:
    distinct = {name: _distinct(resource, name, spec) for name, spec in resource.fields.items()}
    sent = [
        (name, sample(name, spec))
        for name, spec in distinct.items()
        if not spec.read_only and ((spec.required and spec.default is None) or spec is not resource.fields[name])
    ]
    return {
        "name": resource.name,
        "words": resource.name.replace("_", " "),
        "article": article(resource.name),
        "path": f"{blueprint.prefix}/{resource.path}",
        "owner": resource.owner,
        "owner_parent": resource.belongs_to[resource.owner].resource if resource.owner in resource.belongs_to else "",
        "parents": [
            {"column": f"{name}_id", "resource": relation.resource}
            for name, relation in resource.belongs_to.items()
            if relation.required and name != resource.owner
        ],
        "sent": sent,
        "uses_n": any(_uses_n(value) for _, value in sent),
        "idempotent": _idempotent(resource),
    }


def _tested(blueprint: Blueprint, resource: Resource) -> Mapping[str, Any]:
    offered = resource.operations
    return {
        **_factory(blueprint, resource),
        "plural": resource.plural,
        "words_plural": resource.plural.replace("_", " "),
        "writer": "manager" if blueprint.auth.scheme != "none" else "anybody",
        "get": offered.get is not None,
        "listed": offered.list is not None,
        "cursor": offered.list is not None and offered.list.pagination is Pagination.CURSOR,
        "wrong": _wrong(resource),
        "unique": _unique(resource),
        "update": _update(resource),
        "delete": offered.delete is not None,
        "locking": resource.optimistic_locking,
        "key_header": ', headers={"Idempotency-Key": str(uuid4())}' if _idempotent(resource) else "",
        "anonymous": _closed_to_anonymous(resource),
        "tenant": resource.tenant,
        "private": offered.get is not None and set(offered.get.access) == {"owner"},
    }


def _idempotent(resource: Resource) -> bool:
    create = resource.operations.create
    return create is not None and create.idempotency is not Idempotency.NONE


def _wrong(resource: Resource) -> dict[str, str] | None:
    for name, spec in resource.fields.items():
        value = wrong(spec)
        if value is not None and not spec.read_only:
            return {"name": name, "value": value}
    return None


def _unique(resource: Resource) -> dict[str, str] | None:
    """The first field whose values are unique, where a caller can make more than one row."""
    if resource.owner == "self":
        return None
    names = (name for name, spec in resource.fields.items() if spec.unique and spec.required and not spec.read_only)
    name = next(names, "")
    return {"name": name, "article": article(name)} if name else None


def _update(resource: Resource) -> dict[str, Any] | None:
    """The first field that an update may change to something else."""
    if resource.operations.update is None or resource.operations.get is None:
        return None
    for name, spec in resource.fields.items():
        value = another(name, spec)
        if value is not None and not spec.immutable and not spec.read_only:
            return {"name": name, "value": value, "uses_n": _uses_n(value), "hidden": spec.write_only}
    return None


def _closed_to_anonymous(resource: Resource) -> dict[str, str] | None:
    offered: Iterator[tuple[Operation | None, str, str]] = iter(
        [(resource.operations.create, "post", "make"), (resource.operations.list, "get", "list")]
    )
    for operation, method, verb in offered:
        if operation is not None and not operation.public:
            return {"method": method, "verb": verb}
    return None


def _uses_n(expression: str) -> bool:
    return (
        "{n" in expression or "n +" in expression or "n %" in expression or "days=n" in expression or expression == "n"
    )


def article(word: str) -> str:
    """``a`` or ``an``, by the letter: good enough for names of tests."""
    return "an" if word[:1] in "aeiou" else "a"
