"""Read routes answer as FastAPI's own do, and refuse at once what they cannot read."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from fastapi.routing import APIRoute
from platform_app import Client
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from backend.reference.error_responses import install_error_handlers
from backend.reference.routing import Route


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=10)] = 5
    name: str | None = None


def application(route_class: Any) -> FastAPI:
    router = APIRouter(route_class=route_class)

    @router.get("/things/{thing_id}/parts/{number}")
    async def read(request: Request, thing_id: UUID, number: int, query: Annotated[Wanted, Query()]) -> Response:
        return JSONResponse([request.method, str(thing_id), number, query.model_dump()])

    app = FastAPI(routes=router.routes)
    install_error_handlers(app)
    return app


THING = UUID("0197a1f2-7c3e-7a5b-9c1d-2e3f4a5b6c7d")


@pytest.mark.parametrize(
    "target",
    [
        f"/things/{THING}/parts/3",
        f"/things/{THING}/parts/3?limit=7&name=x%20y",
        f"/things/{THING}/parts/3?name=",
        f"/things/{THING}/parts/x",
        "/things/x/parts/3",
        f"/things/{THING}/parts/3?limit=0",
        f"/things/{THING}/parts/3?limit=a",
        f"/things/{THING}/parts/3?unknown=1",
        f"/things/{THING}/parts",
    ],
)
async def test_an_answer_is_that_of_fastapi(target: str) -> None:
    ours, theirs = Client(application(Route)), Client(application(APIRoute))
    mine, usual = await ours("GET", target), await theirs("GET", target)
    assert (mine.status, mine.json) == (usual.status, usual.json)


def test_the_documentation_is_that_of_fastapi() -> None:
    assert application(Route).openapi() == application(APIRoute).openapi()


async def page_number(number: int = 1) -> int:
    return number


async def test_what_is_not_read_here_goes_the_usual_way() -> None:
    router = APIRouter(route_class=Route)

    @router.get("/agent")
    async def agent(agent: Annotated[str, Header()]) -> Response:
        return JSONResponse(agent)

    @router.get("/page")
    async def paged(page: Annotated[int, Depends(page_number)]) -> Response:
        return JSONResponse(page)

    @router.get("/data")
    async def data() -> list[int]:
        return [1]

    @router.get("/blocking")
    def blocking() -> Response:
        return JSONResponse("done")

    client = Client(FastAPI(routes=router.routes))
    assert (await client("GET", "/agent", agent="x")).json == "x"
    assert (await client("GET", "/page?number=3")).json == 3
    assert (await client("GET", "/data")).json == [1]
    assert (await client("GET", "/blocking")).json == "done"


async def test_a_route_with_dependencies_goes_the_usual_way() -> None:
    seen: list[str] = []

    async def noted(request: Request) -> None:
        seen.append(request.url.path)

    router = APIRouter(route_class=Route)

    @router.get("/noted", dependencies=[Depends(noted)])
    async def read() -> Response:
        return JSONResponse(1)

    assert (await Client(FastAPI(routes=router.routes))("GET", "/noted")).json == 1
    assert seen == ["/noted"]


async def test_a_query_string_that_nothing_reads_is_refused() -> None:
    router = APIRouter(route_class=Route)

    @router.get("/plain")
    async def read() -> Response:
        return JSONResponse(1)

    @router.delete("/plain")
    async def remove() -> Response:
        return JSONResponse(1)

    app = FastAPI(routes=router.routes)
    install_error_handlers(app)
    for method in ("GET", "DELETE"):
        assert (await Client(app)(method, "/plain")).status == 200
        refused = await Client(app)(method, "/plain?limit=1&x=2")
        assert (refused.status, [each["field"] for each in refused.json["error"]["details"]]) == (
            422,
            ["query.limit", "query.x"],
        )
