"""What operations are said to answer with."""

from __future__ import annotations

from blueprint_strategies import blueprints
from hypothesis import given, settings

from knowledge.blueprint.answers import ANYWHERE, codes, errors
from knowledge.blueprint.expectations import access_matrix
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.routes import routes


@settings(max_examples=30, deadline=None)
@given(blueprints())
def test_every_refusal_of_the_access_matrix_is_a_documented_error(blueprint: Blueprint) -> None:
    for expectation in access_matrix(blueprint):
        refused = {status for status in expectation.statuses if status >= 400}
        assert refused <= set(errors(blueprint, expectation.route)), expectation


@settings(max_examples=30, deadline=None)
@given(blueprints())
def test_every_documented_error_has_a_code(blueprint: Blueprint) -> None:
    for route in routes(blueprint):
        documented = errors(blueprint, route)
        assert set(ANYWHERE) <= set(documented)
        for status in documented:
            assert codes(blueprint, route, status), (route.operation_id, status)
