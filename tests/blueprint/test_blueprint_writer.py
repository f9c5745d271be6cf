"""Blueprints written as YAML and read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from blueprint_strategies import DRAWN, blueprints
from hypothesis import given, settings

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.writer import write_blueprint

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["blog", "shop", "every_feature"])
def test_an_example_reads_the_same_after_it_was_written(name: str) -> None:
    blueprint = read_blueprint((EXAMPLES / f"{name}.yaml").read_text())
    assert read_blueprint(write_blueprint(blueprint)) == blueprint


@settings(DRAWN, max_examples=60)
@given(blueprint=blueprints())
def test_any_valid_blueprint_reads_the_same_from_yaml_and_from_json(blueprint: Blueprint) -> None:
    assert read_blueprint(write_blueprint(blueprint)) == blueprint
    data = blueprint.model_dump(mode="json", exclude_none=True)
    for text in (json.dumps(data), json.dumps(data, indent="\t", ensure_ascii=False)):
        assert read_blueprint(text).model_dump(mode="json", exclude_none=True)["resources"] == data["resources"]
