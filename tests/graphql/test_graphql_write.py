"""The schema of a blueprint: valid, without a finding of our own review, and complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from blueprint_strategies import blueprints
from graphql import build_schema, validate_schema
from hypothesis import given, settings

from backend.scaffold.render import render_project
from backend.scaffold.typescript.render import render_typescript
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.routes import RouteKind, routes
from knowledge.formats.graphql.contract import contract
from knowledge.formats.graphql.write import write_sdl
from knowledge.graphql.review import review_sdl

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "examples").glob("*.yaml")), ROOT / "tests" / "scaffold" / "rendered_odd.yaml"]

EMPTY = """
name: tickets
interfaces: [graphql]
resources:
  ticket:
    fields:
      number: {type: integer, default: 0, read_only: true}
    operations:
      list: {access: [public]}
      create: {access: [public], idempotency: none}
"""


def read(path: Path) -> Blueprint:
    return read_blueprint(path.read_text(encoding="utf-8"), path=path.name)


def judged(blueprint: Blueprint) -> None:
    text = write_sdl(blueprint)
    assert validate_schema(build_schema(text)) == []
    assert [f"{one.location} {one.message}" for one in review_sdl(text, profile="all").findings] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_written_is_valid_and_our_own_review_finds_nothing(path: Path) -> None:
    judged(read(path))


@given(blueprints())
@settings(max_examples=25, deadline=None)
def test_whatever_the_blueprint_the_schema_is_in_order(blueprint: Blueprint) -> None:
    judged(blueprint)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_route_has_its_field(path: Path) -> None:
    blueprint = read(path)
    made = contract(blueprint)
    fields = {one.route.operation_id for one in (*made.queries, *made.mutations)}
    leading = {RouteKind.NESTED_LIST, RouteKind.LINKED}
    assert fields == {route.operation_id for route in routes(blueprint) if route.kind not in leading}
    led = [field for one in made.definitions for field in one.fields if field.leads in ("children", "linked")]
    assert len(led) == len([route for route in routes(blueprint) if route.kind in leading])


def test_an_input_has_a_field_even_where_there_is_nothing_to_give() -> None:
    blueprint = read_blueprint(EMPTY)
    judged(blueprint)
    assert "clientMutationId: String" in write_sdl(blueprint)
    python = render_project(blueprint)
    assert "client_mutation_id_: str | None" in python["app/graphql/mutations.py"]
    assert '"clientMutationId": "data."' in render_typescript(blueprint)["src/graphql/tables.ts"]
