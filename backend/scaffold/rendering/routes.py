"""Routes as their module says them: parameters, documented answers, and the few statements of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.rendering.caching import cache_control
from backend.scaffold.rendering.handled import CREATES, GONE, LISTS, Handled
from backend.scaffold.rendering.literals import text_literal
from backend.scaffold.rendering.view import View
from knowledge.blueprint.answers import ANYWHERE, errors
from knowledge.blueprint.operations import CachePolicy, Deprecation, Idempotency, ListOperation, RateLimit
from knowledge.blueprint.routes import Route, RouteKind


@dataclass(frozen=True)
class NamedLimit:
    """A limit of an operation; the routes of the operation count together."""

    name: str
    requests: int
    seconds: int


@dataclass(frozen=True)
class RouteCode:
    """One function."""

    kind: RouteKind
    verb: str
    path: str
    status: int
    operation_id: str
    model: str
    errors: tuple[int, ...]
    limit: str
    parameters: tuple[str, ...]
    summary: str
    statements: tuple[str, ...]
    deprecated: str
    """The arguments of ``documented``; empty where clients may stay."""


def limits(view: View) -> dict[str, NamedLimit]:
    """The limits of a resource's operations, by the names of their constants."""
    found = {}
    for name, operation in view.operations.offered.items():
        if operation.rate_limit is not None:
            spoken = view.plural if name == "list" else view.name
            found[f"{name.upper()}_LIMIT"] = _limit(f"{name}_{spoken}", operation.rate_limit)
    return found


def _limit(name: str, limit: RateLimit) -> NamedLimit:
    return NamedLimit(name, limit.requests, limit.seconds)


def route_code(view: View, route: Route) -> RouteCode:
    """The function of a route."""
    written = _Writer(view, route)
    operation = next(name for name, offered in view.operations.offered.items() if offered is route.operation)
    return RouteCode(
        kind=route.kind,
        verb=route.method.lower(),
        path=route.path.removeprefix(view.blueprint.prefix),
        status=201 if route.kind in CREATES else 204 if route.kind in GONE else 200,
        operation_id=route.operation_id,
        model=written.model(),
        errors=tuple(status for status in errors(view.blueprint, route) if status not in ANYWHERE),
        limit=f"{operation.upper()}_LIMIT" if route.operation.rate_limit else "",
        parameters=tuple(written.parameters()),
        summary=written.summary(),
        statements=tuple(written.statements()),
        deprecated=_deprecated(route.operation.deprecated),
    )


def _deprecated(told: Deprecation | None) -> str:
    if told is None:
        return ""
    given = [f'"{told.since}"', *([f'sunset="{told.sunset}"'] if told.sunset else [])]
    return ", ".join([*given, *([f"link={text_literal(told.link)}"] if told.link else [])])


