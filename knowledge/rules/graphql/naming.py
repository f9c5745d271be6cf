"""Names as everybody expects them: PascalCase types, camelCase fields, UPPER_CASE values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.formats.graphql.document import SdlDocument, SdlType, arguments
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit

_PASCAL = re.compile(r"_*[A-Z][A-Za-z0-9]*\Z")
_CAMEL = re.compile(r"_*[a-z][A-Za-z0-9]*\Z")
_UPPER = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z")


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every name in another case, and every field that repeats the name of its type."""
    roots = frozenset(document.roots.values())
    for kind in document.types.values():
        if not _PASCAL.match(kind.name):
            yield hit(kind.name, kind.name, f"the type {kind.name} is not in PascalCase", kind.node)
        yield from _fields(kind, kind.name in roots)
        for name, node in kind.inputs.items():
            if not _CAMEL.match(name):
                yield hit(kind.name, f"{kind.name}.{name}", f"the input field {name} is not in camelCase", node)
        for name, value in kind.values.items():
            if not _UPPER.match(name):
                yield hit(kind.name, f"{kind.name}.{name}", f"the enum value {name} is not in UPPER_CASE", value)
    for name, directive in document.directives.items():
        if not _CAMEL.match(name):
            yield hit(f"@{name}", f"@{name}", f"the directive @{name} is not in camelCase", directive)


def _fields(kind: SdlType, root: bool) -> Iterator[GraphqlHit]:
    prefix = kind.name[:1].lower() + kind.name[1:]
    for name, node in kind.fields.items():
        path = f"{kind.name}.{name}"
        if not _CAMEL.match(name):
            yield hit(kind.name, path, f"the field {name} is not in camelCase", node)
        elif not root and name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isupper():
            yield hit(kind.name, path, f"{path} says the name of its type again", node)
        for argument, part in arguments(node).items():
            if not _CAMEL.match(argument):
                yield hit(kind.name, f"{path}.{argument}", f"the argument {argument} is not in camelCase", part)


RULE = GraphqlRule(
    id="gql-naming",
    claim="Types are in PascalCase, fields and arguments in camelCase, enum values in UPPER_CASE.",
    family="graphql",
    severity=Severity.LOW,
    why=("Generated clients turn names into names of their own language; two spellings of one word become two words."),
    unless="The names mirror another system's on purpose.",
    profile=Profile.STYLE,
    check=check,
    failing=("type Query {\n  user: user\n}\n\ntype user {\n  id: ID!\n  user_name: String\n}\n"),
    passing=("type Query {\n  user: User\n}\n\ntype User {\n  id: ID!\n  name: String\n}\n"),
    sources=(
        "https://the-guild.dev/graphql/eslint/rules/naming-convention",
        "https://the-guild.dev/graphql/eslint/rules/no-typename-prefix",
    ),
)
