"""References into other files are followed through the caller's function only; nothing else is ever opened."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable
from datetime import date

import pytest

from knowledge.api.collapse import owner
from knowledge.api.document import ApiDocument, read_document
from knowledge.api.examination import examine
from knowledge.api.node import Kind, Policy
from knowledge.api.references import is_remote, split
from knowledge.api.review import hits
from knowledge.api.walk import Walk
from knowledge.rules.api.path_no_trailing_slash import RULE

MAIN = """\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /users:
    $ref: './paths/users.yaml'
components:
  schemas:
    User: {$ref: 'schemas/user.yaml#/User'}
"""
FILES = {
    "paths/users.yaml": (
        "get:\n  parameters:\n  - {name: q, in: query, schema: {type: string}}\n  responses:\n    '200':\n"
        "      description: Users.\n      content:\n        application/json:\n"
        "          schema: {$ref: '../schemas/user.yaml#/User'}\n"
    ),
    "schemas/user.yaml": (
        "User:\n  properties:\n    id: {type: string}\n    home: {$ref: 'place.yaml'}\n    me: {$ref: '#/User'}\n"
    ),
    "schemas/place.yaml": "type: object\nproperties:\n  in: {$ref: '../api.yaml#/components/schemas/User'}\n",
}


def loader(files: dict[str, str], asked: list[str]) -> Callable[[str], str | None]:
    def load(path: str) -> str | None:
        asked.append(path)
        return files.get(path)

    return load


def read_main(text: str = MAIN, files: dict[str, str] = FILES) -> tuple[ApiDocument, list[str]]:
    asked: list[str] = []
    return read_document(text, "api/api.yaml", loader(files, asked)), asked


def test_every_file_is_read_once_by_its_path_from_the_document() -> None:
    document, asked = read_main()
    assert sorted(asked) == ["paths/users.yaml", "schemas/place.yaml", "schemas/user.yaml"]
    assert document.files.unread == {} and document.problems == []


def test_what_stands_in_other_files_is_walked_once_and_located_there() -> None:
    document, _ = read_main()
    from knowledge.api.context import ApiContext

    context = ApiContext(document.root, document.version, Policy(), document.external)
    seen = [node for node in Walk(document.root, document.raw, context.at) if node.kind is not Kind.DOCUMENT]
    located = {(str(node.kind), str(document.locate(node.pointer))) for node in seen}
    assert ("operation", "api/paths/users.yaml:1:1") in located
    assert ("parameter", "api/paths/users.yaml:3:5") in located
    assert ("schema", "api/schemas/place.yaml:3:3") in located
    assert ("path", "api/api.yaml:4:3") in located
    names = [node.component for node in seen if node.kind is Kind.SCHEMA and node.depth == 0]
    assert sorted(filter(None, names)) == ["schemas/User", "schemas/place.yaml", "schemas/user.yaml#/User"]


def test_references_inside_other_files_lead_on_from_there() -> None:
    document, _ = read_main()
    from knowledge.api.context import ApiContext

    context = ApiContext(document.root, document.version, Policy(), document.external)
    user = context.resolve({"$ref": "schemas/user.yaml#/User"})
    assert context.resolve(user["properties"]["home"])["type"] == "object"
    assert context.resolve(user["properties"]["me"]) is user
    assert context.resolve(context.resolve(user["properties"]["home"])["properties"]["in"]) is user


@pytest.mark.parametrize(
    "reference",
    ["http://h.example/a.yaml", "https://h.example/a.yaml#/A", "//h.example/a", "file:///etc/passwd", "ftp://h/a"],
)
def test_the_network_and_schemes_are_never_asked(reference: str) -> None:
    text = json.dumps({"openapi": "3.1.0", "components": {"schemas": {"A": {"$ref": reference}}}})
    document, asked = read_main(text)
    assert asked == [] and is_remote(reference)
    assert list(document.files.unread) == [reference.partition("#")[0]]
    (untested,) = examine(document, [RULE], Policy(), date(2026, 1, 1)).not_tested
    assert "network" in untested


def test_a_path_outside_is_the_callers_to_refuse_and_then_said() -> None:
    text = json.dumps({"openapi": "3.1.0", "components": {"schemas": {"A": {"$ref": "../../etc/passwd#/A"}}}})
    document, asked = read_main(text)
    assert asked == ["../../etc/passwd"]
    assert "not in the workspace" in document.files.unread["../../etc/passwd"]


def test_without_a_loader_nothing_is_opened() -> None:
    document = read_document(MAIN, "api.yaml")
    assert sorted(document.files.unread.values()) == ["no other file was given"] * 2


def test_files_that_refer_to_each_other_without_end_are_bounded() -> None:
    def endless(path: str) -> str:
        number = int(posixpath.splitext(posixpath.basename(path))[0])
        return f"$ref: '{number + 1}.yaml'\n"

    text = "openapi: 3.1.0\ncomponents: {schemas: {A: {$ref: '1.yaml'}}}\n"
    document = read_document(text, "api.yaml", endless)
    assert len(document.files.texts) == 500 and len(document.files.unread) == 1
    hits(document, [RULE])


def test_a_broken_file_is_a_problem_with_its_line() -> None:
    text = "openapi: 3.1.0\ncomponents: {schemas: {A: {$ref: 'a.yaml'}}}\n"
    document = read_document(text, "api.yaml", lambda _: "a: [1\nb")
    (problem,) = document.problems
    assert problem.message.startswith("a.yaml: ")


def test_hits_in_other_files_belong_to_them() -> None:
    from dataclasses import replace

    from knowledge.api.node import ApiHit

    document, _ = read_main()
    every = replace(RULE, on=(Kind.SCHEMA,), check=lambda node, _context: [ApiHit("x")])
    owners = {owner(node, hit) for _, node, hit in hits(document, [every])}
    assert owners == {"/users", "schemas/User", "schemas/place.yaml", "schemas/user.yaml#/User"}


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("#/a~1b/c~0d", ("", ("a/b", "c~d"))),
        ("x.yaml", ("x.yaml", ())),
        ("#Anchor", ("", ("Anchor",))),
        ("#/components/schemas/A%20B", ("", ("components", "schemas", "A B"))),
        ("#", ("", ())),
    ],
)
def test_a_reference_is_split_as_its_specifications_say(reference: str, parts: tuple[str, tuple[str, ...]]) -> None:
    assert split(reference) == parts
