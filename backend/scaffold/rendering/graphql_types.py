"""GraphQL types as classes of strawberry, and the functions that fill them from rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.scaffold.rendering.literals import text_literal
from backend.scaffold.rendering.view import View
from knowledge.blueprint.model import Blueprint
from knowledge.formats.graphql.naming import camel
from knowledge.formats.graphql.parts import Answered, Contract, Definition, Given
from knowledge.formats.graphql.rows import SCALARS
from knowledge.formats.graphql.write import described

INFO = "info: strawberry.Info[ctx.Context, None]"
_PLAIN = {"ID": "strawberry.ID", "Int": "int", "Float": "float", "String": "str", "Boolean": "bool"}
_CALLER = re.compile(r"^(\s*)caller = (?=[\w.]+$|[\w.]+\(\)$)")
_PARAMETERS = {"first": "first", "after": "after"}


def annotation(kind: str) -> str:
    """A GraphQL type as an annotation."""
    if not kind.endswith("!"):
        return f"{annotation(kind + '!')} | None"
    inner = kind[:-1]
    if inner.startswith("["):
        return f"list[{annotation(inner[1:-1])}]"
    return _PLAIN.get(inner) or (f"scalars.{inner}" if inner in SCALARS else inner)


def told(text: str) -> str:
    """A description as an argument."""
    return f"description={text_literal(described(text))}"


def shown(field: Answered) -> str:
    """The arguments that describe a field, and say that clients are to leave it."""
    left = f", deprecation_reason={text_literal(field.deprecated)}" if field.deprecated else ""
    return told(field.description) + left


def attribute(name: str, key: str) -> tuple[str, str]:
    """What an attribute or parameter is called in Python, and the argument that gives it its name in GraphQL."""
    python = "info_" if key == "info" else key
    return python, "" if camel(python) == name else f', name="{name}"'


def without_unused_caller(lines: list[str]) -> list[str]:
    """The lines of a function without a variable ``caller`` that nothing uses; what proves who it is stays."""
    code = [line for line in lines if '"""' not in line and not _CALLER.search(line)]
    if any(re.search(r"\bcaller\b", line) for line in code):
        return lines
    kept = [line for line in lines if not line.endswith("context.caller")]
    return [_CALLER.sub(r"\1", line) for line in kept]


def parameter(given: Given, enums: dict[str, Definition]) -> tuple[str, str]:
    """An argument of a field: its name in Python, and the whole parameter."""
    python, named = attribute(given.name, _PARAMETERS.get(given.name, given.key))
    default = given.default or "strawberry.UNSET"
    if given.default and given.type in enums:
        default = f"{given.type}.{given.default}"
    kind = f"Annotated[{annotation(given.type)}, strawberry.argument({told(given.description)}{named})]"
    return python, f"{python}: {kind} = {default}" if not given.type.endswith("!") else f"{python}: {kind}"


