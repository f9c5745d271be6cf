"""GitHub's published schema, in two versions: invalid as it is, it is reviewed whole and compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_ast_schema, parse
from graphql.utilities import find_breaking_changes
from node_clients import installed

from knowledge.formats.graphql.document import SdlDocument
from knowledge.formats.graphql.read import read_sdl
from knowledge.graphql.change import Level, inverse
from knowledge.graphql.diff import compare
from knowledge.graphql.review import review_document

MANIFEST = Path(__file__).with_name("package.json")


@pytest.fixture(scope="module")
def versions() -> tuple[SdlDocument, SdlDocument]:
    node = installed(MANIFEST)
    older, newer = (node.script(f"github-schema-{major}", "schema.graphql").read_text() for major in (14, 15))
    return read_sdl(older, "14.graphql"), read_sdl(newer, "15.graphql")


def test_what_is_invalid_is_told_and_the_whole_schema_is_reviewed(versions: tuple[SdlDocument, SdlDocument]) -> None:
    older, newer = (review_document(document, profile="all") for document in versions)
    assert older.types > 1500 and newer.types > 1600
    assert older.counts["gql-valid-sdl"] == 9
    assert newer.counts["gql-valid-sdl"] == 14
    twice = [one.message for one in newer.findings if "only be defined once" in one.message]
    assert twice == [
        "Field 'EnterpriseOwnerInfo.repositoryDeployKeySetting' can only be defined once. "
        "(and 1 more place in EnterpriseOwnerInfo)"
    ]
    assert "gql-connection" not in newer.counts and "gql-one-of" not in newer.counts


def test_its_breaking_changes_are_those_of_graphql_core(versions: tuple[SdlDocument, SdlDocument]) -> None:
    changes = compare(*versions)
    schemas = [build_ast_schema(parse(one.text), assume_valid=True, assume_valid_sdl=True) for one in versions]
    breaking = [one for one in changes if one.level is Level.BREAKING]
    assert len(breaking) == len(find_breaking_changes(*schemas))
    assert len(changes) > 500


def test_exchanged_it_gives_the_opposite(versions: tuple[SdlDocument, SdlDocument]) -> None:
    older, newer = versions
    there, back = compare(older, newer), compare(newer, older)
    assert sorted((inverse(one.kind), one.path) for one in there) == sorted((one.kind, one.path) for one in back)
    assert compare(newer, newer) == ()
