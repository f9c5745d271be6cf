"""Events as AsyncAPI: valid against the published schema, read back as written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from node_clients import installed

from knowledge.blueprint.reader import read_blueprint
from knowledge.formats.asyncapi.read import UNREADABLE, read_asyncapi
from knowledge.formats.asyncapi.write import asyncapi, write_asyncapi

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("blog", "shop", "every_feature")


@pytest.fixture(scope="session")
def published() -> Any:
    node = installed(Path(__file__).with_name("package.json"))
    return json.loads(node.script("@asyncapi/specs", "schemas/3.0.0-without-$id.json").read_text())


def _document(name: str) -> dict[str, Any]:
    return asyncapi(read_blueprint((EXAMPLES / f"{name}.yaml").read_text()))


@pytest.mark.parametrize("name", NAMES)
def test_written_events_fit_the_published_schema(name: str, published: Any) -> None:
    errors = [error.message for error in jsonschema_rs.validator_for(published).iter_errors(_document(name))]
    assert errors == []


def test_the_published_schema_refuses_an_operation_without_an_action(published: Any) -> None:
    broken = _document("shop")
    del broken["operations"]["publish"]["action"]
    assert not jsonschema_rs.validator_for(published).is_valid(broken)


@pytest.mark.parametrize("name", NAMES)
def test_events_are_read_back_as_the_blueprint_has_them(name: str) -> None:
    blueprint = read_blueprint((EXAMPLES / f"{name}.yaml").read_text())
    read = read_asyncapi(write_asyncapi(blueprint)["asyncapi.yaml"])
    expected = {f"{each.name}.{kind.value}" for each in blueprint.resources.values() for kind in each.events}
    assert {message.name for message in read.messages} == expected
    assert all(message.action == "send" for message in read.messages)
    assert all("id" in message.payload["properties"] for message in read.messages)
    assert read.problems == ()


def test_version_2_words_are_a_clients() -> None:
    read = read_asyncapi(
        "asyncapi: 2.6.0\ninfo: {title: Old, version: '1'}\nchannels:\n"
        "  orders: {subscribe: {message: {name: order.created, payload: {type: object}}}}\n"
    )
    assert [(each.name, each.channel, each.action) for each in read.messages] == [("order.created", "orders", "send")]


def test_what_is_no_asyncapi_is_a_problem_and_a_circle_ends() -> None:
    assert read_asyncapi("openapi: 3.1.0").problems[-1].rule == UNREADABLE
    circle = "asyncapi: 3.0.0\nchannels: {a: {$ref: '#/channels/b'}, b: {$ref: '#/channels/a'}}\n"
    assert read_asyncapi(circle).messages == ()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_damage_makes_the_reader_raise(data: st.DataObject) -> None:
    text = write_asyncapi(read_blueprint((EXAMPLES / "every_feature.yaml").read_text()))["asyncapi.yaml"]
    at = data.draw(st.integers(0, len(text)))
    read_asyncapi(text[:at] + data.draw(st.text(max_size=12)) + text[at + data.draw(st.integers(0, 40)) :])
