"""From the text of a blueprint to the checked model."""

from __future__ import annotations

from knowledge.blueprint.checks import check_blueprint
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.plurals import plural_of
from knowledge.blueprint.problems import BlueprintError, Problem
from knowledge.blueprint.source import Node, read_text
from knowledge.blueprint.structure import read_structure


def read_blueprint(text: str, *, path: str = "blueprint") -> Blueprint:
    """The blueprint that a YAML or JSON text describes, with names and plurals filled in.

    ``path`` is what errors call the text. Raises ``BlueprintError`` with all problems found, each with its place
    and a remedy.
    """
    node = read_text(text, source=path)
    blueprint, problems = read_structure(node.plain())
    if blueprint is not None:
        blueprint = named(blueprint)
        problems = check_blueprint(blueprint)
    if problems or blueprint is None:
        raise BlueprintError([_placed(problem, node) for problem in problems], source=path)
    return blueprint


def named(blueprint: Blueprint) -> Blueprint:
    """The blueprint with the names and plurals filled in that resources leave out."""
    resources = {key: _named(key, resource) for key, resource in blueprint.resources.items()}
    return blueprint.model_copy(update={"resources": resources})


def _named(key: str, resource: Resource) -> Resource:
    name = resource.name or key
    return resource.model_copy(update={"name": name, "plural": resource.plural or plural_of(name)})


def _placed(problem: Problem, node: Node) -> Problem:
    return problem.at(*node.place(problem.path))
