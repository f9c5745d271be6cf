"""The contract that a TypeScript project serves is that of the Python project from the same blueprint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from rendered_projects import example, imported, write_project
from ts_project import SECRET, running_typescript

Json = dict[str, Any]


def python_contract(name: str, folder: Path) -> Json:
    project = write_project(example(name), folder / "python")
    with imported(project) as main:
        from app.settings import Settings  # type: ignore[import-not-found]

        app = main.create_app(Settings(_env_file=None, environment="test", jwt_secret=SECRET))
        document: Json = app.openapi()
        return document


async def typescript_contract(name: str, folder: Path) -> Json:
    url = f"sqlite:///{folder}/app.db"
    async with (
        running_typescript(folder / "typescript", url, blueprint=example(name)) as base,
        httpx.AsyncClient(base_url=base) as client,
    ):
        document: Json = (await client.get("/openapi.json")).json()
        return document


ANYTHING = "any value"
EVERY = frozenset({"array", "boolean", "null", "number", "object", "string"})


def united(shapes: list[Any]) -> Any:
    """Any of several, however it is written."""
    parts = {part for shape in shapes for part in (shape if isinstance(shape, set) else {str(shape)})}
    return ANYTHING if ANYTHING in parts or parts >= EVERY else parts


class Reader:
    """What a contract says, apart from how it says it."""

    def __init__(self, document: Json) -> None:
        self.document = document

    def resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def shape(self, schema: Json, seen: tuple[str, ...] = ()) -> Any:
        """Types, names and what has to be there."""
        if (name := schema.get("$ref", "")) in seen:
            return "again"
        schema, seen = self.resolved(schema), (*seen, name) if name else seen
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return united([self.shape(option, seen) for option in options])
        if "const" in schema:
            return {"enum": [schema["const"]]}
        if "enum" in schema:
            return {"enum": sorted(map(str, schema["enum"]))}
        if "properties" in schema:
            required = set(schema.get("required", ()))
            return {
                f"{name}{'' if name in required else '?'}": self.shape(each, seen)
                for name, each in sorted(schema["properties"].items())
            }
        if "items" in schema:
            return [self.shape(schema["items"], seen)]
        kinds = schema.get("type", ANYTHING)
        return united(kinds) if isinstance(kinds, list) else kinds

    def operations(self) -> Json:
        """Every operation of the API by method and path."""
        return {
            f"{method.upper()} {path}": self.operation(operation)
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            if path.startswith("/api")
        }

    def operation(self, operation: Json) -> Json:
        bodies = operation.get("requestBody", {}).get("content", {})
        return {
            "id": operation["operationId"],
            "tags": operation["tags"],
            "summary": operation["summary"],
            "description": operation["description"],
            "deprecated": operation.get("deprecated", False),
            "security": operation.get("security", []),
            "parameters": sorted(
                f"{each['in']} {each['name'].lower()}{'' if each.get('required') else '?'}"
                for each in operation.get("parameters", ())
            ),
            "body": {kind: self.shape(body["schema"]) for kind, body in bodies.items()},
            "answers": {
                status: [self.shape(body["schema"]) for body in answer.get("content", {}).values()]
                for status, answer in sorted(operation["responses"].items())
            },
        }


@pytest.mark.parametrize("name", ["shop", "every_feature"])
async def test_both_stacks_document_the_same_operations(name: str, tmp_path: Path) -> None:
    python = Reader(python_contract(name, tmp_path)).operations()
    typescript = Reader(await typescript_contract(name, tmp_path)).operations()
    assert typescript.keys() == python.keys()
    differing = {
        f"{operation} {part}": (said, typescript[operation][part])
        for operation, parts in python.items()
        for part, said in parts.items()
        if typescript[operation][part] != said
    }
    assert differing == {}


async def test_answers_of_deprecated_operations_say_so_whatever_they_are(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/app.db"
    async with (
        running_typescript(tmp_path / "typescript", url, blueprint=example("every_feature")) as base,
        httpx.AsyncClient(base_url=f"{base}/api/v2") as client,
    ):
        listed = await client.get("/subjects", params={"page": 2})
        refused = await client.get("/subjects", params={"color": "red"})
        current = await client.get("/books")
    for answer, status in ((listed, 200), (refused, 422)):
        assert answer.status_code == status
        assert answer.headers["deprecation"] == "@1767225600"
        assert answer.headers["sunset"] == "Wed, 30 Jun 2027 00:00:00 GMT"
        assert answer.headers["link"] == (
            '<https://example.org/moved>; rel="deprecation"; type="text/html",'
            ' <https://example.org/moved>; rel="sunset"; type="text/html"'
        )
    assert not {"deprecation", "sunset", "link"} & current.headers.keys()
