"""The languages a design is written in, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module

from knowledge.blueprint.model import Blueprint, Interface

Write = Callable[[Blueprint], Mapping[str, str]]
"""Text by relative path."""


class UnknownFormatError(ValueError):
    """There is no format of that name; the text lists those there are."""


def written(blueprint: Blueprint, names: Iterable[str]) -> dict[str, str]:
    """The contract, and the design in each format that is asked for.

    Raises:
        UnknownFormatError: a name is none of a format.
    """
    asked = list(dict.fromkeys(("openapi", *names)))
    if unknown := [name for name in asked if name not in FORMATS]:
        raise UnknownFormatError(f"formats: there is no {', '.join(unknown)}; choose from {', '.join(FORMATS)}")
    found: dict[str, str] = {}
    for name in asked:
        found |= FORMATS[name](blueprint)
    return found


def _of(module: str, function: str) -> Write:
    """A writer that is imported when it is used."""

    def write(blueprint: Blueprint) -> Mapping[str, str]:
        texts: Mapping[str, str] = getattr(import_module(f"knowledge.formats.{module}"), function)(blueprint)
        return texts

    return write


def _openapi(blueprint: Blueprint) -> Mapping[str, str]:
    from knowledge.formats.openapi.write import write_openapi

    return {"openapi.yaml": write_openapi(blueprint)}


def _graphql(blueprint: Blueprint) -> Mapping[str, str]:
    """The schema, and the resolvers of both stacks."""
    from knowledge.formats.graphql.write import write_sdl

    offered = _with(blueprint, Interface.GRAPHQL)
    resolvers = {**_part(_python(offered), "app/graphql/"), **_part(_typescript(offered), "src/graphql/")}
    return {"schema.graphql": write_sdl(blueprint), **resolvers}


def _trpc(blueprint: Blueprint) -> Mapping[str, str]:
    """The router, and the procedures of each resource."""
    files = _typescript(_with(blueprint, Interface.TRPC))
    return {path: text for path, text in files.items() if path.endswith(("/procedures.ts", "src/trpc.ts"))}


def _fastapi(blueprint: Blueprint) -> Mapping[str, str]:
    return _part(_python(blueprint), "app/", but="app/core/")


def _hono(blueprint: Blueprint) -> Mapping[str, str]:
    return _part(_typescript(blueprint), "src/", but="src/core/")


def _python(blueprint: Blueprint) -> Mapping[str, str]:
    from backend.scaffold.render import render_project

    return render_project(blueprint)


def _typescript(blueprint: Blueprint) -> Mapping[str, str]:
    from backend.scaffold.typescript.render import render_typescript

    return render_typescript(blueprint)


def _with(blueprint: Blueprint, interface: Interface) -> Blueprint:
    return blueprint.model_copy(update={"interfaces": tuple({*blueprint.interfaces, interface})})


def _part(files: Mapping[str, str], folder: str, but: str = " ") -> dict[str, str]:
    return {path: text for path, text in files.items() if path.startswith(folder) and not path.startswith(but)}


FORMATS: Mapping[str, Write] = {
    "openapi": _openapi,
    "asyncapi": _of("asyncapi.write", "write_asyncapi"),
    "graphql": _graphql,
    "trpc": _trpc,
    "fastapi": _fastapi,
    "hono": _hono,
    "prisma": _of("prisma.writer", "write_prisma"),
    "drizzle": _of("drizzle.writer", "write_drizzle"),
    "sqlalchemy": _of("sqlalchemy_models.writer", "write_sqlalchemy"),
    "mongodb": _of("mongodb.writer", "write_mongodb"),
    "client-typescript": _of("clients.typescript", "write_typescript_client"),
    "client-python": _of("clients.python", "write_python_client"),
}
