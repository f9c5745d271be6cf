"""The languages a design is written in, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from knowledge.blueprint.model import Blueprint

Write = Callable[[Blueprint], Mapping[str, str]]
"""Text by relative path."""


class UnknownFormatError(ValueError):
    """There is no format of that name; the text lists those there are."""


def written(blueprint: Blueprint, names: Iterable[str]) -> dict[str, str]:
    """The contract, and the design in each format that is asked for.

    Raises:
        UnknownFormatError: a name is none of a format.
    """
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise UnknownFormatError(f"formats: there is no {', '.join(unknown)}; choose from {', '.join(FORMATS)}")
    found: dict[str, str] = {}
    for name in dict.fromkeys(("openapi", *names)):
        found |= FORMATS[name](blueprint)
    return found


def _openapi(blueprint: Blueprint) -> Mapping[str, str]:
    from knowledge.formats.openapi.write import write_openapi

    return {"openapi.yaml": write_openapi(blueprint)}


def _asyncapi(blueprint: Blueprint) -> Mapping[str, str]:
    from knowledge.formats.asyncapi.write import write_asyncapi

    return write_asyncapi(blueprint)


def _typescript_client(blueprint: Blueprint) -> Mapping[str, str]:
    from knowledge.formats.clients.typescript import write_typescript_client

    return write_typescript_client(blueprint)


def _python_client(blueprint: Blueprint) -> Mapping[str, str]:
    from knowledge.formats.clients.python import write_python_client

    return write_python_client(blueprint)


FORMATS: Mapping[str, Write] = {
    "openapi": _openapi,
    "asyncapi": _asyncapi,
    "client-typescript": _typescript_client,
    "client-python": _python_client,
}
