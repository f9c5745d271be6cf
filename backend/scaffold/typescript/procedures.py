"""Routes as procedures of tRPC: the same services, called with inputs instead of requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.rendering.handled import CREATES, LISTS, Handled
from backend.scaffold.typescript.view import TypeScriptView
from backend.scaffold.typescript.words import camel
from knowledge.blueprint.operations import Idempotency
from knowledge.blueprint.routes import Route, RouteKind

DATABASE = "services.database"


@dataclass(frozen=True)
class ProcedureCode:
    """One procedure."""

    name: str
    summary: str
    guard: str
    input: str
    verb: str
    takes: str
    statements: tuple[str, ...]


def procedure_code(view: TypeScriptView, route: Route) -> ProcedureCode:
    """The procedure of a route."""
    written = _Writer(view, route)
    statements = tuple(written.statements())
    used = [name for name in ("context", "services", "caller") if re.search(rf"\b{name}\b", " ".join(statements))]
    whole = any("(ctx, " in statement for statement in statements)
    context = "ctx" if whole and not used else f"ctx: {{ {', '.join(used)} }}"
    if whole and used:
        statements = (f"const {{ {', '.join(used)} }} = ctx;", *statements)
        context = "ctx"
    return ProcedureCode(
        name=written.name(),
        summary=written.summary(),
        guard="publicProcedure" if route.operation.public else "protectedProcedure",
        input=written.input(),
        verb="query" if route.method == "GET" else "mutation",
        takes=f"{context}, input",
        statements=statements,
    )


class _Writer(Handled):
    """A route as a procedure."""

    def __init__(self, view: TypeScriptView, route: Route) -> None:
        super().__init__(view, route)
        self.own = view
        self.above = cast(TypeScriptView, self.parent) if self.parent else None
        self.far = cast(TypeScriptView, self.link.to) if self.link else None

    def name(self) -> str:
        """Short where the operation is one of the resource's own."""
        plain = (RouteKind.LIST, RouteKind.GET, RouteKind.CREATE, RouteKind.UPDATE, RouteKind.DELETE)
        return self.kind.value if self.kind in plain else camel(self.route.operation_id)

    def input(self) -> str:
        """The schema of the input."""
        within = f"{self._within()}: values.uuid()" if self.above else ""
        if self.kind in (RouteKind.LIST, RouteKind.NESTED_LIST):
            return f"ListInput.extend({{ {within} }})" if within else "ListInput"
        if self.kind in CREATES:
            return self._create_input(within)
        properties = ["id: values.uuid()"]
        if self.kind is RouteKind.UPDATE:
            properties.append(f"changes: {self.view.cls}Update")
        if self.view.locking and self.kind in (RouteKind.UPDATE, RouteKind.DELETE):
            properties.append("version: values.integer(1)")
        if self.kind is RouteKind.LINKED:
            properties += ["page: values.integer(1, 1_000_000).default(1)", "limit: values.integer(1, 100).default(20)"]
        elif self.far:
            properties.append(f"{self.far.id}: values.uuid()")
        return f"z.strictObject({{ {', '.join(properties)} }})"

    def _create_input(self, within: str) -> str:
        key = {
            Idempotency.NONE: "",
            Idempotency.OPTIONAL: "idempotency_key: values.text(1, 255).optional()",
            Idempotency.REQUIRED: "idempotency_key: values.text(1, 255)",
        }[self.create.idempotency if self.create else Idempotency.NONE]
        return f"z.strictObject({{ {', '.join(filter(None, [within, f'data: {self.create_schema()}', key]))} }})"

    def _within(self) -> str:
        return self.view.within(self.route.relation)

    def statements(self) -> Iterator[str]:
        """Line by line."""
        if self.route.operation.rate_limit:
            operation = next(
                n for n, offered in self.view.operations.offered.items() if offered is self.route.operation
            )
            yield f"await take(context, {operation.upper()}_LIMIT);"
        if self.kind in (RouteKind.LIST, RouteKind.NESTED_LIST, *CREATES) and self.only_roles():
            yield f"caller.requireRole({role_arguments(self.route.operation.roles)});"
        if self.above:
            yield f"await find{self.above.one}({DATABASE}{self.above.asks}, input.{self._within()});"
            if self.kind is RouteKind.NESTED_CREATE and self.route.relation == self.view.resource.owner:
                yield f"if (input.{self._within()} !== caller.id) throw new ForbiddenError();"
        if self.kind in LISTS:
            yield from self._list()
        elif self.kind is RouteKind.GET:
            yield f"return find{self.own.one}({DATABASE}{self.own.asks}, input.id);"
        elif self.kind in CREATES:
            yield from self._create()
        else:
            yield from self._change()

    def _list(self) -> Iterator[str]:
        view = self.own
        if self.link:
            call = f"list{view.link_many(self.link)}({DATABASE}{view.asks}, input.id, input)"
        else:
            caller = ", caller" if view.listed_for_caller else ""
            query, within = "input", ""
            if self.above:
                yield f"const {{ {self._within()}, ...query }} = input;"
                query, within = "query", f", {{ {self.route.relation}_id: {self._within()} }}"
            if view.by_cursor:
                query = f"{{ ...{query}, cursor: {query}.cursor ?? undefined }}"
            call = f"list{view.many}({DATABASE}{caller}, {query}{within})"
        if view.by_cursor and not self.link:
            yield f"const [data, next] = await queries.{call};"
            yield "return { data, meta: { limit: input.limit, next_cursor: next } };"
        else:
            yield f"const {{ rows, total }} = await queries.{call};"
            yield "return { data: rows, meta: { page: input.page, limit: input.limit, total } };"

    def _create(self) -> Iterator[str]:
        view = self.own
        arguments = ["connection", *(["caller"] if view.creator else []), "input.data"]
        if view.split:
            keys = (
                f"{relation.column}: input.{self._within()}"
                if self.above and relation.name == self.route.relation
                else f"{relation.column}: input.data.{relation.column}"
                for relation in view.split
            )
            arguments.append(f"{{ {', '.join(keys)} }}")
        work = f"(connection) => service.create{view.one}({', '.join(arguments)})"
        if self.create and self.create.idempotency is not Idempotency.NONE:
            location = f'"{view.blueprint.prefix}/{view.resource.path}"'
            call = f"createdOnce(ctx, {work}, {location}, input.idempotency_key, input)"
        else:
            call = f"{DATABASE}.write({work})"
        yield from self._answered(call)

    def _change(self) -> Iterator[str]:
        view = self.own
        match = ["etagOfVersion(input.version)"] if view.locking else []
        if self.kind is RouteKind.UPDATE:
            name, uses, more = f"update{view.one}", view.updater, ["input.id", "input.changes", *match]
        elif self.kind is RouteKind.DELETE:
            name, uses, more = f"delete{view.one}", view.remover, ["input.id", *match]
        else:
            assert self.link is not None and self.far is not None
            name, more = camel(self.route.operation_id), ["input.id", f"input.{self.far.id}"]
            uses = view.linker(self.link) if self.kind is RouteKind.LINK else view.unlinker
        arguments = ", ".join(["connection", *(["caller"] if uses else []), *more])
        call = f"{DATABASE}.write((connection) => service.{name}({arguments}))"
        yield from self._answered(call, row=self.kind is RouteKind.UPDATE)

    def _answered(self, call: str, *, row: bool = True) -> Iterator[str]:
        names = ", ".join(f'"{name}"' for name in self.dropped())
        if not names:
            yield f"return {call};" if row else f"await {call};"
            return
        yield f"const row = await {call};" if row else f"await {call};"
        yield f"await services.cache.invalidate({names});"
        if row:
            yield "return row;"
