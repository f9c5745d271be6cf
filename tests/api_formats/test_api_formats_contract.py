"""The contract written from a blueprint is valid, and what the rendered backend serves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from blueprint_strategies import blueprints
from hypothesis import given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from backend.design.mounted import mounted
from backend.engines.postgres.host import PostgresHost
from backend.exercise.exchange import Call
from backend.exercise.subject import Budget
from backend.exercise.suite import document
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.formats.openapi.write import openapi, write_openapi

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("blog", "shop", "every_feature")
BESIDE_REST = ("/healthz", "/readyz")


def example(name: str) -> Blueprint:
    return read_blueprint((EXAMPLES / f"{name}.yaml").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_written_contracts_are_valid_openapi(name: str) -> None:
    validate(openapi(example(name)), cls=OpenAPIV31SpecValidator)


def test_a_contract_with_a_dangling_parameter_is_refused_by_the_same_validator() -> None:
    broken = openapi(example("blog"))
    del broken["paths"]["/api/v1/users/{user_id}"]["get"]["parameters"]
    with pytest.raises(OpenAPIValidationError):
        validate(broken, cls=OpenAPIV31SpecValidator)


@settings(max_examples=15, deadline=None)
@given(blueprints())
def test_contracts_of_any_blueprint_are_valid_and_say_every_error_once(blueprint: Blueprint) -> None:
    written = openapi(blueprint)
    validate(written, cls=OpenAPIV31SpecValidator)
    identifiers = [operation["operationId"] for item in written["paths"].values() for operation in item.values()]
    assert len(identifiers) == len(set(identifiers))


def test_yaml_holds_the_same_as_the_data() -> None:
    import yaml

    assert yaml.safe_load(write_openapi(example("blog"))) == openapi(example("blog"))


def _operations(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, item in contract["paths"].items()
        for method, operation in item.items()
        if path not in BESIDE_REST
    }


@pytest.mark.parametrize("name", NAMES)
async def test_the_rendered_backend_serves_the_same_operations(name: str, postgres: PostgresHost) -> None:
    blueprint = example(name)
    async with mounted(blueprint, postgres, now=datetime.now(UTC), seed=1, budget=Budget()) as up:
        served: Any = await document(up.subject.target)
    written, running = _operations(openapi(blueprint)), _operations(served)
    assert set(written) == set(running)
    for label, operation in written.items():
        there = running[label]
        assert operation["operationId"] == there["operationId"]
        assert set(operation["responses"]) == set(there["responses"]), label
        assert _parameters(operation) - {("if-none-match", "header")} == _parameters(there), label
        assert bool(operation["security"]) == bool(there.get("security")), label


def _parameters(operation: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["name"].lower(), each["in"]) for each in operation.get("parameters", [])}


async def test_deprecated_reads_say_so_from_the_route_and_from_the_cache(postgres: PostgresHost) -> None:
    async with mounted(example("every_feature"), postgres, now=datetime.now(UTC), seed=1, budget=Budget()) as up:
        answers = [await up.subject.target.call(Call("GET", "/api/v2/subjects")) for _ in range(2)]
    assert [len(answer.statements) for answer in answers] == [2, 0], "the second comes from the cache"
    for answer in answers:
        assert answer.headers["deprecation"] == "@1767225600"
        assert answer.headers["sunset"] == "Wed, 30 Jun 2027 00:00:00 GMT"
        assert 'rel="deprecation"' in answer.headers["link"]
