"""The files of a scaffolded project around its application: packaging, containers, checks, documentation, tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend.scaffold.samples import another, sample, uses_n, wrong
from backend.scaffold.tested import Samples, creatable, factory, tested
from knowledge.blueprint.model import Blueprint, Interface
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

PYTHON = Samples(sample, another, wrong, uses_n)


def render_project_files(blueprint: Blueprint) -> dict[str, str]:
    """Every file outside the application, by path; Python is not formatted yet."""
    environment = project_templates()
    shared = _shared(blueprint)
    rendered = {path: environment.get_template(template).render(shared) for path, template in FILES.items()}
    template = environment.get_template("tests/test_resource.py.j2")
    for resource in creatable(blueprint):
        facts = tested(blueprint, resource, PYTHON)
        key = ', headers={"Idempotency-Key": str(uuid4())}' if facts["idempotent"] else ""
        rendered[f"tests/test_{resource.plural}.py"] = template.render(facts, key_header=key)
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
    factories = [factory(blueprint, resource, PYTHON) for resource in creatable(blueprint)]
    expressions = " ".join(value for each in factories for _, value in each["sent"])
    numbered = any(each["uses_n"] for each in factories)
    keys = any(each["idempotent"] for each in factories)
    imports = {
        "from datetime import date, timedelta": "timedelta(" in expressions,
        "from decimal import Decimal": "Decimal(" in expressions,
        "from itertools import count": numbered,
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
        "uses_n": numbered,
        "imports": [line for line, needed in imports.items() if needed],
    }


def _roles(blueprint: Blueprint) -> list[str]:
    return sorted({role for route in routes(blueprint) for role in route.operation.roles})