@dataclass(frozen=True)
class RowTypes:
    """The classes of a blueprint's rows and lists."""

    blueprint: Blueprint
    contract: Contract

    @property
    def enums(self) -> dict[str, Definition]:
        """The enums, by name."""
        return {one.name: one for one in self.contract.definitions if one.role in ("enum", "sort")}

    def view(self, name: str) -> View:
        """A resource."""
        return View(self.blueprint, self.blueprint.resources[name])

    def enum_classes(self) -> Iterator[str]:
        """The enums as classes."""
        for one in self.enums.values():
            yield f"@strawberry.enum({told(one.description)})\nclass {one.name}(Enum):"
            for value in one.values:
                literal = text_literal(value.key)
                yield f"    {value.name} = strawberry.enum_value({literal}, {told(value.description)})"
            yield ""

    def classes(self) -> Iterator[str]:
        """The object types, each with its function."""
        for one in self.contract.definitions:
            if one.role == "row":
                yield from self._row(one)
            elif one.role == "page":
                yield from self._plain(one)
                yield from self._page_of(one)
            elif one.role in ("connection", "edge", "page_info"):
                yield from self._plain(one)
                if one.role == "connection":
                    yield from self._connection_of(one)

    def _plain(self, one: Definition) -> Iterator[str]:
        yield f"@strawberry.type({told(one.description)})\nclass {one.name}:"
        for field in one.fields:
            yield f"    {self._column(field)}"
        yield ""

    def _column(self, field: Answered) -> str:
        python, named = attribute(field.name, field.key)
        return f"{python}: {annotation(field.type)} = strawberry.field({told(field.description)}{named})"

    def _row(self, one: Definition) -> Iterator[str]:
        yield f"@strawberry.type({told(one.description)})\nclass {one.name}:"
        yield "    row_: strawberry.Private[Row]"
        columns = [field for field in one.fields if not field.leads]
        for field in columns:
            yield f"    {self._column(field)}"
        for field in one.fields:
            if field.leads:
                yield from (f"    {line}" for line in self._leading(one, field))
        yield f"\n\ndef {one.resource}_of(row: Row) -> {one.name}:"
        yield f'    """A {one.resource.replace("_", " ")} as it is answered."""'
        yield f"    return {one.name}("
        yield "        row_=row,"
        for field in columns:
            yield f"        {attribute(field.name, field.key)[0]}={self._value(field)},"
        yield "    )\n"

    def _value(self, field: Answered) -> str:
        value, kind = f'row["{field.key}"]', field.type.rstrip("!")
        if kind == "ID":
            made = f"strawberry.ID(str({value}))"
        elif kind in self.enums:
            made = f"{kind}({value})"
        else:
            return value
        return made if field.type.endswith("!") else f"None if {value} is None else {made}"

    def _leading(self, one: Definition, field: Answered) -> Iterator[str]:
        python, named = self._method(one, field)
        given = [parameter(each, self.enums) for each in field.arguments]
        parameters = ", ".join(["self", INFO, *(text for _, text in given)])
        yield ""
        yield f"@strawberry.field({shown(field)}{named})"
        yield f"async def {python}({parameters}) -> {annotation(field.type)}:"
        if field.leads == "one":
            to = self.view(field.resource)
            yield f'    row = await info.context.load(loaders.{to.plural}_by_id, self.row_["{field.key}_id"])'
            yield f"    return None if row is None else {to.name}_of(row)"
            return
        parent = self.view(one.resource)
        if parent.read and parent.read.test:
            yield f"    if not loaders.may_read_{parent.name}(info.context, self.row_):"
            yield "        return None"
        yield f"    query = {self.query(field, [name for name, _ in given])}"
        loader = f"loaders.{loader_name(self, one, field)}"
        second = "following" if self.view(field.resource).by_cursor and field.leads == "children" else "total"
        yield f'    rows, {second} = await info.context.load({loader}, self.row_["id"], query)'
        yield f"    return {self.answer(field, second)}"

    def _method(self, one: Definition, field: Answered) -> tuple[str, str]:
        """What the method is called; never as a column is."""
        python = self.view(field.resource).plural if field.leads == "children" else field.key
        if python in {each.key for each in one.fields if not each.leads}:
            python += "_"
        python, named = attribute(field.name, python)
        return python, named

    def query(self, field: Answered, names: list[str]) -> str:
        """The call that checks the arguments of a list."""
        model = "PageQuery" if field.leads == "linked" else f"{self.view(field.resource).cls}ListQuery"
        pairs = [f"{given.key}={name}" for given, name in zip(field.arguments, names, strict=True)]
        return f"asked({', '.join([model, *pairs])})"

    def answer(self, field: Answered, second: str) -> str:
        """The call that makes the page of what was found."""
        view = self.view(field.resource)
        kind = "connection" if view.by_cursor and field.leads != "linked" else "page"
        return f"{view.name}_{kind}_of(rows, {second}, query)"

    def _page_of(self, one: Definition) -> Iterator[str]:
        view = self.view(one.resource)
        kinds = [] if view.by_cursor or not view.operations.list else [f"{view.cls}ListQuery"]
        kinds += ["PageQuery"] if self._linked(one.resource) or not kinds else []
        query = " | ".join(kinds)
        yield f"\ndef {view.name}_page_of(rows: Sequence[Row], total: int, query: {query}) -> {one.name}:"
        yield f'    """A page of {view.spoken_plural}."""'
        yield f"    items = [{view.name}_of(row) for row in rows]"
        yield f"    return {one.name}(items=items, page=query.page, limit=query.limit, total=total)\n"

    def _linked(self, name: str) -> bool:
        return any(
            link.resource == name for one in self.blueprint.resources.values() for link in one.many_to_many.values()
        )

    def _connection_of(self, one: Definition) -> Iterator[str]:
        view = self.view(one.resource)
        edge = one.fields[0].type.strip("[]!")
        query = f"{view.cls}ListQuery"
        head = f"rows: Sequence[Row], following: str | None, query: {query}"
        yield f"\ndef {view.name}_connection_of({head}) -> {one.name}:"
        yield f'    """Some {view.spoken_plural}, each with its cursor."""'
        yield f"    edges = [{edge}(node={view.name}_of(row), cursor=Cursor.of(row).encode()) for row in rows]"
        yield "    info = PageInfo("
        yield "        has_next_page=following is not None,"
        yield "        has_previous_page=query.cursor is not None,"
        yield "        start_cursor=edges[0].cursor if edges else None,"
        yield "        end_cursor=edges[-1].cursor if edges else None,"
        yield "    )"
        yield f"    return {one.name}(edges=edges, page_info=info)\n"


def loader_name(types: RowTypes, one: Definition, field: Answered) -> str:
    """The function that loads the rows a field leads to."""
    if field.leads == "children":
        child, _, relation = field.key.partition(".")
        return f"{types.view(child).plural}_of_{relation}"
    return f"{field.key}_of_{types.view(one.resource).plural}"
