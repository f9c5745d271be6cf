"""A feature in words as a design: its blueprint, and the operations in it that were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import BlueprintError
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.routes import RouteKind, routes
from knowledge.blueprint.writer import write_blueprint
from knowledge.design.draft import Draft
from knowledge.design.sentence import FeatureError, read_sentences


@dataclass(frozen=True)
class Design:
    """A blueprint in which something was designed."""

    blueprint: Blueprint
    text: str
    """The blueprint as YAML."""
    focus: tuple[str, ...]
    """Ids of the operations that were asked for."""
    assumptions: tuple[str, ...] = ()
    """What was not said and had to be settled, each with how to say it."""


def design_feature(text: str, base: Blueprint | None = None) -> Design:
    """The blueprint with the described operations in it.

    Args:
        text: sentences as :func:`knowledge.design.sentence.read_sentences` takes them.
        base: the project's blueprint; its resources keep what they have.

    Raises:
        FeatureError: a part is not understood, names what the project does not have, or contradicts another.
    """
    draft = Draft(base)
    for sentence in read_sentences(text):
        draft.add(sentence)
    draft.support()
    try:
        blueprint = read_blueprint(draft.yaml(), path="the described feature")
    except BlueprintError as error:  # lines and columns of a text that nobody wrote are left out
        told = "\n".join(f"{problem.where}: {problem.message} {problem.remedy}" for problem in error.problems)
        raise FeatureError(f"what is described cannot be a backend:\n{told}") from None
    return Design(blueprint, write_blueprint(blueprint), _focus(blueprint, draft.asked), tuple(draft.assumptions))


def _focus(blueprint: Blueprint, asked: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    found = []
    for verb, noun, parent in asked:
        nested = {"list": RouteKind.NESTED_LIST, "create": RouteKind.NESTED_CREATE}.get(verb) if parent else None
        kind = nested or RouteKind(verb)
        found += [
            route.operation_id
            for route in routes(blueprint)
            if (route.kind is kind and route.resource == noun and (nested is None or route.other == parent))
            or (verb == "list" and (route.kind, route.resource, route.other) == (RouteKind.LINKED, parent, noun))
        ]
    return tuple(dict.fromkeys(found))