class _Writer(Handled):
    """A route as a function of Python."""

    # What the function takes and gives

    def parameters(self) -> Iterator[str]:
        """In the order of the function."""
        yield "request: Request"
        uses = self.uses_caller()
        if not self.route.operation.public:
            yield f"{'' if uses else '_'}caller: SignedIn"
        elif uses:
            yield "caller: Identified"
        if self.parent:
            yield f"{self.parent.id}: UUID"
        elif self.kind not in (RouteKind.LIST, RouteKind.CREATE):
            yield f"{self.view.id}: UUID"
        if self.kind in (RouteKind.LINK, RouteKind.UNLINK) and self.link:
            yield f"{self.link.to.id}: UUID"
        if self.kind in (RouteKind.LIST, RouteKind.NESTED_LIST):
            yield f"query: Annotated[{self.view.cls}ListQuery, Query()]"
        elif self.kind is RouteKind.LINKED:
            yield "query: Annotated[PageQuery, Query()]"
        elif self.kind in CREATES:
            yield f"data: {self.create_schema()}"
            if self.create and self.create.idempotency is Idempotency.REQUIRED:
                yield "idempotency_key: RequiredIdempotencyKey"
            elif self.create and self.create.idempotency is Idempotency.OPTIONAL:
                yield "idempotency_key: IdempotencyKey = None"
        elif self.kind is RouteKind.UPDATE:
            yield f"changes: Annotated[{self.view.cls}Update, Body()]"
        if self.view.locking and self.kind in (RouteKind.UPDATE, RouteKind.DELETE):
            yield "if_match: IfMatch = None"

    def model(self) -> str:
        """The schema of a success; empty where there is no body."""
        if self.kind in GONE:
            return ""
        if self.kind is RouteKind.LINKED and self.link:
            return f"Page[{self.link.to.cls}Read]"
        if self.kind in LISTS:
            item = "ListItem" if self.view.embedded else "Read"
            return f"{'CursorPage' if self.view.by_cursor else 'Page'}[{self.view.cls}{item}]"
        return f"Envelope[{self.view.cls}Read]"

    # What the function does

    def statements(self) -> Iterator[str]:
        """Line by line."""
        if self.kind in (RouteKind.LIST, RouteKind.NESTED_LIST, *CREATES) and self.only_roles():
            yield f"caller.require_role({role_arguments(self.route.operation.roles)})"
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
            yield "require_if_match(if_match)"
        if not self.parent:
            return
        yield f"await find_{self.parent.name}(services(request).database{self.parent.asks}, {self.parent.id})"
        if self.kind is RouteKind.NESTED_CREATE and self.route.relation == self.view.resource.owner:
            yield f"if {self.parent.id} != caller.id:"
            yield "    raise ForbiddenError"

    def _list(self) -> Iterator[str]:
        view = self.view
        if self.link:
            call = f"list_{view.name}_{self.link.name}(services(request).database{view.asks}, {view.id}, query)"
            cached = CachePolicy()
        else:
            caller = ", caller" if view.listed_for_caller else ""
            within = f", {view.within(self.route.relation)}={self.parent.id}" if self.parent else ""
            call = f"list_{view.plural}(services(request).database{caller}, query{within})"
            cached = self.route.operation.cache if isinstance(self.route.operation, ListOperation) else CachePolicy()
        second = "next_cursor" if view.by_cursor and not self.link else "total"
        page = "" if second == "next_cursor" else '"page": query.page, '
        yield f"rows, {second} = await service.{call}"
        yield f'body = enveloped(rows, {{{page}"limit": query.limit, "{second}": {second}}})'
        yield f"return representation(request, body, cache_control={cache_control(cached, public=self.public())})"

    def _get(self) -> Iterator[str]:
        view, get = self.view, self.view.operations.get
        policy = get.cache if get else CachePolicy()
        etag = 'etag=etag_of_version(row["version"]), ' if view.locking else ""
        yield f"row = await find_{view.name}(services(request).database{view.asks}, {view.id})"
        cached = cache_control(policy, public=self.public())
        yield f"return representation(request, enveloped(row), {etag}cache_control={cached})"

    def _create(self) -> Iterator[str]:
        view, create = self.view, self.create
        arguments = ["connection", *(["caller"] if view.creator else []), "data"]
        for relation in view.split:
            given = (
                self.parent.id if self.parent and relation.name == self.route.relation else f"data.{relation.column}"
            )
            arguments.append(f"{relation.column}={given}")
        location = f'location="{view.blueprint.prefix}/{view.resource.path}"'
        made = f"lambda connection: service.create_{view.name}({', '.join(arguments)})"
        alone = "" if view.relations or view.emits("created") else ", statements=1"
        if create is None or create.idempotency is Idempotency.NONE:
            call = f"created(request, {made}, {location}{alone})"
        else:
            call = f"created_once(request, {made}, {location}, key=idempotency_key{alone})"
        yield from self._answered(call, "response")

    def _change(self) -> Iterator[str]:
        view = self.view
        match = ["if_match"] if view.locking and self.kind in (RouteKind.UPDATE, RouteKind.DELETE) else []
        if self.kind is RouteKind.UPDATE:
            name, uses, more = f"update_{view.name}", view.updater, ["changes", *match]
        elif self.kind is RouteKind.DELETE:
            name, uses, more = f"delete_{view.name}", view.remover, match
        else:
            assert self.link is not None
            name, more = self.route.operation_id, [self.link.to.id]
            uses = view.linker(self.link) if self.kind is RouteKind.LINK else view.unlinker
        arguments = ", ".join(["connection", *(["caller"] if uses else []), view.id, *more])
        work = f"services(request).database.write(lambda connection: service.{name}({arguments}))"
        if self.kind is not RouteKind.UPDATE:
            yield f"await {work}"
            yield from self._drop()
            yield "return done()"
            return
        yield f"row = await {work}"
        yield from self._drop()
        headers = ', headers={"ETag": etag_of_version(row["version"])}' if view.locking else ""
        yield f"return success(row{headers})"

    def _answered(self, call: str, name: str) -> Iterator[str]:
        drop = list(self._drop())
        if not drop:
            yield f"return await {call}"
            return
        yield f"{name} = await {call}"
        yield from drop
        yield f"return {name}"

    def _drop(self) -> Iterator[str]:
        if names := self.dropped():
            listed = ", ".join(f'"{name}"' for name in names)
            yield f"await services(request).cache.invalidate({listed})"
