"""Routes as their module says them: the documented route, and the few statements that answer it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.rendering.handled import CREATES, GONE, LISTS, Handled
from backend.scaffold.typescript.caching import cache_control
from backend.scaffold.typescript.literals import text_literal
from backend.scaffold.typescript.view import TypeScriptView
from backend.scaffold.typescript.words import camel
from knowledge.blueprint.answers import ANYWHERE, errors
from knowledge.blueprint.operations import CachePolicy, Idempotency, ListOperation, Operation
from knowledge.blueprint.routes import Route, RouteKind

DATABASE = "context.var.services.database"


@dataclass(frozen=True)
class RouteCode:
    """One operation."""

    constant: str
    verb: str
    path: str
    operation_id: str
    title: str
    summary: str
    deprecated: str
    """When clients should leave and where to, as properties; empty where they may stay."""
    signed_in: bool
    limit: str
    request: tuple[str, ...]
    responses: tuple[str, ...]
    input: str
    statements: tuple[str, ...]


def route_code(view: TypeScriptView, route: Route) -> RouteCode:
    """The operation of a route."""
    written = _Writer(view, route)
    operation = next(name for name, offered in view.operations.offered.items() if offered is route.operation)
    return RouteCode(
        constant=f"{camel(route.operation_id)}Route",
        verb=route.method.lower(),
        path=route.path,
        operation_id=route.operation_id,
        title=" ".join(word.capitalize() for word in route.operation_id.split("_")),
        summary=written.summary(),
        deprecated=_deprecated(route.operation),
        signed_in=not route.operation.public,
        limit=f"{operation.upper()}_LIMIT" if route.operation.rate_limit else "",
        request=tuple(written.request()),
        responses=tuple(written.responses()),
        input=written.input(),
        statements=tuple(written.statements()),
    )


def _deprecated(operation: Operation) -> str:
    told = operation.deprecated
    if told is None:
        return ""
    given = {"since": str(told.since), "sunset": str(told.sunset or ""), "link": told.link}
    return ", ".join(f"{name}: {text_literal(value)}" for name, value in given.items() if value)


class _Writer(Handled):
    """A route as an endpoint of the core."""

    def __init__(self, view: TypeScriptView, route: Route) -> None:
        super().__init__(view, route)
        self.own = view
        self.above = cast(TypeScriptView, self.parent) if self.parent else None
        self.far = cast(TypeScriptView, self.link.to) if self.link else None

    # What it takes and gives

    def request(self) -> Iterator[str]:
        """The parts of the request, with their schemas."""
        if names := self._parameters():
            yield f"params: z.object({{ {', '.join(f'{name}: values.uuid()' for name in names)} }})"
        if self.kind in (RouteKind.LIST, RouteKind.NESTED_LIST):
            yield f"query: {self.view.cls}ListQuery"
        elif self.kind is RouteKind.LINKED:
            yield "query: PageQuery"
        if headers := self._headers():
            yield f"headers: {headers}"
        if body := self._body():
            yield f"body: {{ required: true, content: jsonContent({body}) }}"

    def responses(self) -> Iterator[str]:
        """The answers, with their schemas."""
        status = 201 if self.kind in CREATES else 204 if self.kind in GONE else 200
        content = "" if self.kind in GONE else f", content: jsonContent({self._model()})"
        yield f'{status}: {{ description: "Successful Response"{content} }}'
        if self.route.method == "GET":
            yield "...NOT_MODIFIED"
        told = errors(self.view.blueprint, self.route)
        yield f"...errors({', '.join(str(status) for status in told if status not in ANYWHERE)})"

    def input(self) -> str:
        """What the function takes apart of the request."""
        names = ["context"]
        names += ["caller"] if self.uses_caller() else []
        names += ["params"] if self._parameters() else []
        names += ["query"] if self.kind in LISTS else []
        names += ["headers"] if self._headers() else []
        names += ["body"] if self._body() else []
        return f"{{ {', '.join(names)} }}"

    def _parameters(self) -> list[str]:
        if self.above:
            return [self.above.id]
        if self.kind in (RouteKind.LIST, RouteKind.CREATE):
            return []
        far = [self.far.id] if self.far and self.kind is not RouteKind.LINKED else []
        return [self.view.id, *far]

    def _headers(self) -> str:
        if self.view.locking and self.kind in (RouteKind.UPDATE, RouteKind.DELETE):
            return "IfMatch"
        named = {Idempotency.REQUIRED: "RequiredIdempotencyKey", Idempotency.OPTIONAL: "IdempotencyKey"}
        return named.get(self.create.idempotency, "") if self.kind in CREATES and self.create else ""

    def _body(self) -> str:
        if self.kind in CREATES:
            return self.create_schema()
        return f"{self.view.cls}Update" if self.kind is RouteKind.UPDATE else ""

    def _model(self) -> str:
        if self.kind is RouteKind.LINKED and self.far:
            return f"page({self.far.cls}Read)"
        if self.kind in LISTS:
            item = f"{self.view.cls}{'ListItem' if self.view.embedded else 'Read'}"
            return f"cursorPage({item})" if self.view.by_cursor else f"page({item})"
        return f"envelope({self.view.cls}Read)"

    # What it does

    def statements(self) -> Iterator[str]:
        """Line by line."""
        if self.kind in (RouteKind.LIST, RouteKind.NESTED_LIST, *CREATES) and self.only_roles():
            yield f"caller.requireRole({role_arguments(self.route.operation.roles)});"
        yield from self._preconditions()
        if self.kind in LISTS:
            yield from self._list()
        elif self.kind is RouteKind.GET:
            yield from self._get()
        elif self.kind in CREATES:
            yield from self._create()
        else:
            yield from self._change()

    def _preconditions(self) -> Iterator[str]:
        if self.view.locking and self.kind in (RouteKind.UPDATE, RouteKind.DELETE):
            yield 'const ifMatch = requireIfMatch(headers["if-match"]);'
        if not self.above:
            return
        yield f"await find{self.above.one}({DATABASE}{self.above.asks}, params.{self.above.id});"
        if self.kind is RouteKind.NESTED_CREATE and self.route.relation == self.view.resource.owner:
            yield f"if (params.{self.above.id} !== caller.id) throw new ForbiddenError();"

    def _list(self) -> Iterator[str]:
        view, cached = self.own, CachePolicy()
        if self.link:
            call = f"list{view.link_many(self.link)}({DATABASE}{view.asks}, params.{view.id}, query)"
        else:
            caller = ", caller" if view.listed_for_caller else ""
            within = f", {{ {self.route.relation}_id: params.{self.above.id} }}" if self.above else ""
            call = f"list{view.many}({DATABASE}{caller}, query{within})"
            if isinstance(self.route.operation, ListOperation):
                cached = self.route.operation.cache
        if view.by_cursor and not self.link:
            yield f"const [rows, next] = await queries.{call};"
            yield "const body = enveloped(rows, { limit: query.limit, next_cursor: next });"
        else:
            yield f"const {{ rows, total }} = await queries.{call};"
            yield "const body = enveloped(rows, { page: query.page, limit: query.limit, total });"
        told = cache_control(cached, public=self.public())
        yield f"return representation(context, body, {{ cacheControl: {told} }});"

    def _get(self) -> Iterator[str]:
        view, get = self.own, self.view.operations.get
        told = cache_control(get.cache if get else CachePolicy(), public=self.public())
        etag = "etag: etagOfVersion(row.version), " if view.locking else ""
        yield f"const row = await find{view.one}({DATABASE}{view.asks}, params.{view.id});"
        yield f"return representation(context, enveloped(row), {{ {etag}cacheControl: {told} }});"

    def _create(self) -> Iterator[str]:
        view, create = self.own, self.create
        arguments = ["connection", *(["caller"] if view.creator else []), "body"]
        if view.split:
            keys = (
                f"{relation.column}: params.{self.above.id}"
                if self.above and relation.name == self.route.relation
                else f"{relation.column}: body.{relation.column}"
                for relation in view.split
            )
            arguments.append(f"{{ {', '.join(keys)} }}")
        options = [f'location: "{view.blueprint.prefix}/{view.resource.path}"']
        if create is None or create.idempotency is Idempotency.NONE:
            function = "created"
        else:
            function = "createdOnce"
            options.append('key: headers["idempotency-key"]')
        if not view.relations and not view.emits("created"):
            options.append("statements: 1")
        yield f"const create = (connection: Connection) => service.create{view.one}({', '.join(arguments)});"
        call = f"{function}(context, create, {{ {', '.join(options)} }})"
        drop = list(self._drop())
        if not drop:
            yield f"return {call};"
            return
        yield f"const response = await {call};"
        yield from drop
        yield "return response;"

    def _change(self) -> Iterator[str]:
        view = self.own
        match = ["ifMatch"] if view.locking and self.kind in (RouteKind.UPDATE, RouteKind.DELETE) else []
        key = f"params.{view.id}"
        if self.kind is RouteKind.UPDATE:
            name, uses, more = f"update{view.one}", view.updater, [key, "body", *match]
        elif self.kind is RouteKind.DELETE:
            name, uses, more = f"delete{view.one}", view.remover, [key, *match]
        else:
            assert self.link is not None and self.far is not None
            name, more = camel(self.route.operation_id), [key, f"params.{self.far.id}"]
            uses = view.linker(self.link) if self.kind is RouteKind.LINK else view.unlinker
        arguments = ", ".join(["connection", *(["caller"] if uses else []), *more])
        work = f"await {DATABASE}.write((connection) => service.{name}({arguments}));"
        if self.kind is not RouteKind.UPDATE:
            yield work
            yield from self._drop()
            yield "return done();"
            return
        yield f"const row = {work}"
        yield from self._drop()
        headers = ", 200, { ETag: etagOfVersion(row.version) }" if view.locking else ""
        yield f"return success(row{headers});"

    def _drop(self) -> Iterator[str]:
        if names := self.dropped():
            listed = ", ".join(f'"{name}"' for name in names)
            yield f"await context.var.services.cache.invalidate({listed});"
