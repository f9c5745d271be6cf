"""Rendered applications read like written ones: linted, formatted, typed, the same every time."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from rendered_checks import boots, complaints
from rendered_projects import EXAMPLES, ROOT, example, write_project
from rendered_strategies import NASTY_TEXTS, blueprints

from backend.scaffold.render import render_project
from backend.scaffold.rendering.literals import docstring, text_literal
from knowledge.blueprint.model import Blueprint

REFERENCE = ROOT / "backend" / "reference"


@pytest.mark.parametrize("name", EXAMPLES)
def test_ruff_and_mypy_find_nothing_in_a_rendered_application(name: str, tmp_path: Path) -> None:
    folder = write_project(example(name), tmp_path)
    assert complaints(folder) == ""
    assert boots(folder) == ""


def test_the_platform_is_copied_byte_for_byte() -> None:
    files = render_project(example("blog"))
    copied = {path.removeprefix("app/core/"): text for path, text in files.items() if path.startswith("app/core/")}
    written = {str(path.relative_to(REFERENCE)): path.read_text("utf-8") for path in REFERENCE.rglob("*.py")}
    assert copied == written


def test_the_same_blueprint_renders_the_same_text_in_every_process() -> None:
    program = (
        "import backend_architect, hashlib, json, sys; sys.path.insert(0, 'tests/scaffold');"
        "from rendered_projects import example; from backend.scaffold.render import render_project;"
        "print(hashlib.sha256(json.dumps(render_project(example('every_feature'))).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


@settings(max_examples=2, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(blueprint=blueprints())
def test_applications_of_random_blueprints_are_linted_typed_and_start(
    blueprint: Blueprint, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = write_project(blueprint, tmp_path_factory.mktemp("random"))  # more of them: eval_rendered.py
    assert complaints(folder) == ""
    assert boots(folder) == ""


@pytest.mark.parametrize("text", [*NASTY_TEXTS, "", " ", "x" * 1000, "\\" * 300, '"""' * 100, "ends with \\"])
def test_texts_of_a_blueprint_are_nothing_but_text(text: str) -> None:
    assert ast.literal_eval(text_literal(text)) == text
    read = ast.literal_eval(docstring(text, "Nothing."))
    assert "".join(read.split()) == ("".join(text.split()) or "Nothing.")
