"""Blueprints as people write them: examples, YAML and JSON, names filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.blueprint.reader import read_blueprint

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["blog", "shop", "every_feature"])
def test_the_examples_are_read(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    assert read_blueprint(path.read_text(), path=path.name).name == name.replace("_", "-")
